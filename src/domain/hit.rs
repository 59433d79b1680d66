//! What queries find, each thing with just what an answer shows of it. A hit is complete in itself: whoever has it needs
//! neither the document nor the index any more, and it stays as it was when its view was opened.

use super::annotation::Quote;
use super::document::{DocumentInfo, Seq, StoredDocument};
use super::excerpt::Excerpts;
use super::ids::{DocumentId, DocumentName, EntityId, QuoteId, QuoteName};
use super::query::Cursor;
use super::span::{ByteSpan, OffsetMap};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A quote as it stood in one revision of its document.
#[derive(Debug, Clone, PartialEq)]
pub struct QuoteHit {
    /// Resource name.
    pub name: QuoteName,
    /// The document in short.
    pub document: Summary,
    /// The quote with its evidence; all its spans lie in `excerpts`.
    pub quote: Quote,
    /// The sentence, or the sentences, in which source, cue and content stand; lies in `excerpts`.
    pub sentence: Option<ByteSpan>,
    /// The collection's entity that speaks.
    pub speaker: Option<EntityId>,
    /// The collection's entities that the content mentions, in the order of `quote.about`.
    pub about: Vec<EntityId>,
    /// Words of the contents that matched the query's text, in text order.
    pub highlights: Vec<ByteSpan>,
    /// BM25 score; 0 where the query has no text.
    pub score: f32,
    /// What the score is made of, where that was asked for.
    pub explanation: Vec<ScorePart>,
    /// Matches that are folded into this one.
    pub folded: u64,
    /// The stretches of the document's text that all spans refer to.
    pub excerpts: Excerpts,
}

impl QuoteHit {
    /// A quote of the document's analysis, complete in itself, shown with `sentence`. `map` is that of the document's text. `None`
    /// where the quote's id is none.
    pub fn of(
        document: &StoredDocument,
        map: &OffsetMap<'_>,
        quote: &Quote,
        sentence: Option<ByteSpan>,
    ) -> Option<Self> {
        let StoredDocument { info, text, analysis: _, links } = document;
        let link = |entity: &String| links.get(entity).cloned();
        Some(Self {
            name: QuoteName { document: info.name.clone(), quote: QuoteId::new(quote.id.as_str()).ok()? },
            document: Summary::of(info),
            sentence,
            speaker: quote.speaker.entity.as_ref().and_then(link),
            about: quote.about.iter().filter_map(link).collect(),
            highlights: Vec::new(),
            score: 0.0,
            explanation: Vec::new(),
            folded: 0,
            excerpts: Excerpts::of(text, map, spans(quote).chain(sentence)),
            quote: quote.clone(),
        })
    }
}

/// Every span of a quote.
pub fn spans(quote: &Quote) -> impl Iterator<Item = ByteSpan> + '_ {
    let evidence = quote.speaker.evidence.iter().flat_map(|step| step.spans.iter().copied());
    quote.contents.iter().copied().chain(quote.cue).chain(quote.speaker.mention).chain(evidence)
}

/// A document that matched.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentHit {
    /// Resource name.
    pub name: DocumentName,
    /// The document in short.
    pub document: Summary,
    /// Words of the beginning of the text that matched the query's text, in text order; lie in `excerpts`.
    pub highlights: Vec<ByteSpan>,
    /// BM25 score; 0 where the query has no text.
    pub score: f32,
    /// What the score is made of, where that was asked for.
    pub explanation: Vec<ScorePart>,
    /// Matches that are folded into this one.
    pub folded: u64,
    /// The stretches of the document's text that the highlights refer to.
    pub excerpts: Excerpts,
}

/// What one part of a query adds to the score of a result. All parts together are the score, but for rounding.
#[derive(Debug, Clone, PartialEq)]
pub struct ScorePart {
    /// A word, "phrase", prefix* or fuzzy~ word as it is looked up: folded, words and phrases stemmed.
    pub words: String,
    /// What it adds.
    pub score: f32,
}

/// What a result shows of the document that it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Id of the document.
    pub id: DocumentId,
    /// Headline.
    pub title: Option<String>,
    /// Outlet or feed.
    pub source: Option<String>,
    /// Where it can be read.
    pub url: Option<String>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// The client's own key-value pairs.
    pub labels: BTreeMap<String, String>,
    /// The revision that the result comes from.
    pub revision: u32,
    /// The change that put it there. A deletion after it takes the result away.
    pub seq: Seq,
}

impl Summary {
    /// The summary of a document.
    pub fn of(info: &DocumentInfo) -> Self {
        Self {
            id: info.name.document.clone(),
            title: info.title.clone(),
            source: info.source.clone(),
            url: info.url.clone(),
            published_at: info.published_at,
            labels: info.labels.clone(),
            revision: info.revision,
            seq: info.seq,
        }
    }
}

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

/// Quotes that resemble a claim, those that share most with it first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Alike {
    /// The quotes.
    pub hits: Vec<QuoteHit>,
    /// Whether more of them were near enough than were asked for, or looked at.
    pub bounded: bool,
}
