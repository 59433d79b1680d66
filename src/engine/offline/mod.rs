//! What is done to a data directory that nobody serves from: put back from a backup, checked, made smaller. Beside `open.rs` the only
//! part of the engine that names the pair for one machine. All of it blocks, and is for a process that does nothing else.
//!
//! Start at [`DataDir`].

mod check;
mod restore;

pub use crate::store::{BackupFault, Compacted, Finding, FindingKind, StoreReport, Unpacking};
pub use check::{CheckReport, IndexReport};
pub use restore::{Restore, Restored};

use super::clock;
use crate::store::{self, Hold, StoreConfig, StoreError};
use std::io;
use std::path::{Path, PathBuf};

/// A data directory that this process has to itself for as long as the value lives.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _hold: Hold,
}

/// Why something could not be done to a data directory.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    /// A service, or another command, has it.
    #[error("{} is in use by another process; stop the service first", path.display())]
    InUse {
        /// The data directory.
        path: PathBuf,
    },
    /// Nothing is stored there.
    #[error("{} holds no store", path.display())]
    NoStore {
        /// The data directory.
        path: PathBuf,
    },
    /// Something is there that must not be replaced.
    #[error("{} is not empty", path.display())]
    NotEmpty {
        /// The data directory.
        path: PathBuf,
    },
    /// The backup cannot be used. The data directory is as it was.
    #[error(transparent)]
    Backup(#[from] BackupFault),
    /// The store cannot be worked on.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index cannot be removed. It is of the store that was there before.
    #[error("{} cannot be removed", path.display())]
    Index {
        /// Its folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl DataDir {
    /// Takes the directory, which is made where it is missing.
    pub fn take(path: &Path) -> Result<Self, OfflineError> {
        match Hold::take(&path.join("store")) {
            Ok(hold) => Ok(Self { path: path.to_owned(), _hold: hold }),
            Err(StoreError::InUse { .. }) => Err(OfflineError::InUse { path: path.to_owned() }),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a directory in which there is a store; makes none.
    pub fn existing(path: &Path) -> Result<Self, OfflineError> {
        match path.join("store").is_dir() {
            true => Self::take(path),
            false => Err(OfflineError::NoStore { path: path.to_owned() }),
        }
    }

    /// Makes the store's file small. `watch` is told how many bytes are copied, of how many at most.
    ///
    /// # Errors
    /// Where there is no store, or too little room for a second one. All is as it was then.
    pub fn compact(&self, watch: &dyn Fn(u64, u64)) -> Result<Compacted, OfflineError> {
        self.must_hold_a_store()?;
        Ok(store::compact(&self.store(), &StoreConfig::default(), clock::now(), watch)?)
    }

    fn must_hold_a_store(&self) -> Result<(), OfflineError> {
        match self.store().join("store.redb").exists() {
            true => Ok(()),
            false => Err(OfflineError::NoStore { path: self.path.clone() }),
        }
    }

    fn store(&self) -> PathBuf {
        self.path.join("store")
    }

    fn index(&self) -> PathBuf {
        self.path.join("index")
    }
}
