//! What can go wrong in the store, told apart by what an operator does about it: free the disk, restore a backup,
//! or run another version. Nothing here is a client's mistake; those are [`Refusal`](crate::ports::Refusal)s.

use super::device::Failure;
use crate::ports::PortError;
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
    /// An older program wrote the file, and only looking at it does not bring it to the present format.
    #[error(
        "store {path} has format {found}, and is brought to format {present} when the service is started on it"
    )]
    Older {
        /// The database file.
        path: PathBuf,
        /// Format in the file.
        found: u32,
        /// Format that this program writes.
        present: u32,
    },
    /// Another process has the file open.
    #[error("store {path} is in use by another process")]
    InUse {
        /// The database file.
        path: PathBuf,
    },
    /// The file is not the one that was open, or an older copy of it. Only a new start can go on with it.
    #[error("store {path} has been replaced; the service has to be started anew")]
    Replaced {
        /// The database file.
        path: PathBuf,
    },
    /// The disk has failed a write, or is too full for one. Nothing was done; what was durable before can be read.
    #[error("store {path}: {failure}")]
    Out {
        /// The database file.
        path: PathBuf,
        /// What the matter is.
        failure: Failure,
    },
    /// The database engine refused an operation, after an earlier failure for one.
    #[error("store {path}: the database refused an operation")]
    Refused {
        /// The database file.
        path: PathBuf,
        /// What the database said.
        source: Box<redb::Error>,
    },
}

/// A failure inside the store, where the file is a matter of course; [`Fault::at`] names it for the outside.
#[derive(Debug)]
pub(super) enum Fault {
    Database(Box<redb::Error>),
    Corrupt(String),
    Version { found: u32, supported: u32 },
    Older { found: u32, present: u32 },
    Out(Failure),
    Replaced,
}

impl Fault {
    /// The error for the database file at `path`.
    pub(super) fn at(self, path: &Path) -> StoreError {
        let path = path.to_owned();
        let error = match self {
            Self::Corrupt(reason) => return StoreError::Corrupt { path, reason },
            Self::Version { found, supported } => return StoreError::Version { path, found, supported },
            Self::Older { found, present } => return StoreError::Older { path, found, present },
            Self::Replaced => return StoreError::Replaced { path },
            Self::Out(failure) => return StoreError::Out { path, failure },
            Self::Database(error) => error,
        };
        match *error {
            redb::Error::Io(source) => StoreError::Io { path, source },
            redb::Error::Corrupted(reason) => StoreError::Corrupt { path, reason },
            redb::Error::DatabaseAlreadyOpen => StoreError::InUse { path },
            other => StoreError::Refused { path, source: Box::new(other) },
        }
    }
}

impl<E: Into<redb::Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Database(Box::new(error.into()))
    }
}

impl From<StoreError> for PortError {
    fn from(error: StoreError) -> Self {
        Self::fault(error.to_string(), error)
    }
}
