//! Decoding against enumeration, and against cases whose answer is plain.

use super::*;
use proptest::prelude::*;
use std::collections::HashMap;

fn chain(types: usize) -> Chain {
    Chain::new(types, &vec![0.0; (2 * types + 1) * (2 * types + 1)]).unwrap()
}

fn found(chain: &Chain, emissions: &[f32]) -> Vec<(Range<usize>, usize)> {
    chain.decode(emissions, Ends::default()).into_iter().map(|s| (s.positions, s.kind)).collect()
}

fn found_from(chain: &Chain, least: f32, emissions: &[f32]) -> Vec<(Range<usize>, usize)> {
    chain.decode_from(least, emissions, Ends::default()).into_iter().map(|s| (s.positions, s.kind)).collect()
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
    let spans = chain(1).decode_from(0.25, &emissions, Ends::default());
    assert!(spans.iter().all(|span| span.confidence.is_finite()));
    assert_eq!(spans.iter().map(|span| span.positions.len()).sum::<usize>(), 5000);
}

#[test]
fn what_stands_at_the_ends_of_a_part_counts() {
    // By emissions alone the one position is a span; moves from and to an O beside it make that dear.
    let emissions = [0.0, 1.0, 0.0];
    let mut scores = vec![0.0; 9];
    (scores[1], scores[3]) = (-0.8, -0.8);
    let chain = Chain::new(1, &scores).unwrap();
    let found = |after_outside, before_outside| {
        chain.decode(&emissions, Ends { after_outside, before_outside }).len()
    };
    assert_eq!(
        (found(false, false), found(true, false), found(false, true), found(true, true)),
        (1, 1, 1, 0)
    );
}

/// Every path, scored one by one: slow and plainly right. The score of the best, and the mass of each span.
struct Enumerated {
    best: f32,
    spans: HashMap<(usize, usize, usize), f32>,
}

fn score(chain: &Chain, emissions: &[f32], path: &[usize], ends: Ends) -> f32 {
    let k = chain.tags;
    let first = if ends.after_outside { chain.moves[path[0]] } else { 0.0 };
    let last = if ends.before_outside { chain.moves[path[path.len() - 1] * k] } else { 0.0 };
    path.iter().enumerate().map(|(at, &tag)| emissions[at * k + tag]).sum::<f32>()
        + path.windows(2).map(|m| chain.moves[m[0] * k + m[1]]).sum::<f32>()
        + first
        + last
}

fn by_enumeration(chain: &Chain, emissions: &[f32], ends: Ends) -> Enumerated {
    let (k, n) = (chain.tags, emissions.len() / chain.tags);
    let (mut best, mut total) = (f32::NEG_INFINITY, 0.0);
    let mut of_spans = HashMap::new();
    for code in 0..k.pow(n as u32) {
        let path: Vec<usize> = (0..n).map(|at| code / k.pow(at as u32) % k).collect();
        if is_inside(path[0]) || path.windows(2).any(|m| chain.moves[m[0] * k + m[1]] == FORBIDDEN) {
            continue;
        }
        let score = score(chain, emissions, &path, ends);
        for (positions, kind) in spans(&path) {
            *of_spans.entry((positions.start, positions.end, kind)).or_default() += score.exp();
        }
        best = best.max(score);
        total += score.exp();
    }
    of_spans.values_mut().for_each(|mass| *mass /= total);
    Enumerated { best, spans: of_spans }
}

proptest! {
    #[test]
    fn decoding_agrees_with_enumeration(
        emissions in prop::collection::vec(-3.0f32..3.0, 4 * 5),
        scores in prop::collection::vec(-1.0f32..1.0, 25),
        (after_outside, before_outside) in any::<(bool, bool)>(),
    ) {
        let chain = Chain::new(2, &scores).unwrap();
        let ends = Ends { after_outside, before_outside };
        let all = by_enumeration(&chain, &emissions, ends);
        let path = viterbi::best_path(&chain, &emissions, ends);
        prop_assert!((score(&chain, &emissions, &path, ends) - all.best).abs() < 1e-4);
        for span in chain.decode(&emissions, ends) {
            let mass = all.spans[&(span.positions.start, span.positions.end, span.kind)];
            prop_assert!((mass - span.confidence).abs() < 1e-3);
        }
        let candidates = Marginals::new(&chain, &emissions, ends).candidates(0.02);
        for ((begin, end, kind), mass) in &all.spans {
            let found = candidates.iter().find(|c| c.positions == (*begin..*end) && c.kind == *kind);
            let near = found.map_or(*mass < 0.021, |c| (c.probability - mass).abs() < 1e-3);
            prop_assert!(near, "{:?} {} {:?}", begin..end, mass, found);
        }
    }
}
