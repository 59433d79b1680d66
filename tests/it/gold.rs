//! Gold cases: short invented texts with the quotes that must come out, in `tests/gold/*.txt`. A case is
//!
//! ```text
//! === what it shows
//! the text, any number of lines
//! ---
//! TYPE [thought] | source | cue | content // next piece
//! ```
//!
//! The rules are under test here, with everything that they share with the trained detector: quotation marks,
//! assembly, types. One expected quote a line, in text order; TYPE is direct, indirect or mixed, `-` stands for no
//! source or cue, and a line break inside a content is written `⏎`. All quotes of the text are listed: what is not
//! there must not come out.

use dictum::analysis::{Analyzer, Input, Options};
use dictum::domain::annotation::{Quote, QuoteKind, QuoteType};
use dictum::domain::span::ByteSpan;
use std::fmt::Write;

fn analyzed(text: &str) -> String {
    let input = Input { text, published_at: None, language: Some("en") };
    let analysis = Analyzer::by_rules().analyze(&input, &Options::default());
    analysis.quotes.iter().fold(String::new(), |mut lines, quote| {
        let _ = writeln!(lines, "{}", line(text, quote));
        lines
    })
}

fn line(text: &str, quote: &Quote) -> String {
    let of = |span: Option<ByteSpan>| span.map_or("-", |span| span.slice(text));
    let pieces: Vec<_> = quote.contents.iter().map(|span| span.slice(text).replace('\n', "⏎")).collect();
    let form = match quote.quote_type {
        QuoteType::Direct => "direct",
        QuoteType::Indirect => "indirect",
        QuoteType::Mixed => "mixed",
    };
    let kind = if quote.kind == QuoteKind::Thought { " thought" } else { "" };
    format!("{form}{kind} | {} | {} | {}", of(quote.speaker.mention), of(quote.cue), pieces.join(" // "))
}

/// Runs every case of a file and reports all that differ.
fn check(cases: &str) {
    let mut differing = String::new();
    for case in cases.split("=== ").skip(1) {
        let (title, rest) = case.split_once('\n').expect("a title line");
        let (text, expected) = rest.split_once("\n---\n").expect("a line of dashes");
        let expected: String =
            expected.lines().filter(|l| !l.trim().is_empty()).map(|l| format!("{l}\n")).collect();
        let found = analyzed(text);
        if found != expected {
            let _ = writeln!(differing, "{title}\nexpected:\n{expected}found:\n{found}");
        }
    }
    assert!(differing.is_empty(), "{differing}");
}

#[test]
fn direct_quotes() {
    check(include_str!("../gold/direct.txt"));
}

#[test]
fn indirect_quotes() {
    check(include_str!("../gold/indirect.txt"));
}

#[test]
fn what_is_no_quote() {
    check(include_str!("../gold/no_quotes.txt"));
}
