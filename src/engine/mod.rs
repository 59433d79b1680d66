//! Where writes are admitted, analysed, made durable and indexed, and where queries are answered. The engine alone
//! knows both the log and the index, and that the index lags; it knows neither wire nor database types.
//!
//! Start at [`Engine`]. A write goes through `admission` (room by bytes), `turns` (order for each document), `pool`
//! (analysis on threads of its own) and `committer` (many writes, one sync to disk); `follower` brings the index after the log on
//! the cadence that `progress` keeps. A query finds its view in `views` and goes on in `search`, `quotes`, `texts` and `entities`,
//! or in `counting`, `timeline`, `profile`, `related`, `outlets` and `suggest`; `thesaurus` puts synonyms into its text. A claim goes
//! on in `verify`. `exports` gives collections away, `imports` takes analyses in that were made elsewhere. `operations` is work over
//! many documents, done in the background; `backups` are made while all goes on, as are `compact` and `rebuild`, and `offline` is what is
//! done while nobody serves. `observer` is told what is done; spans say the same of single calls. `open` puts the pair for one machine
//! behind the ports.

mod admission;
mod analyze;
mod api;
mod backups;
mod batch;
mod catch_up;
mod clock;
mod cluster;
mod collections;
mod committer;
mod compact;
mod config;
mod counting;
mod documents;
mod entities;
mod error;
mod exports;
mod follower;
mod graves;
mod imports;
mod ingest;
mod mentions;
mod observer;
pub mod offline;
mod open;
mod operations;
mod outlets;
mod pages;
mod paging;
mod pool;
mod profile;
mod progress;
mod quotes;
mod reach;
mod readiness;
mod rebuild;
mod related;
mod search;
mod sentence;
mod stages;
mod stats;
mod suggest;
mod synonyms;
mod texts;
mod thesaurus;
mod tidy;
mod timeline;
mod turns;
mod update;
mod verify;
mod views;

pub use admission::{MessageSize, Permit};
pub use api::{
    Amendment, AnalyzeRequest, Analyzed, Counting, DocumentSearch, Draft, Form, Found, Freshness, Gaps,
    LabelChange, MentionResult, Need, Position, QuoteSearch, Shown, Terms, Verified, VerifyRequest,
};
pub use backups::BackupPart;
pub use cluster::{Cluster, ClusterRequest};
pub use compact::Compacted;
pub use config::{ConfigError, EngineConfig, MaxLag};
pub use counting::Divided;
pub use error::{EngineError, Fault, Invalid, Precondition, Resource};
pub use exports::{DocumentExport, Part, QuoteExport, Reached};
pub use imports::Flaw;
pub use observer::Observer;
pub use operations::{Cutoff, Purge};
pub use outlets::{Comparison, ComparisonRequest};
pub use pages::PageFacts;
pub use profile::{Profile, ProfileRequest};
pub use reach::reaches_all;
pub use readiness::{IndexState, Readiness};
pub use related::{RelatedEntities, RelatedEntity, RelatedRequest};
pub use stats::Stats;
pub use suggest::{Suggestion, UnknownName};
pub use synonyms::{SynonymFault, SynonymFlaw, Synonyms};
pub use timeline::{Timeline, TimelineRequest};
pub use views::ViewLimits;

use crate::analysis::roster::Roster;
use crate::domain::document::Seq;
use crate::domain::ids::CollectionId;
use crate::ports::{
    Caller, DocumentLog, EntityProjection, Lane, LogIdentity, LogState, Outage, OutageKind, SearchIndex,
};
use admission::Admission;
use backups::Backups;
use committer::{CommitQueue, Committer, GroupLimits};
use follower::Follower;
use observer::Observed;
use operations::{Desk, Worker};
use pool::Pool;
use progress::{Cadence, Progress};
use rebuild::Rebuilds;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use thesaurus::Thesaurus;
use tidy::Tidier;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;
use turns::Turns;
use views::Views;

/// The service without its wire. Cheap to clone; dropping the last clone closes log and index, at once after [`Engine::stop`].
///
/// A call whose future is dropped tears nothing: a write is done whole or not at all. Computation runs on the engine's own
/// threads, whatever blocks on the threads of whoever stands behind the ports.
#[derive(Debug, Clone)]
pub struct Engine {
    core: Arc<Core>,
}

