//! The folder of backups: a lock, so that two services can share it; a file that is not complete, which the next backup removes; and
//! the backups, each under its name with `.dictum` behind it.

use crate::domain::backup::BackupName;
use crate::failpoint::{Failpoint, pass};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

const LOCK: &str = ".lock";
const PARTIAL: &str = ".partial";

/// A folder that is taken for one backup.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Takes the folder, which is made where it is missing, and removes what a backup has left that was cut short. `None` where
    /// another process has it.
    pub(super) fn take(dir: &Path) -> io::Result<Option<Self>> {
        fs::create_dir_all(dir)?;
        let lock = File::options().create(true).truncate(false).write(true).open(dir.join(LOCK))?;
        // A file system without locks is taken to have one service.
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            return Ok(None);
        }
        let folder = Self { path: dir.to_owned(), _lock: lock };
        match fs::remove_file(folder.partial()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(Some(folder)),
        }
    }

    /// Where a backup is made.
    pub(super) fn partial(&self) -> PathBuf {
        self.path.join(PARTIAL)
    }

    /// Whether there is a backup of that name.
    pub(super) fn has(&self, name: &BackupName) -> bool {
        self.file(name).symlink_metadata().is_ok()
    }

    /// Gives the complete backup its name, for good; false where the name is taken. Nothing is ever replaced.
    pub(super) fn publish(&self, name: &BackupName) -> io::Result<bool> {
        let (partial, file) = (self.partial(), self.file(name));
        match fs::hard_link(&partial, &file) {
            Ok(()) => {
                pass(Failpoint::BackupLinked);
                fs::remove_file(&partial)?;
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_file(&partial)?;
                return Ok(false);
            }
            // A file system without second names.
            Err(_) if self.has(name) => return Ok(false),
            Err(_) => fs::rename(&partial, &file)?,
        }
        File::open(&self.path)?.sync_all()?;
        pass(Failpoint::BackupNamed);
        Ok(true)
    }

    /// The complete backup, whose name goes away at once: its bytes go with the last reader.
    pub(super) fn open_and_remove(&self) -> io::Result<File> {
        let file = File::open(self.partial())?;
        fs::remove_file(self.partial())?;
        Ok(file)
    }

    fn file(&self, name: &BackupName) -> PathBuf {
        self.path.join(format!("{name}.dictum"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_for_one_backup_at_a_time_and_forgets_what_was_cut_short() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("backups");
        let folder = Folder::take(&dir).unwrap().unwrap();
        assert!(Folder::take(&dir).unwrap().is_none());
        fs::write(folder.partial(), "half").unwrap();
        drop(folder);
        let folder = Folder::take(&dir).unwrap().unwrap();
        assert!(!folder.partial().exists());
    }

    #[test]
    fn a_name_is_given_once() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::take(dir.path()).unwrap().unwrap();
        let name = BackupName::new("a").unwrap();
        for (content, given) in [("first", true), ("second", false)] {
            fs::write(folder.partial(), content).unwrap();
            assert_eq!(folder.publish(&name).unwrap(), given);
            assert!(!folder.partial().exists());
        }
        assert_eq!(fs::read_to_string(dir.path().join("a.dictum")).unwrap(), "first");
    }
}
