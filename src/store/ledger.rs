//! The entities that one batch touches: each row is read once, changed in memory by every document of the batch,
//! and written once at the end, however many documents name it. [`Ledger::add`] and [`Ledger::subtract`] are exact
//! opposites; [`Ledger::settle`] decides anew what bare surnames mean and writes the rows.

use super::contribution::{Portion, portions};
use super::error::Fault;
use super::identity::{Callings, dominant, entity_id};
use super::record::{ContributionRow, EntityRow, Share, Tally, decode, encode};
use super::tables::{Generation, Tables};
use crate::domain::annotation::{Analysis, EntityType};
use crate::domain::document::Seq;
use crate::domain::ids::{CollectionId, DocumentName, EntityId};
use crate::domain::time::Timestamp;
use crate::folding::names;
use redb::ReadableTable;
use std::collections::{BTreeMap, BTreeSet};

/// A document that comes or goes.
pub(super) struct Place<'a> {
    pub(super) generation: Generation,
    pub(super) name: &'a DocumentName,
    /// The change that puts or removes it.
    pub(super) seq: Seq,
}

/// See the module.
#[derive(Default)]
pub(super) struct Ledger {
    accounts: BTreeMap<(Generation, EntityId), Account>,
    collections: BTreeMap<Generation, CollectionId>,
}

/// One entity in the course of a batch.
struct Account {
    /// As the table has it.
    stored: Option<EntityRow>,
    /// As it is now.
    row: Option<EntityRow>,
    /// The batch's last change to it.
    touched: Option<Seq>,
}

impl Ledger {
    /// Counts a document in; says what it added to whom.
    pub(super) fn add(
        &mut self,
        tables: &mut Tables<'_>,
        place: &Place<'_>,
        seen: Timestamp,
        (text, analysis): (&str, &Analysis),
    ) -> Result<ContributionRow, Fault> {
        let mut shares = Vec::new();
        for ((entity_type, folded), portion) in portions(text, analysis) {
            let entity = self.identify(tables, place.generation, (entity_type, &folded), &portion)?;
            let Portion { surname, locals, names, aliases, roles, quotes } = portion;
            let share = Share { entity, locals, names, aliases, roles, quotes };
            let account = self.account(tables, place.generation, &share.entity)?;
            account.row.get_or_insert_with(|| blank(entity_type, folded, surname)).credit(&share);
            self.touch(place, &share.entity);
            tables.sightings.insert(sighting(place, &share.entity, seen), ())?;
            shares.push(share);
        }
        Ok(ContributionRow { seen, shares })
    }

    /// Counts a document out.
    pub(super) fn subtract(
        &mut self,
        tables: &mut Tables<'_>,
        place: &Place<'_>,
        contribution: &ContributionRow,
    ) -> Result<(), Fault> {
        for share in &contribution.shares {
            let account = self.account(tables, place.generation, &share.entity)?;
            let balance = account.row.take().and_then(|row| row.debited(share));
            let Some(row) = balance else {
                let (entity, name) = (&share.entity, place.name);
                return Err(Fault::Corrupt(format!("entity {entity} holds less than {name} gave it")));
            };
            account.row = (row.documents > 0).then_some(row);
            self.touch(place, &share.entity);
            tables.sightings.remove(sighting(place, &share.entity, contribution.seen))?;
        }
        Ok(())
    }

    /// Forgets a collection that the batch deletes: its rows stay hidden as they stand.
    pub(super) fn forget(&mut self, generation: Generation) {
        self.accounts.retain(|(of, _), _| *of != generation);
    }

