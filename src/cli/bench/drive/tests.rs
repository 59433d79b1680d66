//! Runs against a service that is made up: stalls, stops, and what had to wait.

use super::*;
use crate::cli::bench::schedule::Arrivals;
use crate::cli::bench::tally::{Call, Fate, Moments, Outcome, Row, Tally};

fn course(length: Duration, patience: Duration) -> Course {
    let start = Instant::now();
    Course { start, end: start + length, patience, stopped_patience: patience }
}

fn even(rate: f64, in_flight: usize) -> Pacing {
    Pacing::Open { schedule: Schedule::new(rate, Arrivals::Even, 1), in_flight }
}

/// A service that answers at once (a closed loop a little later, so that it goes round less often), but for a time in which it answers
/// nobody.
async fn stalled(pacing: &Pacing, stall: (Duration, Duration), length: Duration) -> (Row, Driven) {
    let course = course(length, Duration::from_secs(10));
    let tally = Arc::new(Tally::new(course.start));
    let call = Call { method: "s/M".into(), variant: "" };
    let (from, until) = (course.start + stall.0, course.start + stall.1);
    let is_closed = matches!(pacing, Pacing::Closed { .. });
    let send = {
        let (tally, call) = (Arc::clone(&tally), call.clone());
        move |turn: Turn| {
            let (tally, call) = (Arc::clone(&tally), call.clone());
            async move {
                let sent = Instant::now();
                if (from..until).contains(&sent) {
                    tokio::time::sleep_until(until.into()).await;
                } else if is_closed {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                let outcome = Outcome { fate: Fate::Ok, code: "OK", message: String::new() };
                tally.record(&call, Moments { due: turn.due, sent, ended: Instant::now() }, outcome);
            }
        }
    };
    let driven = drive(pacing, course, &CancellationToken::new(), send).await;
    (tally.rows().remove(&call).unwrap_or_default(), driven)
}

/// How many took at least so long.
fn slow(times: &hdrhistogram::Histogram<u64>, least: Duration) -> u64 {
    times.count_between(least.as_micros() as u64, u64::MAX)
}

const STALL: (Duration, Duration) = (Duration::from_millis(300), Duration::from_millis(900));
const LENGTH: Duration = Duration::from_millis(1500);

#[tokio::test]
async fn a_stall_shows_in_the_latencies_of_all_that_were_due_in_it() {
    // Four may be under way: the stall holds four, and 236 others that were due in it are held up by these.
    let (row, driven) = stalled(&even(400.0, 4), STALL, LENGTH).await;
    assert_eq!((row.sent(), driven.unsent.len(), driven.abandoned), (600, 0, 0));
    let half = Duration::from_millis(300);
    // Due in the first half of the stall: 120 of 600.
    let seen = slow(&row.latency, half);
    assert!(seen >= 115, "{seen} latencies show the stall");
    assert!(row.latency.value_at_quantile(0.9) >= 295_000, "{}", row.latency.value_at_quantile(0.9));
    assert!(slow(&row.service, half) <= 8, "the time from when they were sent hides it");
}

#[tokio::test]
async fn a_closed_loop_sees_a_stall_once_for_each_worker() {
    let (row, driven) = stalled(&Pacing::Closed { workers: 4 }, STALL, LENGTH).await;
    assert!(driven.unsent.is_empty());
    assert!(row.sent() > 20, "{}", row.sent());
    assert!((1..=4).contains(&slow(&row.latency, Duration::from_millis(300))));
}

#[tokio::test]
async fn what_was_due_and_could_not_be_sent_is_told() {
    // Nobody is answered until the end, so that two are under way and the others wait for room.
    let stall = (Duration::ZERO, Duration::from_millis(400));
    let (row, driven) = stalled(&even(100.0, 2), stall, Duration::from_millis(400)).await;
    assert_eq!(row.sent() + driven.unsent.len() as u64, 40);
    assert!(driven.unsent.len() >= 30, "{}", driven.unsent.len());
    assert!(!driven.is_early);
}

#[tokio::test]
async fn the_rate_holds_whatever_an_answer_takes() {
    let course = course(Duration::from_secs(1), Duration::from_secs(10));
    let numbers = Arc::new(AtomicU64::new(0));
    let send = {
        let numbers = Arc::clone(&numbers);
        move |_: Turn| {
            let numbers = Arc::clone(&numbers);
            async move {
                tokio::time::sleep(Duration::from_millis(200)).await;
                numbers.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    let driven = drive(&even(300.0, 1000), course, &CancellationToken::new(), send).await;
    assert_eq!((numbers.load(Ordering::Relaxed), driven.unsent.len()), (300, 0));
}

#[tokio::test]
async fn a_stop_ends_sending_at_once_and_gives_up_what_does_not_end() {
    for pacing in [even(100.0, 1000), Pacing::Closed { workers: 3 }] {
        let course = Course {
            stopped_patience: Duration::from_millis(50),
            ..course(Duration::from_secs(600), Duration::from_secs(600))
        };
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            stopping.cancel();
        });
        let driven = drive(&pacing, course, &stop, |_| std::future::pending()).await;
        assert!(driven.is_early && driven.abandoned > 0, "{driven:?}");
        assert!(driven.ended - course.start < Duration::from_secs(60));
    }
}
