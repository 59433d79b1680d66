//! How likely each tag and each span is: forward-backward, brought back to scale at each position so that long texts
//! neither overflow nor vanish. Start at [`Marginals::new`].

use super::choice::Candidate;
use super::{Chain, Ends, Span};
use std::ops::Range;

/// No tag is less likely than this beside the best of its position, by emissions alone (a logarithm): scores beyond say
/// nothing more, and products of them would vanish.
const FAINTEST: f32 = -20.0;

/// Posterior probabilities over one chain: that of a tag is its `forward * backward`, that of a move from one position to
/// the next is `forward * factor * gain * backward`. Three numbers a tag and position.
pub(super) struct Marginals<'a> {
    chain: &'a Chain,
    ends: Ends,
    /// Of each tag at each position, what its emission is worth beside the others, brought to scale.
    gains: Vec<f32>,
    /// Of each tag at each position given all before, each position's sum 1.
    forward: Vec<f32>,
    /// Of all after given each tag at each position, relative to what comes before.
    backward: Vec<f32>,
}

impl<'a> Marginals<'a> {
    /// Over `emissions`, rows of [`Chain::tags`] scores.
    pub(super) fn new(chain: &'a Chain, emissions: &[f32], ends: Ends) -> Self {
        let gains = emissions.chunks_exact(chain.tags).flat_map(weights).collect();
        let (forward, backward) = (vec![0.0; emissions.len()], vec![0.0; emissions.len()]);
        let mut marginals = Self { chain, ends, gains, forward, backward };
        marginals.run_forward();
        marginals.run_backward();
        marginals
    }

    fn positions(&self) -> usize {
        self.gains.len() / self.chain.tags
    }

    fn run_forward(&mut self) {
        let k = self.chain.tags;
        for at in 0..self.positions() {
            let (before, here) = self.forward.split_at_mut(at * k);
            let before = before.rchunks_exact(k).next();
            let here = &mut here[..k];
            let weights = &mut self.gains[at * k..(at + 1) * k];
            for (to, (mass, weight)) in here.iter_mut().zip(weights.iter()).enumerate() {
                let arriving = match before {
                    None => self.chain.opening(to, self.ends),
                    Some(before) => product(before, self.chain.into(to)),
                };
                *mass = weight * arriving;
            }
            let scale: f32 = here.iter().sum();
            here.iter_mut().chain(weights).for_each(|number| *number /= scale);
        }
    }

    fn run_backward(&mut self) {
        let k = self.chain.tags;
        let Some(last) = self.positions().checked_sub(1) else { return };
        for tag in 0..k {
            self.backward[last * k + tag] = self.chain.closing(tag, self.ends);
        }
        self.rescale(last);
        let mut onward = Vec::with_capacity(k);
        for at in (1..self.positions()).rev() {
            onward.clear();
            onward.extend(self.onward(at));
            for from in 0..k {
                self.backward[(at - 1) * k + from] = product(self.chain.out_of(from), &onward);
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

    /// What arriving at each tag of a position, and all that may follow it, adds to the mass of a tag before.
    fn onward(&self, at: usize) -> impl Iterator<Item = f32> {
        let here = at * self.chain.tags..(at + 1) * self.chain.tags;
        self.gains[here.clone()].iter().zip(&self.backward[here]).map(|(gain, after)| gain * after)
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
        self.chain.out_of(last)[inside] * self.gains[at * self.chain.tags + inside]
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

/// The sum of products, in order.
fn product(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn weights(row: &[f32]) -> impl Iterator<Item = f32> {
    let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    row.iter().map(move |&e| (e - top).max(FAINTEST).exp())
}
