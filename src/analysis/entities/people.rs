//! Which names of people mean the same person. Full names first, by [`person_names::agree`]; then each short form
//! ("Clinton", "Mrs. Clinton", "Hillary") goes to the full name that it is part of. Where several people fit, the
//! title's gender decides, then who was named in full just before, then who is named most.

use super::super::signals::Layout;
use super::lexicon::pronouns::{self, Pronoun};
use super::lexicon::{Gender, given_names};
use super::name::Name;
use super::person_names::{Part, agree, part, without_suffix};
use std::collections::{BTreeMap, BTreeSet};

/// Full names compared with one form, at most: keeps a directory of ten thousand Smiths linear.
const COMPARED: usize = 48;

/// How many sentences a full name that opened one stays the obvious reading of a surname that several people share.
const FRESH: usize = 2;

/// Words after a surname in which a pronoun tells which bearer it means.
const PRONOUN_REACH: usize = 16;

/// Words before the name that heads a sentence: fewer than this.
const HEAD: usize = 5;

/// A person: all full forms that agree.
struct Person {
    /// Index of the first name; the group's number.
    leader: usize,
    /// Distinct full forms, most words first at the front.
    forms: Vec<Vec<String>>,
    gender: Option<Gender>,
    /// Where full mentions open their sentences: byte and sentence, ascending.
    opens: Vec<(u32, usize)>,
    /// All full mentions: byte and sentence, longest forms first.
    named: Vec<(u32, usize)>,
    /// Full mentions.
    full: usize,
    /// First byte of the first full mention.
    first: u32,
}

impl Person {
    /// The last full mention before a name: byte and sentence.
    fn last_before(&self, name: &Name) -> Option<(u32, usize)> {
        let before = self.named.partition_point(|(begin, _)| *begin < name.span.begin);
        before.checked_sub(1).map(|at| self.named[at])
    }
}

/// Sets the group of every person's name.
pub(super) fn group(layout: &Layout<'_>, names: &[Name], groups: &mut [usize]) {
    let mut people: Vec<Person> = Vec::new();
    let mut by_word: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut by_form: BTreeMap<&[String], usize> = BTreeMap::new();
    for (at, name) in full_names(names) {
        let known = by_form.get(name.tokens.as_slice()).copied();
        let found = known.or_else(|| find(&people, &by_word, name));
        let person = found.unwrap_or_else(|| {
            people.push(Person {
                leader: at,
                forms: Vec::new(),
                gender: None,
                opens: Vec::new(),
                named: Vec::new(),
                full: 0,
                first: u32::MAX,
            });
            people.len() - 1
        });
        groups[at] = people[person].leader;
        let sentence = layout.sentence_at(name.span.begin);
        people[person].named.push((name.span.begin, sentence));
        if opens_sentence(layout, names, at) {
            people[person].opens.push((name.span.begin, sentence));
        }
        people[person].full += 1;
        people[person].first = people[person].first.min(name.span.begin);
        people[person].gender = people[person].gender.or(gender(name));
        if by_form.insert(&name.tokens, person).is_none() {
            people[person].forms.push(name.tokens.clone());
            for word in &name.tokens {
                let holders = by_word.entry(word).or_default();
                if holders.last() != Some(&person) {
                    holders.push(person);
                }
            }
        }
    }
    for person in &mut people {
        person.opens.sort_unstable();
        person.named.sort_unstable();
    }
    let titled = names.iter().filter(|name| name.is_person() && name.formal && name.tokens.len() == 1);
    let titled = titled.map(|name| name.tokens[0].as_str()).collect();
    group_short(layout, names, groups, &Known { people, by_word, titled });
}

struct Known<'n> {
    people: Vec<Person>,
    /// People by each word of their names.
    by_word: BTreeMap<&'n str, Vec<usize>>,
    /// Single words that stand behind a title.
    titled: BTreeSet<&'n str>,
}

