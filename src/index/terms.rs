//! A column of terms to count by: each entry has any number of them, each a number in the segment's sorted dictionary.

use super::pairs::Pairs;
use std::ops::{Bound, Range};
use std::sync::OnceLock;
use tantivy::columnar::StrColumn;
use tantivy::{DocId, TantivyError};

/// Most bytes of a dictionary that are kept as they are read. To find one term the search engine unpacks a block of them.
const MOST_SPELLED: usize = 16 << 20;

/// See the module.
pub(super) struct Terms {
    column: StrColumn,
    read: OnceLock<Read>,
}

/// A dictionary that was read from its beginning to its end.
struct Read {
    keys: Box<[u128]>,
    /// Absent where that is too much.
    spelled: Option<Spelled>,
}

/// Terms one after the other, and where each ends.
#[derive(Default)]
struct Spelled {
    text: Vec<u8>,
    ends: Vec<u32>,
}

impl Spelled {
    /// Adds a term; nothing is left where that is too much.
    fn with(mut self, term: &[u8]) -> Option<Self> {
        self.text.extend_from_slice(term);
        self.ends.push(u32::try_from(self.text.len()).ok()?);
        (self.text.len() <= MOST_SPELLED).then_some(self)
    }

    fn term(&self, number: usize) -> Option<&str> {
        let begin = number.checked_sub(1).map_or(Some(&0), |before| self.ends.get(before))?;
        std::str::from_utf8(self.text.get(*begin as usize..*self.ends.get(number)? as usize)?).ok()
    }
}

impl Terms {
    pub(super) fn new(column: StrColumn) -> Self {
        Self { column, read: OnceLock::new() }
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
        let spelled = self.read.get().and_then(|read| read.spelled.as_ref());
        if let Some(term) = spelled.and_then(|spelled| spelled.term(number as usize)) {
            return Ok(term.to_owned());
        }
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
        if let Some(read) = self.read.get() {
            return Ok(&read.keys);
        }
        let (mut keys, mut spelled) = (Vec::with_capacity(self.len()), Some(Spelled::default()));
        let mut terms = self.column.dictionary().stream()?;
        while terms.advance() {
            keys.push(key(terms.key()));
            spelled = spelled.and_then(|spelled| spelled.with(terms.key()));
        }
        Ok(&self.read.get_or_init(|| Read { keys: keys.into(), spelled }).keys)
    }
}

/// The key of a term: half of its digest, so that two terms never share one.
pub(super) fn key(term: &[u8]) -> u128 {
    let digest = blake3::hash(term);
    let (half, _) = digest.as_bytes().split_at(16);
    half.iter().fold(0, |key, byte| key << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_kept_in_their_order_until_they_are_too_much() {
        let all = ["", "a", "İda", "日本"];
        let spelled = all.iter().try_fold(Spelled::default(), |spelled, term| spelled.with(term.as_bytes()));
        let spelled = spelled.unwrap();
        for (number, term) in all.iter().enumerate() {
            assert_eq!(spelled.term(number), Some(*term));
        }
        assert_eq!(spelled.term(all.len()), None);
        let most = spelled.with(&vec![b'x'; MOST_SPELLED - "aİda日本".len()]).unwrap();
        assert!(most.with(b"x").is_none());
    }
}
