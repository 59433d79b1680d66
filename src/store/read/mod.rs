//! Reading: every question is answered from one [`Snapshot`](super::tables::Snapshot), so that the parts of an answer belong
//! together whatever is written meanwhile. What an answer does not show is not decoded.

mod changes;
mod collections;
mod documents;
mod entities;
mod forms;
mod operations;
mod standing;

use super::error::Fault;
use super::record::{Record, decode};
use super::tables::{Generation, Member};
use crate::domain::ids::{CollectionId, DocumentId, EntityId};
use redb::ReadOnlyTable;

/// A row of a document or an entity.
fn get<R: Record>(
    table: &ReadOnlyTable<Member, &'static [u8]>,
    key: (Generation, &str),
) -> Result<Option<R>, Fault> {
    table.get(key)?.map(|row| decode(row.value())).transpose()
}

fn collection_id(id: &str) -> Result<CollectionId, Fault> {
    CollectionId::new(id).map_err(|error| bad_id(id, error))
}

fn document_id(id: &str) -> Result<DocumentId, Fault> {
    DocumentId::new(id).map_err(|error| bad_id(id, error))
}

fn entity_id(id: &str) -> Result<EntityId, Fault> {
    EntityId::new(id).map_err(|error| bad_id(id, error))
}

/// The error for an identifier in a table that no constructor let in.
fn bad_id(id: &str, error: impl std::fmt::Display) -> Fault {
    Fault::Corrupt(format!("the identifier {id:?} {error}"))
}
