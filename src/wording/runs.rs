//! By which terms a quote is found: its words and its pairs of neighbouring words, as numbers. Of a claim whose every fifth word is
//! wrong four words and at least two pairs of five are left, whichever word it is; longer runs would be broken. A pair of two
//! frequent words is mostly rare, so that the pairs do the finding and the words make up for what is broken.

/// The distinct terms of the words, ascending: 32-bit FNV-1a of one word, or of two with a space between them. Among ten million
/// different terms two share a number now and then, which costs a look at a quote that does not fit.
pub fn runs<W: AsRef<str>>(words: &[W]) -> Vec<u32> {
    let single = words.iter().map(|word| hash([word.as_ref()]));
    let pairs = words.windows(2).filter_map(|pair| match pair {
        [one, other] => Some(hash([one.as_ref(), " ", other.as_ref()])),
        _ => None,
    });
    let mut all: Vec<u32> = single.chain(pairs).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn hash<'p>(parts: impl IntoIterator<Item = &'p str>) -> u32 {
    let bytes = parts.into_iter().flat_map(str::bytes);
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_words_and_pairs_and_stay_what_they_are() {
        assert_eq!(runs(&["we", "will", "wait"]).len(), 5);
        assert!(runs::<&str>(&[]).is_empty());
        assert_eq!(runs(&["a", "a", "a"]).len(), 2);
        assert_eq!(runs(&["we"]), [0x5c47_afa9], "what is on disk was made by this function");
    }

    #[test]
    fn with_every_fifth_word_altered_enough_is_left() {
        let said = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
        for length in 5..=said.len() {
            let known = runs(&said[..length]);
            for first in 0..5 {
                let mut claim = said[..length].to_vec();
                claim.iter_mut().skip(first).step_by(5).for_each(|word| *word = "other");
                let shared = runs(&claim).iter().filter(|term| known.contains(term)).count();
                assert!(shared >= 6, "{claim:?}");
            }
        }
    }
}
