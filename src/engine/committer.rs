//! Group commit. One task takes whatever writes are queued, up to a bound, and makes them durable in one
//! transaction: under load a hundred documents share one sync to disk, and a lone write waits for nobody. It knows
//! neither who wrote nor why; permits and turns ride along and are given back once the outcome is known.

use super::admission::Permit;
use super::clock;
use super::error::EngineError;
use super::observer::Observed;
use super::progress::Progress;
use super::turns::Turn;
use super::views::Views;
use crate::failpoint::{Failpoint, pass};
use crate::ports::{Applied, DocumentLog, Effect, PortError, Refusal, Write};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};
use tracing::Span;

/// What became of a write: done, refused by what is stored, or failed.
pub(super) type Outcome = Result<Result<Applied, Refusal>, PortError>;

/// When a group is closed to further writes.
#[derive(Debug, Clone, Copy)]
pub(super) struct GroupLimits {
    pub(super) writes: usize,
    pub(super) bytes: usize,
}

/// Where writes are handed in; anybody may.
#[derive(Debug, Clone)]
pub(super) struct CommitQueue(mpsc::UnboundedSender<Submission>);

/// What a write holds until its outcome is known.
#[derive(Debug, Default)]
pub(super) struct Ticket {
    pub(super) _permit: Option<Permit>,
    pub(super) _turn: Option<Turn>,
}

#[derive(Debug)]
struct Submission {
    write: Write,
    reply: oneshot::Sender<Outcome>,
    ticket: Ticket,
    /// Where the write comes from, and its time in the queue.
    within: Span,
    queued: Span,
}

impl CommitQueue {
    /// Queues a write. It is done even if nobody waits for the answer. Bounded by the permits in the tickets.
    pub(super) fn submit(&self, write: Write, ticket: Ticket) -> oneshot::Receiver<Outcome> {
        let (reply, answer) = oneshot::channel();
        // With the task gone the reply is dropped here, and the receiver says so.
        let (within, queued) = (Span::current(), tracing::trace_span!("commit.queue"));
        let _ = self.0.send(Submission { write, reply, ticket, within, queued });
        answer
    }
}

/// The outcome, once it is there.
pub(super) async fn outcome(
    answer: oneshot::Receiver<Outcome>,
) -> Result<Result<Applied, Refusal>, EngineError> {
    match answer.await {
        Ok(outcome) => Ok(outcome?),
        Err(_) => Err(super::error::Fault::Stopped.into()),
    }
}

/// The task that commits.
pub(super) struct Committer {
    pub(super) log: Arc<dyn DocumentLog>,
    pub(super) limits: GroupLimits,
    pub(super) progress: Arc<Progress>,
    pub(super) views: Arc<Views>,
    observed: Observed,
    queue: mpsc::UnboundedReceiver<Submission>,
}

impl Committer {
    /// A committer and the queue before it.
    pub(super) fn new(
        log: Arc<dyn DocumentLog>,
        limits: GroupLimits,
        progress: Arc<Progress>,
        views: Arc<Views>,
        observed: Observed,
    ) -> (Self, CommitQueue) {
        let (sender, queue) = mpsc::unbounded_channel();
        (Self { log, limits, progress, views, observed, queue }, CommitQueue(sender))
    }

    /// Commits until all handles to the queue are gone.
    pub(super) async fn run(mut self) {
        while let Some(first) = self.queue.recv().await {
            let group = self.group(first);
            self.commit(group).await;
        }
    }

    /// Takes all that are queued behind the first, up to the limits.
    fn group(&mut self, first: Submission) -> Vec<Submission> {
        let mut bytes = size(&first.write);
        let mut group = vec![first];
        while group.len() < self.limits.writes && bytes < self.limits.bytes {
            let Ok(next) = self.queue.try_recv() else { break };
            bytes += size(&next.write);
            group.push(next);
        }
        group
    }

    async fn commit(&self, group: Vec<Submission>) {
        let count = group.len();
        // Each of those who wait has the one transaction among its own spans.
        let spanned = |one: Submission| {
            drop(one.queued);
            let commit = one.within.in_scope(|| tracing::trace_span!("commit", writes = count));
            (one.write, (one.reply, one.ticket, commit))
        };
        let (writes, waiting): (Vec<_>, Vec<_>) = group.into_iter().map(spanned).unzip();
        let writes: Arc<[Write]> = writes.into();
        pass(Failpoint::CommitGroup);
        let began = Instant::now();
        let applied = self.log.apply(Arc::clone(&writes), clock::now()).await;
        self.observed.tell(|observer| observer.committed(count, began.elapsed(), applied.is_ok()));
        let outcomes = match applied {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(error) => self.one_by_one(&writes, error).await,
        };
        let last = outcomes.iter().flatten().flatten().map(|applied| applied.seq).max();
        for (write, outcome) in writes.iter().zip(&outcomes) {
            if let Ok(Ok(applied)) = outcome {
                self.bury(write, applied);
            }
        }
        if let Some(last) = last {
            self.progress.stored(last);
        }
        pass(Failpoint::CommitKnown);
        for ((reply, ticket, commit), outcome) in waiting.into_iter().zip(outcomes) {
            drop(commit);
            // The next in line goes before the answer does: whoever reads the answer finds the door open.
            drop(ticket);
            let _ = reply.send(outcome);
            pass(Failpoint::CommitAnswered);
        }
    }

    /// A fault may be that of one member of the group alone: each is tried by itself. An outage is everybody's.
    async fn one_by_one(&self, writes: &Arc<[Write]>, error: PortError) -> Vec<Outcome> {
        tracing::error!(writes = writes.len(), %error, "a group of writes failed");
        if writes.len() == 1 || matches!(error, PortError::Unavailable(_)) {
            return writes.iter().map(|_| Err(error.clone())).collect();
        }
        let mut outcomes = Vec::with_capacity(writes.len());
        for write in writes.iter() {
            let alone = self.log.apply([write.clone()].into(), clock::now()).await;
            outcomes.push(alone.and_then(|mut outcomes| outcomes.pop().ok_or_else(|| error.clone())));
        }
        outcomes
    }

    /// Views must not show what is deleted, from before anybody is told of it.
    fn bury(&self, write: &Write, applied: &Applied) {
        match (write, applied.effect) {
            (Write::Delete { name, .. }, Effect::DocumentDeleted) => self.views.bury(name, applied.seq),
            (Write::DeleteCollection(id), Effect::CollectionDeleted) => {
                self.views.bury_collection(id, applied.seq);
            }
            _ => {}
        }
    }
}

fn size(write: &Write) -> usize {
    match write {
        Write::Put { document, .. } => document.text.len(),
        Write::Reanalyze { .. }
        | Write::Delete { .. }
        | Write::CreateCollection(_)
        | Write::DeleteCollection(_)
        | Write::SaveOperation(_)
        | Write::ForgetOperation(_) => 0,
    }
}
