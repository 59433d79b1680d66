//! What goes into the engine and what comes out: plain values over the vocabulary. Nothing here knows the wire.

use super::admission::Permit;
use crate::analysis::Options;
use crate::domain::annotation::{Analysis, Mention, Quote};
use crate::domain::document::StoredDocument;
use crate::domain::ids::{CollectionId, DocumentId, EntityId, QuoteName};
use crate::domain::span::ByteSpan;
use crate::domain::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How a call shares the machine with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// A question, or a write without a text: it needs little, and gets that whatever else goes on.
    Query,
    /// Somebody waits for this one answer: it overtakes bulk work, and is refused at once when there is no room.
    Interactive,
    /// One of many: it takes the room that is left, and waits for it in line.
    Bulk,
}

/// A text to analyse without storing anything.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalyzeRequest {
    /// The text; not empty.
    pub text: String,
    /// Against which dates in the text are normalised.
    pub published_at: Option<Timestamp>,
    /// BCP-47 tag, where the client knows it.
    pub language: Option<String>,
    /// Thresholds and the like.
    pub options: Options,
}

/// A text that was analysed.
#[derive(Debug)]
pub struct Analyzed {
    /// The text, handed back: spans refer to it.
    pub text: String,
    /// What was found in it.
    pub analysis: Analysis,
    /// The room that the text takes, for as long as it is needed.
    pub permit: Permit,
}

/// A document on its way in.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The collection, which must exist.
    pub collection: CollectionId,
    /// Chosen by the client; derived from the content where absent.
    pub id: Option<DocumentId>,
    /// The text that all offsets refer to; not empty.
    pub text: String,
    /// Headline.
    pub title: Option<String>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// Outlet or feed.
    pub source: Option<String>,
    /// Where it can be read.
    pub url: Option<String>,
    /// BCP-47 tag.
    pub language: Option<String>,
    /// The client's own key-value pairs.
    pub labels: BTreeMap<String, String>,
}

/// A quote with the document around it.
#[derive(Debug, Clone, PartialEq)]
pub struct QuoteResult {
    /// Resource name.
    pub name: QuoteName,
    /// The quote; its spans refer to `document.document.text`.
    pub quote: Quote,
    /// The document in the revision that holds the quote.
    pub document: Arc<StoredDocument>,
    /// The collection's entity that speaks.
    pub speaker: Option<EntityId>,
    /// The collection's entities that the content mentions, in the order of `quote.about`.
    pub about: Vec<EntityId>,
    /// Words of the contents that matched the query's text, in text order.
    pub highlights: Vec<ByteSpan>,
    /// BM25 score; 0 where the query has no text.
    pub score: f32,
}

/// A document that matched.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentResult {
    /// The document.
    pub document: Arc<StoredDocument>,
    /// Words of the text that matched the query's text, in text order.
    pub highlights: Vec<ByteSpan>,
    /// BM25 score; 0 where the query has no text.
    pub score: f32,
}

/// One mention of an entity of the collection.
#[derive(Debug, Clone, PartialEq)]
pub struct MentionResult {
    /// The document; the spans refer to its text.
    pub document: Arc<StoredDocument>,
    /// Id of the document's own entity that the mention belongs to.
    pub entity: String,
    /// The mention.
    pub mention: Mention,
    /// The sentence around it.
    pub sentence: ByteSpan,
}
