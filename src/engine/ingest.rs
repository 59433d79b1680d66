//! The way of a document from a call to the store: room, turn, the cheap question whether it is there already,
//! analysis, commit. Until the commit is queued, a call that is given up costs no more and changes nothing; from then
//! on the rest happens whether or not anybody still waits, on threads that the call's future has no part in.

use super::admission::Permit;
use super::analyze::analysed;
use super::api::Draft;
use super::caller::Caller;
use super::committer::{self, Outcome, Ticket};
use super::error::{EngineError, Fault, Precondition, Resource, Written};
use super::{Core, Engine};
use crate::analysis::{Input, Options};
use crate::domain::document::{AckLevel, Document, IngestOutcome, IngestReceipt, Seq};
use crate::domain::ids::{DocumentId, DocumentName};
use crate::store::{self, Applied, Effect, Refusal, Write};
use std::sync::Arc;

impl Engine {
    /// Stores a document, which `permit` has room for, with its analysis, unless the same content is current already.
    /// Answers once `level` is reached. Writes under one id take effect in the order of the calls.
    /// [`EngineError::NotSearchable`] says that the write is durable, but was not visible to queries in time.
    pub async fn ingest(
        &self,
        caller: &Caller,
        permit: Permit,
        draft: Draft,
        level: AckLevel,
    ) -> Result<IngestReceipt, EngineError> {
        self.core.check_text(&draft.text)?;
        let document = named(draft);
        let turn = self.core.turns.take(&document.name).await;
        let ticket = Ticket { _permit: permit, _turn: Some(turn) };
        let name = document.name.clone();
        let (document, known) = self.blocking(caller, move |core| core.current(document)).await?;
        let put = match known {
            Some(put) => put,
            None if level == AckLevel::Accepted => {
                self.store_unattended(caller, document, ticket);
                return Ok(receipt(name, level, Put::QUEUED));
            }
            None => self.store(caller, document, ticket).await?,
        };
        let level = level.max(AckLevel::Durable);
        if level == AckLevel::Searchable {
            let name = Resource::Document(name.clone());
            self.see(caller, Written { name, revision: Some(put.revision), seq: put.seq }).await?;
        }
        Ok(receipt(name, level, put))
    }

    /// Removes a document with its revisions; returns the change to wait for.
    pub async fn delete_document(
        &self,
        caller: &Caller,
        name: &DocumentName,
        level: AckLevel,
    ) -> Result<Seq, EngineError> {
        let permit = self.core.admission.admit(caller, 0).await?;
        let turn = self.core.turns.take(name).await;
        let ticket = Ticket { _permit: permit, _turn: Some(turn) };
        let answer = self.core.commits.submit(Write::DeleteDocument(name.clone()), ticket);
        let seq = applied(committer::outcome(answer).await, name)?.seq;
        if level == AckLevel::Searchable {
            let name = Resource::Document(name.clone());
            self.see(caller, Written { name, revision: None, seq }).await?;
        }
        Ok(seq)
    }

    /// Waits until queries see a write, for as long as the caller does.
    pub(super) async fn see(&self, caller: &Caller, written: Written) -> Result<(), EngineError> {
        match self.wait_for(caller, written.seq).await {
            Err(EngineError::DeadlineExceeded) => Err(EngineError::NotSearchable(Box::new(written))),
            seen => seen,
        }
    }

    /// Analyses and commits. The commit is queued by the thread that analysed, so that from there on nothing
    /// depends on this future.
    async fn store(&self, caller: &Caller, document: Document, ticket: Ticket) -> Result<Put, EngineError> {
        let name = document.name.clone();
        let share = self.core.admission.share(caller, document.text.len()).await?;
        let analyzer = Arc::clone(&self.core.analyzer);
        let commits = self.core.commits.clone();
        let waiting = caller.clone();
        let work = move || {
            let input = Input {
                text: &document.text,
                published_at: document.published_at,
                language: document.language.as_deref(),
            };
            let analysis = analysed(&analyzer, &input, &Options::default(), &waiting)?;
            drop(share);
            waiting.check()?;
            Ok(commits.submit(Write::PutDocument { document, analysis }, ticket))
        };
        let answer = self.core.pool.run(caller, work).await?;
        Put::of(applied(committer::outcome(answer).await, &name)?)
    }

    /// Analyses and commits for a caller that has been answered already.
    fn store_unattended(&self, caller: &Caller, document: Document, ticket: Ticket) {
        let (engine, caller) = (self.clone(), caller.unattended());
        tokio::spawn(async move {
            let name = document.name.clone();
            if let Err(error) = engine.store(&caller, document, ticket).await {
                tracing::error!(%name, error = &error as &dyn std::error::Error, "an accepted document was lost");
            }
        });
    }
}

impl Core {
    /// What is there already of the document, if it is the same content. A collection that does not exist is
    /// found out here, before anything is analysed.
    fn current(&self, document: Document) -> Result<(Document, Option<Put>), EngineError> {
        let Some(current) = self.store.current(&document.name)? else {
            let collection = &document.name.collection;
            return match self.store.collection(collection)? {
                Some(_) => Ok((document, None)),
                None => Err(EngineError::NotFound(Resource::Collection(collection.clone()))),
            };
        };
        let same = current.content_hash == store::content_hash(&document);
        let put = Put {
            seq: current.seq,
            outcome: IngestOutcome::AlreadyCurrent,
            revision: current.revision,
            quotes: current.quotes,
            entities: current.entities,
        };
        Ok((document, same.then_some(put)))
    }
}

/// What a put did.
struct Put {
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
            Effect::DocumentDeleted | Effect::CollectionCreated | Effect::CollectionDeleted => {
                Err(Fault::Mismatch.into())
            }
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

/// The outcome of a write to `name`, with a refusal told as the caller's error.
pub(super) fn applied(outcome: Outcome, name: &DocumentName) -> Result<Applied, EngineError> {
    outcome?.map_err(|refusal| match refusal {
        Refusal::UnknownDocument => EngineError::NotFound(Resource::Document(name.clone())),
        Refusal::UnknownCollection => EngineError::NotFound(Resource::Collection(name.collection.clone())),
        Refusal::CollectionExists => {
            EngineError::AlreadyExists(Resource::Collection(name.collection.clone()))
        }
        Refusal::DefaultCollection => EngineError::FailedPrecondition(Precondition::DefaultCollection),
    })
}

/// The document that a draft stands for. Without an id of the client's own, equal content gets an equal id.
fn named(draft: Draft) -> Document {
    let Draft { collection, id, text, title, published_at, source, url, language, labels } = draft;
    let derived = id.is_none();
    // Any id will do to begin with: the hash leaves the name out.
    let document = id.unwrap_or_else(|| DocumentId::of_content(&[0; 32]));
    let name = DocumentName { collection, document };
    let mut document = Document { name, text, title, published_at, source, url, language, labels };
    if derived {
        document.name.document = DocumentId::of_content(&store::content_hash(&document));
    }
    document
}
