//! Every parser and every handler against input that nobody meant: the seeds of each target, then as many seeded mutations of them
//! as are asked for. Runs on stable Rust; what is run is shared with the coverage-guided fuzzer in `fuzz/`.
//!
//! `targets/` holds the bodies, one file each; `mutation.rs` changes bytes; `run.rs` runs a target, watches for hangs, and makes a
//! failing input small. CONTRIBUTING.md says how to run it for long, and how to replay a finding.

mod mutation;
#[path = "../random/mod.rs"]
mod random;
mod run;
mod targets;

macro_rules! tests {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            run::target(&targets::named(stringify!($name)));
        }
    )*

        #[test]
        fn every_target_is_run() {
            let names: Vec<_> = targets::all().iter().map(|target| target.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

tests! { analysis network handlers tokens filter html config records backup keys bearer }

#[test]
#[should_panic(expected = "fails on 1 byte")]
fn a_target_that_panics_is_told_with_the_smallest_input() {
    run::target(&targets::Target {
        name: "self_test",
        sample: 10_000,
        words: &["b", "x"],
        seeds: || vec![b"a long seed without it".to_vec()],
        begin: || Box::new(|data: &[u8]| assert!(!data.contains(&b'x'))),
    });
}

/// What an ignored test of this file says, run in a process of its own, and that it fails.
fn failing(test: &str) -> String {
    let mut run = std::process::Command::new(std::env::current_exe().unwrap());
    let ended = run.args(["--ignored", "--exact", "--nocapture", test]).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success(), "{said}");
    said
}

/// In a process of its own: a panic on a thread that nobody knows is held against whichever target looks next.
#[test]
fn a_panic_on_a_thread_of_the_service_is_seen() {
    let said = failing("a_target_that_panics_elsewhere");
    assert!(said.contains("on another thread: "), "{said}");
}

#[test]
#[ignore = "fails; the test above runs it"]
fn a_target_that_panics_elsewhere() {
    run::target(&targets::Target {
        name: "self_test_of_threads",
        sample: 10,
        words: &[],
        seeds: || vec![b"a".to_vec()],
        begin: || {
            Box::new(|_: &[u8]| {
                let _ = std::thread::spawn(|| panic!("unheard")).join();
            })
        },
    });
}

/// In a process of its own, which it ends.
#[test]
fn a_panic_that_aborts_is_told_with_its_input() {
    let said = failing("a_target_that_aborts");
    assert!(
        said.contains("self_test_of_aborts aborts on what is in ") && said.contains("the second one"),
        "{said}"
    );
}

#[test]
#[ignore = "aborts; the test above runs it"]
fn a_target_that_aborts() {
    struct Brittle;
    impl Drop for Brittle {
        fn drop(&mut self) {
            panic!("the second one");
        }
    }
    run::target(&targets::Target {
        name: "self_test_of_aborts",
        sample: 10,
        words: &[],
        seeds: || vec![b"a".to_vec()],
        begin: || {
            Box::new(|_: &[u8]| {
                let _brittle = Brittle;
                panic!("the first one");
            })
        },
    });
}
