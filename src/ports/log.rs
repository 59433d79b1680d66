//! The log: the source of truth. It keeps documents with their analyses, collections, and operations, does writes in groups that
//! are durable when they are answered, and gives every change a place in one sequence that followers read from a position.

use super::caller::Caller;
use super::error::{BackupError, Outage, PortError};
use crate::domain::annotation::{Analysis, AnalyzerStamp};
use crate::domain::backup::Backup;
use crate::domain::document::{
    CollectionInfo, Document, DocumentInfo, IngestOutcome, Seq, StoreId, StoredDocument,
};
use crate::domain::ids::{CollectionId, DocumentId, DocumentName, QuoteName};
use crate::domain::operation::{Operation, OperationId};
use crate::domain::time::Timestamp;
use async_trait::async_trait;
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// Which opening of a log a position was given out by; rises with every opening.
pub type Epoch = u64;

/// The source of truth.
///
/// *Kept* of each document: the current revision whole, the one before it whole, of older ones that they were there. *Idempotent*:
/// a document whose [`super::content_hash`] is current already writes nothing. *Changes*: every write that does something has a
/// position; a document or collection has one entry, at its last change, so that a follower who starts from 0 reads what is there
/// and little more.
#[async_trait]
pub trait DocumentLog: Debug + Send + Sync {
    /// Who the log is; fixed while it is open.
    fn identity(&self) -> LogIdentity;

    /// Whether it works, now and whenever that changes. Must be right within a second.
    fn state(&self) -> watch::Receiver<LogState>;

    /// Whether a position that an earlier opening gave out is one of this log's past. It is not where the log was put back from a
    /// copy that never had it.
    fn remembers(&self, epoch: Epoch, seq: Seq) -> bool;

    /// Does the writes in order and answers when they are durable. A refused write leaves the others alone; a failure leaves none
    /// of them done. `at` is the time of all of them.
    async fn apply(
        &self,
        writes: Arc<[Write]>,
        at: Timestamp,
    ) -> Result<Vec<Result<Applied, Refusal>>, PortError>;

    /// The last change; 0 before the first.
    async fn last_seq(&self) -> Result<Seq, PortError>;

    /// A follower that stands at a position before this one, but not at 0, has missed removals that are forgotten by now, and must
    /// begin anew.
    async fn floor(&self) -> Result<Seq, PortError>;

    /// What changed after `after`, each entry with what it names now: at most `changes` of them, and few enough that their texts
    /// are hardly more than `bytes`.
    async fn follow(&self, after: Seq, changes: usize, bytes: usize) -> Result<Stretch, PortError>;

    /// What is current under the name, without reading text or analysis.
    async fn current(&self, name: &DocumentName) -> Result<Option<Current>, PortError>;

    /// Documents whole, in the order asked for: the current revision, or the one asked for where it is still kept.
    async fn documents(
        &self,
        names: &[(DocumentName, Option<u32>)],
    ) -> Result<Vec<Option<StoredDocument>>, PortError>;

    /// Documents without text and analysis, in the order asked for.
    async fn infos(&self, names: &[DocumentName]) -> Result<Vec<Option<DocumentInfo>>, PortError>;

    /// The documents of a collection by id, ascending, those after `after`. None in an unknown collection.
    async fn list(
        &self,
        collection: &CollectionId,
        after: Option<&DocumentId>,
        limit: usize,
    ) -> Result<Vec<DocumentInfo>, PortError>;

    /// The documents of a collection by id, ascending, those after `after`, as they stood at a moment in the past: at most `looked_at`
    /// living documents are looked at for it. None in an unknown collection.
    async fn standing(
        &self,
        collection: &CollectionId,
        moment: Moment,
        after: Option<&DocumentId>,
        looked_at: usize,
    ) -> Result<Standing, PortError>;

    /// The beginnings of the texts of these revisions, at most about `bytes` of each; `None` for one that is not kept any more.
    async fn beginnings(
        &self,
        of: &[(DocumentName, u32)],
        bytes: usize,
    ) -> Result<Vec<Option<String>>, PortError>;

