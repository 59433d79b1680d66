//! Group commit. One thread takes whatever writes are queued, up to a bound, and makes them durable in one
//! transaction: under load a hundred documents share one sync to disk, and a lone write waits for nobody. It knows
//! neither who wrote nor why; permits and turns ride along and are given back once the outcome is known.

use super::admission::Permit;
use super::clock;
use super::error::Fault;
use super::progress::Progress;
use super::turns::Turn;
use crate::store::{Applied, Refusal, Store, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// What became of a write: done, refused by the state of the store, or failed.
pub(super) type Outcome = Result<Result<Applied, Refusal>, Fault>;

/// When a group is closed to further writes.
#[derive(Debug, Clone, Copy)]
pub(super) struct GroupLimits {
    pub(super) writes: usize,
    pub(super) bytes: usize,
}

/// The thread that commits. Dropping it waits for the group in progress; writes still queued fail.
#[derive(Debug)]
pub(super) struct Committer {
    queue: CommitQueue,
    thread: Option<JoinHandle<()>>,
}

/// Where writes are handed in; any thread may.
#[derive(Debug, Clone)]
pub(super) struct CommitQueue(mpsc::Sender<Message>);

/// What a write holds until its outcome is known.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) _permit: Permit,
    pub(super) _turn: Option<Turn>,
}

#[derive(Debug)]
enum Message {
    Write(Box<Submission>),
    Stop,
}

#[derive(Debug)]
struct Submission {
    write: Write,
    reply: oneshot::Sender<Outcome>,
    ticket: Ticket,
}

impl CommitQueue {
    /// Queues a write. It is done even if nobody waits for the answer. Bounded by the permits in the tickets.
    pub(super) fn submit(&self, write: Write, ticket: Ticket) -> oneshot::Receiver<Outcome> {
        let (reply, answer) = oneshot::channel();
        // With the thread gone the reply is dropped here, and the receiver says so.
        let _ = self.0.send(Message::Write(Box::new(Submission { write, reply, ticket })));
        answer
    }
}

/// The outcome, once it is there.
pub(super) async fn outcome(answer: oneshot::Receiver<Outcome>) -> Outcome {
    answer.await.unwrap_or(Err(Fault::Stopped))
}

impl Committer {
    /// Starts the thread.
    pub(super) fn start(
        store: Arc<Store>,
        limits: GroupLimits,
        progress: Arc<Progress>,
    ) -> Result<Self, Fault> {
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("dictum-commit".into())
            .spawn(move || {
                let mut open = true;
                while open {
                    let group;
                    (group, open) = next_group(&receiver, limits);
                    commit(&store, &progress, group);
                }
            })
            .map_err(|error| Fault::Thread(Arc::new(error)))?;
        Ok(Self { queue: CommitQueue(sender), thread: Some(thread) })
    }

    /// A handle to queue writes with.
    pub(super) fn queue(&self) -> CommitQueue {
        self.queue.clone()
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        // Fails only where the thread is gone already.
        let _ = self.queue.0.send(Message::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Waits for a write, then takes all that are queued behind it, up to the limits. Says whether more may follow.
fn next_group(receiver: &mpsc::Receiver<Message>, limits: GroupLimits) -> (Vec<Submission>, bool) {
    let Ok(Message::Write(first)) = receiver.recv() else { return (Vec::new(), false) };
    let mut bytes = size(&first.write);
    let mut group = vec![*first];
    while group.len() < limits.writes && bytes < limits.bytes {
        match receiver.try_recv() {
            Ok(Message::Write(next)) => {
                bytes += size(&next.write);
                group.push(*next);
            }
            Ok(Message::Stop) => return (group, false),
            Err(_) => break,
        }
    }
    (group, true)
}

fn size(write: &Write) -> usize {
    match write {
        Write::PutDocument { document, .. } => document.text.len(),
        Write::DeleteDocument(_) | Write::CreateCollection(_) | Write::DeleteCollection(_) => 0,
    }
}

fn commit(store: &Store, progress: &Progress, group: Vec<Submission>) {
    if group.is_empty() {
        return;
    }
    let (writes, waiting): (Vec<_>, Vec<_>) =
        group.into_iter().map(|one| (one.write, (one.reply, one.ticket))).unzip();
    // A transaction that a panic interrupts is rolled back by the store.
    let applied = catch_unwind(AssertUnwindSafe(|| store.apply(writes, clock::now())));
    let outcomes = match applied {
        Ok(Ok(outcomes)) => outcomes,
        Ok(Err(error)) => return fail(waiting, &Fault::from(error)),
        Err(_) => return fail(waiting, &Fault::Panicked),
    };
    if let Some(last) = outcomes.iter().flatten().map(|applied| applied.seq).max() {
        progress.stored(last);
    }
    for ((reply, ticket), outcome) in waiting.into_iter().zip(outcomes) {
        // The next in line goes before the answer does: whoever reads the answer finds the door open.
        drop(ticket);
        let _ = reply.send(Ok(outcome));
    }
}

fn fail(waiting: Vec<(oneshot::Sender<Outcome>, Ticket)>, fault: &Fault) {
    tracing::error!(writes = waiting.len(), error = %fault.chain(), "a group of writes failed");
    for (reply, ticket) in waiting {
        drop(ticket);
        let _ = reply.send(Err(fault.clone()));
    }
}
