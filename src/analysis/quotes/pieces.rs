//! Settles the edges of every role span: a detector counts in words and misses by one here and there, while
//! quotation marks and punctuation are known exactly.

use super::place::Place;
use crate::analysis::signals::{Layout, Role, RoleSpan};
use crate::domain::span::ByteSpan;
use crate::text::quote_marks::QuotedRegion;
use std::ops::Range;

/// A role span with its edges settled.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    pub(super) role: Role,
    /// As detected: links refer to `words.start`.
    pub(super) words: Range<usize>,
    /// What distance is measured from: the words, or the whole quotation that they are part of.
    pub(super) reach: Range<usize>,
    /// As it will leave the analyzer.
    pub(super) span: ByteSpan,
    pub(super) confidence: f32,
}

/// The pieces of all roles, in the order of the role spans; empty ones are left out.
pub(super) fn pieces(layout: &Layout<'_>, roles: &[RoleSpan]) -> Vec<Piece> {
    let settled = |(at, role): (usize, &RoleSpan)| {
        let mut span = layout.span_of(&role.words);
        if role.role == Role::Content {
            span.end = next_report(layout, role, &roles[at + 1..]).unwrap_or(span.end);
        }
        let spans: Vec<ByteSpan> = match role.role {
            Role::Content => parts(layout, span).into_iter().map(|part| content(layout, part)).collect(),
            Role::Source => phrases(layout, span).map(|part| closed(layout, bare(layout, part))).collect(),
            Role::Cue => vec![bare(layout, span)],
        };
        let mut words = role.words.clone();
        let mut pieces = Vec::with_capacity(spans.len());
        for span in spans.into_iter().filter(|span| !span.is_empty()) {
            if !pieces.is_empty() {
                words = layout.words_of(span);
            }
            pieces.push(Piece {
                role: role.role,
                reach: words.clone(),
                words: words.clone(),
                span,
                confidence: role.confidence,
            });
        }
        pieces
    };
    roles.iter().enumerate().flat_map(settled).collect()
}

/// Where the sentences of a content end before one that has a cue of its own: what that reports is another's. Quotations are
/// whole, whatever is reported inside of them. `behind` are the roles that begin later.
fn next_report(layout: &Layout<'_>, content: &RoleSpan, behind: &[RoleSpan]) -> Option<u32> {
    let first = layout.sentence_at(layout.span_of(&content.words).begin);
    let home = |role: &RoleSpan| layout.sentence_at(layout.span_of(&role.words).begin);
    let quoted = |byte: u32| layout.quoted_at(byte).is_some();
    let inside = behind.iter().take_while(|role| role.words.start < content.words.end);
    let mut cues = inside.filter(|role| role.role == Role::Cue && home(role) > first);
    let cue = cues.find(|cue| !quoted(layout.span_of(&cue.words).begin))?;
    let before = layout.sentences.get(home(cue).checked_sub(1)?)?;
    (!quoted(before.end.saturating_sub(1))).then_some(before.end)
}

/// A content without what follows a quotation in it that stands as a sentence: who was quoted so is done with it. What
/// comes before one, and each further one, is a part of its own.
fn parts(layout: &Layout<'_>, span: ByteSpan) -> Vec<ByteSpan> {
    let first = layout.quoted.partition_point(|region| region.span.end <= span.begin);
    let regions = layout.quoted[first..].iter().take_while(|region| region.span.end < span.end);
    let mut parts = Vec::new();
    let mut begin = span.begin;
    for region in regions.filter(|region| Place::of(layout, region).is_sentence) {
        let before = ByteSpan { begin, end: region.span.begin.max(begin) };
        if parts.is_empty() && before.slice(layout.text).contains(char::is_alphabetic) {
            parts.push(before);
        }
        parts.push(ByteSpan { begin: region.span.begin.max(begin), end: region.span.end });
        begin = region.span.end;
    }
    let rest = ByteSpan { begin, end: span.end };
    let opens = layout.quoted_at(span.end.saturating_sub(1)).filter(|region| region.span.begin >= begin);
    match opens {
        _ if parts.is_empty() => parts.push(rest),
        Some(region) => parts.push(ByteSpan { begin: region.span.begin, end: span.end }),
        None => {}
    }
    parts
}

/// A source by sentences, since no phrase goes on in the next one.
fn phrases(layout: &Layout<'_>, span: ByteSpan) -> impl Iterator<Item = ByteSpan> {
    let from = layout.sentence_at(span.begin);
    let sentences = layout.sentences.get(from..).unwrap_or_default().iter();
    let touched = sentences.take_while(move |sentence| sentence.begin < span.end);
    let part = move |sentence: &ByteSpan| ByteSpan {
        begin: span.begin.max(sentence.begin),
        end: span.end.min(sentence.end),
    };
    touched.map(part).filter(|part| part.begin < part.end)
}

fn bare(layout: &Layout<'_>, span: ByteSpan) -> ByteSpan {
    trimmed(layout.text, span, |c| matches!(c, ',' | ';' | '"' | '“' | '”'))
}

/// A source that ends inside a quotation which it opens, such as a nickname, ends behind the closing mark.
fn closed(layout: &Layout<'_>, span: ByteSpan) -> ByteSpan {
    match layout.quoted_at(span.end.saturating_sub(1)) {
        Some(region) if region.span.begin > span.begin => {
            ByteSpan { end: region.span.end.max(span.end), ..span }
        }
        _ => span,
    }
}

