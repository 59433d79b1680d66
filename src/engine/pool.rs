//! The threads that analyse. Analysis is pure computation, so that it stays off the async workers and gets exactly the
//! configured number of threads. Work comes in steps of a fraction of a second, and between two steps the pool decides anew who
//! goes on: a one-line text never waits for the end of a book, and a book is not starved by one-line texts. Work whose caller
//! has gone, or whose answer nobody awaits, stops at the next step. The pool knows nothing about what is computed; admission
//! bounds how much there is.
//!
//! Who goes on is decided by stride scheduling (Waldspurger, Weihl, 1995): every class of work has a share, the class that has had
//! the least for its share comes next.

use super::error::{EngineError, Fault};
use crate::ports::{Caller, Lane};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Texts longer than this, in bytes, are long: some fifteen windows of the encoder, seconds of work.
const LONG_BYTES: usize = 16 << 10;

/// The classes of work with their shares of the threads when all of them have work. Short texts of people who wait come first;
/// nothing gets nothing.
const CLASSES: [(Lane, bool, u64); 6] = [
    (Lane::Interactive, false, 32),
    (Lane::Interactive, true, 8),
    (Lane::Bulk, false, 8),
    (Lane::Bulk, true, 4),
    (Lane::Background, false, 1),
    (Lane::Background, true, 1),
];

/// A common multiple of all shares.
const STRIDE: u64 = 32;

/// What one step comes to.
enum Step {
    More,
    Done,
}

type Job = Box<dyn FnMut() -> Step + Send>;

/// A fixed set of threads.
#[derive(Debug)]
pub(super) struct Pool {
    queue: Arc<Queue>,
}

#[derive(Default)]
struct Queue {
    classes: Mutex<Classes>,
    work: Condvar,
}

#[derive(Default)]
struct Classes {
    classes: [Class; CLASSES.len()],
    /// Where the class that was last served stood: one that had no work for a while begins here, rather than making up for it.
    now: u64,
    closed: bool,
}

#[derive(Default)]
struct Class {
    jobs: VecDeque<Job>,
    passed: u64,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

impl Pool {
    /// Starts the threads.
    pub(super) fn start(threads: usize) -> Result<Self, Fault> {
        let pool = Self { queue: Arc::new(Queue::default()) };
        for number in 0..threads {
            let queue = Arc::clone(&pool.queue);
            std::thread::Builder::new()
                .name(format!("dictum-analyse-{number}"))
                .spawn(move || queue.serve())
                .map_err(|error| Fault::Thread(Arc::new(error)))?;
        }
        Ok(pool)
    }

    /// Runs `work`, over a text of `bytes`, step by step until it gives a value. It is dropped between two steps when the caller is
    /// over or the returned future is dropped.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        caller: &Caller,
        bytes: usize,
        mut work: impl FnMut() -> Option<T> + Send + 'static,
    ) -> Result<T, EngineError> {
        let (reply, answer) = oneshot::channel();
        let mut reply = Some(reply);
        let patience = caller.clone();
        let job = move || {
            let Some(waiting) = reply.take().filter(|waiting| !waiting.is_closed()) else { return Step::Done };
            if let Err(over) = patience.check() {
                // Nobody listens any more: fine, here and below.
                let _ = waiting.send(Err(over.into()));
                return Step::Done;
            }
            // The work owns all that it touches, so that a panic leaves nothing half-changed behind.
            match catch_unwind(AssertUnwindSafe(&mut work)) {
                Ok(None) => {
                    reply = Some(waiting);
                    return Step::More;
                }
                Ok(Some(value)) => drop(waiting.send(Ok(value))),
                Err(_) => drop(waiting.send(Err(Fault::Panicked.into()))),
            }
            Step::Done
        };
        self.queue.push(class_of(caller.lane, bytes > LONG_BYTES), Box::new(job));
        answer.await.unwrap_or(Err(Fault::Stopped.into()))
    }
}

