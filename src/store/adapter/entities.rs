//! The store as the projection of what documents say about entities.

use super::Store;
use crate::domain::document::Seq;
use crate::domain::entity::{Alias, CollectionEntity, FormKind};
use crate::domain::ids::{CollectionId, EntityId, EntityName};
use crate::domain::query::EntityRef;
use crate::ports::{EntityChange, EntityDocument, EntityPlace, EntityProjection, FormPlace, PortError};
use async_trait::async_trait;

#[async_trait]
impl EntityProjection for Store {
    async fn entity(&self, name: &EntityName) -> Result<Option<CollectionEntity>, PortError> {
        let name = name.clone();
        self.read(move |snapshot| snapshot.entity(&name)).await
    }

    async fn display_names(
        &self,
        collection: &CollectionId,
        entities: &[EntityId],
    ) -> Result<Vec<Option<String>>, PortError> {
        let (collection, entities) = (collection.clone(), entities.to_vec());
        self.read(move |snapshot| snapshot.display_names(&collection, &entities)).await
    }

    async fn resolve(
        &self,
        collection: &CollectionId,
        references: &[EntityRef],
    ) -> Result<Option<Vec<Vec<EntityId>>>, PortError> {
        let (collection, references) = (collection.clone(), references.to_vec());
        self.read(move |snapshot| snapshot.resolve(&collection, &references)).await
    }

    async fn documents(
        &self,
        name: &EntityName,
        after: Option<&EntityPlace>,
        limit: usize,
    ) -> Result<Vec<EntityDocument>, PortError> {
        let (name, after) = (name.clone(), after.cloned());
        self.read(move |snapshot| snapshot.entity_documents(&name, after.as_ref(), limit)).await
    }

    async fn forms(
        &self,
        name: &EntityName,
        kind: FormKind,
        after: Option<&FormPlace>,
        limit: usize,
    ) -> Result<Vec<Alias>, PortError> {
        let (name, after) = (name.clone(), after.cloned());
        self.read(move |snapshot| snapshot.forms(&name, kind, after.as_ref(), limit)).await
    }

    async fn touched(&self, after: Seq, up_to: Seq) -> Result<Vec<EntityChange>, PortError> {
        self.read(move |snapshot| snapshot.entities_touched(after, up_to)).await
    }
}
