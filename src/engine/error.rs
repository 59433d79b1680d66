//! Every way in which the engine can fail, as one closed set. Callers match it exhaustively; no variant carries a
//! text that somebody would have to parse, and none knows a status code. What a client may read is in the variant;
//! what only the log may read is behind [`EngineError::Internal`] as the error's source.

use super::config::ConfigError;
use crate::domain::document::Seq;
use crate::domain::ids::{CollectionId, DocumentName, EntityName, QuoteName};
use crate::index::IndexError;
use crate::store::StoreError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Why an operation of the engine did not succeed. Cheap to clone, since one failed commit answers many callers.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EngineError {
    /// The request can never succeed as it stands.
    #[error("{field}: {reason}")]
    InvalidArgument {
        /// The field as the vocabulary names it (`text`, `page.after`).
        field: &'static str,
        /// What is wrong with it.
        reason: Invalid,
    },
    /// There is no such thing.
    #[error("{0} does not exist")]
    NotFound(Resource),
    /// There is such a thing already.
    #[error("{0} exists already")]
    AlreadyExists(Resource),
    /// The state of the service forbids the operation.
    #[error("{0}")]
    FailedPrecondition(Precondition),
    /// No room now.
    #[error("too much work in flight; try again in {} ms", retry_after.as_millis())]
    Overloaded {
        /// When a retry is likely to find room.
        retry_after: Duration,
    },
    /// The document is longer than the service takes. Documents are analysed whole or refused, never cut.
    #[error("the document has {bytes} bytes; at most {limit} are taken")]
    TooLarge {
        /// Its length in UTF-8 bytes.
        bytes: u64,
        /// The most that is taken.
        limit: u64,
    },
    /// It was not done before the caller's deadline, or before the service's own end of patience.
    #[error("it was not done in time")]
    DeadlineExceeded,
    /// The write is durable, but queries did not see it in time. It need not be sent again.
    #[error("the write is durable, but queries did not see it in time")]
    NotSearchable(Box<Written>),
    /// Nobody waits for the answer any more.
    #[error("the caller has gone")]
    Cancelled,
    /// The service is shutting down and takes no more work.
    #[error("the service is shutting down")]
    Draining,
    /// The service is starting: the index does not yet hold everything that the store holds.
    #[error("the service is still catching up")]
    NotReady,
    /// A fault of the service or of the machine; the source tells the log more.
    #[error("internal error")]
    Internal(#[source] Fault),
}

/// A write that is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The document that was written or deleted, or the collection that was deleted.
    pub name: Resource,
    /// The document's revision; `None` for a deletion.
    pub revision: Option<u32>,
    /// The change to wait for.
    pub seq: Seq,
}

/// What is wrong with an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invalid {
    /// It is empty and must not be.
    Empty,
    /// It does not come from an earlier page of the same query.
    Cursor,
    /// The free text of a query is too long.
    TooManyTerms {
        /// Terms in it.
        terms: usize,
        /// Most terms allowed.
        limit: usize,
    },
    /// It must be at least this.
    BelowMinimum(u64),
    /// It is no number between 0 and 1.
    OutsideUnitInterval,
    /// A consistency position that this store never gave out.
    UnknownSequence,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "must not be empty"),
            Self::Cursor => write!(f, "is not the end of a page of this query"),
            Self::TooManyTerms { terms, limit } => {
                write!(f, "has {terms} terms; at most {limit} are allowed")
            }
            Self::BelowMinimum(least) => write!(f, "must be at least {least}"),
            Self::OutsideUnitInterval => write!(f, "must lie between 0 and 1"),
            Self::UnknownSequence => write!(f, "names a write that this store has not seen"),
        }
    }
}

/// A thing with a resource name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// A collection.
    Collection(CollectionId),
    /// A document.
    Document(DocumentName),
    /// A quote.
    Quote(QuoteName),
    /// An entity of a collection.
    Entity(EntityName),
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Collection(id) => write!(f, "collections/{id}"),
            Self::Document(name) => name.fmt(f),
            Self::Quote(name) => name.fmt(f),
            Self::Entity(name) => name.fmt(f),
        }
    }
}

/// A state that forbids an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// The default collection cannot be deleted.
    DefaultCollection,
}

impl fmt::Display for Precondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DefaultCollection => write!(f, "the default collection cannot be deleted"),
        }
    }
}

/// What went wrong inside. For logs and for whoever runs the service, never for its clients.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    /// The source of truth failed.
    #[error("the store failed")]
    Store(#[source] Arc<StoreError>),
    /// The derived index failed.
    #[error("the index failed")]
    Index(#[source] Arc<IndexError>),
    /// A file or folder of the data directory could not be changed.
    #[error("the data directory could not be changed")]
    Files(#[source] Arc<std::io::Error>),
    /// The settings cannot be used.
    #[error("the engine's settings cannot be used")]
    Config(#[source] ConfigError),
    /// A thread could not be started.
    #[error("a thread could not be started")]
    Thread(#[source] Arc<std::io::Error>),
    /// A job panicked; its worker lives on.
    #[error("a job panicked")]
    Panicked,
    /// A worker was gone before it answered.
    #[error("a worker stopped before it answered")]
    Stopped,
    /// The store answered a write with what belongs to another kind of write.
    #[error("the store answered with the outcome of another kind of write")]
    Mismatch,
}

impl Fault {
    /// The fault and its sources on one line, for a log.
    pub fn chain(&self) -> String {
        let mut line = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            line.push_str(": ");
            line.push_str(&cause.to_string());
            source = cause.source();
        }
        line
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<IndexError> for Fault {
    fn from(error: IndexError) -> Self {
        Self::Index(Arc::new(error))
    }
}

impl From<Fault> for EngineError {
    fn from(fault: Fault) -> Self {
        Self::Internal(fault)
    }
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<IndexError> for EngineError {
    /// What a client got wrong in a query is no fault of the index.
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Cursor => Self::InvalidArgument { field: "page.after", reason: Invalid::Cursor },
            IndexError::TooManyTerms { terms, limit } => {
                Self::InvalidArgument { field: "filter.text", reason: Invalid::TooManyTerms { terms, limit } }
            }
            error @ (IndexError::Directory { .. } | IndexError::Engine { .. }) => {
                Self::Internal(error.into())
            }
        }
    }
}
