//! Outlets side by side: which are compared, what of the matches each has, and those that have none.

use super::Engine;
use super::api::{Freshness, Position};
use super::counting::NO_PAGE;
use super::error::EngineError;
use super::search::within;
use super::suggest::UnknownName;
use crate::domain::facet::{Facet, FacetField, FacetValue};
use crate::domain::ids::{CollectionId, EntityId};
use crate::domain::outlets::{MOST_OUTLETS, Outlet};
use crate::domain::query::QuoteFilter;
use crate::ports::Caller;
use std::collections::HashMap;

/// A question how outlets differ.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonRequest {
    /// Where.
    pub collection: CollectionId,
    /// In which quotes.
    pub filter: QuoteFilter,
    /// The outlets, at most [`MOST_OUTLETS`]; those of most matches where there are none.
    pub sources: Vec<String>,
    /// Most values of each list, at least 1.
    pub values: usize,
    /// The write that the answer must see.
    pub at_least: Option<Position>,
}

/// How outlets differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// All matches, in whichever outlet.
    pub total: u64,
    /// Those of most matches first.
    pub outlets: Vec<Outlet>,
    /// Display names of the entities among the values.
    pub names: HashMap<EntityId, String>,
    /// Where nothing matches: names of the filter that nobody has.
    pub unknown: Vec<UnknownName>,
    /// How far the answer follows the log.
    pub freshness: Freshness,
}

impl Engine {
    /// What outlets have of the quotes that satisfy a filter.
    pub async fn compare_outlets(
        &self,
        caller: &Caller,
        asked: ComparisonRequest,
    ) -> Result<Comparison, EngineError> {
        let ComparisonRequest { collection, filter, mut sources, values, at_least } = asked;
        let view = self.view(caller, &NO_PAGE, at_least).await?.view;
        let mut query = self.quote_query(within(caller, &*view, collection).await?, filter).await?;
        let largest = Facet { by: FacetField::Source, limit: MOST_OUTLETS, nested: None };
        let facets = if sources.is_empty() { vec![largest] } else { Vec::new() };
        let divided = self.count_quotes_in(caller, &view, &query, &facets).await?;
        let most = divided.counts.facets.into_iter().flat_map(|counted| counted.buckets);
        sources.extend(most.filter_map(|bucket| match bucket.value {
            FacetValue::Text(source) => Some(source),
            _ => None,
        }));
        // The filter may have outlets of its own, and none at all would allow every one.
        let own = std::mem::take(&mut query.filter.sources);
        query.filter.sources =
            sources.iter().filter(|source| own.is_empty() || own.contains(source)).cloned().collect();
        let mut outlets = match query.filter.sources.is_empty() {
            true => Vec::new(),
            false => view.compare_outlets(&query, values, caller).await?,
        };
        for source in sources {
            if outlets.iter().all(|outlet| outlet.source != source) {
                outlets.push(Outlet::without_matches(source));
            }
        }
        let counted = outlets.iter().flat_map(Outlet::counted);
        let names = self.names_in(caller, &query.within, counted).await?;
        let (total, unknown, freshness) = (divided.counts.total, divided.unknown, divided.freshness);
        Ok(Comparison { total, outlets, names, unknown, freshness })
    }
}
