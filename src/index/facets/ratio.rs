//! How surprising it is that a word is so frequent: Dunning's log-likelihood ratio (Computational Linguistics 19, 1993).

/// Quotes that have a word, of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) having: u64,
    pub(super) of: u64,
}

impl Share {
    /// What is left without some of them.
    pub(super) fn without(self, some: Self) -> Self {
        Self { having: self.having.saturating_sub(some.having), of: self.of.saturating_sub(some.of) }
    }
}

/// Twice the logarithm of how much likelier the counts are if the word is more frequent here than there, than if it is as frequent
/// in both; 0 where it is not more frequent here.
pub(super) fn ratio(here: Share, there: Share) -> f64 {
    let (a, b, c, d) = (here.having as f64, there.having as f64, here.of as f64, there.of as f64);
    if a == 0.0 || c == 0.0 || (d > 0.0 && a / c <= b / d) {
        return 0.0;
    }
    let common = (a + b) / (c + d);
    let likelihood = |found: f64, all: f64, share: f64| {
        let rest = all - found;
        let term = |count: f64, share: f64| if count > 0.0 { count * share.ln() } else { 0.0 };
        term(found, share) + term(rest, 1.0 - share)
    };
    let apart = likelihood(a, c, a / c) + if d > 0.0 { likelihood(b, d, b / d) } else { 0.0 };
    let together = likelihood(a, c, common) + likelihood(b, d, common);
    (2.0 * (apart - together)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(having: u64, of: u64) -> Share {
        Share { having, of }
    }

    #[test]
    fn what_is_more_frequent_here_than_there_is_surprising() {
        // Worked out from the definition with another program.
        let cases =
            [(of(10, 100), of(10, 1000), 22.908), (of(5, 10), of(5, 90), 12.533), (of(1, 10), of(0, 0), 0.0)];
        for (here, there, expected) in cases {
            let found = ratio(here, there);
            assert!((found - expected).abs() < 0.001, "{here:?} {there:?} {found}");
        }
        for (here, there) in [(of(1, 100), of(10, 1000)), (of(0, 10), of(5, 10)), (of(0, 0), of(0, 0))] {
            assert_eq!(ratio(here, there), 0.0);
        }
        assert!(ratio(of(20, 100), of(10, 1000)) > ratio(of(10, 100), of(10, 1000)));
        assert!(ratio(of(7, 7), of(0, 100)).is_finite());
    }
}
