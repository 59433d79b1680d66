//! Where writes are admitted, analysed, made durable and indexed, and where queries are answered. The engine alone
//! knows both the store and the index, and that the index lags; it knows neither wire nor database types. Start at
//! [`Engine`], which lists the operations.

mod api;
mod config;
mod error;
mod readiness;

pub use api::{AnalyzeRequest, DocumentResult, Draft, Lane, MentionResult, QuoteResult};
pub use config::{ConfigError, EngineConfig};
pub use error::{EngineError, Fault, Invalid, Precondition, Resource};
pub use readiness::Readiness;

use crate::analysis::Analyzer;
use crate::domain::annotation::{Analysis, AnalyzerStamp};
use crate::domain::document::{AckLevel, CollectionInfo, IngestReceipt, Seq, StoredDocument};
use crate::domain::entity::CollectionEntity;
use crate::domain::ids::{CollectionId, DocumentName, EntityName, QuoteName};
use crate::domain::query::{DocumentFilter, EntityFilter, HitPage, Order, PageRequest, QuoteFilter};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The service without its wire. Cheap to clone; dropping the last clone closes store and index.
///
/// A call whose future is dropped tears nothing: a write is done whole or not at all. Blocking work runs on the
/// engine's own threads and on the runtime's blocking pool, never on an async worker.
#[derive(Debug, Clone)]
pub struct Engine {
    readiness: watch::Receiver<Readiness>,
    analyzer: Arc<Analyzer>,
}

#[expect(unused_variables, reason = "signatures first; the bodies follow")]
impl Engine {
    /// Opens store and index under `config.data_dir` and starts the engine's threads. Returns as soon as both are
    /// open; the index catches up in the background, which [`Engine::readiness`] shows.
    pub fn open(config: EngineConfig, analyzer: Arc<Analyzer>) -> Result<Self, EngineError> {
        Err(EngineError::NotReady)
    }

    /// The engine's state, now and whenever it changes.
    pub fn readiness(&self) -> watch::Receiver<Readiness> {
        self.readiness.clone()
    }

    /// A secret of this store, made once with it: seals page tokens.
    pub fn token_secret(&self) -> [u8; 32] {
        [0; 32]
    }

    /// Which store the sequence numbers belong to; part of a consistency token.
    pub fn store_id(&self) -> [u8; 16] {
        [0; 16]
    }

    /// Analyses a text and stores nothing.
    pub async fn analyze(&self, request: AnalyzeRequest, lane: Lane) -> Result<Analysis, EngineError> {
        Err(EngineError::NotReady)
    }

    /// The analyzers that this service runs.
    pub fn analyzers(&self) -> Vec<AnalyzerStamp> {
        vec![self.analyzer.stamp().clone()]
    }

    /// Stores a document with its analysis, unless the same content is current already. Answers once `level` is
    /// reached. Writes under one id take effect in the order of the calls. `DeadlineExceeded` at
    /// [`AckLevel::Searchable`] means that the write is durable, but not yet visible to queries.
    pub async fn ingest(
        &self,
        draft: Draft,
        level: AckLevel,
        lane: Lane,
    ) -> Result<IngestReceipt, EngineError> {
        Err(EngineError::NotReady)
    }

    /// One document.
    pub async fn get_document(&self, name: &DocumentName) -> Result<Arc<StoredDocument>, EngineError> {
        Err(EngineError::NotReady)
    }

    /// Many documents, in the order asked for; `None` where there is none of that name.
    pub async fn get_documents(
        &self,
        names: Vec<DocumentName>,
    ) -> Result<Vec<Option<Arc<StoredDocument>>>, EngineError> {
        Err(EngineError::NotReady)
    }

    /// The documents of a collection by id, ascending.
    pub async fn list_documents(
        &self,
        collection: &CollectionId,
        page: PageRequest,
    ) -> Result<HitPage<Arc<StoredDocument>>, EngineError> {
        Err(EngineError::NotReady)
    }

    /// Removes a document with its revisions; returns the change to wait for.
    pub async fn delete_document(&self, name: &DocumentName, level: AckLevel) -> Result<Seq, EngineError> {
        Err(EngineError::NotReady)
    }

    /// Creates an empty collection.
    pub async fn create_collection(&self, id: &CollectionId) -> Result<CollectionInfo, EngineError> {
        Err(EngineError::NotReady)
    }

    /// A collection with its counts.
    pub async fn get_collection(&self, id: &CollectionId) -> Result<CollectionInfo, EngineError> {
        Err(EngineError::NotReady)
    }

    /// The collections by id, ascending.
    pub async fn list_collections(&self, page: PageRequest) -> Result<HitPage<CollectionInfo>, EngineError> {
        Err(EngineError::NotReady)
    }

    /// Removes a collection with everything in it; returns the change to wait for. It is invisible at once; its
    /// records are cleared away in the background.
    pub async fn delete_collection(&self, id: &CollectionId, level: AckLevel) -> Result<Seq, EngineError> {
        Err(EngineError::NotReady)
    }

    /// Quotes that satisfy the filter, in a view that holds at least the change `at_least`.
    pub async fn search_quotes(
        &self,
        collection: &CollectionId,
        filter: QuoteFilter,
        order: Order,
        page: PageRequest,
        at_least: Option<Seq>,
    ) -> Result<HitPage<QuoteResult>, EngineError> {
        Err(EngineError::NotReady)
    }

    /// Documents that satisfy the filter, in a view that holds at least the change `at_least`.
    pub async fn search_documents(
        &self,
        collection: &CollectionId,
        filter: DocumentFilter,
        order: Order,
        page: PageRequest,
        at_least: Option<Seq>,
    ) -> Result<HitPage<DocumentResult>, EngineError> {
        Err(EngineError::NotReady)
    }

    /// Entities that satisfy the filter, those of most documents first, in a view that holds at least the change
    /// `at_least`.
    pub async fn search_entities(
        &self,
        collection: &CollectionId,
        filter: EntityFilter,
        page: PageRequest,
        at_least: Option<Seq>,
    ) -> Result<HitPage<CollectionEntity>, EngineError> {
        Err(EngineError::NotReady)
    }

    /// One quote, with everything known about it.
    pub async fn get_quote(&self, name: &QuoteName) -> Result<QuoteResult, EngineError> {
        Err(EngineError::NotReady)
    }

    /// One entity of a collection.
    pub async fn get_entity(&self, name: &EntityName) -> Result<CollectionEntity, EngineError> {
        Err(EngineError::NotReady)
    }

    /// The mentions of an entity, latest document first, in text order within a document. `total` counts the
    /// documents that mention it.
    pub async fn list_mentions(
        &self,
        name: &EntityName,
        page: PageRequest,
    ) -> Result<HitPage<MentionResult>, EngineError> {
        Err(EngineError::NotReady)
    }

    /// Waits until queries see the change `seq`.
    pub async fn wait_for(&self, seq: Seq) -> Result<(), EngineError> {
        Err(EngineError::NotReady)
    }

    /// Stops taking work, finishes what is in flight and brings the index up to date, for at most `limit`.
    pub async fn drain(&self, limit: Duration) -> Result<(), EngineError> {
        Err(EngineError::NotReady)
    }
}
