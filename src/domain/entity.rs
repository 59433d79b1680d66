//! An entity of a collection: what its documents' entities of one identity have in common.

use super::annotation::EntityType;
use super::document::Seq;
use super::ids::{EntityId, EntityName};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Forms of each sort that an entity is shown with; the others are listed by pages.
pub const MOST_FORMS: usize = 20;

/// Two sorts of forms of words that an entity gathers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FormKind {
    /// Names: "Vladimir Putin", "Mr. Putin".
    Alias,
    /// Roles and descriptions: "the Russian leader".
    Role,
}

/// Everything known about one identity in one collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CollectionEntity {
    /// Resource name.
    pub name: EntityName,
    /// What it is.
    pub entity_type: EntityType,
    /// The form that most of its documents use as canonical name.
    pub display_name: String,
    /// The [`MOST_FORMS`] most frequent name forms, with the number of documents that use each.
    pub aliases: Vec<Alias>,
    /// Name forms in all.
    pub alias_count: u64,
    /// The [`MOST_FORMS`] most frequent roles and descriptions ("Kremlin spokesperson"), in the same way.
    pub roles: Vec<Alias>,
    /// Roles and descriptions in all.
    pub role_count: u64,
    /// Documents that mention it, under this name or under the bare surname that is taken for it.
    pub documents: u64,
    /// Quotes that it speaks, of every kind, under either name.
    pub quotes: u64,
    /// Those of them that are statements: what a query for it finds unless it asks for more.
    pub statements: u64,
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
