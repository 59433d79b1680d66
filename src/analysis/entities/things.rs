//! Which names of organisations, places and everything else that is no person mean the same thing: equal names,
//! acronyms, known names of countries, and short forms that begin or end a longer name.

use super::super::signals::Layout;
use super::acronym;
use super::dates::{self, tense::Tense, tense::tense};
use super::lexicon::places;
use super::name::Name;
use crate::domain::annotation::EntityType;
use std::collections::BTreeMap;

/// Longer names compared with one short form, at most.
const COMPARED: usize = 48;

/// Words that end a company's name without changing what it names.
const LEGAL: [&str; 23] = [
    "inc",
    "corp",
    "corporation",
    "co",
    "company",
    "ltd",
    "limited",
    "llc",
    "plc",
    "ag",
    "sa",
    "gmbh",
    "group",
    "holdings",
    "bhd",
    "pty",
    "pte",
    "nv",
    "spa",
    "asa",
    "oyj",
    "srl",
    "kk",
];

/// Words that, after one name word, make its formal name ("Kronos" and "Kronos Airlines").
const FORMAL: [&str; 16] = [
    "airlines",
    "airways",
    "bank",
    "energy",
    "industries",
    "international",
    "motors",
    "news",
    "pharmaceuticals",
    "rail",
    "systems",
    "technologies",
    "technology",
    "university",
    "foundation",
    "institute",
];

/// Acronyms that open longer names.
const FAMILIAR: [(&str, &str); 4] =
    [("un", "united nations"), ("us", "united states"), ("eu", "european union"), ("uk", "united kingdom")];

/// Names of equal words and kind.
struct Form {
    leader: usize,
    tokens: Vec<String>,
    entity_type: EntityType,
    acronym: bool,
}

/// Sets the group of every name that is no person's.
pub(super) fn group(layout: &Layout<'_>, names: &[Name], groups: &mut [usize]) {
    let mut forms: Vec<Form> = Vec::new();
    let mut known: BTreeMap<(bool, String, Option<bool>), usize> = BTreeMap::new();
    let mut form_of: Vec<Option<usize>> = vec![None; names.len()];
    for (at, name) in names.iter().enumerate().filter(|(_, name)| !name.is_person()) {
        let key = (name.entity_type.is_nameable(), identity(name), is_ahead(layout, name));
        let form = *known.entry(key).or_insert(forms.len());
        if form == forms.len() {
            let tokens = spelled_out(without_legal(&name.tokens));
            forms.push(Form { leader: at, tokens, entity_type: name.entity_type, acronym: name.acronym });
        }
        form_of[at] = Some(form);
    }
    let mut parents: Vec<usize> = (0..forms.len()).collect();
    link_declared(layout, names, &form_of, &mut parents);
    link_short(&forms, &mut parents);
    for (at, form) in form_of.iter().enumerate() {
        if let Some(form) = form {
            groups[at] = forms[root(&parents, *form)].leader;
        }
    }
}

/// Whether a date lies ahead, where its words do not tell: one Monday is not another.
fn is_ahead(layout: &Layout<'_>, name: &Name) -> Option<bool> {
    let open = name.entity_type == EntityType::Date && dates::depends_on_tense(name.span.slice(layout.text));
    open.then(|| tense(layout, &name.words) == Tense::Future)
}

/// What must be equal for two names to be one form: the words, but for countries the country.
fn identity(name: &Name) -> String {
    let key = spelled_out(without_legal(&name.tokens)).join(" ");
    let place = matches!(name.entity_type, EntityType::Gpe | EntityType::Location);
    match places::country(&key) {
        Some(country) if place || name.entity_type == EntityType::Organization => country.to_owned(),
        // "Norway Inc" is not Norway.
        _ if name.tokens.len() > 1 && without_legal(&name.tokens).len() < name.tokens.len() => key,
        // Apart from the firm of the same words but for its "Inc".
        _ if place => format!("place {key}"),
        _ => key,
    }
}

