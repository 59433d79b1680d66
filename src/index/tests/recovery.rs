//! Failures of the system: whatever fails, and wherever, nothing that was answered is lost, the last view answers, and
//! the next opening after the cause has gone works.

use super::*;
use std::collections::BTreeSet;
use std::process::Command;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

const EMFILE: i32 = 24;
const ENOSPC: i32 = 28;
const EIO: i32 = 5;

fn outage_kind(error: &PortError) -> Option<OutageKind> {
    match error {
        PortError::Unavailable(outage) => Some(outage.kind),
        _ => None,
    }
}

/// Lets the `n`th access fail that the rule applies to; tells how many there were.
fn fail_nth(
    system: &System,
    n: usize,
    applies: impl Fn(Access) -> bool + Send + 'static,
    how: impl Fn() -> io::Result<()> + Send + 'static,
) -> Arc<AtomicUsize> {
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    system.fail(move |access, _| match applies(access) && counter.fetch_add(1, Ordering::Relaxed) >= n {
        true => how(),
        false => Ok(()),
    });
    seen
}

/// After a failure: the index says so, the view answers, and opening mends it. What it holds is what it says.
fn mends(fixture: &Fixture, system: &System, error: &PortError, before: u64) {
    assert_eq!(by_text(fixture.view().as_ref(), "first"), ["a/q1"]);
    let again = done(fixture.index.apply(vec![], 9)).unwrap_err();
    assert_eq!(again.to_string(), error.to_string(), "it says so until it is opened");
    system.heal();
    let opened = done(fixture.index.open(&log())).unwrap();
    assert_eq!(opened.origin, Origin::Opened, "{error}");
    let second = by_text(fixture.view().as_ref(), "second");
    let expected: &[&str] = if opened.applied == before { &[] } else { &["b/q1"] };
    assert_eq!(second, expected, "{error}");
    fixture.put(&[document("b", &["The second."])], opened.applied + 1);
    assert_eq!(by_text(fixture.view().as_ref(), "second"), ["b/q1"]);
    assert_eq!(by_text(fixture.view().as_ref(), "first"), ["a/q1"]);
}

/// What is done to which kind of file, by its extension.
type Kind = (Access, String);

fn kind(access: Access, path: &Path) -> Kind {
    let name = path.extension().or(path.file_name()).unwrap_or_default();
    (access, name.to_string_lossy().into_owned())
}

/// The kinds of access that writing a document makes.
fn kinds(fixture: &Fixture, system: &System) -> BTreeSet<Kind> {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let notes = Arc::clone(&seen);
    system.fail(move |access, path| {
        notes.lock().unwrap().insert(kind(access, path));
        Ok(())
    });
    fixture.put(&[document("b", &["The second."])], 2);
    system.heal();
    let seen = seen.lock().unwrap();
    seen.clone()
}

/// Applies with accesses failing from the first of a kind on, for one kind after the other.
fn every_access_fails(
    applies: fn(Access) -> bool,
    how: fn() -> io::Result<()>,
    expected: fn(&PortError) -> bool,
) {
    let system = Arc::new(System::default());
    let fixture = Fixture::under(&system);
    fixture.put(&[document("a", &["The first."])], 1);
    let mut failures = 0;
    for first in kinds(&fixture, &system).into_iter().filter(|(access, _)| applies(*access)) {
        let before = fixture.index.applied();
        fixture.apply(vec![IndexOp::DeleteDocument(document("b", &[]).info.name)], before + 1);
        let (what, mut reached) = (format!("{first:?}"), false);
        system.fail(move |access, path| {
            reached |= kind(access, path) == first;
            if reached && applies(access) { how() } else { Ok(()) }
        });
        match done(fixture.index.apply(vec![put(&document("b", &["The second."]))], before + 2)) {
            Err(error) => {
                assert!(expected(&error), "{what}: {error:?}");
                mends(&fixture, &system, &error, before + 1);
                failures += 1;
            }
            Ok(()) => {
                system.heal();
                assert_eq!(by_text(fixture.view().as_ref(), "second"), ["b/q1"], "{what}");
            }
        }
    }
    assert!(failures > 5, "{failures}");
}

