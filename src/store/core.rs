//! The store itself, synchronous: each call blocks on the disk, any number of threads may read while one writes. Whoever reads
//! does so from the last durable state, which is swapped for the next one after each commit, and which stays readable when a
//! commit fails.

use super::config::StoreConfig;
use super::device::{Device, Medium};
use super::epochs::Epochs;
use super::error::{Fault, StoreError};
use super::meta::{self, Counters, StoreFacts};
use super::tables::{Snapshot, Tables};
use super::tidy;
use super::write::Batch;
use crate::domain::document::{Seq, StoreId};
use crate::domain::ids::CollectionId;
use crate::domain::time::Timestamp;
use crate::failpoint::{Failpoint, pass};
use crate::ports::{Applied, Epoch, Refusal, Write};
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, Savepoint, WriteTransaction};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Name of the database file in the store's folder.
pub(super) const FILE: &str = "store.redb";

/// Rows that one step of tidying removes.
const TIDY_ROWS: usize = 1_000;

/// An open store.
pub(super) struct Core {
    database: Database,
    device: Device,
    path: PathBuf,
    facts: StoreFacts,
    epochs: Epochs,
    /// The last durable state.
    snapshot: Mutex<Arc<Snapshot>>,
    freed: AtomicU64,
    commits: AtomicU64,
}

/// An opening of the store.
#[derive(Debug, Clone, Copy)]
pub(super) enum Opening {
    /// At a time.
    New(Timestamp),
    /// After a failure, of a store that was open until then.
    Again(Known),
}

/// What is known of a store that was open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) id: StoreId,
    pub(super) epoch: Epoch,
    /// The last change that was acknowledged.
    pub(super) seq: Seq,
}

impl Core {
    /// Opens the database that lies in `medium`; `path` is what errors call it. Migrates an older format and makes the default
    /// collection where it is missing. A disk that can be read and not written is enough.
    pub(super) fn open(
        medium: Box<dyn Medium>,
        path: &Path,
        config: &StoreConfig,
        opening: Opening,
    ) -> Result<Self, StoreError> {
        Self::prepared(medium, path, config, opening).map_err(|fault| fault.at(path))
    }

    /// The same, for whoever names the file by itself.
    pub(super) fn prepared(
        medium: Box<dyn Medium>,
        path: &Path,
        config: &StoreConfig,
        opening: Opening,
    ) -> Result<Self, Fault> {
        let device = Device::new(medium, config.overlay_bytes);
        let database = builder(config).create_with_backend(device.clone())?;
        let transaction = database.begin_write()?;
        let facts = meta::prepare(&transaction)?;
        let epochs = {
            let mut tables = Tables::open(&transaction)?;
            let last = Counters::read(&tables.meta)?.seq;
            match opening {
                Opening::New(now) => Epochs::begin(&mut tables, now, last)?,
                Opening::Again(known) if known.id != facts.id || known.seq > last => {
                    return Err(Fault::Replaced);
                }
                Opening::Again(known) => Epochs::go_on(&mut tables, known.epoch, last)?,
            }
        };
        if let Opening::New(now) = opening {
            let mut batch = Batch::begin(&transaction, now)?;
            // Refused where it is there already.
            let _ = batch.write(&Write::CreateCollection(CollectionId::default_collection()))?;
            batch.finish()?;
        }
        pass(Failpoint::OpenPrepared);
        transaction.commit()?;
        pass(Failpoint::OpenDone);
        let snapshot = Mutex::new(Arc::new(Snapshot::open(&database.begin_read()?)?));
        Ok(Self {
            database,
            device,
            path: path.to_owned(),
            facts,
            epochs,
            snapshot,
            freed: AtomicU64::new(0),
            commits: AtomicU64::new(0),
        })
    }

    /// Who the store is.
    pub(super) fn facts(&self) -> StoreFacts {
        self.facts
    }

    /// Its openings.
    pub(super) fn epochs(&self) -> &Epochs {
        &self.epochs
    }

