//! How likely each tag and each span is: forward-backward, rescaled at each position so that long texts neither
//! overflow nor vanish. Start at [`Marginals::new`].

use super::choice::Candidate;
use super::{Chain, Span, is_inside};
use std::ops::Range;

/// No tag is less likely than this beside the best of its position, by emissions alone: scores beyond say nothing more,
/// and products of them would vanish.
const FAINTEST: f32 = -30.0;

/// Posterior probabilities over one chain. With `forward * backward` a tag has its own, and a move from one position to
/// the next, `forward * factor * gain * backward`.
pub(super) struct Marginals<'a> {
    chain: &'a Chain,
    /// Of each tag at each position given all before, each position's sum 1.
    forward: Vec<f64>,
    /// Of all after given each tag at each position, relative to what comes before.
    backward: Vec<f64>,
    /// The emissions' exponentials, divided by their position's scale.
    gain: Vec<f64>,
}

impl<'a> Marginals<'a> {
    /// Over `emissions`, rows of [`Chain::tags`] scores.
    pub(super) fn new(chain: &'a Chain, emissions: &[f32]) -> Self {
        let k = chain.tags;
        let gain: Vec<f64> = emissions.chunks_exact(k).flat_map(weights).collect();
        let backward = vec![1.0; gain.len()];
        let mut marginals = Self { chain, forward: gain.clone(), backward, gain };
        marginals.run_forward();
        marginals.run_backward();
        marginals
    }

    fn positions(&self) -> usize {
        self.forward.len() / self.chain.tags
    }

    fn run_forward(&mut self) {
        let k = self.chain.tags;
        for at in 0..self.positions() {
            let (done, rest) = self.forward.split_at_mut(at * k);
            let here = &mut rest[..k];
            for (to, value) in here.iter_mut().enumerate() {
                *value *= match at {
                    0 => f64::from(u8::from(!is_inside(to))),
                    _ => {
                        (0..k).map(|from| done[(at - 1) * k + from] * self.chain.factors[from * k + to]).sum()
                    }
                };
            }
            let scale: f64 = here.iter().sum();
            here.iter_mut().for_each(|value| *value /= scale);
            self.gain[at * k..(at + 1) * k].iter_mut().for_each(|value| *value /= scale);
        }
    }

    fn run_backward(&mut self) {
        let k = self.chain.tags;
        for at in (1..self.positions()).rev() {
            for from in 0..k {
                self.backward[(at - 1) * k + from] = (0..k).map(|to| self.onward(from, at, to)).sum();
            }
        }
    }

    /// What a move to a tag at a position, and all that may follow it, adds to the mass of the tag before.
    fn onward(&self, from: usize, at: usize, to: usize) -> f64 {
        let k = self.chain.tags;
        self.chain.factors[from * k + to] * self.gain[at * k + to] * self.backward[at * k + to]
    }

    fn tag(&self, at: usize, tag: usize) -> f64 {
        let at = at * self.chain.tags + tag;
        self.forward[at] * self.backward[at]
    }

    /// A span with its confidence.
    pub(super) fn span(&self, positions: Range<usize>, kind: usize) -> Span {
        let (begin, inside) = (2 * kind + 1, 2 * kind + 2);
        let first = self.tag(positions.start, begin);
        let rest: f64 = (positions.start + 1..positions.end).map(|at| self.tag(at, inside)).sum();
        let confidence = ((first + rest) / positions.len() as f64).clamp(0.0, 1.0) as f32;
        Span { positions, kind, confidence }
    }

    /// All spans more likely than `least`, by their begins. However many may begin, no position lies in more than
    /// `1 / least` whose beginnings are that likely, which bounds the work.
    pub(super) fn candidates(&self, least: f64) -> Vec<Candidate> {
        let mut found = Vec::new();
        for begin in 0..self.positions() {
            for kind in 0..self.chain.tags / 2 {
                self.candidates_from(begin, kind, least, &mut found);
            }
        }
        found
    }

    fn candidates_from(&self, begin: usize, kind: usize, least: f64, found: &mut Vec<Candidate>) {
        let (k, inside) = (self.chain.tags, 2 * kind + 2);
        let mut last = 2 * kind + 1;
        // The mass of paths that open the span at `begin` and have not closed it before `end`.
        let mut open = self.forward[begin * k + last];
        let mut end = begin + 1;
        while open * self.backward[(end - 1) * k + last] > least {
            let probability = open * self.closing(end, last, inside);
            if probability > least {
                found.push(Candidate { positions: begin..end, kind, probability });
            }
            if end == self.positions() {
                break;
            }
            open *= self.chain.factors[last * k + inside] * self.gain[end * k + inside];
            last = inside;
            end += 1;
        }
    }

    /// The relative mass of all ways to go on at `end` after `last` that leave the span.
    fn closing(&self, end: usize, last: usize, inside: usize) -> f64 {
        if end == self.positions() {
            return 1.0;
        }
        (0..self.chain.tags).filter(|&to| to != inside).map(|to| self.onward(last, end, to)).sum()
    }
}

fn weights(row: &[f32]) -> impl Iterator<Item = f64> {
    let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    row.iter().map(move |&e| f64::from((e - top).max(FAINTEST)).exp())
}
