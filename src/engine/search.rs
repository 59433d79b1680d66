//! What every query does: wait for the write that it wants to see, find the view that its page goes on with, resolve the names in
//! the filter to entities, and leave out what has been deleted since the view was opened. The index lags, and says by how much; what
//! it shows is what was true when the view was opened.

use super::api::{Found, Freshness, Gaps, Position};
use super::error::{EngineError, Invalid, Resource};
use super::reach::{reached, reaches_collection};
use super::readiness::IndexState;
use super::views::{NoView, Opened};
use super::{Engine, paging};
use crate::domain::document::{DocumentInfo, Seq};
use crate::domain::hit::{DocumentHit, HitPage, QuoteHit, Summary};
use crate::domain::ids::{CollectionId, DocumentName, EntityId};
use crate::domain::query::{EntityRef, PageRequest, References, Resolved, Within};
use crate::ports::{Caller, PortError, SearchView};
use std::sync::Arc;
use tracing::Instrument;

/// Most collections that are looked in at once.
const MOST_COLLECTIONS: usize = 1000;

/// A hit that a deletion can take away.
pub(super) trait Mortal {
    /// The document that it comes from.
    fn document(&self) -> &Summary;

    /// The collection of that document.
    fn collection(&self) -> &CollectionId;
}

impl Mortal for QuoteHit {
    fn document(&self) -> &Summary {
        &self.document
    }

    fn collection(&self) -> &CollectionId {
        &self.name.document.collection
    }
}

impl Mortal for DocumentHit {
    fn document(&self) -> &Summary {
        &self.document
    }

    fn collection(&self) -> &CollectionId {
        &self.name.collection
    }
}

impl Engine {
    /// Waits until queries see the change at `position`, for at most the configured time and the caller's.
    pub async fn wait_for(&self, caller: &Caller, position: Position) -> Result<(), EngineError> {
        let Position { epoch, seq } = position;
        let unknown = EngineError::InvalidArgument { field: "at_least", reason: Invalid::UnknownSequence };
        if !self.core.log.remembers(epoch, seq) || seq > self.core.progress.last_stored() {
            return Err(unknown);
        }
        self.reached(caller, seq).await
    }

    /// Waits until queries see `seq`.
    pub(super) async fn reached(&self, caller: &Caller, seq: Seq) -> Result<(), EngineError> {
        let most = self.core.config.consistency_wait;
        // A little before the caller's deadline, so that there is time to say what was reached.
        let wait = caller.left().map_or(most, |left| (left - left / 8).min(most));
        let waiting = tracing::trace_span!("index.wait");
        tokio::select! {
            () = caller.cancelled.cancelled() => Err(EngineError::Over(crate::ports::Over::Cancelled)),
            reached = tokio::time::timeout(wait, self.core.progress.reached(seq)).instrument(waiting) => {
                reached.map_err(|_| EngineError::DeadlineExceeded)
            }
        }
    }

    /// The view that a page is made from.
    pub(super) async fn view(
        &self,
        caller: &Caller,
        page: &PageRequest,
        at_least: Option<Position>,
    ) -> Result<Opened, EngineError> {
        paging::check(page)?;
        // Later pages show what the first one did, whatever was written since.
        if let (Some(position), None) = (at_least, &page.after) {
            self.wait_for(caller, position).await?;
        }
        self.core.views.open(page.after.as_ref()).await.map_err(|none| match none {
            NoView::NotOurs => paging::not_ours(),
            NoView::Expired => EngineError::ViewExpired,
            NoView::Failed(error) => error.into(),
        })
    }

    /// Asks `search` for a page of the view, again where everything on a page has gone, so that an empty page is always the last.
    pub(super) async fn living<H: Mortal, F>(
        &self,
        within: &Within,
        opened: Opened,
        page: &PageRequest,
        search: impl Fn(Arc<dyn SearchView>, PageRequest) -> F,
    ) -> Result<Found<H>, EngineError>
    where
        F: Future<Output = Result<HitPage<H>, PortError>>,
    {
        let (view, mut after) = (Arc::clone(&opened.view), opened.after.clone());
        let mut gone = Gaps::default();
        loop {
            let asked = PageRequest { after, ..page.clone() };
            let HitPage { hits, total, more } = search(Arc::clone(&view), asked).await?;
            after = hits.last().map(|(_, after)| after.clone());
            let only_hits: Vec<&H> = hits.iter().map(|(hit, _)| hit).collect();
            let living = self.living_of(&*view, &only_hits).await?;
            let hits = only(hits, &living, &mut gone);
            if hits.is_empty() && more && after.is_some() {
                continue;
            }
            if hits.is_empty() {
                self.existing(within).await?;
            }
            let hits = hits.into_iter().map(|(hit, after)| (hit, self.core.views.cursor(&*view, &after)));
            let page = HitPage { hits: hits.collect::<Vec<_>>(), total, more };
            if !page.hits.is_empty() && (more || page.hits.len() > 1) {
                self.core.views.keep(&opened);
            }
            if opened.after.is_some() && !more {
                self.core.views.ended(&*view);
            }
            return Ok(Found { page, gone, unknown: Vec::new(), freshness: self.freshness(&*view) });
        }
    }

