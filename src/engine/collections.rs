//! Collections: made, listed, and removed with everything in them. A removal is one small write; the records of the
//! documents are cleared away afterwards, while others go on.

use super::admission::MessageSize;
use super::api::Need;
use super::committer::{self, Ticket};
use super::error::{EngineError, Precondition, Resource};
use super::reach::{reaches_collection, reaches_new};
use super::{Engine, paging};
use crate::domain::document::{AckLevel, CollectionInfo, Seq};
use crate::domain::hit::HitPage;
use crate::domain::ids::CollectionId;
use crate::domain::query::{Cursor, PageRequest};
use crate::ports::{Applied, Caller, Refusal, Write};

/// Collections that are looked at at once.
const CHUNK: usize = 1000;

impl Engine {
    /// Creates an empty collection.
    pub async fn create_collection(
        &self,
        caller: &Caller,
        id: &CollectionId,
    ) -> Result<CollectionInfo, EngineError> {
        reaches_new(caller, id)?;
        self.write_collection(caller, Write::CreateCollection(id.clone()), id).await?;
        self.get_collection(caller, id).await
    }

    /// A collection with its counts.
    pub async fn get_collection(
        &self,
        caller: &Caller,
        id: &CollectionId,
    ) -> Result<CollectionInfo, EngineError> {
        reaches_collection(caller, id)?;
        let found = self.core.log.collection(id).await?;
        found.ok_or_else(|| EngineError::NotFound(Resource::Collection(id.clone())))
    }

    /// The collections by id, ascending.
    pub async fn list_collections(
        &self,
        caller: &Caller,
        page: &PageRequest,
    ) -> Result<HitPage<CollectionInfo>, EngineError> {
        paging::check(page)?;
        let after = match &page.after {
            Some(cursor) => Some(CollectionId::new(paging::text(cursor)?).map_err(|_| paging::not_ours())?),
            None => None,
        };
        let (found, total) =
            self.reached_collections(caller, after.as_ref(), page.size.saturating_add(1)).await?;
        Ok(paging::cut(found, page.size, total, |info| Cursor(info.id.as_str().into())))
    }

    /// The first `most` of the collections behind `after` that the caller reaches, and how many there are of those in all.
    async fn reached_collections(
        &self,
        caller: &Caller,
        after: Option<&CollectionId>,
        most: usize,
    ) -> Result<(Vec<CollectionInfo>, u64), EngineError> {
        let (log, reach) = (&self.core.log, &caller.principal.reach);
        if reach.is_everything() {
            return Ok(log.collections(after, most).await?);
        }
        let (mut found, mut total, mut behind) = (Vec::new(), 0, None);
        loop {
            caller.check()?;
            let (next, _) = log.collections(behind.as_ref(), CHUNK).await?;
            let ended = next.len() < CHUNK;
            behind = next.last().map(|last| last.id.clone());
            for info in next.into_iter().filter(|info| reach.allows(info.id.as_str())) {
                total += 1;
                if found.len() < most && after.is_none_or(|after| info.id > *after) {
                    found.push(info);
                }
            }
            if ended {
                return Ok((found, total));
            }
        }
    }

    /// Removes a collection with everything in it; returns the change to wait for. It is invisible at once; its
    /// records are cleared away in the background.
    pub async fn delete_collection(
        &self,
        caller: &Caller,
        id: &CollectionId,
        level: AckLevel,
    ) -> Result<Seq, EngineError> {
        reaches_collection(caller, id)?;
        let seq = self.write_collection(caller, Write::DeleteCollection(id.clone()), id).await?.seq;
        self.core.tidier.ring();
        self.seen(caller, seq, level).await?;
        Ok(seq)
    }

    async fn write_collection(
        &self,
        caller: &Caller,
        write: Write,
        id: &CollectionId,
    ) -> Result<Applied, EngineError> {
        self.deletable(caller)?;
        let permit = self.core.admission.admit(caller, Need::Question, MessageSize::of(0)).await?;
        let answer = self.core.commits.submit(write, Ticket { _permit: Some(permit), _turn: None });
        committer::outcome(answer).await?.map_err(|refusal| refused(refusal, id))
    }
}

/// A refusal told as the caller's error.
fn refused(refusal: Refusal, id: &CollectionId) -> EngineError {
    let collection = || Resource::Collection(id.clone());
    match refusal {
        Refusal::CollectionExists => EngineError::AlreadyExists(collection()),
        Refusal::DefaultCollection => EngineError::FailedPrecondition(Precondition::DefaultCollection),
        // Those that a write of a collection does not meet are told as the nearest that it does.
        Refusal::UnknownCollection
        | Refusal::UnknownDocument
        | Refusal::UnknownOperation
        | Refusal::OtherRevision { .. }
        | Refusal::OtherBasis
        | Refusal::Damaged => EngineError::NotFound(collection()),
    }
}
