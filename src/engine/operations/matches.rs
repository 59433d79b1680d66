//! The documents that an operation is about, a chunk at a time: those of a view that is opened once and kept, or, where there is no
//! filter that needs the index, those of the log.

use crate::domain::document::Seq;
use crate::domain::ids::{CollectionId, DocumentId, DocumentName};
use crate::domain::query::{Cursor, DocumentFilter, DocumentQuery, Fold, Order, PageRequest, Within};
use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::engine::error::EngineError;
use crate::ports::{Caller, SearchView};
use std::sync::Arc;

/// Documents in a chunk.
const CHUNK: usize = 256;
/// Bytes of results that a chunk may hold.
const CHUNK_BYTES: usize = 4 << 20;

/// A document that matched.
pub(super) struct Match {
    pub(super) name: DocumentName,
    /// The revision that matched.
    pub(super) revision: u32,
    /// The change that put it there.
    pub(super) seq: Seq,
    /// Under which time it counts: publication, or first ingest.
    seen: Option<Timestamp>,
}

/// See the module.
pub(super) struct Matches {
    before: Option<Timestamp>,
    source: Source,
    /// Documents that match, as far as that is known before they are looked at.
    pub(super) total: u64,
}

enum Source {
    View { view: Arc<dyn SearchView>, query: Box<DocumentQuery>, after: Option<Cursor> },
    Log { collection: CollectionId, after: Option<DocumentId> },
    Ended,
}

impl Matches {
    /// Everything that is stored now counts: the index is waited for.
    pub(super) async fn begin(
        engine: &Engine,
        collection: &CollectionId,
        filter: &DocumentFilter,
        before: Option<Timestamp>,
    ) -> Result<Self, EngineError> {
        let core = &engine.core;
        if *filter == DocumentFilter::default() {
            let total = core.log.collection(collection).await?.map_or(0, |info| info.documents);
            let source = Source::Log { collection: collection.clone(), after: None };
            return Ok(Self { before, source, total });
        }
        core.progress.reached(core.progress.last_stored()).await;
        let view = core.index.open_view().await?;
        let within = Within::from(collection.clone());
        let entities = engine.resolved(&within, filter.references()).await?;
        let query = DocumentQuery {
            within,
            filter: filter.clone(),
            entities,
            order: Order::OldestFirst,
            fold: Fold::Nothing,
            explain: false,
        };
        let one = PageRequest { size: 1, bytes: CHUNK_BYTES, after: None };
        let total = view.documents(&query, &one, &Caller::service("count")).await?.total;
        Ok(Self { before, source: Source::View { view, query: Box::new(query), after: None }, total })
    }

    /// The next documents; `None` after the last.
    pub(super) async fn next(
        &mut self,
        engine: &Engine,
        caller: &Caller,
    ) -> Result<Option<Vec<Match>>, EngineError> {
        caller.check()?;
        let mut found = match &mut self.source {
            Source::Ended => return Ok(None),
            Source::View { view, query, after } => {
                let page = PageRequest { size: CHUNK, bytes: CHUNK_BYTES, after: after.take() };
                let page = view.documents(query, &page, caller).await?;
                *after = page.hits.last().map(|(_, after)| after.clone());
                let (ended, hits) = (!page.more || after.is_none(), page.hits);
                if ended {
                    self.source = Source::Ended;
                }
                hits.into_iter()
                    .map(|(hit, _)| Match {
                        revision: hit.document.revision,
                        seq: hit.document.seq,
                        seen: hit.document.published_at,
                        name: hit.name,
                    })
                    .collect::<Vec<_>>()
            }
            Source::Log { collection, after } => {
                let infos = engine.core.log.list(collection, after.as_ref(), CHUNK).await?;
                *after = infos.last().map(|info| info.name.document.clone());
                if infos.len() < CHUNK {
                    self.source = Source::Ended;
                }
                infos
                    .into_iter()
                    .map(|info| Match {
                        revision: info.revision,
                        seq: info.seq,
                        seen: Some(info.published_at.unwrap_or(info.created_at)),
                        name: info.name,
                    })
                    .collect()
            }
        };
        if let Some(before) = self.before {
            self.age(engine, &mut found).await?;
            found.retain(|found| found.seen.is_some_and(|seen| seen < before));
        }
        Ok(Some(found))
    }

    /// Looks up when documents without a publication time were first stored.
    async fn age(&self, engine: &Engine, found: &mut [Match]) -> Result<(), EngineError> {
        let undated: Vec<_> =
            found.iter().filter(|found| found.seen.is_none()).map(|found| found.name.clone()).collect();
        if undated.is_empty() {
            return Ok(());
        }
        let infos = engine.core.log.infos(&undated).await?;
        let undated = found.iter_mut().filter(|found| found.seen.is_none());
        for (found, info) in undated.zip(infos) {
            found.seen = info.map(|info| info.created_at);
        }
        Ok(())
    }
}