impl Drop for Pool {
    /// Lets the threads go. They are not waited for: a long step must not hold up the end of the process, and nothing that a job
    /// holds keeps a file open.
    fn drop(&mut self) {
        let mut classes = self.queue.lock();
        classes.closed = true;
        let left: Vec<_> = classes.classes.iter_mut().map(|class| std::mem::take(&mut class.jobs)).collect();
        drop(classes);
        drop(left);
        self.queue.work.notify_all();
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Classes> {
        // Jobs run without the lock, so that nothing panics while it is held.
        self.classes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, class: usize, job: Job) {
        let mut classes = self.lock();
        if classes.closed {
            return;
        }
        let now = classes.now;
        let class = &mut classes.classes[class];
        if class.jobs.is_empty() {
            class.passed = class.passed.max(now);
        }
        class.jobs.push_back(job);
        drop(classes);
        self.work.notify_one();
    }

    /// One thread's life.
    fn serve(&self) {
        while let Some((class, mut job)) = self.next() {
            if matches!(job(), Step::More) {
                let mut classes = self.lock();
                if classes.closed {
                    return;
                }
                // To the front: what has begun holds memory, so that it should end before others begin.
                classes.classes[class].jobs.push_front(job);
                drop(classes);
                self.work.notify_one();
            }
        }
    }

    /// The next step to take; `None` once the pool is closed.
    fn next(&self) -> Option<(usize, Job)> {
        let mut classes = self.lock();
        loop {
            if classes.closed {
                return None;
            }
            if let Some(found) = classes.pop() {
                return Some(found);
            }
            classes = self.work.wait(classes).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Classes {
    /// Takes a job of the class that is furthest behind its share; of two, of the more urgent one.
    fn pop(&mut self) -> Option<(usize, Job)> {
        let waiting = self.classes.iter().enumerate().filter(|(_, class)| !class.jobs.is_empty());
        let (next, _) = waiting.min_by_key(|(_, class)| class.passed)?;
        let class = &mut self.classes[next];
        self.now = class.passed;
        class.passed += STRIDE / CLASSES[next].2;
        class.jobs.pop_front().map(|job| (next, job))
    }
}

fn class_of(lane: Lane, long: bool) -> usize {
    let found = CLASSES.iter().position(|(of, is_long, _)| (*of, *is_long) == (lane, long));
    // Every lane is there twice; the last class is the least urgent one.
    found.unwrap_or(CLASSES.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::Over;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    fn caller(lane: Lane) -> Caller {
        Caller::anonymous(lane, "test")
    }

    #[tokio::test]
    async fn a_panic_fails_its_own_job_alone() {
        let pool = Pool::start(1).unwrap();
        let panicked = pool.run(&caller(Lane::Bulk), 1, || -> Option<()> { panic!("as the test wants") }).await;
        assert!(matches!(panicked, Err(EngineError::Internal(Fault::Panicked))));
        assert_eq!(pool.run(&caller(Lane::Bulk), 1, || Some(7)).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_short_text_overtakes_a_long_one_between_its_steps() {
        let pool = Pool::start(1).unwrap();
        let (begun, began) = mpsc::channel();
        let (go, gate) = mpsc::channel::<bool>();
        let bulk = caller(Lane::Bulk);
        let long = pool.run(&bulk, LONG_BYTES + 1, move || {
            begun.send(()).unwrap();
            gate.recv().unwrap().then_some("long")
        });
        tokio::pin!(long);
        assert!(tokio::time::timeout(Duration::from_millis(5), &mut long).await.is_err());
        began.recv_timeout(Duration::from_secs(10)).unwrap();
        let waits = caller(Lane::Interactive);
        let short = pool.run(&waits, 1, || Some("short"));
        tokio::pin!(short);
        assert!(tokio::time::timeout(Duration::from_millis(5), &mut short).await.is_err(), "the step goes on");
        go.send(false).unwrap();
        assert_eq!(short.await.unwrap(), "short");
        go.send(true).unwrap();
        assert_eq!(long.await.unwrap(), "long");
    }

    #[tokio::test]
    async fn work_stops_between_two_steps_once_nobody_waits() {
        let pool = Pool::start(1).unwrap();
        let caller = caller(Lane::Interactive);
        let gone = caller.clone();
        let cancelled = pool
            .run(&caller, 1, move || -> Option<()> {
                gone.cancelled.cancel();
                None
            })
            .await;
        assert!(matches!(cancelled, Err(EngineError::Over(Over::Cancelled))));
        assert_eq!(pool.run(&self::caller(Lane::Interactive), 1, || Some(1)).await.unwrap(), 1);
    }

    #[test]
    fn shares_hold_and_nothing_starves() {
        let mut classes = Classes::default();
        let counts: Vec<Arc<AtomicU32>> = CLASSES.iter().map(|_| Arc::default()).collect();
        for (class, count) in counts.iter().enumerate() {
            let count = Arc::clone(count);
            let step: Job = Box::new(move || {
                count.fetch_add(1, Ordering::SeqCst);
                Step::More
            });
            classes.classes[class].jobs.push_back(step);
        }
        for _ in 0..540 {
            let (class, mut job) = classes.pop().unwrap();
            job();
            classes.classes[class].jobs.push_front(job);
        }
        let counts: Vec<u32> = counts.iter().map(|count| count.load(Ordering::SeqCst)).collect();
        let shares: Vec<u32> = CLASSES.iter().map(|(_, _, share)| 10 * *share as u32).collect();
        assert_eq!(counts, shares);
    }

    #[test]
    fn a_class_that_was_idle_does_not_make_up_for_it() {
        let queue = Queue::default();
        let more = || -> Job { Box::new(|| Step::More) };
        queue.push(0, more());
        for _ in 0..100 {
            let mut classes = queue.lock();
            let (class, job) = classes.pop().unwrap();
            classes.classes[class].jobs.push_front(job);
        }
        queue.push(2, more());
        let mut classes = queue.lock();
        let mut last = Vec::new();
        for _ in 0..10 {
            let (class, job) = classes.pop().unwrap();
            classes.classes[class].jobs.push_front(job);
            last.push(class);
        }
        assert_eq!(last.iter().filter(|class| **class == 2).count(), 2, "{last:?}");
    }
}
