//! Disks that fail, fill up and lie: what was durable stays readable, what was acknowledged stays, and what was not does not
//! appear.

use super::disk::Disk;
use super::*;
use crate::ports::OutageKind;
use proptest::prelude::*;
use std::io;

/// A store of two documents, closed.
fn image() -> Vec<u8> {
    let disk = Disk::new();
    disk.open().unwrap().apply(&batch(&["a", "b"]), at(1)).unwrap();
    disk.state().live.clone()
}

fn out(error: &StoreError) -> Option<OutageKind> {
    match error {
        StoreError::Out { failure, .. } => Some(failure.kind),
        _ => None,
    }
}

#[test]
fn a_disk_that_fails_at_any_operation_of_a_commit_loses_nothing_and_can_come_back() {
    let image = image();
    for n in 0.. {
        let disk = Disk::with(image.clone());
        let store = disk.open().unwrap();
        disk.fail_after(n, io::ErrorKind::StorageFull);
        let applied = store.apply(&batch(&["c", "d"]), at(2));
        let Err(error) = applied else {
            assert!(n > 3, "only {n} operations");
            assert_eq!(documents_of(&disk.after_power_loss()), ["a", "b", "c", "d"]);
            break;
        };
        assert_eq!(out(&error), Some(OutageKind::Full), "operation {n}: {error:?}");
        assert_eq!(documents_of(&store), ["a", "b"], "operation {n}");
        assert_eq!(documents_of(&disk.after_power_loss()), ["a", "b"], "operation {n}");
        // Nothing is tried while the disk is away, and the failure of one try harms nothing.
        assert!(out(&store.apply(&batch(&["e"]), at(3)).unwrap_err()).is_some());
        assert!(store.device().mend().is_err());
        assert_eq!(documents_of(&store), ["a", "b"], "operation {n}");
        disk.heal();
        store.device().mend().unwrap();
        assert_eq!(documents_of(&store), ["a", "b"], "operation {n}");
        assert_eq!(documents_of(&disk.after_power_loss()), ["a", "b"], "operation {n}");
        store.apply(&batch(&["c", "d"]), at(4)).unwrap();
        assert_eq!(documents_of(&store), ["a", "b", "c", "d"], "operation {n}");
        assert_eq!(documents_of(&disk.after_power_loss()), ["a", "b", "c", "d"], "operation {n}");
        assert_eq!(documents_of(&disk.after_kill()), ["a", "b", "c", "d"], "operation {n}");
    }
}

#[test]
fn mending_that_fails_at_any_operation_loses_nothing() {
    let image = image();
    for n in 0.. {
        let disk = Disk::with(image.clone());
        let store = disk.open().unwrap();
        disk.fail_after(3, io::ErrorKind::Other);
        store.apply(&batch(&["c", "d"]), at(2)).unwrap_err();
        disk.fail_after(n, io::ErrorKind::Other);
        let mended = store.device().mend().is_ok();
        assert_eq!(documents_of(&store), ["a", "b"], "operation {n}");
        // What was not acknowledged may be there for the blink between its own sync and that of its undoing.
        let found = documents_of(&disk.after_power_loss());
        assert!(["a,b", "a,b,c,d"].contains(&found.join(",").as_str()), "operation {n}: {found:?}");
        disk.heal();
        if !mended {
            store.device().mend().unwrap();
        }
        store.apply(&batch(&["e"]), at(3)).unwrap();
        assert_eq!(documents_of(&disk.after_power_loss()), ["a", "b", "e"], "operation {n}");
        if mended {
            assert!(n > 5, "only {n} operations");
            break;
        }
    }
}

#[test]
fn a_store_opens_on_a_disk_that_can_only_be_read() {
    // Unclean, so that the opening has to repair it.
    let disk = Disk::with(image());
    let store = disk.open().unwrap();
    store.apply(&batch(&["c"]), at(2)).unwrap();
    let unclean = disk.state().live.clone();
    for n in 0..12 {
        let disk = Disk::with(unclean.clone());
        disk.fail_after(n, io::ErrorKind::ReadOnlyFilesystem);
        let store = disk.open().unwrap();
        assert_eq!(documents_of(&store), ["a", "b", "c"], "operation {n}");
        if store.device().failure().is_some() {
            assert_eq!(out(&store.apply(&batch(&["d"]), at(3)).unwrap_err()), Some(OutageKind::ReadOnly));
        }
        disk.heal();
        if store.device().failure().is_some() {
            store.device().mend().unwrap();
        }
        store.apply(&batch(&["d"]), at(3)).unwrap();
        assert_eq!(documents_of(&disk.after_power_loss()), ["a", "b", "c", "d"], "operation {n}");
    }
}

