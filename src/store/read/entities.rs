//! The entities of collections. A bare surname that is taken for a full name counts with it: the two are a *group*.

use super::super::entities::{ALIAS, ROLE, entity_id as id_of, is_living, kind_key};
use super::super::error::Fault;
use super::super::rows::EntityRow;
use super::super::tables::{Generation, Sighting, Snapshot, sighting};
use super::{collection_id, document_id, entity_id, get};
use crate::domain::annotation::EntityType;
use crate::domain::document::Seq;
use crate::domain::entity::{Alias, CollectionEntity, FormKind, MOST_FORMS};
use crate::domain::ids::{CollectionId, EntityId, EntityName};
use crate::domain::query::EntityRef;
use crate::domain::time::Timestamp;
use crate::folding::names;
use crate::ports::{EntityChange, EntityDocument, EntityPlace, FormPlace};
use redb::{AccessGuard, Value};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::iter::Peekable;
use std::ops::Bound;

impl Snapshot {
    /// The entity with its counts and its most frequent forms.
    pub(in crate::store) fn entity(&self, name: &EntityName) -> Result<Option<CollectionEntity>, Fault> {
        let Some(generation) = self.generation(&name.collection)? else { return Ok(None) };
        self.entity_in(generation, name)
    }

    /// The form of each that most documents use as its full name; `None` of one that is not there.
    pub(in crate::store) fn display_names(
        &self,
        collection: &CollectionId,
        entities: &[EntityId],
    ) -> Result<Vec<Option<String>>, Fault> {
        let Some(generation) = self.generation(collection)? else { return Ok(vec![None; entities.len()]) };
        let name = |entity: &EntityId| {
            let Some(row) = self.entity_row(generation, entity.as_str())? else { return Ok(None) };
            Ok(Some(self.display_name(generation, entity.as_str())?.unwrap_or(row.folded)))
        };
        entities.iter().map(name).collect()
    }

    /// For each reference the entities that it stands for; `None` where there is no such collection.
    pub(in crate::store) fn resolve(
        &self,
        collection: &CollectionId,
        references: &[EntityRef],
    ) -> Result<Option<Vec<Vec<EntityId>>>, Fault> {
        let Some(generation) = self.generation(collection)? else { return Ok(None) };
        let groups = references.iter().map(|reference| match reference {
            EntityRef::Id(entity) => Ok(self.group(generation, entity)?.into_iter().collect()),
            EntityRef::Name(name) => self.named(generation, name),
        });
        groups.collect::<Result<_, _>>().map(Some)
    }

    /// Documents that mention the entity or a bare surname that is taken for it, each once, latest first, those after `after`.
    pub(in crate::store) fn entity_documents(
        &self,
        name: &EntityName,
        after: Option<&EntityPlace>,
        limit: usize,
    ) -> Result<Vec<EntityDocument>, Fault> {
        let Some(generation) = self.generation(&name.collection)? else { return Ok(Vec::new()) };
        let mut lists = Vec::new();
        for entity in self.group(generation, &name.entity)? {
            let rows = self.sightings.range(sightings_of(generation, entity.as_str(), after))?;
            lists.push((entity, rows.map(|entry| place(&entry?.0)).peekable()));
        }
        let mut documents = Vec::new();
        while documents.len() < limit
            && let Some(document) = next_document(&mut lists)?
        {
            documents.push(document);
        }
        Ok(documents)
    }

    /// The entity's forms of one kind, most frequent first, those after `after`.
    pub(in crate::store) fn forms(
        &self,
        name: &EntityName,
        kind: FormKind,
        after: Option<&FormPlace>,
        limit: usize,
    ) -> Result<Vec<Alias>, Fault> {
        let Some(generation) = self.generation(&name.collection)? else { return Ok(Vec::new()) };
        self.forms_of((generation, name.entity.as_str(), kind_key(kind)), after, limit)
    }

    /// Entities whose last change lies in `after + 1 ..= up_to`, by change, each as it is now.
    pub(in crate::store) fn entities_touched(
        &self,
        after: Seq,
        up_to: Seq,
    ) -> Result<Vec<EntityChange>, Fault> {
        let mut touched = Vec::new();
        for table in [&self.touched, &self.faded] {
            for entry in table.range((after + 1, 0, "")..(up_to + 1, 0, ""))? {
                let (key, collection) = entry?;
                let (seq, generation, entity) = key.value();
                let name =
                    EntityName { collection: collection_id(collection.value())?, entity: entity_id(entity)? };
                touched.push((seq, generation, name));
            }
        }
        touched.sort_unstable();
        let mut changes = Vec::with_capacity(touched.len());
        for (_, generation, name) in touched {
            if self.generation(&name.collection)? == Some(generation) {
                changes.push(match self.entity_in(generation, &name)? {
                    Some(entity) => EntityChange::Put(Box::new(entity)),
                    None => EntityChange::Gone(name),
                });
            }
        }
        Ok(changes)
    }

