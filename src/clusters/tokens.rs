//! Words as numbers. They are made anew whenever a book is, and yet must not depend on the version of the standard library:
//! whoever compares two books expects the same clusters.

use super::grams::mix;

/// How many words make a shingle of a document.
const SHINGLE: usize = 3;

/// One of so many shingles is in a sketch.
const ONE_OF: u32 = 8;

/// The numbers of folded words. Those of different seeds have nothing in common, but for one word in many million: items that
/// must not meet have different seeds.
pub fn tokens<W: AsRef<str>>(seed: u64, words: &[W]) -> Vec<u32> {
    let seed = mix(seed);
    words.iter().map(|word| hash(seed, word.as_ref())).collect()
}

/// What stands for a document: about an eighth of its shingles, always the same ones of the same words, in the order of the
/// text.
pub fn sketch(tokens: &[u32]) -> Vec<u32> {
    tokens.windows(SHINGLE).map(shingle).filter(|shingle| shingle % ONE_OF == 0).collect()
}

/// FNV-1a, and its bits well mixed, as those of short words hardly differ otherwise.
fn hash(seed: u64, word: &str) -> u32 {
    let start = 0xcbf2_9ce4_8422_2325 ^ seed;
    let hash = word.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (mix(hash) >> 32) as u32
}

fn shingle(words: &[u32]) -> u32 {
    (words.iter().fold(0, |hash, word| mix(hash ^ u64::from(*word))) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_what_they_are() {
        assert_eq!(
            tokens(0, &["we", "will"]),
            [2_096_106_374, 1_996_121_270],
            "other numbers are other clusters after an upgrade"
        );
        assert_eq!(tokens(7, &["we", "we"])[0], tokens(7, &["we", "we"])[1]);
    }

    #[test]
    fn seeds_keep_apart() {
        let words: Vec<String> = (0..1000).map(|n| format!("w{n}")).collect();
        let (one, other) = (tokens(1, &words), tokens(2, &words));
        assert!(one.iter().all(|word| !other.contains(word)));
    }

    #[test]
    fn a_sketch_is_an_eighth_and_of_a_part_it_is_a_part() {
        let words: Vec<String> = (0..4000).map(|n| format!("w{n}")).collect();
        let whole = sketch(&tokens(1, &words));
        assert!((400..600).contains(&whole.len()), "{}", whole.len());
        let part = sketch(&tokens(1, &words[1000..2000]));
        assert!(whole.windows(part.len()).any(|window| window == part));
        assert!(sketch(&[]).is_empty() && sketch(&[1, 2]).is_empty());
    }
}
