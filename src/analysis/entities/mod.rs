//! From name spans to the entities of a document: which spans name one thing, and what it is called. It reads names
//! and the words around them; it refuses to know quotes, and descriptions and pronouns are added to its entities by
//! `speakers`. Start at [`cluster`]: clean the spans, settle their types, group people one way and everything else
//! another, and build the entities in order of first mention.

mod acronym;
pub mod bodies;
mod canonical;
mod given;
pub(super) mod lexicon;
mod name;
mod patterns;
mod people;
mod person_names;
mod things;
mod vote;

pub mod amounts;
pub mod dates;
pub mod types;

use super::signals::{Layout, Signals};
use crate::domain::annotation::{Entity, EntityType, Mention, MentionForm};
use name::Name;
use std::collections::{BTreeMap, BTreeSet};

/// Groups the names of a text into entities, in order of first mention. Mentions are without titles and possessive
/// 's; pronouns and function words never make an entity, whatever the detector says.
pub fn cluster(layout: &Layout<'_>, signals: &Signals) -> Vec<Entity> {
    let mut names: Vec<Name> = signals.names.iter().filter_map(|span| Name::read(layout, span)).collect();
    names.sort_by_key(|name| name.span);
    given::join_initials(layout, &mut names);
    drop_nouns(layout, &mut names);
    vote::settle(&mut names);
    given::complete(layout, &mut names);
    let mut groups: Vec<usize> = (0..names.len()).collect();
    people::group(layout, &names, &mut groups);
    things::group(layout, &names, &mut groups);
    build(layout, &names, &groups)
}

/// Nouns for people are no names, unless someone's full name ends in one ("Cook").
fn drop_nouns(layout: &Layout<'_>, names: &mut Vec<Name>) {
    let full = names.iter().filter(|name| name.is_person() && name.tokens.len() > 1 && !name.is_noun(layout));
    let surnames: BTreeSet<String> = full.filter_map(|name| name.tokens.last().cloned()).collect();
    names.retain(|name| !name.is_noun(layout) || surnames.contains(&name.key()));
}

/// `groups[at]` is the index of some name of the same group; the same for all of the group.
fn build(layout: &Layout<'_>, names: &[Name], groups: &[usize]) -> Vec<Entity> {
    let mut order: Vec<Vec<&Name>> = Vec::new();
    let mut known = BTreeMap::new();
    for (name, group) in names.iter().zip(groups) {
        let at = *known.entry(group).or_insert(order.len());
        if at == order.len() {
            order.push(Vec::new());
        }
        order[at].push(name);
    }
    order.iter().enumerate().map(|(at, members)| entity(layout, at, members)).collect()
}

fn entity(layout: &Layout<'_>, at: usize, members: &[&Name]) -> Entity {
    let entity_type = vote::majority(members.iter().copied()).unwrap_or(EntityType::Organization);
    let mention = |name: &&Name| Mention {
        span: name.span,
        form: MentionForm::Name,
        confidence: super::rounded(name.confidence),
    };
    Entity {
        id: format!("e{}", at + 1),
        entity_type,
        name: canonical::name(layout, entity_type, members),
        mentions: members.iter().map(mention).collect(),
        normalized: None,
        roles: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
