//! From candidates to probabilities: a softmax over scores of features, with weights of its own for each kind of phrase. The
//! weights are data, fitted on annotated articles by `training/speakers.py`. Start at [`Scorer::probabilities`].

use super::candidates::Candidate;
use super::features::{Feature, Features};
use serde::Deserialize;

/// What kind of phrase is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Kind {
    /// he, she.
    PersonPronoun,
    /// it, they.
    ThingPronoun,
    /// "the Russian leader".
    Description,
    /// A quotation without a source.
    NoSource,
    /// "the company", "the report": a description of no person.
    ThingDescription,
}

impl Kind {
    const COUNT: usize = 5;
}

/// The weights of every kind.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Scorer {
    features: Vec<String>,
    kinds: Vec<Weights>,
}

/// How one kind of phrase is scored: `linear · f`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Weights {
    linear: Vec<f32>,
    /// The score of somebody who is not among the candidates: what keeps a lone candidate from being certain.
    elsewhere: f32,
    /// What scores are divided by, so that probabilities mean what they say.
    temperature: f32,
}

/// Why weights cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScorerError {
    /// Not the JSON that is expected.
    #[error("the weights of the speakers cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// Weights of other features than this analyzer has.
    #[error("the weights of the speakers are for other features")]
    Features,
}

impl Scorer {
    /// Reads weights.
    pub fn parse(json: &str) -> Result<Self, ScorerError> {
        let scorer: Self = serde_json::from_str(json)?;
        let fits = |weights: &Weights| weights.linear.len() == Feature::COUNT && weights.temperature > 0.0;
        let known = scorer.features.iter().map(String::as_str).eq(Feature::NAMES.iter().copied());
        if known && scorer.kinds.len() == Kind::COUNT && scorer.kinds.iter().all(fits) {
            Ok(scorer)
        } else {
            Err(ScorerError::Features)
        }
    }

    /// The probability of each candidate, in order; what they lack to 1 belongs to someone else.
    pub(super) fn probabilities(&self, kind: Kind, candidates: &[Candidate]) -> Vec<f32> {
        let weights = &self.kinds[kind as usize];
        let scores: Vec<f32> = candidates
            .iter()
            .map(|candidate| weights.score(&candidate.features) / weights.temperature)
            .collect();
        let elsewhere = weights.elsewhere / weights.temperature;
        let highest = scores.iter().copied().fold(elsewhere, f32::max);
        let exponents: Vec<f32> = scores.iter().map(|score| (score - highest).exp()).collect();
        let total: f32 = exponents.iter().sum::<f32>() + (elsewhere - highest).exp();
        exponents.iter().map(|exponent| exponent / total).collect()
    }

    /// What each feature adds to a candidate's score. For features that add anything.
    pub(super) fn contributions(&self, kind: Kind, candidate: &Candidate) -> Vec<(&'static str, f32)> {
        let weights = self.kinds[kind as usize].linear.iter().zip(&candidate.features.0);
        let added = Feature::NAMES.iter().zip(weights).map(|(name, (weight, value))| (*name, weight * value));
        added.filter(|(_, weight)| *weight != 0.0).collect()
    }
}

impl Weights {
    fn score(&self, features: &Features) -> f32 {
        self.linear.iter().zip(&features.0).map(|(weight, value)| weight * value).sum()
    }
}