#[test]
fn an_index_that_ran_out_of_files_mends_wherever_that_was() {
    every_access_fails(
        |_| true,
        || Err(io::Error::from_raw_os_error(EMFILE)),
        |error| outage_kind(error) == Some(OutageKind::ReadOnly) && error.to_string().contains("open files"),
    );
}

#[test]
fn an_index_that_ran_out_of_room_mends_wherever_that_was() {
    every_access_fails(
        |access| access == Access::Change,
        || Err(io::Error::from_raw_os_error(ENOSPC)),
        |error| outage_kind(error) == Some(OutageKind::Full),
    );
}

#[test]
fn a_panic_of_the_search_engine_is_a_failure_like_others() {
    // On its thread that commits, a panic ends the process, and so does a second one while the first unwinds.
    let may_panic = |_| {
        let commits = std::thread::current().name().is_some_and(|name| name.starts_with("segment_updater"));
        !commits && !std::thread::panicking()
    };
    every_access_fails(may_panic, || panic!("injected"), |error| matches!(error, PortError::Fault { .. }));
}

#[test]
fn a_failure_while_opening_throws_nothing_away() {
    let system = Arc::new(System::default());
    let fixture = Fixture::under(&system);
    fixture.put(&[document("a", &["The first."])], 1);
    for code in [EMFILE, EIO] {
        for n in 0.. {
            fail_nth(&system, n, |_| true, move || Err(io::Error::from_raw_os_error(code)));
            let answer = done(fixture.index.open(&log()));
            system.heal();
            assert_eq!(by_text(fixture.view().as_ref(), "first"), ["a/q1"]);
            match answer {
                Err(error) => assert_eq!(outage_kind(&error), Some(OutageKind::ReadOnly), "{error:?}"),
                Ok(opened) => {
                    assert_eq!(opened, Opened { applied: 1, origin: Origin::Opened });
                    break;
                }
            }
        }
    }
}

#[test]
fn a_directory_that_is_moved_away_is_waited_for() {
    let fixture = Fixture::with(&[document("a", &["The first."])]);
    let (dir, away) = (fixture.dir.path().to_owned(), fixture.dir.path().with_extension("away"));
    for round in 2..5 {
        std::fs::rename(&dir, &away).unwrap();
        let lost = [put(&document("b", &["The second."]))].to_vec();
        let error = done(fixture.index.apply(lost, 9)).unwrap_err();
        assert_eq!(outage_kind(&error), Some(OutageKind::ReadOnly), "{error:?}");
        let error = done(fixture.index.open(&log())).unwrap_err();
        assert!(error.to_string().contains("gone"), "{error}");
        assert!(!dir.exists(), "nothing is made in its place");
        assert_eq!(by_text(fixture.view().as_ref(), "first"), ["a/q1"]);
        std::fs::rename(&away, &dir).unwrap();
        let opened = done(fixture.index.open(&log())).unwrap();
        assert_eq!(opened, Opened { applied: round - 1, origin: Origin::Opened });
        fixture.put(&[document("b", &["The second."])], round);
        assert_eq!(by_text(fixture.view().as_ref(), "second"), ["b/q1"]);
    }
}

/// Whether the thread merges.
fn merges() -> bool {
    std::thread::current().name().is_some_and(|name| name.starts_with("merge_thread"))
}