/// Who keeps documents, who knows what they share, and who finds.
#[derive(Debug, Clone)]
pub struct Ports {
    /// The source of truth.
    pub log: Arc<dyn DocumentLog>,
    /// What follows from it about entities.
    pub entities: Arc<dyn EntityProjection>,
    /// What follows from it for queries.
    pub index: Arc<dyn SearchIndex>,
}

/// Fields are dropped in this order: first whoever makes work, then whoever does it, then what it is done to.
struct Core {
    tasks: Mutex<Vec<AbortOnDropHandle<()>>>,
    pool: Pool,
    commits: CommitQueue,
    backups: Backups,
    tidier: Tidier,
    desk: Arc<Desk>,
    admission: Admission,
    observed: Observed,
    turns: Turns,
    progress: Arc<Progress>,
    rebuilds: Arc<Rebuilds>,
    views: Arc<Views>,
    /// The log's last change when it was opened: what was deleted before it, no view can know.
    replay_target: Seq,
    readiness: Arc<watch::Sender<Readiness>>,
    analyzers: Arc<Roster>,
    stamps: imports::Stamps,
    thesauri: HashMap<CollectionId, Thesaurus>,
    entities: Arc<dyn EntityProjection>,
    index: Arc<dyn SearchIndex>,
    log: Arc<dyn DocumentLog>,
    config: EngineConfig,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts the engine over an open log and an index that it opens itself. Returns at once; the index catches up in the
    /// background, which [`Engine::readiness`] shows.
    pub async fn start(
        mut config: EngineConfig,
        analyzers: Arc<Roster>,
        ports: Ports,
    ) -> Result<Self, EngineError> {
        config.check().map_err(Fault::Config)?;
        let Ports { log, entities, index } = ports;
        let replay_target = log.last_seq().await?;
        let cadence = Cadence { idle: config.index_idle, interval: config.index_interval };
        let progress = Arc::new(Progress::new(cadence, replay_target));
        let views = Arc::new(Views::new(Arc::clone(&index), log.identity().epoch, config.views));
        let recovering = IndexState::Recovering { applied: 0, last: replay_target };
        let readiness = Readiness { log: log.state().borrow().clone(), index: recovering, draining: false };
        let readiness = Arc::new(watch::Sender::new(readiness));
        let limits = GroupLimits { writes: config.group_writes, bytes: config.group_bytes };
        let observed = Observed::default();
        let (committer, commits) = Committer::new(
            Arc::clone(&log),
            limits,
            Arc::clone(&progress),
            Arc::clone(&views),
            observed.clone(),
        );
        let rebuilds = Arc::new(Rebuilds::default());
        let follower = Follower {
            log: Arc::clone(&log),
            entities: Arc::clone(&entities),
            index: Arc::clone(&index),
            progress: Arc::clone(&progress),
            rebuilds: Arc::clone(&rebuilds),
            views: Arc::clone(&views),
            readiness: Arc::clone(&readiness),
        };
        let thesauri = thesaurus::all(std::mem::take(&mut config.synonyms), &*index);
        let tidier = Tidier::default();
        let pool = Pool::start(config.analysis_threads)?;
        let tasks = vec![
            spawn(committer.run()),
            spawn(follower.run()),
            spawn(tidier.clone().run(Arc::clone(&log), Arc::clone(&progress))),
            spawn(watch_log(log.state(), Arc::clone(&readiness))),
        ];
        let core = Arc::new(Core {
            tasks: Mutex::new(tasks),
            pool,
            commits,
            backups: Backups::default(),
            tidier,
            desk: Arc::default(),
            admission: Admission::new(config.max_inflight_bytes),
            observed,
            turns: Turns::default(),
            progress,
            rebuilds,
            views,
            replay_target,
            readiness,
            analyzers,
            stamps: imports::Stamps::default(),
            thesauri,
            entities,
            index,
            log,
            config,
        });
        let engine = Self { core };
        let worker = spawn(Worker::of(&engine.core).run());
        engine.tasks().push(worker);
        engine.report_older().await?;
        Ok(engine)
    }

