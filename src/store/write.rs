//! The vocabulary of writes: what can be asked of the store and how it answers.

use crate::domain::annotation::{Analysis, AnalyzerStamp};
use crate::domain::document::{Document, IngestOutcome, Seq};
use crate::domain::ids::{CollectionId, DocumentId, DocumentName};
use crate::domain::time::Timestamp;

/// One thing to do. Writes of one batch see those before them.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every write is a put; a box would cost each an allocation"
)]
pub enum Write {
    /// Stores the document with its analysis, unless the same content is current already.
    PutDocument {
        /// As the client sent it.
        document: Document,
        /// What the analyzer found in it.
        analysis: Analysis,
    },
    /// Removes the document with its revisions.
    DeleteDocument(DocumentName),
    /// Creates an empty collection.
    CreateCollection(CollectionId),
    /// Removes the collection with everything in it; invisible at once, purged in steps.
    DeleteCollection(CollectionId),
}

/// What a write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The change that made the present state; where nothing was written, the one that did so before.
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
    /// The document is gone.
    DocumentDeleted,
    /// The collection exists.
    CollectionCreated,
    /// The collection is gone.
    CollectionDeleted,
}

/// Why a write was not done. The other writes of its batch are not affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such collection.
    #[error("the collection does not exist")]
    UnknownCollection,
    /// There is no such document.
    #[error("the document does not exist")]
    UnknownDocument,
    /// The collection is there already.
    #[error("the collection exists already")]
    CollectionExists,
    /// The default collection cannot be deleted.
    #[error("the default collection cannot be deleted")]
    DefaultCollection,
}

/// What is current under a document's name, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// 1 for the first content, one more for each other content since.
    pub revision: u32,
    /// See [`super::content_hash`].
    pub content_hash: [u8; 32],
    /// The change that stored it.
    pub seq: Seq,
    /// Who made its analysis. Another stamp than the present analyzer's marks the document for re-analysis.
    pub analyzer: AnalyzerStamp,
    /// Quotes of the analysis.
    pub quotes: u32,
    /// Entities of the analysis.
    pub entities: u32,
}

/// That a revision was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision {
    /// 1 for the first.
    pub revision: u32,
    /// See [`super::content_hash`].
    pub content_hash: [u8; 32],
    /// When it was stored.
    pub ingested_at: Timestamp,
}

/// A document that mentions an entity, and so a place in the list of those, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityDocument {
    /// Publication time; ingest time where the document has none.
    pub seen: Timestamp,
    /// The document, in the entity's collection.
    pub document: DocumentId,
}

/// The store in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreStats {
    /// The last change.
    pub last_seq: Seq,
    /// Living collections.
    pub collections: u64,
    /// Documents in living collections.
    pub documents: u64,
    /// Deleted collections whose rows are not all purged.
    pub purging: u64,
    /// Size of the database file in bytes; 0 for one in memory.
    pub file_bytes: u64,
}

/// One entry of the change sequence. A follower reads the present state of what the entry names; where that is
/// gone, the entry means a removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Position in the sequence; rising, with gaps where a later change of the same document replaced the entry.
    pub seq: Seq,
    /// What changed.
    pub kind: ChangeKind,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ChangeKind {
    /// Created or revised.
    DocumentPut(DocumentName),
    /// Deleted by itself, not with its collection.
    DocumentDeleted(DocumentName),
    /// Created.
    CollectionCreated(CollectionId),
    /// Deleted with everything in it.
    CollectionDeleted(CollectionId),
}
