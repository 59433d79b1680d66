//! The engine at one moment, in numbers, for those who watch it.

use super::Engine;
use crate::domain::document::Seq;
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

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
}

/// Is told what is done, as it is done. Called on the threads that do it: must not wait.
pub trait Observer: Debug + Send + Sync {
    /// A text of so many bytes has been analysed.
    fn analysed(&self, analyzer: &str, bytes: usize, took: Duration);
}

impl Engine {
    /// The engine now.
    pub async fn stats(&self) -> Stats {
        let core = &self.core;
        let data_dir = core.config.data_dir.clone();
        // Asks the file system.
        let sizes = tokio::task::spawn_blocking(move || {
            (bytes_in(&data_dir.join("store")), bytes_in(&data_dir.join("index")))
        });
        let (store_bytes, index_bytes) = sizes.await.unwrap_or_default();
        let (inflight_bytes, most_inflight_bytes) = core.admission.taken();
        Stats {
            inflight_bytes,
            most_inflight_bytes,
            waiting_texts: core.pool.waiting() as u64,
            last_stored: core.progress.last_stored(),
            last_applied: core.progress.last_applied(),
            store_bytes,
            index_bytes,
        }
    }

    /// Has `observer` told what is done from now on. The first one stays.
    pub fn observe(&self, observer: Arc<dyn Observer>) {
        let _ = self.core.observer.set(observer);
    }
}

/// Bytes of the files in a folder.
fn bytes_in(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
}
