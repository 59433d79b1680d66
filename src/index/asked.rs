//! What is asked of a view: it runs on the search threads, and waits beforehand, where that takes none of them, for what a question needs
//! that is still being worked out.

use super::alike::Search;
use super::clusters::Bond;
use super::compile::{self, Question};
use super::error::outage;
use super::facets::Relating;
use super::highlight::Highlighter;
use super::pool::{Pool, Seam};
use super::view::Snapshot;
use crate::domain::document::Seq;
use crate::domain::entity::CollectionEntity;
use crate::domain::facet::{Counts, Facet};
use crate::domain::filter::Expression;
use crate::domain::hit::{Alike, DocumentHit, HitPage, QuoteHit};
use crate::domain::ids::CollectionId;
use crate::domain::outlets::Outlet;
use crate::domain::query::{DocumentQuery, EntityQuery, Fold, PageRequest, QuoteQuery, Within, WordingQuery};
use crate::domain::related::{Related, RelatedQuery};
use crate::domain::span::ByteSpan;
use crate::ports::{Caller, OutageKind, PortError, QueryFault, SearchView};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;

/// How long a question waits for clusters at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// A view with the threads that search in it.
#[derive(Debug)]
pub(super) struct View {
    snapshot: Arc<Snapshot>,
    pool: Arc<Pool>,
}

impl View {
    pub(super) fn new(snapshot: Arc<Snapshot>, pool: Arc<Pool>) -> Self {
        Self { snapshot, pool }
    }

    pub(super) fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Where a question needs that, waits until it is known what says the same: here, so that it takes no thread from questions that
    /// do not.
    async fn settled(&self, needed: bool, caller: &Caller) -> Result<(), PortError> {
        if !needed || self.snapshot.clusters.initialized() {
            return Ok(());
        }
        let patience = caller.left().map_or(PATIENCE, |left| left.min(PATIENCE));
        let waited = tokio::select! {
            waited = tokio::time::timeout(patience, self.snapshot.clusters.wait()) => waited.is_ok(),
            () = caller.cancelled.cancelled() => true,
        };
        caller.check()?;
        if waited {
            Ok(())
        } else {
            Err(outage(OutageKind::Busy, "what says the same is being worked out".into()))
        }
    }

    /// How many entries answer a question, and how they divide.
    async fn count<Q>(
        &self,
        (question, expression, within): (Q, Option<&Expression>, &Within),
        facets: &[Facet],
        bond: Bond,
        caller: &Caller,
    ) -> Result<Counts, PortError>
    where
        Q: FnOnce(&Snapshot) -> Result<Question, QueryFault> + Send + 'static,
    {
        let needed = facets.iter().any(Facet::is_by_cluster) || needs_clusters(expression);
        self.settled(needed, caller).await?;
        let (snapshot, facets, within) = (Arc::clone(&self.snapshot), facets.to_vec(), within.clone());
        let count =
            move |seam: &Seam<'_>| snapshot.count(&question(&snapshot)?, &within, (&facets, bond), seam);
        self.pool.run(caller, count).await
    }
}

/// Whether a filter asks for what says the same.
fn needs_clusters(expression: Option<&Expression>) -> bool {
    expression.is_some_and(Expression::names_a_cluster)
}

#[async_trait]
impl SearchView for View {
    fn id(&self) -> u64 {
        self.snapshot.id()
    }

    fn applied(&self) -> Seq {
        self.snapshot.applied()
    }

    async fn collections(&self, caller: &Caller) -> Result<Vec<CollectionId>, PortError> {
        let snapshot = Arc::clone(&self.snapshot);
        self.pool.run(caller, move |_| Ok(snapshot.collections()?)).await
    }

    async fn quotes(
        &self,
        query: &QuoteQuery,
        page: &PageRequest,
        caller: &Caller,
    ) -> Result<HitPage<QuoteHit>, PortError> {
        let needed = query.fold != Fold::Nothing || needs_clusters(query.filter.expression.as_ref());
        self.settled(needed, caller).await?;
        let (snapshot, query, page) = (Arc::clone(&self.snapshot), query.clone(), page.clone());
        self.pool.run(caller, move |seam| snapshot.quotes(&query, &page, seam)).await
    }

    async fn alike(&self, query: &WordingQuery, caller: &Caller) -> Result<Alike, PortError> {
        let (snapshot, query) = (Arc::clone(&self.snapshot), query.clone());
        self.pool.run(caller, move |seam| Search::new(&snapshot, &query).run(seam)).await
    }

    async fn documents(
        &self,
        query: &DocumentQuery,
        page: &PageRequest,
        caller: &Caller,
    ) -> Result<HitPage<DocumentHit>, PortError> {
        let needed = query.fold != Fold::Nothing || needs_clusters(query.filter.expression.as_ref());
        self.settled(needed, caller).await?;
        let (snapshot, query, page) = (Arc::clone(&self.snapshot), query.clone(), page.clone());
        self.pool.run(caller, move |seam| snapshot.documents(&query, &page, seam)).await
    }

    async fn count_quotes(
        &self,
        query: &QuoteQuery,
        facets: &[Facet],
        caller: &Caller,
    ) -> Result<Counts, PortError> {
        let (asked, expression) = (query.clone(), query.filter.expression.as_ref());
        let question = move |snapshot: &Snapshot| compile::quotes(&snapshot.fields, &asked);
        self.count((question, expression, &query.within), facets, Bond::Words, caller).await
    }

    async fn count_documents(
        &self,
        query: &DocumentQuery,
        facets: &[Facet],
        caller: &Caller,
    ) -> Result<Counts, PortError> {
        let (asked, expression) = (query.clone(), query.filter.expression.as_ref());
        let question = move |snapshot: &Snapshot| compile::documents(&snapshot.fields, &asked);
        self.count((question, expression, &query.within), facets, Bond::Copies, caller).await
    }

    async fn compare_outlets(
        &self,
        query: &QuoteQuery,
        values: usize,
        caller: &Caller,
    ) -> Result<Vec<Outlet>, PortError> {
        self.settled(true, caller).await?;
        let (snapshot, query) = (Arc::clone(&self.snapshot), query.clone());
        self.pool.run(caller, move |seam| snapshot.outlets(&query, values, seam)).await
    }

    async fn related(&self, query: &RelatedQuery, caller: &Caller) -> Result<Related, PortError> {
        let (snapshot, query) = (Arc::clone(&self.snapshot), query.clone());
        self.pool.run(caller, move |seam| Relating::new(&snapshot, &query, seam).run()).await
    }

    async fn entities(
        &self,
        query: &EntityQuery,
        page: &PageRequest,
        caller: &Caller,
    ) -> Result<HitPage<CollectionEntity>, PortError> {
        let (snapshot, query, page) = (Arc::clone(&self.snapshot), query.clone(), page.clone());
        self.pool.run(caller, move |seam| snapshot.entities(&query, &page, seam)).await
    }

    async fn highlights(
        &self,
        query: &str,
        texts: Vec<String>,
        spans: usize,
        caller: &Caller,
    ) -> Result<Vec<(String, Vec<ByteSpan>)>, PortError> {
        let query = query.to_owned();
        self.pool
            .run(caller, move |seam| {
                let highlighter = Highlighter::of(&[&query])?;
                let mut marked = Vec::with_capacity(texts.len());
                for text in texts {
                    let found = highlighter.within(&text, spans, seam)?;
                    marked.push((text, found));
                }
                Ok(marked)
            })
            .await
    }
}
