//! Rows: what an answer shows of an entry, stored beside it, so that a hit is read from one small row and never from
//! a document. A version byte, then the fields in postcard's encoding.

use crate::domain::annotation::Quote;
use crate::domain::entity::CollectionEntity;
use crate::domain::excerpt::Excerpts;
use crate::domain::hit::{QuoteHit, Summary};
use crate::domain::ids::EntityId;
use crate::domain::span::ByteSpan;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tantivy::TantivyError;
use tantivy::schema::Field;
use tantivy::schema::document::{
    DeserializeError, DocumentDeserialize, DocumentDeserializer, ValueDeserialize, ValueDeserializer,
};

/// Version of the encoding.
const VERSION: u8 = 1;

/// What a query for quotes shows.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct QuoteRow {
    pub(super) document: Summary,
    pub(super) quote: Quote,
    pub(super) sentence: Option<ByteSpan>,
    pub(super) speaker: Option<EntityId>,
    pub(super) about: Vec<EntityId>,
    pub(super) excerpts: Excerpts,
}

impl From<QuoteHit> for QuoteRow {
    fn from(hit: QuoteHit) -> Self {
        let QuoteHit { document, quote, sentence, speaker, about, excerpts, .. } = hit;
        Self { document, quote, sentence, speaker, about, excerpts }
    }
}

/// What a query for documents shows.
pub(super) type DocumentRow = Summary;

/// What a query for entities shows.
pub(super) type EntityRow = CollectionEntity;

/// The row as bytes.
pub(super) fn encode<T: Serialize>(row: &T) -> Result<Vec<u8>, TantivyError> {
    postcard::to_extend(row, vec![VERSION]).map_err(|error| TantivyError::InternalError(error.to_string()))
}

/// The row in these bytes.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, TantivyError> {
    let row = match bytes.split_first() {
        Some((&VERSION, row)) => postcard::from_bytes(row).map_err(|error| error.to_string()),
        _ => Err("another version".to_owned()),
    };
    row.map_err(|what| TantivyError::InternalError(format!("a row cannot be read: {what}")))
}

/// The bytes of an entry's row: its one stored value.
pub(super) struct Stored(pub(super) Vec<u8>);

impl DocumentDeserialize for Stored {
    fn deserialize<'de, D: DocumentDeserializer<'de>>(mut entry: D) -> Result<Self, DeserializeError> {
        let value: Option<(Field, Bytes)> = entry.next_field()?;
        value.map(|(_, bytes)| Self(bytes.0)).ok_or_else(|| DeserializeError::custom("an entry has no row"))
    }
}

struct Bytes(Vec<u8>);

impl ValueDeserialize for Bytes {
    fn deserialize<'de, D: ValueDeserializer<'de>>(value: D) -> Result<Self, DeserializeError> {
        value.deserialize_bytes().map(Self)
    }
}
