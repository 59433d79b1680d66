//! What a name is, when the detector says different things at different places: the votes of equal names are counted,
//! weighted by confidence. A person keeps apart from a place of the same name where both are well attested.

use super::lexicon::given_names;
use super::name::Name;
use crate::domain::annotation::EntityType;
use std::collections::{BTreeMap, BTreeSet};

/// Share of the votes under which a person's namesake that is no person, or the other way round, counts as a mistake.
const MINORITY: f32 = 0.3;

/// Confidence of one mention at which a person without a full name in the text is well attested.
const SURE: f32 = 0.7;

/// What a full name with this surname elsewhere in the text adds to the votes for a person.
const KNOWN_SURNAME: f32 = 1.5;

/// Single mentions of a person by one name from which on a longer name that holds it is the person's as well.
const ATTESTED: usize = 3;

/// Gives names of equal words one type.
pub(super) fn settle(names: &mut [Name]) {
    settle_forms(names);
    claim_full_names(names);
}

/// "Ban Ki-moon", once, for a work, and "Ban", ten times, for a person: the one is the other's full name.
fn claim_full_names(names: &mut [Name]) {
    let mut attested: BTreeMap<String, usize> = BTreeMap::new();
    for name in names.iter().filter(|name| name.is_person() && name.tokens.len() == 1) {
        *attested.entry(name.tokens[0].clone()).or_default() += 1;
    }
    let is_known = |word: &String| attested.get(word).is_some_and(|times| *times >= ATTESTED);
    for name in names.iter_mut().filter(|name| (2..=3).contains(&name.tokens.len())) {
        let named =
            || given_names::feminine(&name.tokens[0]).is_some() && name.tokens.last().is_some_and(is_known);
        let doubtful = match name.entity_type {
            EntityType::Work | EntityType::Event | EntityType::Product => true,
            EntityType::Organization => name.confidence < SURE && named(),
            _ => false,
        };
        if doubtful && name.tokens.first().into_iter().chain(name.tokens.last()).any(is_known) {
            name.entity_type = EntityType::Person;
        }
    }
}

fn settle_forms(names: &mut [Name]) {
    let mut forms: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, name) in names.iter().enumerate() {
        if name.entity_type.is_nameable() {
            forms.entry(name.key()).or_default().push(at);
        }
    }
    let surnames: BTreeSet<String> = names.iter().filter_map(surname).collect();
    for (key, members) in &forms {
        let (people, others): (Vec<usize>, Vec<usize>) =
            members.iter().partition(|at| names[**at].is_person());
        let known = key.split(' ').count() == 1 && surnames.contains(key.as_str());
        let human = weight(names, &people) + if known { KNOWN_SURNAME } else { 0.0 };
        let other = weight(names, &others);
        let attested = known || people.iter().any(|at| names[*at].confidence >= SURE);
        let apart = attested && human.min(other) > MINORITY * (human + other);
        if apart {
            unify(names, &others);
        } else if human >= other {
            members.iter().for_each(|at| names[*at].entity_type = EntityType::Person);
        } else {
            let thing = majority(others.iter().map(|at| &names[*at]));
            let thing = thing.unwrap_or(EntityType::Organization);
            members.iter().for_each(|at| names[*at].entity_type = thing);
        }
    }
}

/// The type with the most votes; among equals the one declared first.
pub(super) fn majority<'n>(names: impl Iterator<Item = &'n Name>) -> Option<EntityType> {
    let mut votes: BTreeMap<EntityType, f32> = BTreeMap::new();
    for name in names {
        // A long form says more about its type than an acronym does.
        *votes.entry(name.entity_type).or_default() +=
            name.confidence + 0.1 * (name.tokens.len() as f32).min(5.0);
    }
    votes.into_iter().rev().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(entity_type, _)| entity_type)
}

fn surname(name: &Name) -> Option<String> {
    if name.is_person() && name.tokens.len() > 1 { name.tokens.last().cloned() } else { None }
}

fn unify(names: &mut [Name], members: &[usize]) {
    if let Some(entity_type) = majority(members.iter().map(|at| &names[*at])) {
        members.iter().for_each(|at| names[*at].entity_type = entity_type);
    }
}

fn weight(names: &[Name], members: &[usize]) -> f32 {
    members.iter().map(|at| names[*at].confidence).sum()
}
