//! How closely a part lies in a whole: how many words must be put in or left out until it stands there in one piece, wherever
//! that is (Sellers' algorithm, of insertions and deletions only). Words that are strewn over a long text are in it in the same
//! order, but not closely.

/// How many words the part lacks or has too many, where it lies best.
pub(super) fn differences(part: &[u32], whole: &[u32]) -> usize {
    // What the beginnings of the part cost if they end at the word of the whole; they may begin anywhere for nothing.
    let mut costs: Vec<usize> = (0..=part.len()).collect();
    let mut least = part.len();
    for word in whole {
        let (mut diagonal, mut last) = (0, 0);
        for (cost, own) in costs.iter_mut().skip(1).zip(part) {
            let before = *cost;
            last = if own == word { diagonal } else { before.min(last) + 1 };
            (*cost, diagonal) = (last, before);
        }
        least = least.min(last);
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_costs_nothing_and_what_is_between_does() {
        assert_eq!(differences(&[1, 2, 3], &[9, 9, 1, 2, 3, 9]), 0);
        assert_eq!(
            differences(&[1, 2, 3], &[1, 9, 9, 2, 3]),
            1,
            "to lack the first is cheaper than two in between"
        );
        assert_eq!(differences(&[1, 2, 3, 4], &[1, 2, 9, 3, 4]), 1);
        assert_eq!(differences(&[1, 2, 3, 4], &[1, 2, 9, 4]), 2, "another in its place");
        assert_eq!(differences(&[1, 2], &[]), 2);
        assert_eq!(differences(&[], &[1, 2]), 0);
    }
}
