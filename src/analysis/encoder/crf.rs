//! Linear-chain CRF over BIO tags: the best tag sequence and how sure it is. A layer with `n` types has `2n + 1`
//! tags: 0 is O, type `t` has B at `2t + 1` and I at `2t + 2`; an I follows a B or an I of its type and nothing else.
//! Knows numbers, not what the types mean. Start at [`Chain::decode`].

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
    factors: Vec<f32>,
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
        let factors = moves.iter().map(|&m| if m == FORBIDDEN { 0.0 } else { m.exp() }).collect();
        Some(Self { tags, moves, factors })
    }

    /// Number of tags, the width of a row of emissions.
    pub fn tags(&self) -> usize {
        self.tags
    }

    /// The spans of the best path over `emissions` (rows of [`Chain::tags`] scores).
    pub fn decode(&self, emissions: &[f32]) -> Vec<Span> {
        let path = self.best_path(emissions);
        if path.iter().all(|&tag| tag == 0) {
            return Vec::new();
        }
        let posterior = self.posterior(emissions, &path);
        spans(&path, &posterior)
    }

    /// Viterbi. Ties go to the lower tag.
    fn best_path(&self, emissions: &[f32]) -> Vec<usize> {
        let k = self.tags;
        let mut rows = emissions.chunks_exact(k);
        let Some(first) = rows.next() else { return Vec::new() };
        let mut score: Vec<f32> = first
            .iter()
            .enumerate()
            .map(|(tag, &e)| if is_inside(tag) { e + FORBIDDEN } else { e })
            .collect();
        let mut back: Vec<u8> = Vec::with_capacity(emissions.len());
        let mut next = vec![0.0; k];
        for row in rows {
            for to in 0..k {
                let (from, best) = self.best_move(&score, to);
                back.push(from as u8);
                next[to] = best + row[to];
            }
            std::mem::swap(&mut score, &mut next);
        }
        let mut tag = argmax(&score);
        let mut path = vec![tag];
        for step in back.chunks_exact(k).rev() {
            tag = usize::from(step[tag]);
            path.push(tag);
        }
        path.reverse();
        path
    }

    fn best_move(&self, score: &[f32], to: usize) -> (usize, f32) {
        let mut best = (0, f32::NEG_INFINITY);
        for (from, &before) in score.iter().enumerate() {
            let candidate = before + self.moves[from * self.tags + to];
            if candidate > best.1 {
                best = (from, candidate);
            }
        }
        best
    }

    /// Forward-backward, rescaled at each position: the posterior probability of the path's tag at each position.
    fn posterior(&self, emissions: &[f32], path: &[usize]) -> Vec<f32> {
        let k = self.tags;
        let weights: Vec<f32> = emissions.chunks_exact(k).flat_map(softmax).collect();
        let mut alpha = weights.clone();
        for tag in (2..k).step_by(2) {
            alpha[tag] = 0.0;
        }
        for at in 1..path.len() {
            let (done, rest) = alpha.split_at_mut(at * k);
            let before = &done[(at - 1) * k..];
            let here = &mut rest[..k];
            for (to, value) in here.iter_mut().enumerate() {
                *value *= (0..k).map(|from| before[from] * self.factors[from * k + to]).sum::<f32>();
            }
            rescale(here);
        }
        let mut beta = vec![1.0f32; k];
        let mut posterior = vec![0.0; path.len()];
        for at in (0..path.len()).rev() {
            let row = &alpha[at * k..(at + 1) * k];
            let total: f32 = row.iter().zip(&beta).map(|(a, b)| a * b).sum();
            posterior[at] = if total > 0.0 { row[path[at]] * beta[path[at]] / total } else { 0.0 };
            let onward: Vec<f32> =
                weights[at * k..(at + 1) * k].iter().zip(&beta).map(|(w, b)| w * b).collect();
            for (from, value) in beta.iter_mut().enumerate() {
                *value = (0..k).map(|to| self.factors[from * k + to] * onward[to]).sum();
            }
            rescale(&mut beta);
        }
        posterior
    }
}

fn is_inside(tag: usize) -> bool {
    tag > 0 && tag.is_multiple_of(2)
}

fn argmax(scores: &[f32]) -> usize {
    let mut best = 0;
    for (at, &score) in scores.iter().enumerate() {
        if score > scores[best] {
            best = at;
        }
    }
    best
}

fn softmax(row: &[f32]) -> impl Iterator<Item = f32> {
    let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    row.iter().map(move |&e| (e - top).exp())
}

