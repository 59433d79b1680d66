//! Who may open the store of a folder: one process at a time, known by a lock on a file of its own, so that a second one can be
//! told before it has done anything. The database has a lock of its own besides, for callers that ask nobody.

use super::error::StoreError;
use super::folder;
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

/// The locked file's name.
const FILE: &str = "lock";

/// A folder that is this process's own for as long as the value lives.
#[derive(Debug)]
pub struct Hold {
    /// Absent where the folder cannot be made or locked: opening the store tells why.
    _file: Option<File>,
}

impl Hold {
    /// Takes the folder, which is made where it is missing.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where another process holds it.
    pub fn take(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        let file = folder::make(dir).ok().and_then(|()| open(&path).ok());
        match file.as_ref().map(File::try_lock) {
            Some(Err(TryLockError::WouldBlock)) => Err(StoreError::InUse { path: dir.to_owned() }),
            _ => Ok(Self { _file: file }),
        }
    }
}

/// Opens the file, which is made where it is missing. Where it cannot be written, reading it is enough for a lock.
fn open(path: &Path) -> io::Result<File> {
    let opened = File::options().create(true).truncate(false).write(true).open(path);
    opened.or_else(|_| File::open(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_once_and_free_again_when_the_hold_is_gone() {
        let folder = tempfile::TempDir::new().unwrap();
        let dir = folder.path().join("store");
        let first = Hold::take(&dir).unwrap();
        assert!(matches!(Hold::take(&dir), Err(StoreError::InUse { path }) if path == dir));
        drop(first);
        Hold::take(&dir).unwrap();
    }

    #[test]
    fn what_cannot_be_locked_is_for_the_store_to_tell() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "no folder").unwrap();
        Hold::take(&file.join("store")).unwrap();
    }
}
