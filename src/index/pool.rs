//! The threads that search. They are the index's own and few, so that searches neither hold up the runtime nor each
//! other's callers for long: jobs wait in three lanes, in each of which callers take turns; the urgent ones go first and always find a
//! thread that no slower one holds, each lane is bounded, and a job whose caller has gone is thrown away when its turn comes, or
//! earlier where its place is needed. An urgent one is sent away where the line of those only grows ([`Patience`]).

use super::error::{IndexError, outage};
use crate::fairness::{FairQueue, Patience};
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
    /// Most threads that jobs of the slower lanes hold at a time.
    slow_threads: usize,
    began: Instant,
}

/// A job in line.
struct Waiting {
    job: Box<dyn Job>,
    /// When it came.
    since: Duration,
}

struct Queue {
    lanes: [FairQueue<Waiting>; 3],
    /// Of the urgent ones.
    patience: Patience,
    /// Jobs of the slower lanes that are being done.
    slow: usize,
    closed: bool,
}

impl Pool {
    /// Starts the threads.
    pub(super) fn start(threads: usize, limit: usize) -> io::Result<Self> {
        let (threads, limit) = (threads.max(1), limit.max(1));
        let patience = Patience::new(LEAST_PATIENCE);
        let queue = Mutex::new(Queue { lanes: Default::default(), patience, slow: 0, closed: false });
        let (work, room, began) = (Condvar::new(), Notify::new(), Instant::now());
        let slow_threads = (threads - 1).max(1);
        let pool = Self { shared: Arc::new(Shared { queue, work, room, limit, slow_threads, began }) };
        for n in 0..threads {
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
        let since = self.began.elapsed();
        if caller.lane == Lane::Interactive && queue.lanes[caller.lane as usize].len() == 0 {
            queue.patience.empty(since);
        }
        let lane = &mut queue.lanes[caller.lane as usize];
        if lane.len() >= self.limit {
            lane.retain(|waiting| !waiting.job.is_over());
        }
        if lane.len() >= self.limit {
            return Err(job);
        }
        lane.push(&caller.principal.id, Waiting { job, since });
        drop(queue);
        self.work.notify_one();
        Ok(())
    }

    /// What each thread does.
    fn serve(&self) {
        let mut last = Lane::Interactive;
        while let Some((job, lane, too_late)) = self.next(last) {
            self.room.notify_waiters();
            last = lane;
            if let Some(retry_after) = too_late {
                let detail = "searches have been waiting for longer than they take".into();
                job.refuse(PortError::Unavailable(Outage { kind: OutageKind::Busy, detail, retry_after }));
                continue;
            }
            let began = Instant::now();
            job.run();
            if lane == Lane::Interactive {
                self.lock().patience.served(began.elapsed());
            }
        }
    }

    /// The next job, of the most urgent lane that has one, for a thread that has done one of lane `done`; nothing at
    /// the end. A thread that ends a slow job looks for the next itself, so that nobody needs to be told.
    fn next(&self, done: Lane) -> Option<(Box<dyn Job>, Lane, Option<Duration>)> {
        let mut queue = self.lock();
        queue.slow -= usize::from(done != Lane::Interactive);
        loop {
            for lane in [Lane::Interactive, Lane::Bulk, Lane::Background] {
                let slow = lane != Lane::Interactive;
                if slow && queue.slow == self.slow_threads {
                    continue;
                }
                if let Some(Waiting { job, since }) = queue.lanes[lane as usize].pop() {
                    queue.slow += usize::from(slow);
                    let too_late = if slow { None } else { queue.too_late(since, self.began.elapsed()) };
                    return Some((job, lane, too_late));
                }
            }
            if queue.closed {
                return None;
            }
            queue = self.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Queue {
    /// When to come back, for an urgent job just taken that came at `since` and has waited for too long.
    fn too_late(&mut self, since: Duration, now: Duration) -> Option<Duration> {
        if self.lanes[Lane::Interactive as usize].len() == 0 {
            self.patience.empty(now);
        }
        let over = self.patience.is_over(now.saturating_sub(since), now);
        over.then(|| self.patience.retry_after())
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("limit", &self.limit).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use tokio::task::JoinHandle;
    use tokio_util::sync::CancellationToken;

    fn caller(lane: Lane) -> Caller {
        Caller::anonymous(lane, "test")
    }

    fn pool(threads: usize, limit: usize) -> Arc<Pool> {
        Arc::new(Pool::start(threads, limit).unwrap())
    }

    /// A search that says when it begins and then holds its thread until something is sent.
    fn hold(pool: &Arc<Pool>, lane: Lane, begun: &mpsc::Sender<()>) -> (mpsc::Sender<()>, JoinHandle<()>) {
        let (go, gone) = mpsc::channel::<()>();
        let (pool, begun) = (Arc::clone(pool), begun.clone());
        let held = tokio::spawn(async move {
            let caller = caller(lane);
            let search = pool.run(&caller, move |_| {
                begun.send(()).unwrap();
                gone.recv().unwrap();
                Ok(())
            });
            search.await.unwrap();
        });
        (go, held)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn urgent_searches_overtake_and_find_a_thread_that_slow_ones_leave_free() {
        let pool = pool(2, 9);
        let (begun, begins) = mpsc::channel();
        let (go, held) = hold(&pool, Lane::Bulk, &begun);
        begins.recv().unwrap();
        let (go_too, held_too) = hold(&pool, Lane::Background, &begun);
        tokio::task::yield_now().await;
        assert_eq!(pool.run(&caller(Lane::Interactive), |_| Ok(7)).await.unwrap(), 7);
        assert!(begins.try_recv().is_err(), "one thread is kept for urgent searches");
        go.send(()).unwrap();
        held.await.unwrap();
        begins.recv().unwrap();
        go_too.send(()).unwrap();
        held_too.await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_search_stops_when_its_caller_has_gone_or_its_time_has_passed() {
        let pool = pool(1, 9);
        let endless = |seam: &Seam<'_>| -> Result<(), IndexError> {
            loop {
                seam.check()?;
            }
        };
        let late =
            Caller { deadline: Some(Instant::now() + Duration::from_millis(20)), ..caller(Lane::Bulk) };
        assert!(matches!(pool.run(&late, endless).await, Err(PortError::Over(Over::Expired))));
        let cancelled = CancellationToken::new();
        let gone = Caller { cancelled: cancelled.clone(), ..caller(Lane::Interactive) };
        let canceller = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            cancelled.cancel();
        };
        let (answer, ()) = tokio::join!(pool.run(&gone, endless), canceller);
        assert!(matches!(answer, Err(PortError::Over(Over::Cancelled))));
        // A future that is dropped is a caller who has gone.
        let dropped =
            tokio::time::timeout(Duration::from_millis(20), pool.run(&caller(Lane::Bulk), endless)).await;
        assert!(dropped.is_err());
        assert_eq!(pool.run(&caller(Lane::Interactive), |_| Ok(7)).await.unwrap(), 7);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn abandoned_searches_neither_run_nor_hold_places() {
        let pool = pool(1, 4);
        let (begun, begins) = mpsc::channel();
        let (go, held) = hold(&pool, Lane::Interactive, &begun);
        begins.recv().unwrap();
        let ran = Arc::new(AtomicUsize::new(0));
        let count = || {
            let ran = Arc::clone(&ran);
            move |_: &Seam<'_>| {
                ran.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
        };
        let interactive = caller(Lane::Interactive);
        for _ in 0..20 {
            let soon = Duration::from_millis(1);
            assert!(
                tokio::time::timeout(soon, pool.run(&interactive, count())).await.is_err(),
                "none is refused"
            );
        }
        let waiting: Vec<_> = (0..4).map(|_| pool.run(&interactive, count())).collect();
        let fifth = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let refused = pool.run(&interactive, count()).await;
            assert!(
                matches!(refused, Err(PortError::Unavailable(outage)) if outage.kind == OutageKind::Busy)
            );
            let bulk = caller(Lane::Bulk);
            assert!(tokio::time::timeout(Duration::from_millis(20), pool.run(&bulk, count())).await.is_err());
            go.send(()).unwrap();
        };
        let (answers, ()) = tokio::join!(futures_util::future::join_all(waiting), fifth);
        held.await.unwrap();
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(ran.load(Ordering::Relaxed), 4);
    }

    /// The same as one whose key is called so.
    fn named(id: &str) -> Caller {
        let mut caller = caller(Lane::Interactive);
        Arc::make_mut(&mut caller.principal).id = id.into();
        caller
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_callers_searches_do_not_hold_up_anothers() {
        let pool = pool(1, 99);
        let (begun, begins) = mpsc::channel();
        let (go, held) = hold(&pool, Lane::Interactive, &begun);
        begins.recv().unwrap();
        let (noisy, quiet) = (named("noisy"), named("quiet"));
        let (done, order) = mpsc::channel();
        let say = |who: &'static str| {
            let done = done.clone();
            move |_: &Seam<'_>| {
                done.send(who).unwrap();
                Ok(())
            }
        };
        let many = futures_util::future::join_all((0..50).map(|_| pool.run(&noisy, say("noisy"))));
        let one = async {
            tokio::task::yield_now().await;
            let one = pool.run(&quiet, say("quiet"));
            let free = async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                go.send(()).unwrap();
            };
            tokio::join!(one, free).0
        };
        let (many, one) = tokio::join!(many, one);
        held.await.unwrap();
        assert!(one.is_ok() && many.iter().all(Result::is_ok));
        let order: Vec<&str> = order.try_iter().collect();
        assert!(order[..2].contains(&"quiet"), "{order:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn slow_searches_wait_for_a_place() {
        let pool = pool(1, 1);
        let (begun, begins) = mpsc::channel();
        let (go, held) = hold(&pool, Lane::Bulk, &begun);
        begins.recv().unwrap();
        let bulk = caller(Lane::Bulk);
        let answers = (0..3).map(|n| pool.run(&bulk, move |_| Ok(n)));
        let freed = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            go.send(()).unwrap();
        };
        let (answers, ()) = tokio::join!(futures_util::future::join_all(answers), freed);
        held.await.unwrap();
        assert!(answers.iter().all(Result::is_ok));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_panic_is_a_fault_and_ends_no_thread() {
        let pool = pool(1, 1);
        let panicked =
            pool.run(&caller(Lane::Interactive), |_| -> Result<(), IndexError> { panic!("odd") }).await;
        assert!(
            matches!(panicked, Err(PortError::Fault { source, .. }) if source.to_string().contains("odd"))
        );
        assert_eq!(pool.run(&caller(Lane::Interactive), |_| Ok(7)).await.unwrap(), 7);
    }
}
