//! The threads that analyse. Analysis is pure computation, so that it stays off the async workers and gets exactly
//! the configured number of threads. Two lanes: interactive jobs overtake bulk ones, but not for ever, and one more
//! thread serves the interactive lane alone, so that a single call never waits behind a long document; the
//! operating system shares the cores. Of its jobs the pool knows the caller alone: one whose caller is over is not begun.
//! Admission bounds how many there are.

use super::api::Lane;
use super::caller::Caller;
use super::error::{EngineError, Fault};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// Interactive jobs in a row that a waiting bulk job lets pass.
const MOST_OVERTAKES: u32 = 4;

/// A fixed set of threads with a queue for each lane.
#[derive(Debug)]
pub(super) struct Pool {
    queue: Arc<Queue>,
}

#[derive(Default)]
struct Queue {
    lanes: Mutex<Lanes>,
    /// Woken for a job of either lane.
    any: Condvar,
    /// Woken for an interactive job: the thread that takes no others waits here.
    interactive: Condvar,
}

#[derive(Default)]
struct Lanes {
    interactive: VecDeque<Job>,
    bulk: VecDeque<Job>,
    overtakes: u32,
    closed: bool,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

/// Which jobs a thread takes.
#[derive(Clone, Copy)]
enum Duty {
    Both,
    InteractiveOnly,
}

impl Pool {
    /// Starts `threads` threads for both lanes and one for the interactive lane alone.
    pub(super) fn start(threads: usize) -> Result<Self, Fault> {
        let queue = Arc::new(Queue::default());
        let pool = Self { queue: Arc::clone(&queue) };
        let duties = std::iter::repeat_n(Duty::Both, threads).chain([Duty::InteractiveOnly]);
        for (number, duty) in duties.enumerate() {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new()
                .name(format!("dictum-analyse-{number}"))
                .spawn(move || {
                    while let Some(job) = queue.next(duty) {
                        job();
                    }
                })
                .map_err(|error| Fault::Thread(Arc::new(error)))?;
        }
        Ok(pool)
    }

    /// Runs `work` on a thread of the pool. If the returned future is dropped before the work begins, or the caller
    /// is over by then, the work is skipped; once begun, it runs to its end.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        caller: &Caller,
        work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let (reply, answer) = oneshot::channel();
        let waiting = caller.clone();
        self.queue.push(
            caller.lane,
            Box::new(move || {
                if reply.is_closed() {
                    return;
                }
                // The work owns all that it touches, so that a panic leaves nothing half-changed behind.
                let outcome = catch_unwind(AssertUnwindSafe(|| waiting.check().and_then(|()| work())));
                // Nobody listens any more: fine.
                let _ = reply.send(outcome.unwrap_or_else(|_| Err(Fault::Panicked.into())));
            }),
        );
        answer.await.unwrap_or_else(|_| Err(Fault::Stopped.into()))
    }
}

