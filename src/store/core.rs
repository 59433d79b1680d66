//! The store itself, synchronous: each call blocks on the disk, any number of threads may read while one writes. Whoever reads
//! does so from the last durable state, which is swapped for the next one after each commit.

use super::config::StoreConfig;
use super::epochs::Epochs;
use super::error::{Fault, StoreError};
use super::meta::{self, Counters, StoreFacts};
use super::tables::{Snapshot, Tables};
use super::tidy;
use super::write::Batch;
use crate::domain::document::Seq;
use crate::domain::ids::CollectionId;
use crate::domain::time::Timestamp;
use crate::ports::{Applied, Refusal, Write};
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Name of the database file in the store's folder.
pub(super) const FILE: &str = "store.redb";

/// Rows that one step of tidying removes.
const TIDY_ROWS: usize = 1_000;

/// An open store.
pub(super) struct Core {
    database: Database,
    path: PathBuf,
    facts: StoreFacts,
    epochs: Epochs,
    /// The last durable state.
    snapshot: Mutex<Arc<Snapshot>>,
}

impl Core {
    /// Opens the database file of the folder.
    pub(super) fn open(dir: &Path, config: &StoreConfig, now: Timestamp) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        let database = builder(config).create(&path).map_err(|error| Fault::from(error).at(&path))?;
        Self::prepared(database, &path, now).map_err(|fault| fault.at(&path))
    }

    /// Migrates, counts the opening, and makes the default collection where it is missing.
    pub(super) fn prepared(database: Database, path: &Path, now: Timestamp) -> Result<Self, Fault> {
        let facts = meta::prepare(&database)?;
        let transaction = database.begin_write()?;
        let epochs = {
            let mut tables = Tables::open(&transaction)?;
            let last = Counters::read(&tables.meta)?.seq;
            Epochs::begin(&mut tables, now, last)?
        };
        let mut batch = Batch::begin(&transaction, now)?;
        let default = CollectionId::default_collection();
        // Refused where it is there already.
        let _ = batch.write(&Write::CreateCollection(default))?;
        batch.finish()?;
        transaction.commit()?;
        let snapshot = Mutex::new(Arc::new(Snapshot::open(&database.begin_read()?)?));
        Ok(Self { database, path: path.to_owned(), facts, epochs, snapshot })
    }

    /// Who the store is.
    pub(super) fn facts(&self) -> StoreFacts {
        self.facts
    }

    /// Its openings.
    pub(super) fn epochs(&self) -> &Epochs {
        &self.epochs
    }

    /// Does the writes in order, in one transaction that is on disk when this returns. A refused write leaves the
    /// others alone; a failure leaves none of them done. `now` is the time of all of them.
    pub(super) fn apply(
        &self,
        writes: &[Write],
        now: Timestamp,
    ) -> Result<Vec<Result<Applied, Refusal>>, StoreError> {
        self.named(|| {
            let transaction = self.database.begin_write()?;
            let mut batch = Batch::begin(&transaction, now)?;
            let outcomes: Result<Vec<_>, Fault> = writes.iter().map(|write| batch.write(write)).collect();
            let outcomes = outcomes?;
            match batch.finish()? {
                true => {
                    transaction.commit()?;
                    self.publish()?;
                }
                false => transaction.abort()?,
            }
            Ok(outcomes)
        })
    }

    /// One step of tidying; whether there is more to do.
    pub(super) fn tidy(&self, followed: Seq) -> Result<bool, StoreError> {
        if !self.read(|snapshot| untidy(snapshot, followed))? {
            return Ok(false);
        }
        self.named(|| {
            let transaction = self.database.begin_write()?;
            let more = tidy::step(&transaction, followed, TIDY_ROWS)?;
            transaction.commit()?;
            self.publish()?;
            Ok(more)
        })
    }

    /// Reads from the last durable state.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Snapshot) -> Result<T, Fault>) -> Result<T, StoreError> {
        let snapshot = self.snapshot.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.named(|| read(&snapshot))
    }

    /// Shows readers what the last commit has made.
    fn publish(&self) -> Result<(), Fault> {
        let snapshot = Arc::new(Snapshot::open(&self.database.begin_read()?)?);
        *self.snapshot.lock().unwrap_or_else(PoisonError::into_inner) = snapshot;
        Ok(())
    }

    /// Puts the file's name on a failure.
    fn named<T>(&self, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, StoreError> {
        work().map_err(|fault| fault.at(&self.path))
    }
}

/// Whether a step of tidying would find anything.
fn untidy(snapshot: &Snapshot, followed: Seq) -> Result<bool, Fault> {
    let removal = snapshot.removals.first()?.is_some_and(|(seq, _)| seq.value() <= followed);
    let faded = snapshot.faded.first()?.is_some_and(|(key, _)| key.value().0 <= followed);
    Ok(removal || faded || !snapshot.doomed.is_empty()?)
}

pub(super) fn builder(config: &StoreConfig) -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(config.cache_bytes);
    builder
}

impl std::fmt::Debug for Core {
    /// The secret stays out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("path", &self.path).finish_non_exhaustive()
    }
}
