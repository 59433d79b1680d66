//! What the words of a source are: a name, a pronoun, a description, several people, or nothing that can be told. The
//! head of the phrase decides: "a spokesman for Ada Lund" is not Ada Lund, "Lund's lawyer Tom Hale" is Tom Hale.

use super::nouns::{self, NounKind};
use super::phrase::Phrase;
use super::pronouns::{self, Pronoun};
use super::scene::{NameAt, Scene};
use crate::domain::annotation::EntityType;
use crate::domain::span::ByteSpan;
use crate::folding::names::is_title;
use std::ops::Range;

/// A read source.
#[derive(Debug, Clone)]
pub(super) enum Reading {
    Name {
        entity: usize,
        span: ByteSpan,
    },
    Pronoun(Pronoun),
    Description(Phrase),
    /// Two heads or more.
    Several,
    /// No source at all, but a quotation by itself.
    Quotation,
    /// No word in it.
    Nothing,
}

/// Words of a source that are read, at most.
const LONGEST: usize = 80;

/// Reads the words of a source.
pub(super) fn read(scene: &Scene<'_, '_>, source: ByteSpan) -> Reading {
    let mut words = scene.layout.words_of(source);
    words.end = words.end.min(words.start + LONGEST);
    while words.start < words.end && is_mark(scene.layout.word(words.start)) {
        words.start += 1;
    }
    while words.start < words.end
        && is_mark(scene.layout.word(words.end - 1))
        && scene.layout.word(words.end - 1) != ")"
    {
        words.end -= 1;
    }
    if words.is_empty() {
        return Reading::Nothing;
    }
    let first = scene.folded(words.start);
    let bare = words.len() == 1
        || words.len() == 2 && matches!(scene.folded(words.start + 1).as_str(), "both" | "all");
    if let Some(pronoun) = pronouns::read(&first).filter(|_| bare && !is_name(scene, words.start)) {
        return Reading::Pronoun(pronoun);
    }
    if several(scene, &words) || opens_plural(scene, &words) {
        return Reading::Several;
    }
    if let Some(name) = head_name(scene, &words) {
        return Reading::Name { entity: name.entity, span: name.span };
    }
    if let Some((entity, span)) = overlooked(scene, &words) {
        return Reading::Name { entity, span };
    }
    Phrase::read(scene, words).map_or(Reading::Nothing, Reading::Description)
}

fn is_name(scene: &Scene<'_, '_>, at: usize) -> bool {
    scene.name_around(at).is_some()
}

fn is_mark(word: &str) -> bool {
    word.chars().all(|c| !c.is_alphanumeric())
}

/// The name that heads the phrase.
fn head_name<'s>(scene: &'s Scene<'_, '_>, words: &Range<usize>) -> Option<&'s NameAt> {
    if opens_document(scene, words) {
        return None;
    }
    let names: Vec<&NameAt> = names_in(scene, words).collect();
    let mut best: Option<&NameAt> = None;
    for (at, name) in names.iter().copied().enumerate() {
        let narrows_next = names.get(at + 1).is_some_and(|next| next.words.start == name.words.end);
        if narrows_next || !heads(scene, words, name) {
            continue;
        }
        let person = scene.kind_of(name.entity) == EntityType::Person;
        match best {
            None => best = Some(name),
            // "DOC Senior Ranger Dave Rogers": the person, where only words of a title stand between.
            Some(found) if person && scene.kind_of(found.entity) != EntityType::Person => best = Some(name),
            Some(_) => {}
        }
    }
    best
}

/// "A circular issued by the director, Ada Lund": a document before any name is the head, whoever wrote it.
fn opens_document(scene: &Scene<'_, '_>, words: &Range<usize>) -> bool {
    let first = names_in(scene, words).next().map_or(words.end, |name| name.words.start);
    let ends = |at: &usize| {
        let word = scene.folded(*at);
        scene.layout.word(*at) == ","
            || pronouns::is_preposition(&word)
            || word.ends_with("ed")
            || word.ends_with("ing")
    };
    let end = (words.start + 1..first).find(ends);
    end.is_some_and(|end| nouns::kind(&scene.folded(end - 1)) == NounKind::Document)
}

fn names_in<'s>(scene: &'s Scene<'_, '_>, words: &Range<usize>) -> impl Iterator<Item = &'s NameAt> {
    let span = scene.layout.span_of(words);
    scene.names_in(span).iter()
}

/// Whether a name can be the head: not possessive, not governed by a preposition, not followed by the noun that it
/// narrows down.
fn heads(scene: &Scene<'_, '_>, words: &Range<usize>, name: &NameAt) -> bool {
    let person = scene.kind_of(name.entity) == EntityType::Person;
    let group = scene.kind_of(name.entity) == EntityType::Norp || is_members(scene, name);
    // "the chief election commissioner (CEC)": a short form of what it follows.
    let bracketed = name.words.start > words.start + 1 && scene.layout.word(name.words.start - 1) == "(";
    if group || bracketed || name.possessive && name.words.end + 2 < words.end {
        return false;
    }
    !in_clause(scene, words, name) && !governed(scene, words, name, person) && !narrows(scene, words, name)
}