#[test]
fn a_merge_that_fails_costs_nothing_and_is_tried_again() {
    let system = Arc::new(System::default());
    let fixture = Fixture::under(&system);
    let failed = fail_nth(&system, 0, |_| merges(), || Err(io::Error::from_raw_os_error(ENOSPC)));
    for n in 1..20 {
        fixture.put(&[document(&format!("d{n}"), &["The words."])], n);
    }
    let segments =
        || tantivy::Index::open_in_dir(fixture.dir.path()).unwrap().searchable_segment_metas().unwrap().len();
    let soon = |holds: &dyn Fn() -> bool| {
        (0..400).any(|_| {
            std::thread::sleep(Duration::from_millis(25));
            holds()
        })
    };
    assert!(soon(&|| failed.load(Ordering::Relaxed) > 0), "a merge is begun");
    assert_eq!(by_text(fixture.view().as_ref(), "words").len(), 19);
    assert_eq!(segments(), 19);
    let refused = done(fixture.index.erase());
    fixture.put(&[document("d20", &["The words."])], 20);
    system.heal();
    assert!(refused.is_ok(), "there was nothing to erase");
    assert!(soon(&|| segments() < 4), "{}", segments());
    assert_eq!(by_text(fixture.view().as_ref(), "words").len(), 20);
}

#[test]
fn dropping_the_index_waits_for_no_merge() {
    let system = Arc::new(System::default());
    let fixture = Fixture::under(&system);
    let (stuck, entered) = std::sync::mpsc::channel();
    system.fail(move |access, _| {
        if access == Access::Change && merges() {
            let _ = stuck.send(());
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    });
    let many: Vec<_> =
        (0..400).map(|n| document(&format!("d{n}"), &["Some words.", "More words."])).collect();
    for (n, some) in many.chunks(40).enumerate() {
        fixture.put(some, n as Seq + 1);
    }
    entered.recv_timeout(Duration::from_secs(20)).expect("a merge is begun");
    let view = fixture.view();
    let fixture = fixture.again();
    assert_eq!(fixture.opened, Opened { applied: 10, origin: Origin::Opened });
    assert_eq!(view.applied(), 10);
    let found = |view: &dyn SearchView| {
        ask_quotes(view, &text("words"), &Resolved::default(), Order::Relevance, &page(1)).unwrap().total
    };
    assert_eq!((found(view.as_ref()), found(fixture.view().as_ref())), (800, 800), "views outlive the index");
}

/// A file system of so many megabytes, where the tests may mount one.
struct Small(tempfile::TempDir);

impl Small {
    fn new(megabytes: u32) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let small = Self(dir);
        small.mount(&format!("size={megabytes}m"), &["-t", "tmpfs", "none"]).then_some(small)
    }

    fn mount(&self, options: &str, what: &[&str]) -> bool {
        let command = Command::new("mount").args(["-o", options]).args(what).arg(self.0.path()).output();
        command.is_ok_and(|output| output.status.success())
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).output();
    }
}

#[test]
fn a_disk_that_fills_up_and_gets_room_again_loses_nothing() {
    let Some(small) = Small::new(4) else { return eprintln!("no file system can be mounted here") };
    let index = TantivyIndex::new(config(&small.0.path().join("index"))).unwrap();
    done(index.open(&log())).unwrap();
    let mut applied = 0;
    for round in 0..3 {
        let full = (0..).find_map(|n| {
            let text: String = (0..10_000).map(|word| format!("{round}word{n}x{word} ")).collect();
            let id = format!("d{round}-{n}");
            let answer = done(index.apply(vec![put(&document(&id, &["Kept.", &text]))], applied + 1));
            if answer.is_ok() {
                applied += 1;
            }
            answer.err()
        });
        assert_eq!(full.as_ref().and_then(outage_kind), Some(OutageKind::Full), "{full:?}");
        let kept = || by_text_count(done(index.open_view()).unwrap().as_ref());
        assert_eq!(kept(), applied);
        assert!(small.mount(&format!("remount,size={}m", 6 + 2 * round), &[]));
        let opened = done(index.open(&log())).unwrap();
        assert_eq!((opened.origin, opened.applied), (Origin::Opened, applied));
        assert_eq!(kept(), applied);
        applied += 1;
        done(index.apply(vec![put(&document(&format!("more{round}"), &["Kept."]))], applied)).unwrap();
        assert_eq!(kept(), applied);
    }
}

fn by_text_count(view: &dyn SearchView) -> u64 {
    ask_quotes(view, &text("kept"), &Resolved::default(), Order::Relevance, &page(1)).unwrap().total
}
