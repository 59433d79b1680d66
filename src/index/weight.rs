//! What a word adds to the score of an entry: BM25, by how often the word stands there and how long the entry is. There are only 256
//! lengths, as the search engine writes them, and most words stand once in a quote: so the scores of a question's word are worked out
//! once, and an entry's is looked up.

use tantivy::Score;
use tantivy::query::Bm25Weight;

/// Lengths that are told apart.
const LENGTHS: usize = 256;

/// Up to so many times a word stands in an entry are its scores known beforehand.
const FREQUENCIES: usize = 3;

/// See the module.
pub(super) struct WordWeight {
    formula: Bm25Weight,
    /// By frequency, less one, and length.
    known: [[Score; LENGTHS]; FREQUENCIES],
}

impl WordWeight {
    /// Of a word that `having` of `entries` have, which are `length` words long on average.
    pub(super) fn new(having: u64, entries: u64, length: Score) -> Self {
        let formula = Bm25Weight::for_one_term_without_explain(having, entries, length);
        let mut known = [[0.0; LENGTHS]; FREQUENCIES];
        for (frequency, by_length) in (1..).zip(&mut known) {
            for (length, score) in (0..=u8::MAX).zip(by_length) {
                *score = formula.score(length, frequency);
            }
        }
        Self { formula, known }
    }

    /// No entry's score is greater: one as short as can be that has it as often as can be. The formula's own bound is that of long ones.
    pub(super) fn most(&self) -> Score {
        self.formula.score(0, u32::MAX)
    }

    /// The score of an entry whose length has this number and which has the word `frequency` times.
    #[inline]
    pub(super) fn score(&self, length: u8, frequency: u32) -> Score {
        match self.known.get((frequency as usize).wrapping_sub(1)) {
            Some(by_length) => by_length[usize::from(length)],
            None => self.formula.score(length, frequency),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_up_is_what_the_formula_gives() {
        let weight = WordWeight::new(70, 10_000, 23.5);
        for length in 0..=u8::MAX {
            for frequency in (0..=9).chain([1_000, u32::MAX]) {
                let (found, right) =
                    (weight.score(length, frequency), weight.formula.score(length, frequency));
                assert_eq!(found.to_bits(), right.to_bits(), "{frequency} times, length {length}");
                assert!(found <= weight.most(), "{frequency} times, length {length}");
            }
        }
    }
}