/// "Democrats", "Republicans": members, whatever the detector took them for.
fn is_members(scene: &Scene<'_, '_>, name: &NameAt) -> bool {
    let word = scene.folded(name.words.start);
    let one = word.strip_suffix('s').is_some_and(|one| nouns::kind(one) == NounKind::Person);
    name.words.len() == 1 && one
}

/// Whether the name stands in a relative clause or participle of the source.
fn in_clause(scene: &Scene<'_, '_>, words: &Range<usize>, name: &NameAt) -> bool {
    (words.start + 1..name.words.start).any(|at| {
        let word = scene.layout.word(at);
        matches!(
            word,
            "who" | "which" | "whose" | "whom" | "where" | "when" | "citing" | "quoting" | "speaking"
        )
    })
}

/// Whether a preposition before the name takes it: "a spokesman for (Russian President) Ada Lund".
fn governed(scene: &Scene<'_, '_>, words: &Range<usize>, name: &NameAt, person: bool) -> bool {
    let mut at = name.words.start;
    let mut office = false;
    if person && is_apposed(scene, words, name) {
        return false;
    }
    while at > words.start {
        at -= 1;
        let word = scene.layout.word(at);
        let folded = scene.folded(at);
        if word == "," || word == ")" || word == ";" {
            return false;
        }
        // "Freedom Under Law" has a preposition that governs nothing.
        if is_name(scene, at) {
            continue;
        }
        let whole = !matches!(scene.layout.word(at.wrapping_sub(1)), "-" | "‑");
        if whole && pronouns::is_preposition(&folded) && (at == words.start || !is_capitalised(word)) {
            // "Head of the Committee for Women Empowerment Wafa Mustafa" is she: what stands between is no title.
            let between = (at + 1..name.words.start).any(|at| is_capitalised(scene.layout.word(at)));
            return !(person && between && !office);
        }
        office |= nouns::kind(&folded) == NounKind::Person || is_title(&folded);
    }
    false
}

/// "the minister of intelligence Ada Lund": a noun that names no person stands right before a person only where an office ends;
/// but "a spokesman for the embattled Ada Lund" speaks for her.
fn is_apposed(scene: &Scene<'_, '_>, words: &Range<usize>, name: &NameAt) -> bool {
    let Some(before) = name.words.start.checked_sub(1).filter(|before| *before > words.start) else {
        return false;
    };
    let noun = scene.layout.word(before);
    let folded = scene.folded(before);
    let plain = noun.chars().all(char::is_lowercase)
        && noun.chars().count() > 3
        && nouns::kind(&folded) != NounKind::Person
        && !pronouns::is_function_word(&folded)
        && !pronouns::is_preposition(&folded);
    let mut head = words.clone().take_while(|at| !pronouns::is_preposition(&scene.folded(*at)));
    plain
        && head.any(|at| {
            matches!(nouns::kind(&scene.folded(at)), NounKind::Person)
                && !nouns::is_relational(&scene.folded(at))
        })
}

/// "Critics of the program, like Ada Lund", "lawyers for Lund and Hale": a plural stands before the first name.
fn opens_plural(scene: &Scene<'_, '_>, words: &Range<usize>) -> bool {
    let Some(first) = names_in(scene, words).next() else { return false };
    let stop = (words.start..first.words.start).find(|&at| {
        let word = scene.folded(at);
        scene.layout.word(at) == "," || pronouns::is_preposition(&word)
    });
    let last = stop.and_then(|stop| stop.checked_sub(1)).filter(|last| *last >= words.start);
    last.is_some_and(|last| {
        let noun = scene.folded(last);
        nouns::is_people(&noun)
    })
}

/// A name that the detector overlooked here but knew elsewhere: capitalised words that one entity bears.
fn overlooked(scene: &Scene<'_, '_>, words: &Range<usize>) -> Option<(usize, ByteSpan)> {
    let mut end = words.start;
    while end < words.end && is_capitalised(scene.layout.word(end)) {
        end += 1;
    }
    let stops =
        end == words.end || is_mark(scene.layout.word(end)) && !matches!(scene.layout.word(end), "'" | "’");
    if end == words.start || end - words.start > 4 || !stops {
        return None;
    }
    let last = scene.layout.span_of(&(end - 1..end));
    let span = scene.layout.span_of(&(words.start..end));
    if nouns::kind(&scene.folded(end - 1)) == NounKind::Group {
        return None;
    }
    let whole = scene.bearer(&crate::folding::names::fold(span.slice(scene.layout.text)));
    let whole = whole.filter(|entity| scene.kind_of(*entity) != EntityType::Norp);
    whole.map(|entity| (entity, span)).or_else(|| {
        let entity = scene.bearer(&scene.folded(end - 1))?;
        Some((entity, last)).filter(|_| scene.kind_of(entity) == EntityType::Person)
    })
}

