//! Positions that openings of the store have given out, and copies of its file that are put back.

use super::disk::Disk;
use super::*;

/// The opening and the last position.
fn position(store: &Core) -> (u64, Seq) {
    (store.epochs().current(), store.last_seq())
}

fn remembers(store: &Core, (epoch, seq): (u64, Seq)) -> bool {
    store.epochs().remember(epoch, seq)
}

#[test]
fn a_store_remembers_the_positions_of_all_its_openings() {
    let mut store = Fixture::new();
    let mut given = Vec::new();
    for n in 0..5 {
        store.apply(&batch(&[&format!("d{n}")]), at(n)).unwrap();
        given.push(position(&store));
        store = store.reopen();
        assert!(given.iter().all(|position| remembers(&store, *position)), "{given:?}");
    }
    let numbers: std::collections::BTreeSet<u64> = given.iter().map(|(epoch, _)| *epoch).collect();
    assert_eq!(numbers.len(), 5, "each opening has its own number");
    let (epoch, seq) = given[0];
    assert!(!remembers(&store, (epoch, seq + 1)), "it was the next opening that gave this one out");
    assert!(!remembers(&store, (epoch + 1, seq)), "no opening had this number");
}

#[test]
fn a_copy_that_was_put_back_does_not_know_what_came_after_it() {
    let disk = Disk::new();
    let store = disk.open().unwrap();
    store.apply(&batch(&["a"]), at(1)).unwrap();
    let before = position(&store);
    let copy = disk.state().live.clone();
    store.apply(&batch(&["b", "c"]), at(2)).unwrap();
    let after = position(&store);
    drop(store);
    // Two lives of one copy, and the original.
    let (one, other) = (Disk::with(copy.clone()).open().unwrap(), Disk::with(copy).open().unwrap());
    for store in [&one, &other] {
        assert_eq!(documents_of(store), ["a"]);
        assert!(remembers(store, before) && !remembers(store, after));
        store.apply(&batch(&["x", "y"]), at(3)).unwrap();
        assert_eq!(store.last_seq(), after.1, "the same number stands for another change");
        assert!(remembers(store, before) && !remembers(store, after));
    }
    assert!(!remembers(&one, position(&other)) && !remembers(&other, position(&one)));
    assert!(remembers(&disk.open().unwrap(), after));
}

#[test]
fn a_store_that_is_opened_again_after_a_failure_goes_on_with_its_opening() {
    let disk = Disk::new();
    let store = disk.open().unwrap();
    store.apply(&batch(&["a"]), at(1)).unwrap();
    let (epoch, seq) = position(&store);
    let known = Known { id: store.facts().id, epoch, seq };
    drop(store);
    let again = |known| {
        Core::open(
            Box::new(disk.clone()),
            Path::new("disk of the test"),
            &StoreConfig::default(),
            Opening::Again(known),
        )
    };
    let store = again(known).unwrap();
    assert_eq!(position(&store), (epoch, seq));
    drop(store);
    // A store that lacks what was acknowledged, or another one.
    for known in [Known { seq: seq + 1, ..known }, Known { id: [7; 16], ..known }] {
        assert!(matches!(again(known), Err(StoreError::Replaced { .. })));
    }
}
