//! When two sequences of words are related. All conditions look at the shorter one, so that a part is related to its whole; of
//! two of one length either may be taken for the shorter one, and each condition may hold in one of the ways.
//!
//! What is said often is the danger: "I don't think that is going to happen" stands, with a word or two between, in many long
//! quotes that have nothing else in common, and chains of these would be one cluster. Against that a part must be a fair part, and
//! lie closely in its whole; a smaller one must stand in it word for word.

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
    /// Whether one that has fewer is related all the same if it stands in the longer one word for word.
    pub excerpts: bool,
    /// How many words make a run. Related sequences share runs, by which they find each other.
    pub gram: usize,
}

impl Rule {
    /// Quotes: up to a fifth of the words may differ, but none of a part of less than two fifths: who quotes a few words of many quotes
    /// them as they were said.
    pub const QUOTES: Self = Self { shortest: 8, least: 80, part: 40, excerpts: true, gram: 3 };

    /// Documents, by their sketches: each number stands for a run of words, so that one altered word costs several of them.
    pub const DOCUMENTS: Self = Self { shortest: 8, least: 70, part: 40, excerpts: false, gram: 1 };

    /// Whether a shorter one of this length is enough of a longer one of that.
    fn is_fair_part(&self, shorter: usize, longer: usize) -> bool {
        shorter * 100 >= longer * self.part
    }

    /// How many words may be put in or left out until a part of this length lies in a whole of that; none if that never makes it one.
    pub(super) fn differences(&self, part: usize, whole: usize) -> Option<usize> {
        if self.is_fair_part(part, whole) {
            return Some(2 * (part - self.common(part)));
        }
        self.excerpts.then_some(0)
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
    }

    #[test]
    fn of_a_small_part_nothing_may_differ() {
        assert_eq!([20, 21].map(|whole| Rule::QUOTES.differences(8, whole)), [Some(2), Some(0)]);
        assert_eq!([25, 26].map(|whole| Rule::DOCUMENTS.differences(10, whole)), [Some(6), None]);
    }

    #[test]
    fn what_lost_words_leave_is_asked_for() {
        assert_eq!(Rule::QUOTES.share(20, 18), 6);
        assert_eq!(Rule::QUOTES.share(10, 8), 2);
        assert_eq!(Rule::QUOTES.share(10, 3), 1, "few distinct runs: it repeats itself");
        assert_eq!(Rule::DOCUMENTS.share(10, 10), 7);
    }
}
