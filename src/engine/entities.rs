//! Entities of a collection: found by name, given whole, and their forms.

use super::Engine;
use super::api::{Found, Gaps, Position};
use super::error::{EngineError, Resource};
use super::paging;
use super::reach::reaches;
use super::search::within;
use crate::domain::entity::{Alias, CollectionEntity, FormKind};
use crate::domain::hit::HitPage;
use crate::domain::ids::{CollectionId, EntityId, EntityName};
use crate::domain::query::{Cursor, EntityFilter, EntityQuery, EntityRef, PageRequest};
use crate::ports::{Caller, FormPlace};

impl Engine {
    /// Entities that satisfy the filter, those of most documents first.
    pub async fn search_entities(
        &self,
        caller: &Caller,
        collection: CollectionId,
        filter: EntityFilter,
        page: &PageRequest,
        at_least: Option<Position>,
    ) -> Result<Found<CollectionEntity>, EngineError> {
        let opened = self.view(caller, page, at_least).await?;
        let query = EntityQuery { within: within(caller, &*opened.view, collection).await?, filter };
        let asked = PageRequest { after: opened.after.clone(), ..page.clone() };
        let HitPage { hits, total, more } = opened.view.entities(&query, &asked, caller).await?;
        if hits.is_empty() {
            self.existing(&query.within).await?;
        }
        if more || hits.len() > 1 {
            self.core.views.keep(&opened);
        }
        let hits = hits.into_iter().map(|(hit, after)| (hit, self.core.views.cursor(&*opened.view, &after)));
        let page = HitPage { hits: hits.collect(), total, more };
        let (gone, unknown, freshness) = (Gaps::default(), Vec::new(), self.freshness(&*opened.view));
        Ok(Found { page, gone, unknown, freshness })
    }

    /// One entity of a collection.
    pub async fn get_entity(
        &self,
        caller: &Caller,
        name: &EntityName,
    ) -> Result<CollectionEntity, EngineError> {
        caller.check()?;
        reaches(caller, &name.collection, || Resource::Entity(name.clone()))?;
        let found = self.core.entities.entity(name).await?;
        found.ok_or_else(|| EngineError::NotFound(Resource::Entity(name.clone())))
    }

    /// The entity with the bare surname that is taken for it.
    pub(super) async fn group(&self, name: &EntityName) -> Result<Vec<EntityId>, EngineError> {
        let asked = [EntityRef::Id(name.entity.clone())];
        let groups = self.core.entities.resolve(&name.collection, &asked).await?;
        Ok(groups.and_then(|mut groups| groups.pop()).unwrap_or_default())
    }

    /// The forms of one sort that an entity has gathered, most frequent first.
    pub async fn list_forms(
        &self,
        caller: &Caller,
        name: &EntityName,
        kind: FormKind,
        page: &PageRequest,
    ) -> Result<HitPage<Alias>, EngineError> {
        paging::check(page)?;
        let entity = self.get_entity(caller, name).await?;
        let total = match kind {
            FormKind::Alias => entity.alias_count,
            FormKind::Role => entity.role_count,
        };
        let after = page.after.as_ref().map(read_place).transpose()?;
        let found = self.core.entities.forms(name, kind, after.as_ref(), page.size.saturating_add(1)).await?;
        Ok(paging::cut(found, page.size, total, |form| {
            let mut bytes = form.documents.to_be_bytes().to_vec();
            bytes.extend(form.text.as_bytes());
            Cursor(bytes)
        }))
    }
}

fn read_place(cursor: &Cursor) -> Result<FormPlace, EngineError> {
    let place = || {
        let (documents, text) = cursor.0.split_first_chunk::<8>()?;
        let text = String::from_utf8(text.to_vec()).ok()?;
        Some(FormPlace { documents: u64::from_be_bytes(*documents), text })
    };
    place().ok_or_else(paging::not_ours)
}