    /// Which of the hits have not been deleted since the view was opened.
    pub(super) async fn living_of<H: Mortal>(
        &self,
        view: &dyn SearchView,
        hits: &[&H],
    ) -> Result<Vec<bool>, EngineError> {
        let views = &self.core.views;
        let buried = |hit: &H| views.is_gone(hit.collection(), hit.document());
        // What was deleted before this process began is in nobody's memory: until the index has replayed it, the log is asked.
        if view.applied() >= self.core.replay_target || hits.is_empty() {
            return Ok(hits.iter().map(|hit| !buried(hit)).collect());
        }
        let name = |hit: &H| DocumentName {
            collection: hit.collection().clone(),
            document: hit.document().id.clone(),
        };
        let names: Vec<_> = hits.iter().map(|hit| name(hit)).collect();
        let infos = self.core.log.infos(&names).await?;
        // An earlier revision than that of the hit is that of another document, made anew under the name.
        let present = |hit: &H, info: Option<DocumentInfo>| {
            info.is_some_and(|info| hit.document().revision <= info.revision)
        };
        Ok(hits.iter().zip(infos).map(|(hit, info)| !buried(hit) && present(hit, info)).collect())
    }

    /// How far answers of the view follow the log.
    pub(super) fn freshness(&self, view: &dyn SearchView) -> Freshness {
        let recovering = matches!(self.core.readiness.borrow().index, IndexState::Recovering { .. });
        Freshness { behind: self.core.progress.last_stored().saturating_sub(view.applied()), recovering }
    }

    /// The entities that the references of a filter stand for.
    pub(super) async fn resolved(
        &self,
        within: &Within,
        references: References<'_>,
    ) -> Result<Resolved, EngineError> {
        let References { speakers, mentions, expression } = references;
        let all: Vec<EntityRef> = references.all().cloned().collect();
        let mut groups = Vec::new();
        if !all.is_empty() {
            groups = self.groups(within, &all).await?;
        }
        let mut groups = groups.into_iter();
        Ok(Resolved {
            speakers: groups.by_ref().take(speakers.len()).collect(),
            mentions: groups.by_ref().take(mentions.len()).collect(),
            expression: expression
                .cloned()
                .map(|plain| plain.with_entities(&mut |_| groups.next().unwrap_or_default())),
        })
    }

    /// What each reference stands for in any of the collections. Of several, one that has gone since the view was opened has nothing.
    async fn groups(
        &self,
        within: &Within,
        references: &[EntityRef],
    ) -> Result<Vec<Vec<EntityId>>, EngineError> {
        let mut groups = vec![Vec::new(); references.len()];
        for collection in within.all() {
            let found = self.core.entities.resolve(collection, references).await?;
            let gone = || EngineError::NotFound(Resource::Collection(collection.clone()));
            let found = match found {
                None if within.one().is_none() => continue,
                found => found.ok_or_else(gone)?,
            };
            for (group, found) in groups.iter_mut().zip(found) {
                group.extend(found);
            }
        }
        for group in &mut groups {
            group.sort_unstable();
            group.dedup();
        }
        Ok(groups)
    }

    /// Whether there is such a collection. Asked only where nothing was found, since a hit proves it. Of several all were there when
    /// the view was opened.
    pub(super) async fn existing(&self, within: &Within) -> Result<(), EngineError> {
        let Some(collection) = within.one() else { return Ok(()) };
        match self.core.log.collection(collection).await? {
            Some(_) => Ok(()),
            None => Err(EngineError::NotFound(Resource::Collection(collection.clone()))),
        }
    }
}

/// The collections that are meant: the one, or all that the view sees and the caller reaches.
pub(super) async fn within(
    caller: &Caller,
    view: &dyn SearchView,
    collection: CollectionId,
) -> Result<Within, EngineError> {
    reaches_collection(caller, &collection)?;
    if !collection.is_every() {
        return Ok(collection.into());
    }
    let all = reached(caller, Within::several(view.collections(caller).await?));
    if all.all().len() > MOST_COLLECTIONS {
        let reason = Invalid::TooManyCollections { limit: MOST_COLLECTIONS };
        return Err(EngineError::InvalidArgument { field: "parent", reason });
    }
    Ok(all)
}

/// The living among the hits; notes in `gone` where others were.
fn only<H>(hits: Vec<H>, living: &[bool], gone: &mut Gaps) -> Vec<H> {
    let mut left = Vec::with_capacity(hits.len());
    for (hit, lives) in hits.into_iter().zip(living) {
        if *lives {
            gone.before.push(std::mem::take(&mut gone.after));
            left.push(hit);
        } else {
            gone.after += 1;
        }
    }
    left
}
