//! What a client asks: one filter type from wire to index, the orders, and pages.

use super::annotation::{EntityType, QuoteKind, QuoteType};
use super::ids::{CollectionId, DocumentId, DocumentName, EntityId, QuoteName};
use super::span::ByteSpan;
use super::time::TimeRange;

/// A reference to an entity of the collection.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EntityRef {
    /// By id.
    Id(EntityId),
    /// By any of its names, compared without case, accents, titles and possessive 's.
    Name(String),
}

/// What a document must satisfy. Absent parts allow everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DocumentFilter {
    /// Free text: terms, "phrases" and prefix*; all must match.
    pub text: Option<String>,
    /// Any of these outlets.
    pub sources: Vec<String>,
    /// Publication time.
    pub published: TimeRange,
    /// Entities that the document mentions, all of them.
    pub mentions: Vec<EntityRef>,
    /// Any of these speakers has a quote in it.
    pub speakers: Vec<EntityRef>,
    /// Labels that must be present with this value, all of them.
    pub labels: Vec<(String, String)>,
    /// Any of these languages.
    pub languages: Vec<String>,
}

/// What a quote must satisfy. Absent parts allow everything, but kinds: none means statements.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuoteFilter {
    /// Free text within the content: terms, "phrases" and prefix*; all must match.
    pub text: Option<String>,
    /// Any of these speakers.
    pub speakers: Vec<EntityRef>,
    /// Entities that the content mentions, all of them.
    pub mentions: Vec<EntityRef>,
    /// One document.
    pub document: Option<DocumentId>,
    /// Any of these outlets.
    pub sources: Vec<String>,
    /// Publication time of the document.
    pub published: TimeRange,
    /// Any of these types.
    pub types: Vec<QuoteType>,
    /// Any of these kinds; empty means statements.
    pub kinds: Vec<QuoteKind>,
    /// Least confidence of the quote, 0 to 1.
    pub min_confidence: f32,
    /// Labels of the document, all of them.
    pub labels: Vec<(String, String)>,
    /// Any of these languages of the document.
    pub languages: Vec<String>,
}

/// What an entity must satisfy.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntityFilter {
    /// Prefix of a word of any of its names, without case and accents.
    pub name_prefix: Option<String>,
    /// Any of these types.
    pub types: Vec<EntityType>,
}

/// The order of results. Ties fall by resource name, so that pages are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// BM25; without free text, newest first.
    Relevance,
    /// By publication time, newest first; undated last.
    NewestFirst,
    /// By publication time, oldest first; undated last.
    OldestFirst,
}

/// A page of a query: at most `size` results after `after`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Most results, at least 1.
    pub size: usize,
    /// Where the page before ended; opaque to all but the layer that made it.
    pub after: Option<Cursor>,
}

/// The place after one result in the order of one query. Opaque bytes; the transport seals them into page tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub Vec<u8>);

/// One page of hits with the number of all matches. Each hit carries the cursor just after it, so that a page may
/// be cut short by bytes and still go on.
#[derive(Debug, Clone, PartialEq)]
pub struct HitPage<H> {
    /// In the order asked for.
    pub hits: Vec<(H, Cursor)>,
    /// All matches, over all pages.
    pub total: u64,
    /// Whether matches follow the last hit.
    pub more: bool,
}

/// A document that matched.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentHit {
    /// Which.
    pub document: DocumentName,
    /// BM25 score; 0 where the query has no text.
    pub score: f32,
}

/// A quote that matched.
#[derive(Debug, Clone, PartialEq)]
pub struct QuoteHit {
    /// Which.
    pub quote: QuoteName,
    /// BM25 score; 0 where the query has no text.
    pub score: f32,
}

/// An entity that matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityHit {
    /// Which.
    pub collection: CollectionId,
    /// Which.
    pub entity: EntityId,
}

/// A piece of text to show for a hit: the matched words, as byte spans of the document's text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Highlight {
    /// Matched words in text order.
    pub spans: Vec<ByteSpan>,
}
