//! A bounded queue from async callers to threads that block: whoever finds it full waits for a place without holding a thread.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The callers' end.
#[derive(Debug)]
pub(super) struct Queue<T> {
    places: Arc<Semaphore>,
    jobs: Sender<(T, OwnedSemaphorePermit)>,
}

/// The threads' end; any number of them share it.
#[derive(Debug)]
pub(super) struct Jobs<T>(Arc<Mutex<Receiver<(T, OwnedSemaphorePermit)>>>);

/// What a thread finds.
pub(super) enum Next<T> {
    /// Something to do.
    Job(T),
    /// Nothing for a while.
    Nothing,
    /// Nobody will ask any more.
    Over,
}

/// A queue with room for `places` jobs that wait.
pub(super) fn queue<T>(places: usize) -> (Queue<T>, Jobs<T>) {
    let (sender, receiver) = channel();
    let places = Arc::new(Semaphore::new(places.max(1)));
    (Queue { places, jobs: sender }, Jobs(Arc::new(Mutex::new(receiver))))
}

impl<T> Queue<T> {
    /// Waits for a place and leaves the job there; gives it back where no thread is left to do it.
    pub(super) async fn push(&self, job: T) -> Result<(), T> {
        let Ok(place) = self.places.clone().acquire_owned().await else { return Err(job) };
        self.jobs.send((job, place)).map_err(|back| back.0.0)
    }
}

impl<T> Jobs<T> {
    /// Waits for the next job.
    pub(super) fn next(&self) -> Next<T> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.recv().map_or(Next::Over, |(job, _place)| Next::Job(job))
    }

    /// Waits for the next job, but not longer than that.
    pub(super) fn next_within(&self, patience: Duration) -> Next<T> {
        use std::sync::mpsc::RecvTimeoutError;
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match jobs.recv_timeout(patience) {
            Ok((job, _place)) => Next::Job(job),
            Err(RecvTimeoutError::Timeout) => Next::Nothing,
            Err(RecvTimeoutError::Disconnected) => Next::Over,
        }
    }
}

impl<T> Clone for Jobs<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
