//! What a cue cannot have: quotations behind a clause that is already complete, and quotations that end before a sentence of
//! narration begins. News sets such a quotation down without attribution, and so does this module: its speaker is for the
//! discourse to tell.

use super::Attribution;
use super::place::{said, spoken};
use crate::analysis::grammar::cues::{self, Reports};
use crate::analysis::signals::Layout;
use crate::domain::span::ByteSpan;

/// Verbs that tell of speech behind a comma, and otherwise of what somebody does.
const GESTURES: [&str; 2] = ["cry", "sigh"];

/// Parts quotations from cues of other sentences.
pub(super) fn part(layout: &Layout<'_>, attributions: &mut Vec<Attribution>) {
    let mut parted = Vec::new();
    for attribution in attributions.iter_mut() {
        parted.extend(part_narration(layout, attribution));
        parted.extend(part_quotations(layout, attribution));
    }
    attributions.extend(parted);
}

/// `"It was close." Bob nodded.`: a quotation that ends like a sentence has no cue in the next one, unless that tells of
/// speech.
fn part_narration(layout: &Layout<'_>, attribution: &mut Attribution) -> Option<Attribution> {
    let words = attribution.cue.clone()?;
    let verb = words.clone().find(|at| layout.word(*at).contains(char::is_alphabetic))?;
    let speaks = |at| {
        cues::cue(layout.word(at))
            .is_some_and(|verb| verb.reports == Reports::Speech && !GESTURES.contains(&verb.lemma))
    };
    let begin = layout.span_of(&words).begin;
    let home = layout.sentence_at(layout.words[verb].span.begin);
    let is_done = |content: &ByteSpan| {
        let stops = said(layout, *content).ends_with('.');
        stops && content.end <= begin && layout.sentence_at(content.end - 1) < home
    };
    let quoted = |content: &ByteSpan| spoken(layout, *content).is_some() && is_done(content);
    let told = words.clone().any(speaks) || layout.word(verb) == "according";
    if told || attribution.contents.is_empty() || !attribution.contents.iter().all(quoted) {
        return None;
    }
    let contents = std::mem::take(&mut attribution.contents);
    Some(unattributed(contents, attribution.confidence))
}

/// `He said he was glad. "It was time."`: the quotation, unless a colon or a comma leads it in.
fn part_quotations(layout: &Layout<'_>, attribution: &mut Attribution) -> Option<Attribution> {
    let cue = attribution.cue.as_ref().map(|cue| layout.span_of(cue))?;
    let (quotations, clauses): (Vec<_>, Vec<_>) =
        attribution.contents.iter().copied().partition(|content| spoken(layout, *content).is_some());
    let first = quotations.iter().min()?;
    let last = clauses.iter().max()?;
    let is_quoted = |at: usize| layout.quoted_at(layout.words[at].span.begin).is_some();
    let is_marked = |clause: &ByteSpan| layout.words_of(*clause).any(is_quoted);
    let led_in = layout.text[..first.begin as usize].trim_end().ends_with([':', ',']);
    if led_in || first.begin < cue.end.max(last.end) || clauses.iter().any(is_marked) {
        return None;
    }
    attribution.contents = clauses;
    Some(unattributed(quotations, attribution.confidence))
}

fn unattributed(contents: Vec<ByteSpan>, confidence: f32) -> Attribution {
    Attribution { contents, cue: None, source: None, verbatim: false, confidence }
}
