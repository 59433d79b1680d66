//! What a client asks: one filter type from wire to index, the orders, and pages.

use super::annotation::{EntityType, QuoteKind, QuoteType};
use super::document::Seq;
use super::filter::{Expression, ResolvedExpression, TextField};
use super::ids::{CollectionId, DocumentId, EntityId};
use super::time::TimeRange;
use serde::{Deserialize, Serialize};

/// Where to look: one collection, or several at once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Within(Vec<CollectionId>);

impl Within {
    /// These collections, in whichever order; in none there is nothing to find.
    pub fn several(collections: impl IntoIterator<Item = CollectionId>) -> Self {
        let mut all: Vec<CollectionId> = collections.into_iter().collect();
        all.sort_unstable();
        all.dedup();
        Self(all)
    }

    /// All of them, ascending.
    pub fn all(&self) -> &[CollectionId] {
        &self.0
    }

    /// The collection, where it is one.
    pub fn one(&self) -> Option<&CollectionId> {
        match self.0.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }
}

impl From<CollectionId> for Within {
    fn from(one: CollectionId) -> Self {
        Self(vec![one])
    }
}

/// A reference to an entity of the collection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EntityRef {
    /// By id.
    Id(EntityId),
    /// By any of its names, compared without case, accents, titles and possessive 's.
    Name(String),
}

/// What a document must satisfy. Absent parts allow everything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    /// Any of these documents; empty allows all.
    pub documents: Vec<DocumentId>,
    /// What else must hold. Rows hold it beside the filter.
    #[serde(skip)]
    pub expression: Option<Expression>,
}

/// What a quote must satisfy. Absent parts allow everything, but kinds: none means statements.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuoteFilter {
    /// Free text: terms, "phrases" and prefix*; all must match.
    pub text: Option<String>,
    /// Where the free text is looked for.
    pub text_field: TextField,
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
    /// What else must hold.
    pub expression: Option<Expression>,
}

/// The entities that a filter names, as a client gives them.
#[derive(Debug, Clone, Copy, Default)]
pub struct References<'f> {
    /// Who speaks.
    pub speakers: &'f [EntityRef],
    /// Whom or what it mentions.
    pub mentions: &'f [EntityRef],
    /// Both, within conditions joined by AND, OR and NOT.
    pub expression: Option<&'f Expression>,
}

impl<'f> References<'f> {
    /// All of them: speakers, mentions, those of the expression.
    pub fn all(self) -> impl Iterator<Item = &'f EntityRef> {
        let further = self.expression.into_iter().flat_map(Expression::entities);
        self.speakers.iter().chain(self.mentions).chain(further)
    }
}

impl DocumentFilter {
    /// The entities that it names.
    pub fn references(&self) -> References<'_> {
        let Self { speakers, mentions, expression, .. } = self;
        References { speakers, mentions, expression: expression.as_ref() }
    }
}

impl QuoteFilter {
    /// The entities that it names.
    pub fn references(&self) -> References<'_> {
        let Self { speakers, mentions, expression, .. } = self;
        References { speakers, mentions, expression: expression.as_ref() }
    }
}

/// What an entity must satisfy.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntityFilter {
    /// Prefix of a word of any of its names, without case and accents.
    pub name_prefix: Option<String>,
    /// Whether letters of the prefix may be wrong: one of four and more, two of eight and more.
    pub forgiving: bool,
    /// Any of these types.
    pub types: Vec<EntityType>,
}

/// The order of results. Ties fall by the age of the documents' present revisions, the eldest first, and within a document by
/// the order of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// BM25; without free text, newest first.
    Relevance,
    /// BM25, where what is older by a half-life counts half; undated documents are as old as can be. Without free text, newest first.
    Recent {
        /// In seconds, at least 1.
        half_life: u64,
    },
    /// By publication time, newest first; undated last.
    NewestFirst,
    /// By publication time, oldest first; undated last.
    OldestFirst,
    /// By the change that put the document there, and no changes after `up_to`. The one order whose cursors go on in any later view of the
    /// same index: what a document's change has is not given to another.
    Stored {
        /// The last change that counts.
        up_to: Seq,
    },
}

/// What of the results that say the same is shown: the first of them in the order asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Fold {
    /// Everything.
    #[default]
    Nothing,
    /// One quote of each cluster. Quotes alone.
    Quotes,
    /// One document of those that are copies of each other; of quotes, those of one such document.
    Documents,
}

/// A page of a query: at most `size` results after `after`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Most results, at least 1.
    pub size: usize,
    /// Bytes of results at which the page is closed; a first result may exceed it alone.
    pub bytes: usize,
    /// Where the page before ended; opaque to all but the layer that made it.
    pub after: Option<Cursor>,
}

/// The place after one result in the order of one query. Opaque bytes; the transport seals them into page tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub Vec<u8>);

/// The entity references of a filter, resolved: one group of ids for each reference, in its order. A group may be
/// empty (nothing has that name) and then matches nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resolved {
    /// Any of any group.
    pub speakers: Vec<Vec<EntityId>>,
    /// Any of each group.
    pub mentions: Vec<Vec<EntityId>>,
    /// The filter's expression.
    pub expression: Option<ResolvedExpression>,
}

impl Resolved {
    /// What each of [`References::all`] stands for, in that order.
    pub fn all(&self) -> impl Iterator<Item = &Vec<EntityId>> {
        let further = self.expression.iter().flat_map(Expression::entities);
        self.speakers.iter().chain(&self.mentions).chain(further)
    }
}

/// A whole question for quotes.
#[derive(Debug, Clone, PartialEq)]
pub struct QuoteQuery {
    /// Where to look.
    pub within: Within,
    /// What to look for.
    pub filter: QuoteFilter,
    /// The filter's entities.
    pub entities: Resolved,
    /// What comes first.
    pub order: Order,
    /// What stands for others.
    pub fold: Fold,
    /// Whether each result says what its score is made of.
    pub explain: bool,
}

/// A whole question for documents.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentQuery {
    /// Where to look.
    pub within: Within,
    /// What to look for.
    pub filter: DocumentFilter,
    /// The filter's entities.
    pub entities: Resolved,
    /// What comes first.
    pub order: Order,
    /// What stands for others.
    pub fold: Fold,
    /// Whether each result says what its score is made of.
    pub explain: bool,
}

/// A whole question for entities; those of most documents come first.
#[derive(Debug, Clone, PartialEq)]
pub struct EntityQuery {
    /// Where to look.
    pub within: Within,
    /// What to look for.
    pub filter: EntityFilter,
}

/// A question for quotes that have words of a claim, whatever else they say.
#[derive(Debug, Clone, PartialEq)]
pub struct WordingQuery {
    /// Where to look.
    pub within: Within,
    /// The claim's words in order, as `wording` folds them.
    pub words: Vec<String>,
    /// Any of these speakers; all where there are none.
    pub speakers: Vec<EntityId>,
    /// Publication time of the document.
    pub published: TimeRange,
    /// Any of these kinds; empty means statements.
    pub kinds: Vec<QuoteKind>,
    /// Most quotes to find, at least 1.
    pub most: usize,
}
