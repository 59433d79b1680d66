//! Backups of an open store: beside writes and erasures, on a disk that is full, and for a caller who has gone.

use super::super::backup::Unpacked;
use super::tmpfs::Mount;
use super::*;
use crate::domain::backup::Backup;
use crate::ports::{BackupError, Caller, Copied, Lane, OutageKind, Over};
use std::path::PathBuf;
use tokio::sync::watch;

async fn back_up(store: &Store, caller: &Caller, path: &Path) -> Result<Backup, BackupError> {
    store.back_up(caller, path, at(7), watch::Sender::default()).await
}

fn caller() -> Caller {
    Caller::anonymous(Lane::Bulk, "r")
}

/// What is put back, with its documents.
fn put_back(from: &Path) -> (tempfile::TempDir, Core) {
    let dir = tempfile::tempdir().unwrap();
    let unpacked = Unpacked::of(from, dir.path(), &StoreConfig::default(), at(8), &|_| ()).unwrap();
    assert_eq!(unpacked.report.findings, []);
    unpacked.exchange(None).unwrap();
    let path = dir.path().join(FILE);
    let medium = Box::new(NamedFile::open(&path, false).unwrap());
    let core = Core::open(medium, &path, &StoreConfig::default(), Opening::New(at(9))).unwrap();
    (dir, core)
}

#[tokio::test]
async fn a_backup_shows_the_moment_at_which_it_began_whatever_is_written_and_erased_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("store"), &StoreConfig::default(), at(0)).unwrap();
    let ids: Vec<String> = (0..300).map(|n| format!("d{n:03}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    store.apply(batch(&ids).into(), at(1)).await.unwrap();
    let before = store.last_seq().await.unwrap();
    let path = dir.path().join("b");
    let caller = caller();
    let others = async {
        store.apply(batch(&["later"]).into(), at(2)).await.unwrap();
        store.apply(vec![delete(&document_name("default", "d007"))].into(), at(2)).await.unwrap();
        store.erase().await.unwrap();
    };
    let (made, ()) = tokio::join!(back_up(&store, &caller, &path), others);
    let backup = made.unwrap();
    assert_eq!((backup.seq, backup.documents, backup.created_at), (before, 300, at(7)));
    let (_dir, core) = put_back(&path);
    assert_eq!(documents_of(&core), ids);
    assert!(!answered(&store).await.unwrap().contains(&"d007".to_owned()), "the store has gone on");
}

#[tokio::test]
async fn a_caller_who_has_gone_gets_no_backup_and_leaves_none() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("store"), &StoreConfig::default(), at(0)).unwrap();
    store.apply(batch(&["a"]).into(), at(1)).await.unwrap();
    let (path, caller) = (dir.path().join("b"), caller());
    caller.cancelled.cancel();
    let error = back_up(&store, &caller, &path).await.unwrap_err();
    assert!(matches!(error, BackupError::Log(PortError::Over(Over::Cancelled))), "{error:?}");
    assert!(!path.exists());
}

#[tokio::test]
async fn a_disk_that_is_full_leaves_no_half_of_a_backup_or_of_a_store() {
    let Some(mount) = Mount::new() else { return };
    let dir = tempfile::tempdir().unwrap();
    let config = StoreConfig { free_space_mark: Some(0), ..StoreConfig::default() };
    let store = Store::open(&dir.path().join("store"), &config, at(0)).unwrap();
    let ids: Vec<String> = (0..400).map(|n| format!("d{n:03}")).collect();
    store.apply(batch(&ids.iter().map(String::as_str).collect::<Vec<_>>()).into(), at(1)).await.unwrap();
    mount.fill(300 << 10);
    let path = mount.path().join("b");
    let error = back_up(&store, &caller(), &path).await.unwrap_err();
    assert!(matches!(&error, BackupError::Place(outage) if outage.kind == OutageKind::Full), "{error:?}");
    assert!(!path.exists());
    assert_eq!(answered(&store).await.unwrap().len(), 400, "the store is fine");
    let whole = dir.path().join("b");
    back_up(&store, &caller(), &whole).await.unwrap();
    let target = mount.path().join("store");
    let error = Unpacked::of(&whole, &target, &config, at(8), &|_| ()).unwrap_err().to_string();
    assert!(error.contains("bytes are free"), "{error}");
    assert_eq!(std::fs::read_dir(&target).unwrap().count(), 0);
    mount.make_room();
    drop(Unpacked::of(&whole, &target, &config, at(8), &|_| ()).unwrap());
    assert_eq!(std::fs::read_dir(&target).unwrap().count(), 0, "what was not wanted is gone");
}

