//! What can go wrong in the store, told apart by what an operator does about it: free the disk, restore a backup,
//! or run another version. Nothing here is a client's mistake; those are [`super::Refusal`]s.

use std::path::{Path, PathBuf};

/// Why the store failed. Every variant names the file.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk or the file system refused.
    #[error("store {path}: input/output failed")]
    Io {
        /// The database file, or the folder where that is what failed.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file holds what no version of this program wrote.
    #[error("store {path} is damaged: {reason}")]
    Corrupt {
        /// The database file.
        path: PathBuf,
        /// What was found, and where.
        reason: String,
    },
    /// A newer program wrote the file.
    #[error("store {path} has format {found}; this program knows formats up to {supported}")]
    Version {
        /// The database file.
        path: PathBuf,
        /// Format in the file.
        found: u32,
        /// Newest format that this program reads.
        supported: u32,
    },
    /// Another process has the file open.
    #[error("store {path} is in use by another process")]
    InUse {
        /// The database file.
        path: PathBuf,
    },
    /// The database engine refused an operation that this module should not have asked for.
    #[error("store {path}: the database refused an operation")]
    Refused {
        /// The database file.
        path: PathBuf,
        /// What the database said.
        source: redb::Error,
    },
}

/// A failure before the file's name is known to it; [`Fault::at`] adds the name.
#[derive(Debug)]
pub(super) enum Fault {
    Database(redb::Error),
    Corrupt(String),
    Version { found: u32, supported: u32 },
}

impl Fault {
    /// The error for the database file at `path`.
    pub(super) fn at(self, path: &Path) -> StoreError {
        let path = path.to_owned();
        match self {
            Self::Corrupt(reason) => StoreError::Corrupt { path, reason },
            Self::Version { found, supported } => StoreError::Version { path, found, supported },
            Self::Database(redb::Error::Io(source)) => StoreError::Io { path, source },
            Self::Database(redb::Error::Corrupted(reason)) => StoreError::Corrupt { path, reason },
            Self::Database(redb::Error::DatabaseAlreadyOpen) => StoreError::InUse { path },
            Self::Database(source) => StoreError::Refused { path, source },
        }
    }
}

impl<E: Into<redb::Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Database(error.into())
    }
}
