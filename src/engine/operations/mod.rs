//! Long-running operations: asked for in one call, done one after the other in a lane that never slows calls, kept in the log so
//! that they go on after a restart. Start at [`worker`] for how one is done; [`matches`] finds the documents, [`reanalyze`] and
//! [`purge`] do something to each.

mod matches;
mod purge;
mod reanalyze;
mod worker;

pub(super) use worker::Worker;

use super::committer::{self, Ticket};
use super::error::{EngineError, Fault, Invalid, Precondition, Resource};
use super::reach::reaches;
use super::{Engine, clock, paging};
use crate::domain::hit::HitPage;
use crate::domain::ids::{CollectionId, DocumentName};
use crate::domain::operation::{Operation, OperationId, OperationState, Progress, Renewal, Task};
use crate::domain::query::{Cursor, DocumentFilter, PageRequest};
use crate::domain::time::Timestamp;
use crate::ports::{Caller, Effect, Write};
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

/// Operations that have ended and are kept all the same.
const KEPT: usize = 1000;

/// What callers and the worker share.
#[derive(Debug)]
pub(super) struct Desk {
    /// Rung when there is something to do.
    bell: Notify,
    /// Counts up with every change of any operation, for those who wait for one.
    changes: watch::Sender<u64>,
    /// What the worker is doing, and how to call it off.
    at_work: Mutex<Option<(OperationId, CancellationToken)>>,
}

impl Default for Desk {
    fn default() -> Self {
        Self { bell: Notify::new(), changes: watch::Sender::new(0), at_work: Mutex::default() }
    }
}

/// Which documents a purge is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Purge {
    /// Where.
    pub collection: CollectionId,
    /// Which.
    pub filter: DocumentFilter,
    /// Only those seen before this.
    pub before: Option<Cutoff>,
    /// Whether nothing of them may be left on the disk.
    pub erase: bool,
}

/// How old a document must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cutoff {
    /// From before this time.
    At(Timestamp),
    /// Older than this.
    Ago(Duration),
}

impl Cutoff {
    fn time(self) -> Timestamp {
        match self {
            Self::At(time) => time,
            Self::Ago(age) => {
                let now = clock::now();
                let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
                Timestamp { seconds: now.seconds.saturating_sub(age), ..now }
            }
        }
    }
}

impl Engine {
    /// Starts renewing the analyses of documents.
    pub async fn reanalyze_documents(
        &self,
        caller: &Caller,
        collection: &CollectionId,
        filter: DocumentFilter,
        renewal: Renewal,
    ) -> Result<Operation, EngineError> {
        self.get_collection(caller, collection).await?;
        let (collection, filter) = (collection.clone(), Some(filter));
        self.begin(caller, Task::Reanalyze { collection, filter, renewal }).await
    }

    /// Starts deleting documents.
    pub async fn purge_documents(&self, caller: &Caller, purge: Purge) -> Result<Operation, EngineError> {
        self.get_collection(caller, &purge.collection).await?;
        let Purge { collection, filter, before, erase } = purge.checked()?;
        let (filter, before) = (Some(filter), before.map(Cutoff::time));
        self.begin(caller, Task::Purge { collection, filter, before, erase }).await
    }

    /// How many documents a purge would delete now, and the names of the first `sample` of them.
    pub async fn count_purge(
        &self,
        caller: &Caller,
        purge: Purge,
        sample: usize,
    ) -> Result<(u64, Vec<DocumentName>), EngineError> {
        self.get_collection(caller, &purge.collection).await?;
        let purge = purge.checked()?;
        let before = purge.before.map(Cutoff::time);
        let mut matches = matches::Matches::begin(self, &purge.collection, &purge.filter, before).await?;
        let (mut count, mut names) = (0, Vec::new());
        while let Some(found) = matches.next(self, caller).await? {
            count += found.len() as u64;
            let wanted = sample.saturating_sub(names.len());
            names.extend(found.into_iter().take(wanted).map(|found| found.name));
        }
        Ok((count, names))
    }

    /// An operation.
    pub async fn get_operation(&self, caller: &Caller, id: OperationId) -> Result<Operation, EngineError> {
        let found = self.core.log.operation(id).await?;
        let found = found.ok_or(EngineError::NotFound(Resource::Operation(id)))?;
        reaches(caller, found.task.documents().0, || Resource::Operation(id))?;
        Ok(found)
    }

