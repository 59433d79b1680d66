//! An entity of a collection: what its documents' entities of one identity have in common.

use super::annotation::EntityType;
use super::document::Seq;
use super::ids::{EntityId, EntityName};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Everything known about one identity in one collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CollectionEntity {
    /// Resource name.
    pub name: EntityName,
    /// What it is.
    pub entity_type: EntityType,
    /// The form that most of its documents use as canonical name.
    pub display_name: String,
    /// Every name form seen, with the number of documents that use it, most frequent first.
    pub aliases: Vec<Alias>,
    /// Roles and descriptions seen ("Kremlin spokesperson"), with the number of documents, most frequent first.
    pub roles: Vec<Alias>,
    /// Documents that mention it.
    pub documents: u64,
    /// Quotes that it speaks.
    pub quotes: u64,
    /// Publication time (ingest time where absent) of the earliest and latest document that mentions it.
    pub first_seen: Option<Timestamp>,
    /// See `first_seen`.
    pub last_seen: Option<Timestamp>,
    /// The full-name entity that this surname-only entity is taken for, by inference; queries follow it.
    pub inferred_as: Option<EntityId>,
    /// The change that last touched it.
    pub seq: Seq,
}

/// A form of words and how many documents use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// As written.
    pub text: String,
    /// Documents that use it.
    pub documents: u64,
}
