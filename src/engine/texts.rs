//! Queries for documents by their texts. The index finds; the words to mark are looked for in the beginning of each text, as the log
//! keeps it, in the revision that was found.

use super::Engine;
use super::api::{DocumentSearch, Found};
use super::error::EngineError;
use super::search::within;
use crate::domain::excerpt::Excerpts;
use crate::domain::hit::DocumentHit;
use crate::domain::query::{Cursor, DocumentFilter, DocumentQuery, Fold, Order, Within};
use crate::domain::span::OffsetMap;
use crate::ports::{Caller, SearchView};
use std::sync::Arc;

/// Bytes at the beginning of each text in which words are marked.
const MARKED_BYTES: usize = 32 << 10;
/// Most words that are marked in one text.
const MOST_MARKS: usize = 64;
/// Texts that are looked through at once; between two such chunks a call whose caller has gone stops.
const CHUNK: usize = 32;

impl Engine {
    /// Documents that satisfy the filter.
    pub async fn search_documents(
        &self,
        caller: &Caller,
        search: DocumentSearch,
    ) -> Result<Found<DocumentHit>, EngineError> {
        let DocumentSearch { collection, filter, order, fold, explain, page, at_least } = search;
        let text = filter.text.as_deref().filter(|text| !text.trim().is_empty());
        let opened = self.view(caller, &page, at_least).await?;
        let view = Arc::clone(&opened.view);
        let within = within(caller, &*view, collection).await?;
        let marked = text.map(|text| self.words_with_synonyms(&within, text));
        let query = DocumentQuery { order, fold, explain, ..self.document_query(within, filter).await? };
        let asked = &query;
        let mut found = self
            .living(&query.within, opened, &page, |view, page| async move {
                view.documents(asked, &page, caller).await
            })
            .await?;
        if found.page.total == 0 {
            let (within, named) = (&query.within, query.filter.references());
            found.unknown = self.unknown_names(caller, &view, within, named, &query.entities).await?;
        }
        if let Some(text) = &marked {
            for hits in found.page.hits.chunks_mut(CHUNK) {
                caller.check()?;
                self.mark(caller, &*view, text, hits).await?;
            }
        }
        Ok(found)
    }

    /// The question for documents that satisfy the filter; where it matters what comes first, the asker says so.
    pub(super) async fn document_query(
        &self,
        within: impl Into<Within>,
        filter: DocumentFilter,
    ) -> Result<DocumentQuery, EngineError> {
        let within = within.into();
        let filter = self.documents_with_synonyms(&within, filter);
        let entities = self.resolved(&within, filter.references()).await?;
        let (order, fold) = (Order::Relevance, Fold::Nothing);
        Ok(DocumentQuery { within, filter, entities, order, fold, explain: false })
    }

    /// Marks the words that the query asked for in the texts of these hits. A revision whose text is not kept any more has no marks.
    async fn mark(
        &self,
        caller: &Caller,
        view: &dyn SearchView,
        text: &str,
        hits: &mut [(DocumentHit, Cursor)],
    ) -> Result<(), EngineError> {
        let wanted: Vec<_> = hits.iter().map(|(hit, _)| (hit.name.clone(), hit.document.revision)).collect();
        let texts = self.core.log.beginnings(&wanted, MARKED_BYTES).await?;
        let texts = texts.into_iter().map(Option::unwrap_or_default).collect();
        let marked = view.highlights(text, texts, MOST_MARKS, caller).await?;
        for ((hit, _), (text, spans)) in hits.iter_mut().zip(marked) {
            // Nobody needs offsets beyond the last mark.
            let read = &text[..spans.last().map_or(0, |last| last.end as usize)];
            hit.excerpts = Excerpts::of(read, &OffsetMap::new(read), spans.iter().copied());
            hit.highlights = spans;
        }
        Ok(())
    }
}
