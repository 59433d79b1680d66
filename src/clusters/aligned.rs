//! How many words two sequences have in common in the same order: their longest common subsequence, by the bit-parallel method
//! of Crochemore and others (2001): a bit for each word of the one, and a few operations on all of them for each word of the
//! other.

/// A sequence, laid out to be compared with many.
pub struct Aligned {
    /// The distinct words, ascending.
    words: Vec<u32>,
    /// For each distinct word, where it stands: a bit for each place, in this many numbers of 64.
    places: Vec<u64>,
    width: usize,
}

impl Aligned {
    /// Lays a sequence out.
    pub fn new(sequence: &[u32]) -> Self {
        let mut words = sequence.to_vec();
        words.sort_unstable();
        words.dedup();
        let width = sequence.len().div_ceil(64);
        let mut places = vec![0; words.len() * width];
        for (at, word) in sequence.iter().enumerate() {
            let row = words.partition_point(|known| known < word);
            places[row * width + at / 64] |= 1 << (at % 64);
        }
        Self { words, places, width }
    }

    /// How many words both have in the same order.
    pub fn common(&self, other: &[u32]) -> usize {
        // A bit is cleared where the longest common subsequence of what was seen of the other one grows.
        let mut open = vec![u64::MAX; self.width];
        for word in other {
            if let Ok(row) = self.words.binary_search(word) {
                step(&mut open, &self.places[row * self.width..][..self.width]);
            }
        }
        open.iter().map(|open| open.count_zeros() as usize).sum()
    }
}

/// One word of the other sequence: what is open at its places moves on to the next open bits, as a carry does.
fn step(open: &mut [u64], places: &[u64]) {
    let mut carry = false;
    for (open, places) in open.iter_mut().zip(places) {
        let met = *open & places;
        let (moved, carried) = open.carrying_add(met, carry);
        *open = moved | (*open & !places);
        carry = carried;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By the book.
    fn slowly(one: &[u32], other: &[u32]) -> usize {
        let mut row = vec![0; other.len() + 1];
        for word in one {
            let mut diagonal = 0;
            for (at, known) in other.iter().enumerate() {
                let above = row[at + 1];
                row[at + 1] = if word == known { diagonal + 1 } else { above.max(row[at]) };
                diagonal = above;
            }
        }
        row[other.len()]
    }

    #[test]
    fn order_counts_and_what_is_between_does_not() {
        assert_eq!(Aligned::new(&[1, 2, 3]).common(&[9, 1, 9, 2, 3]), 3);
        assert_eq!(Aligned::new(&[1, 2, 3]).common(&[3, 2, 1]), 1);
        assert_eq!(Aligned::new(&[]).common(&[1]), 0);
    }

    proptest! {
        #[test]
        fn as_the_table_of_all_pairs_has_it(
            one in prop::collection::vec(0u32..6, 0..200),
            other in prop::collection::vec(0u32..6, 0..200),
        ) {
            prop_assert_eq!(Aligned::new(&one).common(&other), slowly(&one, &other));
        }
    }
}
