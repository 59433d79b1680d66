//! Whether a cue is one of thought: belief, wish, feeling, intention.

use crate::analysis::grammar::cues::{self, Cue, Reports};
use crate::analysis::signals::Layout;
use std::ops::Range;

/// The first verb of the cue decides: "said he believes" is no thought.
pub(super) fn is_thought(layout: &Layout<'_>, cue: &Range<usize>) -> bool {
    let verb = cue.clone().find_map(|at| cues::cue(layout.word(at)));
    matches!(verb, Some(Cue { reports: Reports::Thought, .. }))
}