    /// The disk under it.
    pub(super) fn device(&self) -> &Device {
        &self.device
    }

    /// The last durable state.
    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Does the writes in order, in one transaction that is on disk when this returns. A refused write leaves the
    /// others alone; a failure leaves none of them done. `now` is the time of all of them.
    pub(super) fn apply(
        &self,
        writes: &[Write],
        now: Timestamp,
    ) -> Result<Vec<Result<Applied, Refusal>>, StoreError> {
        let (outcomes, freed) = self.transact(|transaction| {
            let mut batch = Batch::begin(transaction, now)?;
            let outcomes: Vec<_> =
                writes.iter().map(|write| batch.write(write)).collect::<Result<_, Fault>>()?;
            let freed = batch.freed();
            Ok(((outcomes, freed), batch.finish()?))
        })?;
        self.freed.fetch_add(freed, Ordering::Relaxed);
        Ok(outcomes)
    }

    /// Bytes of texts and analyses that writes have removed since the store was opened.
    pub(super) fn freed(&self) -> u64 {
        self.freed.load(Ordering::Relaxed)
    }

    /// How often something was committed since the store was opened.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// One step of tidying; whether there is more to do.
    pub(super) fn tidy(&self, followed: Seq) -> Result<bool, StoreError> {
        if !self.read(|snapshot| untidy(snapshot, followed))? {
            return Ok(false);
        }
        self.transact(|transaction| {
            let more = tidy::step(transaction, followed, TIDY_ROWS)?;
            pass(Failpoint::TidyRows);
            Ok((more, true))
        })
    }

    /// Reads from the last durable state.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Snapshot) -> Result<T, Fault>) -> Result<T, StoreError> {
        let snapshot = self.snapshot();
        self.named(|| read(&snapshot))
    }

    /// Does something in a transaction of its own, and says whether there is anything to commit. What the disk does not take is
    /// taken back: the database is then as if the transaction had never been.
    fn transact<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<(T, bool), Fault>,
    ) -> Result<T, StoreError> {
        self.named(|| {
            self.not_away()?;
            let transaction = self.database.begin_write()?;
            let before = transaction.ephemeral_savepoint()?;
            let (result, changed) = work(&transaction)?;
            if !changed {
                transaction.abort()?;
                return Ok(result);
            }
            pass(Failpoint::CommitRows);
            // What fails by now has not touched the last commit.
            self.not_away()?;
            transaction.commit()?;
            if let Some(failure) = self.device.failure() {
                self.take_back(&before)?;
                return Err(Fault::Out(failure));
            }
            drop(before);
            pass(Failpoint::CommitDone);
            self.publish()?;
            self.commits.fetch_add(1, Ordering::Relaxed);
            pass(Failpoint::CommitShown);
            Ok(result)
        })
    }

    fn not_away(&self) -> Result<(), Fault> {
        self.device.failure().map_or(Ok(()), |failure| Err(Fault::Out(failure)))
    }

    /// Undoes a commit that has reached memory alone. The undoing is a commit in memory, too; both reach the disk together, in
    /// their order, when it works again.
    fn take_back(&self, before: &Savepoint) -> Result<(), Fault> {
        let undo = || -> Result<(), Fault> {
            let mut transaction = self.database.begin_write()?;
            transaction.restore_savepoint(before)?;
            Ok(transaction.commit()?)
        };
        undo()
            .inspect_err(|_| drop(self.device.give_up(io::Error::other("a commit could not be taken back"))))
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

/// Sets databases up.
pub(super) fn builder(config: &StoreConfig) -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(config.cache_bytes);
    builder.set_repair_callback(|session| {
        let percent = (session.progress() * 100.0) as u32;
        tracing::warn!(percent, "the store was not closed and is being read to repair it");
    });
    builder
}

impl std::fmt::Debug for Core {
    /// The secret stays out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("path", &self.path).finish_non_exhaustive()
    }
}