/// "U.N. Security Council" with its first word written out, so that it equals and ends like its full form.
fn spelled_out(tokens: &[String]) -> Vec<String> {
    let full = match tokens {
        [first, _, ..] => FAMILIAR.iter().find(|(short, _)| short == first).map(|(_, full)| *full),
        _ => None,
    };
    let skip = usize::from(full.is_some());
    full.unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .chain(tokens[skip..].iter().cloned())
        .collect()
}

fn without_legal(tokens: &[String]) -> &[String] {
    match tokens.split_last() {
        Some((last, rest)) if !rest.is_empty() && LEGAL.contains(&last.as_str()) => rest,
        _ => tokens,
    }
}

fn link_declared(layout: &Layout<'_>, names: &[Name], form_of: &[Option<usize>], parents: &mut [usize]) {
    for (at, pair) in names.windows(2).enumerate() {
        if let (Some(long), Some(short)) = (form_of[at], form_of[at + 1])
            && parents[short] == short
            && root(parents, long) != short
            && acronym::declared(layout, &pair[0], &pair[1])
        {
            parents[short] = root(parents, long);
        }
    }
}

fn link_short(forms: &[Form], parents: &mut [usize]) {
    let mut initials: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut firsts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut lasts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, form) in forms.iter().enumerate().filter(|(_, form)| form.tokens.len() > 1) {
        for acronym in acronym::initials(&form.tokens) {
            initials.entry(acronym).or_default().push(at);
        }
        firsts.entry(&form.tokens[0]).or_default().push(at);
        lasts.entry(&form.tokens[form.tokens.len() - 1]).or_default().push(at);
    }
    for (at, form) in forms.iter().enumerate() {
        if parents[at] != at || !form.entity_type.is_nameable() {
            continue;
        }
        let longer = if form.acronym && form.tokens.len() == 1 {
            initials.get(&form.tokens[0]).and_then(|long| only(long, at, |_| true))
        } else {
            let last = lasts.get(form.tokens[form.tokens.len() - 1].as_str());
            let first = firsts.get(form.tokens[0].as_str());
            let ends = last.and_then(|long| only(long, at, |other| ends(&forms[other], form)));
            ends.or_else(|| first.and_then(|long| only(long, at, |other| begins(&forms[other], form))))
        };
        if let Some(longer) = longer
            && root(parents, longer) != at
        {
            parents[at] = root(parents, longer);
        }
    }
}

/// The one form other than `at` that fits, where there is exactly one.
fn only(candidates: &[usize], at: usize, fits: impl Fn(usize) -> bool) -> Option<usize> {
    let mut fitting = candidates.iter().take(COMPARED).copied().filter(|&other| other != at && fits(other));
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

/// "Security Council" for "United Nations Security Council", "the Times" for "Tampa Bay Times".
fn ends(long: &Form, short: &Form) -> bool {
    let institutional = |form: &Form| {
        matches!(form.entity_type, EntityType::Organization | EntityType::Event | EntityType::Facility)
    };
    institutional(long)
        && institutional(short)
        && long.tokens.len() > short.tokens.len()
        && long.tokens.ends_with(&short.tokens)
}

/// "Harbour Board" for "Harbour Board of the Northern Isles", "Kronos" for "Kronos Airlines".
fn begins(long: &Form, short: &Form) -> bool {
    let organization =
        long.entity_type == EntityType::Organization && short.entity_type == EntityType::Organization;
    organization
        && long.tokens.len() > short.tokens.len()
        && long.tokens.starts_with(&short.tokens)
        && is_formal(&long.tokens[short.tokens.len()], short.tokens.len())
}

/// Whether a name goes on with a word as its formal name does: "of the United States", "International".
fn is_formal(next: &str, length: usize) -> bool {
    FORMAL.contains(&next) && (length == 1 || next != "news")
        || length > 1
            && (matches!(next, "of" | "for" | "in" | "at" | "on" | "and") || places::country(next).is_some())
}

fn root(parents: &[usize], mut at: usize) -> usize {
    while parents[at] != at {
        at = parents[at];
    }
    at
}
