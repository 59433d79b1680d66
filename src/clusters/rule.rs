//! When two sequences of words are related. All conditions look at the shorter one, so that a part is related to its whole; of
//! two of one length either may be taken for the shorter one, and each condition may hold in one of the ways.
//!
//! What is said often is the danger: "I don't think that is going to happen" stands, with a word or two between, in many long
//! quotes that have nothing else in common, and chains of these would be one cluster. Against that a part must be a fair part, and
//! lie closely in its whole.

/// When two sequences of words are related.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Items of fewer words are related to none, not even to those of the same words: "I do not know" is said by everybody.
    pub shortest: usize,
    /// How many of a hundred words of the shorter one stand in the longer one, in the same order, at least. They lie so closely
    /// there that no more than twice as many as may be lost differ: put in or left out, one of each for another in its place.
    pub least: usize,
    /// How many words the shorter one has at least for a hundred of the longer one.
    pub part: usize,
    /// How many words make a run. Related sequences share runs, by which they find each other.
    pub gram: usize,
}

impl Rule {
    /// Quotes: up to a fifth of the words may differ, and a part is two fifths of its whole.
    pub const QUOTES: Self = Self { shortest: 8, least: 80, part: 40, gram: 3 };

    /// Documents, by their sketches: each number stands for a run of words, so that one altered word costs several of them.
    pub const DOCUMENTS: Self = Self { shortest: 8, least: 70, part: 40, gram: 1 };

    /// Whether a shorter one of this length is enough of a longer one of that.
    pub(super) fn is_fair_part(&self, shorter: usize, longer: usize) -> bool {
        shorter * 100 >= longer * self.part
    }

    /// How many words may be put in or left out until a part of this length lies in its whole.
    pub(super) fn differences(&self, length: usize) -> usize {
        2 * (length - self.common(length))
    }

    /// How many words of a shorter one of this length the longer one has in the same order, at least.
    pub(super) fn common(&self, length: usize) -> usize {
        (length * self.least).div_ceil(100)
    }

    /// How many distinct runs of a shorter one of this length and so many runs the longer one has, at least. A word that is lost
    /// takes as many runs with it as a run has words; the rest is left, unless words were put in between. One is always asked
    /// for: without it nothing would be found.
    pub(super) fn share(&self, length: usize, runs: usize) -> usize {
        let lost = length - self.common(length);
        runs.saturating_sub(self.gram * lost).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_may_differ_rounded_in_favour_of_the_words() {
        let lost: Vec<usize> = (8..=15).map(|length| length - Rule::QUOTES.common(length)).collect();
        assert_eq!(lost, [1, 1, 2, 2, 2, 2, 2, 3]);
        assert_eq!(Rule::DOCUMENTS.common(10), 7);
        assert_eq!(Rule::QUOTES.differences(10), 4);
    }

    #[test]
    fn a_part_is_two_fifths() {
        assert!(Rule::QUOTES.is_fair_part(8, 20) && !Rule::QUOTES.is_fair_part(8, 21));
    }

    #[test]
    fn what_lost_words_leave_is_asked_for() {
        assert_eq!(Rule::QUOTES.share(20, 18), 6);
        assert_eq!(Rule::QUOTES.share(10, 8), 2);
        assert_eq!(Rule::QUOTES.share(10, 3), 1, "few distinct runs: it repeats itself");
        assert_eq!(Rule::DOCUMENTS.share(10, 10), 7);
    }
}
