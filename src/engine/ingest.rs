//! The way of a document from a call to the log: room, turn, the cheap questions whether it is there already and whether its analysis
//! is, analysis, commit. Until it is queued for the commit, a call that is dropped costs no more and changes nothing; from there on it
//! happens whether or not anybody still waits.

use super::Engine;
use super::admission::{MessageSize, Permit};
use super::api::{Draft, Form, Need, Terms};
use super::committer::{self, Ticket};
use super::error::{EngineError, Fault, Precondition, Resource};
use super::pages;
use super::reach::reaches_collection;
use crate::access::DocumentSlot;
use crate::domain::annotation::Analysis;
use crate::domain::document::{AckLevel, Document, IngestOutcome, IngestReceipt, Seq};
use crate::domain::ids::{DocumentId, DocumentName};
use crate::ports::{Applied, Caller, Current, Effect, Lane, Refusal, Write, basis_hash, content_hash};
use tracing::Instrument;

impl Engine {
    /// Stores a document, which `permit` has room for, with its analysis, unless the same content is current already. Answers once
    /// `level` is reached. Writes under one id take effect in the order of the calls. `NotYetVisible` at
    /// [`AckLevel::Searchable`] means that the write is durable, but queries did not see it in time.
    pub async fn ingest(
        &self,
        caller: &Caller,
        permit: Permit,
        draft: Draft,
        level: AckLevel,
    ) -> Result<IngestReceipt, EngineError> {
        if draft.form == Form::Plain {
            self.core.check_text(&draft.text)?;
        }
        self.writable(caller)?;
        self.take_in(caller, permit, draft, None, level).await
    }

    /// The same for what is allowed, with an analysis where there is one already.
    pub(super) async fn take_in(
        &self,
        caller: &Caller,
        permit: Permit,
        draft: Draft,
        made: Option<Box<Analysis>>,
        level: AckLevel,
    ) -> Result<IngestReceipt, EngineError> {
        reaches_collection(caller, &draft.collection)?;
        let (terms, form) = (draft.terms, draft.form);
        let mut document = named(draft);
        if form == Form::Page {
            document = pages::read(document).await?;
            self.core.check_text(&document.text)?;
        }
        let turn = self.core.turns.take(&document.name).instrument(tracing::trace_span!("turn")).await;
        // Before anything is acknowledged, and until it is stored.
        let slot = self.slot(caller, &document.name).await?;
        let ticket = Ticket { _permit: Some(permit), _turn: Some(turn) };
        if level > AckLevel::Accepted {
            return self.store(caller, (document, made), terms, level, ticket).await;
        }
        let name = document.name.clone();
        if let Some(put) = self.known(&document, terms.expected).await?.0 {
            return Ok(receipt(name, AckLevel::Durable, put));
        }
        self.store_unattended(caller, (document, made), terms, ticket, slot);
        Ok(receipt(name, level, Put::QUEUED))
    }

    /// The rest of an ingest whose turn it is; answers once `level` is reached.
    pub(super) async fn store(
        &self,
        caller: &Caller,
        (document, made): (Document, Option<Box<Analysis>>),
        terms: Terms,
        level: AckLevel,
        ticket: Ticket,
    ) -> Result<IngestReceipt, EngineError> {
        let name = document.name.clone();
        let put = match self.known(&document, terms.expected).await? {
            (Some(put), _) => put,
            (None, current) => self.put(caller, (document, made), terms, current, ticket).await?,
        };
        let receipt = receipt(name, AckLevel::Durable, put);
        if level < AckLevel::Searchable {
            return Ok(receipt);
        }
        match self.reached(caller, receipt.seq).await {
            Ok(()) => Ok(IngestReceipt { level, ..receipt }),
            Err(EngineError::DeadlineExceeded) => Err(EngineError::NotYetVisible(Box::new(receipt))),
            Err(error) => Err(error),
        }
    }

