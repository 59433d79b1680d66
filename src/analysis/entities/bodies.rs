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
    let closes = |at: usize| layout.is_mark(at) && !joins(layout, at);
    let stop = |at: &usize| {
        !inside(names, *at) && (pronouns::is_preposition(&fold(layout.word(*at))) || closes(*at))
    };
    let cut = (start..end).find(stop).unwrap_or(end);
    let head = cut.checked_sub(1).filter(|head| *head >= start)?;
    let noun = fold(layout.word(head));
    if inside(names, head) || capital(head) || !nouns::is_sole_body(&noun) {
        return None;
    }
    let before = names.partition_point(|name| name.words.end <= head);
    let owner = before.checked_sub(1).map(|last| &names[last]).filter(|name| name.words.start >= start);
    let rest = cut..source.end;
    match owner {
        Some(owner) if owner.words.start == start && owns(layout, owner, head, &noun) => {
            // "Norway's embassy in Lima", but an army "in Lima" is only there.
            let seat = Some(rest.clone()).filter(|_| matches!(noun.as_str(), "embassy" | "consulate"));
            Some(start..seat.and_then(|rest| place_behind(layout, "in", &rest, names)).unwrap_or(cut))
        }
        // "the electoral commission of Norway", "the health ministry in Oslo", but not "a ministry in Norway".
        None if start > source.start && is_plain(layout, start, head) => {
            let of = place_behind(layout, "of", &rest, names);
            let seat = matches!(noun.as_str(), "commission" | "consulate" | "embassy" | "ministry");
            let end = of.or_else(|| {
                Some(rest).filter(|_| seat).and_then(|rest| place_behind(layout, "in", &rest, names))
            })?;
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

/// The end of a source that goes on with a preposition and a place, and with nothing else: "of the Lower Isles".
fn place_behind(
    layout: &Layout<'_>,
    preposition: &str,
    rest: &Range<usize>,
    names: &[NameSpan],
) -> Option<usize> {
    let article = layout.word(rest.start + 1) == "the";
    let at = rest.start + 1 + usize::from(article);
    let place = names.get(names.partition_point(|name| name.words.start < at))?;
    let acts = matches!(place.entity_type, EntityType::Gpe | EntityType::Location);
    (layout.word(rest.start) == preposition && acts && place.words == (at..rest.end)).then_some(rest.end)
}

fn inside(names: &[NameSpan], at: usize) -> bool {
    let after = names.partition_point(|name| name.words.start <= at);
    after.checked_sub(1).is_some_and(|last| names[last].words.contains(&at))
}

/// The apostrophe of a possessive, a hyphen within a word.
fn joins(layout: &Layout<'_>, at: usize) -> bool {
    matches!(layout.word(at), "'" | "’" | "-" | "‑")
}
