//! What a cue cannot have: clauses from another paragraph beside those of its own, and quotations behind a clause that
//! is already complete. News sets such a quotation down without attribution, and so does this module: its speaker is
//! for the discourse to tell.

use super::Attribution;
use super::place::spoken;
use crate::analysis::grammar::cues::{self, Cue, Frame, Reports};
use crate::analysis::signals::Layout;
use crate::domain::span::ByteSpan;
use std::ops::Range;

/// Drops contents that lie too far from their cue, and parts quotations from finished clauses.
pub(super) fn settle(layout: &Layout<'_>, attributions: &mut Vec<Attribution>) {
    let taken = taken(layout, attributions);
    let mut parted = Vec::new();
    for attribution in attributions.iter_mut() {
        parted.extend(part_narration(layout, attribution));
        drop_strays(layout, attribution);
        complete(layout, &taken, attribution);
        parted.extend(part_quotations(layout, attribution));
    }
    attributions.extend(parted);
    extend_over_names(layout, attributions);
}

/// "He warned that they would stay unwelcome, calling them “targets”": what the participle calls them is part of the
/// warning as well.
fn extend_over_names(layout: &Layout<'_>, attributions: &mut [Attribution]) {
    const NAMES: [&str; 5] = ["call", "characterise", "characterize", "describe", "label"];
    let names = |cue: &Range<usize>| {
        let word = layout.word(cue.start);
        word.ends_with("ing") && cues::cue(word).is_some_and(|verb| NAMES.contains(&verb.lemma))
    };
    for at in 1..attributions.len() {
        let [before, after] = &mut attributions[at - 1..=at] else { continue };
        let Some(cue) = after.cue.as_ref().filter(|cue| cue.start > 0 && names(cue)) else { continue };
        let comma = layout.words[cue.start - 1].span.begin;
        let named = after.contents.iter().max().filter(|content| content.begin > comma);
        let clause = before.contents.iter_mut().max().filter(|clause| clause.end == comma);
        if let (Some(clause), Some(named)) = (clause, named) {
            clause.end = named.end;
        }
    }
}

/// A clause in another sentence than the cue, where the cue's own sentence has content, was linked by mistake.
fn drop_strays(layout: &Layout<'_>, attribution: &mut Attribution) {
    let Some(cue) = attribution.cue.as_ref().map(|cue| layout.span_of(cue)) else { return };
    let home = layout.sentence_at(cue.begin);
    let is_home = |content: &ByteSpan| {
        (layout.sentence_at(content.begin)..=layout.sentence_at(content.end.saturating_sub(1)))
            .contains(&home)
    };
    if attribution.contents.iter().any(is_home) {
        attribution.contents.retain(|content| is_home(content) || spoken(layout, *content).is_some());
    }
}

/// `"It was close." Bob nodded.`: a quotation that ends like a sentence has no cue in the next one, unless that tells of
/// speech. Who spoke is for the discourse to tell.
fn part_narration(layout: &Layout<'_>, attribution: &mut Attribution) -> Option<Attribution> {
    let words = attribution.cue.clone()?;
    let verb = words.clone().find(|at| layout.word(*at).contains(char::is_alphabetic))?;
    let tells = words
        .clone()
        .any(|at| cues::cue(layout.word(at)).is_some_and(|verb| verb.reports == Reports::Speech));
    let cue = layout.span_of(&words);
    let home = layout.sentence_at(layout.words[verb].span.begin);
    let is_done = |content: &ByteSpan| {
        let marks = ['"', '”', '’', '\''];
        let stops = content.slice(layout.text).trim_end_matches(marks).ends_with('.');
        stops && content.end <= cue.begin && layout.sentence_at(content.end - 1) < home
    };
    let quoted = |content: &ByteSpan| spoken(layout, *content).is_some() && is_done(content);
    if tells
        || attribution.contents.is_empty()
        || layout.word(verb) == "according"
        || !attribution.contents.iter().all(quoted)
    {
        return None;
    }
    let contents = std::mem::take(&mut attribution.contents);
    Some(Attribution {
        contents,
        cue: None,
        source: None,
        verbatim: false,
        confidence: attribution.confidence,
    })
}

/// Where contents and cues begin, in text order.
fn taken(layout: &Layout<'_>, attributions: &[Attribution]) -> Vec<u32> {
    let cues =
        attributions.iter().filter_map(|attribution| Some(layout.span_of(attribution.cue.as_ref()?).begin));
    let contents =
        attributions.iter().flat_map(|attribution| attribution.contents.iter().map(|content| content.begin));
    let mut taken: Vec<u32> = cues.chain(contents).collect();
    taken.sort_unstable();
    taken
}

/// A clause that a verb of saying reports goes on behind ", but" and ", though" up to its full stop, unless something
/// else begins there. Behind what somebody wants or derides, the writer goes on.
fn complete(layout: &Layout<'_>, taken: &[u32], attribution: &mut Attribution) {
    const GOES_ON: [&str; 7] = ["although", "because", "but", "save", "though", "this", "as"];
    let Some(cue) = attribution.cue.as_ref().filter(|cue| reports_clause(layout, cue)) else { return };
    let cue = layout.span_of(cue);
    let Some(last) = attribution.contents.iter_mut().max() else { return };
    let after = layout.words.partition_point(|word| word.span.begin < last.end);
    let sentence = layout.sentences.get(layout.sentence_at(last.end.saturating_sub(1))).copied();
    let Some(sentence) = sentence.filter(|sentence| cue.end <= last.begin && sentence.contains(*last)) else {
        return;
    };
    let comma =
        layout.words.get(after).is_some_and(|word| word.span.begin == last.end) && layout.word(after) == ",";
    let free = taken[taken.partition_point(|begin| *begin < last.end)..]
        .first()
        .is_none_or(|next| *next >= sentence.end);
    let marked = is_quoted(layout, after.saturating_sub(1))
        || layout.quoted[layout.quoted.partition_point(|region| region.span.begin < last.end)..]
            .first()
            .is_some_and(|region| region.span.begin < sentence.end);
    if comma && free && !marked && GOES_ON.contains(&layout.word(after + 1)) {
        let rest = &layout.text[last.end as usize..sentence.end as usize];
        last.end += rest.trim_end_matches(['.', '!', '?', ' ']).len() as u32;
    }
}

fn reports_clause(layout: &Layout<'_>, cue: &Range<usize>) -> bool {
    let says = |verb: Cue| verb.reports == Reports::Speech && verb.frame != Frame::Phrase;
    cue.clone().any(|at| cues::cue(layout.word(at)).is_some_and(says))
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
    Some(Attribution {
        contents: quotations,
        cue: None,
        source: None,
        verbatim: false,
        confidence: attribution.confidence,
    })
}

fn is_quoted(layout: &Layout<'_>, at: usize) -> bool {
    layout.words.get(at).is_some_and(|word| layout.quoted_at(word.span.begin).is_some())
}