    /// Writes what changed. Says by how much each collection's number of entities did.
    pub(super) fn settle(
        mut self,
        tables: &mut Tables<'_>,
        last: Seq,
    ) -> Result<BTreeMap<Generation, i64>, Fault> {
        for surname in self.write_surnames(tables)? {
            self.infer(tables, &surname, last)?;
        }
        let mut growth = BTreeMap::new();
        for ((generation, entity), account) in &self.accounts {
            let Some(seq) = account.touched else { continue };
            let after = i64::from(account.row.is_some());
            *growth.entry(*generation).or_default() += after - i64::from(account.stored.is_some());
            account.write(tables, (*generation, entity), seq)?;
            if let Some(stored) = &account.stored {
                tables.touched.remove((stored.seq, *generation, entity.as_str()))?;
            }
            let collection = &self.collections[generation];
            tables.touched.insert((seq, *generation, entity.as_str()), collection.as_str())?;
        }
        Ok(growth)
    }

    /// Brings the table of surnames up to date; the surnames whose meaning may have changed.
    fn write_surnames(&self, tables: &mut Tables<'_>) -> Result<BTreeSet<(Generation, String)>, Fault> {
        let mut affected = BTreeSet::new();
        for ((generation, entity), account) in &self.accounts {
            let Some(row) = account.row.as_ref().or(account.stored.as_ref()) else { continue };
            if account.touched.is_none() || row.entity_type != EntityType::Person {
                continue;
            }
            if let Some(surname) = &row.surname {
                let key = (*generation, surname.as_str(), entity.as_str());
                match &account.row {
                    Some(row) => tables.surnames.insert(key, row.documents)?,
                    None => tables.surnames.remove(key)?,
                };
            }
            affected.insert((*generation, row.surname.clone().unwrap_or_else(|| row.folded.clone())));
        }
        Ok(affected)
    }

    /// Decides which full name the bare surname stands for, if the collection has an entity of that name.
    fn infer(
        &mut self,
        tables: &Tables<'_>,
        (generation, surname): &(Generation, String),
        last: Seq,
    ) -> Result<(), Fault> {
        let bare = entity_id(EntityType::Person, surname, None);
        let Some(bare_row) = self.account(tables, *generation, &bare)?.row.clone() else { return Ok(()) };
        let mut full_names = Vec::new();
        for entry in tables.surnames.range((*generation, surname.as_str(), "")..)? {
            let (key, documents) = entry?;
            let (of, name, entity) = key.value();
            if (of, name) != (*generation, surname.as_str()) {
                break;
            }
            full_names.push((entity.to_owned(), documents.value()));
        }
        let mut inferred = None;
        if let Some(entity) = dominant(full_names) {
            let full =
                EntityId::new(entity).map_err(|error| Fault::Corrupt(format!("a surname: {error}")))?;
            let row = self.account(tables, *generation, &full)?.row.as_ref();
            let conflict = row.is_none_or(|row| row.callings().conflict(bare_row.callings()));
            inferred = (!conflict).then_some(full);
        }
        if inferred != bare_row.inferred_as {
            let account = self.account(tables, *generation, &bare)?;
            account.row = Some(EntityRow { inferred_as: inferred, ..bare_row });
            account.touched = Some(last);
        }
        Ok(())
    }

    /// Which entity an identity's portion belongs to. The first of two namesakes keeps the plain id; the second,
    /// known by a calling that the first does not have, gets an id of its own.
    fn identify(
        &mut self,
        tables: &Tables<'_>,
        generation: Generation,
        (entity_type, folded): (EntityType, &str),
        portion: &Portion,
    ) -> Result<EntityId, Fault> {
        let plain = entity_id(entity_type, folded, None);
        let callings = Callings::of(&portion.roles);
        let (Some(calling), Some(_)) = (callings.only(), &portion.surname) else { return Ok(plain) };
        let namesake = entity_id(entity_type, folded, Some(calling));
        if self.account(tables, generation, &namesake)?.row.is_some() {
            return Ok(namesake);
        }
        let first = self.account(tables, generation, &plain)?.row.as_ref();
        let apart = first.is_some_and(|row| row.callings().conflict(callings));
        Ok(if apart { namesake } else { plain })
    }

