//! Queries. The index finds, the store tells: names in the filter become entity ids through the store, the index
//! answers with names of documents and quotes, and the store gives what they stand for now. The index lags, so that
//! a hit may name something that has gone or changed since; such hits are left out rather than shown wrongly.

use super::api::{DocumentResult, QuoteResult};
use super::caller::Caller;
use super::error::{EngineError, Invalid, Resource};
use super::{Core, Engine, paging};
use crate::domain::document::{Seq, StoredDocument};
use crate::domain::entity::CollectionEntity;
use crate::domain::ids::{CollectionId, DocumentName, EntityId, EntityName, QuoteId, QuoteName};
use crate::domain::query::{
    DocumentFilter, EntityFilter, EntityRef, HitPage, Order, PageRequest, QuoteFilter, QuoteHit,
};
use crate::domain::span::ByteSpan;
use crate::index::{Resolved, highlight};
use std::collections::HashMap;
use std::sync::Arc;

impl Engine {
    /// Quotes that satisfy the filter, in a view that holds at least the change `at_least`.
    pub async fn search_quotes(
        &self,
        caller: &Caller,
        collection: &CollectionId,
        filter: QuoteFilter,
        order: Order,
        page: PageRequest,
        at_least: Option<Seq>,
    ) -> Result<HitPage<QuoteResult>, EngineError> {
        self.fresh_enough(caller, at_least).await?;
        let collection = collection.clone();
        self.blocking(caller, move |core| core.search_quotes(&collection, &filter, order, page)).await
    }

    /// Documents that satisfy the filter, in a view that holds at least the change `at_least`.
    pub async fn search_documents(
        &self,
        caller: &Caller,
        collection: &CollectionId,
        filter: DocumentFilter,
        order: Order,
        page: PageRequest,
        at_least: Option<Seq>,
    ) -> Result<HitPage<DocumentResult>, EngineError> {
        self.fresh_enough(caller, at_least).await?;
        let collection = collection.clone();
        self.blocking(caller, move |core| core.search_documents(&collection, &filter, order, page)).await
    }

    /// Entities that satisfy the filter, those of most documents first, in a view that holds at least the change
    /// `at_least`.
    pub async fn search_entities(
        &self,
        caller: &Caller,
        collection: &CollectionId,
        filter: EntityFilter,
        page: PageRequest,
        at_least: Option<Seq>,
    ) -> Result<HitPage<CollectionEntity>, EngineError> {
        self.fresh_enough(caller, at_least).await?;
        let collection = collection.clone();
        self.blocking(caller, move |core| core.search_entities(&collection, &filter, page)).await
    }

    /// One quote, with everything known about it.
    pub async fn get_quote(&self, caller: &Caller, name: &QuoteName) -> Result<QuoteResult, EngineError> {
        let name = name.clone();
        self.blocking(caller, move |core| {
            let document = core.document(&name.document)?;
            quote_result(&document, &name.quote).ok_or(EngineError::NotFound(Resource::Quote(name)))
        })
        .await
    }

    /// One entity of a collection.
    pub async fn get_entity(
        &self,
        caller: &Caller,
        name: &EntityName,
    ) -> Result<CollectionEntity, EngineError> {
        let name = name.clone();
        self.blocking(caller, move |core| core.entity(&name)).await
    }

    /// Refuses while the replay at the start is incomplete: an answer from half an index would be wrong without
    /// saying so.
    async fn fresh_enough(&self, caller: &Caller, at_least: Option<Seq>) -> Result<(), EngineError> {
        if self.core.progress.last_applied() < self.core.replay_target {
            return Err(EngineError::NotReady);
        }
        match at_least {
            Some(seq) => self.wait_for(caller, seq).await,
            None => Ok(()),
        }
    }
}

impl Core {
    fn search_quotes(
        &self,
        collection: &CollectionId,
        filter: &QuoteFilter,
        order: Order,
        page: PageRequest,
    ) -> Result<HitPage<QuoteResult>, EngineError> {
        check_confidence(filter.min_confidence)?;
        let entities = self.query(collection, &page, &filter.speakers, &filter.mentions)?;
        let mut shelf = Shelf::new(self);
        paging::fetched(
            page,
            |page| Ok(self.index.search_quotes(collection, filter, &entities, order, page)?),
            |QuoteHit { quote: QuoteName { document, quote }, score }| {
                let Some(document) = shelf.document(document)? else { return Ok(None) };
                Ok(quote_result(document, &quote).map(|result| QuoteResult {
                    highlights: marks(
                        filter.text.as_deref(),
                        &document.document.text,
                        &result.quote.contents,
                    ),
                    score,
                    ..result
                }))
            },
        )
    }

