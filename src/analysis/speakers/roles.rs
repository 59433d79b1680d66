//! What the document itself says a named person or body is: the title before the name ("Board spokesperson Ada
//! Lund"), the apposition after it ("Tom Hale, a doctor,"), the one before it ("the deputy mayor, Ida Moe"),
//! and plain statement ("Lund is the spokeswoman"). Each pattern is one function; windows are bounded.

use super::nouns::{self, NounKind};
use super::phrase::{Determiner, Phrase};
use super::pronouns;
use super::scene::{NameAt, Scene};
use crate::domain::annotation::EntityType;
use crate::folding::names::is_title;
use std::ops::Range;

/// Words looked at before a name, and after it.
const BEFORE: usize = 14;
const AFTER: usize = 24;

/// The role phrases that the words around one name give it.
pub(super) fn around(scene: &Scene<'_, '_>, name: &NameAt) -> Vec<Phrase> {
    let person = scene.kind_of(name.entity) == EntityType::Person;
    let body = scene.kind_of(name.entity) == EntityType::Organization;
    if !person && !body {
        return Vec::new();
    }
    let fits = move |phrase: &Phrase| match phrase.kind {
        NounKind::Person => person && !phrase.plural,
        NounKind::Organization => body && !phrase.plural,
        NounKind::Other => person && !phrase.plural && phrase.determiner == Determiner::Indefinite,
        _ => false,
    };
    let before = match person {
        true => title_before(scene, name).or_else(|| apposition_before(scene, name)),
        false => category_before(scene, name),
    };
    let titled = |phrase: &Phrase| {
        let kind = if person { NounKind::Person } else { NounKind::Organization };
        phrase.kind == kind && !phrase.plural
    };
    let before = before.and_then(|words| Phrase::read(scene, words)).filter(titled);
    let after = apposition_after(scene, name).or_else(|| stated(scene, name));
    let read = |words: Range<usize>| Phrase::read(scene, words).filter(&fits);
    before.into_iter().chain(after.and_then(read)).collect()
}

/// "Board spokesperson" Ada Lund, "Minister of Roads" Tom Hale.
fn title_before(scene: &Scene<'_, '_>, name: &NameAt) -> Option<Range<usize>> {
    let floor = scene.sentence_start(name.words.start).max(name.words.start.saturating_sub(BEFORE));
    let mut start = name.words.start;
    let mut noun = false;
    while start > floor && !is_person(scene, start - 1) {
        let word = scene.layout.word(start - 1);
        let folded = scene.folded(start - 1);
        let office = nouns::kind(&folded) == NounKind::Person || is_title(&folded);
        let capital = word.starts_with(char::is_uppercase) && !pronouns::is_function_word(&folded);
        let joint = noun && matches!(word, "of" | "for" | "and" | "the" | "-" | "’" | "'" | "s" | "&" | "on");
        let modifier = matches!(
            word,
            "former"
                | "acting"
                | "deputy"
                | "vice"
                | "senior"
                | "chief"
                | "prime"
                | "foreign"
                | "assistant"
                | "executive"
                | "opposition"
                | "presidential"
                | "national"
                | "ruling"
                | "interim"
                | "veteran"
        );
        let stop = word == "." && start < name.words.start + 1;
        if !(office || capital || joint || modifier || stop) {
            break;
        }
        noun |= office;
        start -= 1;
    }
    while start < name.words.start && !opens_title(scene.layout.word(start)) {
        start += 1;
    }
    (noun && start < name.words.start).then_some(start..name.words.start)
}

/// "the security firm" Kronos: a noun for a body right before its name, with what narrows it down.
fn category_before(scene: &Scene<'_, '_>, name: &NameAt) -> Option<Range<usize>> {
    let noun = name.words.start.checked_sub(1)?;
    let lower = |at: usize| scene.layout.word(at).chars().all(char::is_lowercase);
    if !lower(noun) || nouns::kind(&scene.folded(noun)) != NounKind::Organization {
        return None;
    }
    let floor = scene.sentence_start(noun).max(noun.saturating_sub(4));
    let narrows = |at: &usize| {
        let word = scene.folded(*at);
        lower(*at) && !pronouns::is_function_word(&word) && !pronouns::is_preposition(&word)
    };
    let start = (floor..noun).rev().take_while(narrows).last().unwrap_or(noun);
    Some(start..name.words.start)
}

fn opens_title(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_alphanumeric)
        && !matches!(
            word,
            "of" | "for" | "and" | "the" | "s" | "on" | "The" | "But" | "And" | "While" | "When" | "As"
        )
}

