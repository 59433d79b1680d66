//! Disks that fail and files that lie.

use super::*;
use redb::StorageBackend;
use std::io;
use std::sync::{Arc, Mutex};

/// A disk in memory that counts syncs down and fails from zero on. What it had synced is what a power loss leaves.
#[derive(Debug, Clone)]
pub(super) struct Disk(Arc<Mutex<DiskState>>);

#[derive(Debug)]
struct DiskState {
    live: Vec<u8>,
    synced: Vec<u8>,
    syncs_left: usize,
}

impl Disk {
    pub(super) fn with(image: Vec<u8>, syncs_left: usize) -> Self {
        Self(Arc::new(Mutex::new(DiskState { live: image.clone(), synced: image, syncs_left })))
    }

    pub(super) fn open(&self) -> Result<Store, StoreError> {
        let path = PathBuf::from("disk of the test");
        let database = builder().create_with_backend(self.clone());
        Store::prepared(database.map_err(|error| Fault::from(error).at(&path))?, path, at(0))
    }

    fn synced(&self) -> Vec<u8> {
        self.0.lock().unwrap().synced.clone()
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().live.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.0.lock().unwrap();
        out.copy_from_slice(&state.live[offset as usize..offset as usize + out.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.lock().unwrap().live.resize(len as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.syncs_left =
            state.syncs_left.checked_sub(1).ok_or_else(|| io::Error::other("the disk is gone"))?;
        state.synced = state.live.clone();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.lock().unwrap().live[offset as usize..offset as usize + data.len()].copy_from_slice(data);
        Ok(())
    }
}

fn documents_of(store: &Store) -> Vec<String> {
    let stored = store.documents(&CollectionId::default_collection(), None, 100).unwrap();
    let info = store.collection(&CollectionId::default_collection()).unwrap().unwrap();
    assert_eq!(info.documents, stored.len() as u64);
    stored.into_iter().map(|stored| stored.document.name.document.to_string()).collect()
}

fn batch(ids: &[&str]) -> Vec<Write> {
    let sketch = Sketch::of(&[person("Ann Lee", &[], 1)]);
    ids.iter().map(|id| sketch.put(&document_name("default", id))).collect()
}

#[test]
fn a_disk_that_fails_at_any_sync_leaves_the_state_before_or_after_the_batch() {
    let disk = Disk::with(Vec::new(), usize::MAX);
    let store = disk.open().unwrap();
    store.apply(batch(&["a", "b"]), at(1)).unwrap();
    drop(store);
    let image = disk.synced();
    let mut acknowledged = false;
    for syncs in 0.. {
        let disk = Disk::with(image.clone(), syncs);
        let applied = disk.open().and_then(|store| store.apply(batch(&["c", "d"]), at(2)));
        let after_power_loss = Disk::with(disk.synced(), usize::MAX).open().unwrap();
        match applied {
            Ok(_) => {
                assert_eq!(documents_of(&after_power_loss), ["a", "b", "c", "d"]);
                acknowledged = true;
                break;
            }
            Err(error) => {
                assert!(matches!(error, StoreError::Io { .. } | StoreError::Refused { .. }), "{error:?}");
                assert_eq!(documents_of(&after_power_loss), ["a", "b"], "failed at sync {syncs}");
            }
        }
    }
    assert!(acknowledged);
}

#[test]
fn a_second_process_is_told_that_the_store_is_in_use() {
    let fixture = Fixture::new();
    let second = Store::open(fixture.dir.path(), at(0));
    assert!(matches!(second, Err(StoreError::InUse { path }) if path.ends_with(FILE)));
}

#[test]
fn what_is_no_store_is_an_error_that_names_the_file() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(FILE), b"this is no database, by no means".repeat(999)).unwrap();
    let error = Store::open(dir.path(), at(0)).unwrap_err();
    assert!(error.to_string().contains(FILE), "{error}");
}

#[test]
fn a_row_of_another_version_is_damage_not_nonsense() {
    let fixture = Fixture::new();
    let name = document_name("default", "a");
    fixture.apply(batch(&["a"]), at(1)).unwrap();
    let transaction = fixture.store.database.begin_write().unwrap();
    {
        let mut heads = transaction.open_table(tables::HEADS).unwrap();
        let (key, mut row) = {
            let (key, row) = heads.first().unwrap().unwrap();
            (key.value().0, row.value().to_vec())
        };
        row[0] = 9;
        heads.insert((key, "a"), row.as_slice()).unwrap();
    }
    transaction.commit().unwrap();
    let error = fixture.document(&name).unwrap_err();
    assert!(
        matches!(&error, StoreError::Corrupt { reason, .. } if reason.contains("version is 9")),
        "{error}"
    );
}
