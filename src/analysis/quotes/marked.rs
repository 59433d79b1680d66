//! Text in a language that the analyzer does not know: every quotation of some length, or with the mark of a whole
//! sentence in it, is a quote, and nothing else is claimed. Knows quotation marks, no words.

use super::DraftQuote;
use crate::analysis::signals::Layout;
use crate::domain::annotation::{QuoteKind, QuoteType};
use crate::domain::span::ByteSpan;
use crate::text::quote_marks::QuotedRegion;

/// Shorter quotations, in words, are names and scare quotes more often than speech, unless they end like sentences.
const SHORTEST: usize = 4;

/// The same in characters, for scripts that put no space between words.
const SHORTEST_UNSPACED: usize = 10;

/// A quotation in an unknown language is speech more often than not.
const CONFIDENCE: f32 = 0.5;

/// The quotations of a text, in order, without cue and source.
pub fn quotations(layout: &Layout<'_>) -> Vec<DraftQuote> {
    let draft = |region: &QuotedRegion| DraftQuote {
        contents: region.pieces.clone(),
        cue: None,
        source: None,
        quote_type: QuoteType::Direct,
        kind: QuoteKind::Statement,
        confidence: CONFIDENCE,
    };
    layout.quoted.iter().filter(|region| is_speech(layout, region.span)).map(draft).collect()
}

fn is_speech(layout: &Layout<'_>, quotation: ByteSpan) -> bool {
    let text = quotation.slice(layout.text);
    let words = layout.words_of(quotation).filter(|at| !layout.is_mark(*at)).count();
    let unspaced = !text.contains(char::is_whitespace) && text.chars().count() >= SHORTEST_UNSPACED;
    let inside = text.trim_end_matches(['”', '’', '"', '\'']);
    words >= SHORTEST || words > 1 && inside.ends_with(['.', '!', '?', '…', '。', '！', '？']) || unspaced
}
