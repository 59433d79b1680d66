//! Turns, seams, shares, and panics of the pool.

use super::*;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;

const SOON: Duration = Duration::from_secs(10);

fn caller(lane: Lane) -> Caller {
    Caller::anonymous(lane, "test")
}

#[tokio::test]
async fn a_panic_fails_its_own_job_alone() {
    let pool = Pool::start(1).unwrap();
    let panicked =
        pool.run(&caller(Lane::Bulk), 1, |_| -> Result<(), Over> { panic!("as the test wants") }).await;
    assert!(matches!(panicked, Err(EngineError::Internal(Fault::Panicked))));
    assert_eq!(pool.run(&caller(Lane::Bulk), 1, |_| Ok(7)).await.unwrap(), 7);
}

#[tokio::test]
async fn a_short_text_overtakes_a_long_one_between_its_steps() {
    let pool = Pool::start(1).unwrap();
    let (begun, began) = mpsc::channel();
    let (go, gate) = mpsc::channel::<()>();
    let bulk = caller(Lane::Bulk);
    let long = pool.run(&bulk, LONG_BYTES + 1, move |seam| {
        for _ in 0..2 {
            begun.send(()).unwrap();
            gate.recv().unwrap();
            seam.pass()?;
        }
        Ok("long")
    });
    tokio::pin!(long);
    assert!(tokio::time::timeout(Duration::from_millis(5), &mut long).await.is_err());
    began.recv_timeout(SOON).unwrap();
    let waits = caller(Lane::Interactive);
    let short = pool.run(&waits, 1, |_| Ok("short"));
    tokio::pin!(short);
    assert!(tokio::time::timeout(Duration::from_millis(5), &mut short).await.is_err(), "the step goes on");
    go.send(()).unwrap();
    assert_eq!(short.await.unwrap(), "short");
    began.recv_timeout(SOON).unwrap();
    go.send(()).unwrap();
    assert_eq!(long.await.unwrap(), "long");
}

#[tokio::test]
async fn work_that_nobody_awaits_lets_go_of_its_text_before_its_turn() {
    let pool = Pool::start(1).unwrap();
    let caller = caller(Lane::Interactive);
    let (go, gate) = mpsc::channel::<()>();
    let first = pool.run(&caller, HUGE_BYTES + 1, move |_| {
        gate.recv().unwrap();
        Ok("first")
    });
    tokio::pin!(first);
    assert!(tokio::time::timeout(Duration::from_millis(5), &mut first).await.is_err());
    let text = Arc::new("a long text");
    let held = Arc::clone(&text);
    let second = pool.run(&caller, HUGE_BYTES + 1, move |_| Ok(held.len()));
    assert!(tokio::time::timeout(Duration::from_millis(5), second).await.is_err());
    assert_eq!(Arc::strong_count(&text), 1, "the room for it may be another's by now");
    go.send(()).unwrap();
    assert_eq!(first.await.unwrap(), "first");
    assert_eq!(pool.run(&caller, HUGE_BYTES + 1, |_| Ok(7)).await.unwrap(), 7);
}

#[tokio::test]
async fn work_stops_at_a_seam_once_nobody_waits() {
    let pool = Pool::start(1).unwrap();
    let caller = caller(Lane::Interactive);
    let gone = caller.clone();
    let endless = move |seam: &Seam<'_>| -> Result<(), Over> {
        gone.cancelled.cancel();
        loop {
            seam.pass()?;
        }
    };
    let cancelled = pool.run(&caller, 1, endless).await;
    assert!(matches!(cancelled, Err(EngineError::Over(Over::Cancelled))));
    let (steps, counted) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let count = Arc::clone(&counted);
    let others = self::caller(Lane::Bulk);
    let dropped = pool.run(&others, 1, move |seam| -> Result<(), Over> {
        loop {
            count.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(1));
            seam.pass()?;
        }
    });
    assert!(tokio::time::timeout(Duration::from_millis(20), dropped).await.is_err());
    assert_eq!(pool.run(&others, 1, |_| Ok(1)).await.unwrap(), 1);
    steps.store(counted.load(Ordering::SeqCst), Ordering::SeqCst);
    assert_eq!(pool.run(&others, 1, |_| Ok(1)).await.unwrap(), 1);
    assert_eq!(counted.load(Ordering::SeqCst), steps.load(Ordering::SeqCst), "it has stopped");
}

