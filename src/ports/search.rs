//! The index: what queries run on. It derives from the log, follows it from a position that its commits remember, and can be
//! thrown away at any time.

use super::caller::Caller;
use super::error::PortError;
use crate::domain::document::{Seq, StoreId, StoredDocument};
use crate::domain::entity::CollectionEntity;
use crate::domain::facet::{Counts, Facet};
use crate::domain::hit::{Alike, DocumentHit, HitPage, QuoteHit};
use crate::domain::ids::{CollectionId, DocumentName, EntityName};
use crate::domain::outlets::Outlet;
use crate::domain::query::{DocumentQuery, EntityQuery, PageRequest, QuoteQuery, WordingQuery};
use crate::domain::related::{Related, RelatedQuery};
use crate::domain::span::ByteSpan;
use async_trait::async_trait;
use std::fmt::Debug;
use std::sync::Arc;

/// What queries run on.
#[async_trait]
pub trait SearchIndex: Debug + Send + Sync {
    /// Opens the index, or lets go of all that is open and opens it anew after a failure. One that is damaged, of another version, of
    /// another log, ahead of the log or behind its floor is emptied, and one that is wanted anew. Views that are open stay.
    async fn open(&self, log: &Followed) -> Result<Opened, PortError>;

    /// The change up to which the index follows the log; 0 in a new one, and before it is open.
    fn applied(&self) -> Seq;

    /// Does the operations in order, in one commit that reaches `up_to`. A view that is opened later sees them. A failure leaves
    /// none of them done; [`SearchIndex::open`] is the way out of it.
    async fn apply(&self, ops: Vec<IndexOp>, up_to: Seq) -> Result<(), PortError>;

    /// The index as it stands. Cheap: views of one commit are the same view. After a failure the last one still answers.
    async fn open_view(&self) -> Result<Arc<dyn SearchView>, PortError>;

    /// The words of a text in their order, in the form in which the index compares them.
    fn stems(&self, text: &str) -> Vec<String>;

    /// Gets rid of everything that deleted entries have left on the disk. Views that were opened before keep theirs until they are
    /// dropped.
    async fn erase(&self) -> Result<(), PortError>;
}

/// The index as it stood when the view was opened: no write changes what it answers.
#[async_trait]
pub trait SearchView: Debug + Send + Sync {
    /// Tells the view from every other that this process has opened.
    fn id(&self) -> u64;

    /// The change up to which it follows the log.
    fn applied(&self) -> Seq;

    /// The collections that anything in it is of, ascending.
    async fn collections(&self, caller: &Caller) -> Result<Vec<CollectionId>, PortError>;

    /// Quotes that match, in the order asked for.
    async fn quotes(
        &self,
        query: &QuoteQuery,
        page: &PageRequest,
        caller: &Caller,
    ) -> Result<HitPage<QuoteHit>, PortError>;

    /// Quotes that share words and runs of words with a claim, whatever else they say: rare ones weigh more than frequent ones. One
    /// that has four of five words of a claim of five words or more is among them, unless `most` others share more.
    async fn alike(&self, query: &WordingQuery, caller: &Caller) -> Result<Alike, PortError>;

    /// Documents that match, in the order asked for; without highlights, since the index does not hold their texts.
    async fn documents(
        &self,
        query: &DocumentQuery,
        page: &PageRequest,
        caller: &Caller,
    ) -> Result<HitPage<DocumentHit>, PortError>;

    /// How many quotes match, and how they divide.
    async fn count_quotes(
        &self,
        query: &QuoteQuery,
        facets: &[Facet],
        caller: &Caller,
    ) -> Result<Counts, PortError>;

    /// How many documents match, and how they divide.
    async fn count_documents(
        &self,
        query: &DocumentQuery,
        facets: &[Facet],
        caller: &Caller,
    ) -> Result<Counts, PortError>;

    /// The outlets of most matches, at most [`MOST_OUTLETS`](crate::domain::outlets::MOST_OUTLETS), side by side: those of most
    /// matches first, then by name. At most `values` of each list.
    async fn compare_outlets(
        &self,
        query: &QuoteQuery,
        values: usize,
        caller: &Caller,
    ) -> Result<Vec<Outlet>, PortError>;

    /// Entities that are mentioned in the same documents as one.
    async fn related(&self, query: &RelatedQuery, caller: &Caller) -> Result<Related, PortError>;

    /// Entities that match: most documents first, then by id.
    async fn entities(
        &self,
        query: &EntityQuery,
        page: &PageRequest,
        caller: &Caller,
    ) -> Result<HitPage<CollectionEntity>, PortError>;

    /// Which words of each text the query's free text asks for: ascending, disjoint, at most `spans` of a text.
    async fn highlights(
        &self,
        query: &str,
        texts: Vec<String>,
        spans: usize,
        caller: &Caller,
    ) -> Result<Vec<(String, Vec<ByteSpan>)>, PortError>;
}

/// The log that an index follows, as it is when the index is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Followed {
    /// Which log.
    pub store: StoreId,
    /// Its last change.
    pub last: Seq,
    /// See [`super::DocumentLog::floor`].
    pub floor: Seq,
    /// Whether the index is to be emptied, whatever it holds.
    pub anew: bool,
}

/// How an index was found at opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The change up to which it follows the log.
    pub applied: Seq,
    /// In what state it was.
    pub origin: Origin,
}

/// In what state an index was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// There was none, or an empty one.
    Created,
    /// It was whole.
    Opened,
    /// It could not be kept and is empty now; says why.
    Recreated(String),
}

/// One thing to do.
#[derive(Debug, Clone)]
pub enum IndexOp {
    /// Puts the document and its quotes in the place of what the index has of it.
    PutDocument(Box<Entry>),
    /// Removes the document and its quotes.
    DeleteDocument(DocumentName),
    /// Removes the collection's documents, quotes and entities.
    DeleteCollection(CollectionId),
    /// Puts the entity in the place of what the index has of it.
    PutEntity(Box<CollectionEntity>),
    /// Removes the entity.
    DeleteEntity(EntityName),
}

/// A document for the index.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The document.
    pub document: StoredDocument,
    /// For each quote of its analysis the sentence that it is shown with.
    pub sentences: Vec<Option<ByteSpan>>,
}
