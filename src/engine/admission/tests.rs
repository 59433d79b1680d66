//! Who is let in, who waits, and what comes back.

use super::*;
use futures_util::FutureExt;

const MIB: usize = 1 << 20;

fn door() -> Admission {
    Admission::new(16 * MIB)
}

fn caller(lane: Lane) -> Caller {
    Caller::anonymous(lane, "test")
}

#[tokio::test]
async fn a_full_room_refuses_single_calls_at_once_and_bulk_waits_in_line() {
    let door = door();
    let single = caller(Lane::Interactive);
    for (need, bytes) in [(Need::Text, 4 * MIB), (Need::Question, MIB)] {
        let held = door.admit(&single, need, MessageSize::of(bytes)).await.unwrap();
        let refused = door.admit(&single, need, MessageSize::of(1)).await.unwrap_err();
        assert!(matches!(refused, EngineError::Overloaded { retry_after } if retry_after >= SOONEST_RETRY));
        drop(held);
        assert!(door.admit(&single, need, MessageSize::of(1)).await.is_ok());
    }
    let bulk = caller(Lane::Bulk);
    let held = door.admit(&bulk, Need::Text, MessageSize::of(8 * MIB)).await.unwrap();
    let mut large = Box::pin(door.admit(&bulk, Need::Text, MessageSize::of(8 * MIB)));
    assert!(large.as_mut().now_or_never().is_none());
    let mut small = Box::pin(door.admit(&bulk, Need::Text, MessageSize::of(1)));
    assert!(small.as_mut().now_or_never().is_none(), "nobody overtakes in line");
    drop(held);
    let _large = large.now_or_never().unwrap().unwrap();
    assert!(small.now_or_never().unwrap().is_ok());
}

#[tokio::test]
async fn bulk_work_leaves_room_for_others_and_what_is_too_large_takes_all() {
    let door = door();
    let _all_bulk = door.admit(&caller(Lane::Bulk), Need::Text, MessageSize::of(100 * MIB)).await.unwrap();
    assert!(door.admit(&caller(Lane::Bulk), Need::Text, MessageSize::of(1)).now_or_never().is_none());
    let _all = door.admit(&caller(Lane::Interactive), Need::Text, MessageSize::of(100 * MIB)).await.unwrap();
    assert!(door.admit(&caller(Lane::Interactive), Need::Text, MessageSize::of(1)).await.is_err());
    assert!(door.admit(&caller(Lane::Interactive), Need::Question, MessageSize::of(1)).await.is_ok());
}

fn named(lane: Lane, id: &str) -> Caller {
    let mut caller = caller(lane);
    let principal = Arc::make_mut(&mut caller.principal);
    (principal.id, principal.origin) = (id.into(), crate::access::Origin::Token);
    caller
}

#[tokio::test]
async fn one_caller_leaves_room_for_others_and_takes_turns_in_line() {
    let door = door();
    let (noisy, quiet) = (named(Lane::Interactive, "noisy"), named(Lane::Interactive, "quiet"));
    let mut held = Vec::new();
    while let Ok(permit) = door.admit(&noisy, Need::Text, MessageSize::of(MIB / 4)).await {
        held.push(permit);
    }
    assert_eq!(held.len(), 12, "three quarters of four MiB");
    let other = door.admit(&quiet, Need::Text, MessageSize::of(MIB / 4)).await.unwrap();
    drop((held, other));
    let _all = door.admit(&caller(Lane::Bulk), Need::Text, MessageSize::of(100 * MIB)).await.unwrap();
    let (noisy, quiet) = (named(Lane::Bulk, "noisy"), named(Lane::Bulk, "quiet"));
    let eight = || MessageSize::of(8 * MIB);
    let mut first = Box::pin(door.admit(&noisy, Need::Text, eight()));
    let mut second = Box::pin(door.admit(&noisy, Need::Text, eight()));
    let mut other = Box::pin(door.admit(&quiet, Need::Text, eight()));
    for waiting in [&mut first, &mut second, &mut other] {
        assert!(waiting.as_mut().now_or_never().is_none());
    }
    drop(_all);
    let first = first.now_or_never().unwrap().unwrap();
    assert!(second.as_mut().now_or_never().is_none());
    drop(first);
    assert!(second.as_mut().now_or_never().is_none(), "the other caller comes first");
    let other = other.now_or_never().unwrap().unwrap();
    drop(other);
    assert!(second.now_or_never().unwrap().is_ok());
}

#[tokio::test]
async fn one_callers_announcements_take_no_room_whole() {
    let door = door();
    let huge = || MessageSize::of(100 * MIB);
    let small = || MessageSize::of(1000);
    for (need, lane) in
        [(Need::Question, Lane::Interactive), (Need::Text, Lane::Interactive), (Need::Text, Lane::Bulk)]
    {
        let (noisy, quiet) = (named(lane, "noisy"), named(lane, "quiet"));
        let _held = door.admit(&noisy, need, huge()).await.unwrap();
        let mut more = Box::pin(door.admit(&noisy, need, huge()));
        // Refused, or in line behind the caller's own.
        assert!(!matches!(more.as_mut().now_or_never(), Some(Ok(_))), "{need:?} {lane:?}");
        let other = door.admit(&quiet, need, small()).now_or_never();
        assert!(matches!(other, Some(Ok(_))), "{need:?} {lane:?}");
    }
}

#[tokio::test]
async fn what_a_message_does_not_need_is_given_back() {
    let door = door();
    let caller = named(Lane::Interactive, "one");
    let packed = MessageSize { sent: 1000, most: 3 * MIB };
    let mut permit = door.admit(&caller, Need::Text, packed).await.unwrap();
    assert_eq!(door.taken().0, 3 * MIB as u64);
    permit.shrink(MIB);
    assert_eq!(door.taken().0, MIB as u64);
    drop(permit);
    assert_eq!(door.taken().0, 0);
}

#[tokio::test]
async fn waiting_ends_with_the_caller() {
    let door = door();
    let _all_bulk = door.admit(&caller(Lane::Bulk), Need::Text, MessageSize::of(100 * MIB)).await.unwrap();
    let late = Caller { deadline: Some(Instant::now()), ..caller(Lane::Bulk) };
    assert!(matches!(
        door.admit(&late, Need::Text, MessageSize::of(1)).await,
        Err(EngineError::Over(Over::Expired))
    ));
    let gone = caller(Lane::Bulk);
    gone.cancelled.cancel();
    assert!(matches!(
        door.admit(&gone, Need::Text, MessageSize::of(1)).await,
        Err(EngineError::Over(Over::Cancelled))
    ));
}

#[tokio::test]
async fn a_closed_door_admits_nobody_and_is_empty_once_all_have_left() {
    let door = door();
    let inside = door.admit(&caller(Lane::Bulk), Need::Text, MessageSize::of(100 * MIB)).await.unwrap();
    let bulk = caller(Lane::Bulk);
    let mut in_line = Box::pin(door.admit(&bulk, Need::Text, MessageSize::of(1)));
    assert!(in_line.as_mut().now_or_never().is_none());
    door.close();
    assert!(matches!(in_line.await, Err(EngineError::Draining)));
    assert!(matches!(
        door.admit(&caller(Lane::Interactive), Need::Text, MessageSize::of(1)).await,
        Err(EngineError::Draining)
    ));
    let emptied = door.emptied();
    tokio::pin!(emptied);
    assert!(tokio::time::timeout(Duration::from_millis(10), &mut emptied).await.is_err());
    drop(inside);
    emptied.await;
}
