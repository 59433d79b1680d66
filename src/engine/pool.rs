//! The threads that analyse. Analysis is pure computation, so that it stays off the async workers and keeps no more than the
//! configured number of cores busy. Work is done in steps of a fraction of a second, and at each seam between two steps the pool
//! decides anew who goes on: a one-line text never waits for the end of a book, and a book is not starved by one-line texts. Work
//! whose caller has gone, or whose answer nobody awaits, stops at the next seam. The pool knows nothing about what is computed.
//!
//! Each class of work has as many threads as there are cores to use, so that what has begun stays on its stack, and those of huge
//! texts have one each: an analysis takes many times the memory of its text for as long as it is at work, so that few may have begun
//! that take much. But a thread takes a step only while it holds one of as many *turns* as there are cores. Who gets the next turn is
//! decided by stride scheduling (Waldspurger, Weihl, 1995): every class has a share, the class that has had the least for its share
//! comes next. Within a class, callers take turns; somebody who waits for an answer is sent away where the line only grows.
//!
//! A long text of somebody who waits goes on, once it has begun, as fast as a short one: in thin slices it would take many times as long,
//! and keep its memory for all that time. So that long ones do not crowd out short ones, they have an allowance of what begins while both
//! stand in line.

use super::error::{EngineError, Fault};
use crate::fairness::{Allowance, Next, WaitingLine};
use crate::ports::{Caller, Lane, Over};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tracing::Span;

/// Texts longer than this, in bytes, are long: some fifteen windows of the encoder, seconds of work.
const LONG_BYTES: usize = 16 << 10;
/// Texts longer than this are huge: most articles are a tenth of it.
const HUGE_BYTES: usize = 64 << 10;

/// How long a text is, as far as it matters to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Short,
    Long,
    Huge,
}

/// The classes of work with their shares of the turns when all of them have work. Short texts of people who wait come first;
/// nothing gets nothing.
const CLASSES: [(Lane, Length, u64); 9] = [
    (Lane::Interactive, Length::Short, 32),
    (Lane::Interactive, Length::Long, 32),
    (Lane::Interactive, Length::Huge, 4),
    (Lane::Bulk, Length::Short, 8),
    (Lane::Bulk, Length::Long, 4),
    (Lane::Bulk, Length::Huge, 2),
    (Lane::Background, Length::Short, 1),
    (Lane::Background, Length::Long, 1),
    (Lane::Background, Length::Huge, 1),
];

/// A common multiple of all shares.
const STRIDE: u64 = 32;

/// Where in [`CLASSES`] short and long texts of people who wait stand.
const SHORT_CALLS: usize = 0;
const LONG_CALLS: usize = 1;
const _: () = assert!(
    matches!(CLASSES[SHORT_CALLS], (Lane::Interactive, Length::Short, _))
        && matches!(CLASSES[LONG_CALLS], (Lane::Interactive, Length::Long, _))
);

/// How many bytes of short texts begin for one byte of long ones, while a caller waits for both. Of news one byte in twelve is in a text
/// that is long: where not all can be served, more of them are by serving those first that ask for little. Between callers it is otherwise:
/// see [`State::price`].
const SHORT_FOR_LONG: usize = 32;

/// The least that somebody who waits for an answer is let wait for a thread.
const LEAST_PATIENCE: Duration = Duration::from_millis(50);

/// Does the work, or says that it is not done for want of time.
type Job = Box<dyn FnOnce(Fate<'_>) + Send>;

/// What becomes of a job.
enum Fate<'q> {
    Begins(&'q Queue, usize),
    /// It should be tried again after so long.
    TooLate(Duration),
}

/// A fixed set of threads.
#[derive(Debug)]
pub(super) struct Pool {
    queue: Arc<Queue>,
}

/// The work that waits, and the turns.
pub(super) struct Queue {
    state: Mutex<State>,
    /// For each class: woken for a job.
    work: [Condvar; CLASSES.len()],
    /// For each class: woken for a turn.
    turn: [Condvar; CLASSES.len()],
    began: Instant,
}

struct State {
    classes: [Class; CLASSES.len()],
    /// Turns that nobody holds.
    free: usize,
    /// Where the class that was last served stood: one that had no work for a while begins here, rather than making up for it.
    now: u64,
    /// Bytes of long texts that may begin before short ones that wait.
    long_calls: Allowance,
    closed: bool,
}

struct Class {
    /// Each with the length of its text in bytes.
    jobs: WaitingLine<(Job, usize)>,
    /// Threads that wait for a turn.
    waiting: usize,
    passed: u64,
}

impl Class {
    /// Of the number that it has in [`CLASSES`], without work.
    fn new(number: usize) -> Self {
        let jobs = match CLASSES[number].0 {
            Lane::Interactive => WaitingLine::impatient(LEAST_PATIENCE),
            Lane::Bulk | Lane::Background => WaitingLine::patient(),
        };
        Self { jobs, waiting: 0, passed: 0 }
    }
}

/// Where work looks up between two steps.
pub(super) struct Seam<'p> {
    queue: &'p Queue,
    class: usize,
    over: &'p dyn Fn() -> Option<Over>,
}

