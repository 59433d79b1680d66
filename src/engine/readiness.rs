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

    /// Whether queries are answered, and as freshly as usual. They may be where nothing can be written.
    pub fn answers_queries(&self) -> bool {
        !self.draining && self.reads() && matches!(self.index, IndexState::Ready)
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