    fn tasks(&self) -> MutexGuard<'_, Vec<AbortOnDropHandle<()>>> {
        self.core.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how many documents were analysed by no analyzer that is here: they are good as they are, and could be better.
    async fn report_older(&self) -> Result<(), EngineError> {
        let present = |stamp| self.core.analyzers.stamps().any(|present| present == stamp);
        let analyzers = self.core.log.analyzers().await?;
        let older: u64 = analyzers.iter().filter(|(stamp, _)| !present(stamp)).map(|(_, count)| count).sum();
        if older > 0 {
            tracing::info!(
                documents = older,
                "analysed by another analyzer; `dictum reanalyze --older` renews them"
            );
        }
        Ok(())
    }

    /// The engine's state, now and whenever it changes.
    pub fn readiness(&self) -> watch::Receiver<Readiness> {
        self.core.readiness.subscribe()
    }

    /// Who the log is: whose secret seals tokens, and which opening gives out positions.
    pub fn identity(&self) -> LogIdentity {
        self.core.log.identity()
    }

    /// Stops taking work, finishes what is in flight and brings the index up to date, for at most `limit`. What is
    /// not finished by then is what a crash would leave: everything acknowledged is there after the next start.
    pub async fn drain(&self, limit: Duration) -> Result<(), EngineError> {
        let core = &self.core;
        core.readiness.send_modify(|readiness| readiness.draining = true);
        core.admission.close();
        let finished = async {
            // A permit is given back once its write is committed or its text is analysed.
            core.admission.emptied().await;
            core.progress.reached(core.progress.last_stored()).await;
        };
        tokio::time::timeout(limit, finished).await.map_err(|_| EngineError::DeadlineExceeded)
    }

    /// Ends the engine's own tasks, a backup among them, and waits until they have let go of log and index: nothing is indexed any more. Dropping the last
    /// clone after it closes both, so that the next start has nothing to repair.
    pub async fn stop(&self) {
        self.core.backups.stop().await;
        let tasks = std::mem::take(&mut *self.tasks());
        for task in &tasks {
            task.abort();
        }
        for task in tasks {
            // Its error is that it was aborted.
            let _ = task.await;
        }
    }

    /// Room for a message and what becomes of it; to be taken before the message is. Bulk work waits for it in line, its
    /// documents also for the index where that is too far behind; others are refused at once where there is none.
    pub async fn admit(&self, caller: &Caller, need: Need, size: MessageSize) -> Result<Permit, EngineError> {
        let core = &self.core;
        if need == Need::Document && caller.lane == Lane::Bulk {
            core.admission.unless_over(caller, core.progress.within(core.config.max_lag)).await?;
        }
        core.admission.admit(caller, need, size).await
    }

    /// When somebody who found no room should come back.
    pub fn retry_after(&self) -> Duration {
        self.core.admission.retry_after()
    }

    /// Whether a write can be made now: not while the service shuts down, while the log is out of order, or while the index is too
    /// far behind. Bulk work has waited for the index before it was let in.
    fn writable(&self, caller: &Caller) -> Result<(), EngineError> {
        if self.core.readiness.borrow().draining {
            return Err(EngineError::Draining);
        }
        if let LogState::Out(outage) = &*self.core.log.state().borrow() {
            return Err(EngineError::Unavailable(outage.clone()));
        }
        let (lag, most) = (self.core.progress.lag(), self.core.config.max_lag);
        if caller.lane != Lane::Bulk && !lag.is_within(most) {
            let retry_after = Duration::from_secs(1);
            return Err(EngineError::IndexLagging { changes: lag.changes, retry_after });
        }
        Ok(())
    }

    /// Whether anything can be deleted now: a disk that is too full for documents takes deletions, which make room.
    fn deletable(&self, caller: &Caller) -> Result<(), EngineError> {
        match self.writable(caller) {
            Err(EngineError::Unavailable(Outage { kind: OutageKind::Full, .. })) => Ok(()),
            other => other,
        }
    }
}

/// Shows the log's state beside the index's.
async fn watch_log(mut state: watch::Receiver<LogState>, readiness: Arc<watch::Sender<Readiness>>) {
    loop {
        let log = state.borrow_and_update().clone();
        readiness.send_modify(|readiness| readiness.log = log);
        if state.changed().await.is_err() {
            return;
        }
    }
}

fn spawn(task: impl Future<Output = ()> + Send + 'static) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(task))
}
