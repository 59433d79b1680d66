//! The answers of a stream on their way to the client. The session that makes them runs on a task of its own, so
//! that what it has read is done whether or not the client reads; it reads no message without a [`Slot`] for its
//! answer, so that a client that does not read costs a bounded number of answers.

use super::status::Failure;
use futures_util::{Stream, stream};
use std::pin::Pin;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinHandle;
use tonic::Status;
use tracing::Instrument;

/// What the client receives.
pub type Answers<A> = Pin<Box<dyn Stream<Item = Result<A, Status>> + Send>>;

/// Where a session puts its answers.
pub struct Outbox<A>(mpsc::Sender<Sent<A>>);

/// A place for one answer.
pub struct Slot<A>(mpsc::OwnedPermit<Sent<A>>);

struct Sent<A> {
    answer: Result<A, Status>,
    /// Given back when the answer goes out.
    _weight: Option<OwnedSemaphorePermit>,
}

impl<A: Send + 'static> Outbox<A> {
    /// Runs a session on a task of its own, with at most `slots` answers that the client has not taken.
    pub fn run<F>(slots: usize, session: impl FnOnce(Self) -> F) -> Answers<A>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(slots);
        let task = tokio::spawn(session(Self(sender)).in_current_span());
        Box::pin(stream::unfold((receiver, Some(task)), |(mut receiver, task)| async move {
            match receiver.recv().await {
                Some(sent) => Some((sent.answer, (receiver, task))),
                None => broken(task?).await.map(|status| (Err(status), (receiver, None))),
            }
        }))
    }

    /// A place for an answer, once there is one; `None` where the client has gone.
    pub async fn slot(&self) -> Option<Slot<A>> {
        self.0.clone().reserve_owned().await.ok().map(Slot)
    }

    /// Waits until the client has gone.
    pub async fn gone(&self) {
        self.0.closed().await;
    }

    /// Sends what needs no answer, where there is a place for it.
    pub fn mention(&self, answer: A) {
        // Full or gone: what is said here can be left unsaid.
        let _ = self.0.try_send(Sent { answer: Ok(answer), _weight: None });
    }

    /// Sends the last answer.
    pub async fn end(self, answer: Result<A, Status>) {
        // Fails where the client has gone.
        let _ = self.0.send(Sent { answer, _weight: None }).await;
    }
}

impl<A> Slot<A> {
    /// Sends the answer that the place was for. `weight` is given back when it goes out.
    pub fn send(self, answer: A, weight: Option<OwnedSemaphorePermit>) {
        self.0.send(Sent { answer: Ok(answer), _weight: weight });
    }
}

/// What to tell the client where the session ended by a panic.
async fn broken(task: JoinHandle<()>) -> Option<Status> {
    let error = task.await.err()?;
    Some(Failure::internal(&format!("session: {error}")).into())
}
