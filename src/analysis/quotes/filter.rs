//! What is no statement, whoever took it for one: an attribution that the text itself denies or leaves open ("did not say
//! that", "refused to say whether"), and a title ("a workshop titled “No More Waste”"). One look at every attribution, so that no
//! way of finding one escapes it.

use super::Attribution;
use super::place::is_titled;
use crate::analysis::entities::lexicon::WordList;
use crate::analysis::grammar::cues;
use crate::analysis::grammar::words::{Class, class};
use crate::analysis::signals::Layout;
use crate::domain::span::ByteSpan;
use std::ops::Range;

/// What shows, tells or teaches without anybody's saying it.
const WISDOM: [&str; 8] =
    ["experience", "history", "instinct", "intuition", "logic", "practice", "reason", "sense"];
/// Longest source of that kind, in words: "long experience".
const WISDOM_WORDS: usize = 3;

/// Verbs for praise and blame: acts, unless their object goes on with what somebody is praised or blamed for.
const ACTS: [&str; 20] = [
    "applaud",
    "attack",
    "blast",
    "chastise",
    "commend",
    "condemn",
    "congratulate",
    "criticise",
    "criticize",
    "decry",
    "defend",
    "denounce",
    "hail",
    "laud",
    "praise",
    "rebuke",
    "slam",
    "support",
    "thank",
    "welcome",
];

/// Verbs that make somebody something, in the forms of a cue.
static APPOINTS: WordList = WordList::new(
    "appoint appointed appointing appoints hire hired hires hiring name named names naming nominate nominated \
     nominates nominating",
);

/// Leaves out what is no statement.
pub(super) fn statements(layout: &Layout<'_>, attributions: &mut Vec<Attribution>) {
    attributions.retain(|attribution| {
        let unsaid = |cue: &Range<usize>| {
            is_denied(layout, cue)
                || is_title(layout, attribution, cue)
                || is_released(layout, attribution, cue)
                || is_act(layout, attribution, cue)
        };
        !attribution.cue.as_ref().is_some_and(unsaid) && !is_nobodys(layout, attribution)
    });
}

/// "Nobody said that", "history shows that": the source is nobody, or what everybody has.
fn is_nobodys(layout: &Layout<'_>, attribution: &Attribution) -> bool {
    let Some(source) = attribution.source else { return false };
    let words = layout.words_of(source);
    let lower = |at: usize| layout.word(at).to_lowercase();
    let nobody = match lower(words.start).as_str() {
        "nobody" | "none" => true,
        "no" => lower(words.start + 1) == "one",
        _ => false,
    };
    // "The practice" is a doctor's.
    let all = lower(words.start) != "the"
        && words.len() <= WISDOM_WORDS
        && words.clone().last().is_some_and(|at| WISDOM.contains(&lower(at).as_str()));
    nobody
        || all && !words.clone().any(|at| at > words.start && layout.word(at).starts_with(char::is_uppercase))
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

/// A title behind a verb that tells of no speech: released “Run! Run!”.
fn is_released(layout: &Layout<'_>, attribution: &Attribution, cue: &Range<usize>) -> bool {
    let reports = |at: usize| cues::cue(layout.word(at)).is_some();
    let [content] = attribution.contents.as_slice() else { return false };
    let next = layout.words.get(cue.end).is_some_and(|word| word.span.begin == content.begin);
    let verb = layout.word(cue.start).starts_with(char::is_lowercase);
    let whole = layout.quoted_at(content.begin).is_some_and(|region| region.span == *content);
    next && verb && whole && !cue.clone().any(reports) && is_titled(layout, *content)
}

/// "criticised the school system", "named her to the board": who does so has said nothing that could be told.
fn is_act(layout: &Layout<'_>, attribution: &Attribution, cue: &Range<usize>) -> bool {
    let act = |at: usize| cues::cue(layout.word(at)).is_some_and(|verb| ACTS.contains(&verb.lemma));
    let tells = |at: usize| {
        let word = layout.word(at).to_lowercase();
        layout.quoted_at(layout.words[at].span.begin).is_some()
            || matches!(word.as_str(), "as" | "for" | "that" | "which" | "who" | "because" | "over" | ":")
            || word.ends_with("ing")
            || class(layout, at) == Class::Auxiliary
    };
    let quoted = |content: &ByteSpan| layout.quoted_at(content.begin).is_some();
    if cue.clone().any(|at| APPOINTS.holds(layout.word(at))) {
        return !attribution.contents.iter().any(quoted);
    }
    let behind = |content: &ByteSpan| content.begin >= layout.span_of(cue).end;
    cue.clone().any(act)
        && attribution.contents.iter().all(behind)
        && !attribution.contents.iter().flat_map(|content| layout.words_of(*content)).any(tells)
}
