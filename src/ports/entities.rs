//! Entities across documents: a projection of what each document contributes, kept in step with the log.

use super::error::PortError;
use crate::domain::document::Seq;
use crate::domain::entity::{Alias, CollectionEntity, FormKind};
use crate::domain::ids::{CollectionId, DocumentId, EntityId, EntityName};
use crate::domain::query::EntityRef;
use crate::domain::time::Timestamp;
use async_trait::async_trait;
use std::fmt::Debug;

/// What the documents of a collection have in common. A bare surname that is taken for a full name counts with it: whoever asks for
/// the full name gets both, in queries, counts and lists alike.
#[async_trait]
pub trait EntityProjection: Debug + Send + Sync {
    /// The entity with its counts and its most frequent forms.
    async fn entity(&self, name: &EntityName) -> Result<Option<CollectionEntity>, PortError>;

    /// The form of each that most documents use as its full name; `None` of one that is not there.
    async fn display_names(
        &self,
        collection: &CollectionId,
        entities: &[EntityId],
    ) -> Result<Vec<Option<String>>, PortError>;

    /// For each reference the entities that it stands for, with the bare surnames that are taken for them; ascending. `None` where
    /// there is no such collection.
    async fn resolve(
        &self,
        collection: &CollectionId,
        references: &[EntityRef],
    ) -> Result<Option<Vec<Vec<EntityId>>>, PortError>;

    /// Documents that mention the entity or a bare surname that is taken for it, each once, latest first, those after `after`.
    async fn documents(
        &self,
        name: &EntityName,
        after: Option<&EntityPlace>,
        limit: usize,
    ) -> Result<Vec<EntityDocument>, PortError>;

    /// The entity's forms of one sort, most frequent first, those after `after`.
    async fn forms(
        &self,
        name: &EntityName,
        kind: FormKind,
        after: Option<&FormPlace>,
        limit: usize,
    ) -> Result<Vec<Alias>, PortError>;

    /// Entities whose last change lies in `after + 1 ..= up_to`, by change, each as it is now. One that is gone by now is among
    /// them until another change takes its place.
    async fn touched(&self, after: Seq, up_to: Seq) -> Result<Vec<EntityChange>, PortError>;
}

/// A document that mentions an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityDocument {
    /// Where it stands in the list.
    pub place: EntityPlace,
    /// Which entities of the group it mentions.
    pub entities: Vec<EntityId>,
}

/// A place in the list of documents that mention an entity: latest first, then by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityPlace {
    /// Publication time; time of the first ingest where the document has none.
    pub seen: Timestamp,
    /// The document, in the entity's collection.
    pub document: DocumentId,
}

/// A place in the list of forms: most frequent first, then by the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormPlace {
    /// Documents that use it.
    pub documents: u64,
    /// The form.
    pub text: String,
}

/// What became of an entity.
#[derive(Debug, Clone, PartialEq)]
pub enum EntityChange {
    /// It is there, like this.
    Put(Box<CollectionEntity>),
    /// It is not there.
    Gone(EntityName),
}
