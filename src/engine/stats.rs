//! The engine at one moment, in numbers, for those who watch it.

use super::{Engine, Observer};
use crate::domain::document::Seq;
use rustix::fs::statvfs;
use std::path::Path;
use std::sync::Arc;

/// See the module.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Bytes of messages and texts that are let in.
    pub inflight_bytes: u64,
    /// The most that may be.
    pub most_inflight_bytes: u64,
    /// Texts that wait for a thread.
    pub waiting_texts: u64,
    /// The last change that is stored.
    pub last_stored: Seq,
    /// The last change that queries see.
    pub last_applied: Seq,
    /// Bytes of the store on the disk; 0 where nobody knows.
    pub store_bytes: u64,
    /// Bytes of the index on the disk; 0 where nobody knows.
    pub index_bytes: u64,
    /// Bytes of the data directory's file system: those that can still be taken, and all; 0 where nobody knows.
    pub disk_bytes: [u64; 2],
}

impl Engine {
    /// The engine now.
    pub async fn stats(&self) -> Stats {
        let core = &self.core;
        let data_dir = core.config.data_dir.clone();
        // Asks the file system.
        let sizes = tokio::task::spawn_blocking(move || {
            (bytes_in(&data_dir.join("store")), bytes_in(&data_dir.join("index")), room(&data_dir))
        });
        let (store_bytes, index_bytes, disk_bytes) = sizes.await.unwrap_or_default();
        let (inflight_bytes, most_inflight_bytes) = core.admission.taken();
        Stats {
            inflight_bytes,
            most_inflight_bytes,
            waiting_texts: core.pool.waiting() as u64,
            last_stored: core.progress.last_stored(),
            last_applied: core.progress.last_applied(),
            store_bytes,
            index_bytes,
            disk_bytes,
        }
    }

    /// Has `observer` told what is done from now on. The first one stays.
    pub fn observe(&self, observer: Arc<dyn Observer>) {
        self.core.observed.set(observer);
    }
}

/// The room on the file system of a folder, for a process without privileges, and how large it is.
fn room(folder: &Path) -> [u64; 2] {
    statvfs(folder).map_or([0, 0], |all| [all.f_bavail * all.f_frsize, all.f_blocks * all.f_frsize])
}

/// Bytes of the files in a folder.
fn bytes_in(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
}
