//! What goes into the engine and what comes out: plain values over the vocabulary. Nothing here knows the wire.

use super::admission::Permit;
use super::pages::PageFacts;
use super::suggest::UnknownName;
use crate::analysis::Options;
use crate::domain::annotation::{Analysis, AnalyzerName, Mention, QuoteKind};
use crate::domain::document::{DocumentInfo, Seq, StoredDocument};
use crate::domain::facet::Facet;
use crate::domain::hit::{HitPage, Summary};
use crate::domain::ids::{CollectionId, DocumentId, DocumentName};
use crate::domain::query::{DocumentFilter, Fold, Order, PageRequest, QuoteFilter};
use crate::domain::span::ByteSpan;
use crate::domain::time::Timestamp;
use crate::domain::verdict::{Claim, Verification};
use crate::ports::Epoch;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A text to analyse without storing anything.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalyzeRequest {
    /// The text; not empty.
    pub text: String,
    /// What the text is.
    pub form: Form,
    /// Against which dates in the text are normalised.
    pub published_at: Option<Timestamp>,
    /// BCP-47 tag, where the client knows it.
    pub language: Option<String>,
    /// Which analyzer; the one in use where absent.
    pub analyzer: Option<AnalyzerName>,
    /// Thresholds and the like.
    pub options: Options,
}

/// A text that was analysed.
#[derive(Debug)]
pub struct Analyzed {
    /// The text, handed back, or that of the article in the page: spans refer to it.
    pub text: String,
    /// What the page says of its article, where the text was one.
    pub page: Option<PageFacts>,
    /// What was found in it.
    pub analysis: Analysis,
    /// The room that the text takes, for as long as it is needed.
    pub permit: Permit,
}

/// What a message needs room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A question, or a write without a text: it needs little, and gets that whatever else goes on.
    Question,
    /// A text, and what becomes of it.
    Text,
    /// A document that is going to be stored, and found: of many, none goes in while the index is too far behind.
    Document,
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
    /// On what terms it is stored.
    pub terms: Terms,
    /// What the text is.
    pub form: Form,
}

/// What a client sends as a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// The text itself.
    #[default]
    Plain,
    /// A web page that holds it, in HTML.
    Page,
}

/// On what terms a document is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terms {
    /// The revision that must be current, 0 for none; any where absent.
    pub expected: Option<u32>,
    /// Which analyzer makes a new analysis; the one in use where absent.
    pub analyzer: Option<AnalyzerName>,
    /// Whether an analysis that is there stays where nothing that it depends on changes and no analyzer is named, whoever made it:
    /// otherwise only that of an analyzer of this service.
    pub keeps_any: bool,
}

/// A change of some fields of a document. What is absent stays as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Amendment {
    /// Which document.
    pub name: DocumentName,
    /// A new text; not empty.
    pub text: Option<String>,
    /// A new headline, or none.
    pub title: Option<Option<String>>,
    /// A new publication time, or none.
    pub published_at: Option<Option<Timestamp>>,
    /// A new outlet, or none.
    pub source: Option<Option<String>>,
    /// A new address, or none.
    pub url: Option<Option<String>>,
    /// A new language, or none.
    pub language: Option<Option<String>>,
    /// What becomes of the labels.
    pub labels: LabelChange,
    /// On what terms it is stored.
    pub terms: Terms,
}

/// What becomes of a document's labels.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LabelChange {
    /// These take the place of all; `None` keeps them.
    pub all: Option<BTreeMap<String, String>>,
    /// After that, single labels are set, or removed where there is no value.
    pub single: BTreeMap<String, Option<String>>,
}

impl Amendment {
    /// A change of nothing.
    pub fn of(name: DocumentName) -> Self {
        Self {
            name,
            text: None,
            title: None,
            published_at: None,
            source: None,
            url: None,
            language: None,
            labels: LabelChange::default(),
            terms: Terms::default(),
        }
    }
}

/// A query for quotes.
#[derive(Debug, Clone, PartialEq)]
pub struct QuoteSearch {
    /// Where.
    pub collection: CollectionId,
    /// Which.
    pub filter: QuoteFilter,
    /// What comes first.
    pub order: Order,
    /// What stands for others.
    pub fold: Fold,
    /// Whether each result says what its score is made of.
    pub explain: bool,
    /// How many, and after what.
    pub page: PageRequest,
    /// The write that the first page must see.
    pub at_least: Option<Position>,
}

/// A claim to verify.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifyRequest {
    /// Where.
    pub collection: CollectionId,
    /// Who is said to have said what, and when.
    pub claim: Claim,
    /// Any of these kinds of quote; empty means statements.
    pub kinds: Vec<QuoteKind>,
    /// Most quotes to show, at least 1; the parts of a stitched claim are shown all.
    pub most: usize,
    /// The write that the answer must see.
    pub at_least: Option<Position>,
}

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The verdict, with what it rests on.
    pub verification: Verification,
    /// How far the answer follows the log.
    pub freshness: Freshness,
}

/// A query for documents.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentSearch {
    /// Where.
    pub collection: CollectionId,
    /// Which.
    pub filter: DocumentFilter,
    /// What comes first.
    pub order: Order,
    /// What stands for others.
    pub fold: Fold,
    /// Whether each result says what its score is made of.
    pub explain: bool,
    /// How many, and after what.
    pub page: PageRequest,
    /// The write that the first page must see.
    pub at_least: Option<Position>,
}

/// A question how many match, and how they divide.
#[derive(Debug, Clone, PartialEq)]
pub struct Counting<F> {
    /// Where.
    pub collection: CollectionId,
    /// Which.
    pub filter: F,
    /// How they are divided.
    pub facets: Vec<Facet>,
    /// The write that the answer must see.
    pub at_least: Option<Position>,
}

/// A place in the sequence of changes, and which opening of the log gave it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// See [`Epoch`].
    pub epoch: Epoch,
    /// The change.
    pub seq: Seq,
}

/// A page of what a query finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<H> {
    /// The hits, and what matched in all when the first page was made.
    pub page: HitPage<H>,
    /// Hits that were left out, since they were deleted after the first page was made.
    pub gone: Gaps,
    /// Where nothing was found: names of the filter that nobody has.
    pub unknown: Vec<UnknownName>,
    /// How far the answer follows the log.
    pub freshness: Freshness,
}

/// Where in a page hits were left out, so that whoever sends only the beginning of the page counts each of them once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gaps {
    /// How many before each hit that is there.
    pub(super) before: Vec<u32>,
    /// How many after the last one.
    pub(super) after: u32,
}

impl Gaps {
    /// How many were left out of a page that ends after `sent` hits, where it is the `last`; otherwise those after its last hit belong
    /// to the next one.
    pub fn of(&self, sent: usize, last: bool) -> u32 {
        self.before.iter().take(sent).sum::<u32>() + if last { self.after } else { 0 }
    }
}

/// How far an answer follows the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Freshness {
    /// Changes that it does not see, at most.
    pub behind: u64,
    /// Whether the index is being filled after a start.
    pub recovering: bool,
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

/// A document to show, as whole as was asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// Without text and analysis.
    Info(Box<DocumentInfo>),
    /// With both.
    Whole(Arc<StoredDocument>),
}

impl Shown {
    /// All but text and analysis.
    pub fn info(&self) -> &DocumentInfo {
        match self {
            Self::Info(info) => info,
            Self::Whole(document) => &document.info,
        }
    }

    /// The document in short.
    pub fn summary(&self) -> Summary {
        Summary::of(self.info())
    }
}
