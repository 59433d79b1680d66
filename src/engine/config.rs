//! The engine's settings, checked. Where they come from (file, environment, flags) is not known here; a value of
//! this type that passed [`EngineConfig::check`] can be used without further thought.

use super::synonyms::Synonyms;
use super::views::ViewLimits;
use crate::domain::ids::CollectionId;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// How the engine runs. Start from [`EngineConfig::new`], change what matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineConfig {
    /// Where the store (`store/`) and the index (`index/`) live; created where absent.
    pub data_dir: PathBuf,
    /// Threads that analyse documents.
    pub analysis_threads: usize,
    /// Longest document, in UTF-8 bytes; longer ones are refused whole.
    pub max_document_bytes: usize,
    /// Messages and texts in flight, from the wire to their commit or answer, in bytes over all calls.
    pub max_inflight_bytes: usize,
    /// Most writes in one transaction.
    pub group_writes: usize,
    /// Bytes of text at which a transaction is closed to further writes.
    pub group_bytes: usize,
    /// Longest time between a commit and the index showing it, as far as the machine keeps up.
    pub index_interval: Duration,
    /// Time without new writes after which the index commits at once.
    pub index_idle: Duration,
    /// Memory that the index writer fills before it flushes a segment, in bytes.
    pub index_heap_bytes: usize,
    /// Longest wait of a query for the write that it wants to see.
    pub consistency_wait: Duration,
    /// How far the index may be behind the log before writers are slowed.
    pub max_lag: MaxLag,
    /// Views that pages go on with.
    pub views: ViewLimits,
    /// Room on the disk, in bytes, from which on no more documents are taken. Where absent, the smaller of 64 MiB and 2 % of the file
    /// system.
    pub store_free_bytes: Option<u64>,
    /// Where backups lie, in a folder that is made where it is missing; without one none can be made on the service's side.
    pub backup_dir: Option<PathBuf>,
    /// Threads that search.
    pub search_threads: usize,
    /// Words that stand for each other in searches of a collection.
    pub synonyms: BTreeMap<CollectionId, Synonyms>,
}

/// How far the index may be behind; reached when either is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxLag {
    /// Changes that it lacks.
    pub changes: u64,
    /// Age of the first of them.
    pub age: Duration,
}

/// Why a set of values cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A value is too small.
    #[error("{key} must be at least {least}")]
    TooSmall {
        /// The field's name.
        key: &'static str,
        /// The least value allowed.
        least: u64,
    },
    /// A document of the allowed length could never be admitted.
    #[error("max_inflight_bytes must be at least max_document_bytes")]
    InflightBelowDocument,
    /// Offsets are 32 bits wide.
    #[error("max_document_bytes must be at most {}", EngineConfig::MOST_DOCUMENT_BYTES)]
    DocumentTooLarge,
}

impl EngineConfig {
    /// No document may be longer than this, whatever is configured: spans count bytes in 32 bits.
    pub const MOST_DOCUMENT_BYTES: usize = 1 << 30;
    /// The index writer refuses to work with less memory.
    pub const LEAST_INDEX_HEAP_BYTES: usize = 15_000_000;

    /// Defaults for a data directory: one analysis thread per core, documents up to 8 MiB, 64 MiB in flight.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            analysis_threads: std::thread::available_parallelism().map_or(1, usize::from),
            max_document_bytes: 8 << 20,
            max_inflight_bytes: 64 << 20,
            group_writes: 256,
            group_bytes: 8 << 20,
            index_interval: Duration::from_millis(250),
            index_idle: Duration::from_millis(50),
            index_heap_bytes: 64_000_000,
            consistency_wait: Duration::from_secs(30),
            max_lag: MaxLag { changes: 10_000, age: Duration::from_secs(30) },
            views: ViewLimits { count: 64, idle: Duration::from_secs(300) },
            store_free_bytes: None,
            backup_dir: None,
            search_threads: std::thread::available_parallelism().map_or(2, usize::from),
            synonyms: BTreeMap::new(),
        }
    }

    /// Whether the values make sense, each alone and together.
    pub fn check(&self) -> Result<(), ConfigError> {
        let least = [
            ("analysis_threads", self.analysis_threads, 1),
            ("max_document_bytes", self.max_document_bytes, 1),
            ("group_writes", self.group_writes, 1),
            ("group_bytes", self.group_bytes, 1),
            ("index_heap_bytes", self.index_heap_bytes, Self::LEAST_INDEX_HEAP_BYTES),
            ("views.count", self.views.count, 1),
            ("search_threads", self.search_threads, 1),
            ("max_lag.changes", usize::try_from(self.max_lag.changes).unwrap_or(usize::MAX), 1),
        ];
        for (key, value, least) in least {
            if value < least {
                return Err(ConfigError::TooSmall { key, least: least as u64 });
            }
        }
        if self.max_document_bytes > Self::MOST_DOCUMENT_BYTES {
            return Err(ConfigError::DocumentTooLarge);
        }
        if self.max_inflight_bytes < self.max_document_bytes {
            return Err(ConfigError::InflightBelowDocument);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_pass_and_impossible_values_are_named() {
        let defaults = EngineConfig::new("data");
        assert_eq!(defaults.check(), Ok(()));
        let no_threads = EngineConfig { analysis_threads: 0, ..defaults.clone() };
        assert_eq!(no_threads.check(), Err(ConfigError::TooSmall { key: "analysis_threads", least: 1 }));
        let cramped = EngineConfig { max_inflight_bytes: 1 << 20, ..defaults.clone() };
        assert_eq!(cramped.check(), Err(ConfigError::InflightBelowDocument));
        let endless = EngineConfig { max_document_bytes: usize::MAX, ..defaults };
        assert_eq!(endless.check(), Err(ConfigError::DocumentTooLarge));
    }
}
