//! The derived view that queries run on, in tantivy: words, filters, orders and pages over documents, quotes and
//! entities. It refuses to know where entries come from: whoever follows the store hands them over with the
//! position that they reach, and the index remembers it with the commit, so that a follower knows where to go on.
//! It can be thrown away at any time; damaged, of another version or of another store, it throws itself away at
//! opening. Synchronous, as the store is.
//!
//! Entries are ordered like the changes that made them: a collection's deletion takes what came before it and
//! leaves what comes after, so a collection that is made again needs nothing to tell it from its predecessor.
//!
//! Start at [`Index`]; `schema.rs` says what is indexed, `compile.rs` how filters become queries, `page.rs` how
//! orders and cursors work.

mod analyzer;
mod compile;
mod entries;
mod error;
mod highlight;
mod open;
mod page;
mod query_text;
mod schema;
#[cfg(test)]
mod tests;

pub use error::IndexError;
pub use highlight::highlight;

use crate::domain::document::{Seq, StoreId, StoredDocument};
use crate::domain::entity::CollectionEntity;
use crate::domain::ids::{CollectionId, DocumentId, DocumentName, EntityId, EntityName, QuoteName};
use crate::domain::query::{
    DocumentFilter, DocumentHit, EntityFilter, EntityHit, HitPage, Order, PageRequest, QuoteFilter, QuoteHit,
};
use compile::Compiled;
use page::{Found, PageCollector, Place, Ranking};
use schema::Fields;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use tantivy::{IndexReader, IndexWriter, TantivyError, Term};

/// Where an index is and what it belongs to.
#[derive(Debug, Clone)]
pub struct IndexConfig {
    /// The directory; everything in it is the index's own.
    pub dir: PathBuf,
    /// The store that the index derives from; an index of another store is made anew.
    pub store: StoreId,
    /// Memory of the indexing thread in bytes; at least 15 MB are taken. One segment holds about as much.
    pub heap_bytes: usize,
}

/// How the directory was found at opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// There was none, or an empty one.
    Created,
    /// It was whole.
    Opened,
    /// It was damaged, of another version or of another store, and is empty now; says why.
    Recreated(String),
}

