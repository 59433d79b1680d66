//! How rows become bytes: a version byte, then postcard; large rows are packed by zstd. The golden test below pins
//! the bytes, since postcard has no field names: a changed domain type would misread old rows without a word.

use super::error::Fault;
use super::tables::Generation;
use crate::domain::annotation::{Analysis, AnalyzerStamp, EntityType};
use crate::domain::document::{Document, Seq};
use crate::domain::ids::EntityId;
use crate::domain::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Version of the rows that this program writes. A change of any row's shape raises it and keeps the old shape
/// readable by a migration.
const VERSION: u8 = 1;

/// zstd's fastest regular level: articles shrink to less than half, at several hundred megabytes a second.
const LEVEL: i32 = 1;

/// A type that is stored as the value of a table.
pub(super) trait Record: Serialize + DeserializeOwned {
    /// What an error calls it.
    const NAME: &'static str;
    /// Whether the row is large enough for zstd to pay.
    const PACKED: bool = false;
}

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

/// What is current under a document's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeadRow {
    pub(super) revision: u32,
    pub(super) content_hash: [u8; 32],
    pub(super) seq: Seq,
    pub(super) ingested_at: Timestamp,
    pub(super) analyzer: AnalyzerStamp,
    pub(super) quotes: u32,
    pub(super) entities: u32,
}

/// That a revision was there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RevisionRow {
    pub(super) content_hash: [u8; 32],
    pub(super) ingested_at: Timestamp,
}

/// What one document adds to the entities of its collection; taken away again, to the byte, when it leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ContributionRow {
    /// The time under which the document counts.
    pub(super) seen: Timestamp,
    /// One for each entity of the collection.
    pub(super) shares: Vec<Share>,
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
    /// Quotes that it speaks.
    pub(super) quotes: u64,
}

/// Forms of words with the number of documents that use them; never 0.
pub(super) type Tally = BTreeMap<String, u64>;

/// An entity of a collection: the sum of its documents' shares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EntityRow {
    pub(super) entity_type: EntityType,
    /// The folded name that is its identity.
    pub(super) folded: String,
    /// Folded surname, for a person with a full name.
    pub(super) surname: Option<String>,
    pub(super) names: Tally,
    pub(super) aliases: Tally,
    pub(super) roles: Tally,
    pub(super) documents: u64,
    pub(super) quotes: u64,
    pub(super) inferred_as: Option<EntityId>,
    pub(super) seq: Seq,
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
    RevisionRow, "revision", false;
    ContributionRow, "contribution", true;
    EntityRow, "entity", false;
    Document, "document", true;
    Analysis, "analysis", true;
    super::write::ChangeKind, "change", false;
}

/// The bytes of a row.
pub(super) fn encode<R: Record>(record: &R) -> Result<Vec<u8>, Fault> {
    let failed =
        |cause: &dyn std::fmt::Display| Fault::Corrupt(format!("a {} cannot be written: {cause}", R::NAME));
    let mut bytes = vec![VERSION];
    if R::PACKED {
        let plain = postcard::to_stdvec(record).map_err(|error| failed(&error))?;
        bytes.extend(zstd::bulk::compress(&plain, LEVEL).map_err(|error| failed(&error))?);
        return Ok(bytes);
    }
    postcard::to_extend(record, bytes).map_err(|error| failed(&error))
}

/// The row of the bytes.
pub(super) fn decode<R: Record>(bytes: &[u8]) -> Result<R, Fault> {
    let failed =
        |cause: &dyn std::fmt::Display| Fault::Corrupt(format!("a {} cannot be read: {cause}", R::NAME));
    let (version, body) = bytes.split_first().ok_or_else(|| failed(&"it is empty"))?;
    if *version != VERSION {
        return Err(failed(&format_args!("its version is {version}, not {VERSION}")));
    }
    if R::PACKED {
        let plain = zstd::decode_all(body).map_err(|error| failed(&error))?;
        return postcard::from_bytes(&plain).map_err(|error| failed(&error));
    }
    postcard::from_bytes(body).map_err(|error| failed(&error))
}