#[test]
fn what_waits_for_the_disk_is_bounded_and_beyond_the_bound_the_store_is_opened_anew() {
    let disk = Disk::with(image());
    let config = StoreConfig { overlay_bytes: 64 << 10, ..StoreConfig::default() };
    let store = disk.open_with(&config).unwrap();
    disk.fail_after(8, io::ErrorKind::Other);
    let many: Vec<String> = (0..400).map(|n| format!("m{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    store.apply(&batch(&many), at(2)).unwrap_err();
    assert!(store.device().is_broken());
    drop(store);
    disk.heal();
    let store = disk.open_with(&config).unwrap();
    assert_eq!(documents_of(&store), ["a", "b"]);
    // With a disk that works, a commit may be larger than what is kept of it.
    store.apply(&batch(&many), at(3)).unwrap();
    assert_eq!(documents_of(&disk.after_power_loss()).len(), 402);
}

#[test]
fn a_failed_read_breaks_the_store_and_opening_it_anew_mends_it() {
    let disk = Disk::with(image());
    let config = StoreConfig { cache_bytes: 0, ..StoreConfig::default() };
    let store = disk.open_with(&config).unwrap();
    disk.state().bad_reads = 1;
    let error = store.read(|snapshot| snapshot.document(&document_name("default", "a"), None)).unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error:?}");
    assert!(store.device().is_broken());
    drop(store);
    assert_eq!(documents_of(&disk.open().unwrap()), ["a", "b"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Rounds of writing on a disk that fails for a while, again and again: the store has exactly what was acknowledged.
    #[test]
    fn a_flapping_disk_keeps_exactly_what_was_acknowledged(
        rounds in prop::collection::vec((0..40usize, 1..30usize, 1..4usize, any::<bool>()), 1..14)
    ) {
        let disk = Disk::with(image());
        let store = disk.open().unwrap();
        let mut acknowledged: Vec<String> = vec!["a".into(), "b".into()];
        for (n, (after, long, documents, delete_one)) in rounds.into_iter().enumerate() {
            {
                let mut state = disk.state();
                state.failing = state.done + after..state.done + after + long;
            }
            let ids: Vec<String> = (0..documents).map(|d| format!("r{n}-{d}")).collect();
            let mut writes = batch(&ids.iter().map(String::as_str).collect::<Vec<_>>());
            let victim = acknowledged.first().filter(|_| delete_one && acknowledged.len() > 1).cloned();
            writes.extend(victim.iter().map(|victim| delete(&document_name("default", victim))));
            if store.apply(&writes, at(n as i64 + 5)).is_ok() {
                acknowledged.extend(ids);
                acknowledged.retain(|id| Some(id) != victim.as_ref());
            }
            acknowledged.sort();
            prop_assert_eq!(&documents_of(&store), &acknowledged);
            let _ = store.device().failure().map(|_| store.device().mend());
            prop_assert!(!store.device().is_broken());
            prop_assert_eq!(&documents_of(&store), &acknowledged);
        }
        disk.heal();
        if store.device().failure().is_some() {
            store.device().mend().unwrap();
        }
        store.apply(&batch(&["z"]), at(99)).unwrap();
        acknowledged.push("z".into());
        prop_assert_eq!(&documents_of(&disk.after_power_loss()), &acknowledged);
        drop(store);
        prop_assert_eq!(&documents_of(&disk.open().unwrap()), &acknowledged);
    }
}

#[test]
fn what_is_no_store_is_an_error_that_names_the_file() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(FILE), b"this is no database, by no means".repeat(999)).unwrap();
    let error = Store::open(dir.path(), &StoreConfig::default(), at(0)).unwrap_err();
    assert!(error.to_string().contains(FILE), "{error}");
}

#[test]
fn a_second_process_is_told_that_the_store_is_in_use() {
    let dir = tempfile::tempdir().unwrap();
    let _first = Store::open(dir.path(), &StoreConfig::default(), at(0)).unwrap();
    let second = Store::open(dir.path(), &StoreConfig::default(), at(0));
    assert!(matches!(second, Err(StoreError::InUse { path }) if path.ends_with(FILE)));
}
