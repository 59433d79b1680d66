//! One name as it stands in the text, cleaned: without article, title and possessive, with its words folded for
//! comparison. What it belongs to is decided by the modules that group names.

use super::super::signals::{Layout, NameSpan};
use super::lexicon::nouns::{self, NounKind};
use super::lexicon::{Gender, pronouns, titles};
use crate::domain::annotation::EntityType;
use crate::domain::span::ByteSpan;
use crate::folding::names::{fold, is_particle, is_title};
use std::ops::Range;

/// A cleaned name.
#[derive(Debug, Clone)]
pub(super) struct Name {
    /// Without article, title and possessive.
    pub span: ByteSpan,
    /// The words of `span`.
    pub words: Range<usize>,
    /// Folded words, never empty. "Doe, John" reads "john", "doe".
    pub tokens: Vec<String>,
    /// What the detector took it for, until the types of equal names are settled.
    pub entity_type: EntityType,
    /// The detector's.
    pub confidence: f32,
    /// What its title says.
    pub title: Option<Gender>,
    /// Whether that title is written as one ("Mrs.") rather than as a common noun ("his wife").
    pub formal: bool,
    /// Whether it is written like an acronym: "EEF", "U.S.".
    pub acronym: bool,
}

impl Name {
    /// Cleans one span; `None` where nothing is left or only words that name nothing.
    pub fn read(layout: &Layout<'_>, found: &NameSpan) -> Option<Self> {
        let mut words = found.words.clone();
        trim_bracket(layout, &mut words);
        trim_end(layout, &mut words);
        trim_start(layout, &mut words, found.entity_type);
        let mut entity_type = found.entity_type;
        if matches!(entity_type, EntityType::Person | EntityType::Organization | EntityType::Gpe) {
            trim_common_nouns(layout, &mut words);
            if let Some(start) = after_role(layout, &words) {
                (words.start, entity_type) = (start, EntityType::Person);
            }
        }
        if entity_type == EntityType::Person {
            words.start = inner_title(layout, &words).unwrap_or(words.start);
            words.start = behind_office(layout, &words).unwrap_or(words.start);
            trim_behind(layout, &mut words);
        } else {
            trim_modifiers(layout, &mut words);
        }
        let span = layout.span_of(&words);
        let raw = span.slice(layout.text);
        let tokens = tokens(raw, entity_type)?;
        let title = if entity_type == EntityType::Person { title_before(layout, words.start) } else { None };
        Some(Self {
            span,
            tokens,
            entity_type,
            confidence: found.confidence.clamp(0.0, 1.0),
            title: title.map(|(_, gender)| gender),
            formal: title.is_some_and(|(at, _)| layout.word(at).starts_with(char::is_uppercase)),
            acronym: is_acronym(raw),
            words,
        })
    }

    /// Takes in the words before it, from the one at an index on.
    pub fn begin_at(&mut self, layout: &Layout<'_>, start: usize) {
        self.words.start = start;
        self.span = layout.span_of(&self.words);
        if let Some(tokens) = tokens(self.span.slice(layout.text), self.entity_type) {
            self.tokens = tokens;
        }
    }

    /// The words as one key.
    pub fn key(&self) -> String {
        self.tokens.join(" ")
    }

    /// Whether it is a single noun for a person ("Lawmaker"), or ends in one that is no proper noun ("Vermont senator").
    pub fn is_noun(&self, layout: &Layout<'_>) -> bool {
        let last = self.words.end.checked_sub(1).map_or("", |at| layout.word(at));
        let noun = nouns::kind(&fold(last)) == NounKind::Person;
        self.is_person() && noun && (self.tokens.len() == 1 || last.starts_with(char::is_lowercase))
    }

    /// Whether it names a human being.
    pub fn is_person(&self) -> bool {
        self.entity_type == EntityType::Person
    }
}

