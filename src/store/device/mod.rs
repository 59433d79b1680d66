//! The disk under the database, with a memory of what is not safe on it yet. redb gives a database up after the first failure of
//! its file: nothing can be read any more, and a later opening reads the whole file to repair it. So redb never hears of a write,
//! a resize or a sync that fails. The device keeps what it could not write, answers reads from it, and is *away* from the disk
//! until [`Device::mend`] has written all of it. Whoever commits asks [`Device::failure`] afterwards, and takes back a commit that
//! reached memory alone; readers of the last durable state do not notice.
//!
//! What was written since the last good sync is kept even while all is well, since a file system that has failed a sync may have
//! dropped those pages and never say so again. Memory is bounded: beyond the bound redb hears of the failure after all, and the
//! store has to be opened anew, as after a failed read.

mod medium;
mod site;
mod unsynced;

pub(super) use medium::{Medium, NamedFile, Room};
pub(super) use site::{FileSite, Site};

use crate::failpoint::{Failpoint, pass};
use crate::ports::OutageKind;
use redb::{BackendError, StorageBackend};
use std::io;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use unsynced::{Op, Unsynced};

/// See the module. Clones are the same device.
#[derive(Debug, Clone)]
pub(super) struct Device(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    medium: Box<dyn Medium>,
    /// Whether reads have to ask `unsynced` first.
    away: AtomicBool,
    /// Whether redb has heard of a failure.
    broken: AtomicBool,
    /// Whether the file is not the store's: a copy, or one whose place another has taken.
    retired: AtomicBool,
    unsynced: Mutex<Unsynced>,
    /// Most bytes that `unsynced` may hold.
    limit: usize,
    failure: Mutex<Option<Failure>>,
}

/// Why the device is away.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What it means for those who write.
    pub kind: OutageKind,
    /// What the system said.
    pub detail: String,
}

impl Failure {
    /// What an error of the disk means for those who write.
    pub(super) fn of(error: &io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => OutageKind::Full,
            _ => OutageKind::ReadOnly,
        };
        Self { kind, detail: error.to_string() }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl Device {
    pub(super) fn new(medium: Box<dyn Medium>, limit: usize) -> Self {
        Self(Arc::new(Parts {
            medium,
            away: AtomicBool::new(false),
            broken: AtomicBool::new(false),
            retired: AtomicBool::new(false),
            unsynced: Mutex::default(),
            limit,
            failure: Mutex::default(),
        }))
    }

    /// Why what is written now stays in memory.
    pub(super) fn failure(&self) -> Option<Failure> {
        self.0.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the database has to be opened anew.
    pub(super) fn is_broken(&self) -> bool {
        self.0.broken.load(Ordering::Acquire)
    }

    /// The disk itself.
    pub(super) fn medium(&self) -> &dyn Medium {
        self.0.medium.as_ref()
    }

    /// What fails from now on is no failure of the store: the file is a copy, of which whoever makes it tells what becomes, or another file
    /// has taken its place, as was wanted.
    pub(super) fn retire(&self) {
        self.0.retired.store(true, Ordering::Release);
    }

    /// Bytes that wait for the disk.
    pub(super) fn waiting(&self) -> u64 {
        self.unsynced().bytes() as u64
    }

    /// Tries to write all that waits for the disk. What is written by then and synced is forgotten, also where the rest fails.
    pub(super) fn mend(&self) -> io::Result<()> {
        loop {
            self.0.medium.probe()?;
            let ops = self.unsynced().ops();
            let (safe, result) = self.replay(&ops);
            let mut unsynced = self.unsynced();
            unsynced.forget(safe);
            result?;
            // A reader may have written a page back meanwhile.
            if unsynced.is_empty() {
                *self.0.failure.lock().unwrap_or_else(PoisonError::into_inner) = None;
                self.0.away.store(false, Ordering::Release);
                return Ok(());
            }
        }
    }

    /// Does the operations on the disk. Between two syncs of redb's the order is free, across one it is not. How many of them,
    /// from the first on, are safe, and how it ended.
    fn replay(&self, ops: &[Op]) -> (usize, io::Result<()>) {
        let medium = &self.0.medium;
        let mut safe = 0;
        for (n, op) in ops.iter().chain([&Op::Sync]).enumerate() {
            let done = match op {
                Op::Write(offset, data) => medium.write(*offset, data),
                Op::Resize(len) => medium.set_len(*len),
                Op::Sync => medium.sync_data(),
            };
            match done {
                Err(error) => return (safe, Err(error)),
                Ok(()) if matches!(op, Op::Sync) => safe = (n + 1).min(ops.len()),
                Ok(()) => {}
            }
        }
        (safe, Ok(()))
    }

    /// Does one operation, or remembers it where the disk does not.
    fn perform(&self, op: Op, work: impl FnOnce(&dyn Medium) -> io::Result<()>) -> io::Result<()> {
        let sync = matches!(op, Op::Sync);
        let mut unsynced = self.unsynced();
        let kept = unsynced.keep(op, self.0.limit);
        if self.is_away() {
            return if kept { Ok(()) } else { Err(self.give_up(io::ErrorKind::OutOfMemory.into())) };
        }
        match work(self.medium()) {
            Ok(()) if sync => unsynced.clear(),
            Ok(()) => {}
            Err(error) => {
                match self.is_retired() {
                    true => tracing::debug!(%error, "the disk of a file has failed that is not the store's"),
                    false => tracing::error!(%error, "the store's disk has failed"),
                }
                *self.0.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(Failure::of(&error));
                match self.medium().len() {
                    Ok(len) if unsynced.is_whole() => unsynced.turn_to(len),
                    _ => return Err(self.give_up(error)),
                }
                self.0.away.store(true, Ordering::Release);
            }
        }
        Ok(())
    }

    /// Lets redb hear of a failure.
    pub(super) fn give_up(&self, error: io::Error) -> io::Error {
        if !self.is_retired() {
            tracing::error!(%error, "the store has to be opened anew");
        }
        self.0.broken.store(true, Ordering::Release);
        error
    }

    /// What reads have to go through while the device is away.
    fn detour(&self) -> Option<MutexGuard<'_, Unsynced>> {
        if !self.is_away() {
            return None;
        }
        let unsynced = self.unsynced();
        // Asked again, now that nobody can end the detour in between.
        self.is_away().then_some(unsynced)
    }

    fn is_retired(&self) -> bool {
        self.0.retired.load(Ordering::Acquire)
    }

    fn is_away(&self) -> bool {
        self.0.away.load(Ordering::Acquire)
    }

    fn unsynced(&self) -> MutexGuard<'_, Unsynced> {
        self.0.unsynced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StorageBackend for Device {
    fn len(&self) -> io::Result<u64> {
        match self.detour() {
            Some(unsynced) => Ok(unsynced.len()),
            None => self.0.medium.len().map_err(|error| self.give_up(error)),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let medium = self.medium();
        let done = match self.detour() {
            Some(unsynced) => unsynced.read(medium, offset, out),
            None => medium.read(offset, out),
        };
        done.map_err(|error| self.give_up(error))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.perform(Op::Resize(len), |medium| medium.set_len(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.perform(Op::Sync, |medium| {
            pass(Failpoint::DiskSync);
            medium.sync_data().inspect(|()| pass(Failpoint::DiskSynced))
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.perform(Op::Write(offset, data.into()), |medium| {
            pass(Failpoint::DiskWrite);
            medium.write(offset, data)
        })
    }

    fn close(&self) -> io::Result<()> {
        self.0.medium.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.medium.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.medium.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.medium.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.medium.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.medium.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.medium.query_lock_range(start, end)
    }
}
