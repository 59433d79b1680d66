//! Who made the analyses: stamps by number, so that a document's row need not spell its analyzer out, and how many living
//! documents of each collection have an analysis of each.

use super::super::error::Fault;
use super::super::record::{decode, encode};
use super::super::tables::{Generation, Tables};
use crate::domain::annotation::AnalyzerStamp;
use redb::ReadableTable;
use std::collections::{BTreeMap, HashMap};

/// The stamps, and how a batch changes the counts.
pub(super) struct Analyzers {
    numbers: HashMap<AnalyzerStamp, u32>,
    next: u32,
    counts: BTreeMap<(Generation, u32), i64>,
}

impl Analyzers {
    pub(super) fn read(tables: &Tables<'_>) -> Result<Self, Fault> {
        let (mut numbers, mut next) = (HashMap::new(), 0);
        for entry in tables.analyzers.iter()? {
            let (number, stamp) = entry?;
            next = number.value() + 1;
            // A damaged stamp is one that nobody has: its analyzer gets another number.
            if let Ok(stamp) = decode(stamp.value()) {
                numbers.insert(stamp, number.value());
            }
        }
        Ok(Self { numbers, next, counts: BTreeMap::new() })
    }

    /// The stamp's number; a new stamp gets one.
    pub(super) fn number(&mut self, tables: &mut Tables<'_>, stamp: &AnalyzerStamp) -> Result<u32, Fault> {
        if let Some(number) = self.numbers.get(stamp) {
            return Ok(*number);
        }
        let number = self.next;
        tables.analyzers.insert(number, encode(stamp)?.as_slice())?;
        self.numbers.insert(stamp.clone(), number);
        self.next += 1;
        Ok(number)
    }

    /// A document of the collection has an analysis of the analyzer, or has it no more.
    pub(super) fn count(&mut self, generation: Generation, analyzer: u32, by: i64) {
        *self.counts.entry((generation, analyzer)).or_default() += by;
    }

    /// The documents of a deleted collection count no more.
    pub(super) fn forget(&mut self, tables: &mut Tables<'_>, generation: Generation) -> Result<(), Fault> {
        self.counts.retain(|(of, _), _| *of != generation);
        let all = (generation, 0)..=(generation, u32::MAX);
        Ok(tables.analyzed.retain_in(all, |_, _| false)?)
    }

    /// Writes the counts.
    pub(super) fn write(&mut self, tables: &mut Tables<'_>) -> Result<(), Fault> {
        for (key, by) in std::mem::take(&mut self.counts).into_iter().filter(|(_, by)| *by != 0) {
            let before = tables.analyzed.get(key)?.map_or(0, |documents| documents.value());
            match before.saturating_add_signed(by) {
                0 => drop(tables.analyzed.remove(key)?),
                after => drop(tables.analyzed.insert(key, after)?),
            }
        }
        Ok(())
    }
}