    /// The last revision that had a quote of this id, where the document lives and the current one has it no more.
    async fn last_revision_with(&self, quote: &QuoteName) -> Result<Option<u32>, PortError>;

    /// The collection with its counts.
    async fn collection(&self, id: &CollectionId) -> Result<Option<CollectionInfo>, PortError>;

    /// Collections by id, ascending, those after `after`; and how many there are in all.
    async fn collections(
        &self,
        after: Option<&CollectionId>,
        limit: usize,
    ) -> Result<(Vec<CollectionInfo>, u64), PortError>;

    /// Who made the analyses of the living documents, and of how many each.
    async fn analyzers(&self) -> Result<Vec<(AnalyzerStamp, u64)>, PortError>;

    /// An operation.
    async fn operation(&self, id: OperationId) -> Result<Option<Operation>, PortError>;

    /// All operations, the latest first.
    async fn operations(&self) -> Result<Vec<Operation>, PortError>;

    /// Forgets a bounded number of rows that nobody needs any more: those of deleted collections, and removals that every follower
    /// has seen, which are those up to `followed`. Whether any are left.
    async fn tidy(&self, followed: Seq) -> Result<bool, PortError>;

    /// Overwrites on the disk whatever was deleted before. Takes as long as it takes; writes may go on meanwhile.
    async fn erase(&self) -> Result<(), PortError>;

    /// Writes all that there is at this moment into a new file, from which the log can be put back. Writes go on meanwhile, and do
    /// not wait; none that is acknowledged later is in it. `copied` hears how many bytes of the log are copied. When this answers,
    /// the contents are on the disk, but the file's name may not be durable; where it fails, or the caller is over, the file is gone
    /// again.
    async fn back_up(
        &self,
        caller: &Caller,
        to: &Path,
        at: Timestamp,
        copied: watch::Sender<Copied>,
    ) -> Result<Backup, BackupError>;
}

/// How far a backup is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copied {
    /// Bytes that are copied.
    pub bytes: u64,
    /// The most that there can be to copy.
    pub most: u64,
}

/// Who a log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogIdentity {
    /// Random, made once with the log.
    pub store: StoreId,
    /// A secret for sealing tokens; random, made once with the log.
    pub secret: [u8; 32],
    /// This opening.
    pub epoch: Epoch,
}

/// Whether a log works.
#[derive(Debug, Clone)]
pub enum LogState {
    /// It reads and writes.
    Ready,
    /// It reads and does not write, or neither; see the kind. It tries to mend itself.
    Out(Outage),
}

/// One thing to do. Writes of one group see those before them.
#[derive(Debug, Clone)]
pub enum Write {
    /// Stores the document, unless the same content is current already.
    Put {
        /// As the client sent it.
        document: Box<Document>,
        /// What the analyzer found in it. `None` keeps the analysis of the current revision, whose [`super::basis_hash`] must be that
        /// of the document.
        analysis: Option<Box<Analysis>>,
        /// The revision that must be current, 0 for none; anything where absent.
        expected: Option<u32>,
    },
    /// Puts another analysis in the place of that of the current revision, which must be `revision`. No new revision.
    Reanalyze {
        /// Which document.
        name: DocumentName,
        /// The revision that was analysed.
        revision: u32,
        /// What the analyzer found in it.
        analysis: Box<Analysis>,
    },
    /// Removes the document with its revisions.
    Delete {
        /// Which document.
        name: DocumentName,
        /// The revision that must be current; any where absent.
        expected: Option<u32>,
    },
    /// Creates an empty collection.
    CreateCollection(CollectionId),
    /// Removes the collection with everything in it; invisible at once, cleared away by [`DocumentLog::tidy`].
    DeleteCollection(CollectionId),
    /// Keeps an operation as it is now. One whose id is 0 is new, and gets the next id.
    SaveOperation(Box<Operation>),
    /// Forgets an operation.
    ForgetOperation(OperationId),
}

