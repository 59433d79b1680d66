//! Entries with numbers of what they have: as many pairs as there are values, in the order of the entries. A few thousand entries are
//! looked up at once, so that what is read for one need not wait for another.

use tantivy::DocId;
use tantivy::columnar::Column;

/// See the module.
#[derive(Default)]
pub(super) struct Pairs {
    /// Each entry as often as it has numbers.
    all: Vec<(DocId, u32)>,
    // What is needed on the way, kept for the next entries.
    entries: Vec<DocId>,
    rows: Vec<u32>,
    values: Vec<u64>,
    seen: Seen,
}

/// Which numbers an entry has had already: for each number the last entry that had it, all entries counted on from one to the next.
#[derive(Default)]
struct Seen {
    last: Vec<u32>,
    entry: u32,
}

impl Seen {
    /// The next numbers are another entry's.
    fn begin(&mut self) {
        self.entry = self.entry.checked_add(1).unwrap_or_else(|| {
            self.last.fill(0);
            1
        });
    }

    /// Whether the entry has not had the number yet.
    #[inline]
    fn is_new(&mut self, number: u32) -> bool {
        let at = number as usize;
        if at >= self.last.len() {
            self.last.resize(at + 1, 0);
        }
        std::mem::replace(&mut self.last[at], self.entry) != self.entry
    }
}

impl Pairs {
    /// The pairs.
    #[inline]
    pub(super) fn all(&self) -> &[(DocId, u32)] {
        &self.all
    }

    /// Entries, ascending as they are given, with what `number` gives for each.
    #[inline]
    pub(super) fn each(&mut self, docs: &[DocId], mut number: impl FnMut(DocId) -> Option<u32>) {
        self.all.clear();
        self.all.extend(docs.iter().filter_map(|doc| Some((*doc, number(*doc)?))));
    }

    /// Entries, ascending as they are given, with their values in a column of numbers that have 32 bits, each once.
    pub(super) fn of_column(&mut self, column: &Column<u64>, docs: &[DocId]) {
        self.all.clear();
        self.entries.clear();
        self.rows.clear();
        column.index.docids_to_rowids(docs, &mut self.entries, &mut self.rows);
        self.values.resize(self.rows.len(), 0);
        column.values.get_vals(&self.rows, &mut self.values);
        let numbers = self.values.iter().map(|value| *value as u32);
        self.all.extend(self.entries.iter().copied().zip(numbers));
        if column.get_cardinality().is_multivalue() {
            self.distinct();
        }
    }

    /// Makes other numbers of them, or leaves some out.
    #[inline]
    pub(super) fn map(&mut self, other: impl Fn(u32) -> Option<u32>) {
        self.all.retain_mut(|(_, number)| match other(*number) {
            Some(other) => {
                *number = other;
                true
            }
            None => false,
        });
        self.distinct();
    }

    /// How many entries there are.
    pub(super) fn entries(&self) -> usize {
        self.all.chunk_by(|one, other| one.0 == other.0).count()
    }

    /// Leaves each number of an entry there once.
    fn distinct(&mut self) {
        let Self { all, seen, .. } = self;
        let mut before = None;
        all.retain(|(doc, number)| {
            if before.replace(*doc) != Some(*doc) {
                seen.begin();
            }
            seen.is_new(*number)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_of_an_entry_is_there_once() {
        let mut pairs =
            Pairs { all: vec![(1, 7), (1, 3), (1, 7), (4, 7), (6, 2), (6, 3)], ..Pairs::default() };
        pairs.distinct();
        assert_eq!(pairs.all(), [(1, 7), (1, 3), (4, 7), (6, 2), (6, 3)]);
        assert_eq!(pairs.entries(), 3);
        pairs.map(|number| (number != 7).then_some(9));
        assert_eq!(pairs.all(), [(1, 9), (6, 9)]);
        assert_eq!(pairs.entries(), 2);
        // The same entry of another segment has none of them yet, however many there have been.
        pairs.seen.entry = u32::MAX;
        pairs.all = vec![(6, 9), (6, 9), (7, 1), (7, 9)];
        pairs.distinct();
        assert_eq!(pairs.all(), [(6, 9), (7, 1), (7, 9)]);
        pairs.each(&[2, 3, 5], |doc| (doc != 3).then_some(doc + 1));
        assert_eq!(pairs.all(), [(2, 3), (5, 6)]);
    }
}
