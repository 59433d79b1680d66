//! Runs of words as numbers of 24 bits. Three bytes are enough: two runs of one number cost a look at a candidate that does not
//! fit, and [`super::run`] keeps but one byte for each.

/// One more than the greatest number of a run.
pub(super) const GRAMS: u32 = 1 << 24;

/// The distinct runs of so many words, ascending.
pub(super) fn grams(words: &[u32], length: usize) -> Vec<u32> {
    let mut all: Vec<u32> = words.windows(length).map(gram).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The number of a run of words, or of a whole sequence.
pub(super) fn gram(words: &[u32]) -> u32 {
    (words.iter().fold(0, |hash, word| mix(hash ^ u64::from(*word))) >> 40) as u32
}

/// Every bit of the result depends on every bit (the finaliser of SplitMix64).
pub(super) fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_distinct_and_in_order() {
        assert_eq!(grams(&[1, 2, 3, 1, 2, 3], 3).len(), 3);
        assert!(grams(&[1, 2], 3).is_empty());
        assert!(grams(&(0..500).collect::<Vec<u32>>(), 3).is_sorted());
        assert_ne!(gram(&[1, 2, 3]), gram(&[3, 2, 1]));
        assert!((0..500).all(|word| gram(&[word]) < GRAMS));
    }
}
