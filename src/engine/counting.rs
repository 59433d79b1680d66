//! How many quotes or documents match, and how they divide: the index counts, the projection gives the entities their names.

use super::Engine;
use super::api::{Counting, Freshness};
use super::error::EngineError;
use super::search::within;
use super::suggest::UnknownName;
use crate::domain::facet::{Counted, Counts, Facet, FacetValue};
use crate::domain::ids::EntityId;
use crate::domain::query::{
    DocumentFilter, PageRequest, QuoteFilter, QuoteQuery, References, Resolved, Within,
};
use crate::ports::{Caller, SearchView};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// What was counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Divided {
    /// The counts.
    pub counts: Counts,
    /// Display names of the entities among the values.
    pub names: HashMap<EntityId, String>,
    /// Where nothing matches: names of the filter that nobody has.
    pub unknown: Vec<UnknownName>,
    /// How far the answer follows the log.
    pub freshness: Freshness,
}

/// No page is asked for: the least one is enough to find the view.
pub(super) const NO_PAGE: PageRequest = PageRequest { size: 1, bytes: 1, after: None };

impl Engine {
    /// Counts the quotes that satisfy the filter.
    pub async fn count_quotes(
        &self,
        caller: &Caller,
        counting: Counting<QuoteFilter>,
    ) -> Result<Divided, EngineError> {
        let Counting { collection, filter, facets, at_least } = counting;
        let opened = self.view(caller, &NO_PAGE, at_least).await?;
        let query = self.quote_query(within(caller, &*opened.view, collection).await?, filter).await?;
        self.count_quotes_in(caller, &opened.view, &query, &facets).await
    }

    /// Counts the quotes of a view that answer the query.
    pub(super) async fn count_quotes_in(
        &self,
        caller: &Caller,
        view: &Arc<dyn SearchView>,
        query: &QuoteQuery,
        facets: &[Facet],
    ) -> Result<Divided, EngineError> {
        let counts = view.count_quotes(query, facets, caller).await?;
        let named = (query.filter.references(), &query.entities);
        self.divided(caller, &query.within, view, counts, named).await
    }

    /// Counts the documents that satisfy the filter.
    pub async fn count_documents(
        &self,
        caller: &Caller,
        counting: Counting<DocumentFilter>,
    ) -> Result<Divided, EngineError> {
        let Counting { collection, filter, facets, at_least } = counting;
        let opened = self.view(caller, &NO_PAGE, at_least).await?;
        let query = self.document_query(within(caller, &*opened.view, collection).await?, filter).await?;
        let counts = opened.view.count_documents(&query, &facets, caller).await?;
        let named = (query.filter.references(), &query.entities);
        self.divided(caller, &query.within, &opened.view, counts, named).await
    }

    async fn divided(
        &self,
        caller: &Caller,
        within: &Within,
        view: &Arc<dyn SearchView>,
        counts: Counts,
        (references, resolved): (References<'_>, &Resolved),
    ) -> Result<Divided, EngineError> {
        let mut unknown = Vec::new();
        if counts.total == 0 {
            self.existing(within).await?;
            unknown = self.unknown_names(caller, view, within, references, resolved).await?;
        }
        let names = self.names_in(caller, within, counts.facets.iter()).await?;
        Ok(Divided { counts, names, unknown, freshness: self.freshness(&**view) })
    }

    /// Display names of the entities among the values.
    pub(super) async fn names_in(
        &self,
        caller: &Caller,
        within: &Within,
        counted: impl Iterator<Item = &Counted>,
    ) -> Result<HashMap<EntityId, String>, EngineError> {
        caller.check()?;
        let all: BTreeSet<&EntityId> = counted.flat_map(entities).collect();
        let all: Vec<EntityId> = all.into_iter().cloned().collect();
        if all.is_empty() {
            return Ok(HashMap::new());
        }
        let mut names = HashMap::with_capacity(all.len());
        let mut unnamed = all;
        // The first collection that has a name for one gives it.
        for collection in within.all() {
            let found = self.core.entities.display_names(collection, &unnamed).await?;
            let mut left = Vec::new();
            for (id, name) in std::mem::take(&mut unnamed).into_iter().zip(found) {
                match name {
                    Some(name) => drop(names.insert(id, name)),
                    None => left.push(id),
                }
            }
            unnamed = left;
            if unnamed.is_empty() {
                break;
            }
        }
        // One that has gone since the view was opened is left without a name.
        names.extend(unnamed.into_iter().map(|id| (id, String::new())));
        Ok(names)
    }
}

/// The entities among the values, nested ones too.
fn entities(counted: &Counted) -> Box<dyn Iterator<Item = &EntityId> + '_> {
    Box::new(counted.buckets.iter().flat_map(|bucket| {
        let own = match &bucket.value {
            FacetValue::Entity(id) => Some(id),
            _ => None,
        };
        own.into_iter().chain(bucket.nested.iter().flat_map(entities))
    }))
}
