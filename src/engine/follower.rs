//! The task that keeps the index up with the log. It reads the sequence of changes from where the index stands and commits the
//! result with the position it has reached, so that a crash at any moment costs nothing but doing the last step again. It never
//! writes to the log. When the index fails it is opened anew, with pauses that grow, until it follows again.

use super::batch::{Batch, Missing};
use super::catch_up::CatchUp;
use super::error::Fault;
use super::progress::Progress;
use super::readiness::{IndexState, Readiness};
use super::rebuild::Rebuilds;
use super::views::Views;
use crate::domain::document::Seq;
use crate::failpoint::{Failpoint, pass};
use crate::ports::{DocumentLog, EntityProjection, Followed, Origin, PortError, SearchIndex};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tracing::field::Empty;
use tracing::{Instrument, Span};

const FIRST_RETRY: Duration = Duration::from_millis(100);
/// Short, since opening anew costs little and readiness is to tell within a second that it went well.
const LAST_RETRY: Duration = Duration::from_millis(700);

/// What the task works with.
pub(super) struct Follower {
    pub(super) log: Arc<dyn DocumentLog>,
    pub(super) entities: Arc<dyn EntityProjection>,
    pub(super) index: Arc<dyn SearchIndex>,
    pub(super) progress: Arc<Progress>,
    pub(super) rebuilds: Arc<Rebuilds>,
    pub(super) views: Arc<Views>,
    pub(super) readiness: Arc<watch::Sender<Readiness>>,
}

/// How far the task has come.
#[derive(Default)]
struct Standing {
    /// Whether the index is open.
    open: bool,
    /// What the index lacked when it was opened, until that is made up.
    catch_up: Option<CatchUp>,
    /// Requests to make the index anew that it was made after.
    anew: u64,
}

/// Why a step was not done.
enum Failure {
    /// The log is out of order. That shows elsewhere; the index is fine.
    Log(PortError),
    /// The index is to be opened anew.
    Index(Fault),
}

impl From<Missing> for Failure {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Log(error) => Self::Log(error),
            Missing::Fault(fault) => Self::Index(fault),
        }
    }
}

impl Follower {
    /// Follows for ever; dropping the future ends it between two steps.
    pub(super) async fn run(self) {
        let mut standing = Standing::default();
        let mut retry = FIRST_RETRY;
        loop {
            match self.advance(&mut standing).await {
                Ok(()) => retry = FIRST_RETRY,
                Err(failure) => {
                    let retry_ms = retry.as_millis() as u64;
                    match failure {
                        Failure::Log(error) => {
                            tracing::warn!(%error, retry_ms, "the log cannot be followed");
                        }
                        Failure::Index(fault) => {
                            // Readiness tells it once; this is each try.
                            tracing::debug!(error = %fault.chain(), retry_ms, "the index is to be opened anew");
                            self.show(IndexState::Degraded(fault));
                            standing.open = false;
                        }
                    }
                    tokio::time::sleep(retry).await;
                    retry = (retry * 2).min(LAST_RETRY);
                }
            }
        }
    }

    /// Opens the index where it is not, or is wanted anew, and brings it to where it should be.
    async fn advance(&self, standing: &mut Standing) -> Result<(), Failure> {
        let asked = self.rebuilds.asked();
        let anew = asked > standing.anew;
        if !standing.open || anew {
            standing.open = false;
            let last = self.open(anew).await?;
            (standing.open, standing.anew) = (true, asked);
            standing.catch_up = Some(CatchUp::begin(self.progress.last_applied(), last));
        }
        let target = match &standing.catch_up {
            Some(catch_up) => catch_up.target(),
            None => tokio::select! {
                target = self.progress.next() => target,
                () = self.rebuilds.asked_after(standing.anew) => return Ok(()),
            },
        };
        while self.progress.last_applied() < target {
            self.step().instrument(tracing::trace_span!("index.follow", operations = Empty)).await?;
            if let Some(catch_up) = &mut standing.catch_up {
                let state = catch_up.reached(self.progress.last_applied());
                self.show(state);
            }
        }
        standing.catch_up = None;
        self.rebuilds.meet(standing.anew);
        self.show(IndexState::Ready);
        Ok(())
    }

    /// Opens the index, for the first time or anew; says what the log's last change is.
    async fn open(&self, anew: bool) -> Result<Seq, Failure> {
        let floor = self.log.floor().await.map_err(Failure::Log)?;
        let last = self.log.last_seq().await.map_err(Failure::Log)?;
        let followed = Followed { store: self.log.identity().store, last, floor, anew };
        let opened = self.index.open(&followed).await.map_err(|error| Failure::Index(error.into()))?;
        match &opened.origin {
            Origin::Opened => {}
            Origin::Created => tracing::info!("the index is new"),
            Origin::Recreated(why) => tracing::warn!(why, "the index could not be used and is built anew"),
        }
        self.progress.applied(opened.applied);
        if anew {
            self.show(IndexState::Recovering { applied: opened.applied, last });
        }
        pass(Failpoint::FollowOpened);
        Ok(last)
    }

    /// One batch of changes, one commit.
    async fn step(&self) -> Result<(), Failure> {
        let began = Instant::now();
        let after = self.progress.last_applied();
        let reading = Batch::read(&*self.log, &*self.entities, after);
        let batch = reading.instrument(tracing::trace_span!("index.read")).await?;
        let read = began.elapsed();
        pass(Failpoint::FollowRead);
        let operations = batch.ops.len();
        Span::current().record("operations", operations);
        let applying =
            self.index.apply(batch.ops, batch.up_to).instrument(tracing::trace_span!("index.commit"));
        applying.await.map_err(|error| Failure::Index(error.into()))?;
        pass(Failpoint::FollowApplied);
        let (read_ms, total_ms) = (read.as_millis() as u64, began.elapsed().as_millis() as u64);
        tracing::debug!(up_to = batch.up_to, operations, read_ms, total_ms, "index step");
        self.progress.applied(batch.up_to);
        self.views.applied(batch.up_to);
        pass(Failpoint::FollowTold);
        Ok(())
    }

    fn show(&self, state: IndexState) {
        self.readiness.send_if_modified(|shown| {
            let same = match (&shown.index, &state) {
                (IndexState::Ready, IndexState::Ready) => true,
                (IndexState::Degraded(before), IndexState::Degraded(now)) => before.chain() == now.chain(),
                _ => false,
            };
            if !same {
                shown.index = state;
            }
            !same
        });
    }
}
