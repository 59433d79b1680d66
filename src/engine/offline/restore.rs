//! A data directory out of a backup. Nothing that is there is touched before every byte and every row of the backup has been read.

use super::{DataDir, OfflineError, StoreReport, Unpacking};
use crate::domain::backup::Backup;
use crate::engine::clock;
use crate::failpoint::{Failpoint, pass};
use crate::store::{StoreConfig, Unpacked};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What is to be put back, and how.
pub struct Restore<'a> {
    /// The backup.
    pub from: &'a Path,
    /// Where a store that is there is moved to: a new folder of this name, or with a number behind it where that is taken. Without one a
    /// store that is there is left alone and nothing is done.
    pub aside: Option<&'a Path>,
    /// Whether a backup is good enough of which some rows cannot be read. Its bytes must be right in any case.
    pub accept_damage: bool,
    /// Told how far it is.
    pub watch: &'a dyn Fn(Unpacking),
}

/// What was put back.
#[derive(Debug)]
pub struct Restored {
    /// What the backup says of itself.
    pub backup: Backup,
    /// What a check of the store says.
    pub report: StoreReport,
    /// Where the store is that was there, if there was one.
    pub moved: Option<PathBuf>,
}

impl DataDir {
    /// Puts a store back from a backup. The index is removed, and made from the store when the service starts.
    ///
    /// # Errors
    /// Where something is there already, the backup is damaged, or the disk is full: all is as it was then.
    pub fn restore(&self, restore: &Restore<'_>) -> Result<Restored, OfflineError> {
        if self.is_occupied() && restore.aside.is_none() {
            return Err(OfflineError::NotEmpty { path: self.path.clone() });
        }
        let config = StoreConfig::default();
        let unpacked = Unpacked::of(restore.from, &self.store(), &config, clock::now(), restore.watch)?;
        if !restore.accept_damage {
            unpacked.readable(restore.from)?;
        }
        let (backup, report) = (unpacked.backup.clone(), unpacked.report.clone());
        // First, so that no store is ever seen with the index of another.
        self.remove_index()?;
        pass(Failpoint::RestoreIndex);
        let moved = unpacked.exchange(restore.aside)?;
        Ok(Restored { backup, report, moved })
    }

    /// Whether there is anything that belongs to a service.
    fn is_occupied(&self) -> bool {
        let holds = |path: &Path| fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
        self.store().join("store.redb").exists() || holds(&self.index())
    }

    fn remove_index(&self) -> Result<(), OfflineError> {
        let path = self.index();
        match fs::remove_dir_all(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(OfflineError::Index { path, source })
            }
            // For good: a power loss must not bring it back beside the other store.
            _ => fs::File::open(&self.path)
                .and_then(|dir| dir.sync_all())
                .map_err(|source| OfflineError::Index { path, source }),
        }
    }
}
