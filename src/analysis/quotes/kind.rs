//! Statement or thought, by the cue.

use crate::analysis::grammar::cues::{self, Reports};
use crate::analysis::signals::Layout;
use crate::domain::annotation::QuoteKind;
use std::ops::Range;

/// The kind of an attribution with this cue. The first verb of the cue decides: "said he believes" is a statement.
pub(super) fn kind(layout: &Layout<'_>, cue: Option<&Range<usize>>, _has_source: bool) -> QuoteKind {
    let Some(words) = cue else { return QuoteKind::Statement };
    let verbs = words.clone().filter_map(|at| cues::cue(layout.word(at)));
    match verbs.map(|cue| cue.reports).next() {
        Some(Reports::Thought) => QuoteKind::Thought,
        _ => QuoteKind::Statement,
    }
}