    fn search_documents(
        &self,
        collection: &CollectionId,
        filter: &DocumentFilter,
        order: Order,
        page: PageRequest,
    ) -> Result<HitPage<DocumentResult>, EngineError> {
        let entities = self.query(collection, &page, &filter.speakers, &filter.mentions)?;
        let mut shelf = Shelf::new(self);
        paging::fetched(
            page,
            |page| Ok(self.index.search_documents(collection, filter, &entities, order, page)?),
            |hit| {
                let Some(document) = shelf.document(hit.document)? else { return Ok(None) };
                let text = &document.document.text;
                let highlights = marks(filter.text.as_deref(), text, &[ByteSpan::at(0, text.len())]);
                Ok(Some(DocumentResult { document: Arc::clone(document), highlights, score: hit.score }))
            },
        )
    }

    fn search_entities(
        &self,
        collection: &CollectionId,
        filter: &EntityFilter,
        page: PageRequest,
    ) -> Result<HitPage<CollectionEntity>, EngineError> {
        self.query(collection, &page, &[], &[])?;
        paging::fetched(
            page,
            |page| Ok(self.index.search_entities(collection, filter, page)?),
            |hit| Ok(self.store.entity(&EntityName { collection: hit.collection, entity: hit.entity })?),
        )
    }

    pub(super) fn entity(&self, name: &EntityName) -> Result<CollectionEntity, EngineError> {
        let found = self.store.entity(name)?;
        found.ok_or_else(|| EngineError::NotFound(Resource::Entity(name.clone())))
    }

    /// What every query needs first: a page that makes sense, a collection that exists, references resolved.
    fn query(
        &self,
        collection: &CollectionId,
        page: &PageRequest,
        speakers: &[EntityRef],
        mentions: &[EntityRef],
    ) -> Result<Resolved, EngineError> {
        paging::check(page)?;
        self.collection(collection)?;
        let resolve = |references: &[EntityRef]| -> Result<Vec<_>, EngineError> {
            references.iter().map(|reference| self.resolve(collection, reference)).collect()
        };
        Ok(Resolved { speakers: resolve(speakers)?, mentions: resolve(mentions)? })
    }

    /// The entities that a reference stands for, with those that are taken for them by inference. None is no
    /// error: nobody of that name has been heard yet.
    fn resolve(
        &self,
        collection: &CollectionId,
        reference: &EntityRef,
    ) -> Result<Vec<EntityId>, EngineError> {
        Ok(match reference {
            EntityRef::Name(name) => self.store.entities_named(collection, name)?,
            EntityRef::Id(id) => {
                let name = EntityName { collection: collection.clone(), entity: id.clone() };
                self.store.entity_group(&name)?
            }
        })
    }
}

/// The documents of one answer, each fetched once.
struct Shelf<'c> {
    core: &'c Core,
    /// How far the index was for certain when the query began.
    seen: Seq,
    documents: HashMap<DocumentName, Option<Arc<StoredDocument>>>,
}

impl<'c> Shelf<'c> {
    fn new(core: &'c Core) -> Self {
        Self { core, seen: core.progress.last_applied(), documents: HashMap::new() }
    }

    /// The document, if it still is what the index saw. One that changed since may have other quotes under the
    /// same ids; it comes back once the index has caught up.
    fn document(&mut self, name: DocumentName) -> Result<Option<&Arc<StoredDocument>>, EngineError> {
        use std::collections::hash_map::Entry;
        let slot = match self.documents.entry(name) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let found = self.core.store.document(new.key())?;
                new.insert(found.filter(|document| document.seq <= self.seen).map(Arc::new))
            }
        };
        Ok(slot.as_ref())
    }
}

/// The quote of that id, if the document has it.
fn quote_result(document: &Arc<StoredDocument>, id: &QuoteId) -> Option<QuoteResult> {
    let quote = document.analysis.quotes.iter().find(|quote| quote.id == id.as_str())?.clone();
    let link = |entity: &String| document.links.get(entity).cloned();
    Some(QuoteResult {
        name: QuoteName { document: document.document.name.clone(), quote: id.clone() },
        speaker: quote.speaker.entity.as_ref().and_then(link),
        about: quote.about.iter().filter_map(link).collect(),
        quote,
        document: Arc::clone(document),
        highlights: Vec::new(),
        score: 0.0,
    })
}

/// The words of these parts of the text that the query asked for.
fn marks(query: Option<&str>, text: &str, parts: &[ByteSpan]) -> Vec<ByteSpan> {
    let Some(query) = query else { return Vec::new() };
    let within = |part: &ByteSpan| {
        let begin = part.begin;
        let words = highlight(query, part.slice(text)).into_iter();
        words.map(move |word| ByteSpan { begin: begin + word.begin, end: begin + word.end })
    };
    parts.iter().flat_map(within).collect()
}

fn check_confidence(least: f32) -> Result<(), EngineError> {
    if (0.0..=1.0).contains(&least) {
        return Ok(());
    }
    Err(EngineError::InvalidArgument { field: "filter.min_confidence", reason: Invalid::OutsideUnitInterval })
}
