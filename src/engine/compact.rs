//! Making the store's file small while the service goes on: its rows are copied into a new file, as for an erasure, what is written
//! meanwhile is done again there, and the new file takes the old one's place. What was deleted is in no file after it.

use super::Engine;
use super::error::EngineError;
use crate::ports::Caller;

/// What a compaction has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compacted {
    /// Bytes of the store before.
    pub before: u64,
    /// Bytes of the store now.
    pub after: u64,
}

impl Engine {
    /// Compacts the store. Needs as much room on the disk as what is in it. Goes on where the call is dropped; writes go on meanwhile,
    /// and wait only where the copy cannot keep up with them.
    pub async fn compact_store(&self, caller: &Caller) -> Result<Compacted, EngineError> {
        self.begins_over_all(caller)?;
        let before = self.stats().await.store_bytes;
        // Rows that are only waiting to be forgotten need not be copied.
        while self.core.log.tidy(self.core.progress.last_applied()).await? {}
        self.core.admission.unless_over(caller, self.core.log.erase()).await??;
        Ok(Compacted { before, after: self.stats().await.store_bytes })
    }
}
