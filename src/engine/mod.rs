//! Where writes are admitted, analysed, made durable and indexed, and where queries are answered. The engine alone
//! knows both the store and the index, and that the index lags; it knows neither wire nor database types.
//!
//! Start at [`Engine`]. A write goes through `admission` (room by bytes), `turns` (order for each document), `pool`
//! (analysis on threads of its own) and `committer` (many writes, one sync to disk); `indexer` follows the store on
//! the cadence that `progress` keeps; `search` answers from the index and fetches from the store.

mod admission;
mod analyze;
mod api;
mod batch;
mod caller;
mod clock;
mod collections;
mod committer;
mod config;
mod documents;
mod error;
mod indexer;
mod ingest;
mod mentions;
mod paging;
mod pool;
mod progress;
mod purge;
mod readiness;
mod recovery;
mod search;
mod turns;

pub use admission::Permit;
pub use api::{AnalyzeRequest, Analyzed, DocumentResult, Draft, Lane, MentionResult, QuoteResult};
pub use caller::{Caller, Principal};
pub use config::{ConfigError, EngineConfig};
pub use error::{EngineError, Fault, Invalid, Precondition, Resource, Written};
pub use readiness::Readiness;

use crate::analysis::Analyzer;
use crate::domain::document::{Seq, StoreId};
use crate::index::Index;
use crate::store::Store;
use admission::Admission;
use committer::{CommitQueue, Committer, GroupLimits};
use indexer::{Follower, Indexer};
use pool::Pool;
use progress::{Cadence, Progress};
use purge::Purger;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use turns::Turns;

/// Most calls that block on the disk at one time. More would only take memory from each other.
const BLOCKING_CALLS: usize = 16;

/// The service without its wire. Cheap to clone; dropping the last clone closes store and index.
///
/// A call whose future is dropped tears nothing: a write is done whole or not at all. Blocking work runs on the
/// engine's own threads and on the runtime's blocking pool, never on an async worker.
#[derive(Debug, Clone)]
pub struct Engine {
    core: Arc<Core>,
}

/// Fields are dropped in this order: first whoever makes work, then whoever does it, then what it is done to.
struct Core {
    pool: Pool,
    _committer: Committer,
    commits: CommitQueue,
    _indexer: Indexer,
    purger: Purger,
    admission: Admission,
    turns: Turns,
    blocking: Arc<Semaphore>,
    progress: Arc<Progress>,
    /// The store's last change when it was opened: queries are refused until the index holds it.
    replay_target: Seq,
    readiness: Arc<watch::Sender<Readiness>>,
    analyzer: Arc<Analyzer>,
    store: Arc<Store>,
    index: Arc<Index>,
    config: EngineConfig,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Engine {
    /// Opens store and index under `config.data_dir` and starts the engine's threads. Returns as soon as both are
    /// open; the index catches up in the background, which [`Engine::readiness`] shows. Blocks on disk.
    pub fn open(config: EngineConfig, analyzer: Arc<Analyzer>) -> Result<Self, EngineError> {
        config.check().map_err(Fault::Config)?;
        let store = Arc::new(Store::open(&recovery::store_dir(&config), clock::now())?);
        let index = Arc::new(recovery::open_index(&config, &store)?);
        let cadence = Cadence { idle: config.index_idle, interval: config.index_interval };
        let replay_target = store.last_seq()?;
        let progress = Arc::new(Progress::new(cadence, replay_target, index.applied()));
        let recovering = Readiness::Recovering { applied: index.applied(), last: replay_target };
        let readiness = Arc::new(watch::Sender::new(recovering));
        let limits = GroupLimits { writes: config.group_writes, bytes: config.group_bytes };
        let committer = Committer::start(Arc::clone(&store), limits, Arc::clone(&progress))?;
        let indexer = Indexer::start(Follower {
            store: Arc::clone(&store),
            index: Arc::clone(&index),
            progress: Arc::clone(&progress),
            readiness: Arc::clone(&readiness),
        })?;
        let core = Core {
            pool: Pool::start(config.analysis_threads)?,
            commits: committer.queue(),
            _committer: committer,
            _indexer: indexer,
            purger: Purger::start(Arc::clone(&store))?,
            admission: Admission::new(config.max_inflight_bytes, config.analysis_threads),
            turns: Turns::default(),
            blocking: Arc::new(Semaphore::new(BLOCKING_CALLS)),
            progress,
            replay_target,
            readiness,
            analyzer,
            store,
            index,
            config,
        };
        Ok(Self { core: Arc::new(core) })
    }

    /// The engine's state, now and whenever it changes.
    pub fn readiness(&self) -> watch::Receiver<Readiness> {
        self.core.readiness.subscribe()
    }

    /// A secret of this store, made once with it: seals page tokens.
    pub fn token_secret(&self) -> [u8; 32] {
        self.core.store.secret()
    }

    /// Which store the sequence numbers belong to; part of a consistency token.
    pub fn store_id(&self) -> StoreId {
        self.core.store.id()
    }

    /// Room for a message of `bytes` and what becomes of it; to be taken before the message is. Bulk work waits for
    /// it in line, others are refused at once where there is none.
    pub async fn admit(&self, caller: &Caller, bytes: usize) -> Result<Permit, EngineError> {
        self.core.admission.admit(caller, bytes).await
    }

    /// When somebody who found no room should come back.
    pub fn retry_after(&self) -> Duration {
        self.core.admission.retry_after()
    }

    /// Waits until queries see the change `seq`, for at most the configured time, and so that the caller can still
    /// be answered.
    pub async fn wait_for(&self, caller: &Caller, seq: Seq) -> Result<(), EngineError> {
        let progress = &self.core.progress;
        if seq > progress.last_stored() {
            return Err(EngineError::InvalidArgument { field: "at_least", reason: Invalid::UnknownSequence });
        }
        let patience = caller.patience().map_or(self.core.config.consistency_wait, |patience| {
            patience.min(self.core.config.consistency_wait)
        });
        tokio::time::timeout(patience, progress.reached(seq)).await.map_err(|_| EngineError::DeadlineExceeded)
    }

    /// Stops taking work, finishes what is in flight and brings the index up to date, for at most `limit`. What is
    /// not finished by then is what a crash would leave: everything acknowledged is there after the next start.
    pub async fn drain(&self, limit: Duration) -> Result<(), EngineError> {
        let core = &self.core;
        core.readiness.send_replace(Readiness::Draining);
        core.admission.close();
        let finished = async {
            // A permit is given back once its write is committed or its text is analysed.
            core.admission.emptied().await;
            core.progress.reached(core.progress.last_stored()).await;
        };
        tokio::time::timeout(limit, finished).await.map_err(|_| EngineError::DeadlineExceeded)
    }

    /// Runs work that blocks on disk where it holds up no async worker, unless its caller is over by then.
    async fn blocking<T: Send + 'static>(
        &self,
        caller: &Caller,
        work: impl FnOnce(&Core) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let core = Arc::clone(&self.core);
        // The semaphore is never closed. The permit goes with the work, which outlives a dropped future.
        let permit = Arc::clone(&core.blocking).acquire_owned().await.map_err(|_| Fault::Stopped)?;
        caller.check()?;
        let work = move || {
            let _permit = permit;
            work(&core)
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result,
            Err(error) if error.is_panic() => Err(Fault::Panicked.into()),
            Err(_) => Err(Fault::Stopped.into()),
        }
    }
}
