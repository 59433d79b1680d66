//! What one document says about the entities of its collection. Pure: from a document and its analysis to
//! [`Portion`]s; which entity a portion goes to is [`super::ledger`]'s decision.

use crate::domain::annotation::{Analysis, Entity, EntityType, MentionForm};
use crate::folding::names;
use std::collections::{BTreeMap, BTreeSet};

/// One identity's part in one document: all entities of the analysis that have the type and the folded name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Portion {
    /// Folded surname, for a person with a full name.
    pub(super) surname: Option<String>,
    pub(super) locals: Vec<String>,
    pub(super) names: BTreeSet<String>,
    pub(super) aliases: BTreeSet<String>,
    pub(super) roles: BTreeSet<String>,
    pub(super) quotes: u64,
}

/// Portions by type and folded name.
pub(super) type Portions = BTreeMap<(EntityType, String), Portion>;

/// The portions of a document. Entities without identity across documents are left out: dates and amounts, and
/// those that the text has no words for but pronouns.
pub(super) fn portions(text: &str, analysis: &Analysis) -> Portions {
    let mut portions = Portions::new();
    for entity in analysis.entities.iter().filter(|entity| has_identity(entity)) {
        let folded = names::fold(&entity.name);
        if folded.is_empty() {
            continue;
        }
        let portion = portions.entry((entity.entity_type, folded)).or_default();
        if portion.surname.is_none() && entity.entity_type == EntityType::Person {
            portion.surname = names::surname_of(&entity.name);
        }
        portion.locals.push(entity.id.clone());
        portion.names.insert(one_line(&entity.name));
        portion.aliases.insert(one_line(&entity.name));
        portion.aliases.extend(
            entity
                .mentions
                .iter()
                .filter(|mention| mention.form == MentionForm::Name)
                .map(|mention| one_line(mention.span.slice(text)))
                .filter(|alias| !alias.is_empty()),
        );
        portion.roles.extend(entity.roles.iter().map(|role| one_line(role)));
        portion.quotes += spoken_by(&entity.id, analysis);
    }
    portions
}

fn has_identity(entity: &Entity) -> bool {
    entity.entity_type.is_nameable()
        && entity.mentions.iter().any(|mention| mention.form != MentionForm::Pronoun)
}

fn spoken_by(entity: &str, analysis: &Analysis) -> u64 {
    analysis.quotes.iter().filter(|quote| quote.speaker.entity.as_deref() == Some(entity)).count() as u64
}

/// A name that the text breaks over two lines is the same name.
fn one_line(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}