/// Longest forms first, and those with initials behind the others, so that a partial full name finds the whole one.
fn full_names(names: &[Name]) -> Vec<(usize, &Name)> {
    let mut full: Vec<(usize, &Name)> =
        names.iter().enumerate().filter(|(_, name)| name.is_person() && name.tokens.len() > 1).collect();
    let is_short = |name: &Name| name.tokens.iter().any(|word| word.chars().count() == 1);
    full.sort_by_key(|(at, name)| {
        (std::cmp::Reverse(without_suffix(&name.tokens).0.len()), is_short(name), *at)
    });
    full
}

fn find(people: &[Person], by_word: &BTreeMap<&str, Vec<usize>>, name: &Name) -> Option<usize> {
    let (words, _) = without_suffix(&name.tokens);
    let ends = [words.last(), words.first()];
    let holders = ends.into_iter().flatten().filter_map(|word| by_word.get(word.as_str()));
    let agreeing = |person: &&usize| people[**person].forms.iter().any(|form| agree(form, &name.tokens));
    let compatible = |person: &&usize| {
        // "Woodruff Swan" for Betsy Woodruff Swan: its first word is no given name.
        let surnames = people[**person].forms.iter().any(|form| form.ends_with(&name.tokens));
        !conflict(people[**person].gender, if surnames { name.title } else { gender(name) })
    };
    holders.flat_map(|people| people.iter().take(COMPARED)).filter(compatible).find(agreeing).copied()
}

fn group_short(layout: &Layout<'_>, names: &[Name], groups: &mut [usize], known: &Known<'_>) {
    let mut alone: BTreeMap<&[String], usize> = BTreeMap::new();
    for (at, name) in names.iter().enumerate() {
        if !name.is_person() || name.tokens.len() > 1 {
            continue;
        }
        let sentence = layout.sentence_at(name.span.begin);
        groups[at] = match choose(layout, known, name, sentence) {
            Some(person) => known.people[person].leader,
            None => match misspelt(known, &name.tokens[0]).or_else(|| by_initials(known, name)) {
                Some(person) => known.people[person].leader,
                None => *alone.entry(&name.tokens).or_insert(at),
            },
        };
    }
}

/// The person whom a short form means.
fn choose(layout: &Layout<'_>, known: &Known<'_>, name: &Name, sentence: usize) -> Option<usize> {
    let holders = known.by_word.get(name.tokens[0].as_str())?;
    let readings = holders.iter().take(COMPARED).filter_map(|&person| {
        let full = &known.people[person];
        let part = full.forms.iter().filter_map(|form| part(&name.tokens, form)).min()?;
        // "Mr Somchai" is Somchai Prasert, unless the text writes "Mr Prasert", too.
        let titled_given = name.formal && part == Part::Given && full.forms[0].len() == 2;
        let by_surname =
            titled_given && full.forms[0].last().is_some_and(|last| known.titled.contains(last.as_str()));
        (!conflict(full.gender, name.title) && !by_surname).then_some((person, part))
    });
    let readings: Vec<(usize, Part)> = readings.collect();
    let best = readings.iter().map(|(_, part)| *part).min()?;
    let several = readings.iter().filter(|(_, part)| *part == best).nth(1).is_some();
    let hint = if several { pronoun_after(layout, name) } else { None };
    let rivals = || readings.iter().filter(|(_, part)| *part == best).map(|(person, _)| *person);
    let said = name.title.or(hint);
    let told = said.is_some() && rivals().filter(|&person| known.people[person].gender == said).count() == 1;
    if several && !told && are_together(known, rivals(), name) {
        return None;
    }
    rivals().max_by_key(|&person| {
        let full = &known.people[person];
        let before = full.opens.partition_point(|(begin, _)| *begin < name.span.begin);
        let last = before.checked_sub(1).map(|at| full.opens[at]);
        let fresh = last.filter(|(_, opened)| sentence.saturating_sub(*opened) <= FRESH);
        let certain = said.is_some() && full.gender == said;
        // Where the first word is what people share, as family names that come first are, whoever was named last is meant.
        let latest = (best == Part::Given).then(|| full.last_before(name));
        (certain, latest, fresh, full.full, std::cmp::Reverse(full.first))
    })
}

