//! The threads that search. They are the index's own and few, so that searches neither hold up the runtime nor each
//! other's callers for long: jobs wait in three lanes, in each of which callers take turns; the urgent ones go first and always find a
//! thread that no slower one holds, each lane is bounded, and a job whose caller has gone is thrown away when its turn comes, or
//! earlier where its place is needed. An urgent one is sent away where the line of those only grows. A search is not interrupted, and some
//! take seconds: so there is one thread more than are used, for a caller that holds none, and the system divides the cores between them.

use super::error::{IndexError, outage};
use crate::fairness::{Next, WaitingLine};
use crate::ports::{Caller, Lane, Outage, OutageKind, Over, PortError};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot};
use tracing::Span;

/// How long a job of the two slower lanes waits for a place in its queue.
const PATIENCE: Duration = Duration::from_secs(30);

/// The least that an urgent job is let wait for a thread.
const LEAST_PATIENCE: Duration = Duration::from_millis(10);

/// Where a job looks up whether anybody still waits for its answer.
pub(super) struct Seam<'j> {
    caller: &'j Caller,
    gone: &'j dyn Fn() -> bool,
}

impl<'j> Seam<'j> {
    pub(super) fn new(caller: &'j Caller, gone: &'j dyn Fn() -> bool) -> Self {
        Self { caller, gone }
    }

    /// Fails where the work should stop.
    pub(super) fn check(&self) -> Result<(), Over> {
        self.caller.check()?;
        if (self.gone)() { Err(Over::Cancelled) } else { Ok(()) }
    }
}

/// A search that waits for a thread.
trait Job: Send {
    /// Whether nobody waits for it.
    fn is_over(&self) -> bool;
    /// Does it and hands over the answer.
    fn run(self: Box<Self>);
    /// Does nothing, and says so.
    fn refuse(self: Box<Self>, why: PortError);
}

struct Search<F, T> {
    caller: Caller,
    /// Where the search comes from, the search itself, and its time in the queue.
    within: Span,
    span: Span,
    waiting: Span,
    work: F,
    answer: oneshot::Sender<Result<T, PortError>>,
}

impl<F, T> Job for Search<F, T>
where
    F: FnOnce(&Seam<'_>) -> Result<T, IndexError> + Send,
    T: Send,
{
    fn is_over(&self) -> bool {
        self.answer.is_closed() || self.caller.over().is_some()
    }

    fn run(self: Box<Self>) {
        let Self { caller, within, span, waiting, work, answer } = *self;
        drop(waiting);
        let (within, span) = (within.entered(), span.entered());
        let gone = || answer.is_closed();
        let seam = Seam::new(&caller, &gone);
        // A search changes nothing, so that a panic leaves nothing half done.
        let done = catch_unwind(AssertUnwindSafe(|| {
            seam.check()?;
            work(&seam)
        }));
        let done = done.unwrap_or_else(|panic| Err(IndexError::panicked(panic.as_ref())));
        // What the caller does next is no part of it. Nobody to tell is no failure.
        drop(span);
        drop(within);
        let _ = answer.send(done.map_err(IndexError::of_search));
    }

    fn refuse(self: Box<Self>, why: PortError) {
        let _ = self.answer.send(Err(why));
    }
}

/// See the module. The threads end when it is dropped, after the jobs at hand; nobody waits for them.
#[derive(Debug)]
pub(super) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    queue: Mutex<Queue>,
    /// Told of each new job and of the end.
    work: Condvar,
    /// Told of each place that has become free.
    room: Notify,
    /// Most jobs that wait in a lane.
    limit: usize,
    /// Threads, but for the one that is kept for who holds none.
    threads: usize,
    /// Most threads that jobs of the slower lanes hold at a time.
    slow_threads: usize,
    began: Instant,
}

struct Queue {
    lanes: [WaitingLine<Box<dyn Job>>; 3],
    /// Jobs that are being done.
    turns: Vec<Turn>,
    closed: bool,
}

impl Pool {
    /// Starts the threads.
    pub(super) fn start(threads: usize, limit: usize) -> io::Result<Self> {
        let (threads, limit) = (threads.max(1), limit.max(1));
        let urgent = WaitingLine::impatient(LEAST_PATIENCE);
        let lanes = [urgent, WaitingLine::patient(), WaitingLine::patient()];
        let queue = Mutex::new(Queue { lanes, turns: Vec::new(), closed: false });
        let (work, room, began) = (Condvar::new(), Notify::new(), Instant::now());
        let slow_threads = (threads - 1).max(1);
        let pool =
            Self { shared: Arc::new(Shared { queue, work, room, limit, threads, slow_threads, began }) };
        for n in 0..=threads {
            let shared = Arc::clone(&pool.shared);
            std::thread::Builder::new().name(format!("dictum-search-{n}")).spawn(move || shared.serve())?;
        }
        Ok(pool)
    }

