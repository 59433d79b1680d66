//! Files come and go with every commit; a service that runs for months must not remember them.

use super::*;
use directory::{Reined, Reins};
use std::process::Command;
use tantivy::Directory;

const FILES: usize = 60_000;
/// What the engine remembers of a file is some 250 bytes.
const MOST_KIB: u64 = 4 << 10;

/// In a process of its own, since what others take is counted, too.
#[test]
#[cfg(target_os = "linux")]
fn files_that_have_gone_take_no_memory() {
    let this = std::env::current_exe().unwrap();
    let mut run = Command::new(this);
    let run = run.args([
        "--ignored",
        "--exact",
        "index::tests::forgetting::memory_after_many_files",
        "--nocapture",
    ]);
    let ended = run.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "the test above runs it"]
fn memory_after_many_files() {
    let dir = tempfile::tempdir().unwrap();
    let files = Reined::open(dir.path(), &Arc::new(Reins::default())).unwrap();
    let pass = |count: usize| {
        for n in 0..count {
            let name = format!("{n:032x}.fast");
            // Not through the directory, which would have the disk confirm each.
            std::fs::write(dir.path().join(&name), "a segment").unwrap();
            assert_eq!(files.get_file_handle(Path::new(&name)).unwrap().len(), 9);
            files.delete(Path::new(&name)).unwrap();
        }
    };
    pass(FILES / 100);
    let before = anonymous_kib();
    pass(FILES);
    let grown = anonymous_kib().saturating_sub(before);
    assert!(grown < MOST_KIB, "{FILES} files that have gone left {grown} KiB");
}

fn anonymous_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