    /// The operations, the latest first.
    pub async fn list_operations(
        &self,
        caller: &Caller,
        only_active: bool,
        page: &PageRequest,
    ) -> Result<HitPage<Operation>, EngineError> {
        paging::check(page)?;
        let mut found = self.core.log.operations().await?;
        let reach = &caller.principal.reach;
        found.retain(|operation| reach.allows(operation.task.documents().0.as_str()));
        found.retain(|operation| !(only_active && operation.state.is_done()));
        let total = found.len() as u64;
        if let Some(after) = &page.after {
            let last = paging::text(after)?.parse::<u64>().map_err(|_| paging::not_ours())?;
            found.retain(|operation| operation.id.0 < last);
        }
        found.truncate(page.size.saturating_add(1));
        Ok(paging::cut(found, page.size, total, |operation| Cursor(operation.id.0.to_string().into_bytes())))
    }

    /// Waits until an operation is done, for at most `most` and the caller's time; tells what it is like then.
    pub async fn wait_operation(
        &self,
        caller: &Caller,
        id: OperationId,
        most: Option<Duration>,
    ) -> Result<Operation, EngineError> {
        let until = most.map(|most| tokio::time::Instant::now() + most);
        let mut changes = self.core.desk.changes.subscribe();
        loop {
            changes.mark_unchanged();
            let operation = self.get_operation(caller, id).await?;
            if operation.state.is_done() {
                return Ok(operation);
            }
            let late = async {
                match until {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = changes.changed() => changed.map_err(|_| Fault::Stopped)?,
                () = late => return Ok(operation),
                () = caller.cancelled.cancelled() => caller.check()?,
            }
        }
    }

    /// Calls an operation off; tells what it is like then. What was done stays done.
    pub async fn cancel_operation(&self, caller: &Caller, id: OperationId) -> Result<Operation, EngineError> {
        let operation = self.get_operation(caller, id).await?;
        if operation.state.is_done() {
            return Ok(operation);
        }
        if let Some((_, stop)) = self.core.desk.at_work().as_ref().filter(|(at_work, _)| *at_work == id) {
            stop.cancel();
        } else {
            let mut operation = Operation { state: OperationState::Cancelled, ..operation };
            operation.task.forget_filter();
            self.save(operation).await?;
        }
        self.wait_operation(caller, id, None).await
    }

    /// Forgets an operation that has ended.
    pub async fn delete_operation(&self, caller: &Caller, id: OperationId) -> Result<(), EngineError> {
        if !self.get_operation(caller, id).await?.state.is_done() {
            return Err(EngineError::FailedPrecondition(Precondition::OperationGoesOn));
        }
        let answer = self.core.commits.submit(Write::ForgetOperation(id), Ticket::default());
        // Forgotten by somebody else meanwhile: all the same.
        committer::outcome(answer).await.map(drop)
    }

    async fn begin(&self, caller: &Caller, task: Task) -> Result<Operation, EngineError> {
        // What it does asks again for each document.
        self.deletable(caller)?;
        caller.check()?;
        self.forget_old().await?;
        let now = clock::now();
        let operation = Operation {
            id: OperationId(0),
            task,
            progress: Progress::default(),
            state: OperationState::Waiting,
            began_at: self.core.progress.last_stored(),
            created_at: now,
            updated_at: now,
        };
        let operation = self.save(operation).await?;
        self.core.desk.bell.notify_one();
        Ok(operation)
    }

    async fn forget_old(&self) -> Result<(), EngineError> {
        let ended =
            self.core.log.operations().await?.into_iter().filter(|operation| operation.state.is_done());
        for operation in ended.skip(KEPT - 1) {
            let write = Write::ForgetOperation(operation.id);
            // Forgotten by somebody else meanwhile: all the same.
            let _ = committer::outcome(self.core.commits.submit(write, Ticket::default())).await?;
        }
        Ok(())
    }

    /// Keeps an operation as it is now.
    async fn save(&self, operation: Operation) -> Result<Operation, EngineError> {
        let mut operation = Operation { updated_at: clock::now(), ..operation };
        let write = Write::SaveOperation(Box::new(operation.clone()));
        let outcome = committer::outcome(self.core.commits.submit(write, Ticket::default())).await?;
        match outcome.map(|applied| applied.effect) {
            Ok(Effect::OperationSaved(id)) => operation.id = id,
            Ok(_) => return Err(Fault::Mismatch.into()),
            Err(_) => return Err(EngineError::NotFound(Resource::Operation(operation.id))),
        }
        self.core.desk.changes.send_modify(|count| *count += 1);
        Ok(operation)
    }
}

impl Purge {
    /// Refuses a purge that says nothing about which documents it means.
    fn checked(self) -> Result<Self, EngineError> {
        if self.filter == DocumentFilter::default() && self.before.is_none() {
            return Err(EngineError::InvalidArgument { field: "filter", reason: Invalid::Everything });
        }
        Ok(self)
    }
}

impl Desk {
    fn at_work(&self) -> std::sync::MutexGuard<'_, Option<(OperationId, CancellationToken)>> {
        // Nothing panics while the lock is held.
        self.at_work.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
