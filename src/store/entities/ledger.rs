//! The entities that one batch touches: each row is read once, changed in memory by every document of the batch, and written
//! once at the end, however many documents name it. [`Ledger::add`] and [`Ledger::subtract`] are exact opposites;
//! [`Ledger::settle`] decides anew what bare surnames mean and writes the rows.

use super::super::error::Fault;
use super::super::record::decode;
use super::super::rows::{ContributionRow, Counts, EntityRow, Share};
use super::super::tables::{Generation, Tables};
use super::account::Account;
use super::contribution::{Portion, Portions};
use super::identity::{Callings, dominates, entity_id};
use crate::domain::annotation::EntityType;
use crate::domain::document::Seq;
use crate::domain::ids::{CollectionId, DocumentName, EntityId};
use redb::ReadableTable;
use std::collections::{BTreeMap, BTreeSet};

/// A document that comes or goes.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Place<'a> {
    pub(in crate::store) generation: Generation,
    pub(in crate::store) name: &'a DocumentName,
    /// The change that puts or removes it.
    pub(in crate::store) seq: Seq,
}

/// See the module.
#[derive(Default)]
pub(in crate::store) struct Ledger {
    accounts: BTreeMap<(Generation, EntityId), Account>,
    collections: BTreeMap<Generation, CollectionId>,
}

impl Ledger {
    /// Reads every row that a document's coming and going may need. What is damaged shows here, before anything is changed.
    pub(in crate::store) fn prepare(
        &mut self,
        tables: &Tables<'_>,
        generation: Generation,
        leaving: Option<&ContributionRow>,
        coming: &Portions,
    ) -> Result<(), Fault> {
        for share in leaving.iter().flat_map(|contribution| &contribution.shares) {
            self.account(tables, generation, &share.entity)?;
        }
        for ((entity_type, folded), portion) in coming {
            self.account(tables, generation, &entity_id(*entity_type, folded, None))?;
            if let Some((namesake, _)) = namesake(*entity_type, folded, portion) {
                self.account(tables, generation, &namesake)?;
            }
        }
        Ok(())
    }

    /// Counts a document in; says what it adds to whom. Its rows must have been prepared.
    pub(in crate::store) fn add(&mut self, place: Place<'_>, portions: Portions) -> Vec<Share> {
        let bare: BTreeSet<String> = surnames_beside(&portions);
        let mut shares = Vec::with_capacity(portions.len());
        for ((entity_type, folded), portion) in portions {
            let entity = self.identify(place.generation, entity_type, &folded, &portion);
            let Callings { athlete, official } = Callings::of(&portion.roles);
            let Portion { surname, locals, names, aliases, roles, quotes, statements } = portion;
            let counts = Counts {
                documents: 1,
                beside_surname: u64::from(surname.as_ref().is_some_and(|surname| bare.contains(surname))),
                quotes,
                statements,
                athlete: athlete.into(),
                official: official.into(),
            };
            let share = Share { entity, locals, names, aliases, roles, counts };
            let account = self.accounts.entry((place.generation, share.entity.clone()));
            let account = account.or_insert_with(|| Account::open(None));
            account.credit(&share, place.seq, (entity_type, &folded, surname.as_deref()));
            shares.push(share);
        }
        self.name(place);
        shares
    }

    /// Counts a document out. Its rows must have been prepared.
    pub(in crate::store) fn subtract(&mut self, place: Place<'_>, contribution: &ContributionRow) {
        for share in &contribution.shares {
            let account = self.accounts.entry((place.generation, share.entity.clone()));
            account.or_insert_with(|| Account::open(None)).debit(share, place.seq);
        }
        self.name(place);
    }

    /// Forgets a collection that the batch deletes: its rows stay hidden as they stand.
    pub(in crate::store) fn forget(&mut self, generation: Generation) {
        self.accounts.retain(|(of, _), _| *of != generation);
    }

    /// Writes what changed, where `last` is the batch's last change. Says by how much each collection's number of entities did.
    pub(in crate::store) fn settle(
        mut self,
        tables: &mut Tables<'_>,
        last: Seq,
    ) -> Result<BTreeMap<Generation, i64>, Fault> {
        for (generation, surname) in self.write_surnames(tables)? {
            match self.infer(tables, generation, &surname, last) {
                // Somebody else's damage must not fail the batch: the surname keeps its meaning.
                Err(Fault::Corrupt(reason)) => {
                    tracing::warn!(surname, reason, "a bare surname is left as it was")
                }
                inferred => inferred?,
            }
        }
        let mut growth = BTreeMap::new();
        for ((generation, entity), account) in &self.accounts {
            let Some(collection) = self.collections.get(generation) else { continue };
            *growth.entry(*generation).or_default() +=
                account.write(tables, (*generation, entity), collection)?;
        }
        Ok(growth)
    }