#[tokio::test]
async fn one_callers_texts_do_not_hold_up_anothers() {
    let pool = Pool::start(1).unwrap();
    let (noisy, mut quiet) = (caller(Lane::Interactive), caller(Lane::Interactive));
    Arc::make_mut(&mut quiet.principal).id = "quiet".into();
    let (begun, began) = mpsc::channel();
    let (go, gate) = mpsc::channel::<()>();
    let first = pool.run(&noisy, 1, move |_| {
        begun.send(()).unwrap();
        gate.recv().unwrap();
        Ok(())
    });
    tokio::pin!(first);
    assert!(tokio::time::timeout(Duration::from_millis(5), &mut first).await.is_err());
    began.recv_timeout(SOON).unwrap();
    let (done, order) = mpsc::channel();
    let say = |who: &'static str| {
        let done = done.clone();
        move |_: &Seam<'_>| {
            done.send(who).unwrap();
            Ok(())
        }
    };
    let many = futures_util::future::join_all((0..50).map(|_| pool.run(&noisy, 1, say("noisy"))));
    let one = pool.run(&quiet, 1, say("quiet"));
    let free = async { go.send(()).unwrap() };
    let (many, one, ..) = tokio::join!(many, one, first, free);
    assert!(one.is_ok() && many.iter().all(Result::is_ok));
    let order: Vec<&str> = order.try_iter().collect();
    assert!(order[..2].contains(&"quiet"), "{order:?}");
}

