//! Counts of one segment by bucket and slot: a plain table where much of it is going to be touched, and a map where few entries are
//! counted, where a table would be large, or where slots are not known beforehand.

use foldhash::{HashMap, HashMapExt};

/// Most cells of a table: 16 MiB.
const MOST_CELLS: usize = 1 << 22;

/// So many cells can be cleared and read again in the time that a map takes to count the few values of one entry.
const CELLS_FOR_ENTRY: usize = 64;

/// See the module.
pub(super) enum Grid {
    /// By bucket, then by slot, so many slots a bucket.
    Table(Vec<u32>, usize),
    /// By bucket and slot.
    Map(HashMap<(usize, u32), u64>),
}

impl Grid {
    /// For so many entries, buckets and slots; of slots 0 where nobody knows.
    pub(super) fn new(entries: usize, buckets: usize, slots: usize) -> Self {
        let most = entries.saturating_mul(CELLS_FOR_ENTRY).min(MOST_CELLS);
        match buckets.saturating_mul(slots) {
            cells if cells > 0 && cells <= most => Self::Table(vec![0; cells], slots),
            _ => Self::Map(HashMap::new()),
        }
    }

    /// One more.
    #[inline]
    pub(super) fn count(&mut self, bucket: usize, slot: u32) {
        match self {
            Self::Table(counts, slots) => counts[bucket * *slots + slot as usize] += 1,
            Self::Map(counts) => *counts.entry((bucket, slot)).or_default() += 1,
        }
    }

    /// Bucket, slot and count where there is any.
    pub(super) fn counts(&self) -> Box<dyn Iterator<Item = (usize, u32, u64)> + '_> {
        match self {
            Self::Table(counts, slots) => {
                let rows = counts.chunks(*slots).enumerate();
                let cells = rows.flat_map(|(bucket, row)| (0..).zip(row).map(move |cell| (bucket, cell)));
                let some = cells.filter(|(_, (_, count))| **count > 0);
                Box::new(some.map(|(bucket, (slot, count))| (bucket, slot, u64::from(*count))))
            }
            Self::Map(counts) => {
                Box::new(counts.iter().map(|((bucket, slot), count)| (*bucket, *slot, *count)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_and_a_map_count_alike() {
        let grids = [Grid::new(4, 3, 5), Grid::new(4, 3, 0), Grid::new(0, 3, 5), Grid::new(9, usize::MAX, 2)];
        for mut grid in grids {
            [(0, 4), (2, 0), (0, 4), (1, 3)].iter().for_each(|(bucket, slot)| grid.count(*bucket, *slot));
            let mut counts: Vec<_> = grid.counts().collect();
            counts.sort_unstable();
            assert_eq!(counts, [(0, 4, 2), (1, 3, 1), (2, 0, 1)]);
        }
    }
}
