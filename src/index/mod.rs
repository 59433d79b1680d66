//! The derived view that queries run on, in tantivy; it can be thrown away and rebuilt from the store.

#![allow(missing_docs, unused_variables, dead_code)]

mod error;

pub use error::IndexError;

use crate::domain::document::{Seq, StoreId, StoredDocument};
use crate::domain::entity::CollectionEntity;
use crate::domain::ids::{CollectionId, DocumentName, EntityId, EntityName};
use crate::domain::query::{
    DocumentFilter, DocumentHit, EntityFilter, EntityHit, HitPage, Order, PageRequest, QuoteFilter, QuoteHit,
};
use crate::domain::span::ByteSpan;
use std::path::PathBuf;

#[derive(Debug, Clone)]
pub struct IndexConfig {
    pub dir: PathBuf,
    /// The store that the index derives from; an index of another store is made anew.
    pub store: StoreId,
    /// Memory of the indexing thread; at least 15 MB.
    pub heap_bytes: usize,
}

/// How the directory was found at opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// There was none.
    Created,
    Opened,
    /// It was damaged, of another version or of another store, and is empty now; says why.
    Recreated(String),
}

#[derive(Debug, Clone, Copy)]
pub enum IndexOp<'a> {
    PutDocument(&'a StoredDocument),
    DeleteDocument(&'a DocumentName),
    DeleteCollection(&'a CollectionId),
    PutEntity(&'a CollectionEntity),
    DeleteEntity(&'a EntityName),
}

/// The entity references of a filter, resolved: one group of ids for each reference, in its order. A group may be
/// empty (nothing has that name), and then matches nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// Any of any group.
    pub speakers: Vec<Vec<EntityId>>,
    /// Any of each group.
    pub mentions: Vec<Vec<EntityId>>,
}

/// Send + Sync; one writer at a time (inside), any number of readers.
pub struct Index;

impl Index {
    pub fn open(config: &IndexConfig) -> Result<Index, IndexError> {
        todo!()
    }
    pub fn origin(&self) -> &Origin {
        todo!()
    }
    /// The change up to which the index follows the store.
    pub fn applied(&self) -> Seq {
        todo!()
    }
    /// One commit; a search that starts after sees it.
    pub fn apply(&self, ops: &[IndexOp<'_>], up_to: Seq) -> Result<(), IndexError> {
        todo!()
    }
    pub fn search_quotes(
        &self,
        collection: &CollectionId,
        filter: &QuoteFilter,
        entities: &Resolved,
        order: Order,
        page: &PageRequest,
    ) -> Result<HitPage<QuoteHit>, IndexError> {
        todo!()
    }
    pub fn search_documents(
        &self,
        collection: &CollectionId,
        filter: &DocumentFilter,
        entities: &Resolved,
        order: Order,
        page: &PageRequest,
    ) -> Result<HitPage<DocumentHit>, IndexError> {
        todo!()
    }
    /// By documents, most first, then by name.
    pub fn search_entities(
        &self,
        collection: &CollectionId,
        filter: &EntityFilter,
        page: &PageRequest,
    ) -> Result<HitPage<EntityHit>, IndexError> {
        todo!()
    }
}

/// The words of `text` that `query` asks for, as the index reads both.
pub fn highlight(query: &str, text: &str) -> Vec<ByteSpan> {
    todo!()
}
