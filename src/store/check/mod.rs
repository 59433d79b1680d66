//! Whether a store is sound: every row can be read, what is counted agrees with what is there, what is found by one table is there in
//! the other, and every analysis fits its text. Nothing is changed or mended. What a check remembers of one row it forgets with the
//! next, but for some numbers of each collection, so that it takes the memory of the page cache and time for every row.
//!
//! Rows of deleted collections are only waiting to be cleared away, and are not looked at.
//!
//! Start at [`run`]; `documents.rs`, `entities.rs` and `sequence.rs` check the tables that they are named after, `intact.rs` opens a
//! file for it without changing a byte.

mod documents;
mod entities;
mod intact;
mod report;
mod sequence;
mod witness;

pub use intact::run_on;
pub use report::{Finding, FindingKind, StoreReport};
pub(super) use witness::Progress;
pub use witness::Witness;

use super::error::Fault;
use super::record::{Record, decode};
use super::rows::CollectionRow;
use super::tables::{Generation, Snapshot};
use crate::domain::annotation::AnalyzerStamp;
use crate::domain::operation::Operation;
use redb::ReadableTable;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What a collection comes to when its rows are counted.
#[derive(Debug, Default)]
struct Tally {
    documents: u64,
    quotes: u64,
    entities: u64,
    /// Shares of its documents in its entities, and sightings: as many.
    shares: u64,
    sightings: u64,
    /// Documents by the number of their analyzer.
    analyzers: BTreeMap<u32, u64>,
    /// Whether a row could not be read that would have counted.
    unsure: bool,
}

/// See the module.
struct Check<'s> {
    snapshot: &'s Snapshot,
    report: StoreReport,
    /// Living collections by number.
    living: BTreeMap<Generation, (String, CollectionRow)>,
    doomed: BTreeSet<Generation>,
    tallies: BTreeMap<Generation, Tally>,
    witness: &'s mut dyn Witness,
}

/// Checks everything.
pub(super) fn run<'s>(snapshot: &'s Snapshot, witness: &'s mut dyn Witness) -> StoreReport {
    let mut check = Check {
        snapshot,
        report: StoreReport::default(),
        living: BTreeMap::new(),
        doomed: BTreeSet::new(),
        tallies: BTreeMap::new(),
        witness,
    };
    check.part("collections", Check::collections);
    check.part("documents", Check::documents);
    check.part("earlier revisions", Check::previous);
    check.part("texts and analyses", Check::bodies);
    check.part("contributions", Check::contributions);
    check.part("entities", Check::entities);
    check.part("forms", Check::forms);
    check.part("names", Check::names);
    check.part("sightings", Check::sightings);
    check.part("changes", Check::changes);
    check.part("removals", Check::removals);
    check.part("operations", Check::operations);
    check.part("counts", Check::counts);
    check.report
}