/// What a write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The change that made the present state; where nothing was written, the one that did so before. Operations make no change:
    /// the last one then.
    pub seq: Seq,
    /// What happened.
    pub effect: Effect,
}

/// What a write did, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A document was put.
    Put {
        /// Created, revised, or current already.
        outcome: IngestOutcome,
        /// The revision that is current now.
        revision: u32,
        /// Quotes of the current analysis.
        quotes: u32,
        /// Entities of the current analysis.
        entities: u32,
    },
    /// The analysis is renewed.
    Reanalyzed,
    /// The document is gone.
    DocumentDeleted,
    /// The collection exists.
    CollectionCreated,
    /// The collection is gone.
    CollectionDeleted,
    /// The operation is kept, under this id.
    OperationSaved(OperationId),
    /// The operation is forgotten.
    OperationForgotten,
}

/// Why a write was not done. The other writes of its group are not affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such collection.
    #[error("the collection does not exist")]
    UnknownCollection,
    /// There is no such document.
    #[error("the document does not exist")]
    UnknownDocument,
    /// There is no such operation.
    #[error("the operation does not exist")]
    UnknownOperation,
    /// The collection is there already.
    #[error("the collection exists already")]
    CollectionExists,
    /// The default collection cannot be deleted.
    #[error("the default collection cannot be deleted")]
    DefaultCollection,
    /// Another revision is current than the one expected.
    #[error("revision {current} is current")]
    OtherRevision {
        /// The current one; 0 where there is no document.
        current: u32,
    },
    /// There is no analysis that could be kept: it was made of something else.
    #[error("the analysis of the current revision was made of another text")]
    OtherBasis,
    /// What is stored under the name is damaged, and the write needs it.
    #[error("what is stored under the name is damaged")]
    Damaged,
}

/// What is current under a document's name, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// See [`DocumentInfo::revision`].
    pub revision: u32,
    /// See [`super::content_hash`].
    pub content_hash: [u8; 32],
    /// See [`super::basis_hash`].
    pub basis_hash: [u8; 32],
    /// The change that put what is there.
    pub seq: Seq,
    /// Who made its analysis.
    pub analyzer: AnalyzerStamp,
    /// Quotes of the analysis.
    pub quotes: u32,
    /// Entities of the analysis.
    pub entities: u32,
}

/// A moment in the past of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The last change by then.
    pub seq: Seq,
    /// What time it was. Decides only where a document's rows leave it open which of two changes came before `seq`.
    pub at: Timestamp,
}

/// A stretch of a collection as it stood at a moment.
#[derive(Debug, Clone)]
pub struct Standing {
    /// By id, ascending; those that were made since are left out.
    pub documents: Vec<Stood>,
    /// The last document that was looked at; `None` where there are no more.
    pub up_to: Option<DocumentId>,
}

/// What is known of how a living document stood at a moment.
#[derive(Debug, Clone)]
pub enum Stood {
    /// As it stands now.
    Unchanged(Box<DocumentInfo>),
    /// It was this revision, which is kept; another one is current by now, or its analysis was renewed.
    Changed(Box<DocumentInfo>),
    /// It was a revision that is not kept any more.
    Lost(DocumentId),
}

/// A stretch of the sequence of changes.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// In their order; those with equal effect on a follower may be left out but for the last.
    pub changes: Vec<Change>,
    /// The position that a follower has reached with them. Beyond the position asked from, unless nothing has changed.
    pub up_to: Seq,
}

/// One entry of the sequence, with what it names now: reading a stretch twice, or after later changes, does no harm.
#[derive(Debug, Clone)]
pub enum Change {
    /// The document is there, like this.
    Put(Box<StoredDocument>),
    /// The document is not there.
    Gone(DocumentName),
    /// The collection of this id was deleted at this point. What comes later may belong to a new one of that id.
    CollectionGone(CollectionId),
}
