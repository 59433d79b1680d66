//! From a data directory to an index that can be trusted. The index is derived: whatever is wrong with it (missing,
//! damaged, of another version, of another store, or ahead of a store that was restored from a backup) is mended by
//! building it anew. This file decides that, and reports how the replay goes.

use super::config::EngineConfig;
use super::error::{EngineError, Fault};
use super::readiness::Readiness;
use crate::domain::document::Seq;
use crate::index::{Index, IndexConfig, Origin};
use crate::store::Store;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

const REPORT_EVERY: Duration = Duration::from_secs(5);

/// Where the store lives.
pub(super) fn store_dir(config: &EngineConfig) -> PathBuf {
    config.data_dir.join("store")
}

fn index_dir(config: &EngineConfig) -> PathBuf {
    config.data_dir.join("index")
}

/// Opens the index of `store`, empty where the one on disk cannot be used.
pub(super) fn open_index(config: &EngineConfig, store: &Store) -> Result<Index, EngineError> {
    let settings =
        IndexConfig { dir: index_dir(config), store: store.id(), heap_bytes: config.index_heap_bytes };
    let index = Index::open(&settings)?;
    match index.origin() {
        Origin::Created => tracing::info!(dir = %settings.dir.display(), "created the index"),
        Origin::Opened => {}
        Origin::Recreated(why) => {
            tracing::warn!(dir = %settings.dir.display(), why, "the index could not be used and is built anew");
        }
    }
    let (applied, stored) = (index.applied(), store.last_seq()?);
    if applied <= stored {
        return Ok(index);
    }
    tracing::warn!(applied, stored, "the index is ahead of the store, which is older, and is built anew");
    drop(index);
    std::fs::remove_dir_all(&settings.dir).map_err(|error| Fault::Files(Arc::new(error)))?;
    Ok(Index::open(&settings)?)
}

/// The replay of what the index lacked at the start.
#[derive(Debug)]
pub(super) struct CatchUp {
    from: Seq,
    target: Seq,
    began: Instant,
    reported: Instant,
}

impl CatchUp {
    /// The index is at `applied`, the store at `stored`.
    pub(super) fn begin(applied: Seq, stored: Seq) -> Self {
        if applied < stored {
            tracing::info!(changes = stored - applied, "the index is catching up");
        }
        let now = Instant::now();
        Self { from: applied, target: stored, began: now, reported: now }
    }

    /// The last change that belongs to the replay. Later ones are followed as usual.
    pub(super) fn target(&self) -> Seq {
        self.target
    }

    /// Logs how far it is and how fast, at the end and now and then before. Returns the state to show.
    pub(super) fn reached(&mut self, applied: Seq) -> Readiness {
        let done = applied >= self.target;
        if done || self.reported.elapsed() >= REPORT_EVERY {
            self.reported = Instant::now();
            let seconds = self.began.elapsed().as_secs_f64();
            let per_second = ((applied - self.from) as f64 / seconds.max(1e-3)).round();
            let state = if done { "the index has caught up" } else { "the index is catching up" };
            tracing::info!(applied, last = self.target, seconds, per_second, "{state}");
        }
        Readiness::Recovering { applied, last: self.target }
    }
}
