//! Decoding against enumeration, and against cases whose answer is plain.

use super::*;
use proptest::prelude::*;
use std::collections::HashMap;

fn chain(types: usize) -> Chain {
    Chain::new(types, &vec![0.0; (2 * types + 1) * (2 * types + 1)]).unwrap()
}

fn found(chain: &Chain, emissions: &[f32]) -> Vec<(Range<usize>, usize)> {
    chain.decode(emissions).into_iter().map(|s| (s.positions, s.kind)).collect()
}

fn found_from(chain: &Chain, least: f32, emissions: &[f32]) -> Vec<(Range<usize>, usize)> {
    chain.decode_from(least, emissions).into_iter().map(|s| (s.positions, s.kind)).collect()
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

#[test]
fn a_span_that_is_almost_likelier_than_its_absence_is_there_from_a_low_probability() {
    // One position, O ahead by 0.5: the begin has 38 % of the mass.
    let emissions = [0.5, 0.0, -9.0];
    let chain = chain(1);
    let at = |least| found_from(&chain, least, &emissions);
    assert_eq!(found(&chain, &emissions), []);
    assert!(at(0.45).is_empty());
    assert_eq!(at(0.35), [(0..1, 0)]);
}

#[test]
fn of_spans_that_share_positions_the_likelier_is_chosen() {
    // The span ends at the second position or before it; the two cannot stand together.
    let emissions = [-9.0, 2.0, 0.0, 0.1, -9.0, 0.0];
    assert_eq!(found_from(&chain(1), 0.3, &emissions), [(0..1, 0)]);
}

#[test]
fn a_long_chain_neither_overflows_nor_vanishes() {
    let emissions = [0.0, -200.0, 200.0].repeat(5000);
    let spans = chain(1).decode_from(0.25, &emissions);
    assert!(spans.iter().all(|span| span.confidence.is_finite()));
    assert_eq!(spans.iter().map(|span| span.positions.len()).sum::<usize>(), 5000);
}

/// Every path, scored one by one: slow and plainly right. The score of the best, the mass of each tag at each position
/// and of each span.
struct Enumerated {
    best: f32,
    tags: Vec<f32>,
    spans: HashMap<(usize, usize, usize), f32>,
}

fn score(chain: &Chain, emissions: &[f32], path: &[usize]) -> f32 {
    let k = chain.tags;
    path.iter().enumerate().map(|(at, &tag)| emissions[at * k + tag]).sum::<f32>()
        + path.windows(2).map(|m| chain.moves[m[0] * k + m[1]]).sum::<f32>()
}

fn by_enumeration(chain: &Chain, emissions: &[f32]) -> Enumerated {
    let (k, n) = (chain.tags, emissions.len() / chain.tags);
    let mut best = f32::NEG_INFINITY;
    let (mut tags, mut of_spans) = (vec![0.0f32; emissions.len()], HashMap::new());
    for code in 0..k.pow(n as u32) {
        let path: Vec<usize> = (0..n).map(|at| code / k.pow(at as u32) % k).collect();
        if is_inside(path[0]) || path.windows(2).any(|m| chain.moves[m[0] * k + m[1]] == FORBIDDEN) {
            continue;
        }
        let score = score(chain, emissions, &path);
        path.iter().enumerate().for_each(|(at, &tag)| tags[at * k + tag] += score.exp());
        for (positions, kind) in spans(&path) {
            *of_spans.entry((positions.start, positions.end, kind)).or_default() += score.exp();
        }
        best = best.max(score);
    }
    let total: f32 = tags[..k].iter().sum();
    tags.iter_mut().for_each(|mass| *mass /= total);
    of_spans.values_mut().for_each(|mass| *mass /= total);
    Enumerated { best, tags, spans: of_spans }
}

proptest! {
    #[test]
    fn decoding_agrees_with_enumeration(
        emissions in prop::collection::vec(-3.0f32..3.0, 4 * 5),
        scores in prop::collection::vec(-1.0f32..1.0, 25),
    ) {
        let chain = Chain::new(2, &scores).unwrap();
        let all = by_enumeration(&chain, &emissions);
        let path = viterbi::best_path(&chain, &emissions);
        prop_assert!((score(&chain, &emissions, &path) - all.best).abs() < 1e-4);
        for span in chain.decode(&emissions) {
            let (begin, inside) = (2 * span.kind + 1, 2 * span.kind + 2);
            let mass = span.positions.clone().map(|at| {
                all.tags[at * 5 + if at == span.positions.start { begin } else { inside }]
            });
            prop_assert!((mass.sum::<f32>() / span.positions.len() as f32 - span.confidence).abs() < 1e-3);
        }
        let candidates = Marginals::new(&chain, &emissions).candidates(0.02);
        for ((begin, end, kind), mass) in &all.spans {
            let found = candidates.iter().find(|c| c.positions == (*begin..*end) && c.kind == *kind);
            let near = found.map_or(*mass < 0.021, |c| (c.probability - mass).abs() < 1e-3);
            prop_assert!(near, "{:?} {} {:?}", begin..end, mass, found);
        }
    }
}