fn tokens(raw: &str, entity_type: EntityType) -> Option<Vec<String>> {
    let inverted = match raw.split_once(", ") {
        Some((family, given)) if entity_type == EntityType::Person && !given.contains(',') => {
            Some(format!("{given} {family}"))
        }
        _ => None,
    };
    let folded = fold(inverted.as_deref().unwrap_or(raw));
    let proper = raw.chars().any(char::is_uppercase) || !pronouns::is_function_word(&folded);
    if folded.is_empty() || pronouns::is_pronoun(&folded) && !is_acronym(raw) || !proper {
        return None;
    }
    // "Al-Moe" is "Al Moe", and "Moe" for short.
    let person = entity_type == EntityType::Person;
    let article =
        |word: &str| word.strip_prefix("al-").filter(|_| person).map(|rest| ["al", rest].map(str::to_owned));
    let split = |word: &str| article(word).map_or_else(|| vec![word.to_owned()], Vec::from);
    Some(folded.split(' ').flat_map(split).collect())
}

/// "Ada Lund (D-Mo.": what a bracket adds is no part of the name, nor is a bracket that never closes.
fn trim_bracket(layout: &Layout<'_>, words: &mut Range<usize>) {
    if let Some(bracket) = words.clone().skip(1).find(|at| layout.word(*at) == "(") {
        words.end = bracket;
    }
}

/// Drops a possessive ending and stray punctuation; a full stop stays with initials ("U.S.", "Jr.").
fn trim_end(layout: &Layout<'_>, words: &mut Range<usize>) {
    while words.len() > 1 {
        let last = layout.word(words.end - 1);
        let before = layout.word(words.end - 2);
        if matches!(last, "s" | "S") && matches!(before, "'" | "’") && words.len() > 2 {
            words.end -= 2;
        } else if matches!(last, "'" | "’" | "," | ";" | ":" | "-" | "–" | "—" | "(" | "”" | "\"")
            || last == "." && before.chars().count() > 3
        {
            words.end -= 1;
        } else {
            break;
        }
    }
}

/// Verbs that open a question.
const AUXILIARIES: [&str; 11] =
    ["Can", "Could", "Did", "Do", "Does", "Has", "Have", "Is", "Should", "Was", "Would"];

/// Drops an article, and before a person's name every title.
fn trim_start(layout: &Layout<'_>, words: &mut Range<usize>, entity_type: EntityType) {
    while words.len() > 1 {
        let first = layout.word(words.start);
        let opens_sentence = words.start == 0
            || layout.sentence_at(layout.words[words.start].span.begin)
                != layout.sentence_at(layout.words[words.start - 1].span.begin);
        let article = first == "the" || first == "The" && opens_sentence;
        let titled = entity_type == EntityType::Person
            && (is_title(&fold(first))
                || titles::is_office(&fold(first))
                || titles::is_honorific(&fold(first), &fold(layout.word(words.start + 1))));
        // "Can Lund win?"
        let verb = entity_type == EntityType::Person && opens_sentence && AUXILIARIES.contains(&first);
        let stray = matches!(first, "." | "," | "'" | "’" | "“" | "\"" | "-" | ")");
        if !(article || titled || verb || stray) {
            break;
        }
        words.start += 1;
    }
}

/// Ends a person's name before what is none of it: "Lund throwing", "Hale administration", "Moe, D-Texas".
fn trim_behind(layout: &Layout<'_>, words: &mut Range<usize>) {
    let last_capital = words.clone().rev().find(|at| layout.word(*at).starts_with(char::is_uppercase));
    let lower = |at: &usize| {
        let word = layout.word(*at);
        let stands_apart = last_capital.is_none_or(|last| last < *at) || word.ends_with("ing");
        word.starts_with(char::is_lowercase)
            && stands_apart
            && !is_particle(&fold(word))
            && !inside_word(layout, *at)
    };
    // But "Moe, Anne-Marie" is a name.
    let party = |at: &usize| {
        layout.word(*at) == ","
            && layout.word(at + 1).chars().count() == 1
            && matches!(layout.word(at + 2), "-" | "‑" | "–")
    };
    let slash = |at: &usize| layout.word(*at) == "/";
    if let Some(end) = words.clone().skip(1).find(|at| lower(at) || party(at) || slash(at)) {
        words.end = end;
    }
}

/// Whether a word begins behind a hyphen or an apostrophe: the "keun" of "Hyo-keun".
fn inside_word(layout: &Layout<'_>, at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| layout.words[before].span.end == layout.words[at].span.begin)
}

