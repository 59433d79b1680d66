//! Reading documents and collections, each call from one snapshot.

use super::Store;
use super::error::{Fault, StoreError};
use super::record::{CollectionRow, ContributionRow, HeadRow, RevisionRow, decode};
use super::tables::{self, Generation, Snapshot};
use super::write::{Current, Revision};
use crate::domain::document::{CollectionInfo, StoredDocument};
use crate::domain::ids::{CollectionId, DocumentId, DocumentName};
use std::ops::Bound;

impl Store {
    /// What is current under the name, without reading text or analysis.
    pub fn current(&self, name: &DocumentName) -> Result<Option<Current>, StoreError> {
        self.read(|snapshot| {
            let Some(generation) = generation(snapshot, &name.collection)? else { return Ok(None) };
            Ok(head(snapshot, generation, name.document.as_str())?.map(|head| Current {
                revision: head.revision,
                content_hash: head.content_hash,
                seq: head.seq,
                analyzer: head.analyzer,
                quotes: head.quotes,
                entities: head.entities,
            }))
        })
    }

    /// The document with its analysis.
    pub fn document(&self, name: &DocumentName) -> Result<Option<StoredDocument>, StoreError> {
        self.read(|snapshot| {
            let Some(generation) = generation(snapshot, &name.collection)? else { return Ok(None) };
            let head = head(snapshot, generation, name.document.as_str())?;
            head.map(|head| stored(snapshot, (generation, name.document.as_str()), head)).transpose()
        })
    }

    /// Documents with their analyses, by id, ascending, those after `after`. None in an unknown collection.
    pub fn documents(
        &self,
        collection: &CollectionId,
        after: Option<&DocumentId>,
        limit: usize,
    ) -> Result<Vec<StoredDocument>, StoreError> {
        self.read(|snapshot| {
            let Some(generation) = generation(snapshot, collection)? else { return Ok(Vec::new()) };
            let from = match after {
                Some(id) => Bound::Excluded((generation, id.as_str())),
                None => Bound::Included((generation, "")),
            };
            let heads = snapshot.open(tables::HEADS)?;
            let rows = heads.range((from, Bound::Excluded((generation + 1, ""))))?;
            rows.take(limit)
                .map(|entry| {
                    let (key, head) = entry?;
                    stored(snapshot, key.value(), decode(head.value())?)
                })
                .collect()
        })
    }

    /// That the document's revisions were there, oldest first; texts and analyses of older ones are not kept.
    pub fn revisions(&self, name: &DocumentName) -> Result<Vec<Revision>, StoreError> {
        self.read(|snapshot| {
            let Some(generation) = generation(snapshot, &name.collection)? else { return Ok(Vec::new()) };
            let id = name.document.as_str();
            let rows =
                snapshot.open(tables::REVISIONS)?.range((generation, id, 0)..=(generation, id, u32::MAX))?;
            rows.map(|entry| {
                let (key, row) = entry?;
                let RevisionRow { content_hash, ingested_at } = decode(row.value())?;
                Ok(Revision { revision: key.value().2, content_hash, ingested_at })
            })
            .collect()
        })
    }

    /// The collection with its counts, which are kept by every write.
    pub fn collection(&self, id: &CollectionId) -> Result<Option<CollectionInfo>, StoreError> {
        self.read(|snapshot| Ok(collection_row(snapshot, id)?.map(|row| info(id.clone(), &row))))
    }

    /// Collections by id, ascending, those after `after`.
    pub fn collections(
        &self,
        after: Option<&CollectionId>,
        limit: usize,
    ) -> Result<Vec<CollectionInfo>, StoreError> {
        self.read(|snapshot| {
            let from = after.map_or(Bound::Unbounded, |id| Bound::Excluded(id.as_str()));
            let rows = snapshot.open(tables::COLLECTIONS)?.range::<&str>((from, Bound::Unbounded))?;
            rows.take(limit)
                .map(|entry| {
                    let (key, row) = entry?;
                    let id = CollectionId::new(key.value()).map_err(|error| bad_id(key.value(), error))?;
                    Ok(info(id, &decode(row.value())?))
                })
                .collect()
        })
    }
}

/// The number of a living collection.
pub(super) fn generation(snapshot: &Snapshot, id: &CollectionId) -> Result<Option<Generation>, Fault> {
    Ok(collection_row(snapshot, id)?.map(|row| row.generation))
}

/// The error for an identifier in a table that no constructor let in.
pub(super) fn bad_id(id: &str, error: impl std::fmt::Display) -> Fault {
    Fault::Corrupt(format!("the identifier {id:?} {error}"))
}

fn collection_row(snapshot: &Snapshot, id: &CollectionId) -> Result<Option<CollectionRow>, Fault> {
    snapshot.open(tables::COLLECTIONS)?.get(id.as_str())?.map(|row| decode(row.value())).transpose()
}

fn info(id: CollectionId, row: &CollectionRow) -> CollectionInfo {
    let CollectionRow { created_at, documents, quotes, entities, .. } = *row;
    CollectionInfo { id, created_at, documents, quotes, entities }
}

fn head(snapshot: &Snapshot, generation: Generation, id: &str) -> Result<Option<HeadRow>, Fault> {
    snapshot.open(tables::HEADS)?.get((generation, id))?.map(|row| decode(row.value())).transpose()
}

/// Puts the parts of a document together.
fn stored(snapshot: &Snapshot, key: (Generation, &str), head: HeadRow) -> Result<StoredDocument, Fault> {
    let missing = |part: &str| Fault::Corrupt(format!("document {:?} has no {part}", key.1));
    let document = snapshot.open(tables::TEXTS)?.get(key)?.ok_or_else(|| missing("text"))?;
    let analysis = snapshot.open(tables::ANALYSES)?.get(key)?.ok_or_else(|| missing("analysis"))?;
    let contribution =
        snapshot.open(tables::CONTRIBUTIONS)?.get(key)?.ok_or_else(|| missing("contribution"))?;
    let ContributionRow { seen: _, shares } = decode(contribution.value())?;
    let links = shares.into_iter().flat_map(|share| {
        let entity = share.entity;
        share.locals.into_iter().map(move |local| (local, entity.clone()))
    });
    Ok(StoredDocument {
        document: decode(document.value())?,
        revision: head.revision,
        content_hash: head.content_hash,
        ingested_at: head.ingested_at,
        seq: head.seq,
        analysis: decode(analysis.value())?,
        links: links.collect(),
    })
}
