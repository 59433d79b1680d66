//! What can go wrong inside, and how it is told to those who ask. Damage found at opening is no error: the directory
//! is emptied.

use crate::ports::{Outage, OutageKind, Over, PortError, QueryFault};
use std::io;
use std::time::Duration;
use tantivy::TantivyError;

/// Why a part of the index did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum IndexError {
    /// The caller waits no more.
    #[error("nobody waits any more")]
    Over(Over),
    /// The question makes no sense.
    #[error("{0}")]
    Query(#[from] QueryFault),
    /// The search engine failed.
    #[error("{0}")]
    Engine(#[from] TantivyError),
    /// The system failed where no search engine was in between.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The search engine panicked.
    #[error("panicked: {0}")]
    Panicked(String),
}

impl From<Over> for IndexError {
    fn from(over: Over) -> Self {
        Self::Over(over)
    }
}

/// When another try at a disk that failed may succeed.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl IndexError {
    /// From what a thread has panicked with.
    pub(super) fn panicked(panic: &(dyn std::any::Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().map(|text| text.to_string());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Self::Panicked(text.unwrap_or_else(|| "without a word".into()))
    }

    /// For a search: a view is whole or damaged, nothing in between.
    pub(super) fn of_search(self) -> PortError {
        match self {
            Self::Over(over) => over.into(),
            Self::Query(fault) => fault.into(),
            other => PortError::fault("the index cannot be searched", other),
        }
    }

    /// For a change to the directory, whose last failure was `seen`; the search engine often hides it.
    pub(super) fn of_change(self, what: &str, seen: Option<io::Error>) -> PortError {
        let Some(cause) = seen.or_else(|| self.io()) else { return PortError::fault(what, self) };
        let kind = match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => OutageKind::Full,
            _ => OutageKind::ReadOnly,
        };
        outage(kind, format!("{what}: {cause}"))
    }

    /// What the system said, where it is the cause.
    fn io(&self) -> Option<io::Error> {
        let error: &(dyn std::error::Error + 'static) = match self {
            Self::Io(error) => error,
            Self::Engine(error) => error,
            Self::Over(_) | Self::Query(_) | Self::Panicked(_) => return None,
        };
        let engine = error.downcast_ref::<TantivyError>();
        let found = match engine {
            Some(TantivyError::IoError(error)) => Some(error.as_ref()),
            _ => error.downcast_ref::<io::Error>(),
        };
        found.map(|error| io::Error::new(error.kind(), error.to_string()))
    }
}

/// That the index cannot work for a while.
pub(super) fn outage(kind: OutageKind, detail: String) -> PortError {
    PortError::Unavailable(Outage { kind, detail, retry_after: RETRY_AFTER })
}
