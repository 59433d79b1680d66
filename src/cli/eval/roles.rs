//! Sources, cues and contents: exact spans, and the words that they cover.

use super::gold::{Attribution, Document};
use super::span::{CodePoints, Span, is_skipped, overlap, trimmed};
use super::tally::{Figures, Tally};
use crate::domain::annotation::Analysis;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What is printed for each role.
#[derive(Debug, Serialize)]
pub struct RoleFigures {
    exact: Figures,
    tokens: Figures,
}

const ROLES: [&str; 3] = ["source", "cue", "content"];

/// Scores analyses against the attributions of their documents.
pub fn score(documents: &[Document], analyses: &[Analysis]) -> BTreeMap<&'static str, RoleFigures> {
    let mut exact = [Tally::default(); 3];
    let mut tokens = [Tally::default(); 3];
    for (document, analysis) in documents.iter().zip(analyses) {
        let words = words(&document.chars);
        let (gold, out) = (gold(document), found(document, analysis));
        for role in 0..ROLES.len() {
            exact[role].compare(&gold[role], &out[role]);
            tokens[role].compare(&covered(&words, &gold[role]), &covered(&words, &out[role]));
        }
    }
    let figures = |(role, name): (usize, &'static str)| {
        (name, RoleFigures { exact: exact[role].figures(), tokens: tokens[role].figures() })
    };
    ROLES.into_iter().enumerate().map(figures).collect()
}

type Spans = [BTreeSet<Span>; 3];

fn gold(document: &Document) -> Spans {
    let kept = |attribution: &&Attribution| !is_skipped(&attribution.content, &document.skip);
    let mut spans = Spans::default();
    for attribution in document.attributions.iter().filter(kept) {
        add(&mut spans, document, [&attribution.source, &attribution.cue, &attribution.content]);
    }
    spans
}

fn found(document: &Document, analysis: &Analysis) -> Spans {
    let at = CodePoints::new(document);
    let mut spans = Spans::default();
    for quote in &analysis.quotes {
        let content: Vec<Span> = quote.contents.iter().map(|span| at.span(*span)).collect();
        let one = |span: Option<_>| span.map(|span| at.span(span)).into_iter().collect::<Vec<Span>>();
        if !is_skipped(&content, &document.skip) {
            add(&mut spans, document, [&one(quote.speaker.mention), &one(quote.cue), &content]);
        }
    }
    spans
}

fn add(spans: &mut Spans, document: &Document, roles: [&[Span]; 3]) {
    for (spans, role) in spans.iter_mut().zip(roles) {
        let trimmed = role.iter().map(|span| trimmed(&document.chars, *span));
        spans.extend(trimmed.filter(|(begin, end)| begin < end));
    }
}

/// Runs of letters, digits and underscores.
fn words(chars: &[char]) -> Vec<Span> {
    let mut words: Vec<Span> = Vec::new();
    for (at, c) in chars.iter().enumerate() {
        match words.last_mut() {
            _ if !(c.is_alphanumeric() || *c == '_') => {}
            Some(word) if word.1 == at => word.1 = at + 1,
            _ => words.push((at, at + 1)),
        }
    }
    words
}

/// The words that any of the spans touches.
fn covered(words: &[Span], spans: &BTreeSet<Span>) -> BTreeSet<Span> {
    let mut covered = BTreeSet::new();
    for span in spans {
        let from = words.partition_point(|word| word.1 <= span.0);
        covered.extend(words[from..].iter().take_while(|word| overlap(**word, *span) > 0));
    }
    covered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_covered_by_any_overlap() {
        let chars: Vec<char> = "so it_is, he said".chars().collect();
        let words = words(&chars);
        assert_eq!(words, [(0, 2), (3, 8), (10, 12), (13, 17)]);
        assert_eq!(
            covered(&words, &BTreeSet::from([(1, 4), (14, 15)])),
            BTreeSet::from([(0, 2), (3, 8), (13, 17)])
        );
    }
}
