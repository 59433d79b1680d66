//! Every way in which the engine can fail, as one closed set. Callers match it exhaustively; no variant carries a
//! text that somebody would have to parse, and none knows a status code. What a client may read is in the variant;
//! what only the log may read is behind [`EngineError::Internal`] as the error's source.

use super::config::ConfigError;
use super::imports::Flaw;
use crate::access::OverQuota;
use crate::domain::backup::BackupName;
use crate::domain::document::{IngestReceipt, Seq};
use crate::domain::ids::{CollectionId, DocumentName, EntityName, QuoteName};
use crate::domain::operation::OperationId;
use crate::html::NoArticle;
use crate::ports::{Outage, Over, PortError, QueryFault, Refusal};
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
    /// The quote was there, and the current revision of its document has it no more.
    #[error("{quote} is gone; revision {revision} of its document had it last")]
    QuoteGone {
        /// Which quote.
        quote: QuoteName,
        /// The last revision that had it.
        revision: u32,
    },
    /// The revision is not kept: it never was, or others have taken its place.
    #[error("revision {revision} of {document} is not kept")]
    RevisionNotKept {
        /// Which document.
        document: DocumentName,
        /// Which revision.
        revision: u32,
    },
    /// There is such a thing already.
    #[error("{0} exists already")]
    AlreadyExists(Resource),
    /// The caller may not do this, though it may know what it would be done to.
    #[error("{0}")]
    Denied(&'static str),
    /// The caller has used as much as it may.
    #[error("{0}")]
    OverQuota(OverQuota),
    /// The state of the service forbids the operation.
    #[error("{0}")]
    FailedPrecondition(Precondition),
    /// Another revision is current than the one that the caller expected.
    #[error("{document}: revision {current} is current")]
    OtherRevision {
        /// Which document.
        document: DocumentName,
        /// The current revision; 0 where there is none.
        current: u32,
    },
    /// The pages that the cursor belongs to cannot be gone on with: begin again.
    #[error("the view that these pages were made from is not kept any more; begin again with the first page")]
    ViewExpired,
    /// No room now.
    #[error("too much work in flight; try again in {} ms", retry_after.as_millis())]
    Overloaded {
        /// When a retry is likely to find room.
        retry_after: Duration,
    },
    /// The index is too far behind for more writes.
    #[error("the index is {changes} changes behind; try again in {} ms", retry_after.as_millis())]
    IndexLagging {
        /// Changes that it lacks, at most.
        changes: u64,
        /// When it may have caught up.
        retry_after: Duration,
    },
    /// A backup is being made, and there is one at a time.
    #[error("a backup is under way; try again in {} s", retry_after.as_secs())]
    BackupUnderWay {
        /// When to ask again.
        retry_after: Duration,
    },
    /// A backup cannot be written where it was to lie. Nothing is left of it.
    #[error("the backup cannot be written: {0}")]
    BackupPlace(Outage),
    /// The store cannot do this now, and is being mended. Nothing was done.
    #[error("the store cannot be written: {0}")]
    Unavailable(Outage),
    /// The document is longer than the service takes. Documents are analysed whole or refused, never cut.
    #[error("the document has {bytes} bytes; at most {limit} are taken")]
    TooLarge {
        /// Its length in UTF-8 bytes.
        bytes: u64,
        /// The most that is taken.
        limit: u64,
    },
    /// A page holds nothing to be stored.
    #[error("{0}")]
    NoArticle(NoArticle),
    /// What came with a document can be no analysis of it.
    #[error("the analysis is none of this document: {}", flaw(_0))]
    NoAnalysis(Arc<[Flaw]>),
    /// The write is durable, and did not become visible to queries in the time that there was.
    #[error("the write is durable, but queries did not see it in time")]
    NotYetVisible(Box<IngestReceipt>),
    /// The change is durable, and did not become visible to queries in the time that there was.
    #[error("the change is durable, but queries did not see it in time")]
    ChangeNotYetVisible(Seq),
    /// The wait for a write to become visible took longer than allowed.
    #[error("the index did not reach the wanted write in time")]
    DeadlineExceeded,
    /// Nobody waits for the answer any more.
    #[error("the caller waits no more")]
    Over(Over),
    /// The service is shutting down and takes no more work.
    #[error("the service is shutting down")]
    Draining,
    /// A fault of the service or of the machine; the source tells the log more.
    #[error("internal error")]
    Internal(#[source] Fault),
}

/// The first of what is wrong with an analysis.
fn flaw(flaws: &[Flaw]) -> String {
    flaws.first().map(|flaw| format!("{}: {}", flaw.field, flaw.rule)).unwrap_or_default()
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
    /// It stands for more collections than are looked in at once.
    TooManyCollections {
        /// Most collections.
        limit: usize,
    },
    /// It must be at least this.
    BelowMinimum(u64),
    /// It is no number between 0 and 1.
    OutsideUnitInterval,
    /// A consistency position that this store never gave out, or that it has lost since.
    UnknownSequence,
    /// It names no time zone.
    TimeZone,
    /// It names no field that can be changed.
    NoField,
    /// It says nothing about which documents are meant.
    Everything,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "must not be empty"),
            Self::Cursor => write!(f, "is not the end of a page of this query"),
            Self::TooManyTerms { terms, limit } => {
                write!(f, "has {terms} terms; at most {limit} are allowed")
            }
            Self::TooManyCollections { limit } => {
                write!(f, "stands for more than {limit} collections, the most that are searched together")
            }
            Self::BelowMinimum(least) => write!(f, "must be at least {least}"),
            Self::OutsideUnitInterval => write!(f, "must lie between 0 and 1"),
            Self::UnknownSequence => write!(f, "names a write that this store has not seen"),
            Self::TimeZone => write!(f, "must be an IANA time zone, \"Europe/Berlin\" for one"),
            Self::NoField => write!(f, "must name at least one field"),
            Self::Everything => {
                write!(
                    f,
                    "must say which documents: by a filter or by age; to delete all, delete the collection"
                )
            }
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
    /// A long-running operation.
    Operation(OperationId),
    /// A backup on the service's side.
    Backup(BackupName),
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Collection(id) => write!(f, "collections/{id}"),
            Self::Document(name) => name.fmt(f),
            Self::Quote(name) => name.fmt(f),
            Self::Entity(name) => name.fmt(f),
            Self::Operation(id) => id.fmt(f),
            Self::Backup(name) => write!(f, "backups/{name}"),
        }
    }
}

