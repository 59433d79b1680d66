//! How likely each tag and each span is: forward-backward, brought back to scale at each position so that long texts
//! neither overflow nor vanish. Start at [`Marginals::new`].

use super::choice::Candidate;
use super::{Chain, Ends, Span};
use std::ops::Range;

/// No tag is less likely than this beside the best of its position, by emissions alone (a logarithm): scores beyond say
/// nothing more, and products of them would vanish.
const FAINTEST: f32 = -20.0;

/// Posterior probabilities over one chain: that of a tag is its `forward * backward`, that of a move from one position to
/// the next is `forward * factor * gain * backward`. Two numbers a tag and position, for texts may be long.
pub(super) struct Marginals<'a> {
    chain: &'a Chain,
    emissions: &'a [f32],
    ends: Ends,
    /// Of each position, what its gains are divided by.
    scales: Vec<f32>,
    /// Of each tag at each position given all before, each position's sum 1.
    forward: Vec<f32>,
    /// Of all after given each tag at each position, relative to what comes before.
    backward: Vec<f32>,
}

impl<'a> Marginals<'a> {
    /// Over `emissions`, rows of [`Chain::tags`] scores.
    pub(super) fn new(chain: &'a Chain, emissions: &'a [f32], ends: Ends) -> Self {
        let backward = vec![0.0; emissions.len()];
        let mut marginals =
            Self { chain, emissions, ends, scales: Vec::new(), forward: Vec::new(), backward };
        marginals.run_forward();
        marginals.run_backward();
        marginals
    }

    fn positions(&self) -> usize {
        self.scales.len()
    }

    fn run_forward(&mut self) {
        let k = self.chain.tags;
        self.forward.reserve_exact(self.emissions.len());
        for row in self.emissions.chunks_exact(k) {
            let before = self.forward.len().checked_sub(k).map(|start| &self.forward[start..]);
            let arriving = |to: usize| match before {
                None => self.chain.opening(to, self.ends),
                Some(before) => {
                    before.iter().zip(self.chain.into(to)).map(|(mass, factor)| mass * factor).sum()
                }
            };
            let mass: Vec<f32> = weights(row).enumerate().map(|(to, weight)| weight * arriving(to)).collect();
            let scale: f32 = mass.iter().sum();
            self.forward.extend(mass.iter().map(|mass| mass / scale));
            self.scales.push(scale);
        }
    }

    fn run_backward(&mut self) {
        let k = self.chain.tags;
        let Some(last) = self.positions().checked_sub(1) else { return };
        for tag in 0..k {
            self.backward[last * k + tag] = self.chain.closing(tag, self.ends);
        }
        self.rescale(last);
        for at in (1..self.positions()).rev() {
            let onward: Vec<f32> = self.onward(at).collect();
            let before = (at - 1) * k;
            for from in 0..k {
                let leaving = self.chain.out_of(from).iter().zip(&onward);
                self.backward[before + from] = leaving.map(|(factor, mass)| factor * mass).sum();
            }
            self.rescale(at - 1);
        }
    }

    /// Brings the sum over a position to one: but for the last, it is that but for rounding, which would add up over a
    /// long text.
    fn rescale(&mut self, at: usize) {
        let here = at * self.chain.tags..(at + 1) * self.chain.tags;
        let total: f32 = here.clone().map(|tag| self.forward[tag] * self.backward[tag]).sum();
        self.backward[here].iter_mut().for_each(|mass| *mass /= total);
    }

    fn gains(&self, at: usize) -> impl Iterator<Item = f32> {
        let (k, scale) = (self.chain.tags, self.scales[at]);
        weights(&self.emissions[at * k..(at + 1) * k]).map(move |weight| weight / scale)
    }

    /// What arriving at each tag of a position, and all that may follow it, adds to the mass of a tag before.
    fn onward(&self, at: usize) -> impl Iterator<Item = f32> {
        let k = self.chain.tags;
        self.gains(at).zip(&self.backward[at * k..(at + 1) * k]).map(|(gain, after)| gain * after)
    }

    /// A span with its probability.
    pub(super) fn span(&self, positions: Range<usize>, kind: usize) -> Span {
        let (k, inside) = (self.chain.tags, 2 * kind + 2);
        let mut last = 2 * kind + 1;
        let mut open = self.forward[positions.start * k + last];
        for at in positions.start + 1..positions.end {
            open *= self.growth(at, last, inside);
            last = inside;
        }
        let confidence = (open * self.closing(positions.end, last, inside)).clamp(0.0, 1.0);
        Span { positions, kind, confidence }
    }

    /// The relative mass with which a span goes on at a position.
    fn growth(&self, at: usize, last: usize, inside: usize) -> f32 {
        self.chain.out_of(last)[inside] * self.gains(at).nth(inside).unwrap_or(0.0)
    }

    /// All spans more likely than `least`, by their begins. However many may begin, no position lies in more than
    /// `1 / least` whose beginnings are that likely, which bounds the work.
    pub(super) fn candidates(&self, least: f32) -> Vec<Candidate> {
        let mut found = Vec::new();
        for begin in 0..self.positions() {
            for kind in 0..self.chain.tags / 2 {
                self.candidates_from(begin, kind, least, &mut found);
            }
        }
        found
    }

    fn candidates_from(&self, begin: usize, kind: usize, least: f32, found: &mut Vec<Candidate>) {
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
            open *= self.growth(end, last, inside);
            last = inside;
            end += 1;
        }
    }

    /// The relative mass of all ways to go on at `end` after `last` that leave the span.
    fn closing(&self, end: usize, last: usize, inside: usize) -> f32 {
        if end == self.positions() {
            return self.backward[(end - 1) * self.chain.tags + last];
        }
        let ways = self.chain.out_of(last).iter().zip(self.onward(end)).enumerate();
        ways.filter(|(to, _)| *to != inside).map(|(_, (factor, mass))| factor * mass).sum()
    }
}

fn weights(row: &[f32]) -> impl Iterator<Item = f32> {
    let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    row.iter().map(move |&e| (e - top).max(FAINTEST).exp())
}