    /// Does `work` on one of the threads.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        caller: &Caller,
        work: impl FnOnce(&Seam<'_>) -> Result<T, IndexError> + Send + 'static,
    ) -> Result<T, PortError> {
        caller.check()?;
        let (answer, receiver) = oneshot::channel();
        let span = tracing::trace_span!("search");
        let waiting = tracing::trace_span!(parent: &span, "search.wait");
        let (asker, within) = (caller.clone(), Span::current());
        let mut job: Box<dyn Job> = Box::new(Search { caller: asker, within, span, waiting, work, answer });
        loop {
            let room = self.shared.room.notified();
            match self.shared.offer(job, caller) {
                Ok(()) => break,
                Err(_) if caller.lane == Lane::Interactive => return Err(self.busy()),
                Err(refused) => job = refused,
            }
            let patience = caller.left().map_or(PATIENCE, |left| left.min(PATIENCE));
            let waited = tokio::select! {
                waited = tokio::time::timeout(patience, room) => waited.is_ok(),
                () = caller.cancelled.cancelled() => true,
            };
            caller.check()?;
            if !waited {
                return Err(self.busy());
            }
        }
        receiver.await.unwrap_or_else(|_| Err(outage(OutageKind::Closed, "the index is closed".into())))
    }

    fn busy(&self) -> PortError {
        outage(OutageKind::Busy, format!("{} searches wait for a thread already", self.shared.limit))
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.work.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Jobs run outside of the lock, and a queue is whole after each operation.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues the job, or gives it back where its lane is full.
    fn offer(&self, job: Box<dyn Job>, caller: &Caller) -> Result<(), Box<dyn Job>> {
        let mut queue = self.lock();
        let lane = &mut queue.lanes[caller.lane as usize];
        if lane.len() >= self.limit {
            lane.retain(|job| !job.is_over());
        }
        if lane.len() >= self.limit {
            return Err(job);
        }
        lane.push(&caller.principal.id, job, self.began.elapsed());
        drop(queue);
        self.work.notify_one();
        Ok(())
    }

    /// What each thread does.
    fn serve(&self) {
        let mut last = None;
        while let Some((Next { item: job, too_late }, turn)) = self.next(last) {
            self.room.notify_waiters();
            let lane = turn.lane;
            last = Some(turn);
            if let Some(retry_after) = too_late {
                let detail = "searches have been waiting for longer than they take".into();
                job.refuse(PortError::Unavailable(Outage { kind: OutageKind::Busy, detail, retry_after }));
                continue;
            }
            let began = Instant::now();
            job.run();
            self.lock().lanes[lane as usize].served(began.elapsed());
        }
    }

    /// The next job, for a thread that has had the turn `done`; nothing at the end.
    fn next(&self, done: Option<Turn>) -> Option<(Next<Box<dyn Job>>, Turn)> {
        let mut queue = self.lock();
        if let Some(done) = done {
            queue.end(&done);
            // This thread takes one; with it another may begin that could not.
            if queue.lanes.iter().map(WaitingLine::len).sum::<usize>() > 1 {
                self.work.notify_one();
            }
        }
        loop {
            if let Some(next) = queue.begin(self) {
                return Some(next);
            }
            if queue.closed {
                return None;
            }
            queue = self.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Whose job a thread does.
#[derive(Clone, PartialEq, Eq)]
struct Turn {
    caller: Arc<str>,
    lane: Lane,
}

impl Queue {
    /// The next job that may begin, of the most urgent lane that has one.
    fn begin(&mut self, shared: &Shared) -> Option<(Next<Box<dyn Job>>, Turn)> {
        let Self { lanes, turns, .. } = self;
        let slow = turns.iter().filter(|turn| turn.lane != Lane::Interactive).count();
        let may =
            |caller: &str| turns.len() < shared.threads || !turns.iter().any(|turn| *turn.caller == *caller);
        for lane in [Lane::Interactive, Lane::Bulk, Lane::Background] {
            if lane != Lane::Interactive && slow == shared.slow_threads {
                continue;
            }
            if let Some((caller, next)) = lanes[lane as usize].pop_of(shared.began.elapsed(), may) {
                let turn = Turn { caller, lane };
                turns.push(turn.clone());
                return Some((next, turn));
            }
        }
        None
    }

    /// A turn is over.
    fn end(&mut self, over: &Turn) {
        if let Some(at) = self.turns.iter().position(|turn| turn == over) {
            self.turns.swap_remove(at);
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("limit", &self.limit).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
