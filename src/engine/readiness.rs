//! What the engine is able to do at the moment, as others watch it. This file knows no health protocol; the
//! transport turns these states into one.

use super::error::Fault;
use crate::domain::document::Seq;
use crate::ports::{LogState, Outage};

/// The engine's state, part by part.
#[derive(Debug, Clone)]
pub struct Readiness {
    /// Whether documents can be written and read.
    pub log: LogState,
    /// Whether queries see what is written.
    pub index: IndexState,
    /// The service is shutting down and takes no more work. Final.
    pub draining: bool,
}

/// How the index is.
#[derive(Debug, Clone)]
pub enum IndexState {
    /// It replays what it lacked at the start; queries are answered from what is there.
    Recovering {
        /// The last change that the index holds.
        applied: Seq,
        /// The last change of the log at the start.
        last: Seq,
    },
    /// Queries see what was there at the start, and what came since within the usual time.
    Ready,
    /// It cannot follow the log: queries grow old. It is opened anew until it can.
    Degraded(Fault),
}

impl Readiness {
    /// Whether calls of every kind should be sent here.
    pub fn is_ready(&self) -> bool {
        self.takes_writes() && self.answers_queries()
    }

    /// Whether documents and collections can be written.
    pub fn takes_writes(&self) -> bool {
        !self.draining && matches!(self.log, LogState::Ready)
    }

    /// Whether queries are answered, and as freshly as usual. They may be where nothing can be written: an index that cannot
    /// follow then, on the same full disk, does not grow old.
    pub fn answers_queries(&self) -> bool {
        let fresh = match self.index {
            IndexState::Ready => true,
            IndexState::Degraded(_) => matches!(self.log, LogState::Out(_)),
            IndexState::Recovering { .. } => false,
        };
        !self.draining && self.reads() && fresh
    }

    /// Whether backups are made: a store that cannot be written is worth one all the more.
    pub fn makes_backups(&self) -> bool {
        !self.draining && self.reads()
    }

    /// Whether texts are analysed for those who store nothing.
    pub fn analyzes(&self) -> bool {
        !self.draining
    }

    fn reads(&self) -> bool {
        match &self.log {
            LogState::Ready => true,
            LogState::Out(Outage { kind, .. }) => kind.reads(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::OutageKind;
    use std::time::Duration;

    fn with(log: LogState, index: IndexState) -> Readiness {
        Readiness { log, index, draining: false }
    }

    fn full() -> LogState {
        LogState::Out(Outage { kind: OutageKind::Full, detail: "full".into(), retry_after: Duration::ZERO })
    }

    #[test]
    fn a_full_disk_leaves_queries_as_fresh_as_they_can_be() {
        let degraded = || IndexState::Degraded(Fault::Stopped);
        assert!(with(full(), IndexState::Ready).answers_queries());
        assert!(with(full(), degraded()).answers_queries());
        assert!(!with(full(), degraded()).takes_writes());
        assert!(!with(LogState::Ready, degraded()).answers_queries(), "it grows old");
        let recovering = IndexState::Recovering { applied: 1, last: 2 };
        assert!(!with(full(), recovering).answers_queries());
    }
}
