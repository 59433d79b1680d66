//! Which spans to report when each has a probability of being right to the word. The likeliest sequence of tags leaves
//! out a span that is just less likely than its absence; whoever can tell later, from what stands around it, wants to
//! see it nevertheless. A span is worth its probability less a price: at half the F1 that is reached, that choice has
//! the greatest F1 (Lewis 1995); a lower price gives more spans.

use std::ops::Range;

/// A span that may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    pub(super) positions: Range<usize>,
    pub(super) kind: usize,
    /// That exactly this span is there.
    pub(super) probability: f64,
}

/// The disjoint spans of the greatest sum of probability less price, in order.
pub(super) fn best(mut candidates: Vec<Candidate>, price: f64) -> Vec<Candidate> {
    candidates.retain(|candidate| candidate.probability > price);
    candidates.sort_by_key(|candidate| (candidate.positions.end, candidate.positions.start, candidate.kind));
    // For each number of candidates, the best sum over these and the last one that it takes.
    let mut sums = vec![0.0];
    let mut takes: Vec<Option<usize>> = vec![None];
    let before = |at: usize| {
        let start = candidates[at].positions.start;
        candidates[..at].partition_point(|other| other.positions.end <= start)
    };
    for at in 0..candidates.len() {
        let taken = sums[before(at)] + candidates[at].probability - price;
        let is_better = taken > sums[at];
        sums.push(if is_better { taken } else { sums[at] });
        takes.push(if is_better { Some(at) } else { takes[at] });
    }
    let mut chosen = Vec::new();
    let mut upto = candidates.len();
    while let Some(at) = takes[upto] {
        chosen.push(candidates[at].clone());
        upto = before(at);
    }
    chosen.reverse();
    chosen
}