    fn entity_in(
        &self,
        generation: Generation,
        name: &EntityName,
    ) -> Result<Option<CollectionEntity>, Fault> {
        let id = name.entity.as_str();
        let Some(row) = self.entity_row(generation, id)? else { return Ok(None) };
        let (mut counts, mut seen) = (row.counts, self.seen(generation, id)?);
        if let Some((surname, bare)) = self.surname_of(generation, &name.entity, &row)? {
            counts.documents += bare.counts.documents.saturating_sub(counts.beside_surname);
            counts.quotes += bare.counts.quotes;
            counts.statements += bare.counts.statements;
            let both = [seen, self.seen(generation, surname.as_str())?].into_iter().flatten();
            seen = both.reduce(|(first, last), (f, l)| (first.min(f), last.max(l)));
        }
        let most = |kind| self.forms_of((generation, id, kind), None, MOST_FORMS);
        Ok(Some(CollectionEntity {
            name: name.clone(),
            entity_type: row.entity_type,
            display_name: self.display_name(generation, id)?.unwrap_or(row.folded),
            aliases: most(ALIAS)?,
            alias_count: row.aliases,
            roles: most(ROLE)?,
            role_count: row.roles,
            documents: counts.documents,
            quotes: counts.quotes,
            statements: counts.statements,
            first_seen: seen.map(|(first, _)| first),
            last_seen: seen.map(|(_, last)| last),
            inferred_as: row.inferred_as,
            seq: row.seq,
        }))
    }

    /// When the earliest and the latest document that mention the entity were seen.
    fn seen(&self, generation: Generation, entity: &str) -> Result<Option<(Timestamp, Timestamp)>, Fault> {
        let mut all = self.sightings.range(sightings_of(generation, entity, None))?;
        let Some(last) = all.next().transpose()?.map(|(key, _)| seen_at(&key)) else { return Ok(None) };
        let first = all.next_back().transpose()?.map(|(key, _)| seen_at(&key));
        Ok(Some((first.unwrap_or(last), last)))
    }

    /// The entities that go by `name`, with the bare surnames that are taken for them; ascending.
    fn named(&self, generation: Generation, name: &str) -> Result<Vec<EntityId>, Fault> {
        let folded = names::fold(name);
        let mut found = BTreeSet::new();
        for entry in self.namings.range((generation, folded.as_str(), "")..)? {
            let (key, _) = entry?;
            let (of, alias, entity) = key.value();
            if (of, alias) != (generation, folded.as_str()) {
                break;
            }
            found.extend(self.group(generation, &entity_id(entity)?)?);
        }
        Ok(found.into_iter().collect())
    }

    /// The entity and the bare surname that is taken for it, if there is one. Empty where there is no such entity.
    fn group(&self, generation: Generation, entity: &EntityId) -> Result<BTreeSet<EntityId>, Fault> {
        let Some(row) = self.entity_row(generation, entity.as_str())? else { return Ok(BTreeSet::new()) };
        let surname = self.surname_of(generation, entity, &row)?;
        Ok(surname.map(|(surname, _)| surname).into_iter().chain([entity.clone()]).collect())
    }

    /// The bare surname that is taken for the entity.
    fn surname_of(
        &self,
        generation: Generation,
        entity: &EntityId,
        row: &EntityRow,
    ) -> Result<Option<(EntityId, EntityRow)>, Fault> {
        let Some(surname) = &row.surname else { return Ok(None) };
        let bare = id_of(EntityType::Person, surname, None);
        let bare_row = self.entity_row(generation, bare.as_str())?;
        Ok(bare_row.filter(|row| row.inferred_as.as_ref() == Some(entity)).map(|row| (bare, row)))
    }

    fn entity_row(&self, generation: Generation, id: &str) -> Result<Option<EntityRow>, Fault> {
        Ok(get::<EntityRow>(&self.entities, (generation, id))?.filter(is_living))
    }
}

/// The first document of several lists that are each in order, taken from all of them.
fn next_document<I: Iterator<Item = Result<EntityPlace, Fault>>>(
    lists: &mut [(EntityId, Peekable<I>)],
) -> Result<Option<EntityDocument>, Fault> {
    let order = |place: &EntityPlace| (Reverse(place.seen), place.document.clone());
    let mut first: Option<EntityPlace> = None;
    for (_, places) in lists.iter_mut() {
        if let Some(Err(fault)) = places.next_if(Result::is_err) {
            return Err(fault);
        }
        if let Some(Ok(place)) = places.peek()
            && first.as_ref().is_none_or(|first| order(place) < order(first))
        {
            first = Some(place.clone());
        }
    }
    let Some(place) = first else { return Ok(None) };
    let mut entities = Vec::new();
    for (entity, places) in lists.iter_mut() {
        if places.next_if(|next| next.as_ref().is_ok_and(|next| *next == place)).is_some() {
            entities.push(entity.clone());
        }
    }
    Ok(Some(EntityDocument { place, entities }))
}

type SightingKey<'k> = <Sighting as Value>::SelfType<'k>;

/// The entity's documents, the latest first, those after a place.
fn sightings_of<'k>(
    generation: Generation,
    entity: &'k str,
    after: Option<&'k EntityPlace>,
) -> (Bound<SightingKey<'k>>, Bound<SightingKey<'k>>) {
    let from = match after {
        Some(EntityPlace { seen, document }) => {
            Bound::Excluded(sighting(generation, entity, *seen, document.as_str()))
        }
        None => Bound::Included((generation, entity, i64::MIN, 0, "")),
    };
    // No document id is empty and no second has that many nanoseconds: the end lies after every sighting.
    (from, Bound::Excluded((generation, entity, i64::MAX, u32::MAX, "")))
}

fn seen_at(key: &AccessGuard<'_, Sighting>) -> Timestamp {
    let (_, _, seconds, nanos, _) = key.value();
    Timestamp { seconds: !seconds, nanos: !nanos }
}

fn place(key: &AccessGuard<'_, Sighting>) -> Result<EntityPlace, Fault> {
    Ok(EntityPlace { seen: seen_at(key), document: document_id(key.value().4)? })
}
