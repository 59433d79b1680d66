//! Where the words of a quote were said again: its cluster, from the first to the last, in which variants and by which outlets.

use super::Engine;
use super::api::{Counting, Found, Position, QuoteSearch};
use super::counting::Divided;
use super::error::EngineError;
use crate::domain::annotation::QuoteKind;
use crate::domain::facet::{Facet, FacetField};
use crate::domain::filter::{Condition, Expression};
use crate::domain::hit::QuoteHit;
use crate::domain::ids::QuoteName;
use crate::domain::query::{Fold, Order, PageRequest, QuoteFilter};
use crate::ports::Caller;

/// A question for the cluster of a quote.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterRequest {
    /// Any of its quotes, in the current revision of its document.
    pub name: QuoteName,
    /// Most variants and most outlets, at least 1.
    pub buckets: usize,
    /// Which of its quotes.
    pub page: PageRequest,
    /// The write that the answer must see.
    pub at_least: Option<Position>,
}

/// Quotes that say the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// A page of them, the first one first.
    pub found: Found<QuoteHit>,
    /// The first, by publication time.
    pub first: Option<QuoteHit>,
    /// The last, by publication time.
    pub last: Option<QuoteHit>,
    /// Its variants and its outlets; see [`Cluster::facets`].
    pub divided: Divided,
}

/// Bytes of the first and the last quote; a first result may exceed them.
const BYTES: usize = 1 << 20;

impl Cluster {
    /// How a cluster is divided.
    pub fn facets(buckets: usize) -> Vec<Facet> {
        let by = |by| Facet { by, limit: buckets, nested: None };
        vec![by(FacetField::Variant), by(FacetField::Source)]
    }
}

impl Engine {
    /// The cluster of a quote.
    pub async fn quote_cluster(
        &self,
        caller: &Caller,
        asked: ClusterRequest,
    ) -> Result<Cluster, EngineError> {
        let ClusterRequest { name, buckets, page, at_least } = asked;
        // Says what became of a quote that is not there.
        self.get_quote(caller, &name, None).await?;
        let collection = name.document.collection.clone();
        let filter = QuoteFilter {
            kinds: vec![QuoteKind::Statement, QuoteKind::Thought],
            expression: Some(Expression::Is(Condition::SameWords(name))),
            ..QuoteFilter::default()
        };
        let is_first = page.after.is_none();
        let search = |order, page, at_least| {
            let (collection, filter, fold) = (collection.clone(), filter.clone(), Fold::Nothing);
            self.search_quotes(caller, QuoteSearch { collection, filter, order, fold, page, at_least })
        };
        let found = search(Order::OldestFirst, page, at_least).await?;
        let end = |order| async move {
            let one = PageRequest { size: 1, bytes: BYTES, after: None };
            let hits = search(order, one, None).await?.page.hits;
            Ok::<_, EngineError>(hits.into_iter().next().map(|(hit, _)| hit))
        };
        let first = match found.page.hits.first() {
            Some((hit, _)) if is_first => Some(hit.clone()),
            _ => end(Order::OldestFirst).await?,
        };
        let last = end(Order::NewestFirst).await?;
        let (facets, at_least) = (Cluster::facets(buckets), None);
        let divided = self.count_quotes(caller, Counting { collection, filter, facets, at_least }).await?;
        Ok(Cluster { found, first, last, divided })
    }
}
