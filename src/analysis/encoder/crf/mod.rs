//! Linear-chain CRF over BIO tags: which spans a layer reports and how sure it is of each. A layer with `n` types has
//! `2n + 1` tags: 0 is O, type `t` has B at `2t + 1` and I at `2t + 2`; an I follows a B or an I of its type and nothing
//! else. Knows numbers, not what the types mean. Start at [`Chain::decode`] and [`Chain::decode_at`]: [`viterbi`]
//! finds the likeliest tags, [`marginals`] how likely each tag and each span is, [`choice`] picks spans by that.

mod choice;
mod marginals;
#[cfg(test)]
mod tests;
mod viterbi;

use marginals::Marginals;
use std::ops::Range;

/// A run of positions under one type.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Positions of the chain.
    pub positions: Range<usize>,
    /// Index of the type.
    pub kind: usize,
    /// Mean posterior probability of the span's own tags, 0 to 1.
    pub confidence: f32,
}

/// A score that no path of allowed moves can come near.
const FORBIDDEN: f32 = -1e4;

/// The moves of one layer.
pub struct Chain {
    tags: usize,
    /// Score of the move from a tag (row) to a tag (column); forbidden moves hold [`FORBIDDEN`].
    moves: Vec<f32>,
    /// The moves' exponentials, 0 where forbidden.
    factors: Vec<f64>,
}

impl Chain {
    /// A chain from the learned scores of moves, row by row. `None` unless there are as many as tags squared.
    pub fn new(types: usize, scores: &[f32]) -> Option<Self> {
        let tags = 2 * types + 1;
        if scores.len() != tags * tags {
            return None;
        }
        let may = |from: usize, to: usize| !is_inside(to) || from == to || from + 1 == to;
        let moves: Vec<f32> = (0..tags * tags)
            .map(|at| if may(at / tags, at % tags) { scores[at] } else { FORBIDDEN })
            .collect();
        let factors = moves.iter().map(|&m| if m == FORBIDDEN { 0.0 } else { f64::from(m).exp() }).collect();
        Some(Self { tags, moves, factors })
    }

    /// Number of tags, the width of a row of emissions.
    pub fn tags(&self) -> usize {
        self.tags
    }

    /// The spans of the likeliest sequence of tags over `emissions` (rows of [`Chain::tags`] scores).
    pub fn decode(&self, emissions: &[f32]) -> Vec<Span> {
        let spans = self.likeliest(emissions);
        if spans.is_empty() {
            return Vec::new();
        }
        let marginals = Marginals::new(self, emissions);
        spans.into_iter().map(|(positions, kind)| marginals.span(positions, kind)).collect()
    }

    /// As [`Chain::decode`], and more: where a span is more likely than `price` though none or another is likelier
    /// (see [`choice`]). The likeliest sequence has the rest.
    pub fn decode_at(&self, price: f64, emissions: &[f32]) -> Vec<Span> {
        let marginals = Marginals::new(self, emissions);
        let chosen = choice::best(marginals.candidates(price), price).into_iter();
        let chosen: Vec<_> = chosen.map(|candidate| (candidate.positions, candidate.kind)).collect();
        let mut spans = self.likeliest(emissions);
        spans.retain(|(positions, _)| {
            let after = chosen.partition_point(|(other, _)| other.start < positions.end);
            after.checked_sub(1).is_none_or(|last| chosen[last].0.end <= positions.start)
        });
        spans.extend(chosen);
        spans.sort_by_key(|(positions, _)| positions.start);
        spans.into_iter().map(|(positions, kind)| marginals.span(positions, kind)).collect()
    }

    fn likeliest(&self, emissions: &[f32]) -> Vec<(Range<usize>, usize)> {
        spans(&viterbi::best_path(self, emissions))
    }
}

fn is_inside(tag: usize) -> bool {
    tag > 0 && tag.is_multiple_of(2)
}

/// Positions and types of the spans on a path.
fn spans(path: &[usize]) -> Vec<(Range<usize>, usize)> {
    let mut out: Vec<(Range<usize>, usize)> = Vec::new();
    for (at, &tag) in path.iter().enumerate() {
        match (tag, out.last_mut()) {
            (0, _) => {}
            (tag, Some((open, _))) if is_inside(tag) => open.end = at + 1,
            (tag, _) => out.push((at..at + 1, (tag - 1) / 2)),
        }
    }
    out
}