/// Ada Lund, "a doctor", said; Tom Hale, "head of the Harbour Board", ….
fn apposition_after(scene: &Scene<'_, '_>, name: &NameAt) -> Option<Range<usize>> {
    let limit = scene.sentence_end(name.words.start).min(name.words.end + AFTER);
    let mut at = name.words.end;
    at = after_bracket(scene, at, limit);
    if scene.layout.word(at) != "," {
        return None;
    }
    at += 1;
    let age = scene.layout.word(at).parse::<u8>().is_ok() && scene.layout.word(at + 1) == ",";
    if age {
        at += 2;
    }
    let first = scene.folded(at);
    if matches!(first.as_str(), "who" | "which" | "and" | "but" | "said" | "or" | "as")
        || pronouns::is_preposition(&first)
    {
        return None;
    }
    // The full stop of "Col." closes nothing.
    let ends =
        |at: &usize| closes(scene.layout.word(*at)) && (scene.layout.word(*at) != "." || at + 1 == limit);
    let end = (at..limit).find(ends).unwrap_or(limit);
    (at < end && !names_another(scene, at..end)).then_some(at..end)
}

/// Whether words name the next person of a list: "Mayor Tom Hale and Rep. Ida Moe", but not "lawyer of Tom Hale" or "Tom
/// Hale's lawyer".
fn names_another(scene: &Scene<'_, '_>, words: Range<usize>) -> bool {
    let names = scene.names_in(scene.layout.span_of(&words)).iter();
    let mut people = names.filter(|name| scene.kind_of(name.entity) == EntityType::Person);
    people.next().is_some_and(|name| {
        !name.possessive
            && !(words.start..name.words.start).any(|at| pronouns::is_preposition(&scene.folded(at)))
    })
}

/// Whether a word belongs to the name of a person.
fn is_person(scene: &Scene<'_, '_>, at: usize) -> bool {
    scene.name_around(at).is_some_and(|name| scene.kind_of(name.entity) == EntityType::Person)
}

/// "(R-Utah)" and other brackets after a name.
fn after_bracket(scene: &Scene<'_, '_>, at: usize, limit: usize) -> usize {
    if scene.layout.word(at) != "(" {
        return at;
    }
    (at..limit).find(|&at| scene.layout.word(at) == ")").map_or(at, |close| close + 1)
}

/// "A lawyer for the harbour", Ida Moe, ….
fn apposition_before(scene: &Scene<'_, '_>, name: &NameAt) -> Option<Range<usize>> {
    let comma = name.words.start.checked_sub(1)?;
    if scene.layout.word(comma) != "," {
        return None;
    }
    let floor = scene.sentence_start(comma).max(comma.saturating_sub(BEFORE));
    let determined = |at: &usize| {
        let first = scene.folded(*at);
        matches!(first.as_str(), "a" | "an" | "the" | "his" | "her" | "its" | "their" | "another")
    };
    let closed = (floor..comma).rev().find(|&at| closes(scene.layout.word(at))).map_or(floor, |at| at + 1);
    let start = (closed..comma).find(determined).or((closed == floor).then_some(floor))?;
    let after = scene.layout.word(name.words.end);
    let ends = matches!(after, "," | "." | ";" | ":" | "”" | "\"" | "")
        || after.chars().next().is_some_and(char::is_lowercase) && !matches!(after, "and" | "or");
    (ends && start < comma).then_some(start..comma)
}

/// Lund is "the board's spokeswoman".
fn stated(scene: &Scene<'_, '_>, name: &NameAt) -> Option<Range<usize>> {
    let at = name.words.end;
    let copula = matches!(scene.layout.word(at), "is" | "was" | "became" | "remains");
    let article = matches!(scene.layout.word(at + 1), "the" | "a" | "an");
    if !copula || !article {
        return None;
    }
    let limit = scene.sentence_end(at).min(at + AFTER);
    let end = (at + 1..limit).find(|&at| closes(scene.layout.word(at))).unwrap_or(limit);
    Some(at + 1..end)
}

/// Whether a phrase in apposition ends before the word.
fn closes(word: &str) -> bool {
    matches!(
        word,
        "," | ";"
            | ":"
            | "("
            | ")"
            | "—"
            | "–"
            | "“"
            | "”"
            | "\""
            | "."
            | "said"
            | "says"
            | "told"
            | "who"
            | "which"
            | "added"
            | "wrote"
    )
}
