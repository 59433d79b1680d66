//! What one document says about the entities of its collection. Pure: from a document and its analysis to [`Portion`]s; which
//! entity a portion goes to is [`super::ledger`]'s decision.

use crate::domain::annotation::{Analysis, Entity, EntityType, MentionForm, QuoteKind};
use crate::folding::names;
use std::collections::{BTreeMap, BTreeSet};

/// One identity's part in one document: all entities of the analysis that have the type and the folded name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Portion {
    /// Folded surname, for a person with a full name.
    pub(super) surname: Option<String>,
    pub(super) locals: Vec<String>,
    pub(super) names: BTreeSet<String>,
    pub(super) aliases: BTreeSet<String>,
    pub(super) roles: BTreeSet<String>,
    pub(super) quotes: u64,
    pub(super) statements: u64,
}

/// Portions by type and folded name.
pub(in crate::store) type Portions = BTreeMap<(EntityType, String), Portion>;

/// The portions of a document. Entities without identity across documents are left out: dates and amounts, and
/// those that the text has no words for but pronouns.
pub(in crate::store) fn portions(text: &str, analysis: &Analysis) -> Portions {
    let spoken = spoken(analysis);
    let mut portions = Portions::new();
    for entity in analysis.entities.iter().filter(|entity| has_identity(entity)) {
        let name = names::form(&entity.name);
        let folded = names::fold(&name);
        if folded.is_empty() {
            continue;
        }
        let portion = portions.entry((entity.entity_type, folded.clone())).or_default();
        if portion.surname.is_none() && entity.entity_type == EntityType::Person {
            // "Van der Bellen" is all surname, and so a bare one.
            portion.surname = names::surname_of(&name).filter(|surname| *surname != folded);
        }
        portion.locals.push(entity.id.clone());
        portion.aliases.insert(name.clone());
        portion.names.insert(name);
        portion.aliases.extend(
            entity
                .mentions
                .iter()
                .filter(|mention| mention.form == MentionForm::Name)
                .map(|mention| names::form(mention.span.slice(text)))
                .filter(|alias| !alias.is_empty()),
        );
        portion
            .roles
            .extend(entity.roles.iter().map(|role| names::form(role)).filter(|role| !role.is_empty()));
        let (quotes, statements) = spoken.get(entity.id.as_str()).copied().unwrap_or_default();
        portion.quotes += quotes;
        portion.statements += statements;
    }
    portions
}

fn has_identity(entity: &Entity) -> bool {
    entity.entity_type.is_nameable()
        && entity.mentions.iter().any(|mention| mention.form != MentionForm::Pronoun)
}

/// Quotes and statements among them by the entity that speaks.
fn spoken(analysis: &Analysis) -> BTreeMap<&str, (u64, u64)> {
    let mut spoken = BTreeMap::<&str, (u64, u64)>::new();
    for quote in &analysis.quotes {
        if let Some(entity) = quote.speaker.entity.as_deref() {
            let (quotes, statements) = spoken.entry(entity).or_default();
            *quotes += 1;
            *statements += u64::from(quote.kind == QuoteKind::Statement);
        }
    }
    spoken
}
