//! Sends requests for as long as a run lasts. In an open loop they are sent on a schedule, whether or not earlier ones were answered; only
//! so many may be under way, and what cannot be sent for that is still counted from when it was due. In a closed loop each worker
//! sends its next request when the one before was answered. Refuses to know what is sent. Start at [`drive`].

use super::schedule::Schedule;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Requests that may be due and not looked at yet; the schedule knows of any others.
const DUE_AHEAD: usize = 1024;

/// What decides when the next request is sent.
#[derive(Debug, Clone)]
pub enum Pacing {
    /// The clock.
    Open {
        /// When requests are due.
        schedule: Schedule,
        /// The most that may be under way.
        in_flight: usize,
    },
    /// The answer to the one before.
    Closed {
        /// How many send one after the other.
        workers: usize,
    },
}

/// When a run begins, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Course {
    /// Its first moment, warm-up and all.
    pub start: Instant,
    /// The first moment that requests are not due in any more.
    pub end: Instant,
    /// How long answers are waited for after the end.
    pub patience: Duration,
    /// The same where the run is stopped before its end.
    pub stopped_patience: Duration,
}

/// A request that is to be sent now.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    /// From 0.
    pub number: u64,
    /// When it should have been sent.
    pub due: Instant,
}

/// How it went.
#[derive(Debug)]
pub struct Driven {
    /// When sending ended.
    pub sending_ended: Instant,
    /// When the last answer was there, or was given up.
    pub ended: Instant,
    /// Whether it was stopped before its end.
    pub is_early: bool,
    /// Of each request that was due and not sent, when it was due.
    pub unsent: Vec<Instant>,
    /// Requests that were sent and whose end was not waited for.
    pub abandoned: u64,
}

/// Sends requests until the course ends or `stop` is cancelled. `send` sends one and sees to its end.
pub async fn drive<S, F>(pacing: &Pacing, course: Course, stop: &CancellationToken, send: S) -> Driven
where
    S: Fn(Turn) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let under_way = TaskTracker::new();
    let sent = match pacing {
        Pacing::Open { schedule, in_flight } => {
            open(schedule, *in_flight, course, stop, &under_way, send).await
        }
        Pacing::Closed { workers } => closed(*workers, course, stop, &under_way, send).await,
    };
    let is_early = stop.is_cancelled();
    let sending_ended = if is_early { Instant::now().min(course.end) } else { course.end };
    let unsent = match pacing {
        Pacing::Open { schedule, .. } => left(schedule, sent, course.start, sending_ended),
        Pacing::Closed { .. } => Vec::new(),
    };
    under_way.close();
    let patience = if is_early { course.stopped_patience } else { course.patience };
    let answered = tokio::time::timeout(patience, under_way.wait()).await;
    let abandoned = if answered.is_ok() { 0 } else { under_way.len() as u64 };
    Driven { sending_ended, ended: Instant::now(), is_early, unsent, abandoned }
}

/// Sends on the schedule; how many requests that were.
async fn open<S, F>(
    schedule: &Schedule,
    in_flight: usize,
    course: Course,
    stop: &CancellationToken,
    under_way: &TaskTracker,
    send: S,
) -> u64
where
    S: Fn(Turn) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let mut due = pace(schedule.clone(), course);
    let room = Arc::new(Semaphore::new(in_flight));
    let start = |turn, place| {
        let sending = send(turn);
        under_way.spawn(async move {
            sending.await;
            drop(place);
        });
    };
    let end = tokio::time::sleep_until(course.end.into());
    tokio::pin!(end);
    let mut sent: u64 = 0;
    loop {
        let next = async {
            let turn = due.recv().await?;
            Some((turn, Arc::clone(&room).acquire_owned().await.ok()?))
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => return sent,
            next = next => match next {
                Some((turn, place)) => start(turn, place),
                None => return sent,
            },
            () = &mut end => break,
        }
        sent += 1;
    }
    // What was due in the last moment, and was not looked at in time: there may be room for it.
    for (number, due) in (sent..).zip(left(schedule, sent, course.start, course.end)) {
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else { break };
        start(Turn { number, due }, place);
        sent += 1;
    }
    sent
}

/// Says when a request is due, as it is due. A thread of its own, since the timers of the runtime are right to a millisecond only.
fn pace(schedule: Schedule, course: Course) -> mpsc::Receiver<Turn> {
    let (turns, due) = mpsc::channel(DUE_AHEAD);
    let dues = schedule.map(move |offset| course.start + offset).take_while(move |due| *due < course.end);
    std::thread::spawn(move || {
        for (number, due) in (0..).zip(dues) {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            // Where nobody listens any more, the run is over.
            if turns.blocking_send(Turn { number, due }).is_err() {
                return;
            }
        }
    });
    due
}

/// What was due by `until` and not sent.
fn left(schedule: &Schedule, sent: u64, start: Instant, until: Instant) -> Vec<Instant> {
    let dues = schedule.clone().map(|offset| start + offset).take_while(|due| *due < until);
    dues.skip(usize::try_from(sent).unwrap_or(usize::MAX)).collect()
}

/// Lets workers send one request after the other; how many that were.
async fn closed<S, F>(
    workers: usize,
    course: Course,
    stop: &CancellationToken,
    under_way: &TaskTracker,
    send: S,
) -> u64
where
    S: Fn(Turn) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let numbers = Arc::new(AtomicU64::new(0));
    for _ in 0..workers {
        let (numbers, stop, send) = (Arc::clone(&numbers), stop.clone(), send.clone());
        under_way.spawn(async move {
            loop {
                let due = Instant::now();
                if due >= course.end || stop.is_cancelled() {
                    return;
                }
                send(Turn { number: numbers.fetch_add(1, Ordering::Relaxed), due }).await;
            }
        });
    }
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep_until(course.end.into()) => {}
    }
    numbers.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests;