impl Check<'_> {
    /// Does one part. Where the file cannot be read to the part's end, that is a finding like others.
    fn part(&mut self, name: &str, work: impl FnOnce(&mut Self) -> Result<(), Fault>) {
        if let Err(fault) = work(self) {
            self.tallies.values_mut().for_each(|tally| tally.unsure = true);
            self.unreadable(name, fault);
        }
    }

    fn collections(&mut self) -> Result<(), Fault> {
        let snapshot = self.snapshot;
        let counters = snapshot.counters()?;
        self.report.seq = counters.seq;
        for entry in snapshot.doomed.iter()? {
            self.doomed.insert(entry?.0.value());
        }
        for entry in snapshot.collections.iter()? {
            let (id, row) = entry?;
            let place = format!("collections/{}", id.value());
            let Some(row) = self.decoded::<CollectionRow>(&place, row.value()) else { continue };
            self.report.collections += 1;
            self.agrees(row.generation <= counters.generation, &place, || {
                format!("its number {} is higher than the last, {}", row.generation, counters.generation)
            });
            let doomed = self.doomed.contains(&row.generation);
            self.agrees(!doomed, &place, || "it is there, and being cleared away".into());
            self.tallies.insert(row.generation, Tally::default());
            let other = self.living.insert(row.generation, (id.value().to_owned(), row));
            self.agrees(other.is_none(), &place, || "it has the number of another collection".into());
        }
        Ok(())
    }

    /// What is counted against what was found.
    fn counts(&mut self) -> Result<(), Fault> {
        for (generation, tally) in std::mem::take(&mut self.tallies) {
            let Some((id, row)) = self.living.get(&generation).cloned() else { continue };
            self.report.documents += tally.documents;
            self.report.quotes += tally.quotes;
            self.report.entities += tally.entities;
            if tally.unsure {
                continue;
            }
            let place = format!("collections/{id}");
            for (what, counted, found) in [
                ("documents", row.documents, tally.documents),
                ("quotes", row.quotes, tally.quotes),
                ("entities", row.entities, tally.entities),
                ("sightings, by its documents", tally.shares, tally.sightings),
            ] {
                self.agrees(counted == found, &place, || {
                    format!("it should have {counted} {what}, and has {found}")
                });
            }
            let range = (generation, 0)..=(generation, u32::MAX);
            let mut counted = BTreeMap::new();
            for entry in self.snapshot.analyzed.range(range)? {
                let (key, documents) = entry?;
                counted.insert(key.value().1, documents.value());
            }
            self.agrees(counted == tally.analyzers, &place, || {
                "its documents are of other analyzers than it counts".into()
            });
        }
        Ok(())
    }

    fn operations(&mut self) -> Result<(), Fault> {
        for entry in self.snapshot.operations.iter()? {
            let (id, row) = entry?;
            self.decoded::<Operation>(&format!("operations/{}", id.value()), row.value());
        }
        for entry in self.snapshot.analyzers.iter()? {
            let (number, row) = entry?;
            self.decoded::<AnalyzerStamp>(&format!("analyzer {}", number.value()), row.value());
        }
        Ok(())
    }

    /// The row, where it can be read.
    fn decoded<R: Record>(&mut self, place: &str, row: &[u8]) -> Option<R> {
        decode(row).map_err(|fault| self.unreadable(place, fault)).ok()
    }

    fn unreadable(&mut self, place: &str, fault: Fault) {
        let what = match fault {
            Fault::Corrupt(reason) => reason,
            other => std::error::Error::source(&other.at(Path::new(place)))
                .map_or_else(|| "it cannot be read".into(), ToString::to_string),
        };
        self.report.note(FindingKind::Unreadable, place, what);
    }

    /// Notes a disagreement, unless it `holds`.
    fn agrees(&mut self, holds: bool, place: &str, what: impl FnOnce() -> String) {
        if !holds {
            self.report.note(FindingKind::Disagreement, place, what());
        }
    }

    /// Whether rows of that number are those of a living collection; of any other they are not looked at, and noted where nobody
    /// will clear them away.
    fn is_living(&mut self, generation: Generation, place: impl FnOnce() -> String) -> bool {
        if self.living.contains_key(&generation) {
            return true;
        }
        if !self.doomed.contains(&generation) {
            self.report.note(FindingKind::Disagreement, &place(), "it belongs to no collection".into());
        }
        false
    }

    fn tally(&mut self, generation: Generation) -> &mut Tally {
        self.tallies.entry(generation).or_default()
    }

    /// A document's name as clients know it.
    fn document_name(&self, generation: Generation, id: &str) -> String {
        self.named(generation, "documents", id)
    }

    fn entity_name(&self, generation: Generation, id: &str) -> String {
        self.named(generation, "entities", id)
    }

    fn named(&self, generation: Generation, kind: &str, id: &str) -> String {
        match self.living.get(&generation) {
            Some((collection, _)) => format!("collections/{collection}/{kind}/{id}"),
            None => format!("collection number {generation}/{kind}/{id}"),
        }
    }
}