impl Seam<'_> {
    /// Lets others go first where it is their turn. Fails where the work should stop.
    pub(super) fn pass(&self) -> Result<(), Over> {
        self.queue.give_back();
        let over = (self.over)();
        self.queue.take_turn(self.class);
        over.map_or(Ok(()), Err)
    }
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

impl Pool {
    /// Work that waits for a thread.
    pub(super) fn waiting(&self) -> usize {
        self.queue.lock().classes.iter().map(|class| class.jobs.len()).sum()
    }

    /// Starts the threads; at most `cores` of them work at one time.
    pub(super) fn start(cores: usize) -> Result<Self, Fault> {
        let pool = Self { queue: Arc::new(Queue::new(cores)) };
        let threads = |class: usize| if CLASSES[class].1 == Length::Huge { 1 } else { cores };
        let all = (0..CLASSES.len()).flat_map(|class| (0..threads(class)).map(move |number| (class, number)));
        for (class, number) in all {
            let queue = Arc::clone(&pool.queue);
            std::thread::Builder::new()
                .name(format!("analyse-{class}-{number}"))
                .spawn(move || queue.serve(class))
                .map_err(|error| Fault::Thread(Arc::new(error)))?;
        }
        Ok(pool)
    }

    /// Runs `work`, over a text of `bytes`. It must pass the seam it is given between its steps, and end where that fails. Where the
    /// returned future is dropped, or the caller is over, before it begins, it never does, and what it holds is let go of at once: the
    /// room that the caller had for it is given to others then. The work is within the span that this is called in.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        caller: &Caller,
        bytes: usize,
        work: impl FnOnce(&Seam<'_>) -> Result<T, Over> + Send + 'static,
    ) -> Result<T, EngineError> {
        let (reply, answer) = oneshot::channel();
        let patience = caller.clone();
        let within = Span::current();
        let work = Arc::new(Mutex::new(Some(work)));
        let _until_it_begins = Awaited(Arc::clone(&work));
        let job = move |fate: Fate<'_>| {
            let Some(work) = work.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
            let (queue, class) = match fate {
                Fate::Begins(queue, class) => (queue, class),
                Fate::TooLate(retry_after) => {
                    // Nobody listens any more: fine.
                    let _ = reply.send(Err(EngineError::Overloaded { retry_after }));
                    return;
                }
            };
            let within = within.entered();
            let over = || match reply.is_closed() {
                true => Some(Over::Cancelled),
                false => patience.over(),
            };
            let outcome = match over() {
                Some(over) => Err(over.into()),
                None => {
                    let seam = Seam { queue, class, over: &over };
                    // The work owns all that it touches, so that a panic leaves nothing half-changed behind.
                    match catch_unwind(AssertUnwindSafe(|| work(&seam))) {
                        Ok(result) => result.map_err(EngineError::from),
                        Err(_) => Err(Fault::Panicked.into()),
                    }
                }
            };
            // What the caller does next is no part of it. Nobody listens any more: fine.
            drop(within);
            let _ = reply.send(outcome);
        };
        let class = class_of(caller.lane, Length::of(bytes));
        self.queue.push(class, &caller.principal.id, Box::new(job), bytes);
        answer.await.unwrap_or(Err(Fault::Stopped.into()))
    }
}

/// Work that somebody awaits: dropping this before the work begins drops the work.
struct Awaited<W>(Arc<Mutex<Option<W>>>);

impl<W> Drop for Awaited<W> {
    fn drop(&mut self) {
        // What it holds is let go of without the lock.
        let work = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(work);
    }
}

impl Drop for Pool {
    /// Lets the threads go. They are not waited for: a long step must not hold up the end of the process, and nothing that a job
    /// holds keeps a file open.
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.closed = true;
        let left =
            state.classes.each_mut().map(|class| std::mem::replace(&mut class.jobs, WaitingLine::patient()));
        drop(state);
        drop(left);
        self.queue.work.iter().chain(&self.queue.turn).for_each(Condvar::notify_all);
    }
}

impl Queue {
    fn new(turns: usize) -> Self {
        let state = State::new(turns);
        let (work, turn, began) = (Default::default(), Default::default(), Instant::now());
        Self { state: Mutex::new(state), work, turn, began }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Jobs run without the lock, so that nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, class: usize, caller: &Arc<str>, job: Job, bytes: usize) {
        let mut state = self.lock();
        if !state.closed {
            state.classes[class].jobs.push(caller, (job, bytes), self.began.elapsed());
            self.work[class].notify_one();
        }
    }

