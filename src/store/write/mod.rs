//! One transaction: the writes of a group, in order, each seeing those before it. Rows that many writes of a group share
//! (collections, entities, counters) are kept in memory and written once by [`Batch::finish`].
//!
//! A write first reads all that it needs and then changes something: damage that it meets in its own rows shows while nothing is
//! changed yet, and refuses that write alone.

mod analyzers;
mod anew;
mod bodies;
mod collections;
mod documents;
mod gone;
mod operations;

pub(super) use anew::Entered;
#[cfg(test)]
pub(super) use bodies::TEXT;
pub(super) use bodies::{analysis_of, beginning_of, text_of};

use super::entities::Ledger;
use super::error::Fault;
use super::meta::Counters;
use super::record::encode;
use super::rows::CollectionRow;
use super::tables::Tables;
use crate::domain::document::Seq;
use crate::domain::ids::CollectionId;
use crate::domain::time::Timestamp;
use crate::ports::{Applied, Effect, Refusal, Write};
use analyzers::Analyzers;
use redb::WriteTransaction;
use std::collections::BTreeMap;

/// What came of one write, or why it was refused.
pub(super) type Outcome = Result<Applied, Refusal>;

/// See the module.
pub(super) struct Batch<'t> {
    tables: Tables<'t>,
    now: Timestamp,
    counters: Counters,
    /// The last change before the batch.
    began: Seq,
    /// Whether anything was written that makes no change.
    written: bool,
    /// Bytes of bodies that were removed.
    freed: u64,
    /// Collections that were asked for; `None` is one that is not there.
    collections: BTreeMap<CollectionId, Option<CollectionRow>>,
    ledger: Ledger,
    analyzers: Analyzers,
}

impl<'t> Batch<'t> {
    /// `now` is the time of everything in the batch.
    pub(super) fn begin(transaction: &'t WriteTransaction, now: Timestamp) -> Result<Self, Fault> {
        let tables = Tables::open(transaction)?;
        let counters = Counters::read(&tables.meta)?;
        Ok(Self {
            now,
            began: counters.seq,
            counters,
            written: false,
            freed: 0,
            collections: BTreeMap::new(),
            ledger: Ledger::default(),
            analyzers: Analyzers::read(&tables)?,
            tables,
        })
    }

    /// Does one write.
    pub(super) fn write(&mut self, write: &Write) -> Result<Outcome, Fault> {
        match write {
            Write::Put { document, analysis, expected } => {
                self.put_document(document, analysis.as_deref(), *expected)
            }
            Write::Reanalyze { name, revision, analysis } => self.reanalyze(name, *revision, analysis),
            Write::Delete { name, expected } => self.delete_document(name.clone(), *expected),
            Write::CreateCollection(id) => self.create_collection(id.clone()),
            Write::DeleteCollection(id) => self.delete_collection(id.clone()),
            Write::SaveOperation(operation) => self.save_operation((**operation).clone()),
            Write::ForgetOperation(id) => self.forget_operation(*id),
        }
    }

    /// Writes what the batch holds in memory. Whether anything changed; if not, there is nothing to commit.
    pub(super) fn finish(mut self) -> Result<bool, Fault> {
        if self.counters.seq == self.began {
            return Ok(self.written);
        }
        self.write_counts()?;
        self.counters.write(&mut self.tables.meta)?;
        Ok(true)
    }

    /// Writes entities, collections and the counts of analyzers.
    pub(super) fn write_counts(&mut self) -> Result<(), Fault> {
        let ledger = std::mem::take(&mut self.ledger);
        let growth = ledger.settle(&mut self.tables, self.counters.seq)?;
        for (id, row) in &mut self.collections {
            let Some(row) = row else { continue };
            let grown = growth.get(&row.generation).copied().unwrap_or(0);
            row.entities = row.entities.saturating_add_signed(grown);
            self.tables.collections.insert(id.as_str(), encode(row)?.as_slice())?;
        }
        self.analyzers.write(&mut self.tables)
    }

    /// Bytes of texts and analyses that the writes have removed.
    pub(super) fn freed(&self) -> u64 {
        self.freed
    }

    /// The next position in the sequence of changes.
    fn next_seq(&mut self) -> Seq {
        self.counters.seq += 1;
        self.counters.seq
    }

    fn applied(&self, seq: Seq, effect: Effect) -> Result<Outcome, Fault> {
        Ok(Ok(Applied { seq, effect }))
    }
}

/// Turns damage that a write met before it changed anything into its refusal.
fn unless_damaged<T>(planned: Result<T, Fault>) -> Result<Result<T, Refusal>, Fault> {
    match planned {
        Err(Fault::Corrupt(reason)) => {
            tracing::error!(reason, "a write needs a row that is damaged, and is refused");
            Ok(Err(Refusal::Damaged))
        }
        planned => planned.map(Ok),
    }
}
