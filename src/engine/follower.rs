//! The task that keeps the index up with the log. It reads the sequence of changes from where the index stands and commits the
//! result with the position it has reached, so that a crash at any moment costs nothing but doing the last step again. It never
//! writes to the log. When the index fails it is opened anew, with pauses that grow, until it follows again.

use super::batch::{Batch, Missing};
use super::catch_up::CatchUp;
use super::error::Fault;
use super::progress::Progress;
use super::readiness::{IndexState, Readiness};
use super::views::Views;
use crate::domain::document::Seq;
use crate::failpoint::{Failpoint, pass};
use crate::ports::{DocumentLog, EntityProjection, Followed, Origin, PortError, SearchIndex};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

const FIRST_RETRY: Duration = Duration::from_millis(100);
/// Short, since opening anew costs little and readiness is to tell within a second that it went well.
const LAST_RETRY: Duration = Duration::from_millis(700);

/// What the task works with.
pub(super) struct Follower {
    pub(super) log: Arc<dyn DocumentLog>,
    pub(super) entities: Arc<dyn EntityProjection>,
    pub(super) index: Arc<dyn SearchIndex>,
    pub(super) progress: Arc<Progress>,
    pub(super) views: Arc<Views>,
    pub(super) readiness: Arc<watch::Sender<Readiness>>,
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
        let mut open = false;
        let mut retry = FIRST_RETRY;
        let mut catch_up = None;
        loop {
            match self.advance(&mut open, &mut catch_up).await {
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
                            open = false;
                        }
                    }
                    tokio::time::sleep(retry).await;
                    retry = (retry * 2).min(LAST_RETRY);
                }
            }
        }
    }

    /// Opens the index where it is not, and brings it to where it should be.
    async fn advance(&self, open: &mut bool, catch_up: &mut Option<CatchUp>) -> Result<(), Failure> {
        if !*open {
            let last = self.open().await?;
            *open = true;
            *catch_up = Some(CatchUp::begin(self.progress.last_applied(), last));
        }
        let target = match catch_up {
            Some(catch_up) => catch_up.target(),
            None => self.progress.next().await,
        };
        while self.progress.last_applied() < target {
            self.step().await?;
            if let Some(catch_up) = catch_up {
                let state = catch_up.reached(self.progress.last_applied());
                self.show(state);
            }
        }
        *catch_up = None;
        self.show(IndexState::Ready);
        Ok(())
    }

    /// Opens the index, for the first time or anew; says what the log's last change is.
    async fn open(&self) -> Result<Seq, Failure> {
        let floor = self.log.floor().await.map_err(Failure::Log)?;
        let last = self.log.last_seq().await.map_err(Failure::Log)?;
        let followed = Followed { store: self.log.identity().store, last, floor };
        let opened = self.index.open(&followed).await.map_err(|error| Failure::Index(error.into()))?;
        match &opened.origin {
            Origin::Opened => {}
            Origin::Created => tracing::info!("the index is new"),
            Origin::Recreated(why) => tracing::warn!(why, "the index could not be used and is built anew"),
        }
        self.progress.applied(opened.applied);
        pass(Failpoint::FollowOpened);
        Ok(last)
    }

    /// One batch of changes, one commit.
    async fn step(&self) -> Result<(), Failure> {
        let began = Instant::now();
        let after = self.progress.last_applied();
        let batch = Batch::read(&*self.log, &*self.entities, after).await?;
        let read = began.elapsed();
        pass(Failpoint::FollowRead);
        let operations = batch.ops.len();
        self.index.apply(batch.ops, batch.up_to).await.map_err(|error| Failure::Index(error.into()))?;
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