/// A folder with the store of one document, the bytes of its file, and a backup of another store, which has none.
async fn to_be_replaced() -> (tempfile::TempDir, Vec<u8>, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let backup = dir.path().join("b");
    let other = Store::open(&dir.path().join("other"), &StoreConfig::default(), at(0)).unwrap();
    back_up(&other, &caller(), &backup).await.unwrap();
    let store = Store::open(&dir.path().join("store"), &StoreConfig::default(), at(0)).unwrap();
    store.apply(batch(&["a"]).into(), at(1)).await.unwrap();
    drop(store);
    let bytes = std::fs::read(dir.path().join("store").join(FILE)).unwrap();
    (dir, bytes, backup)
}

fn replace(from: &Path, dir: &Path, aside: &Path) -> Result<PathBuf, StoreError> {
    let unpacked = Unpacked::of(from, dir, &StoreConfig::default(), at(8), &|_| ()).unwrap();
    Ok(unpacked.exchange(Some(aside))?.expect("there was a store"))
}

#[tokio::test]
async fn what_was_put_aside_is_not_written_over_by_what_is_put_aside_next_under_the_same_name() {
    let (dir, first, backup) = to_be_replaced().await;
    let (store, aside) = (dir.path().join("store"), dir.path().join("aside"));
    let mut expected = first;
    for kept in ["aside", "aside-2", "aside-3"] {
        let put = replace(&backup, &store, &aside).unwrap();
        assert_eq!(put, dir.path().join(kept));
        assert_eq!(std::fs::read(put.join(FILE)).unwrap(), expected, "{kept}");
        expected = std::fs::read(store.join(FILE)).unwrap();
    }
}

#[tokio::test]
async fn without_second_names_the_store_is_copied_aside_and_stays_where_there_is_no_room_for_that() {
    let Some(mount) = Mount::new() else { return };
    let (dir, bytes, backup) = to_be_replaced().await;
    // Between two file systems there are none.
    let (store, aside) = (dir.path().join("store"), mount.path().join("aside"));
    mount.fill(64 << 10);
    replace(&backup, &store, &aside).unwrap_err();
    assert_eq!(std::fs::read(store.join(FILE)).unwrap(), bytes, "it is where it was");
    assert!(!aside.exists());
    mount.make_room();
    assert_eq!(replace(&backup, &store, &aside).unwrap(), aside);
    assert_eq!(std::fs::read(aside.join(FILE)).unwrap(), bytes);
    assert_eq!(std::fs::read_dir(&aside).unwrap().count(), 1);
}

#[tokio::test]
async fn how_far_a_backup_is_can_be_watched() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("store"), &StoreConfig::default(), at(0)).unwrap();
    store.apply(batch(&["a"]).into(), at(1)).await.unwrap();
    let (copied, watched) = watch::channel(Copied::default());
    store.back_up(&caller(), &dir.path().join("b"), at(7), copied).await.unwrap();
    assert!(watched.borrow().bytes > 0 && watched.borrow().most > 0);
}

/// The database in a backup, and its manifest.
fn parts(backup: &[u8]) -> (&[u8], &[u8]) {
    let (rest, after) = backup.split_at(backup.len() - 52);
    let length = u32::from_le_bytes(after[32..36].try_into().unwrap()) as usize;
    rest.split_at(rest.len() - length)
}

#[tokio::test]
async fn pages_that_lead_nowhere_are_refused_also_where_the_checksum_fits() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("store"), &StoreConfig::default(), at(0)).unwrap();
    store.apply(batch(&["a", "b"]).into(), at(1)).await.unwrap();
    let (path, target) = (dir.path().join("b"), dir.path().join("restored"));
    back_up(&store, &caller(), &path).await.unwrap();
    let whole = std::fs::read(&path).unwrap();
    let (database, manifest) = parts(&whole);
    let mut refused = 0;
    for page in (0..database.len()).step_by(4096) {
        let mut changed = database.to_vec();
        changed[page..page + 8].fill(0x6f);
        changed.extend(manifest);
        changed.extend(*blake3::hash(&changed).as_bytes());
        changed.extend(&whole[whole.len() - 20..]);
        std::fs::write(&path, changed).unwrap();
        if let Err(error) = Unpacked::of(&path, &target, &StoreConfig::default(), at(8), &|_| ()) {
            // Found by the page's checksum, before the database came to follow it, and to panic.
            assert!(!error.to_string().contains("lead nowhere"), "page {page}: {error}");
            refused += 1;
        }
        assert_eq!(std::fs::read_dir(&target).unwrap().count(), 0, "nothing is left of page {page}");
    }
    assert!(refused > 3, "{refused} of {} bytes", database.len());
}