/// Contents that cover a quotation which stands as a sentence become that quotation, one piece for each of its
/// paragraphs: what is said inside it belongs to who says it, whatever else the detector saw there.
pub(super) fn whole_quotations(layout: &Layout<'_>, pieces: Vec<Piece>) -> Vec<Piece> {
    let (contents, mut others): (Vec<_>, Vec<_>) =
        pieces.into_iter().partition(|piece| piece.role == Role::Content);
    let mut settled: Vec<Piece> = Vec::with_capacity(contents.len());
    let mut contents = contents.into_iter().peekable();
    for region in &layout.quoted {
        while let Some(before) = contents.next_if(|content| content.span.begin < region.span.begin) {
            settled.push(before);
        }
        let mut inside = Vec::new();
        while let Some(content) = contents.next_if(|content| content.span.begin < region.span.end) {
            inside.push(content);
        }
        if is_covered(region, &inside) && Place::of(layout, region).is_sentence {
            settled.extend(quotation(layout, region, &inside));
        } else {
            settled.extend(inside);
        }
    }
    settled.extend(contents);
    others.append(&mut settled);
    others
}

/// Whether contents cover most of a region and nothing outside, or reach from its begin to its end.
fn is_covered(region: &QuotedRegion, inside: &[Piece]) -> bool {
    let (Some(first), Some(last)) = (inside.first(), inside.last()) else { return false };
    let within = inside.iter().all(|content| content.span.end <= region.span.end);
    let covered: usize = inside.iter().map(|content| content.span.len()).sum();
    let reaches = first.span.begin == region.span.begin && last.span.end == region.span.end;
    within && (covered * 2 >= region.span.len() || reaches)
}

/// A piece for each paragraph of a region, with the links of the content that it shares most with.
fn quotation(layout: &Layout<'_>, region: &QuotedRegion, inside: &[Piece]) -> Vec<Piece> {
    let reach = layout.words_of(region.span);
    let shared = |content: &Piece, part: ByteSpan| {
        content.span.end.min(part.end).saturating_sub(content.span.begin.max(part.begin))
    };
    let piece = |part: &ByteSpan| {
        let content = inside.iter().max_by_key(|content| shared(content, *part))?;
        Some(Piece { span: *part, reach: reach.clone(), ..content.clone() })
    };
    region.pieces.iter().filter_map(piece).collect()
}

/// A content reaches the marks of a quotation that it all but covers, and ends before the full stop of its sentence.
fn content(layout: &Layout<'_>, span: ByteSpan) -> ByteSpan {
    let begin_outside =
        trimmed(layout.text, span, |c| matches!(c, ',' | ';' | ':' | '—' | '–' | '-' | ' ' | '.' | ')'));
    let span = ByteSpan { begin: begin_outside.begin.min(span.end), end: span.end };
    let first = layout.quoted.partition_point(|region| region.span.end <= span.begin);
    let mut snapped = span;
    for region in layout.quoted[first..].iter().take_while(|region| region.span.begin < span.end) {
        snapped = snap(layout, snapped, region);
    }
    without_final_stop(layout, snapped)
}

/// Moves the edges of `span` that lie within a few characters of the region's.
fn snap(layout: &Layout<'_>, span: ByteSpan, region: &QuotedRegion) -> ByteSpan {
    const NEAR: u32 = 12;
    let pieces = region.pieces.iter().filter(|piece| piece.overlaps(span));
    pieces.fold(span, |mut span, piece| {
        let shared = span.end.min(piece.end) - span.begin.max(piece.begin);
        let whole = u64::from(shared) * 10 >= piece.len() as u64 * 8;
        if piece.begin < span.begin && (whole || span.begin - piece.begin <= NEAR) {
            span.begin = piece.begin;
        }
        if piece.end > span.end && (whole || piece.end - span.end <= NEAR) {
            span.end = piece.end;
        }
        // Overshooting by the punctuation after the mark, or by a word that the detector could not place.
        let tail = ByteSpan { begin: piece.end.min(span.end), end: span.end };
        if !tail.slice(layout.text).contains(char::is_alphanumeric) {
            span.end = piece.end.min(span.end);
        }
        span
    })
}

/// A full stop that ends the sentence around is no part of what was said; one inside quotation marks is.
fn without_final_stop(layout: &Layout<'_>, span: ByteSpan) -> ByteSpan {
    if layout.quoted_at(span.end.saturating_sub(1)).is_some() {
        return trimmed(layout.text, span, char::is_whitespace);
    }
    let mut span = span;
    let is_loose = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '—' | '–' | '-');
    loop {
        let text = span.slice(layout.text);
        let kept = text.trim_end_matches(is_loose);
        let at = layout.sentence_at(span.end.saturating_sub(1));
        let ends = layout.sentences.get(at).is_some_and(|sentence| sentence.end <= span.end);
        let kept = match kept.strip_suffix('.') {
            Some(shorter) if ends && !shorter.ends_with('.') => shorter,
            _ => kept,
        };
        if kept.len() == text.len() {
            return span;
        }
        span.end = span.begin + kept.len() as u32;
    }
}

fn trimmed(text: &str, span: ByteSpan, loose: impl Fn(char) -> bool) -> ByteSpan {
    let loose = |c: char| c.is_whitespace() || loose(c);
    let part = span.slice(text);
    let kept = part.trim_start_matches(loose);
    let begin = span.begin + (part.len() - kept.len()) as u32;
    ByteSpan { begin, end: begin + kept.trim_end_matches(loose).len() as u32 }
}
