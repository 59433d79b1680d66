//! The source of truth, in redb: documents with their analyses, collections with their counts, the entities that
//! documents share, and the sequence of changes that followers read. It knows rows and transactions; it refuses to
//! know how text is analysed, what is searched, or that anything else derives from it. It is synchronous: each call
//! blocks on the disk, and any number of threads may read while one writes.
//!
//! **Kept**: of each document the current text, metadata and analysis; of each older revision its number, content
//! hash and time. **Durable**: [`Store::apply`] is one transaction and returns after the disk has synced it.
//! **Idempotent**: a document whose [`content_hash`] is current already writes nothing; any other content, be it
//! only the title, is a new revision. **Changes**: every write that does something has a position; each living
//! document has one entry, at its last change, so that a follower who starts from 0 reads what is there and no more.
//!
//! Start at [`write`](self::write) for what can be asked and `batch.rs` for how it is done; `tables.rs` shows what
//! lies on disk, `ledger.rs` how entities are counted.

mod batch;
mod contribution;
mod documents;
mod entities;
mod error;
mod hash;
mod identity;
mod ledger;
mod meta;
mod purge;
mod record;
mod tables;
#[cfg(test)]
mod tests;
mod write;

pub use error::StoreError;
pub use hash::content_hash;
pub use write::{
    Applied, Change, ChangeKind, Current, Effect, EntityDocument, Refusal, Revision, StoreStats, Write,
};

use crate::domain::document::{Seq, StoreId};
use crate::domain::ids::CollectionId;
use crate::domain::time::Timestamp;
use batch::Batch;
use error::Fault;
use meta::StoreFacts;
use record::{CollectionRow, decode};
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata};
use std::path::{Path, PathBuf};
use tables::Snapshot;

/// Name of the database file in the store's folder.
const FILE: &str = "store.redb";

/// Pages that redb keeps in memory. Its default of a gigabyte is more than the whole service should take.
const CACHE_BYTES: usize = 64 << 20;

/// An open store. One process at a time has it open.
pub struct Store {
    database: Database,
    path: PathBuf,
    facts: StoreFacts,
}

impl Store {
    /// Opens the store in the folder `dir`, which is made where it is missing; migrates an older format. `now` is
    /// the creation time of the default collection in a new store.
    pub fn open(dir: &Path, now: Timestamp) -> Result<Self, StoreError> {
        let in_dir = |source| StoreError::Io { path: dir.to_owned(), source };
        std::fs::create_dir_all(dir).map_err(in_dir)?;
        let path = dir.join(FILE);
        let database = builder().create(&path).map_err(|error| Fault::from(error).at(&path))?;
        let store = Self::prepared(database, path, now)?;
        // The file's own syncs do not make its name durable.
        std::fs::File::open(dir).and_then(|dir| dir.sync_all()).map_err(in_dir)?;
        Ok(store)
    }

    fn prepared(database: Database, path: PathBuf, now: Timestamp) -> Result<Self, StoreError> {
        let facts = meta::prepare(&database).map_err(|fault| fault.at(&path))?;
        let store = Self { database, path, facts };
        let default = CollectionId::default_collection();
        if store.collection(&default)?.is_none() {
            store.apply(vec![Write::CreateCollection(default)], now)?;
        }
        Ok(store)
    }

    /// Which store this is: random, made once.
    pub fn id(&self) -> StoreId {
        self.facts.id
    }

    /// A secret for sealing tokens: random, made once.
    pub fn secret(&self) -> [u8; 32] {
        self.facts.secret
    }

    /// Does the writes in order, in one transaction that is on disk when this returns. A refused write leaves the
    /// others alone; a failure leaves none of them done. `now` is the time of all of them.
    pub fn apply(
        &self,
        writes: Vec<Write>,
        now: Timestamp,
    ) -> Result<Vec<Result<Applied, Refusal>>, StoreError> {
        self.named(|| {
            let transaction = self.database.begin_write()?;
            let mut batch = Batch::begin(&transaction, now)?;
            let outcomes: Result<Vec<_>, Fault> =
                writes.into_iter().map(|write| batch.write(write)).collect();
            let outcomes = outcomes?;
            match batch.finish()? {
                true => transaction.commit()?,
                false => transaction.abort()?,
            }
            Ok(outcomes)
        })
    }

    /// The last change; 0 before the first.
    pub fn last_seq(&self) -> Result<Seq, StoreError> {
        self.read(|snapshot| meta::last_seq(&snapshot.open(tables::META)?))
    }

    /// Changes after a position, rising. Fewer than `limit` means that the last of them is [`Store::last_seq`].
    pub fn changes(&self, after: Seq, limit: usize) -> Result<Vec<Change>, StoreError> {
        self.read(|snapshot| {
            let rows = snapshot.open(tables::CHANGES)?.range(after + 1..)?;
            rows.take(limit)
                .map(|entry| {
                    let (seq, kind) = entry?;
                    Ok(Change { seq: seq.value(), kind: decode(kind.value())? })
                })
                .collect()
        })
    }

    /// Removes about `limit` rows of deleted collections; whether any are left. Call it now and then.
    pub fn purge_step(&self, limit: usize) -> Result<bool, StoreError> {
        if self.read(|snapshot| Ok(snapshot.open(tables::DOOMED)?.is_empty()?))? {
            return Ok(false);
        }
        self.named(|| {
            let transaction = self.database.begin_write()?;
            let more = purge::step(&transaction, limit)?;
            transaction.commit()?;
            Ok(more)
        })
    }

    /// The store in figures.
    pub fn stats(&self) -> Result<StoreStats, StoreError> {
        self.read(|snapshot| {
            let mut documents = 0;
            let collections = snapshot.open(tables::COLLECTIONS)?;
            for entry in collections.iter()? {
                documents += decode::<CollectionRow>(entry?.1.value())?.documents;
            }
            Ok(StoreStats {
                last_seq: meta::last_seq(&snapshot.open(tables::META)?)?,
                collections: collections.len()?,
                documents,
                purging: snapshot.open(tables::DOOMED)?.len()?,
                file_bytes: std::fs::metadata(&self.path).map_or(0, |file| file.len()),
            })
        })
    }

    /// Reads from one snapshot.
    fn read<T>(&self, read: impl FnOnce(&Snapshot) -> Result<T, Fault>) -> Result<T, StoreError> {
        self.named(|| read(&Snapshot(self.database.begin_read()?)))
    }

    /// Puts the file's name on a failure.
    fn named<T>(&self, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, StoreError> {
        work().map_err(|fault| fault.at(&self.path))
    }
}

fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

impl std::fmt::Debug for Store {
    /// The secret stays out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("path", &self.path).finish_non_exhaustive()
    }
}