/// A state that forbids an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// The default collection cannot be deleted.
    DefaultCollection,
    /// An operation that goes on cannot be forgotten.
    OperationGoesOn,
    /// The documents name as many analyzers as they may.
    TooManyAnalyzers,
    /// No folder for backups is configured.
    NoBackupFolder,
    /// A new index would not fit onto the disk.
    NoRoomForIndex,
    /// The index cannot be written.
    IndexFails,
}

impl fmt::Display for Precondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DefaultCollection => write!(f, "the default collection cannot be deleted"),
            Self::TooManyAnalyzers => {
                write!(
                    f,
                    "analyses of too many different analyzers are stored; renew them with one that is here"
                )
            }
            Self::NoBackupFolder => {
                write!(f, "no folder for backups is configured: set backup.dir, or have the backup sent")
            }
            Self::NoRoomForIndex => {
                write!(f, "too little room is left on the disk for a new index; the present one stays")
            }
            Self::IndexFails => {
                write!(
                    f,
                    "the index cannot be written, the service's log says why; it is tried again until it can"
                )
            }
            Self::OperationGoesOn => write!(f, "the operation goes on; cancel it first"),
        }
    }
}

/// What went wrong inside. For logs and for whoever runs the service, never for its clients.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    /// Log or index failed.
    #[error(transparent)]
    Port(PortError),
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
    /// The log refused a write for a reason that the engine should have ruled out.
    #[error("the log refused a write: {0}")]
    Refused(Refusal),
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

impl From<PortError> for Fault {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

impl From<Fault> for EngineError {
    fn from(fault: Fault) -> Self {
        Self::Internal(fault)
    }
}

impl From<OverQuota> for EngineError {
    fn from(over: OverQuota) -> Self {
        Self::OverQuota(over)
    }
}

impl From<Over> for EngineError {
    fn from(over: Over) -> Self {
        Self::Over(over)
    }
}

impl From<PortError> for EngineError {
    /// What a client got wrong in a query is no fault of the index, and an outage is no fault that a client should report.
    fn from(error: PortError) -> Self {
        match error {
            PortError::Unavailable(outage) => Self::Unavailable(outage),
            PortError::Over(over) => Self::Over(over),
            PortError::Query(QueryFault::Cursor) => {
                Self::InvalidArgument { field: "page.after", reason: Invalid::Cursor }
            }
            PortError::Query(QueryFault::TooManyTerms { terms, limit }) => {
                Self::InvalidArgument { field: "filter.text", reason: Invalid::TooManyTerms { terms, limit } }
            }
            PortError::Query(QueryFault::TimeZone) => {
                Self::InvalidArgument { field: "facets.time_zone", reason: Invalid::TimeZone }
            }
            error @ PortError::Fault { .. } => Self::Internal(error.into()),
        }
    }
}