/// Drops words in lower case before a name of several words: "state Department of Roads", "pro-labor Bridge Alliance".
fn trim_modifiers(layout: &Layout<'_>, words: &mut Range<usize>) {
    let first = |words: &Range<usize>| layout.word(words.start);
    while words.len() > 1
        && first(words).chars().all(char::is_lowercase)
        && first(words).chars().count() > 2
        && !is_particle(&fold(first(words)))
    {
        let mut next = words.start + 1;
        while matches!(layout.word(next), "-" | "‑") && next + 1 < words.end {
            next += 2;
        }
        if next >= words.end || !layout.word(next).starts_with(char::is_uppercase) {
            return;
        }
        words.start = next;
    }
}

/// Drops what a detector took along: "Former", "Many" before a name, "senator", "memo" after it.
fn trim_common_nouns(layout: &Layout<'_>, words: &mut Range<usize>) {
    let common = |word: &str| {
        let kind = nouns::kind(&fold(word));
        word.starts_with(char::is_lowercase)
            && matches!(kind, NounKind::Person | NounKind::Document | NounKind::Group)
    };
    while words.len() > 1 && common(layout.word(words.end - 1)) {
        words.end -= 1;
    }
    let leads = |word: &str| {
        matches!(
            word,
            "Former" | "former" | "Fellow" | "fellow" | "Many" | "Some" | "Most" | "Other" | "federal"
        )
    };
    while words.len() > 1 && leads(layout.word(words.start)) {
        words.start += 1;
    }
}

/// Where the person begins in "Republican nominee Ada Lund": after a common noun for a person, if capitals follow.
fn after_role(layout: &Layout<'_>, words: &Range<usize>) -> Option<usize> {
    let role = |at: &usize| {
        let word = layout.word(*at);
        word.starts_with(char::is_lowercase) && nouns::kind(&fold(word)) == NounKind::Person
    };
    let start = (words.start..words.end.saturating_sub(1)).rev().find(role)? + 1;
    let proper = |at: usize| layout.word(at).starts_with(char::is_uppercase) || layout.word(at) == ".";
    (start..words.end).all(proper).then_some(start)
}

/// A title that stands inside a person's span ("Democratic Sen. Ada Lund") ends what is no name.
fn inner_title(layout: &Layout<'_>, words: &Range<usize>) -> Option<usize> {
    let titled = |at: &usize| {
        let folded = fold(layout.word(*at));
        let short = layout.word(at + 1) == "." && folded.len() > 1 && is_title(&folded);
        short || titles::stands_alone(&folded)
    };
    let last = (words.start..words.end.saturating_sub(1)).rev().find(titled)?;
    let start = last + if layout.word(last + 1) == "." { 2 } else { 1 };
    (start < words.end).then_some(start)
}

/// "MMC for Roads Ada Lund": no name of a person holds such a preposition, so that its last two words are the name.
fn behind_office(layout: &Layout<'_>, words: &Range<usize>) -> Option<usize> {
    let preposition = |at: &usize| matches!(layout.word(*at), "for" | "of" | "at" | "in");
    let at = words.clone().rev().find(preposition)?;
    (at + 3 <= words.end).then(|| words.end - 2)
}

/// The title before a name that tells a gender ("Mrs.", "Sir", "Congresswoman", "his wife"): its word, and the gender.
fn title_before(layout: &Layout<'_>, start: usize) -> Option<(usize, Gender)> {
    let mut at = start;
    for _ in 0..4 {
        at = at.checked_sub(1)?;
        let word = layout.word(at);
        if word == "." {
            continue;
        }
        if let Some(gender) = titles::gender(&fold(word)) {
            return Some((at, gender));
        }
        if !word.starts_with(char::is_uppercase) {
            return None;
        }
    }
    None
}

/// Two to eight capitals, with or without full stops.
fn is_acronym(raw: &str) -> bool {
    let letters = raw.chars().filter(|c| c.is_alphabetic()).count();
    (2..=8).contains(&letters) && raw.chars().all(|c| c.is_uppercase() || c == '.' || c.is_ascii_digit())
}
