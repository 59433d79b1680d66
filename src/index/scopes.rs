//! Which scope each entry of a segment is in: asked of every match of every question, so it lies in memory, a byte an entry, where a
//! segment has few scopes. Where it has many, the column is asked.

use std::sync::Arc;
use tantivy::DocId;
use tantivy::columnar::ColumnValues;

/// Entries that are read from the column at once.
const STRIDE: usize = 4096;

/// See the module.
pub(super) enum ScopeColumn {
    Few(Box<[u8]>),
    Many(Arc<dyn ColumnValues<u64>>),
}

/// Which scopes of a segment a question asks for, by their numbers: as many as there are collections and kinds that it means.
pub(super) struct Wanted(Box<[bool]>);

impl Wanted {
    /// These of so many scopes.
    pub(super) fn of(numbers: &[u64], scopes: usize) -> Self {
        let mut wanted = vec![false; scopes];
        for number in numbers {
            wanted[*number as usize] = true;
        }
        Self(wanted.into())
    }
}

impl ScopeColumn {
    /// Of a column whose values are numbers below `scopes`.
    pub(super) fn of(column: Arc<dyn ColumnValues<u64>>, scopes: usize) -> Self {
        if scopes > usize::from(u8::MAX) + 1 {
            return Self::Many(column);
        }
        let mut few = vec![0; column.num_vals() as usize];
        let mut read = [0; STRIDE];
        for (stride, first) in few.chunks_mut(STRIDE).zip((0..).step_by(STRIDE)) {
            let read = &mut read[..stride.len()];
            column.get_range(first, read);
            // All are below 256.
            stride.iter_mut().zip(read).for_each(|(byte, number)| *byte = *number as u8);
        }
        Self::Few(few.into())
    }

    /// Which of the entries are in a scope that is wanted.
    pub(super) fn hold(&self, Wanted(wanted): &Wanted, docs: &[DocId], held: &mut [bool]) {
        for (doc, held) in docs.iter().zip(held) {
            *held = wanted[self.of_entry(*doc) as usize];
        }
    }

    /// The number of an entry's scope.
    #[inline]
    pub(super) fn of_entry(&self, doc: DocId) -> u64 {
        match self {
            Self::Few(few) => u64::from(few[doc as usize]),
            Self::Many(column) => column.get_val(doc),
        }
    }
}
