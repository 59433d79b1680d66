//! Counts and the figures that are made of them.

use serde::Serialize;
use std::collections::BTreeSet;

/// Precision, recall and F1 with the counts behind them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Figures {
    p: f64,
    r: f64,
    f1: f64,
    gold: usize,
    out: usize,
}

/// How many were right, how many there are, how many were found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// In gold and output.
    pub right: usize,
    /// In gold.
    pub gold: usize,
    /// In the output.
    pub out: usize,
}

impl Tally {
    /// Adds the comparison of two sets.
    pub fn compare<T: Ord>(&mut self, gold: &BTreeSet<T>, out: &BTreeSet<T>) {
        self.right += gold.intersection(out).count();
        self.gold += gold.len();
        self.out += out.len();
    }

    /// The sum of both.
    pub fn plus(self, other: Self) -> Self {
        Self { right: self.right + other.right, gold: self.gold + other.gold, out: self.out + other.out }
    }

    /// The figures.
    pub fn figures(self) -> Figures {
        let (p, r) = (share(self.right, self.out), share(self.right, self.gold));
        let f1 = if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 };
        Figures { p: rounded(p), r: rounded(r), f1: rounded(f1), gold: self.gold, out: self.out }
    }
}

/// A part of a whole, to four decimals; nothing of nothing.
pub fn rate(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| rounded(share(part, whole)))
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn rounded(figure: f64) -> f64 {
    (figure * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_counts() {
        let mut tally = Tally::default();
        tally.compare(&BTreeSet::from([1, 2, 3]), &BTreeSet::from([2, 3, 4, 5]));
        assert_eq!(tally.figures(), Figures { p: 0.5, r: 0.6667, f1: 0.5714, gold: 3, out: 4 });
        assert_eq!(Tally::default().figures(), Figures::default());
        assert_eq!((rate(1, 3), rate(0, 0)), (Some(0.3333), None));
    }
}
