//! The source of truth: documents, analyses, collections and the sequence of changes, in redb.

#![allow(missing_docs, unused_variables, dead_code)]

mod error;
mod write;

pub use error::StoreError;
pub use write::{Applied, Change, ChangeKind, Current, Effect, Refusal, Write};

use crate::domain::document::{CollectionInfo, Document, Seq, StoreId, StoredDocument};
use crate::domain::entity::CollectionEntity;
use crate::domain::ids::{CollectionId, DocumentId, DocumentName, EntityId, EntityName};
use crate::domain::time::Timestamp;
use std::path::Path;

/// Send + Sync; all methods block on disk.
#[derive(Debug)]
pub struct Store;

/// BLAKE3 over everything the client sent but the name.
pub fn content_hash(document: &Document) -> [u8; 32] {
    todo!()
}

/// A document that mentions an entity, with the time that it is listed under. Newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityDocument {
    /// Publication time, ingest time where absent.
    pub seen: Timestamp,
    pub document: DocumentId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreStats {
    pub last_seq: Seq,
    pub collections: u64,
    pub documents: u64,
    /// Deleted collections whose rows are not all purged yet.
    pub purging: u64,
    pub file_bytes: u64,
}

impl Store {
    /// `now` is the creation time of the default collection.
    pub fn open(dir: &Path, now: Timestamp) -> Result<Store, StoreError> {
        todo!()
    }
    pub fn id(&self) -> StoreId {
        todo!()
    }
    pub fn secret(&self) -> [u8; 32] {
        todo!()
    }
    pub fn apply(
        &self,
        writes: Vec<Write>,
        now: Timestamp,
    ) -> Result<Vec<Result<Applied, Refusal>>, StoreError> {
        todo!()
    }
    pub fn current(&self, name: &DocumentName) -> Result<Option<Current>, StoreError> {
        todo!()
    }
    pub fn document(&self, name: &DocumentName) -> Result<Option<StoredDocument>, StoreError> {
        todo!()
    }
    /// By id, ascending. Empty for an unknown collection.
    pub fn documents(
        &self,
        collection: &CollectionId,
        after: Option<&DocumentId>,
        limit: usize,
    ) -> Result<Vec<StoredDocument>, StoreError> {
        todo!()
    }
    pub fn collection(&self, id: &CollectionId) -> Result<Option<CollectionInfo>, StoreError> {
        todo!()
    }
    /// By id, ascending.
    pub fn collections(
        &self,
        after: Option<&CollectionId>,
        limit: usize,
    ) -> Result<Vec<CollectionInfo>, StoreError> {
        todo!()
    }
    pub fn last_seq(&self) -> Result<Seq, StoreError> {
        todo!()
    }
    /// Rising; fewer than `limit` means that the last one's seq is `last_seq`.
    pub fn changes(&self, after: Seq, limit: usize) -> Result<Vec<Change>, StoreError> {
        todo!()
    }
    pub fn entity(&self, name: &EntityName) -> Result<Option<CollectionEntity>, StoreError> {
        todo!()
    }
    /// Entities last touched by a change in `after+1..=up_to`; one that is gone now is to be removed.
    pub fn entities_touched(&self, after: Seq, up_to: Seq) -> Result<Vec<EntityName>, StoreError> {
        todo!()
    }
    /// Newest first.
    pub fn entity_documents(
        &self,
        name: &EntityName,
        after: Option<&EntityDocument>,
        limit: usize,
    ) -> Result<Vec<EntityDocument>, StoreError> {
        todo!()
    }
    /// Entities that any form of `name` (folded inside) refers to, with the surname-only entities taken for them.
    pub fn entities_named(&self, collection: &CollectionId, name: &str) -> Result<Vec<EntityId>, StoreError> {
        todo!()
    }
    /// The entity and the surname-only entities taken for it; empty where there is no such entity.
    pub fn entity_group(&self, name: &EntityName) -> Result<Vec<EntityId>, StoreError> {
        todo!()
    }
    /// Removes at most about `limit` rows of deleted collections; whether more are left.
    pub fn purge_step(&self, limit: usize) -> Result<bool, StoreError> {
        todo!()
    }
    pub fn stats(&self) -> Result<StoreStats, StoreError> {
        todo!()
    }
}
