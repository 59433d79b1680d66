//! Signed quotations: `“We lost everything.” — Ada Lund`, as letters, reviews and calls for comment are set. The
//! signature ends the line of the quotation or is the line below it.

use super::Attribution;
use super::place::Place;
use super::told::Line;
use crate::analysis::signals::{Layout, NameSpan};
use crate::domain::annotation::EntityType;
use crate::domain::span::ByteSpan;
use crate::text::quote_marks::QuotedRegion;
use std::ops::Range;

/// Confidence of an attribution that the form alone has told.
const BY_FORM: f32 = 0.8;
/// Longest signature, in words: a name and what its bearer is.
const LONGEST: usize = 24;
/// Words before the name: a title.
const TITLE: usize = 3;

/// The quotations that somebody signed, in text order.
pub(super) fn quotations(layout: &Layout<'_>, names: &[NameSpan]) -> Vec<Line> {
    layout.quoted.iter().filter_map(|region| signed(layout, names, region)).collect()
}

fn signed(layout: &Layout<'_>, names: &[NameSpan], region: &QuotedRegion) -> Option<Line> {
    let place = Place::of(layout, region);
    let dash = layout.words_of(region.span).end;
    if !place.begins_paragraph || !is_dash(layout.word(dash)) {
        return None;
    }
    let name = signature(layout, dash);
    let signer = signer(layout, names, &name)?;
    let span = ByteSpan { begin: region.span.begin, end: layout.span_of(&name).end };
    Some(Line {
        span,
        attribution: Attribution {
            contents: region.pieces.clone(),
            cue: Some(dash..name.start),
            source: Some(layout.span_of(&signer)),
            verbatim: true,
            confidence: BY_FORM,
        },
    })
}

fn is_dash(word: &str) -> bool {
    matches!(word, "—" | "–" | "―" | "-" | "~")
}

/// The rest of the dash's line, without dashes.
fn signature(layout: &Layout<'_>, dash: usize) -> Range<usize> {
    let begin = layout.words[dash].span.begin;
    let line = layout.paragraphs.get(layout.paragraph_at(begin)).copied();
    let end = line.map_or(dash, |line| layout.words_of(line).end);
    let start = (dash..end).find(|at| !is_dash(layout.word(*at))).unwrap_or(end);
    start..end
}

/// The words for who signs: a name, with a title before it and an apposition behind, and nothing else.
fn signer(layout: &Layout<'_>, names: &[NameSpan], words: &Range<usize>) -> Option<Range<usize>> {
    if words.is_empty() || words.len() > LONGEST {
        return None;
    }
    let at = names.partition_point(|name| name.words.start < words.start);
    let name = names.get(at).filter(|name| name.words.end <= words.end)?;
    let can = matches!(name.entity_type, EntityType::Person | EntityType::Organization);
    let alone = name.words.end == words.end || matches!(layout.word(name.words.end), "," | "(" | ".");
    let end = if layout.word(words.end - 1) == "." { words.end - 1 } else { words.end };
    (can && alone && name.words.start - words.start <= TITLE && name.words.end <= end)
        .then_some(words.start..end)
}
