//! One entity in the course of a batch: its row as the table has it, and as the documents of the batch have changed it.

use super::super::error::Fault;
use super::super::record::encode;
use super::super::rows::{Counts, EntityRow, Share};
use super::super::tables::{Generation, Tables};
use super::identity::Callings;
use super::tally::Tally;
use super::{ALIAS, NAME, ROLE};
use crate::domain::annotation::EntityType;
use crate::domain::document::Seq;
use crate::domain::ids::{CollectionId, EntityId};

/// See the module.
#[derive(Debug)]
pub(super) struct Account {
    /// As the table has it; a trace without documents among them.
    stored: Option<EntityRow>,
    /// As it is now; `None` where no document mentions it.
    pub(super) row: Option<EntityRow>,
    /// The batch's last change to it.
    touched: Option<Seq>,
    tally: Tally,
}

impl Account {
    pub(super) fn open(stored: Option<EntityRow>) -> Self {
        let row = stored.clone().filter(is_living);
        Self { row, stored, touched: None, tally: Tally::default() }
    }

    /// The row before the batch, where the entity was there.
    pub(super) fn before(&self) -> Option<&EntityRow> {
        self.stored.as_ref().filter(|row| is_living(row))
    }

    pub(super) fn touched(&self) -> Option<Seq> {
        self.touched
    }

    /// Notes that a change concerns the entity.
    pub(super) fn touch(&mut self, seq: Seq) {
        self.touched = self.touched.max(Some(seq));
    }

    /// Adds a document's share; the first makes the entity.
    pub(super) fn credit(&mut self, share: &Share, seq: Seq, identity: (EntityType, &str, Option<&str>)) {
        let row = self.row.get_or_insert_with(|| blank(identity));
        row.counts = row.counts.plus(&share.counts);
        self.count(share, 1);
        self.touch(seq);
    }

    /// Takes a document's share away again; the last takes the entity with it.
    pub(super) fn debit(&mut self, share: &Share, seq: Seq) {
        match &mut self.row {
            Some(row) => {
                row.counts = row.counts.minus(&share.counts, &share.entity);
                self.row.take_if(|row| !is_living(row));
            }
            None => tracing::warn!(entity = %share.entity, "an entity is gone before its last document"),
        }
        self.count(share, -1);
        self.touch(seq);
    }

    fn count(&mut self, share: &Share, by: i64) {
        self.tally.count(NAME, &share.names, by);
        self.tally.count(ALIAS, &share.aliases, by);
        self.tally.count(ROLE, &share.roles, by);
    }

    /// Writes the entity with its forms, where the batch has changed it. By how much the collection's number of entities
    /// changes with it.
    pub(super) fn write(
        &self,
        tables: &mut Tables<'_>,
        (generation, entity): (Generation, &EntityId),
        collection: &CollectionId,
    ) -> Result<i64, Fault> {
        let Some(seq) = self.touched else { return Ok(0) };
        let id = entity.as_str();
        let distinct = self.tally.write(tables, generation, id)?;
        // What came and went within the batch has left nothing that a follower knows of.
        let Some(base) = self.row.as_ref().or(self.before()) else { return Ok(0) };
        let mut row = EntityRow { seq, ..base.clone() };
        let forms = |count: fn(&EntityRow) -> u64| self.before().map_or(0, count);
        row.aliases = forms(|row| row.aliases).saturating_add_signed(distinct.aliases);
        row.roles = forms(|row| row.roles).saturating_add_signed(distinct.roles);
        if self.row.is_none() {
            row = EntityRow { counts: Counts::default(), inferred_as: None, ..row };
        }
        if let Some(stored) = &self.stored {
            let sequence = if is_living(stored) { &mut tables.touched } else { &mut tables.faded };
            sequence.remove((stored.seq, generation, id))?;
        }
        let sequence = if is_living(&row) { &mut tables.touched } else { &mut tables.faded };
        sequence.insert((seq, generation, id), collection.as_str())?;
        tables.entities.insert((generation, id), encode(&row)?.as_slice())?;
        Ok(i64::from(is_living(&row)) - i64::from(self.before().is_some()))
    }
}

/// Whether a document mentions the entity.
pub(in crate::store) fn is_living(row: &EntityRow) -> bool {
    row.counts.documents > 0
}

fn blank((entity_type, folded, surname): (EntityType, &str, Option<&str>)) -> EntityRow {
    EntityRow {
        entity_type,
        folded: folded.to_owned(),
        surname: surname.map(str::to_owned),
        counts: Counts::default(),
        aliases: 0,
        roles: 0,
        inferred_as: None,
        seq: 0,
    }
}

impl EntityRow {
    /// What its documents say it does for a living.
    pub(super) fn callings(&self) -> Callings {
        Callings { athlete: self.counts.athlete > 0, official: self.counts.official > 0 }
    }
}

impl Counts {
    fn plus(self, other: &Self) -> Self {
        self.with(other, |a, b| Some(a + b)).unwrap_or(self)
    }

    /// Counts that would become negative stay at 0: the sum was wrong before, and no write is to blame for it.
    fn minus(self, other: &Self, entity: &EntityId) -> Self {
        self.with(other, u64::checked_sub).unwrap_or_else(|| {
            tracing::warn!(%entity, "an entity holds less than one of its documents gave it");
            self.with(other, |a, b| Some(a.saturating_sub(b))).unwrap_or_default()
        })
    }

    fn with(&self, other: &Self, sum: impl Fn(u64, u64) -> Option<u64>) -> Option<Self> {
        Some(Self {
            documents: sum(self.documents, other.documents)?,
            beside_surname: sum(self.beside_surname, other.beside_surname)?,
            quotes: sum(self.quotes, other.quotes)?,
            statements: sum(self.statements, other.statements)?,
            athlete: sum(self.athlete, other.athlete)?,
            official: sum(self.official, other.official)?,
        })
    }
}
