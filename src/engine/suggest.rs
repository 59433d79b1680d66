//! Whom somebody may mean: entities whose names begin, or nearly begin, as typed. A bare surname that is taken for a full name stands
//! for the one with the full name.

use super::Engine;
use super::api::Freshness;
use super::error::EngineError;
use super::search::within;
use crate::domain::annotation::EntityType;
use crate::domain::entity::CollectionEntity;
use crate::domain::ids::{CollectionId, EntityName};
use crate::domain::query::{EntityFilter, EntityQuery, EntityRef, PageRequest, References, Resolved, Within};
use crate::folding::names;
use crate::ports::{Caller, SearchView};
use std::sync::Arc;

/// An entity to propose.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// The entity.
    pub entity: CollectionEntity,
    /// The most frequent of its name forms that fits.
    pub matched: String,
    /// Whether it fits only where letters that differ are forgiven.
    pub corrected: bool,
}

/// A name that nobody has, and whom it may have meant.
#[derive(Debug, Clone, PartialEq)]
pub struct UnknownName {
    /// As it was asked for.
    pub name: String,
    /// The likeliest first.
    pub suggestions: Vec<Suggestion>,
}

/// Most names that nobody has of which suggestions are made, and most suggestions for each.
const MOST_UNKNOWN: usize = 5;
const MOST_MEANT: usize = 3;

/// Bytes of entities that are read for suggestions.
const BYTES: usize = 1 << 20;

impl Engine {
    /// At most `limit` entities to propose for `text`, the likeliest first.
    pub async fn suggest_entities(
        &self,
        caller: &Caller,
        collection: CollectionId,
        text: &str,
        types: &[EntityType],
        limit: usize,
    ) -> Result<(Vec<Suggestion>, Freshness), EngineError> {
        let page = PageRequest { size: limit.max(1), bytes: BYTES, after: None };
        let opened = self.view(caller, &page, None).await?;
        let within = within(caller, &*opened.view, collection).await?;
        let found = self.suggestions(caller, &opened.view, &within, text, types, limit).await?;
        if found.is_empty() {
            self.existing(&within).await?;
        }
        Ok((found, self.freshness(&*opened.view)))
    }

    /// For each name that nobody has, whom it may have meant. Asked where nothing was found.
    pub(super) async fn unknown_names(
        &self,
        caller: &Caller,
        view: &Arc<dyn SearchView>,
        within: &Within,
        references: References<'_>,
        resolved: &Resolved,
    ) -> Result<Vec<UnknownName>, EngineError> {
        let nobody = references.all().zip(resolved.all()).filter_map(|(reference, group)| match reference {
            EntityRef::Name(name) if group.is_empty() => Some(name.clone()),
            _ => None,
        });
        let mut unknown = Vec::new();
        for name in nobody.take(MOST_UNKNOWN).collect::<Vec<_>>() {
            let suggestions = self.suggestions(caller, view, within, &name, &[], MOST_MEANT).await?;
            unknown.push(UnknownName { name, suggestions });
        }
        Ok(unknown)
    }

    async fn suggestions(
        &self,
        caller: &Caller,
        view: &Arc<dyn SearchView>,
        within: &Within,
        text: &str,
        types: &[EntityType],
        limit: usize,
    ) -> Result<Vec<Suggestion>, EngineError> {
        let mut all: Vec<Suggestion> = Vec::new();
        if names::fold(text).is_empty() {
            return Ok(all);
        }
        for forgiving in [false, true] {
            // Twice as many, since a name and a surname taken for it may both be among them.
            let page = PageRequest { size: 2 * limit.max(1), bytes: BYTES, after: None };
            let filter =
                EntityFilter { name_prefix: Some(text.to_owned()), forgiving, types: types.to_vec() };
            let query = EntityQuery { within: within.clone(), filter };
            for (entity, _) in view.entities(&query, &page, caller).await?.hits {
                let entity = self.in_full(entity).await?;
                if all.iter().any(|known| known.entity.name == entity.name) {
                    continue;
                }
                let matched = matched(&entity, text);
                all.push(Suggestion { entity, matched, corrected: forgiving });
                if all.len() == limit {
                    return Ok(all);
                }
            }
        }
        Ok(all)
    }

    /// The entity that a bare surname is taken for, or the entity itself.
    async fn in_full(&self, entity: CollectionEntity) -> Result<CollectionEntity, EngineError> {
        let Some(full) = &entity.inferred_as else { return Ok(entity) };
        let name = EntityName { collection: entity.name.collection.clone(), entity: full.clone() };
        Ok(self.core.entities.entity(&name).await?.unwrap_or(entity))
    }
}

/// The most frequent name form that has a word for each word of the text to begin; the full name where there is none.
fn matched(entity: &CollectionEntity, text: &str) -> String {
    let typed = names::fold(text);
    let fits = |form: &&String| {
        let folded = names::fold(form);
        typed.split(' ').all(|begin| folded.split(' ').any(|word| word.starts_with(begin)))
    };
    let forms = [&entity.display_name].into_iter().chain(entity.aliases.iter().map(|alias| &alias.text));
    forms.into_iter().find(fits).unwrap_or(&entity.display_name).clone()
}
