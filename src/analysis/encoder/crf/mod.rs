//! Linear-chain CRF over BIO tags: which spans a layer reports and how sure it is of each. A layer with `n` types has
//! `2n + 1` tags: 0 is O, type `t` has B at `2t + 1` and I at `2t + 2`; an I follows a B or an I of its type and nothing
//! else. Knows numbers, not what the types mean. Start at [`Chain::decode`] and [`Chain::decode_from`]: [`viterbi`]
//! finds the likeliest tags, [`marginals`] how likely each tag and each span is, [`choice`] which spans can stand together.

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
    /// Posterior probability that exactly this span is there, 0 to 1.
    pub confidence: f32,
}

/// What stands at the ends of a chain that is part of a longer one: a position where no span can be, or nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ends {
    /// The position before the first is O.
    pub after_outside: bool,
    /// The position behind the last is O.
    pub before_outside: bool,
}

/// A score that no path of allowed moves can come near.
const FORBIDDEN: f32 = -1e4;

/// The moves of one layer.
pub struct Chain {
    tags: usize,
    /// Score of the move from a tag (row) to a tag (column); forbidden moves hold [`FORBIDDEN`].
    moves: Vec<f32>,
    /// The same by the tag that they go to.
    moves_to: Vec<f32>,
    /// The moves' exponentials, 0 where forbidden.
    factors: Vec<f32>,
    /// The same by the tag that they go to.
    factors_to: Vec<f32>,
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
        let factors: Vec<f32> = moves.iter().map(|&m| if m == FORBIDDEN { 0.0 } else { m.exp() }).collect();
        let turned = |rows: &[f32]| (0..tags * tags).map(|at| rows[at % tags * tags + at / tags]).collect();
        let (moves_to, factors_to) = (turned(&moves), turned(&factors));
        Some(Self { tags, moves, moves_to, factors, factors_to })
    }

    /// Number of tags, the width of a row of emissions.
    pub fn tags(&self) -> usize {
        self.tags
    }

    /// The spans of the likeliest sequence of tags over `emissions` (rows of [`Chain::tags`] scores).
    pub fn decode(&self, emissions: &[f32], ends: Ends) -> Vec<Span> {
        let spans = self.likeliest(emissions, ends);
        if spans.is_empty() {
            return Vec::new();
        }
        let marginals = Marginals::new(self, emissions, ends);
        spans.into_iter().map(|(positions, kind)| marginals.span(positions, kind)).collect()
    }

    /// As [`Chain::decode`], and more: the likeliest tags leave out a span that is just less likely than its absence,
    /// which a caller who sees what stands around it may want. Spans more likely than `least` come first, the
    /// likeliest of those that share positions, and the likeliest sequence fills up.
    pub fn decode_from(&self, least: f32, emissions: &[f32], ends: Ends) -> Vec<Span> {
        let marginals = Marginals::new(self, emissions, ends);
        let mut candidates = marginals.candidates(least);
        candidates.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        let candidates = candidates.into_iter().map(|candidate| (candidate.positions, candidate.kind));
        choice::disjoint(candidates.chain(self.likeliest(emissions, ends)))
            .map(|(positions, kind)| marginals.span(positions, kind))
            .collect()
    }

    /// The factor with which a tag may stand first.
    fn opening(&self, tag: usize, ends: Ends) -> f32 {
        if ends.after_outside { self.factors[tag] } else { f32::from(u8::from(!is_inside(tag))) }
    }

    /// The factor with which a tag may stand last.
    fn closing(&self, tag: usize, ends: Ends) -> f32 {
        if ends.before_outside { self.factors[tag * self.tags] } else { 1.0 }
    }

    /// Factors of the moves to a tag, by the tag that they come from.
    fn into(&self, to: usize) -> &[f32] {
        &self.factors_to[to * self.tags..(to + 1) * self.tags]
    }

    /// Factors of the moves from a tag, by the tag that they go to.
    fn out_of(&self, from: usize) -> &[f32] {
        &self.factors[from * self.tags..(from + 1) * self.tags]
    }

    fn likeliest(&self, emissions: &[f32], ends: Ends) -> Vec<(Range<usize>, usize)> {
        spans(&viterbi::best_path(self, emissions, ends))
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
