//! The task that does operations, one after the other, the eldest first. Between two documents it can be called off; when the
//! service stops it leaves the operation as it is, and begins it again at the next start.

use super::matches::{Match, Matches};
use super::{purge, reanalyze};
use crate::domain::operation::{Operation, OperationState, Progress, Task};
use crate::engine::Core;
use crate::engine::Engine;
use crate::engine::error::EngineError;
use crate::failpoint::{Failpoint, pass};
use crate::ports::{Caller, Over};
use futures_util::{StreamExt, stream};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How often the progress of an operation is kept.
const SAVE_EVERY: Duration = Duration::from_secs(1);
/// Pause after the log could not be read.
const RETRY: Duration = Duration::from_secs(2);

/// See the module. Holds the engine weakly, so that it does not keep it alive.
pub(in crate::engine) struct Worker(Weak<Core>);

/// What was done to one document.
pub(super) enum Done {
    Done,
    Skipped,
}

impl Worker {
    /// A worker for an engine that is whole: one that is still being made would look like one that is gone, and be worked for by nobody.
    pub(in crate::engine) fn of(core: &Arc<Core>) -> Self {
        Self(Arc::downgrade(core))
    }

    /// Works for as long as the engine lives.
    pub(in crate::engine) async fn run(self) {
        loop {
            let Some(engine) = self.engine() else { return };
            let next = match engine.core.log.operations().await {
                Ok(operations) => operations.into_iter().rev().find(|operation| !operation.state.is_done()),
                Err(error) => {
                    tracing::warn!(%error, "operations cannot be read");
                    drop(engine);
                    tokio::time::sleep(RETRY).await;
                    continue;
                }
            };
            match next {
                Some(operation) => work(&engine, operation).await,
                None => {
                    let core = Arc::downgrade(&engine.core);
                    drop(engine);
                    idle(core).await;
                }
            }
        }
    }

    fn engine(&self) -> Option<Engine> {
        self.0.upgrade().map(|core| Engine { core })
    }
}

/// Waits for the bell without keeping the engine alive: looks up now and then whether it still is.
async fn idle(core: Weak<Core>) {
    let Some(core) = core.upgrade() else { return };
    let desk = Arc::clone(&core.desk);
    drop(core);
    let _ = tokio::time::timeout(RETRY, desk.bell.notified()).await;
}

/// Does one operation, to its end or until it is called off.
async fn work(engine: &Engine, operation: Operation) {
    let id = operation.id;
    let stop = CancellationToken::new();
    *engine.core.desk.at_work() = Some((id, stop.clone()));
    let caller = Caller { cancelled: stop, ..Caller::service(&id.to_string()) };
    let mut operation = Operation { state: OperationState::Running, ..operation };
    if operation.task.documents().1.is_some() {
        operation.progress = Progress::default();
    }
    tracing::info!(%id, "an operation begins");
    let ended = match do_all(engine, &caller, &mut operation).await {
        Ok(()) => OperationState::Succeeded,
        Err(EngineError::Over(Over::Cancelled)) => OperationState::Cancelled,
        Err(EngineError::Draining) => {
            // To be gone on with after the next start.
            *engine.core.desk.at_work() = None;
            tokio::time::sleep(RETRY).await;
            return;
        }
        Err(error) => {
            tracing::error!(%id, error = &error as &dyn std::error::Error, "an operation failed");
            OperationState::Failed(error.to_string())
        }
    };
    operation.state = ended;
    operation.task.forget_filter();
    let Progress { total, done, skipped, failed } = operation.progress;
    tracing::info!(%id, state = ?operation.state, total, done, skipped, failed, "an operation has ended");
    pass(Failpoint::OperationDone);
    // The end must be kept, or the operation would be done again.
    while let Err(error) = engine.save(operation.clone()).await {
        tracing::warn!(%id, %error, "the end of an operation cannot be kept yet");
        tokio::time::sleep(RETRY).await;
    }
    *engine.core.desk.at_work() = None;
}

async fn do_all(engine: &Engine, caller: &Caller, operation: &mut Operation) -> Result<(), EngineError> {
    let before = match &operation.task {
        Task::Reanalyze { .. } => None,
        Task::Purge { before, .. } => *before,
    };
    if let (collection, Some(filter)) = operation.task.documents() {
        let matches = Matches::begin(engine, collection, filter, before).await?;
        do_each(engine, caller, operation, matches).await?;
        operation.task.forget_filter();
    }
    if let Task::Purge { erase: true, .. } = &operation.task {
        engine.save(operation.clone()).await?;
        purge::erase(engine).await?;
    }
    Ok(())
}

async fn do_each(
    engine: &Engine,
    caller: &Caller,
    operation: &mut Operation,
    mut matches: Matches,
) -> Result<(), EngineError> {
    operation.progress.total = matches.total;
    engine.save(operation.clone()).await?;
    let mut saved = Instant::now();
    let width = width(engine, &operation.task);
    while let Some(found) = matches.next(engine, caller).await? {
        let task = operation.task.clone();
        let began_at = operation.began_at;
        let each = found.into_iter().map(|found| one(engine, caller, &task, began_at, found));
        let mut results = stream::iter(each).buffer_unordered(width);
        while let Some(result) = results.next().await {
            match result {
                Ok(Done::Done) => operation.progress.done += 1,
                Ok(Done::Skipped) => operation.progress.skipped += 1,
                Err(error @ (EngineError::Over(_) | EngineError::Draining)) => return Err(error),
                Err(error) => {
                    tracing::warn!(id = %operation.id, %error, "an operation failed at a document");
                    operation.progress.failed += 1;
                }
            }
            if saved.elapsed() >= SAVE_EVERY {
                engine.save(operation.clone()).await?;
                saved = Instant::now();
            }
        }
    }
    let Progress { done, skipped, failed, .. } = operation.progress;
    operation.progress.total = done + skipped + failed;
    Ok(())
}

/// Documents in work at once: as many analyses as there are threads, or a group of deletions.
fn width(engine: &Engine, task: &Task) -> usize {
    match task {
        Task::Reanalyze { .. } => engine.core.config.analysis_threads,
        Task::Purge { .. } => engine.core.config.group_writes,
    }
}

/// Does one document, however often the service asks for patience.
async fn one(
    engine: &Engine,
    caller: &Caller,
    task: &Task,
    began_at: u64,
    found: Match,
) -> Result<Done, EngineError> {
    loop {
        caller.check()?;
        let result = match task {
            Task::Reanalyze { renewal, .. } => {
                reanalyze::one(engine, caller, &found, *renewal, began_at).await
            }
            Task::Purge { .. } => purge::one(engine, caller, &found).await,
        };
        let pause = match &result {
            Err(EngineError::Overloaded { retry_after } | EngineError::IndexLagging { retry_after, .. }) => {
                *retry_after
            }
            Err(EngineError::Unavailable(outage)) => outage.retry_after,
            _ => return result,
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = caller.cancelled.cancelled() => {}
        }
    }
}
