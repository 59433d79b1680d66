//! How an adapter fails, told apart by what the engine does about it: tell the client to come back, tell it what it asked
//! wrongly, or tell the log.

use super::caller::Over;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Why a port did not do what it was asked. Cheap to clone, since one failed commit answers many callers.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PortError {
    /// It cannot do this now and is being mended; nothing was done.
    #[error("{0}")]
    Unavailable(Outage),
    /// The caller waits no more. Nothing was done.
    #[error("nobody waits for the answer any more")]
    Over(Over),
    /// The question makes no sense.
    #[error("{0}")]
    Query(QueryFault),
    /// What is kept is damaged, or the adapter has a fault; the source tells the log more. Nothing was done.
    #[error("{what}")]
    Fault {
        /// Which part failed at what, for a log.
        what: String,
        /// Why.
        source: Arc<dyn Error + Send + Sync>,
    },
}

/// Why there is no backup. Nothing is left of it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BackupError {
    /// What is to be copied cannot be read, or nobody wants the copy any more.
    #[error(transparent)]
    Log(#[from] PortError),
    /// It cannot be written where it was to lie. The outage is that place's, not the log's.
    #[error("{0}")]
    Place(Outage),
}

/// That a port cannot work for a while.
#[derive(Debug, Clone)]
pub struct Outage {
    /// What is the matter.
    pub kind: OutageKind,
    /// For a log: what failed and why.
    pub detail: String,
    /// When another try may succeed.
    pub retry_after: Duration,
}

/// What keeps a port from working.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutageKind {
    /// There is too little room left on the disk; what is there can be read.
    Full,
    /// The disk failed a write; what was durable before can be read.
    ReadOnly,
    /// Nothing can be read or written.
    Closed,
    /// Nothing is broken; more is asked of it at once than it has room for.
    Busy,
}

impl OutageKind {
    /// Whether what is there can still be read.
    pub fn reads(self) -> bool {
        match self {
            Self::Full | Self::ReadOnly | Self::Busy => true,
            Self::Closed => false,
        }
    }
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            OutageKind::Full => "too little room is left on the disk",
            OutageKind::ReadOnly => "the disk has failed a write",
            OutageKind::Closed => "it cannot be opened",
            OutageKind::Busy => "too much is asked of it at once",
        };
        write!(f, "{what}: {}", self.detail)
    }
}

/// What is wrong with a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryFault {
    /// The free text has too many words.
    #[error("the query has {terms} terms; at most {limit} are allowed")]
    TooManyTerms {
        /// Terms in it.
        terms: usize,
        /// Most terms allowed.
        limit: usize,
    },
    /// There is no time zone of that name.
    #[error("there is no time zone of that name")]
    TimeZone,
    /// The cursor was not made by this view for this order.
    #[error("the cursor is not one of this query")]
    Cursor,
}

impl PortError {
    /// A fault with its cause.
    pub fn fault(what: impl Into<String>, source: impl Error + Send + Sync + 'static) -> Self {
        Self::Fault { what: what.into(), source: Arc::new(source) }
    }
}

impl From<Over> for PortError {
    fn from(over: Over) -> Self {
        Self::Over(over)
    }
}

impl From<QueryFault> for PortError {
    fn from(fault: QueryFault) -> Self {
        Self::Query(fault)
    }
}
