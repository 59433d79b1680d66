//! The tail of a backup: what it holds, in JSON, and the checksum by which a single changed bit is found. It may be read by any later
//! program: keys are added, never taken away.

use crate::domain::backup::Backup;
use crate::domain::document::StoreId;
use crate::domain::time::Timestamp;
use crate::store::error::StoreError;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// How the last bytes of every backup begin, whatever its form.
const MARK: &[u8] = b"dictum-backup-";
/// The last bytes of a backup of this form.
const END: &[u8; 16] = b"dictum-backup-1\n";
/// Bytes of a checksum.
const DIGEST: u64 = 32;
/// Bytes that follow the manifest: checksum, its length, and the last bytes.
const AFTER: u64 = DIGEST + 4 + END.len() as u64;
/// Longest manifest that is believed, in bytes.
const LONGEST: u64 = 64 << 10;

/// Why a backup cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The backup.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is something else, or was cut short.
    #[error("{} is no backup, or not all of one: {reason}", path.display())]
    NoBackup {
        /// The file.
        path: PathBuf,
        /// What it lacks.
        reason: String,
    },
    /// A newer program made it.
    #[error("{} was made by a newer version of dictum, in a form that this one does not know", path.display())]
    Newer {
        /// The backup.
        path: PathBuf,
    },
    /// Its bytes are not those that were written.
    #[error("{} is damaged: its checksum does not fit its contents", path.display())]
    Damaged {
        /// The backup.
        path: PathBuf,
    },
    /// Some of its rows cannot be read, although it is as it was written: the store was damaged already.
    #[error("{} was made of a damaged store: {findings} of its rows cannot be read; the first: {first}", path.display())]
    Unreadable {
        /// The backup.
        path: PathBuf,
        /// How many.
        findings: u64,
        /// Which row, and what is the matter with it.
        first: String,
    },
    /// The store cannot be made of it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Version of the program.
    pub(super) dictum: String,
    /// Format of the tables.
    pub(super) store_format: u32,
    /// Whose copy it is, in hexadecimal digits.
    pub(super) store_id: String,
    pub(super) created_unix_seconds: i64,
    pub(super) created_nanos: u32,
    pub(super) last_change: u64,
    pub(super) collections: u64,
    pub(super) documents: u64,
    pub(super) quotes: u64,
    pub(super) entities: u64,
    /// Bytes of the database, which is the beginning of the file.
    pub(super) store_bytes: u64,
}

impl Manifest {
    /// The manifest and what follows it, for a file whose bytes so far have gone through the hasher, as these do.
    pub(super) fn tail(&self, hasher: &mut blake3::Hasher) -> io::Result<Vec<u8>> {
        let mut tail = serde_json::to_vec(self)?;
        let length = u32::try_from(tail.len()).map_err(io::Error::other)?;
        hasher.update(&tail);
        let mut after = hasher.finalize().as_bytes().to_vec();
        after.extend(length.to_le_bytes());
        after.extend(END);
        hasher.update(&after);
        tail.extend(after);
        Ok(tail)
    }

    /// What it says, of a file of so many bytes and this digest.
    pub(super) fn backup(self, bytes: u64, digest: [u8; 32]) -> Option<Backup> {
        let store: StoreId = HEXLOWER.decode(self.store_id.as_bytes()).ok()?.try_into().ok()?;
        Some(Backup {
            created_at: Timestamp { seconds: self.created_unix_seconds, nanos: self.created_nanos },
            version: self.dictum,
            store,
            store_format: self.store_format,
            seq: self.last_change,
            collections: self.collections,
            documents: self.documents,
            quotes: self.quotes,
            entities: self.entities,
            bytes,
            digest,
        })
    }
}

/// A backup whose tail has been read. Whether its bytes are right shows when all of them have been.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) manifest: Manifest,
    /// Bytes of the file.
    pub(super) bytes: u64,
    /// What the checksum must be.
    pub(super) digest: [u8; DIGEST as usize],
}

impl Found {
    /// Reads the tail of the file.
    pub(super) fn open(path: &Path) -> Result<Self, BackupFault> {
        let failed = |source| BackupFault::Read { path: path.to_owned(), source };
        let none = |reason: &str| BackupFault::NoBackup { path: path.to_owned(), reason: reason.to_owned() };
        let mut file = File::open(path).map_err(failed)?;
        let bytes = file.seek(SeekFrom::End(0)).map_err(failed)?;
        let Some(end) = bytes.checked_sub(AFTER) else { return Err(none("it is too short")) };
        let mut after = [0; AFTER as usize];
        read_at(&mut file, end, &mut after).map_err(failed)?;
        let (digest, rest) = after.split_at(DIGEST as usize);
        let (length, mark) = rest.split_at(4);
        if mark != END {
            let newer = mark.starts_with(MARK) && mark.ends_with(b"\n");
            return Err(match newer {
                true => BackupFault::Newer { path: path.to_owned() },
                false => none("it does not end as a backup does"),
            });
        }
        let length = length.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let begin = end.checked_sub(length).filter(|_| length <= LONGEST);
        let Some(begin) = begin else { return Err(none("its manifest has an impossible length")) };
        let mut text = vec![0; length as usize];
        read_at(&mut file, begin, &mut text).map_err(failed)?;
        let manifest: Manifest = serde_json::from_slice(&text)
            .map_err(|error| none(&format!("its manifest cannot be read: {error}")))?;
        if manifest.store_bytes != begin {
            return Err(none("it has not the length that its manifest says"));
        }
        // `split_at` has made it as long as a digest.
        let digest = digest.try_into().map_err(|_| none("it has no checksum"))?;
        Ok(Self { path: path.to_owned(), file, manifest, bytes, digest })
    }

    /// Reads every byte that the checksum covers and gives those of the database to `take`; the digest of the whole file.
    ///
    /// # Errors
    /// Those of `take`, which come first; that a byte is not what was written.
    pub(super) fn read_all<E: From<BackupFault>>(
        &mut self,
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<[u8; 32], E> {
        let path = self.path.clone();
        let failed = |source| BackupFault::Read { path: path.clone(), source };
        self.file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let (mut hasher, mut at) = (blake3::Hasher::new(), 0);
        let covered = self.bytes - AFTER;
        let mut buffer = vec![0; 1 << 20];
        while at < covered {
            let most = usize::try_from(covered - at).map_or(buffer.len(), |left| left.min(buffer.len()));
            let read = self.file.read(&mut buffer[..most]).map_err(failed)?;
            if read == 0 {
                return Err(BackupFault::Damaged { path: self.path.clone() }.into());
            }
            hasher.update(&buffer[..read]);
            let of_store = self.manifest.store_bytes.saturating_sub(at).min(read as u64);
            take(&buffer[..of_store as usize])?;
            at += read as u64;
        }
        if hasher.finalize() != self.digest {
            return Err(BackupFault::Damaged { path: self.path.clone() }.into());
        }
        let mut after = [0; AFTER as usize];
        self.file.read_exact(&mut after).map_err(failed)?;
        hasher.update(&after);
        Ok(*hasher.finalize().as_bytes())
    }
}

fn read_at(file: &mut File, at: u64, into: &mut [u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(into)
}
