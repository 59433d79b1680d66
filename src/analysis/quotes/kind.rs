//! Statement or thought, by the cue and the begin of the content.

use crate::analysis::grammar::cues::{self, Cue, Reports};
use crate::analysis::signals::Layout;
use crate::domain::annotation::QuoteKind;
use crate::domain::span::ByteSpan;
use std::ops::Range;

/// Participles that, with a noun phrase, tell what an utterance shows and not what it says: "…, underlining the
/// country's view of itself".
const SHOWS: [&str; 7] = ["highlight", "indicate", "show", "signal", "suggest", "underline", "underscore"];

/// The kind of an attribution with this cue. The first verb of the cue decides: "said he believes" is a statement.
pub(super) fn kind(layout: &Layout<'_>, cue: Option<&Range<usize>>, contents: &[ByteSpan]) -> QuoteKind {
    let verb = cue.and_then(|words| words.clone().find_map(|at| Some((at, cues::cue(layout.word(at))?))));
    match verb {
        Some((_, Cue { reports: Reports::Thought, .. })) => QuoteKind::Thought,
        Some((at, verb)) if layout.word(at).ends_with("ing") && shows(layout, verb, contents) => {
            QuoteKind::Thought
        }
        _ => QuoteKind::Statement,
    }
}

fn shows(layout: &Layout<'_>, verb: Cue, contents: &[ByteSpan]) -> bool {
    let Some(first) = contents.first() else { return false };
    let quoted =
        layout.quoted_at(first.begin).is_some() || layout.quoted_at(first.end.saturating_sub(1)).is_some();
    SHOWS.contains(&verb.lemma) && !quoted && layout.word(layout.words_of(*first).start) != "that"
}
