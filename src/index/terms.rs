//! A column of terms to count by: each entry has any number of them, each a number in the segment's sorted dictionary.

use super::pairs::Pairs;
use std::ops::{Bound, Range};
use std::sync::OnceLock;
use tantivy::columnar::StrColumn;
use tantivy::{DocId, TantivyError};

/// See the module.
pub(super) struct Terms {
    column: StrColumn,
    keys: OnceLock<Box<[u128]>>,
}

impl Terms {
    pub(super) fn new(column: StrColumn) -> Self {
        Self { column, keys: OnceLock::new() }
    }

    /// Distinct terms.
    pub(super) fn len(&self) -> usize {
        self.column.num_terms()
    }

    /// The numbers of the terms of entries.
    pub(super) fn of_entries(&self, docs: &[DocId], pairs: &mut Pairs) {
        // A dictionary has fewer than 2^32 terms.
        pairs.of_column(self.column.ords(), docs);
    }

    /// The term of a number.
    pub(super) fn term(&self, number: u64) -> Result<String, TantivyError> {
        let mut term = String::new();
        self.column.ord_to_str(number, &mut term)?;
        Ok(term)
    }

    /// The numbers of the terms that begin like this.
    pub(super) fn beginning_with(&self, prefix: &str) -> Result<Range<u64>, TantivyError> {
        let number = |bound| -> Result<u64, TantivyError> {
            let (first, _) = self.column.dictionary().term_bounds_to_ord(bound, Bound::Unbounded)?;
            Ok(match first {
                Bound::Included(first) => first,
                Bound::Excluded(before) => before + 1,
                Bound::Unbounded => 0,
            })
        };
        let from = number(Bound::Included(prefix.as_bytes()))?;
        let until = match super::gather::after_all(prefix) {
            Some(end) => number(Bound::Included(end.as_slice()))?,
            None => self.len() as u64,
        };
        Ok(from..until.min(self.len() as u64).max(from))
    }

    /// For each number a key of its term, the same in every segment. Worked out when first asked for.
    pub(super) fn keys(&self) -> Result<&[u128], TantivyError> {
        if let Some(keys) = self.keys.get() {
            return Ok(keys);
        }
        let mut keys = Vec::with_capacity(self.len());
        let mut terms = self.column.dictionary().stream()?;
        while terms.advance() {
            keys.push(key(terms.key()));
        }
        Ok(self.keys.get_or_init(|| keys.into()))
    }
}

/// The key of a term: half of its digest, so that two terms never share one.
pub(super) fn key(term: &[u8]) -> u128 {
    let digest = blake3::hash(term);
    let (half, _) = digest.as_bytes().split_at(16);
    half.iter().fold(0, |key, byte| key << 8 | u128::from(*byte))
}
