//! Dumps words, word pieces and case classes of texts in the format of `training/reference.py`, for a comparison byte
//! by byte:
//!
//! ```text
//! xzcat news.jsonl.xz | head -1000 | cargo run --release --example pieces VOCABULARY > ours.jsonl
//! python training/reference.py news.jsonl.xz --articles 1000 | cmp - ours.jsonl
//! ```

use anyhow::{Context, Result};
use dictum::analysis::encoder::pieces::{Encoded, Vocabulary};
use dictum::text::words::{Word, words};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufWriter, Write, stdin, stdout};

#[derive(Deserialize)]
struct Article {
    id: String,
    text: String,
}

#[derive(Serialize)]
struct Dump<'a> {
    id: String,
    words: Vec<[usize; 2]>,
    first: Vec<usize>,
    pieces: &'a [i32],
    cases: &'a [i32],
}

fn main() -> Result<()> {
    let path = std::env::args().nth(1).context("usage: pieces VOCABULARY < ARTICLES.jsonl")?;
    let vocabulary = Vocabulary::parse(String::leak(std::fs::read_to_string(path)?));
    let vocabulary = vocabulary.context("the vocabulary lacks special pieces")?;
    let mut out = BufWriter::new(stdout().lock());
    for line in stdin().lock().lines() {
        let Article { id, text } = serde_json::from_str(&line?)?;
        let words = words(&text);
        let encoded = vocabulary.encode(&text, &words);
        let dump = Dump {
            id,
            words: spans(&text, &words, &encoded),
            first: encoded.slots.iter().map(|slot| slot.first).collect(),
            pieces: &encoded.pieces,
            cases: &encoded.cases,
        };
        serde_json::to_writer(&mut out, &dump)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// The words' spans; a line break stands for the white space between its neighbours.
fn spans(text: &str, words: &[Word], encoded: &Encoded) -> Vec<[usize; 2]> {
    let mut end = 0;
    let mut out = Vec::with_capacity(encoded.slots.len());
    for (at, slot) in encoded.slots.iter().enumerate() {
        let span = match slot.word {
            Some(word) => words[word].span.range(),
            None => {
                let next = encoded.slots.get(at + 1).and_then(|slot| slot.word);
                let stop = next.map_or(text.len(), |word| words[word].span.begin as usize);
                let gap = text[end..stop].find(char::is_whitespace).unwrap_or(0);
                end + gap..stop
            }
        };
        end = span.end;
        out.push([span.start, span.end]);
    }
    out
}
