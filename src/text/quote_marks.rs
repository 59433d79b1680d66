//! Which stretches of a text stand inside quotation marks. Curly, straight, low, angle and corner marks, single marks
//! against apostrophes, marks inside marks, quotations over several paragraphs with the mark repeated at each, and
//! marks that somebody forgot. Nothing here knows what is being said or by whom. One pass over the text, constant
//! work for each mark: a megabyte of quotation marks costs as much as a megabyte of prose.
//!
//! Start at [`quoted_regions`]. [`marks`] finds the characters and reads what their neighbours allow; [`pairs`] puts
//! them together within a paragraph; this file joins the paragraphs.

mod marks;
mod pairs;

use crate::domain::span::ByteSpan;
use marks::Family;
use pairs::{Closed, Paired};
pub(super) use pairs::{Matched, Sign};

/// A quotation with its marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotedRegion {
    /// From the first mark to the last, both inside; never empty.
    pub span: ByteSpan,
    /// One piece for each paragraph that it runs over, in order, without the blanks between.
    pub pieces: Vec<ByteSpan>,
    /// Whether a closing mark ends it; otherwise it ends with its paragraph.
    pub closed: bool,
    /// Whether the marks are single ones.
    pub single: bool,
}

/// The outermost quoted regions, in text order, disjoint. `paragraphs` must be in text order and disjoint.
pub fn quoted_regions(text: &str, paragraphs: &[ByteSpan]) -> Vec<QuotedRegion> {
    let mut regions: Vec<QuotedRegion> = Vec::new();
    let mut unfinished: Option<Family> = None;
    for (at, paragraph) in paragraphs.iter().enumerate() {
        let next = paragraphs.get(at + 1).and_then(|next| marks::leading(text, *next));
        let found = pairs::pair(text, *paragraph, next);
        let mut pairs = found.into_iter().peekable();
        if let Some(family) = unfinished.take()
            && let Some(first) =
                pairs.next_if(|pair| pair.family == family && pair.span.begin == paragraph.begin)
            && let Some(region) = regions.last_mut()
        {
            region.pieces.push(first.span);
            region.span = region.span.cover(first.span);
            region.closed = first.closed == Closed::Mark;
            unfinished = goes_on(&first, next);
        }
        for pair in pairs {
            unfinished = goes_on(&pair, next);
            regions.push(QuotedRegion {
                span: pair.span,
                pieces: vec![pair.span],
                closed: pair.closed == Closed::Mark,
                single: pair.family == Family::Single,
            });
        }
    }
    regions
}

/// Of regions in text order, the one that holds a byte between or on its marks.
pub fn region_at(regions: &[QuotedRegion], byte: u32) -> Option<&QuotedRegion> {
    let after = regions.partition_point(|region| region.span.begin <= byte);
    regions[..after].last().filter(|region| byte < region.span.end)
}

/// The quotations of each paragraph at every depth, in no promised order, and the marks that belong to none.
pub(super) fn matched(text: &str, paragraphs: &[ByteSpan]) -> (Vec<Matched>, Vec<Sign>) {
    let (mut all, mut loose) = (Vec::new(), Vec::new());
    for (at, paragraph) in paragraphs.iter().enumerate() {
        let next = paragraphs.get(at + 1).and_then(|next| marks::leading(text, *next));
        let (matched, others) = pairs::matched(text, *paragraph, next);
        all.extend(matched);
        loose.extend(others);
    }
    (all, loose)
}

/// The family of marks under which the next paragraph goes on with this quotation.
fn goes_on(pair: &Paired, next: Option<Family>) -> Option<Family> {
    (pair.closed == Closed::Paragraph && next == Some(pair.family)).then_some(pair.family)
}

#[cfg(test)]
mod tests;