    /// The life of one thread.
    fn serve(&self, class: usize) {
        while let Some(Next { item: (job, _), too_late }) = self.next(class) {
            if let Some(retry_after) = too_late {
                job(Fate::TooLate(retry_after));
                continue;
            }
            let began = Instant::now();
            self.take_turn(class);
            job(Fate::Begins(self, class));
            self.give_back();
            self.lock().served(class, began.elapsed());
        }
    }

    /// The next job of the class; `None` once the pool is closed.
    fn next(&self, class: usize) -> Option<Next<(Job, usize)>> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(next) = state.pop(class, self.began.elapsed()) {
                if class == SHORT_CALLS {
                    // Some long ones may begin now, or all of them.
                    self.work[LONG_CALLS].notify_all();
                }
                return Some(next);
            }
            state = self.work[class].wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until it is the class's turn.
    fn take_turn(&self, class: usize) {
        let mut state = self.lock();
        let now = state.now;
        let own = &mut state.classes[class];
        own.passed = own.passed.max(now);
        own.waiting += 1;
        while !state.closed && (state.free == 0 || state.first() != Some(class)) {
            state = self.turn[class].wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.now = state.classes[class].passed;
        let own = &mut state.classes[class];
        own.waiting -= 1;
        own.passed += STRIDE / CLASSES[class].2;
        state.free = state.free.saturating_sub(1);
        self.wake(&state);
    }

    fn give_back(&self) {
        let mut state = self.lock();
        state.free += 1;
        self.wake(&state);
    }

    /// Wakes whose turn it is, if there is one to take.
    fn wake(&self, state: &State) {
        if let Some(class) = state.first().filter(|_| state.free > 0) {
            self.turn[class].notify_one();
        }
    }
}

impl State {
    fn new(turns: usize) -> Self {
        let long_calls = Allowance::new((LONG_BYTES * SHORT_FOR_LONG) as u32);
        Self { classes: std::array::from_fn(Class::new), free: turns, now: 0, long_calls, closed: false }
    }

    /// The next job of the class, if it may begin.
    fn pop(&mut self, class: usize, now: Duration) -> Option<Next<(Job, usize)>> {
        let price = if class == LONG_CALLS { self.price() } else { 0 };
        let jobs = &mut self.classes[class].jobs;
        if price > 0 && !self.long_calls.is_left() {
            return jobs.pop_late(now);
        }
        let next = jobs.pop(now)?;
        let bytes = next.item.1;
        match next.too_late {
            None if class == SHORT_CALLS => self.long_calls.earn(bytes),
            None => self.long_calls.spend(bytes, price),
            Some(_) => {}
        }
        Some(next)
    }

    /// How many bytes of short texts begin for each of the long text that is next; none where no short one waits. A caller's own short ones
    /// go before; others' do not: among callers each has as much as every other.
    fn price(&self) -> usize {
        let short = &self.classes[SHORT_CALLS].jobs;
        match self.classes[LONG_CALLS].jobs.next_caller() {
            Some(caller) if !short.has(caller) => short.callers().min(SHORT_FOR_LONG),
            _ => SHORT_FOR_LONG * usize::from(short.len() > 0),
        }
    }

    /// A job of the class has been done, in so much time. How long somebody is let wait follows from what is asked for and from what is
    /// shorter: by themselves, a few long texts would be let wait for seconds while all others wait for fractions of one.
    fn served(&mut self, class: usize, took: Duration) {
        let (lane, ..) = CLASSES[class];
        let lane = self.classes.iter_mut().zip(CLASSES).skip(class).take_while(|(_, (of, ..))| *of == lane);
        lane.for_each(|(class, _)| class.jobs.served(took));
    }

    /// Of the classes that wait for a turn the one that is furthest behind its share; of two, the more urgent one.
    fn first(&self) -> Option<usize> {
        let waiting = self.classes.iter().enumerate().filter(|(_, class)| class.waiting > 0);
        waiting.min_by_key(|(_, class)| class.passed).map(|(class, _)| class)
    }
}

impl Length {
    fn of(bytes: usize) -> Self {
        if bytes <= LONG_BYTES {
            Self::Short
        } else if bytes <= HUGE_BYTES {
            Self::Long
        } else {
            Self::Huge
        }
    }
}

fn class_of(lane: Lane, length: Length) -> usize {
    let found = CLASSES.iter().position(|(of, its_length, _)| (*of, *its_length) == (lane, length));
    // Every lane is there with every length; the last class is the least urgent one.
    found.unwrap_or(CLASSES.len() - 1)
}

#[cfg(test)]
mod tests;