/// One thing to do. Those of one call are done in order.
#[derive(Debug, Clone, Copy)]
pub enum IndexOp<'a> {
    /// Puts the document and its quotes in the place of what the index has of it.
    PutDocument(&'a StoredDocument),
    /// Removes the document and its quotes.
    DeleteDocument(&'a DocumentName),
    /// Removes the collection's documents, quotes and entities.
    DeleteCollection(&'a CollectionId),
    /// Puts the entity in the place of what the index has of it.
    PutEntity(&'a CollectionEntity),
    /// Removes the entity.
    DeleteEntity(&'a EntityName),
}

/// The entity references of a filter, resolved: one group of ids for each reference, in its order. A group may be
/// empty (nothing has that name) and then matches nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// Any of any group.
    pub speakers: Vec<Vec<EntityId>>,
    /// Any of each group.
    pub mentions: Vec<Vec<EntityId>>,
}

/// An open index. Any number of threads may search while one applies.
pub struct Index {
    fields: Fields,
    writer: Mutex<IndexWriter>,
    reader: IndexReader,
    applied: AtomicU64,
    origin: Origin,
    dir: PathBuf,
    store: StoreId,
}

impl Index {
    /// Opens the index in the directory; makes it where it is missing and makes it anew where it cannot be kept,
    /// which [`Index::origin`] then says.
    pub fn open(config: &IndexConfig) -> Result<Self, IndexError> {
        let fields = Fields::new();
        let opened = open::open(config, &fields)?;
        Ok(Self {
            fields,
            writer: Mutex::new(opened.writer),
            reader: opened.reader,
            applied: AtomicU64::new(opened.applied),
            origin: opened.origin,
            dir: config.dir.clone(),
            store: config.store,
        })
    }

    /// How the directory was found.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The change up to which the index follows the store; 0 in a new one.
    pub fn applied(&self) -> Seq {
        self.applied.load(Ordering::Acquire)
    }

    /// Does the operations in one commit, which reaches `up_to`. A search that starts after sees them. A failure
    /// leaves none of them done.
    pub fn apply(&self, ops: &[IndexOp<'_>], up_to: Seq) -> Result<(), IndexError> {
        // A panic while the lock was held cannot have half-committed; what was not committed is rolled back.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let done = ops
            .iter()
            .try_for_each(|op| self.stage(&writer, op))
            .and_then(|()| open::commit(&mut writer, self.store, up_to));
        if let Err(error) = done {
            // Also brings back an indexing thread that died; if it cannot, the next call says so again.
            let _ = writer.rollback();
            return Err(self.failed(error));
        }
        self.reader.reload().map_err(|error| self.failed(error))?;
        self.applied.store(up_to, Ordering::Release);
        Ok(())
    }

    /// Quotes that match, in the order asked for.
    pub fn search_quotes(
        &self,
        collection: &CollectionId,
        filter: &QuoteFilter,
        entities: &Resolved,
        order: Order,
        page: &PageRequest,
    ) -> Result<HitPage<QuoteHit>, IndexError> {
        let query = compile::quotes(&self.fields, collection, filter, entities)?;
        let ranking = Ranking::of(order, query.scored);
        self.search(&query, ranking, page, |place| {
            let (document, quote) = schema::quote_of_key(&place.key)?;
            let document = DocumentName { collection: collection.clone(), document };
            Some(QuoteHit { quote: QuoteName { document, quote }, score: place.score(ranking) })
        })
    }

    /// Documents that match, in the order asked for.
    pub fn search_documents(
        &self,
        collection: &CollectionId,
        filter: &DocumentFilter,
        entities: &Resolved,
        order: Order,
        page: &PageRequest,
    ) -> Result<HitPage<DocumentHit>, IndexError> {
        let query = compile::documents(&self.fields, collection, filter, entities)?;
        let ranking = Ranking::of(order, query.scored);
        self.search(&query, ranking, page, |place| {
            let document = DocumentId::new(place.key.as_str()).ok()?;
            let document = DocumentName { collection: collection.clone(), document };
            Some(DocumentHit { document, score: place.score(ranking) })
        })
    }

    /// Entities that match: most documents first, then by id.
    pub fn search_entities(
        &self,
        collection: &CollectionId,
        filter: &EntityFilter,
        page: &PageRequest,
    ) -> Result<HitPage<EntityHit>, IndexError> {
        let query = compile::entities(&self.fields, collection, filter);
        self.search(&query, Ranking::MostDocuments, page, |place| {
            let entity = EntityId::new(place.key.as_str()).ok()?;
            Some(EntityHit { collection: collection.clone(), entity })
        })
    }

    /// Hands one operation to the indexing thread.
    fn stage(&self, writer: &IndexWriter, op: &IndexOp<'_>) -> Result<(), TantivyError> {
        let fields = &self.fields;
        let delete = |field, value: &str| {
            writer.delete_term(Term::from_field_text(field, value));
        };
        match op {
            IndexOp::PutDocument(stored) => {
                delete(fields.owner, &stored.document.name.to_string());
                for entry in entries::of_document(fields, stored) {
                    writer.add_document(entry)?;
                }
            }
            IndexOp::DeleteDocument(name) => delete(fields.owner, &name.to_string()),
            IndexOp::DeleteCollection(id) => delete(fields.collection, id.as_str()),
            IndexOp::PutEntity(entity) => {
                delete(fields.owner, &entity.name.to_string());
                writer.add_document(entries::of_entity(fields, entity))?;
            }
            IndexOp::DeleteEntity(name) => delete(fields.owner, &name.to_string()),
        }
        Ok(())
    }

    /// One page. A key that is no name is left out of it; the index writes none.
    fn search<H>(
        &self,
        query: &Compiled,
        ranking: Ranking,
        page: &PageRequest,
        hit: impl Fn(&Place) -> Option<H>,
    ) -> Result<HitPage<H>, IndexError> {
        let after = page.after.as_ref().map(Place::of_cursor).transpose()?;
        let collector = PageCollector { ranking, after, size: page.size };
        let searched = self.reader.searcher().search(&query.query, &collector);
        let Found { places, total, following } = searched.map_err(|error| self.failed(error))?;
        let more = following > places.len() as u64;
        let hits = places.iter().filter_map(|place| Some((hit(place)?, place.cursor()))).collect();
        Ok(HitPage { hits, total, more })
    }

    fn failed(&self, source: TantivyError) -> IndexError {
        IndexError::Engine { path: self.dir.clone(), source }
    }
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("dir", &self.dir).field("origin", &self.origin).finish_non_exhaustive()
    }
}
