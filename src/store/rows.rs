//! The rows of the tables, as [`super::record`] writes them. No type of the outside is stored but those of `domain`.

use super::record::Record;
use super::tables::Generation;
use crate::domain::annotation::{Analysis, AnalyzerStamp, EntityType};
use crate::domain::document::Seq;
use crate::domain::ids::{CollectionId, DocumentName, EntityId};
use crate::domain::operation::Operation;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A living collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CollectionRow {
    pub(super) generation: Generation,
    pub(super) created_at: Timestamp,
    /// The change that created it.
    pub(super) seq: Seq,
    pub(super) documents: u64,
    pub(super) quotes: u64,
    pub(super) entities: u64,
}

/// A revision of a document, all but its text and its analysis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeadRow {
    pub(super) revision: u32,
    pub(super) content_hash: [u8; 32],
    pub(super) basis_hash: [u8; 32],
    /// BLAKE3 of the text alone: equal texts are stored once.
    pub(super) text_hash: [u8; 32],
    pub(super) seq: Seq,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    /// Number of the analyzer's stamp.
    pub(super) analyzer: u32,
    pub(super) detected_language: String,
    pub(super) quotes: u32,
    pub(super) entities: u32,
    pub(super) meta: Metadata,
    pub(super) text: BodyRef,
    pub(super) analysis: BodyRef,
}

/// What the client said about the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Metadata {
    pub(super) title: Option<String>,
    pub(super) published_at: Option<Timestamp>,
    pub(super) source: Option<String>,
    pub(super) url: Option<String>,
    pub(super) language: Option<String>,
    pub(super) labels: BTreeMap<String, String>,
}

/// Where a text or an analysis lies: in chunks under the number of the change that wrote it. Revisions may share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BodyRef {
    pub(super) seq: Seq,
    /// Bytes before packing, of all chunks.
    pub(super) bytes: u64,
}

/// Quotes that the current revision has no more, each with the last revision that had it; the latest last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GoneRow(pub(super) Vec<(String, u32)>);

/// What one document adds to the entities of its collection; taken away again, to the byte, when it leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ContributionRow {
    /// The time under which the document counts.
    pub(super) seen: Timestamp,
    /// One for each entity of the collection.
    pub(super) shares: Vec<Share>,
    /// Ids of its quotes.
    pub(super) quotes: Vec<String>,
}

/// What one document adds to one entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Share {
    pub(super) entity: EntityId,
    /// Ids in the analysis of the document's entities that are this one.
    pub(super) locals: Vec<String>,
    /// Canonical names of those.
    pub(super) names: BTreeSet<String>,
    /// Forms of words that name it.
    pub(super) aliases: BTreeSet<String>,
    pub(super) roles: BTreeSet<String>,
    pub(super) counts: Counts,
}

/// What an entity's documents add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) documents: u64,
    /// Documents that mention its bare surname as an entity of its own, too.
    pub(super) beside_surname: u64,
    /// Quotes that it speaks.
    pub(super) quotes: u64,
    pub(super) statements: u64,
    /// Documents that give it a role in sports.
    pub(super) athlete: u64,
    /// Documents that give it a public office.
    pub(super) official: u64,
}

/// An entity of a collection: the sum of its documents' shares. One without documents is a trace that followers need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EntityRow {
    pub(super) entity_type: EntityType,
    /// The folded name that is its identity.
    pub(super) folded: String,
    /// Folded surname, for a person with a full name.
    pub(super) surname: Option<String>,
    pub(super) counts: Counts,
    /// Distinct forms of each kind.
    pub(super) aliases: u64,
    pub(super) roles: u64,
    pub(super) inferred_as: Option<EntityId>,
    pub(super) seq: Seq,
}

/// What was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum RemovalRow {
    /// A document by itself, not with its collection.
    Document(Generation, DocumentName),
    /// A collection with everything in it.
    Collection(CollectionId),
}

macro_rules! records {
    ($($type:ty, $name:literal, $packed:literal;)*) => {
        $(impl Record for $type {
            const NAME: &'static str = $name;
            const PACKED: bool = $packed;
        })*
    };
}

records! {
    CollectionRow, "collection", false;
    HeadRow, "document head", false;
    GoneRow, "list of gone quotes", false;
    ContributionRow, "contribution", true;
    EntityRow, "entity", false;
    RemovalRow, "removal", false;
    AnalyzerStamp, "analyzer stamp", false;
    Operation, "operation", false;
    Analysis, "analysis", true;
}
