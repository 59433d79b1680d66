//! The thread that keeps the index up with the store. It reads the sequence of changes from where the index stands,
//! looks up what each change names, and commits the result with the position it has reached; so that a crash at any
//! moment costs nothing but doing the last step again. It never writes to the store.

use super::batch::Batch;
use super::error::Fault;
use super::progress::{Progress, Wake};
use super::readiness::Readiness;
use super::recovery::CatchUp;
use crate::domain::document::Seq;
use crate::index::Index;
use crate::store::Store;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::watch;

const FIRST_RETRY: Duration = Duration::from_millis(100);
const LAST_RETRY: Duration = Duration::from_secs(10);

/// The thread. Dropping it waits for the step in progress.
#[derive(Debug)]
pub(super) struct Indexer {
    progress: Arc<Progress>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread works with.
pub(super) struct Follower {
    pub(super) store: Arc<Store>,
    pub(super) index: Arc<Index>,
    pub(super) progress: Arc<Progress>,
    pub(super) readiness: Arc<watch::Sender<Readiness>>,
}

impl Indexer {
    /// Starts the thread, which first replays what the index lacks.
    pub(super) fn start(follower: Follower) -> Result<Self, Fault> {
        let progress = Arc::clone(&follower.progress);
        let thread = std::thread::Builder::new()
            .name("dictum-index".into())
            .spawn(move || follower.run())
            .map_err(|error| Fault::Thread(Arc::new(error)))?;
        Ok(Self { progress, thread: Some(thread) })
    }
}

impl Drop for Indexer {
    fn drop(&mut self) {
        self.progress.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Follower {
    fn run(&self) {
        let mut catch_up = Some(CatchUp::begin(self.progress.last_applied(), self.progress.last_stored()));
        let mut retry = FIRST_RETRY;
        loop {
            let target = match (&catch_up, self.progress.is_stopped()) {
                (_, true) => return,
                (Some(catch_up), false) => catch_up.target(),
                (None, false) => match self.progress.next() {
                    Wake::Follow(target) => target,
                    Wake::Stop => return,
                },
            };
            match self.follow(target, catch_up.as_mut()) {
                Ok(()) if self.progress.is_stopped() => return,
                Ok(()) => {
                    retry = FIRST_RETRY;
                    catch_up = None;
                    self.show(Readiness::Ready);
                }
                Err(fault) => {
                    tracing::error!(error = %fault.chain(), retry_ms = retry.as_millis(), "the index cannot follow");
                    self.show(Readiness::Degraded(fault));
                    self.progress.pause(retry);
                    retry = (retry * 2).min(LAST_RETRY);
                }
            }
        }
    }

    /// Takes steps until the index holds `target`, or the engine stops.
    fn follow(&self, target: Seq, mut catch_up: Option<&mut CatchUp>) -> Result<(), Fault> {
        while self.progress.last_applied() < target && !self.progress.is_stopped() {
            // Store and index each recover from a panic on their own: neither has anything half-written.
            catch_unwind(AssertUnwindSafe(|| self.step())).unwrap_or(Err(Fault::Panicked))?;
            if let Some(catch_up) = catch_up.as_deref_mut() {
                let readiness = catch_up.reached(self.progress.last_applied());
                self.show(readiness);
            }
        }
        Ok(())
    }

    /// One batch of changes, one commit.
    fn step(&self) -> Result<(), Fault> {
        let began = Instant::now();
        let batch = Batch::read(&self.store, self.progress.last_applied())?;
        let read = began.elapsed();
        let ops = batch.ops();
        self.index.apply(&ops, batch.up_to())?;
        let (read_ms, total_ms) = (read.as_millis(), began.elapsed().as_millis());
        tracing::debug!(up_to = batch.up_to(), operations = ops.len(), read_ms, total_ms, "index step");
        self.progress.applied(batch.up_to());
        Ok(())
    }

    /// Shows a state, but never hides that the service is shutting down.
    fn show(&self, state: Readiness) {
        self.readiness.send_if_modified(|shown| {
            let stays = matches!(shown, Readiness::Draining) || (shown.is_ready() && state.is_ready());
            if !stays {
                *shown = state;
            }
            !stays
        });
    }
}