fn rescale(row: &mut [f32]) {
    let total: f32 = row.iter().sum();
    if total > 0.0 {
        row.iter_mut().for_each(|value| *value /= total);
    }
}

fn spans(path: &[usize], posterior: &[f32]) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    for (at, (&tag, &sure)) in path.iter().zip(posterior).enumerate() {
        match (tag, out.last_mut()) {
            (0, _) => {}
            (tag, Some(open)) if is_inside(tag) => {
                open.positions.end = at + 1;
                open.confidence += sure;
            }
            (tag, _) => out.push(Span { positions: at..at + 1, kind: (tag - 1) / 2, confidence: sure }),
        }
    }
    for span in &mut out {
        span.confidence = (span.confidence / span.positions.len() as f32).clamp(0.0, 1.0);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chain(types: usize) -> Chain {
        Chain::new(types, &vec![0.0; (2 * types + 1) * (2 * types + 1)]).unwrap()
    }

    fn found(chain: &Chain, emissions: &[f32]) -> Vec<(Range<usize>, usize)> {
        chain.decode(emissions).into_iter().map(|s| (s.positions, s.kind)).collect()
    }

    #[test]
    fn an_inside_tag_never_follows_outside() {
        // The middle position alone says I; no B stands before it, so the cheapest valid path makes it a B.
        let emissions = [5.0, 0.0, 0.0, 0.0, 2.0, 4.0, 5.0, 0.0, 0.0];
        assert_eq!(found(&chain(1), &emissions), [(1..2, 0)]);
    }

    #[test]
    fn neighbouring_spans_stay_apart_by_their_begins() {
        let emissions = [0.0, 9.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 9.0];
        assert_eq!(found(&chain(1), &emissions), [(0..1, 0), (1..3, 0)]);
        assert_eq!(found(&chain(1), &[]), []);
    }

    #[test]
    fn learned_moves_change_the_path() {
        let emissions = [0.0, 3.0, 0.0, 0.0, 0.0, 0.5];
        assert_eq!(found(&chain(1), &emissions), [(0..2, 0)]);
        let mut scores = vec![0.0; 9];
        scores[3 + 2] = -2.0;
        assert_eq!(found(&Chain::new(1, &scores).unwrap(), &emissions), [(0..1, 0)]);
        assert!(Chain::new(1, &[0.0; 8]).is_none());
    }

    /// Every path, scored one by one: slow and plainly right.
    fn by_enumeration(chain: &Chain, emissions: &[f32]) -> (f32, Vec<f32>) {
        let (k, n) = (chain.tags, emissions.len() / chain.tags);
        let mut best = (f32::NEG_INFINITY, vec![]);
        let mut mass = vec![0.0f32; emissions.len()];
        for code in 0..k.pow(n as u32) {
            let path: Vec<usize> = (0..n).map(|at| code / k.pow(at as u32) % k).collect();
            if is_inside(path[0]) || path.windows(2).any(|m| chain.moves[m[0] * k + m[1]] == FORBIDDEN) {
                continue;
            }
            let score = path.iter().enumerate().map(|(at, &tag)| emissions[at * k + tag]).sum::<f32>()
                + path.windows(2).map(|m| chain.moves[m[0] * k + m[1]]).sum::<f32>();
            path.iter().enumerate().for_each(|(at, &tag)| mass[at * k + tag] += score.exp());
            if score > best.0 {
                best = (score, path);
            }
        }
        let total: f32 = mass[..k].iter().sum();
        let posterior = best.1.iter().enumerate().map(|(at, &tag)| mass[at * k + tag] / total).collect();
        (best.0, posterior)
    }

    proptest! {
        #[test]
        fn decoding_agrees_with_enumeration(
            emissions in prop::collection::vec(-3.0f32..3.0, 4 * 5),
            scores in prop::collection::vec(-1.0f32..1.0, 25),
        ) {
            let chain = Chain::new(2, &scores).unwrap();
            let (score, posterior) = by_enumeration(&chain, &emissions);
            let path = chain.best_path(&emissions);
            let own = path.iter().enumerate().map(|(at, &tag)| emissions[at * 5 + tag]).sum::<f32>()
                + path.windows(2).map(|m| chain.moves[m[0] * 5 + m[1]]).sum::<f32>();
            prop_assert!((own - score).abs() < 1e-4);
            for (a, b) in chain.posterior(&emissions, &path).iter().zip(&posterior) {
                prop_assert!((a - b).abs() < 1e-3, "{} {}", a, b);
            }
        }
    }
}