    /// The entity's account, opened where this is the first time that the batch asks for it.
    fn account(
        &mut self,
        tables: &Tables<'_>,
        generation: Generation,
        entity: &EntityId,
    ) -> Result<&mut Account, Fault> {
        use std::collections::btree_map::Entry;
        match self.accounts.entry((generation, entity.clone())) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => {
                let stored = tables.entities.get((generation, entity.as_str()))?;
                let stored = stored.map(|row| decode::<EntityRow>(row.value())).transpose()?;
                Ok(place.insert(Account { row: stored.clone(), stored, touched: None }))
            }
        }
    }

    fn touch(&mut self, place: &Place<'_>, entity: &EntityId) {
        if let Some(account) = self.accounts.get_mut(&(place.generation, entity.clone())) {
            account.touched = Some(place.seq);
        }
        self.collections.entry(place.generation).or_insert_with(|| place.name.collection.clone());
    }
}

impl Account {
    /// Writes the row and the names that lead to it.
    fn write(
        &self,
        tables: &mut Tables<'_>,
        (generation, entity): (Generation, &EntityId),
        seq: Seq,
    ) -> Result<(), Fault> {
        let key = (generation, entity.as_str());
        match &self.row {
            Some(row) => {
                let bytes = encode(&EntityRow { seq, ..row.clone() })?;
                tables.entities.insert(key, bytes.as_slice())?;
            }
            None => drop(tables.entities.remove(key)?),
        }
        let (before, after) = (folded_aliases(&self.stored), folded_aliases(&self.row));
        for gone in before.difference(&after) {
            tables.namings.remove((generation, gone.as_str(), entity.as_str()))?;
        }
        for new in after.difference(&before) {
            tables.namings.insert((generation, new.as_str(), entity.as_str()), ())?;
        }
        Ok(())
    }
}

fn folded_aliases(row: &Option<EntityRow>) -> BTreeSet<String> {
    let aliases = row.iter().flat_map(|row| row.aliases.keys());
    aliases.map(|alias| names::fold(alias)).filter(|folded| !folded.is_empty()).collect()
}

fn sighting<'k>(
    place: &'k Place<'_>,
    entity: &'k EntityId,
    seen: Timestamp,
) -> (Generation, &'k str, i64, u32, &'k str) {
    (place.generation, entity.as_str(), seen.seconds, seen.nanos, place.name.document.as_str())
}

fn blank(entity_type: EntityType, folded: String, surname: Option<String>) -> EntityRow {
    EntityRow {
        entity_type,
        folded,
        surname,
        names: Tally::new(),
        aliases: Tally::new(),
        roles: Tally::new(),
        documents: 0,
        quotes: 0,
        inferred_as: None,
        seq: 0,
    }
}

impl EntityRow {
    fn callings(&self) -> Callings {
        Callings::of(self.roles.keys())
    }

    fn credit(&mut self, share: &Share) {
        self.documents += 1;
        self.quotes += share.quotes;
        for (tally, forms) in self.tallies(share) {
            for form in forms {
                *tally.entry(form.clone()).or_default() += 1;
            }
        }
    }

    /// `None` where the row never had the share.
    fn debited(mut self, share: &Share) -> Option<Self> {
        self.documents = self.documents.checked_sub(1)?;
        self.quotes = self.quotes.checked_sub(share.quotes)?;
        for (tally, forms) in self.tallies(share) {
            for form in forms {
                let count = tally.get_mut(form)?;
                *count -= 1;
                if *count == 0 {
                    tally.remove(form);
                }
            }
        }
        Some(self)
    }

    fn tallies<'a>(&'a mut self, share: &'a Share) -> [(&'a mut Tally, &'a BTreeSet<String>); 3] {
        [
            (&mut self.names, &share.names),
            (&mut self.aliases, &share.aliases),
            (&mut self.roles, &share.roles),
        ]
    }
}
