//! How callers and watchers of a store fare while its disk fails, through the port.

use super::disk::{Desk, Disk};
use super::*;
use crate::ports::{LogState, Outage, OutageKind};
use std::io;
use std::time::{Duration, Instant};

/// A store with the documents a and b.
async fn open(desk: &Desk, config: &StoreConfig) -> Store {
    let store = desk.open(config);
    store.apply(batch(&["a", "b"]).into(), at(1)).await.unwrap();
    store
}

async fn put(store: &Store, id: &str) -> Result<(), PortError> {
    store.apply(batch(&[id]).into(), at(2)).await.map(|outcomes| assert!(outcomes[0].is_ok()))
}

fn outage<T: std::fmt::Debug>(result: Result<T, PortError>) -> OutageKind {
    match result {
        Err(PortError::Unavailable(Outage { kind, retry_after, .. })) => {
            assert!(retry_after > Duration::ZERO);
            kind
        }
        other => panic!("{other:?}"),
    }
}

/// What watchers see now.
fn shown(store: &Store) -> Option<OutageKind> {
    match &*store.state().borrow() {
        LogState::Ready => None,
        LogState::Out(outage) => Some(outage.kind),
    }
}

/// Waits until watchers see that.
async fn until_shown(store: &Store, kind: Option<OutageKind>) {
    let mut state = store.state();
    let seen = state
        .wait_for(|state| kind == if let LogState::Out(outage) = state { Some(outage.kind) } else { None });
    tokio::time::timeout(Duration::from_secs(20), seen).await.expect("the state changes").unwrap();
}

#[tokio::test]
async fn a_write_that_fails_is_an_outage_that_shows_at_once_and_ends_by_itself() {
    let kinds =
        [(io::ErrorKind::StorageFull, OutageKind::Full), (io::ErrorKind::Other, OutageKind::ReadOnly)];
    // Writes, syncs and resizes come in turn.
    for (n, (error, kind)) in (0..12).zip(kinds.into_iter().cycle()) {
        let desk = Desk::new();
        let store = open(&desk, &StoreConfig::default()).await;
        desk.disk().fail_after(n, error);
        if put(&store, "c").await.map_err(|error| assert_eq!(outage::<()>(Err(error)), kind)).is_ok() {
            assert!(n > 3, "only {n} operations");
            continue;
        }
        assert_eq!(shown(&store), Some(kind), "operation {n}: watchers know when the writer does");
        assert_eq!(answered(&store).await.unwrap(), ["a", "b"], "operation {n}");
        assert_eq!(outage(put(&store, "d").await), kind, "operation {n}");
        assert_eq!(outage(store.tidy(9).await), kind, "operation {n}");
        desk.disk().heal();
        until_shown(&store, None).await;
        put(&store, "d").await.unwrap();
        assert_eq!(answered(&store).await.unwrap(), ["a", "b", "d"], "operation {n}");
        assert_eq!(documents_of(&desk.disk().after_power_loss()), ["a", "b", "d"], "operation {n}");
    }
}

#[tokio::test]
async fn more_than_memory_may_hold_closes_the_store_which_opens_anew_though_nothing_can_be_written() {
    let desk = Desk::new();
    let config = StoreConfig { overlay_bytes: 256 << 10, ..StoreConfig::default() };
    let store = open(&desk, &config).await;
    let many: Vec<String> = (0..800).map(|n| format!("m{n}")).collect();
    let many = batch(&many.iter().map(String::as_str).collect::<Vec<_>>());
    desk.disk().fail_after(8, io::ErrorKind::Other);
    assert_eq!(outage(store.apply(many.into(), at(2)).await), OutageKind::Closed);
    let began = Instant::now();
    until_shown(&store, Some(OutageKind::ReadOnly)).await;
    println!("read again after {:?}", began.elapsed());
    assert_eq!(answered(&store).await.unwrap(), ["a", "b"]);
    assert_eq!(outage(put(&store, "c").await), OutageKind::ReadOnly);
    desk.disk().heal();
    until_shown(&store, None).await;
    put(&store, "c").await.unwrap();
    assert_eq!(documents_of(&desk.disk().after_power_loss()), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_read_that_fails_is_told_and_the_store_opens_anew() {
    let desk = Desk::new();
    let store = open(&desk, &StoreConfig { cache_bytes: 0, ..StoreConfig::default() }).await;
    desk.disk().state().bad_reads = 3;
    assert_eq!(outage(answered(&store).await), OutageKind::Closed);
    until_shown(&store, None).await;
    assert_eq!(answered(&store).await.unwrap(), ["a", "b"]);
    put(&store, "c").await.unwrap();
}

#[tokio::test]
async fn documents_are_refused_before_the_disk_is_full_and_deletions_are_not() {
    let desk = Desk::new();
    let store = open(&desk, &StoreConfig { free_space_mark: Some(8 << 20), ..StoreConfig::default() }).await;
    let room = |free: u64| desk.disk().state().room.free = free;
    room(8 << 20);
    assert_eq!(outage(put(&store, "c").await), OutageKind::Full, "it would go below the mark");
    assert_eq!(shown(&store), None, "smaller ones may fit");
    room(4 << 20);
    until_shown(&store, Some(OutageKind::Full)).await;
    assert_eq!(outage(put(&store, "c").await), OutageKind::Full);
    store.apply(vec![delete(&document_name("default", "b"))].into(), at(3)).await.unwrap();
    assert_eq!(answered(&store).await.unwrap(), ["a"]);
    room(1 << 20);
    let last = store.apply(vec![delete(&document_name("default", "a"))].into(), at(3)).await;
    assert_eq!(outage(last), OutageKind::Full, "even they have an end");
    room(9 << 20);
    until_shown(&store, Some(OutageKind::Full)).await;
    room(1 << 30);
    until_shown(&store, None).await;
    put(&store, "c").await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_not_in_its_place_is_not_written_to() {
    let desk = Desk::new();
    let store = open(&desk, &StoreConfig::default()).await;
    desk.disk().state().present = false;
    assert_eq!(outage(put(&store, "c").await), OutageKind::ReadOnly);
    until_shown(&store, Some(OutageKind::ReadOnly)).await;
    assert_eq!(answered(&store).await.unwrap(), ["a", "b"]);
    desk.disk().state().present = true;
    until_shown(&store, None).await;
    put(&store, "c").await.unwrap();
}

#[tokio::test]
async fn an_older_copy_in_the_place_of_the_store_is_not_taken_for_it() {
    let desk = Desk::new();
    let store = open(&desk, &StoreConfig { cache_bytes: 0, ..StoreConfig::default() }).await;
    let older = desk.disk().state().synced.clone();
    put(&store, "c").await.unwrap();
    // The failed read makes the store look for its file, and find the copy.
    desk.put(Disk::with(older)).state().bad_reads = 9;
    assert_eq!(outage(answered(&store).await), OutageKind::Closed);
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(shown(&store), Some(OutageKind::Closed));
    assert_eq!(outage(put(&store, "d").await), OutageKind::Closed);
}

#[tokio::test]
async fn a_disk_that_works_again_is_noticed_though_writes_never_pause() {
    let desk = Desk::new();
    let store = open(&desk, &StoreConfig::default()).await;
    desk.disk().fail_after(2, io::ErrorKind::Other);
    assert_eq!(outage(put(&store, "c").await), OutageKind::ReadOnly);
    desk.disk().heal();
    let again = async { while put(&store, "c").await.is_err() {} };
    tokio::time::timeout(Duration::from_secs(20), again).await.expect("a write gets through");
}