    /// Brings the table of surnames up to date; the surnames whose meaning, or whose group's counts, may have changed.
    fn write_surnames(&self, tables: &mut Tables<'_>) -> Result<BTreeSet<(Generation, String)>, Fault> {
        let mut affected = BTreeSet::new();
        for ((generation, entity), account) in &self.accounts {
            let Some(row) = account.row.as_ref().or(account.before()) else { continue };
            if account.touched().is_none() || row.entity_type != EntityType::Person {
                continue;
            }
            if let Some(surname) = &row.surname {
                let key = |row: &EntityRow| {
                    (*generation, surname.as_str(), u64::MAX - row.counts.documents, entity.as_str())
                };
                if let Some(before) = account.before() {
                    tables.surnames.remove(key(before))?;
                }
                if let Some(row) = &account.row {
                    tables.surnames.insert(key(row), ())?;
                }
            }
            affected.insert((*generation, row.surname.clone().unwrap_or_else(|| row.folded.clone())));
        }
        Ok(affected)
    }

    /// Decides which full name the bare surname stands for, if the collection has an entity of that name. The full names that
    /// it stood for and stands for count its documents with theirs, so they change with it.
    fn infer(
        &mut self,
        tables: &Tables<'_>,
        generation: Generation,
        surname: &str,
        last: Seq,
    ) -> Result<(), Fault> {
        let bare = entity_id(EntityType::Person, surname, None);
        let account = self.account(tables, generation, &bare)?;
        let before = account.before().and_then(|row| row.inferred_as.clone());
        let (mut touched, row) = (account.touched(), account.row.clone());
        let mut inferred = None;
        if let Some(row) = row {
            inferred = self.dominant(tables, generation, surname, row.callings())?;
            let account = self.account(tables, generation, &bare)?;
            if inferred != row.inferred_as {
                account.row = Some(EntityRow { inferred_as: inferred.clone(), ..row });
                account.touch(last);
                touched = account.touched();
            }
        }
        let Some(seq) = touched else { return Ok(()) };
        for full in BTreeSet::from([before, inferred]).into_iter().flatten() {
            let account = self.account(tables, generation, &full)?;
            if account.row.is_some() || account.touched().is_some() {
                account.touch(seq);
            }
        }
        Ok(())
    }

    /// The full name that the surname means, unless its callings speak against it.
    fn dominant(
        &mut self,
        tables: &Tables<'_>,
        generation: Generation,
        surname: &str,
        callings: Callings,
    ) -> Result<Option<EntityId>, Fault> {
        let mut full_names = tables.surnames.range((generation, surname, 0, "")..)?;
        let mut next = || -> Result<Option<(String, u64)>, Fault> {
            let Some((key, _)) = full_names.next().transpose()? else { return Ok(None) };
            let (of, name, rest, entity) = key.value();
            Ok(((of, name) == (generation, surname)).then(|| (entity.to_owned(), u64::MAX - rest)))
        };
        let Some((entity, most)) = next()? else { return Ok(None) };
        if !dominates(most, next()?.map(|(_, documents)| documents)) {
            return Ok(None);
        }
        let full = EntityId::new(entity).map_err(|error| Fault::Corrupt(format!("a surname: {error}")))?;
        let row = self.account(tables, generation, &full)?.row.as_ref();
        Ok(row.is_some_and(|row| !row.callings().conflict(callings)).then_some(full))
    }

    /// Which entity an identity's portion belongs to. The first of two namesakes keeps the plain id; the second, known by a
    /// calling that the first does not have, gets an id of its own.
    fn identify(
        &self,
        generation: Generation,
        entity_type: EntityType,
        folded: &str,
        portion: &Portion,
    ) -> EntityId {
        let plain = entity_id(entity_type, folded, None);
        let Some((namesake, callings)) = namesake(entity_type, folded, portion) else { return plain };
        let row = |entity: &EntityId| self.accounts.get(&(generation, entity.clone()))?.row.as_ref();
        let apart = row(&plain).is_some_and(|row| row.callings().conflict(callings));
        if apart || row(&namesake).is_some() { namesake } else { plain }
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
                Ok(place.insert(Account::open(stored)))
            }
        }
    }

    fn name(&mut self, place: Place<'_>) {
        self.collections.entry(place.generation).or_insert_with(|| place.name.collection.clone());
    }
}

/// The id that a person of the portion's calling has beside a namesake of another.
fn namesake(entity_type: EntityType, folded: &str, portion: &Portion) -> Option<(EntityId, Callings)> {
    portion.surname.as_ref()?;
    let callings = Callings::of(&portion.roles);
    let calling = callings.only()?;
    Some((entity_id(entity_type, folded, Some(calling)), callings))
}

/// Surnames that the document mentions by themselves.
fn surnames_beside(portions: &Portions) -> BTreeSet<String> {
    let persons = portions.iter().filter(|((entity_type, _), _)| *entity_type == EntityType::Person);
    persons.filter(|(_, portion)| portion.surname.is_none()).map(|((_, folded), _)| folded.clone()).collect()
}
