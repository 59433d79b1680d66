//! What the engine is able to do at the moment, as others watch it. This file knows no health protocol; the
//! transport turns these states into one.

use super::error::Fault;
use crate::domain::document::Seq;

/// The engine's state. `Draining` is final.
#[derive(Debug, Clone)]
pub enum Readiness {
    /// The store is open; the index still replays what it lacks.
    Recovering {
        /// The last change that the index holds.
        applied: Seq,
        /// The last change of the store.
        last: Seq,
    },
    /// Everything works, and queries see what was there when the service started.
    Ready,
    /// The index cannot follow the store: writes stay durable, queries grow old. Retried in the background.
    Degraded(Fault),
    /// The service is shutting down and takes no more work.
    Draining,
}

impl Readiness {
    /// Whether calls should be sent here.
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }
}
