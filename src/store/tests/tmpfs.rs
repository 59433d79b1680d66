//! A real disk that is full: a file system in memory, a few megabytes large, where the tests may mount one.

use super::*;
use crate::ports::{LogState, OutageKind};
use std::process::Command;
use std::time::Duration;

/// Megabytes of the file system.
const SIZE: usize = 24;

/// A mounted file system.
pub(super) struct Mount(tempfile::TempDir);

impl Mount {
    /// `None` where this process may not mount.
    pub(super) fn new() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let size = format!("size={SIZE}m");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(dir.path()).output();
        match mounted {
            Ok(output) if output.status.success() => return Some(Self(dir)),
            Ok(output) => println!("skipped: {}", String::from_utf8_lossy(&output.stderr)),
            Err(error) => println!("skipped: nothing can be mounted: {error}"),
        }
        None
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    fn filler(&self) -> std::path::PathBuf {
        self.0.path().join("filler")
    }

    /// Takes all the room but `left` bytes.
    pub(super) fn fill(&self, left: u64) {
        let room = rustix::fs::statvfs(self.0.path()).unwrap();
        let free = room.f_bavail * room.f_frsize;
        std::fs::write(self.filler(), vec![1; free.saturating_sub(left) as usize]).unwrap();
    }

    /// Lets nothing be written to it any more.
    pub(super) fn make_read_only(&self) {
        let remounted = Command::new("mount").args(["-o", "remount,ro"]).arg(self.0.path()).status();
        assert!(remounted.unwrap().success());
    }

    pub(super) fn make_room(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

/// A group of documents that takes some hundred kilobytes.
fn group(round: usize, n: usize) -> (Vec<String>, Vec<Write>) {
    let ids: Vec<String> = (0..40).map(|d| format!("r{round:02}g{n:03}d{d}")).collect();
    let writes = batch(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    (ids, writes)
}

async fn until(store: &Store, wanted: impl Fn(&LogState) -> bool) {
    let mut state = store.state();
    let seen = state.wait_for(|state| wanted(state));
    tokio::time::timeout(Duration::from_secs(30), seen).await.expect("the state changes").unwrap();
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_writes_go_on_when_there_is_room_again() {
    let Some(mount) = Mount::new() else { return };
    let dir = mount.0.path().join("data");
    // Without a mark, so that the disk itself refuses.
    let config = StoreConfig { free_space_mark: Some(0), ..StoreConfig::default() };
    let store = Store::open(&dir, &config, at(0)).unwrap();
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..10 {
        mount.fill(1 << 20);
        let mut n = 0;
        let kind = loop {
            let (ids, writes) = group(round, n);
            match store.apply(writes.into(), at(2)).await {
                Ok(_) => acknowledged.extend(ids),
                Err(PortError::Unavailable(outage)) => break outage.kind,
                Err(error) => panic!("{error:?}"),
            }
            n += 1;
        };
        assert_eq!(kind, OutageKind::Full, "round {round}");
        acknowledged.sort();
        assert_eq!(everything(&store).await, acknowledged, "round {round}");
        // Room in the file is used before the disk is asked.
        let victims: Vec<_> = acknowledged.drain(..acknowledged.len() * 3 / 4).collect();
        mount.make_room();
        until(&store, |state| matches!(state, LogState::Ready)).await;
        let deletes: Vec<_> = victims.iter().map(|id| delete(&document_name("default", id))).collect();
        store.apply(deletes.into(), at(3)).await.unwrap();
        assert_eq!(everything(&store).await, acknowledged, "round {round}");
    }
    drop(store);
    let store = Store::open(&dir, &config, at(0)).unwrap();
    assert_eq!(everything(&store).await, acknowledged);
}

/// The documents of the default collection, page after page.
async fn everything(store: &Store) -> Vec<String> {
    let (default, mut all) = (CollectionId::default_collection(), Vec::<DocumentInfo>::new());
    loop {
        let after = all.last().map(|info| info.name.document.clone());
        let page = store.list(&default, after.as_ref(), 500).await.unwrap();
        if page.is_empty() {
            return all.into_iter().map(|info| info.name.document.to_string()).collect();
        }
        all.extend(page);
    }
}

#[tokio::test]
async fn the_mark_refuses_documents_while_the_disk_still_has_room() {
    let Some(mount) = Mount::new() else { return };
    let config = StoreConfig { free_space_mark: Some(4 << 20), ..StoreConfig::default() };
    let store = Store::open(&mount.0.path().join("data"), &config, at(0)).unwrap();
    store.apply(batch(&["a"]).into(), at(1)).await.unwrap();
    mount.fill(2 << 20);
    until(&store, |state| matches!(state, LogState::Out(outage) if outage.kind == OutageKind::Full)).await;
    let error = store.apply(batch(&["b"]).into(), at(2)).await.unwrap_err();
    assert!(matches!(error, PortError::Unavailable(outage) if outage.kind == OutageKind::Full));
    store.apply(vec![delete(&document_name("default", "a"))].into(), at(2)).await.unwrap();
    mount.make_room();
    until(&store, |state| matches!(state, LogState::Ready)).await;
    store.apply(batch(&["b"]).into(), at(2)).await.unwrap();
}
