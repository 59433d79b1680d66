//! Bodies that a source names while the detector knew only a part of their names, or nothing: "the Lund administration",
//! "Norway's embassy in Lima", "the health ministry in Oslo". Reads the words of sources and the names in them; refuses to know
//! what was said, and whom descriptions mean. Start at [`complete`].

use super::super::signals::{Layout, NameSpan};
use super::lexicon::{nouns, pronouns};
use crate::domain::annotation::EntityType;
use crate::domain::span::ByteSpan;
use crate::folding::names::fold;
use std::ops::Range;

/// Words of a source that are read, at most.
const LONGEST: usize = 16;

/// How sure such a name is.
const CONFIDENCE: f32 = 0.8;

/// Takes the bodies that sources name among the names, in the place of the parts that were found.
pub fn complete(layout: &Layout<'_>, sources: impl Iterator<Item = ByteSpan>, names: &mut Vec<NameSpan>) {
    for source in sources {
        if let Some(words) = body(layout, layout.words_of(source), names) {
            let at = names.partition_point(|name| name.words.end <= words.start);
            let until = names.partition_point(|name| name.words.start < words.end);
            let body = NameSpan { words, entity_type: EntityType::Organization, confidence: CONFIDENCE };
            names.splice(at..until.max(at), [body]);
        }
    }
}

/// The words of a source that name a body which no name covers yet.
fn body(layout: &Layout<'_>, source: Range<usize>, names: &[NameSpan]) -> Option<Range<usize>> {
    let start =
        if matches!(layout.word(source.start), "the" | "The") { source.start + 1 } else { source.start };
    let end = source.end.min(start + LONGEST);
    let capital = |at: usize| layout.word(at).starts_with(char::is_uppercase);
    let stop = |at: &usize| {
        let word = layout.word(*at);
        !inside(names, *at) && (pronouns::is_preposition(&fold(word)) || is_mark(word) && !joins(layout, *at))
    };
    let cut = (start..end).find(stop).unwrap_or(end);
    let head = cut.checked_sub(1).filter(|head| *head >= start)?;
    let noun = fold(layout.word(head));
    if inside(names, head) || capital(head) || !nouns::is_sole_body(&noun) {
        return None;
    }
    let before = names.partition_point(|name| name.words.end <= head);
    let owner = before.checked_sub(1).map(|last| &names[last]).filter(|name| name.words.start >= start);
    let led = owner.filter(|owner| owner.words.start == start && owns(layout, owner, head, &noun));
    let placed =
        complement(layout, &noun, cut..source.end, names).filter(|_| led.is_none() || is_seated(&noun));
    match (led, placed) {
        (Some(_), end) => Some(start..end.unwrap_or(cut)),
        // "the electoral commission of Norway", but not "a ministry in Norway".
        (None, Some(end)) if owner.is_none() && start > source.start && is_plain(layout, start, head) => {
            Some(start..end)
        }
        _ => None,
    }
}

/// Whether a name and the nouns behind it are the name of a body: not "Lund's campaign manager", not "Lund's party", and the
/// police of a place, but no "Norwegian police".
fn owns(layout: &Layout<'_>, owner: &NameSpan, head: usize, noun: &str) -> bool {
    let possessive = matches!(layout.word(owner.words.end), "'" | "’");
    let s = usize::from(layout.word(owner.words.end + 1) == "s");
    let from = owner.words.end + if possessive { 1 + s } else { 0 };
    let fits = match owner.entity_type {
        EntityType::Gpe | EntityType::Location => true,
        EntityType::Norp => noun != "police" && noun != "campaign",
        EntityType::Person => {
            !possessive && matches!(noun, "administration" | "campaign" | "government" | "regime")
        }
        _ => !possessive && noun != "police",
    };
    fits && is_plain(layout, from, head)
}

/// Whether what stands before a body's noun is a part of its name: "health" ministry, but not "former" government.
fn is_plain(layout: &Layout<'_>, from: usize, head: usize) -> bool {
    const OTHERWISE: [&str; 16] = [
        "current", "entire", "former", "incoming", "last", "local", "most", "new", "next", "old", "outgoing",
        "own", "previous", "same", "then", "whole",
    ];
    let fits = |at: usize| {
        let word = layout.word(at);
        word.chars().all(char::is_lowercase)
            && nouns::kind(&fold(word)) != nouns::NounKind::Person
            && !OTHERWISE.contains(&word)
    };
    (from..head).len() <= 2 && from <= head && (from..head).all(fits)
}

/// Where the name goes on behind its noun: "in Lima", "of the Lower Isles", up to the end of the source.
fn complement(layout: &Layout<'_>, noun: &str, rest: Range<usize>, names: &[NameSpan]) -> Option<usize> {
    // An army "in Norway" is somebody else's.
    let of = layout.word(rest.start) == "of";
    let within =
        layout.word(rest.start) == "in" && (is_seated(noun) || matches!(noun, "ministry" | "commission"));
    if !of && !within {
        return None;
    }
    let article = matches!(layout.word(rest.start + 1), "the");
    let at = rest.start + 1 + usize::from(article);
    let place = names
        .get(names.partition_point(|name| name.words.start < at))
        .filter(|name| name.words.start == at)?;
    let acts = matches!(place.entity_type, EntityType::Gpe | EntityType::Location);
    (acts && place.words.end == rest.end).then_some(rest.end)
}

/// Whether a body sits in a place that is not its owner.
fn is_seated(noun: &str) -> bool {
    matches!(noun, "embassy" | "consulate")
}

fn inside(names: &[NameSpan], at: usize) -> bool {
    let after = names.partition_point(|name| name.words.start <= at);
    after.checked_sub(1).is_some_and(|last| names[last].words.contains(&at))
}

fn is_mark(word: &str) -> bool {
    word.chars().all(|c| !c.is_alphanumeric())
}

/// The apostrophe of a possessive, a hyphen within a word.
fn joins(layout: &Layout<'_>, at: usize) -> bool {
    matches!(layout.word(at), "'" | "’" | "-" | "‑")
}
