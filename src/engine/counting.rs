//! How many quotes or documents match, and how they divide: the index counts, the projection gives the entities their names.

use super::Engine;
use super::api::{Counting, Freshness};
use super::error::EngineError;
use super::suggest::UnknownName;
use crate::domain::facet::{Counted, Counts, Facet, FacetValue};
use crate::domain::ids::{CollectionId, EntityId};
use crate::domain::query::{DocumentFilter, PageRequest, QuoteFilter, QuoteQuery, References, Resolved};
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
        let query = self.quote_query(collection, filter).await?;
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
        self.divided(caller, &query.collection, view, counts, named).await
    }

    /// Counts the documents that satisfy the filter.
    pub async fn count_documents(
        &self,
        caller: &Caller,
        counting: Counting<DocumentFilter>,
    ) -> Result<Divided, EngineError> {
        let Counting { collection, filter, facets, at_least } = counting;
        let opened = self.view(caller, &NO_PAGE, at_least).await?;
        let query = self.document_query(collection, filter).await?;
        let counts = opened.view.count_documents(&query, &facets, caller).await?;
        let named = (query.filter.references(), &query.entities);
        self.divided(caller, &query.collection, &opened.view, counts, named).await
    }

    async fn divided(
        &self,
        caller: &Caller,
        collection: &CollectionId,
        view: &Arc<dyn SearchView>,
        counts: Counts,
        (references, resolved): (References<'_>, &Resolved),
    ) -> Result<Divided, EngineError> {
        let mut unknown = Vec::new();
        if counts.total == 0 {
            self.existing(collection).await?;
            unknown = self.unknown_names(caller, view, collection, references, resolved).await?;
        }
        let names = self.names_in(caller, collection, counts.facets.iter()).await?;
        Ok(Divided { counts, names, unknown, freshness: self.freshness(&**view) })
    }

    /// Display names of the entities among the values.
    pub(super) async fn names_in(
        &self,
        caller: &Caller,
        collection: &CollectionId,
        counted: impl Iterator<Item = &Counted>,
    ) -> Result<HashMap<EntityId, String>, EngineError> {
        caller.check()?;
        let all: BTreeSet<&EntityId> = counted.flat_map(entities).collect();
        let all: Vec<EntityId> = all.into_iter().cloned().collect();
        if all.is_empty() {
            return Ok(HashMap::new());
        }
        let names = self.core.entities.display_names(collection, &all).await?;
        // One that has gone since the view was opened is left without a name.
        Ok(all.into_iter().zip(names).map(|(id, name)| (id, name.unwrap_or_default())).collect())
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
