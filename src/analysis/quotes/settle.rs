//! What a cue cannot have: clauses from another paragraph beside those of its own, and quotations behind a clause that
//! is already complete. News sets such a quotation down without attribution, and so does this module: its speaker is
//! for the discourse to tell.

use super::Attribution;
use super::place::spoken;
use crate::analysis::signals::Layout;
use crate::domain::span::ByteSpan;

/// Drops contents that lie too far from their cue, and parts quotations from finished clauses.
pub(super) fn settle(layout: &Layout<'_>, attributions: &mut Vec<Attribution>) {
    let mut parted = Vec::new();
    for attribution in attributions.iter_mut() {
        drop_strays(layout, attribution);
        parted.extend(part_quotations(layout, attribution));
    }
    attributions.extend(parted);
}

/// A clause in another paragraph than the cue, where the cue's own paragraph has content, was linked by mistake.
fn drop_strays(layout: &Layout<'_>, attribution: &mut Attribution) {
    let Some(cue) = attribution.cue.as_ref().map(|cue| layout.span_of(cue)) else { return };
    let home = layout.paragraph_at(cue.begin);
    let is_home = |content: &ByteSpan| layout.paragraph_at(content.begin) == home;
    if attribution.contents.iter().any(is_home) {
        attribution.contents.retain(|content| is_home(content) || spoken(layout, *content).is_some());
    }
}

/// `He said he was glad. "It was time."`: the quotation, unless a colon leads it in.
fn part_quotations(layout: &Layout<'_>, attribution: &mut Attribution) -> Option<Attribution> {
    let cue = attribution.cue.as_ref().map(|cue| layout.span_of(cue))?;
    let (quotations, clauses): (Vec<_>, Vec<_>) =
        attribution.contents.iter().copied().partition(|content| spoken(layout, *content).is_some());
    let first = quotations.iter().min()?;
    let last = clauses.iter().max()?;
    let is_marked = |clause: &ByteSpan| layout.words_of(*clause).any(|at| is_quoted(layout, at));
    let led_in = layout.text[..first.begin as usize].trim_end().ends_with([':', ',']);
    if led_in || first.begin < cue.end.max(last.end) || clauses.iter().any(is_marked) {
        return None;
    }
    attribution.contents = clauses;
    Some(Attribution { contents: quotations, cue: None, source: None, confidence: attribution.confidence })
}

fn is_quoted(layout: &Layout<'_>, at: usize) -> bool {
    layout.words.get(at).is_some_and(|word| layout.quoted_at(word.span.begin).is_some())
}