    /// Room for the document among those that the caller may store, where that is limited and the document is new.
    async fn slot(&self, caller: &Caller, name: &DocumentName) -> Result<Option<DocumentSlot>, EngineError> {
        let Some(slot) = caller.meter.as_ref().and_then(|meter| meter.document()) else { return Ok(None) };
        if self.core.log.current(name).await?.is_some() {
            return Ok(None);
        }
        let stored = self.core.log.collection(&name.collection).await?.map_or(0, |info| info.documents);
        slot.fits(stored)?;
        Ok(Some(slot))
    }

    /// What is there already of the document: all of it, or what is current. A collection that does not exist, and a revision that is
    /// not the expected one, are found out here, before anything is analysed.
    async fn known(
        &self,
        document: &Document,
        expected: Option<u32>,
    ) -> Result<(Option<Put>, Option<Current>), EngineError> {
        let name = &document.name;
        let current = self.core.log.current(name).await?;
        if current.is_none() && self.core.log.collection(&name.collection).await?.is_none() {
            return Err(EngineError::NotFound(Resource::Collection(name.collection.clone())));
        }
        let revision = current.as_ref().map_or(0, |current| current.revision);
        if expected.is_some_and(|expected| expected != revision) {
            return Err(EngineError::OtherRevision { document: name.clone(), current: revision });
        }
        let Some(current) = current else { return Ok((None, None)) };
        let same = current.content_hash == content_hash(document);
        let put = same.then_some(Put {
            seq: current.seq,
            outcome: IngestOutcome::AlreadyCurrent,
            revision: current.revision,
            quotes: current.quotes,
            entities: current.entities,
        });
        Ok((put, Some(current)))
    }

    /// Analyses where there is no analysis to keep, and commits.
    async fn put(
        &self,
        caller: &Caller,
        (document, made): (Document, Option<Box<Analysis>>),
        terms: Terms,
        current: Option<Current>,
        ticket: Ticket,
    ) -> Result<Put, EngineError> {
        let name = document.name.clone();
        let kept = current.is_some_and(|current| self.is_of(&current, &document, terms));
        let (document, analysis) = match (made, kept) {
            (Some(made), _) => (document, Some(made)),
            (None, true) => (document, None),
            (None, false) => {
                let (document, analysis) = self.analysis_of(caller, document, terms.analyzer).await?;
                (document, Some(Box::new(analysis)))
            }
        };
        let expected = terms.expected;
        let write = Write::Put { document: Box::new(document), analysis, expected };
        let outcome = committer::outcome(self.core.commits.submit(write, ticket)).await?;
        Put::of(outcome.map_err(|refusal| self.refused(refusal, &name))?)
    }

    /// Whether the current analysis is of what it would be made of again, and by the analyzer asked for; where none is, by any that is
    /// here, or by whomever where the terms say so.
    fn is_of(&self, current: &Current, document: &Document, terms: Terms) -> bool {
        let analyzers = &self.core.analyzers;
        let is_good = match terms.analyzer {
            Some(_) => current.analyzer == *analyzers.stamp(terms.analyzer),
            None => terms.keeps_any || analyzers.stamps().any(|stamp| current.analyzer == *stamp),
        };
        is_good
            && current.basis_hash
                == basis_hash(&document.text, document.published_at, document.language.as_deref())
    }

    /// Analyses and commits for a caller that has been answered already.
    fn store_unattended(
        &self,
        caller: &Caller,
        (document, made): (Document, Option<Box<Analysis>>),
        terms: Terms,
        ticket: Ticket,
        slot: Option<DocumentSlot>,
    ) {
        // What was accepted is sent away no more, however long the line.
        let (engine, caller) = (self.clone(), Caller { lane: Lane::Bulk, ..caller.detached() });
        let stored = async move {
            let name = document.name.clone();
            let stored = engine.store(&caller, (document, made), terms, AckLevel::Durable, ticket).await;
            drop(slot);
            if let Err(error) = stored {
                let request_id = &*caller.request_id;
                tracing::error!(%name, request_id, error = &error as &dyn std::error::Error, "an accepted document was lost");
            }
        };
        tokio::spawn(stored.in_current_span());
    }

