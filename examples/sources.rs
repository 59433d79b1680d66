//! Dumps what the speakers' ranker sees at every source that it ranks, for `training/rank.py`, which fits its weights:
//!
//! ```text
//! cargo run --release --example sources < articles.jsonl > seen.jsonl
//! ```
//!
//! A line in is `{"id", "text"}`; a line out has the contents of each quote as byte offsets, and for each ranked source
//! the quote, the column of weights, and every candidate's name (null for nobody) with its features.

use anyhow::Result;
use dictum::analysis::encoder::Encoder;
use dictum::analysis::signals::{Detector, Layout};
use dictum::analysis::{entities, quotes, speakers};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{BufRead, BufWriter, Write, stdin, stdout};

#[derive(Deserialize)]
struct Article {
    id: Value,
    text: String,
}

fn main() -> Result<()> {
    let encoder = Encoder::embedded()?;
    let mut out = BufWriter::new(stdout().lock());
    for line in stdin().lock().lines() {
        let Article { id, text } = serde_json::from_str(&line?)?;
        let layout = Layout::new(&text);
        let signals = encoder.detect(&layout);
        let drafts = quotes::assemble(&layout, &signals);
        let entities = entities::cluster(&layout, &signals);
        let observed = speakers::observe(&layout, &entities, &drafts).into_iter().map(|seen| {
            let candidates = seen.candidates.iter().map(|(entity, features)| {
                json!([entity.map(|entity| entities[entity].name.as_str()), features.0])
            });
            let candidates: Vec<Value> = candidates.collect();
            json!({"quote": seen.draft, "column": seen.model as usize, "candidates": candidates})
        });
        let observed: Vec<Value> = observed.collect();
        let contents = |draft: &quotes::DraftQuote| -> Vec<[u32; 2]> {
            draft.contents.iter().map(|span| [span.begin, span.end]).collect()
        };
        let quotes: Vec<_> = drafts.iter().map(contents).collect();
        writeln!(out, "{}", json!({"id": id, "quotes": quotes, "observed": observed}))?;
    }
    Ok(())
}
