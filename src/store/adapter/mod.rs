//! The store as the ports want it: async on the outside, with threads of its own that block on the disk. A fixed number of them
//! read, one writes; queues before both are bounded. Dropping the store waits for them, but not for ever.

mod backups;
mod entities;
mod eraser;
mod keeper;
mod log;
mod margin;
mod queue;
mod reader;
mod shared;
mod writer;

use super::config::StoreConfig;
use super::core::{Core, FILE, Known, Opening};
use super::device::{FileSite, Site};
use super::epochs::Epochs;
use super::error::{Fault, StoreError};
use super::folder;
use super::tables::Snapshot;
use crate::domain::backup::Backup;
use crate::domain::time::Timestamp;
use crate::ports::{BackupError, LogIdentity, PortError};
use backups::Order;
use keeper::Keeper;
use queue::Queue;
use shared::Shared;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use writer::Command;

/// An open store: the log and the entities of its documents. One process at a time has it open.
pub struct Store {
    shared: Arc<Shared>,
    identity: LogIdentity,
    epochs: Epochs,
    config: StoreConfig,
    /// Absent only while the store is being dropped.
    queues: Option<Queues>,
    /// Ends when all threads have.
    threads: Mutex<Receiver<()>>,
    patience: Duration,
}

struct Queues {
    reads: Queue<reader::Job>,
    writes: Queue<Command>,
    /// For threads that are started later.
    alive: Sender<()>,
}

impl Store {
    /// Opens the store in the folder `dir`, which is made where it is missing; migrates an older format. Blocks as long as that
    /// takes: after a crash the whole file is read. `now` is the creation time of the default collection in a new store.
    pub fn open(dir: &Path, config: &StoreConfig, now: Timestamp) -> Result<Arc<Self>, StoreError> {
        folder::make(dir)?;
        let store = Self::open_at(Arc::new(FileSite::new(dir.join(FILE))), config, now)?;
        // The file's own syncs do not make its name durable.
        folder::sync(dir)?;
        Ok(Arc::new(store))
    }

    /// Opens the store that lies there.
    pub(super) fn open_at(
        site: Arc<dyn Site>,
        config: &StoreConfig,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let medium = site.open(true).map_err(|error| Fault::from(error).at(site.path()))?;
        let core = Core::open(medium, site.path(), config, Opening::New(now))?;
        let (facts, epochs) = (core.facts(), core.epochs().clone());
        let identity = LogIdentity { store: facts.id, secret: facts.secret, epoch: epochs.current() };
        let seq = core.read(|snapshot| Ok(snapshot.counters()?.seq))?;
        let shared = Arc::new(Shared::new(core));
        let known = Known { id: facts.id, epoch: identity.epoch, seq };
        let mut keeper = Keeper::new(shared.clone(), site, config.clone(), known);
        // A process that died may have left one.
        keeper.discard_copy();
        keeper.look();
        let (alive, threads) = channel();
        let (reads, jobs) = queue::queue(config.waiting_reads);
        for _ in 0..config.readers.max(1) {
            reader::start(shared.clone(), jobs.clone(), alive.clone());
        }
        let (writes, commands) = queue::queue(config.waiting_writes);
        writer::start(keeper, commands, alive.clone());
        let (queues, threads) = (Some(Queues { reads, writes, alive }), Mutex::new(threads));
        let (config, patience) = (config.clone(), config.patience);
        Ok(Self { shared, identity, epochs, config, queues, threads, patience })
    }

    /// Answers from the last durable state, on a thread that reads.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Snapshot) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, PortError> {
        let (reply, answer) = oneshot::channel();
        let job: reader::Job = Box::new(move |shared: &Shared| {
            // A caller that has gone needs no answer.
            if !reply.is_closed() {
                let _ = reply.send(shared.read(read));
            }
        });
        let queue = &self.queues.as_ref().ok_or_else(ended)?.reads;
        queue.push(job).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }

    /// Has a thread of its own make a backup.
    async fn make_backup(&self, order: impl FnOnce(Arc<Core>) -> Order) -> Result<Backup, BackupError> {
        let core = self.shared.core().map_err(PortError::Unavailable)?;
        let alive = self.queues.as_ref().ok_or_else(ended)?.alive.clone();
        let answer = backups::start(order(core), alive)?;
        answer.await.map_err(|_| ended())?
    }

    /// Has the thread that writes do something.
    async fn command<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, PortError>>) -> Command,
    ) -> Result<T, PortError> {
        let (reply, answer) = oneshot::channel();
        let queue = &self.queues.as_ref().ok_or_else(ended)?.writes;
        queue.push(command(reply)).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Threads end when nobody can ask them any more and what was asked is done; the one that writes closes the file.
        self.queues = None;
        let threads = self.threads.get_mut().unwrap_or_else(PoisonError::into_inner);
        if threads.recv_timeout(self.patience) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the store's threads are still at work; they are left to themselves");
        }
    }
}

impl std::fmt::Debug for Store {
    /// The secret stays out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("shared", &self.shared).finish_non_exhaustive()
    }
}

/// The answer to whoever asks a thread that has failed.
fn ended() -> PortError {
    PortError::fault("the store failed at a request", std::io::Error::other("its thread gave no answer"))
}