impl Drop for Pool {
    /// Lets the threads go. They are not waited for: a long analysis must not hold up the end of the process, and
    /// nothing that a job holds keeps a file open.
    fn drop(&mut self) {
        let mut lanes = self.queue.lock();
        lanes.closed = true;
        let left = (std::mem::take(&mut lanes.interactive), std::mem::take(&mut lanes.bulk));
        drop(lanes);
        drop(left);
        self.queue.any.notify_all();
        self.queue.interactive.notify_all();
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Lanes> {
        // Jobs run without the lock, so that nothing panics while it is held.
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, lane: Lane, job: Job) {
        let mut lanes = self.lock();
        match lane {
            Lane::Query | Lane::Interactive => {
                lanes.interactive.push_back(job);
                self.interactive.notify_one();
            }
            Lane::Bulk => lanes.bulk.push_back(job),
        }
        self.any.notify_one();
    }

    /// The next job for a thread of this duty; `None` once the pool is closed.
    fn next(&self, duty: Duty) -> Option<Job> {
        let mut lanes = self.lock();
        loop {
            if lanes.closed {
                return None;
            }
            let job = match duty {
                Duty::Both => lanes.pop(),
                Duty::InteractiveOnly => lanes.interactive.pop_front(),
            };
            if job.is_some() {
                return job;
            }
            let bell = match duty {
                Duty::Both => &self.any,
                Duty::InteractiveOnly => &self.interactive,
            };
            lanes = bell.wait(lanes).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Lanes {
    /// Interactive jobs first, but after [`MOST_OVERTAKES`] of them in a row a waiting bulk job has its turn.
    fn pop(&mut self) -> Option<Job> {
        if self.overtakes >= MOST_OVERTAKES || self.interactive.is_empty() {
            self.overtakes = 0;
            if let Some(job) = self.bulk.pop_front() {
                return Some(job);
            }
        }
        let job = self.interactive.pop_front();
        if job.is_some() && !self.bulk.is_empty() {
            self.overtakes += 1;
        }
        job
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    #[tokio::test]
    async fn a_panic_fails_its_own_job_alone() {
        let pool = Pool::start(1).unwrap();
        let bulk = Caller::patient(Lane::Bulk);
        let failed: Result<(), EngineError> = pool.run(&bulk, || panic!("one bad job")).await;
        assert!(matches!(failed, Err(EngineError::Internal(Fault::Panicked))));
        assert!(matches!(pool.run(&bulk, || Ok(7)).await, Ok(7)));
    }

    #[tokio::test]
    async fn a_single_call_does_not_wait_behind_bulk_work() {
        let pool = Pool::start(1).unwrap();
        let (release, blocked) = mpsc::channel::<()>();
        let (bulk, single) = (Caller::patient(Lane::Bulk), Caller::patient(Lane::Interactive));
        let long = pool.run(&bulk, move || Ok(blocked.recv().is_ok()));
        let quick = pool.run(&single, || Ok(1));
        let both = async { tokio::join!(long, async { (quick.await.is_ok(), release.send(()).is_ok()) }) };
        let (long, quick) = tokio::time::timeout(Duration::from_secs(10), both).await.unwrap();
        assert!(long.unwrap() && quick.0 && quick.1);
    }

    #[tokio::test]
    async fn work_whose_caller_has_gone_is_skipped() {
        let pool = Pool::start(1).unwrap();
        let (release, blocked) = mpsc::channel::<()>();
        let ran = Arc::new(AtomicBool::new(false));
        let bulk = Caller::patient(Lane::Bulk);
        let busy = pool.run(&bulk, move || Ok(blocked.recv().is_ok()));
        tokio::pin!(busy);
        assert!(tokio::time::timeout(Duration::from_millis(5), &mut busy).await.is_err());
        let mark = || {
            let seen = Arc::clone(&ran);
            move || {
                seen.store(true, Ordering::SeqCst);
                Ok(())
            }
        };
        let abandoned = pool.run(&bulk, mark());
        assert!(tokio::time::timeout(Duration::from_millis(5), abandoned).await.is_err());
        let gone = Caller::patient(Lane::Bulk);
        let cancelled = pool.run(&gone, mark());
        tokio::pin!(cancelled);
        assert!(tokio::time::timeout(Duration::from_millis(5), &mut cancelled).await.is_err());
        gone.cancelled.cancel();
        release.send(()).unwrap();
        assert!(busy.await.unwrap());
        assert!(matches!(cancelled.await, Err(EngineError::Cancelled)));
        pool.run(&bulk, || Ok(())).await.unwrap();
        assert!(!ran.load(Ordering::SeqCst));
    }

    #[test]
    fn bulk_work_is_overtaken_but_not_for_ever() {
        let order = Arc::new(Mutex::new(String::new()));
        let job = |mark: char| -> Job {
            let order = Arc::clone(&order);
            Box::new(move || order.lock().unwrap().push(mark))
        };
        let mut lanes = Lanes::default();
        lanes.bulk.extend([job('b'), job('b')]);
        lanes.interactive.extend((0..10).map(|_| job('i')));
        while let Some(next) = lanes.pop() {
            next();
        }
        assert_eq!(*order.lock().unwrap(), "iiiibiiiibii");
    }
}
