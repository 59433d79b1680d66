//! Counting what matches: by whom, by what, by when.

use super::annotation::{QuoteKind, QuoteType, SpeakerKind};
use super::ids::{DocumentName, EntityId, QuoteName};
use super::time::Timestamp;

/// One way of dividing the matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// By what.
    pub by: FacetField,
    /// Most buckets that are given, at least 1.
    pub limit: usize,
    /// How each bucket that is given is divided in turn.
    pub nested: Option<Box<Facet>>,
}

impl Facet {
    /// The most buckets that it can have, those within others included.
    pub fn most_buckets(&self) -> usize {
        self.limit * (1 + self.nested.as_ref().map_or(0, |nested| nested.most_buckets()))
    }

    /// Whether it divides by what says the same.
    pub fn is_by_cluster(&self) -> bool {
        matches!(self.by, FacetField::Cluster | FacetField::Variant)
            || self.nested.as_ref().is_some_and(|nested| nested.is_by_cluster())
    }
}

/// What matches are divided by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FacetField {
    /// The entity that speaks; of a document, each that speaks in it. A bare surname counts as the full name that it is taken for.
    Speaker,
    /// Each entity that is mentioned, in the same way.
    Mention,
    /// The outlet.
    Source,
    /// The language, and its first part: what is en-GB is en too.
    Language,
    /// The value of a label.
    Label(String),
    /// The type of a quote.
    Type,
    /// Statement or thought.
    Kind,
    /// What kind of thing speaks.
    SpeakerKind,
    /// Words of the content that are over-represented: see [`Bucket::score`].
    Words,
    /// What says the same words, or nearly; of documents, which are copies of each other, or nearly.
    Cluster,
    /// What says just the same words.
    Variant,
    /// What the text calls any of these entities: "Kremlin spokesperson". Documents alone.
    Role(Vec<EntityId>),
    /// Publication time, by calendar.
    Published {
        /// How long a bucket is.
        interval: Interval,
        /// IANA name of the time zone whose midnights divide.
        zone: String,
    },
}

/// Stretches of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// From midnight to midnight.
    Day,
    /// From Monday.
    Week,
    /// From the first of the month.
    Month,
    /// From the first of January, April, July, October.
    Quarter,
    /// From the first of January.
    Year,
}

/// What matched, divided in several ways.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    /// All matches.
    pub total: u64,
    /// One for each facet, in their order.
    pub facets: Vec<Counted>,
}

/// The matches divided in one way. What has several values counts for each of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counted {
    /// The largest, by count and then by value (of those that have the count of the last, some: the same every time); of words the most
    /// over-represented; of stretches of time the latest, in their order.
    pub buckets: Vec<Bucket>,
    /// Distinct values, whether given or not.
    pub distinct: u64,
    /// Matches without a value.
    pub missing: u64,
    /// Counts of the values that are not given, added up.
    pub other: u64,
}

impl Counts {
    /// Buckets of all facets, and within each other.
    pub fn buckets(&self) -> usize {
        self.facets.iter().map(Counted::all).sum()
    }
}

impl Counted {
    fn all(&self) -> usize {
        let within = self.buckets.iter().flat_map(|bucket| &bucket.nested).map(Self::all);
        self.buckets.len() + within.sum::<usize>()
    }
}

/// The matches with one value.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// The value.
    pub value: FacetValue,
    /// Matches that have it.
    pub count: u64,
    /// Of a word, how much more frequent it is here than elsewhere: Dunning's log-likelihood ratio (Computational Linguistics 19,
    /// 1993) of the quotes that have it, against those of the collection; within another facet, against the other matches too,
    /// whichever says less. 0 of anything else.
    pub score: f32,
    /// How they are divided in turn.
    pub nested: Option<Counted>,
}

/// A value that matches share. Ordered as buckets of equal count are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FacetValue {
    /// An entity of the collection.
    Entity(EntityId),
    /// An outlet, a language, a label's value, a role.
    Text(String),
    /// See [`FacetField::Type`].
    Type(QuoteType),
    /// See [`FacetField::Kind`].
    Kind(QuoteKind),
    /// See [`FacetField::SpeakerKind`].
    SpeakerKind(SpeakerKind),
    /// From the first instant to the one after it.
    Period(Timestamp, Timestamp),
    /// The first of the quotes that say the same words, by publication time, and its content.
    Quote(QuoteName, String),
    /// The first of the documents that are copies of each other, by publication time, and its title.
    Document(DocumentName, String),
}
