//! Which of the values that are given an entry has.

use super::super::error::IndexError;
use super::super::segment::Segment;
use super::field::Field;
use super::tally::{Chosen, Key};
use foldhash::{HashMap, HashMapExt};
use tantivy::DocId;

/// See the module.
pub(super) struct Buckets {
    numbers: HashMap<Key, usize>,
    /// Of the segment that is looked at, by slot.
    known: HashMap<u32, Option<usize>>,
    found: Vec<(DocId, usize)>,
}

impl Buckets {
    /// For these values.
    pub(super) fn of(chosen: &[Chosen]) -> Self {
        let numbers = chosen.iter().enumerate().map(|(n, one)| (one.value.key, n)).collect();
        Self { numbers, known: HashMap::new(), found: Vec::new() }
    }

    /// The next entries are another segment's.
    pub(super) fn begin(&mut self) {
        self.known.clear();
    }

    /// Which of the chosen, by number, entries of the `n`th segment have: in the order of the entries, none for one that has none.
    pub(super) fn of_entries(
        &mut self,
        field: &mut Field<'_>,
        n: usize,
        segment: &Segment,
        docs: &[DocId],
    ) -> Result<&[(DocId, usize)], IndexError> {
        field.of_entries(n, segment, docs);
        self.found.clear();
        for (doc, slot) in field.found.all() {
            let number = match self.known.get(slot) {
                Some(number) => *number,
                None => {
                    let number = self.numbers.get(&field.key(n, *slot)?).copied();
                    self.known.insert(*slot, number);
                    number
                }
            };
            self.found.extend(number.map(|number| (*doc, number)));
        }
        Ok(&self.found)
    }
}