    /// Removes a document with its revisions; returns the change to wait for.
    pub async fn delete_document(
        &self,
        caller: &Caller,
        name: &DocumentName,
        expected: Option<u32>,
        level: AckLevel,
    ) -> Result<Seq, EngineError> {
        reaches_collection(caller, &name.collection)?;
        self.deletable(caller)?;
        let permit = self.core.admission.admit(caller, Need::Question, MessageSize::of(0)).await?;
        let turn = self.core.turns.take(name).await;
        let ticket = Ticket { _permit: Some(permit), _turn: Some(turn) };
        let answer = self.core.commits.submit(Write::Delete { name: name.clone(), expected }, ticket);
        let applied = committer::outcome(answer).await?.map_err(|refusal| self.refused(refusal, name))?;
        self.seen(caller, applied.seq, level).await?;
        Ok(applied.seq)
    }

    /// Waits until queries see a change that is durable, where `level` asks for it.
    pub(super) async fn seen(&self, caller: &Caller, seq: Seq, level: AckLevel) -> Result<(), EngineError> {
        if level < AckLevel::Searchable {
            return Ok(());
        }
        self.reached(caller, seq).await.map_err(|error| match error {
            EngineError::DeadlineExceeded => EngineError::ChangeNotYetVisible(seq),
            error => error,
        })
    }

    /// A refusal of a write to `name`, told as the caller's error.
    pub(super) fn refused(&self, refusal: Refusal, name: &DocumentName) -> EngineError {
        let collection = || Resource::Collection(name.collection.clone());
        match refusal {
            Refusal::UnknownDocument => EngineError::NotFound(Resource::Document(name.clone())),
            Refusal::UnknownCollection => EngineError::NotFound(collection()),
            Refusal::CollectionExists => EngineError::AlreadyExists(collection()),
            Refusal::DefaultCollection => EngineError::FailedPrecondition(Precondition::DefaultCollection),
            Refusal::OtherRevision { current } => {
                EngineError::OtherRevision { document: name.clone(), current }
            }
            Refusal::UnknownOperation | Refusal::OtherBasis | Refusal::Damaged => {
                tracing::error!(%name, %refusal, "the log refused a write that should have been one");
                Fault::Refused(refusal).into()
            }
        }
    }
}

/// What a put did.
pub(super) struct Put {
    seq: Seq,
    outcome: IngestOutcome,
    revision: u32,
    quotes: u32,
    entities: u32,
}

impl Put {
    const QUEUED: Self = Self { seq: 0, outcome: IngestOutcome::Queued, revision: 0, quotes: 0, entities: 0 };

    fn of(applied: Applied) -> Result<Self, EngineError> {
        match applied.effect {
            Effect::Put { outcome, revision, quotes, entities } => {
                Ok(Self { seq: applied.seq, outcome, revision, quotes, entities })
            }
            _ => Err(Fault::Mismatch.into()),
        }
    }
}

fn receipt(name: DocumentName, level: AckLevel, put: Put) -> IngestReceipt {
    IngestReceipt {
        collection: name.collection,
        document: name.document,
        outcome: put.outcome,
        level,
        revision: put.revision,
        seq: put.seq,
        quotes: put.quotes,
        entities: put.entities,
    }
}

/// The document that a draft stands for. Without an id of the client's own, equal content gets an equal id.
fn named(draft: Draft) -> Document {
    let Draft { collection, id, text, title, published_at, source, url, language, labels, .. } = draft;
    let derived = id.is_none();
    // Any id will do to begin with: the hash leaves the name out.
    let document = id.unwrap_or_else(|| DocumentId::of_content(&[0; 32]));
    let name = DocumentName { collection, document };
    let mut document =
        Document { name, text, title, published_at, source, url, language, labels, page: None };
    if derived {
        document.name.document = DocumentId::of_content(&content_hash(&document));
    }
    document
}
