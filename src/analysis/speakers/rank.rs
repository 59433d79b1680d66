//! From candidates to probabilities: a softmax over weighted features, one column of weights for each kind of source.
//! The weights are fitted on annotated articles by `training/rank.py`; the table is data, in the order of
//! [`Feature::NAMES`].

use super::candidates::Candidate;
use super::features::Feature;

/// What kind of source is ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// he, she.
    PersonPronoun,
    /// it, they.
    ThingPronoun,
    /// "the Russian leader".
    Description,
}

/// Weights by feature: he or she, it or they, descriptions.
#[rustfmt::skip]
const WEIGHTS: [[f32; 3]; Feature::COUNT] = [
    /* gender-agreement   */ [ 1.2,  0.0,  1.4],
    /* gender-unknown     */ [ 0.0,  0.0, -0.2],
    /* same-sentence      */ [ 0.8,  1.0,  1.2],
    /* previous-sentence  */ [ 0.9,  0.3,  0.6],
    /* nearby             */ [ 0.3,  0.1,  0.2],
    /* distance           */ [-1.7, -1.8, -0.8],
    /* most-recent        */ [ 0.8,  0.5,  0.0],
    /* subject            */ [ 0.6,  0.6,  0.2],
    /* pronoun-chain      */ [ 0.9,  0.7,  0.4],
    /* possessive         */ [-0.3, -0.4, -0.4],
    /* inside-quote       */ [-1.0, -0.3, -0.6],
    /* previous-speaker   */ [ 1.2,  1.1,  0.5],
    /* spoke-just-now     */ [ 0.4,  0.3,  0.4],
    /* spoke-before       */ [ 0.2,  0.1,  0.3],
    /* dominant           */ [ 0.9,  0.3,  0.4],
    /* named-later        */ [-0.7, -0.8,  0.4],
    /* role-noun          */ [ 0.0,  0.0,  2.2],
    /* role-words         */ [ 0.0,  0.0,  1.9],
    /* role-unlike        */ [ 0.0,  0.0, -0.7],
    /* role-foreign       */ [ 0.0,  0.0, -0.8],
    /* organization       */ [ 0.0,  0.4,  0.0],
    /* place              */ [ 0.0, -0.4,  0.0],
    /* nobody             */ [-1.0,  1.7,  0.0],
    /* indefinite         */ [ 0.0,  0.0,  1.8],
    /* bare-noun          */ [ 0.0,  0.0,  0.7],
    /* owned              */ [ 0.0,  0.0,  0.9],
    /* narrowed           */ [ 0.0,  0.0,  0.4],
    /* no-role-fits       */ [ 0.0,  0.0,  0.4],
    /* nobody-before      */ [ 0.2,  1.2,  0.0],
    /* unknown-noun       */ [ 0.0,  0.0,  1.8],
];

/// The score of "someone who is not among the candidates", by kind of source: what keeps a lone candidate from being
/// certain. Fitted so that probabilities are calibrated.
const ELSEWHERE: [f32; 3] = [0.5, -1.0, 0.4];

/// The probability of each candidate, in order; what they lack to 1 belongs to someone else.
pub(super) fn probabilities(model: Model, candidates: &[Candidate]) -> Vec<f32> {
    let scores: Vec<f32> = candidates.iter().map(|candidate| score(model, candidate)).collect();
    let elsewhere = ELSEWHERE[model as usize];
    let highest = scores.iter().copied().fold(elsewhere, f32::max);
    let exponents: Vec<f32> = scores.iter().map(|score| (score - highest).exp()).collect();
    let total: f32 = exponents.iter().sum::<f32>() + (elsewhere - highest).exp();
    exponents.iter().map(|exponent| exponent / total).collect()
}

/// What each feature of a candidate adds to its score, for those that add anything.
pub(super) fn contributions(model: Model, candidate: &Candidate) -> Vec<(&'static str, f32)> {
    let weighted = candidate.features.0.iter().zip(WEIGHTS).zip(Feature::NAMES);
    weighted
        .map(|((value, weights), name)| (name, value * weights[model as usize]))
        .filter(|(_, w)| *w != 0.0)
        .collect()
}

fn score(model: Model, candidate: &Candidate) -> f32 {
    candidate.features.0.iter().zip(WEIGHTS).map(|(value, weights)| value * weights[model as usize]).sum()
}
