//! What can be set about the store. The engine fills it from its own configuration.

use std::time::Duration;

/// How the store uses the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// Threads that read.
    pub readers: usize,
    /// Reads that may wait for one of them; those beyond wait for a place.
    pub waiting_reads: usize,
    /// Groups of writes that may wait for the writer; those beyond wait for a place.
    pub waiting_writes: usize,
    /// Memory for pages of the database file.
    pub cache_bytes: usize,
    /// Free space below which documents are refused. Where absent, the smaller of 64 MiB and a fiftieth of the file system.
    pub free_space_mark: Option<u64>,
    /// Memory for what could not be written to the disk; a store that needs more is closed until the disk works again.
    pub overlay_bytes: usize,
    /// How long the end of the store waits for its threads before it leaves them to themselves.
    pub patience: Duration,
}

impl Default for StoreConfig {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            readers: cores.clamp(2, 8),
            waiting_reads: 256,
            waiting_writes: 16,
            cache_bytes: 64 << 20,
            free_space_mark: None,
            overlay_bytes: 64 << 20,
            patience: Duration::from_secs(5),
        }
    }
}
