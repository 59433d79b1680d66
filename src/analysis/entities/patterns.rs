//! Names that the shape of their words gives away, between those that a detector has found. Knows no shapes: who asks brings
//! one. Start at [`complete`].

use crate::analysis::signals::{Layout, NameSpan};
use crate::domain::annotation::EntityType;
use std::ops::Range;

/// How sure a pattern is.
const CONFIDENCE: f32 = 0.9;

/// Adds what a pattern finds where the names leave room. `found` reads the free words from one on, and gives the type and the
/// end of what begins there. `names` are disjoint and in text order, before and after.
pub(super) fn complete(
    layout: &Layout<'_>,
    names: &mut Vec<NameSpan>,
    found: impl Fn(Range<usize>) -> Option<(EntityType, usize)>,
) {
    let mut rest = std::mem::take(names).into_iter().peekable();
    let mut at = 0;
    while at < layout.words.len() {
        while let Some(name) = rest.next_if(|name| name.words.start <= at) {
            at = at.max(name.words.end);
            names.push(name);
        }
        let free = rest.peek().map_or(layout.words.len(), |name| name.words.start);
        match found(at..free).filter(|(_, end)| *end <= free) {
            Some((entity_type, end)) => {
                names.push(NameSpan { words: at..end, entity_type, confidence: CONFIDENCE });
                at = end;
            }
            None => at += 1,
        }
    }
    names.extend(rest);
}
