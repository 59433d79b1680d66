//! Where a quotation stands: as a sentence or a paragraph by itself, which is somebody speaking, or inside a sentence,
//! which may be a part of a quote, a title, a nickname or a raised eyebrow.

use crate::analysis::signals::Layout;
use crate::domain::span::ByteSpan;
use crate::text::quote_marks::QuotedRegion;
use crate::text::words::{Case, Word};

/// Longest title, in words, its marks among them.
const TITLE: usize = 10;

/// Where a region stands in its paragraph.
pub(super) struct Place {
    pub(super) region: ByteSpan,
    pub(super) paragraph: usize,
    pub(super) begins_paragraph: bool,
    pub(super) fills_paragraph: bool,
    pub(super) is_sentence: bool,
}

impl Place {
    pub(super) fn of(layout: &Layout<'_>, region: &QuotedRegion) -> Self {
        let span = region.span;
        let paragraph = layout.paragraph_at(span.begin);
        let begins_paragraph = layout.paragraphs.get(paragraph).is_some_and(|p| p.begin == span.begin);
        let end = layout
            .paragraphs
            .get(layout.paragraph_at(span.end.saturating_sub(1)))
            .map_or(span.end, |p| p.end);
        let after = layout.text.get(span.end as usize..end as usize).unwrap_or_default();
        let ends_paragraph = !after.contains(char::is_alphanumeric);
        let before = &layout.text[..span.begin as usize];
        let begins_sentence = begins_paragraph
            || before.trim_end().ends_with(['.', '!', '?', '…', '”', '"', '’', ':'])
            || layout.sentences.get(layout.sentence_at(span.begin)).is_some_and(|s| s.begin == span.begin);
        let stops = said(layout, span).ends_with(['.', '!', '?', ',', '…', '—', '–', '-']);
        let words = layout.words_of(span).len();
        Self {
            region: span,
            paragraph,
            begins_paragraph,
            fills_paragraph: begins_paragraph && ends_paragraph,
            is_sentence: begins_sentence && (stops || ends_paragraph) && words >= 4,
        }
    }
}

/// What a quotation says, without the marks at its end and the blanks that tokenised text has before them.
pub(super) fn said<'t>(layout: &Layout<'t>, span: ByteSpan) -> &'t str {
    let marks = ['"', '”', '’', '\'', '»', '」', '』'];
    span.slice(layout.text).trim_end_matches(|c: char| marks.contains(&c) || c.is_whitespace())
}

/// Whether a quotation is a few words in the capitals of a title: “Coal Pays the Bills”.
pub(super) fn is_titled(layout: &Layout<'_>, span: ByteSpan) -> bool {
    let words = &layout.words[layout.words_of(span)];
    let long = |word: &&Word| word.span.len() > 3 && word.case != Case::None;
    words.len() <= TITLE && words.iter().filter(long).all(|word| word.case != Case::Lower)
}

/// The quotation of which a content begins a paragraph, or the whole, where that quotation stands as a sentence.
pub(super) fn spoken<'l>(layout: &'l Layout<'_>, content: ByteSpan) -> Option<&'l QuotedRegion> {
    let region = layout.quoted_at(content.begin)?;
    let piece = region.pieces.binary_search_by_key(&content.begin, |piece| piece.begin).ok()?;
    (piece > 0 || Place::of(layout, region).is_sentence).then_some(region)
}
