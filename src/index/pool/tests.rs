//! Lanes, callers that go, and panics of the pool.

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
    hold_as(caller(lane), pool, begun)
}

fn hold_as(caller: Caller, pool: &Arc<Pool>, begun: &mpsc::Sender<()>) -> (mpsc::Sender<()>, JoinHandle<()>) {
    let (go, gone) = mpsc::channel::<()>();
    let (pool, begun) = (Arc::clone(pool), begun.clone());
    let held = tokio::spawn(async move {
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
    let late = Caller { deadline: Some(Instant::now() + Duration::from_millis(20)), ..caller(Lane::Bulk) };
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
        assert!(matches!(refused, Err(PortError::Unavailable(outage)) if outage.kind == OutageKind::Busy));
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
    // The thread that is kept for who holds none, too.
    let (go_too, held_too) = hold_as(named("another"), &pool, &begun);
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
    go_too.send(()).unwrap();
    held_too.await.unwrap();
    assert!(one.is_ok() && many.iter().all(Result::is_ok));
    let order: Vec<&str> = order.try_iter().collect();
    assert!(order[..2].contains(&"quiet"), "{order:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_holds_all_threads_does_not_hold_up_another() {
    let pool = pool(2, 99);
    let (begun, begins) = mpsc::channel();
    let held: Vec<_> = (0..3).map(|_| hold(&pool, Lane::Interactive, &begun)).collect();
    begins.recv().unwrap();
    begins.recv().unwrap();
    let soon = Duration::from_secs(10);
    let other = tokio::time::timeout(soon, pool.run(&named("other"), |_| Ok(7))).await;
    assert_eq!(other.unwrap().unwrap(), 7);
    assert!(begins.try_recv().is_err(), "the thread that is kept is not for who holds the others");
    for (go, held) in held {
        go.send(()).unwrap();
        held.await.unwrap();
    }
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
    assert!(matches!(panicked, Err(PortError::Fault { source, .. }) if source.to_string().contains("odd")));
    assert_eq!(pool.run(&caller(Lane::Interactive), |_| Ok(7)).await.unwrap(), 7);
}
