//! The power goes at any moment, and disks tear and reorder what was not synced: everything that was acknowledged is there, and
//! each group of writes that was not is there whole or not at all.

use super::super::check::{self, Progress};
use super::super::compact::replaced;
use super::disk::{Desk, Disk};
use super::trace::{Chance, Trace};
use super::*;
use proptest::prelude::*;
use std::io;
use std::sync::{Arc, Mutex};

/// Power losses of each case.
const LOSSES: u64 = 6;

/// How many cases; `DICTUM_POWER_ROUNDS` asks for so many times as many.
fn cases(sample: u32) -> ProptestConfig {
    let times = std::env::var("DICTUM_POWER_ROUNDS").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    ProptestConfig { cases: sample * times, failure_persistence: None, ..ProptestConfig::default() }
}

/// Documents by id.
type State = Vec<String>;

/// Writes of one group, and how far the trace was.
#[derive(Debug)]
struct Attempt {
    began: usize,
    /// Absent where it was not acknowledged.
    acknowledged: Option<usize>,
    state: State,
}

/// What was tried, beside a trace of what the disks did meanwhile.
#[derive(Debug)]
struct History {
    trace: Trace,
    attempts: Mutex<Vec<Attempt>>,
}

impl History {
    /// Begins with what a store has.
    fn of(state: &[&str]) -> Self {
        let state = state.iter().map(|id| id.to_string()).collect();
        let attempts = Mutex::new(vec![Attempt { began: 0, acknowledged: Some(0), state }]);
        Self { trace: Trace::default(), attempts }
    }

    /// What was acknowledged last.
    fn acknowledged(&self) -> State {
        let attempts = self.attempts.lock().unwrap();
        attempts.iter().rfind(|attempt| attempt.acknowledged.is_some()).unwrap().state.clone()
    }

    /// The writes of a group that puts documents and deletes one, if there is one that may be.
    fn next(&self, ids: &[String], delete_one: bool) -> (Vec<Write>, State) {
        let mut state = self.acknowledged();
        let mut writes = batch(&ids.iter().map(String::as_str).collect::<Vec<_>>());
        if delete_one && state.len() > 1 {
            writes.push(delete(&document_name("default", &state.remove(0))));
        }
        state.extend(ids.iter().cloned());
        state.sort();
        state.dedup();
        (writes, state)
    }

    fn ended(&self, began: usize, state: State, well: bool) {
        let acknowledged = well.then(|| self.trace.len());
        self.attempts.lock().unwrap().push(Attempt { began, acknowledged, state });
    }

    /// What may be there after a power loss: what was acknowledged, and what was tried since.
    fn allowed(&self, at: usize) -> Vec<State> {
        let attempts = self.attempts.lock().unwrap();
        let safe = |attempt: &Attempt| attempt.acknowledged.is_some_and(|acknowledged| acknowledged <= at);
        let last = attempts.iter().rposition(safe).unwrap();
        let tried = attempts[last + 1..].iter().filter(|attempt| attempt.began <= at);
        [&attempts[last]].into_iter().chain(tried).map(|attempt| attempt.state.clone()).collect()
    }

    /// Loses the power at times that follow from the seed, and looks at what is left.
    fn check(&self, seed: u64) {
        for loss in 0..LOSSES {
            let mut chance = Chance(seed.wrapping_add(loss));
            let at = chance.of(self.trace.len() as u64 + 1) as usize;
            let (image, allowed) = (self.trace.after_loss(at, &mut chance), self.allowed(at));
            let told =
                format!("power loss {loss} of seed {seed}, after {at} of {} operations", self.trace.len());
            let again = Trace::default();
            let disk = Disk::with(image).traced(&again);
            let found = sound(&disk, &allowed, &told);
            // The power that comes back may go again at once.
            let at = chance.of(again.len() as u64 + 1) as usize;
            let disk = Disk::with(again.after_loss(at, &mut chance));
            sound(&disk, &[found], &format!("{told}, then after {at} of {} while it is opened", again.len()));
        }
    }
}

/// Opens what was left, which must be sound and one of these states.
#[track_caller]
fn sound(disk: &Disk, allowed: &[State], told: &str) -> State {
    let store = disk.open().unwrap_or_else(|error| panic!("{told}: {error}"));
    let report = check::run(&store.snapshot(), &mut Progress(&|_| ()));
    assert!(report.is_sound(), "{told}: {:#?}", report.findings);
    let found = documents_of(&store);
    assert!(allowed.contains(&found), "{told}: {found:?} is none of {allowed:?}");
    found
}

/// A closed store with these documents.
fn image(ids: &[&str]) -> Vec<u8> {
    let disk = Disk::new();
    disk.open().unwrap().apply(&batch(ids), at(1)).unwrap();
    disk.state().live.clone()
}

/// A round of writing: documents, whether one is deleted, whether what nobody needs is cleared away, and from which operation on
/// how many fail.
type Round = (usize, bool, bool, Option<(usize, usize)>);

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    let failing = prop::option::weighted(0.4, (0..30usize, 1..20usize));
    prop::collection::vec((0..6usize, any::<bool>(), any::<bool>(), failing), 1..7)
}

