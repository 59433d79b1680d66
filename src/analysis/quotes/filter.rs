//! What is no statement, whoever took it for one: an attribution that the text itself denies or leaves open ("did not say
//! that", "refused to say whether"), and a title ("a workshop titled “No More Waste”"). One look at every attribution, so that no
//! way of finding one escapes it.

use super::Attribution;
use crate::analysis::signals::Layout;
use std::ops::Range;

/// Leaves out what is no statement.
pub(super) fn statements(layout: &Layout<'_>, attributions: &mut Vec<Attribution>) {
    attributions.retain(|attribution| {
        attribution
            .cue
            .as_ref()
            .is_none_or(|cue| !is_denied(layout, cue) && !is_title(layout, attribution, cue))
    });
}

/// "did not say", "has never claimed", "declined to say": nobody has said it. "did not deny" leaves it open as well.
fn is_denied(layout: &Layout<'_>, cue: &Range<usize>) -> bool {
    let lower = |at: usize| layout.word(at).to_lowercase();
    let denies = |at: usize| {
        matches!(
            lower(at).as_str(),
            "never" | "not" | "refused" | "refuses" | "declined" | "declines" | "cannot"
        ) || lower(at) == "t" && matches!(layout.word(at.wrapping_sub(1)), "'" | "’")
    };
    // The negation stands in the cue before its verb, or right before the cue.
    let inside = (cue.start..cue.end.saturating_sub(1)).any(denies);
    let before = cue.start.checked_sub(1).is_some_and(|at| matches!(lower(at).as_str(), "not" | "never"));
    inside || before
}

/// A name in quotation marks that nobody says.
fn is_title(layout: &Layout<'_>, attribution: &Attribution, cue: &Range<usize>) -> bool {
    match layout.word(cue.start) {
        "titled" | "entitled" => true,
        "dubbed" => attribution.source.is_none(),
        _ => false,
    }
}
