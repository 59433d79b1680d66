//! A disk that can be read and not written, as a copy of a data directory is that is mounted to be looked at.

use super::super::check::{Progress, run_on};
use super::super::hold::Hold;
use super::tmpfs::Mount;
use super::*;

/// Makes a folder with a store of two documents; whether it was `closed`, or left as by a process that was killed.
fn stored(dir: &Path, closed: bool) {
    let Fixture { core, dir: folder } = Fixture::new();
    core.apply(&batch(&["a", "b"]), at(1)).unwrap();
    if closed {
        drop(core);
    }
    std::fs::create_dir(dir).unwrap();
    std::fs::copy(folder.path().join(FILE), dir.join(FILE)).unwrap();
}

#[test]
fn a_store_on_a_disk_that_cannot_be_written_can_be_held_and_checked() {
    let Some(mount) = Mount::new() else { return };
    for (name, closed) in [("closed", true), ("killed", false)] {
        let dir = mount.path().join(name);
        stored(&dir, closed);
        drop(Hold::take(&dir).unwrap());
    }
    mount.make_read_only();
    for name in ["closed", "killed"] {
        let dir = mount.path().join(name);
        let _held = Hold::take(&dir).unwrap();
        assert!(matches!(Hold::take(&dir), Err(StoreError::InUse { .. })), "{name}");
        let report = run_on(&dir, &StoreConfig::default(), &mut Progress(&|_| ())).unwrap();
        assert_eq!((report.documents, report.findings), (2, vec![]), "{name}");
    }
}
