//! Where the words of a quote were said again: its cluster, from the first to the last, in which variants and by which outlets.

use super::Engine;
use super::api::{Found, Position};
use super::counting::Divided;
use super::error::EngineError;
use super::reach::reaches_collection;
use crate::domain::annotation::QuoteKind;
use crate::domain::facet::{Facet, FacetField};
use crate::domain::filter::{Condition, Expression};
use crate::domain::hit::QuoteHit;
use crate::domain::ids::QuoteName;
use crate::domain::query::{Cursor, Order, PageRequest, QuoteFilter, QuoteQuery};
use crate::ports::{Caller, SearchView};
use std::sync::Arc;

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
        let is_first = page.after.is_none();
        let collection = name.document.collection.clone();
        let filter = QuoteFilter {
            kinds: vec![QuoteKind::Statement, QuoteKind::Thought],
            expression: Some(Expression::Is(Condition::SameWords(name.clone()))),
            ..QuoteFilter::default()
        };
        reaches_collection(caller, &collection)?;
        let opened = self.view(caller, &page, at_least).await?;
        let view = Arc::clone(&opened.view);
        let query = self.quote_query(collection, filter).await?;
        let divided = self.count_quotes_in(caller, &view, &query, &Cluster::facets(buckets)).await?;
        let [mut first, mut last] = self.first_and_last_in(caller, &view, &query).await?;
        let query = &QuoteQuery { order: Order::OldestFirst, ..query };
        let search = |view: Arc<dyn SearchView>, page| async move { view.quotes(query, &page, caller).await };
        let mut found = self.living(&query.within, opened, &page, search).await?;
        if is_first && found.page.total == 0 {
            // Says what became of a quote that is not there; one that the index does not see yet is alone.
            let alone = self.get_quote(caller, &name, None).await?;
            (first, last) = (Some(alone.clone()), Some(alone.clone()));
            (found.page.hits, found.page.total) = (vec![(alone, Cursor(Vec::new()))], 1);
        }
        Ok(Cluster { found, first, last, divided })
    }
}