#[test]
fn long_texts_take_their_part_of_what_begins_and_no_more() {
    let mut state = State::new(1);
    let someone = Arc::from("someone");
    let push = |state: &mut State, class: usize, bytes: usize| {
        state.classes[class].jobs.push(&someone, (Box::new(|_: Fate<'_>| {}), bytes), Duration::ZERO);
    };
    (0..4000).for_each(|_| push(&mut state, SHORT_CALLS, 4_000));
    (0..100).for_each(|_| push(&mut state, LONG_CALLS, 40_000));
    let (mut long, mut short) = (0, 0);
    for _ in 0..2000 {
        while state.pop(LONG_CALLS, Duration::ZERO).is_some() {
            long += 40_000;
        }
        short += state.pop(SHORT_CALLS, Duration::ZERO).unwrap().item.1;
    }
    let part = short / SHORT_FOR_LONG;
    assert!((part..part + LONG_BYTES + 40_000).contains(&long), "{long} of {short}");
    while state.pop(SHORT_CALLS, Duration::ZERO).is_some() {}
    assert!(state.pop(LONG_CALLS, Duration::ZERO).is_some(), "nobody else wants a thread");
}

#[test]
fn short_texts_of_others_take_no_more_of_what_begins_than_a_callers_long_ones() {
    let mut state = State::new(1);
    let push = |state: &mut State, caller: &str, class: usize, bytes: usize| {
        state.classes[class].jobs.push(&caller.into(), (Box::new(|_: Fate<'_>| {}), bytes), Duration::ZERO);
    };
    for (others, part) in [(1, 2), (3, 4)] {
        for n in 0..others {
            (0..4000).for_each(|_| push(&mut state, &format!("noisy{n}"), SHORT_CALLS, 3_000));
        }
        let (mut long, mut short) = (0, 0);
        while long + short < 6_000_000 {
            // One at a time.
            push(&mut state, "reader", LONG_CALLS, 40_000);
            while let Some(next) =
                state.pop(SHORT_CALLS, Duration::ZERO).filter(|_| !state.long_calls.is_left())
            {
                short += next.item.1;
            }
            while let Some(next) = state.pop(LONG_CALLS, Duration::ZERO) {
                long += next.item.1;
            }
        }
        let (least, most) = ((long + short) / part / 2, (long + short) / part * 3 / 2);
        assert!((least..most).contains(&long), "{long} beside {short} of {others}");
        while state.pop(SHORT_CALLS, Duration::ZERO).is_some() {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_long_texts_that_had_to_wait_begin_once_no_short_one_stands_in_line() {
    let pool = Pool::start(2).unwrap();
    pool.queue.lock().long_calls.spend(HUGE_BYTES, SHORT_FOR_LONG);
    let caller = caller(Lane::Interactive);
    let (go, gates): (Vec<_>, Vec<_>) = (0..2).map(|_| mpsc::channel::<()>()).unzip();
    let at_work = futures_util::future::join_all(gates.into_iter().map(|gate| {
        pool.run(&caller, 1, move |_| {
            gate.recv().unwrap();
            Ok(())
        })
    }));
    let begun = Arc::new(AtomicU32::new(0));
    let long = |_| {
        let begun = Arc::clone(&begun);
        pool.run(&caller, LONG_BYTES + 1, move |seam| {
            begun.fetch_add(1, Ordering::SeqCst);
            while begun.load(Ordering::SeqCst) < 2 {
                seam.pass()?;
            }
            Ok(())
        })
    };
    let in_line = async {
        // Both threads for short ones are at work by now, or soon.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let all = async { tokio::join!(pool.run(&caller, 1, |_| Ok(())), long(0), long(1)) };
        let free = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            assert_eq!(begun.load(Ordering::SeqCst), 0, "a short one stands in line");
            go[0].send(()).unwrap();
        };
        let (all, ()) = tokio::join!(all, free);
        go[1].send(()).unwrap();
        all
    };
    let (_, all) = tokio::time::timeout(SOON, async { tokio::join!(at_work, in_line) }).await.unwrap();
    assert!(matches!(all, (Ok(()), Ok(()), Ok(()))), "{all:?}");
}

#[test]
fn turns_are_given_by_shares_and_nothing_starves() {
    let mut state = State::new(1);
    state.classes.iter_mut().for_each(|class| class.waiting = 1);
    let mut turns = [0u64; CLASSES.len()];
    for _ in 0..850 {
        let class = state.first().unwrap();
        turns[class] += 1;
        state.classes[class].passed += STRIDE / CLASSES[class].2;
    }
    assert_eq!(turns, CLASSES.map(|(_, _, share)| 10 * share));
}

#[tokio::test]
async fn one_huge_text_of_a_lane_is_at_work_at_a_time_and_keeps_no_long_one_waiting() {
    let pool = Pool::start(2).unwrap();
    let bulk = caller(Lane::Bulk);
    let (begun, end) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let huge = || {
        let (begun, end) = (Arc::clone(&begun), Arc::clone(&end));
        pool.run(&bulk, HUGE_BYTES + 1, move |seam| {
            begun.fetch_add(1, Ordering::SeqCst);
            while end.load(Ordering::SeqCst) == 0 {
                std::thread::sleep(Duration::from_micros(100));
                seam.pass()?;
            }
            Ok(())
        })
    };
    let both = futures_util::future::join(huge(), huge());
    tokio::pin!(both);
    assert!(tokio::time::timeout(Duration::from_millis(20), &mut both).await.is_err());
    let long = tokio::time::timeout(SOON, pool.run(&bulk, HUGE_BYTES, |_| Ok(1)));
    assert_eq!(long.await.unwrap().unwrap(), 1);
    assert_eq!(begun.load(Ordering::SeqCst), 1);
    end.store(1, Ordering::SeqCst);
    assert!(matches!(both.await, (Ok(()), Ok(()))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_steps_are_taken_at_once_than_there_are_cores() {
    let pool = Pool::start(2).unwrap();
    let (now, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let callers = [Lane::Interactive, Lane::Bulk, Lane::Background].map(caller);
    let jobs = (0..30).map(|n| {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        let bytes = if n % 2 == 0 { 1 } else { LONG_BYTES + 1 };
        pool.run(&callers[n % 3], bytes, move |seam| {
            for _ in 0..5 {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_micros(200));
                now.fetch_sub(1, Ordering::SeqCst);
                seam.pass()?;
            }
            Ok(())
        })
    });
    for done in futures_util::future::join_all(jobs).await {
        done.unwrap();
    }
    assert!(most.load(Ordering::SeqCst) <= 2);
}
