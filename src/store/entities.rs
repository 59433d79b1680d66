//! Reading the entities of collections, each call from one snapshot.

use super::documents::{bad_id, generation};
use super::error::{Fault, StoreError};
use super::identity::entity_id;
use super::record::{EntityRow, Tally, decode};
use super::tables::{self, Generation, Snapshot};
use super::{EntityDocument, Store};
use crate::domain::annotation::EntityType;
use crate::domain::document::Seq;
use crate::domain::entity::{Alias, CollectionEntity};
use crate::domain::ids::{CollectionId, DocumentId, EntityId, EntityName};
use crate::domain::time::Timestamp;
use crate::folding::names;
use std::collections::BTreeSet;
use std::ops::Bound;

impl Store {
    /// The entity with everything that its documents say about it.
    pub fn entity(&self, name: &EntityName) -> Result<Option<CollectionEntity>, StoreError> {
        self.read(|snapshot| {
            let Some(generation) = generation(snapshot, &name.collection)? else { return Ok(None) };
            let Some(row) = entity_row(snapshot, generation, name.entity.as_str())? else { return Ok(None) };
            let documents = snapshot.open(tables::SIGHTINGS)?;
            let mut all = documents.range(sightings_of(generation, name.entity.as_str()))?;
            let first = all.next().transpose()?.map(|(key, _)| seen(key.value()));
            let last = all.next_back().transpose()?.map(|(key, _)| seen(key.value()));
            Ok(Some(CollectionEntity {
                name: name.clone(),
                entity_type: row.entity_type,
                display_name: display_name(&row),
                aliases: by_frequency(row.aliases),
                roles: by_frequency(row.roles),
                documents: row.documents,
                quotes: row.quotes,
                first_seen: first,
                last_seen: last.or(first),
                inferred_as: row.inferred_as,
                seq: row.seq,
            }))
        })
    }

    /// Entities whose last change lies in `after + 1 ..= up_to`, by change. One that is gone by now is among them
    /// until another change takes its place: a follower reads the present state and removes what is not there.
    pub fn entities_touched(&self, after: Seq, up_to: Seq) -> Result<Vec<EntityName>, StoreError> {
        self.read(|snapshot| {
            let rows = snapshot.open(tables::TOUCHED)?.range((after + 1, 0, "")..(up_to + 1, 0, ""))?;
            rows.map(|entry| {
                let (key, collection) = entry?;
                let id = collection.value();
                let collection = CollectionId::new(id).map_err(|error| bad_id(id, error))?;
                Ok(EntityName { collection, entity: entity_id_of(key.value().2)? })
            })
            .collect()
        })
    }

    /// Documents that mention the entity, newest first, those after `after`.
    pub fn entity_documents(
        &self,
        name: &EntityName,
        after: Option<&EntityDocument>,
        limit: usize,
    ) -> Result<Vec<EntityDocument>, StoreError> {
        self.read(|snapshot| {
            let Some(generation) = generation(snapshot, &name.collection)? else { return Ok(Vec::new()) };
            let entity = name.entity.as_str();
            let (from, mut until) = sightings_of(generation, entity);
            if let Some(EntityDocument { seen, document }) = after {
                until = Bound::Excluded((generation, entity, seen.seconds, seen.nanos, document.as_str()));
            }
            let rows = snapshot.open(tables::SIGHTINGS)?.range((from, until))?;
            rows.rev()
                .take(limit)
                .map(|entry| {
                    let (key, _) = entry?;
                    let id = key.value().4;
                    let document = DocumentId::new(id).map_err(|error| bad_id(id, error))?;
                    Ok(EntityDocument { seen: seen(key.value()), document })
                })
                .collect()
        })
    }

    /// Entities that go by `name`, compared as [`names::fold`] does, and the bare surnames that are taken for one
    /// of them; ascending.
    pub fn entities_named(&self, collection: &CollectionId, name: &str) -> Result<Vec<EntityId>, StoreError> {
        self.read(|snapshot| {
            let Some(generation) = generation(snapshot, collection)? else { return Ok(Vec::new()) };
            let folded = names::fold(name);
            let mut found = BTreeSet::new();
            for entry in snapshot.open(tables::NAMINGS)?.range((generation, folded.as_str(), "")..)? {
                let (key, _) = entry?;
                let (of, alias, entity) = key.value();
                if (of, alias) != (generation, folded.as_str()) {
                    break;
                }
                found.extend(group(snapshot, generation, entity)?);
            }
            Ok(found.into_iter().collect())
        })
    }

    /// The entity and the bare surname that is taken for it, if there is one. Empty where there is no such entity.
    pub fn entity_group(&self, name: &EntityName) -> Result<Vec<EntityId>, StoreError> {
        self.read(|snapshot| {
            let Some(generation) = generation(snapshot, &name.collection)? else { return Ok(Vec::new()) };
            group(snapshot, generation, name.entity.as_str())
        })
    }
}

type SightingKey<'k> = (Generation, &'k str, i64, u32, &'k str);

fn sightings_of(generation: Generation, entity: &str) -> (Bound<SightingKey<'_>>, Bound<SightingKey<'_>>) {
    let first = (generation, entity, i64::MIN, 0, "");
    // No document id is empty and no second has that many nanoseconds: the end lies after every sighting.
    let end = (generation, entity, i64::MAX, u32::MAX, "");
    (Bound::Included(first), Bound::Excluded(end))
}

fn seen(key: SightingKey<'_>) -> Timestamp {
    Timestamp { seconds: key.2, nanos: key.3 }
}

fn group(snapshot: &Snapshot, generation: Generation, entity: &str) -> Result<Vec<EntityId>, Fault> {
    let Some(row) = entity_row(snapshot, generation, entity)? else { return Ok(Vec::new()) };
    let entity = entity_id_of(entity)?;
    let mut group = vec![];
    if let Some(surname) = &row.surname {
        let bare = entity_id(EntityType::Person, surname, None);
        let bare_row = entity_row(snapshot, generation, bare.as_str())?;
        if bare_row.is_some_and(|row| row.inferred_as.as_ref() == Some(&entity)) {
            group.push(bare);
        }
    }
    group.push(entity);
    Ok(group)
}

fn entity_row(snapshot: &Snapshot, generation: Generation, id: &str) -> Result<Option<EntityRow>, Fault> {
    snapshot.open(tables::ENTITIES)?.get((generation, id))?.map(|row| decode(row.value())).transpose()
}

fn entity_id_of(id: &str) -> Result<EntityId, Fault> {
    EntityId::new(id).map_err(|error| bad_id(id, error))
}

/// The canonical name of most documents; of two, the longer one.
fn display_name(row: &EntityRow) -> String {
    let most = row.names.iter().max_by_key(|(name, documents)| (**documents, name.len(), *name));
    most.map_or_else(|| row.folded.clone(), |(name, _)| name.clone())
}

fn by_frequency(tally: Tally) -> Vec<Alias> {
    let mut forms: Vec<Alias> =
        tally.into_iter().map(|(text, documents)| Alias { text, documents }).collect();
    forms.sort_by(|a, b| b.documents.cmp(&a.documents).then_with(|| a.text.cmp(&b.text)));
    forms
}
