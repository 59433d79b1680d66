//! Collections: made, listed, and removed with everything in them. A removal is one small write; the records of the
//! documents are cleared away by the purger afterwards, while others go on.

use super::caller::Caller;
use super::committer::{self, Outcome, Ticket};
use super::error::{EngineError, Precondition, Resource, Written};
use super::{Core, Engine, paging};
use crate::domain::document::{AckLevel, CollectionInfo, Seq};
use crate::domain::ids::CollectionId;
use crate::domain::query::{Cursor, HitPage, PageRequest};
use crate::store::{Applied, Refusal, Write};

impl Engine {
    /// Creates an empty collection.
    pub async fn create_collection(
        &self,
        caller: &Caller,
        id: &CollectionId,
    ) -> Result<CollectionInfo, EngineError> {
        self.write_collection(caller, Write::CreateCollection(id.clone()), id).await?;
        self.get_collection(caller, id).await
    }

    /// A collection with its counts.
    pub async fn get_collection(
        &self,
        caller: &Caller,
        id: &CollectionId,
    ) -> Result<CollectionInfo, EngineError> {
        let id = id.clone();
        self.blocking(caller, move |core| core.collection(&id)).await
    }

    /// The collections by id, ascending.
    pub async fn list_collections(
        &self,
        caller: &Caller,
        page: PageRequest,
    ) -> Result<HitPage<CollectionInfo>, EngineError> {
        self.blocking(caller, move |core| core.list_collections(&page)).await
    }

    /// Removes a collection with everything in it; returns the change to wait for. It is invisible at once; its
    /// records are cleared away in the background.
    pub async fn delete_collection(
        &self,
        caller: &Caller,
        id: &CollectionId,
        level: AckLevel,
    ) -> Result<Seq, EngineError> {
        let seq = self.write_collection(caller, Write::DeleteCollection(id.clone()), id).await?.seq;
        self.core.purger.ring();
        if level == AckLevel::Searchable {
            let name = Resource::Collection(id.clone());
            self.see(caller, Written { name, revision: None, seq }).await?;
        }
        Ok(seq)
    }

    async fn write_collection(
        &self,
        caller: &Caller,
        write: Write,
        id: &CollectionId,
    ) -> Result<Applied, EngineError> {
        let permit = self.core.admission.admit(caller, 0).await?;
        let answer = self.core.commits.submit(write, Ticket { _permit: permit, _turn: None });
        applied(committer::outcome(answer).await, id)
    }
}

impl Core {
    fn list_collections(&self, page: &PageRequest) -> Result<HitPage<CollectionInfo>, EngineError> {
        paging::check(page)?;
        let after = match &page.after {
            Some(cursor) => Some(CollectionId::new(paging::text(cursor)?).map_err(|_| paging::not_ours())?),
            None => None,
        };
        let found = self.store.collections(after.as_ref(), page.size.saturating_add(1))?;
        let total = self.store.stats()?.collections;
        Ok(paging::cut(found, page.size, total, |info| Cursor(info.id.as_str().into())))
    }
}

/// The outcome of a write to the collection `id`, with a refusal told as the caller's error.
fn applied(outcome: Outcome, id: &CollectionId) -> Result<Applied, EngineError> {
    let collection = || Resource::Collection(id.clone());
    outcome?.map_err(|refusal| match refusal {
        Refusal::UnknownCollection | Refusal::UnknownDocument => EngineError::NotFound(collection()),
        Refusal::CollectionExists => EngineError::AlreadyExists(collection()),
        Refusal::DefaultCollection => EngineError::FailedPrecondition(Precondition::DefaultCollection),
    })
}