/// Whether people were named last in one sentence, all of them: "brothers Ivan Moe and Neil Moe". Nothing tells which of them a
/// surname means.
fn are_together(known: &Known<'_>, mut people: impl Iterator<Item = usize>, name: &Name) -> bool {
    let last = |person: usize| known.people[person].last_before(name).map(|(_, sentence)| sentence);
    let Some(Some(first)) = people.next().map(last) else { return false };
    people.all(|person| last(person) == Some(first))
}

/// Whether a name stands at the head of its sentence, and so is most likely its topic.
fn opens_sentence(layout: &Layout<'_>, names: &[Name], at: usize) -> bool {
    let sentence = layout.sentence_at(names[at].span.begin);
    let begin = layout.sentences.get(sentence).map_or(0, |span| span.begin);
    let ahead =
        layout.words[..names[at].words.start].iter().rev().take(HEAD).filter(|word| word.span.begin >= begin);
    let first =
        at.checked_sub(1).is_none_or(|before| layout.sentence_at(names[before].span.begin) != sentence);
    first && ahead.count() < HEAD
}

/// The gender of the pronouns that follow in the sentence, where they agree.
fn pronoun_after(layout: &Layout<'_>, name: &Name) -> Option<Gender> {
    let sentence = layout.sentence_at(name.span.begin);
    let end = layout.sentences.get(sentence).map_or(0, |span| span.end);
    let words =
        layout.words[name.words.end..].iter().take(PRONOUN_REACH).take_while(|word| word.span.begin < end);
    let genders = words.filter_map(|word| match pronouns::read(word.span.slice(layout.text)) {
        Some(Pronoun::Singular(gender)) => Some(gender),
        _ => None,
    });
    let mut genders = genders.peekable();
    let first = *genders.peek()?;
    genders.all(|gender| gender == first).then_some(first)
}

/// The one person whose surname differs from a long unknown one in a single letter.
fn misspelt(known: &Known<'_>, word: &str) -> Option<usize> {
    if word.chars().count() < 6 || known.people.len() > COMPARED {
        return None;
    }
    let near = |person: &&(usize, &Person)| {
        let last = without_suffix(&person.1.forms[0]).0.last();
        last.is_some_and(|last| last.chars().next() == word.chars().next() && one_letter_apart(last, word))
    };
    let people: Vec<(usize, &Person)> = known.people.iter().enumerate().collect();
    let mut found = people.iter().filter(near);
    let first = found.next()?;
    found.next().is_none().then_some(first.0)
}

/// The one person whose full name has the letters of an acronym for initials: "MBS" for Mohammed bin Salman.
fn by_initials(known: &Known<'_>, name: &Name) -> Option<usize> {
    let letters = &name.tokens[0];
    if !name.acronym || letters.chars().count() < 3 || known.people.len() > COMPARED {
        return None;
    }
    let initials =
        |form: &Vec<String>| form.iter().filter_map(|word| word.chars().next()).eq(letters.chars());
    let mut found = known.people.iter().enumerate().filter(|(_, person)| person.forms.iter().any(initials));
    let first = found.next()?;
    found.next().is_none().then_some(first.0)
}

/// Whether one letter was added, lost or changed.
fn one_letter_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    let tail = |a: &[char], b: &[char]| a.get(1..).unwrap_or(&[]) == b;
    !(a.is_empty() && b.is_empty()) && (tail(a, b) || tail(b, a) || a.get(1..) == b.get(1..))
}

/// What title or given name say.
fn gender(name: &Name) -> Option<Gender> {
    name.title.or_else(|| name.tokens.first().and_then(|given| given_names::gender(given)))
}

fn conflict(a: Option<Gender>, b: Option<Gender>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a != b)
}
