//! Collections come and go: a number given, a number forgotten.

use super::super::error::Fault;
use super::super::record::{decode, encode};
use super::super::rows::{CollectionRow, RemovalRow};
use super::{Batch, Outcome, unless_damaged};
use crate::domain::ids::CollectionId;
use crate::ports::{Effect, Refusal};
use redb::ReadableTable;

impl Batch<'_> {
    pub(super) fn create_collection(&mut self, id: CollectionId) -> Result<Outcome, Fault> {
        match unless_damaged(self.collection(&id))? {
            Err(refusal) => return Ok(Err(refusal)),
            Ok(Some(_)) => return Ok(Err(Refusal::CollectionExists)),
            Ok(None) => {}
        }
        let seq = self.next_seq();
        self.counters.generation += 1;
        let row = CollectionRow {
            generation: self.counters.generation,
            created_at: self.now,
            seq,
            documents: 0,
            quotes: 0,
            entities: 0,
        };
        self.collections.insert(id, Some(row));
        self.applied(seq, Effect::CollectionCreated)
    }

    pub(super) fn delete_collection(&mut self, id: CollectionId) -> Result<Outcome, Fault> {
        if id == CollectionId::default_collection() {
            return Ok(Err(Refusal::DefaultCollection));
        }
        let generation = match unless_damaged(self.collection(&id))? {
            Err(refusal) => return Ok(Err(refusal)),
            Ok(None) => return Ok(Err(Refusal::UnknownCollection)),
            Ok(Some(row)) => row.generation,
        };
        let seq = self.next_seq();
        self.ledger.forget(generation);
        self.analyzers.forget(&mut self.tables, generation)?;
        self.tables.collections.remove(id.as_str())?;
        self.tables.doomed.insert(generation, ())?;
        // One removal speaks for all that went before it.
        let earlier = self.tables.fallen.insert(id.as_str(), seq)?.map(|earlier| earlier.value());
        if let Some(earlier) = earlier {
            self.tables.removals.remove(earlier)?;
        }
        let removal = encode(&RemovalRow::Collection(id.clone()))?;
        self.tables.removals.insert(seq, removal.as_slice())?;
        self.collections.insert(id, None);
        self.applied(seq, Effect::CollectionDeleted)
    }

    pub(super) fn collection(&mut self, id: &CollectionId) -> Result<Option<&CollectionRow>, Fault> {
        if !self.collections.contains_key(id) {
            let row = self.tables.collections.get(id.as_str())?.map(|row| decode(row.value())).transpose()?;
            self.collections.insert(id.clone(), row);
        }
        Ok(self.collections.get(id).and_then(Option::as_ref))
    }
}
