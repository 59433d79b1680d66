//! Clauses before the words that say who speaks: `The road will stay shut, the mayor, Ida Moe, said.` A detector that saw who
//! says it and missed what is right about the former: of a sentence that ends so, all the rest is said. Start at [`complete`].

use super::Attribution;
use crate::analysis::grammar::cues::{self, Frame, Reports};
use crate::analysis::grammar::words::{Class, class, is_day};
use crate::analysis::signals::Layout;
use crate::domain::span::ByteSpan;
use std::ops::Range;

/// Shortest clause, in words.
const SHORTEST: usize = 4;
/// Attributions on either side that may have a part in the clause.
const NEIGHBOURS: usize = 4;

/// Gives cues without a content the clause before them. `attributions` are in the order of their cues.
pub(super) fn complete(layout: &Layout<'_>, attributions: &mut [Attribution]) {
    for at in 0..attributions.len() {
        let Some(clause) = clause(layout, &attributions[at]) else { continue };
        let near = at.saturating_sub(NEIGHBOURS)..(at + 1 + NEIGHBOURS).min(attributions.len());
        let taken =
            near.filter(|other| *other != at).any(|other| touches(layout, &attributions[other], clause));
        if !taken {
            attributions[at].contents.push(clause);
        }
    }
}

/// The clause before source and cue, where the sentence ends with them.
fn clause(layout: &Layout<'_>, attribution: &Attribution) -> Option<ByteSpan> {
    let (cue, source) = (attribution.cue.as_ref()?, attribution.source?);
    let verb = cues::cue(layout.word(cue.end - 1))?;
    if !attribution.contents.is_empty() || verb.reports != Reports::Speech || verb.frame != Frame::Clause {
        return None;
    }
    let source = layout.words_of(source);
    let sentence = layout.words_of(*layout.sentences.get(layout.sentence_at(layout.span_of(cue).begin))?);
    let tag = source.start.min(cue.start)..source.end.max(cue.end);
    let comma = tag.start.checked_sub(1).filter(|at| layout.word(*at) == ",")?;
    let words = sentence.start..comma;
    let quoted = |at: usize| layout.quoted_at(layout.words[at].span.begin).is_some();
    let whole = sentence.contains(&comma) && words.len() >= SHORTEST && !sentence.clone().any(quoted);
    let beside = source.end.abs_diff(cue.start).min(cue.end.abs_diff(source.start)) <= 1;
    (whole && beside && ends(layout, tag.end..sentence.end) && is_finite(layout, &words))
        .then(|| layout.span_of(&words))
}

/// Whether nothing follows but a day, an adverb and the full stop.
fn ends(layout: &Layout<'_>, mut rest: Range<usize>) -> bool {
    rest.all(|at| {
        let word = layout.word(at).to_lowercase();
        matches!(word.as_str(), "." | "on") || is_day(&word) || class(layout, at) == Class::Adverb
    })
}

/// Whether a verb that needs no table stands among the words.
fn is_finite(layout: &Layout<'_>, words: &Range<usize>) -> bool {
    words.clone().skip(1).any(|at| class(layout, at) == Class::Auxiliary)
}

/// Whether an attribution has any part in a stretch.
fn touches(layout: &Layout<'_>, attribution: &Attribution, stretch: ByteSpan) -> bool {
    let cue = attribution.cue.as_ref().map(|cue| layout.span_of(cue));
    attribution.contents.iter().copied().chain(cue).any(|part| part.overlaps(stretch))
}