fn is_capitalised(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

/// Whether a noun after the name is the head: "a JSC statement", "McConnell aides".
fn narrows(scene: &Scene<'_, '_>, words: &Range<usize>, name: &NameAt) -> bool {
    let next = name.words.end;
    if next >= words.end {
        return false;
    }
    let word = scene.layout.word(next);
    if matches!(word, "-" | "–" | "/") {
        return true;
    }
    if is_mark(word) {
        return false;
    }
    let folded = scene.folded(next);
    let other_name =
        names_in(scene, &(next..words.end)).next().is_some_and(|other| other.words.start == next);
    let phrase_end = pronouns::is_preposition(&folded) || pronouns::is_function_word(&folded);
    let verb =
        matches!(folded.as_str(), "also" | "himself" | "herself" | "themselves" | "itself" | "spokesman");
    !phrase_end && !other_name && (folded == "spokesman" || !verb) && !is_category(scene, words, name)
}

/// "The Herald newspaper", "the Sabah outlet": what stands behind the name only says what it is.
fn is_category(scene: &Scene<'_, '_>, words: &Range<usize>, name: &NameAt) -> bool {
    let named = matches!(
        scene.kind_of(name.entity),
        EntityType::Organization | EntityType::Work | EntityType::Product
    );
    let last = name.words.end + 1 == words.end || is_mark(scene.layout.word(name.words.end + 1));
    named && last && nouns::is_category(&scene.folded(name.words.end))
}

/// Whether the phrase has two heads: "Ada Lund and Tom Hale", "Hale, head of the union, and other workers".
fn several(scene: &Scene<'_, '_>, words: &Range<usize>) -> bool {
    let names: Vec<&NameAt> = names_in(scene, words).collect();
    let inside = |at: usize| names.iter().any(|name| name.words.contains(&at));
    for at in words.start + 1..words.end.saturating_sub(1) {
        let listed = scene.layout.word(at) == "," && matches!(scene.layout.word(at + 1), "others");
        let joins = (matches!(scene.layout.word(at), "and" | "&") || listed) && !inside(at);
        if scene.layout.word(at) == "who" || scene.layout.word(at) == "which" {
            return false;
        }
        if joins && joins_heads(scene, words, &names, at) {
            return true;
        }
    }
    false
}

/// "Minister for Women and Equalities Ada Lund": a capital that is neither a name nor a title goes on with the office.
fn is_office_part(scene: &Scene<'_, '_>, at: usize) -> bool {
    let folded = scene.folded(at);
    is_capitalised(scene.layout.word(at))
        && !is_name(scene, at)
        && !is_title(&folded)
        && nouns::kind(&folded) != NounKind::Person
}

/// Whether the "and" at a word joins the head of the phrase to another: both sides are names, or the right side is a
/// plural or "others", and no office reaches over it ("minister for trade and industry Ada Lund").
fn joins_heads(scene: &Scene<'_, '_>, words: &Range<usize>, names: &[&NameAt], at: usize) -> bool {
    let left = names.iter().rfind(|name| name.words.end <= at && heads(scene, words, name));
    let right = names.iter().find(|name| name.words.start > at);
    let folded = scene.folded(at + 1);
    let others = matches!(folded.as_str(), "others" | "other" | "his" | "her" | "their");
    let Some(left) = left else {
        // "lawyers and officials": a plural head anyway. "my siblings and I".
        let overlooked = at - words.start <= 3
            && is_capitalised(scene.layout.word(at - 1))
            && scene.bearer(&scene.folded(at - 1)).is_some()
            && names.iter().any(|name| name.words.start == at + 1);
        let people = nouns::is_people(&scene.folded(at - 1));
        let beside = people
            && !is_office_part(scene, at + 1)
            && right.is_some_and(|right| right.words.start <= at + 2 && heads(scene, words, right));
        return overlooked || beside || scene.folded(at + 1) == "i" || scene.folded(words.start) == "both";
    };
    let determined = matches!(scene.layout.word(at + 1), "the" | "a" | "an");
    if others || determined && left.words.end == at && right.is_none_or(|right| right.words.start > at + 2) {
        return true;
    }
    let Some(right) = right else { return false };
    // Between "and" and the name only what belongs to the name: titles, modifiers, an article.
    let near = right.words.start - at <= 6;
    let plain = (at + 1..right.words.start)
        .all(|at| !matches!(scene.layout.word(at), "," | "of" | "for" | "at" | "in"));
    // In "Hill, editor of X and Y", the left name is followed by its apposition: the "and" is inside of it. Not in "X, and Y".
    let apposed = (left.words.end..at).any(|at| pronouns::is_preposition(&scene.folded(at)));
    let open = left.words.end + 1 < at
        && scene.layout.word(left.words.end) == ","
        && !(left.words.end + 1..at).any(|at| scene.layout.word(at) == ",")
        && !names.iter().any(|name| name.words.start == left.words.end + 1);
    // "and Central Asia director": the office of one person goes on.
    let office = narrows(scene, words, right)
        && (right.words.end..words.end)
            .map_while(|at| Some(scene.folded(at)).filter(|word| !pronouns::is_preposition(word)))
            .any(|noun| nouns::kind(&noun) == NounKind::Person);
    near && plain && !apposed && !open && !office
}
