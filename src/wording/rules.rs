//! Where one verdict ends and the next begins, all of it in one place. Words are counted as [`super::words`] reads them: those of
//! the speaker, not those of an editor. A *difference* is a word of the claim that the quote has not or has otherwise, or a word
//! of the quote that the claim leaves out without an ellipsis between words that it has; a word for another is one difference.
//!
//! - **Exact**: no difference, nothing left out.
//! - **Partial**: no difference; words of the quote are left out in front, behind, or at an ellipsis.
//! - **Near**: at most one difference for [`WORDS_A_DIFFERENCE`] words, and [`NEAR_LEAST_SAME`] words the same.
//! - **Far**: all else.

use crate::domain::verdict::Fit;

/// Words of a claim for each difference that leaves it near. Three: with every third word another, people and tests
/// still take it for the same sentence misremembered; with every second, texts on one subject begin to meet by chance.
pub const WORDS_A_DIFFERENCE: usize = 3;

/// Words that a near claim must share with the quote. Fewer than four in a row of any text are found in many others.
pub const NEAR_LEAST_SAME: usize = 4;

/// Words of a claim for each place where something is left out inside, on average. With fewer between the ellipses, a long
/// quote holds the words of anything.
pub const WORDS_A_CUT: usize = 4;

/// Words of the speaker for which those in one pair of brackets may stand: "[he]" for a title and a full name. More in one pair
/// than that stand for themselves alone.
pub const BRACKETS_STAND_FOR: usize = 4;

/// Words of a part of a stitched claim, one after the other. With three, phrases that everybody uses would do.
pub const PART_LEAST_WORDS: usize = 4;

/// Least share of a stitched claim that its parts cover, in percent: the seams may be smoothed over by a word or two.
pub const STITCHED_PERCENT: usize = 80;

/// Least share of a claim's words that stand in the quote themselves, in percent: brackets on the other side may stand for the
/// rest. Of a longer part nobody knows that it was said.
pub const SAME_PERCENT: usize = 60;

/// What the rules go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Words of the claim.
    pub words: usize,
    /// Those of them that stand in the quote.
    pub same: usize,
    /// Differences.
    pub differences: usize,
    /// Places inside where the claim leaves something out.
    pub cuts_inside: usize,
    /// Whether it leaves anything out.
    pub is_cut: bool,
}

/// How a quote fits a claim.
pub fn fit(count: Count) -> Fit {
    let Count { words, same, differences, cuts_inside, is_cut } = count;
    let scattered = cuts_inside > 0 && words < (cuts_inside + 1) * WORDS_A_CUT;
    if words == 0 || scattered || same * 100 < words * SAME_PERCENT {
        return Fit::Far;
    }
    match (differences, is_cut) {
        (0, false) => Fit::Exact,
        (0, true) => Fit::Partial,
        _ if differences * WORDS_A_DIFFERENCE <= words && same >= NEAR_LEAST_SAME => Fit::Near,
        _ => Fit::Far,
    }
}

/// Whether a claim that is near a quote, with so many differences, is rather put together of parts that leave so many words
/// uncovered: another quote accounts for at least a part's words, and for more than half of what this one does not.
pub fn is_rather_stitched(differences: usize, uncovered: usize) -> bool {
    differences >= PART_LEAST_WORDS && uncovered * 2 < differences
}

/// Whether parts that cover so many of a claim's words make it a stitched one.
pub fn is_stitched(words: usize, covered: usize, parts: usize) -> bool {
    parts > 1 && covered * 100 >= words * STITCHED_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(words: usize, differences: usize, cuts_inside: usize) -> Count {
        Count { words, same: words - differences, differences, cuts_inside, is_cut: cuts_inside > 0 }
    }

    #[test]
    fn every_fifth_word_may_be_another_from_five_words_on() {
        for words in 5..200 {
            assert_eq!(fit(with(words, words.div_ceil(5), 0)), Fit::Near, "{words}");
            assert_eq!(fit(with(words, words / 2, 0)), Fit::Far, "{words}");
        }
        assert_eq!(fit(with(4, 1, 0)), Fit::Far);
    }

    #[test]
    fn words_here_and_there_are_no_part_of_a_quote() {
        assert_eq!(fit(with(8, 0, 1)), Fit::Partial);
        assert_eq!(fit(with(7, 0, 1)), Fit::Far);
        assert_eq!(fit(with(0, 0, 0)), Fit::Far);
        assert_eq!(fit(Count { same: 5, ..with(10, 0, 0) }), Fit::Far, "brackets vouch for nothing");
    }
}
