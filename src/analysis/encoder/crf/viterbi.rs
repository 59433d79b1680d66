//! The likeliest sequence of tags.

use super::{Chain, Ends, FORBIDDEN, is_inside};

/// The best path over rows of emissions. Ties go to the lower tag. Scores are kept near zero, however long the text: what
/// f32 rounds away must not depend on how much has been read before.
pub(super) fn best_path(chain: &Chain, emissions: &[f32], ends: Ends) -> Vec<usize> {
    let k = chain.tags;
    let mut rows = emissions.chunks_exact(k);
    let Some(first) = rows.next() else { return Vec::new() };
    let mut score: Vec<f32> =
        first.iter().enumerate().map(|(tag, e)| e + opening(chain, tag, ends)).collect();
    let mut back: Vec<u8> = Vec::with_capacity(emissions.len());
    let mut next = vec![0.0; k];
    for row in rows {
        let top = score.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        score.iter_mut().for_each(|score| *score -= top);
        for to in 0..k {
            let (from, best) = best_move(chain, &score, to);
            back.push(from as u8);
            next[to] = best + row[to];
        }
        std::mem::swap(&mut score, &mut next);
    }
    if ends.before_outside {
        score.iter_mut().enumerate().for_each(|(tag, score)| *score += chain.moves[tag * k]);
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

fn opening(chain: &Chain, tag: usize, ends: Ends) -> f32 {
    match ends.after_outside {
        true => chain.moves[tag],
        false if is_inside(tag) => FORBIDDEN,
        false => 0.0,
    }
}

fn best_move(chain: &Chain, score: &[f32], to: usize) -> (usize, f32) {
    let moves = &chain.moves_to[to * chain.tags..(to + 1) * chain.tags];
    let mut best = (0, f32::NEG_INFINITY);
    for (from, (before, step)) in score.iter().zip(moves).enumerate() {
        let candidate = before + step;
        if candidate > best.1 {
            best = (from, candidate);
        }
    }
    best
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
