//! Entities: what they add up to against the rows of their forms, names and documents.

use super::Check;
use crate::folding::names;
use crate::store::entities::{ALIAS, RANKED, ROLE, is_living};
use crate::store::error::Fault;
use crate::store::record::decode;
use crate::store::rows::EntityRow;
use crate::store::tables::Generation;
use redb::{ReadableTable, ReadableTableMetadata};

/// No form is that long, and none sorts after it.
const LAST: &str = "\u{10FFFF}";

impl Check<'_> {
    /// Every entity.
    pub(super) fn entities(&mut self) -> Result<(), Fault> {
        let snapshot = self.snapshot;
        for entry in snapshot.entities.iter()? {
            let (key, row) = entry?;
            let (generation, id) = key.value();
            let place = self.entity_name(generation, id);
            if !self.is_living(generation, || place.clone()) {
                continue;
            }
            let Some(row) = self.decoded::<EntityRow>(&place, row.value()) else {
                self.tally(generation).unsure = true;
                continue;
            };
            let (living, sequence) = match is_living(&row) {
                true => (true, &snapshot.touched),
                false => (false, &snapshot.faded),
            };
            self.tally(generation).entities += u64::from(living);
            let noted = sequence.get((row.seq, generation, id))?.is_some();
            self.agrees(noted, &place, || format!("the sequence of changes does not have it at {}", row.seq));
            self.documents_of((generation, id), &place, &row)?;
            self.forms_of((generation, id), &place, &row)?;
            if let Some(surname) = row.surname.as_ref().filter(|_| living) {
                let key = (generation, surname.as_str(), u64::MAX - row.counts.documents, id);
                let found = snapshot.surnames.get(key)?.is_some();
                self.agrees(found, &place, || format!("the surname {surname:?} does not lead to it"));
            }
        }
        Ok(())
    }

    fn documents_of(
        &mut self,
        (generation, id): (Generation, &str),
        place: &str,
        row: &EntityRow,
    ) -> Result<(), Fault> {
        let range = (generation, id, i64::MIN, 0, "")..=(generation, id, i64::MAX, u32::MAX, LAST);
        let mut found = 0;
        for entry in self.snapshot.sightings.range(range)? {
            entry?;
            found += 1;
        }
        self.agrees(found == row.counts.documents, place, || {
            format!("it should be in {} documents, and is in {found}", row.counts.documents)
        });
        Ok(())
    }

    fn forms_of(
        &mut self,
        (generation, id): (Generation, &str),
        place: &str,
        row: &EntityRow,
    ) -> Result<(), Fault> {
        for (kind, what, counted) in [(ALIAS, "names", row.aliases), (ROLE, "roles", row.roles)] {
            let mut found = 0;
            for entry in
                self.snapshot.forms.range((generation, id, kind, "")..=(generation, id, kind, LAST))?
            {
                entry?;
                found += 1;
            }
            self.agrees(found == counted, place, || {
                format!("it should have {counted} {what}, and has {found}")
            });
        }
        Ok(())
    }

    /// Every form of words of an entity.
    pub(super) fn forms(&mut self) -> Result<(), Fault> {
        let snapshot = self.snapshot;
        let mut ranked = 0;
        for entry in snapshot.forms.iter()? {
            let (key, documents) = entry?;
            let (generation, id, kind, form) = key.value();
            let documents = documents.value();
            if documents >= RANKED {
                ranked += 1;
            }
            if !self.living.contains_key(&generation) {
                continue;
            }
            let rank = (generation, id, kind, u64::MAX - documents, form);
            let is_ranked = documents < RANKED || snapshot.ranks.get(rank)?.is_some();
            let folded = names::fold(form);
            let is_named = kind != ALIAS
                || folded.is_empty()
                || snapshot.namings.get((generation, folded.as_str(), id))?.is_some();
            if !(is_ranked && is_named) {
                let place = self.entity_name(generation, id);
                self.agrees(is_ranked, &place, || format!("{form:?} is missing among its frequent forms"));
                self.agrees(is_named, &place, || format!("the name {form:?} does not lead to it"));
            }
        }
        let found = snapshot.ranks.len()?;
        // A collection that is being cleared away may have lost one and not yet the other.
        self.agrees(found == ranked || !self.doomed.is_empty(), "forms", || {
            format!("{ranked} are frequent, and {found} are listed as that")
        });
        Ok(())
    }

    /// Every name that leads to an entity.
    pub(super) fn names(&mut self) -> Result<(), Fault> {
        let snapshot = self.snapshot;
        for entry in snapshot.namings.iter()? {
            let (key, _) = entry?;
            let (generation, name, id) = key.value();
            self.leads((generation, id), || format!("the name {name:?} leads to it, and it is not there"))?;
        }
        for entry in snapshot.surnames.iter()? {
            let (key, ()) = entry.map(|(key, _)| (key, ()))?;
            let (generation, name, _, id) = key.value();
            self.leads((generation, id), || {
                format!("the surname {name:?} leads to it, and it is not there")
            })?;
        }
        Ok(())
    }

    /// Every mention of an entity in a document.
    pub(super) fn sightings(&mut self) -> Result<(), Fault> {
        let snapshot = self.snapshot;
        for entry in snapshot.sightings.iter()? {
            let (key, ()) = entry.map(|(key, _)| (key, ()))?;
            let (generation, entity, _, _, document) = key.value();
            if !self.living.contains_key(&generation) {
                continue;
            }
            self.tally(generation).sightings += 1;
            if snapshot.heads.get((generation, document))?.is_none() {
                let place = self.entity_name(generation, entity);
                self.agrees(false, &place, || {
                    format!("it is mentioned in the document {document}, which is not there")
                });
            }
        }
        Ok(())
    }

    /// Notes that something leads to an entity that is not there. One that cannot be read is noted elsewhere.
    fn leads(
        &mut self,
        (generation, id): (Generation, &str),
        what: impl FnOnce() -> String,
    ) -> Result<(), Fault> {
        if !self.living.contains_key(&generation) {
            return Ok(());
        }
        let row = self.snapshot.entities.get((generation, id))?;
        let there =
            row.is_some_and(|row| decode::<EntityRow>(row.value()).map_or(true, |row| is_living(&row)));
        if !there {
            let place = self.entity_name(generation, id);
            self.agrees(false, &place, what);
        }
        Ok(())
    }
}
