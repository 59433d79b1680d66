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
    found: Vec<usize>,
}

impl Buckets {
    /// For these values.
    pub(super) fn of(chosen: &[Chosen]) -> Self {
        let numbers = chosen.iter().enumerate().map(|(n, one)| (one.key, n)).collect();
        Self { numbers, known: HashMap::new(), found: Vec::new() }
    }

    /// The next entries are another segment's.
    pub(super) fn begin(&mut self) {
        self.known.clear();
    }

    /// Which of the chosen, by number, an entry of the `n`th segment has.
    #[inline]
    pub(super) fn of_entry(
        &mut self,
        field: &mut Field<'_>,
        n: usize,
        segment: &Segment,
        doc: DocId,
    ) -> Result<&[usize], IndexError> {
        field.of_entries(n, segment, &[doc]);
        self.found.clear();
        for (_, slot) in field.found.all() {
            let number = match self.known.get(slot) {
                Some(number) => *number,
                None => {
                    let number = self.numbers.get(&field.key(n, *slot)?).copied();
                    self.known.insert(*slot, number);
                    number
                }
            };
            self.found.extend(number);
        }
        Ok(&self.found)
    }
}
