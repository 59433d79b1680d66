//! What a client sends and what the service keeps of it.

use super::annotation::{Analysis, AnalyzerStamp};
use super::ids::{CollectionId, DocumentId, DocumentName, EntityId};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most bytes of a title or an address.
pub const MAX_LINE_BYTES: usize = 8192;
/// Most bytes of an outlet, of a label's key or value: they are terms of the index, which takes no long ones.
pub const MAX_TERM_BYTES: usize = 1024;
/// Longest BCP-47 tag that the registry's rules can make, generously.
const MAX_LANGUAGE_BYTES: usize = 64;

/// Whether a language has the shape of a BCP-47 tag. Its subtags are not looked up.
pub fn is_language_tag(tag: &str) -> bool {
    let subtag =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    tag.len() <= MAX_LANGUAGE_BYTES && tag.split('-').all(subtag)
}

/// Position in the store's sequence of changes; 0 is before the first change.
pub type Seq = u64;

/// Which store a sequence number or an index belongs to; random, made once with the store.
pub type StoreId = [u8; 16];

/// A document as the client sent it. `text` is neither empty nor changed in any way: offsets refer to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Collection and id.
    pub name: DocumentName,
    /// The text that all offsets refer to.
    pub text: String,
    /// Headline, where the client knows it apart from the text.
    pub title: Option<String>,
    /// When the document was published; dates in the text are normalised against it.
    pub published_at: Option<Timestamp>,
    /// Outlet or feed.
    pub source: Option<String>,
    /// Where the document can be read.
    pub url: Option<String>,
    /// BCP-47 tag, where the client knows it; otherwise detected by the analysis.
    pub language: Option<String>,
    /// The client's own key-value pairs.
    pub labels: BTreeMap<String, String>,
    /// Where the rest was read from a web page: digest of all that the client sent, the page included.
    pub page: Option<[u8; 32]>,
}

/// Everything about the current revision of a document but its text and its analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentInfo {
    /// Collection and id.
    pub name: DocumentName,
    /// As in [`Document`].
    pub title: Option<String>,
    /// As in [`Document`].
    pub published_at: Option<Timestamp>,
    /// As in [`Document`].
    pub source: Option<String>,
    /// As in [`Document`].
    pub url: Option<String>,
    /// As in [`Document`].
    pub language: Option<String>,
    /// As in [`Document`].
    pub labels: BTreeMap<String, String>,
    /// 1 for the first content under this id, one more for each other content since.
    pub revision: u32,
    /// BLAKE3 of everything the client sent (see `ports::content_hash`).
    pub content_hash: [u8; 32],
    /// When the first revision was stored.
    pub created_at: Timestamp,
    /// When this revision was stored.
    pub updated_at: Timestamp,
    /// The change that put what is there: this revision, or a renewed analysis of it.
    pub seq: Seq,
    /// Who made the analysis.
    pub analyzer: AnalyzerStamp,
    /// Detected language; see [`Analysis::language`].
    pub detected_language: String,
    /// Quotes of the analysis, of every kind.
    pub quotes: u32,
    /// Entities of the analysis.
    pub entities: u32,
}

/// A document with everything that is kept of one of its revisions.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDocument {
    /// All but text and analysis.
    pub info: DocumentInfo,
    /// The text that all offsets refer to.
    pub text: String,
    /// What the analyzer found.
    pub analysis: Analysis,
    /// The collection's entity for each of the analysis' entities, by the id in the analysis. Entities without
    /// identity across documents (dates, amounts, those that are never named) have none. Empty for a revision that is
    /// not the current one: its entities are counted no more.
    pub links: BTreeMap<String, EntityId>,
}

/// A collection with its counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionInfo {
    /// Which collection.
    pub id: CollectionId,
    /// When it was created.
    pub created_at: Timestamp,
    /// Documents in it.
    pub documents: u64,
    /// Quotes in its documents, of every kind.
    pub quotes: u64,
    /// Distinct entities of its documents.
    pub entities: u64,
}

/// How far a write must have got before it is acknowledged. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AckLevel {
    /// Taken into the bounded queue; lost if the process dies.
    Accepted,
    /// In the store, synced to disk.
    Durable,
    /// Visible to every query that starts later.
    Searchable,
}

/// What an ingest did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IngestOutcome {
    /// A new document.
    Created,
    /// Another content under a known id: a new revision.
    Revised,
    /// The same content as stored: nothing was written.
    AlreadyCurrent,
    /// Queued; what it does is not yet known (`AckLevel::Accepted` only).
    Queued,
}

/// The answer to a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestReceipt {
    /// Which document.
    pub collection: CollectionId,
    /// Chosen by the client, or derived from the content hash.
    pub document: DocumentId,
    /// What happened.
    pub outcome: IngestOutcome,
    /// The level that was reached; never below the level asked for.
    pub level: AckLevel,
    /// Revision that is current now; 0 while queued.
    pub revision: u32,
    /// The change to wait for in order to read this write; 0 while queued.
    pub seq: Seq,
    /// Quotes found.
    pub quotes: u32,
    /// Entities found.
    pub entities: u32,
}
