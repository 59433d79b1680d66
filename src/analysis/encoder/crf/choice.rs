//! Spans that can stand together, the most wanted first.

use std::collections::BTreeMap;
use std::ops::Range;

/// A span that may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    pub(super) positions: Range<usize>,
    pub(super) kind: usize,
    /// That exactly this span is there.
    pub(super) probability: f32,
}

/// Takes each span in turn unless it shares positions with one taken before; what is taken, in order of position.
pub(super) fn disjoint(
    ranked: impl IntoIterator<Item = (Range<usize>, usize)>,
) -> impl Iterator<Item = (Range<usize>, usize)> {
    let mut taken: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for (positions, kind) in ranked {
        let last = taken.range(..positions.end).next_back();
        if last.is_none_or(|(_, (end, _))| *end <= positions.start) {
            taken.insert(positions.start, (positions.end, kind));
        }
    }
    taken.into_iter().map(|(start, (end, kind))| (start..end, kind))
}