fn write(history: &History, disk: &Disk, rounds: Vec<Round>) {
    let store = disk.open().unwrap();
    for (n, (documents, delete_one, tidy, failing)) in rounds.into_iter().enumerate() {
        if let Some((after, long)) = failing {
            let mut state = disk.state();
            state.failing = state.done + after..state.done + after + long;
        }
        let ids: Vec<_> = (0..documents).map(|d| format!("r{n}-{d}")).collect();
        let ((writes, state), began) = (history.next(&ids, delete_one), history.trace.len());
        let well = store.apply(&writes, at(n as i64 + 5)).is_ok();
        history.ended(began, state, well);
        if tidy {
            let _ = store.tidy(store.last_seq());
        }
        if store.device().failure().is_some() {
            let _ = store.device().mend();
            disk.heal();
            store.device().mend().unwrap();
        }
        assert_eq!(documents_of(&store), history.acknowledged());
    }
}

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn commits_and_mending_outlive_any_power_loss(rounds in rounds(), seed: u64) {
        let history = History::of(&["a", "b"]);
        let disk = Disk::with(image(&["a", "b"])).traced(&history.trace);
        write(&history, &disk, rounds);
        history.check(seed);
    }
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn an_erasure_while_others_write_outlives_any_power_loss(groups in prop::collection::vec((1..4usize, any::<bool>()), 1..6), seed: u64) {
        let history = History::of(&["a", "b", "c"]);
        let desk = Desk::traced(image(&["a", "b", "c"]), &history.trace);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(erase(&history, &desk, &groups));
        history.check(seed);
    }

    #[test]
    fn a_compaction_outlives_any_power_loss(failing in prop::option::of(0..60usize), seed: u64) {
        let ids: Vec<_> = (0..40).map(|n| format!("d{n:02}")).collect();
        let ids: Vec<_> = ids.iter().map(String::as_str).collect();
        let history = History::of(&ids[30..]);
        let disk = Disk::with(image(&ids));
        let names: Vec<_> = ids[..30].iter().map(|id| delete(&document_name("default", id))).collect();
        disk.open().unwrap().apply(&names, at(2)).unwrap();
        let desk = Desk::traced(disk.state().live.clone(), &history.trace);
        if let Some(after) = failing {
            desk.copy().fail_after(after, io::ErrorKind::Other);
        }
        let compacted = replaced(&desk, &StoreConfig::default(), at(3), &|_, _| ());
        prop_assert!(compacted.is_ok() || failing.is_some(), "{compacted:?}");
        prop_assert!(compacted.is_err() || desk.disk().state().live.len() < disk.state().live.len());
        desk.copy().heal();
        history.check(seed);
    }

    #[test]
    fn a_migration_outlives_any_power_loss(seed: u64) {
        let trace = Trace::default();
        let disk = Disk::with(super::migration::image()).traced(&trace);
        drop(disk.open().unwrap());
        for loss in 0..LOSSES {
            let mut chance = Chance(seed.wrapping_add(loss));
            let at = chance.of(trace.len() as u64 + 1) as usize;
            let store = Disk::with(trace.after_loss(at, &mut chance)).open().unwrap();
            let report = check::run(&store.snapshot(), &mut Progress(&|_| ()));
            assert!(report.is_sound(), "{loss} of seed {seed}: {:#?}", report.findings);
            assert_eq!((report.collections, report.documents), (3, 36), "{loss} of seed {seed}");
        }
    }
}

#[test]
fn a_disk_that_lies_about_its_syncs_is_caught() {
    let history = History { trace: Trace::of_liars(), ..History::of(&["a", "b"]) };
    let disk = Disk::with(image(&["a", "b"])).traced(&history.trace);
    write(&history, &disk, vec![(3, false, false, None); 4]);
    let caught =
        |seed| std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| history.check(seed))).is_err();
    assert!((0..10).any(|n| caught(n * LOSSES)), "the tests above would not see a loss");
}

/// Erases while groups are written, and writes one more group after it.
async fn erase(history: &History, desk: &Desk, groups: &[(usize, bool)]) {
    let store = Arc::new(desk.open(&StoreConfig::default()));
    let put = async |n: usize, (documents, delete_one): (usize, bool)| {
        let ids: Vec<_> = (0..documents).map(|d| format!("g{n}-{d}")).collect();
        let ((writes, state), began) = (history.next(&ids, delete_one), history.trace.len());
        let well = store.apply(writes.into(), at(n as i64 + 5)).await.is_ok();
        history.ended(began, state, well);
    };
    put(100, (2, true)).await;
    let erasing = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.erase().await }
    });
    for (n, group) in groups.iter().enumerate() {
        put(n, *group).await;
    }
    erasing.await.unwrap().unwrap();
    put(200, (1, true)).await;
    assert_eq!(answered(&store).await.unwrap(), history.acknowledged());
}
