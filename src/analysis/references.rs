//! Whom a phrase may mean, as the detector sees it: the vectors of words that may refer and of words that name, and how a
//! pair of them is scored. Knows words by index and vectors, not what they say, and decides nothing: that is the business of
//! [`super::speakers`]. Start at [`References::score`].

use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// How a phrase refers, in the order of the learned tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum Form {
    /// he, him, his, himself.
    He,
    /// she, her, hers, herself.
    She,
    /// it, its, itself.
    It,
    /// they, them, their.
    They,
    /// "the Russian leader".
    Description,
    /// A part of a name.
    ShortName,
    /// A quotation without a source.
    NoSource,
}

/// What a phrase may mean beside a name, in the order of the learned tables.
pub const OUTCOMES: usize = 2;

/// A phrase's query against the key of each word of a name, and of each outcome, plus what the distance adds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Scoring {
    forms: Vec<String>,
    /// "unnamed": somebody definite whom the text never names; "none": nobody definite.
    outcomes: Vec<String>,
    /// Width of a query and of a key.
    pub dims: usize,
    /// What the dot product is multiplied by.
    scale: f32,
    /// A key for each outcome.
    outcome_keys: Vec<Vec<f32>>,
    /// Score of each outcome, by form.
    outcome: Vec<Vec<f32>>,
    distance_edges: Vec<usize>,
    /// Score of each bucket of distances, by form.
    distance: Vec<Vec<f32>>,
}

impl Scoring {
    /// Whether the tables have the sizes that they promise each other.
    pub fn is_consistent(&self) -> bool {
        let fits = |table: &[Vec<f32>], rows: usize, columns: usize| {
            table.len() == rows && table.iter().all(|row| row.len() == columns)
        };
        let forms = self.forms.len();
        forms == Form::NoSource as usize + 1
            && self.outcomes.len() == OUTCOMES
            && fits(&self.outcome_keys, OUTCOMES, self.dims)
            && fits(&self.outcome, forms, OUTCOMES)
            && fits(&self.distance, forms, 2 * self.distance_edges.len() + 1)
    }
}

/// The bucket of a signed distance: 0 in the middle, wider with the logarithm.
pub fn bucket(edges: &[usize], distance: isize) -> usize {
    let size = edges.partition_point(|&edge| edge <= distance.unsigned_abs());
    if distance < 0 { edges.len() - size } else { edges.len() + size }
}

/// The vectors of a text's words that may refer or be referred to. Without a detector that has any, there are none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct References {
    scoring: Option<Arc<Scoring>>,
    /// By word: its position among words and line breaks, and its vector.
    queries: BTreeMap<usize, (usize, Box<[f32]>)>,
    keys: BTreeMap<usize, (usize, Box<[f32]>)>,
}

/// A phrase that may refer, ready to be compared.
#[derive(Debug, Clone)]
pub struct Referring<'r> {
    scoring: &'r Scoring,
    form: Form,
    position: usize,
    query: Vec<f32>,
}

impl References {
    /// No vectors yet.
    pub fn new(scoring: Arc<Scoring>) -> Self {
        Self { scoring: Some(scoring), ..Self::default() }
    }

    /// Keeps the query of a word that stands at a position.
    pub fn keep_query(&mut self, word: usize, position: usize, vector: &[f32]) {
        self.queries.insert(word, (position, vector.into()));
    }

    /// Keeps the key of a word that stands at a position.
    pub fn keep_key(&mut self, word: usize, position: usize, vector: &[f32]) {
        self.keys.insert(word, (position, vector.into()));
    }

    /// A phrase by its words, where the vectors of its first and last were kept.
    pub fn referring(&self, words: &Range<usize>, form: Form) -> Option<Referring<'_>> {
        let scoring = self.scoring.as_deref()?;
        let (position, first) = self.queries.get(&words.start)?;
        let (_, last) = self.queries.get(&words.end.checked_sub(1)?)?;
        let query = first.iter().zip(last).map(|(a, b)| (a + b) / 2.0).collect();
        Some(Referring { scoring, form, position: *position, query })
    }

    /// The score that a phrase means the bearer of a name: the logarithm of the sum over the name's words.
    pub fn score(&self, phrase: &Referring<'_>, name: &Range<usize>) -> Option<f32> {
        log_sum(self.keys.range(name.clone()).map(|(_, (position, key))| phrase.word_score(*position, key)))
    }
}

impl Referring<'_> {
    fn word_score(&self, position: usize, key: &[f32]) -> f32 {
        let distance = position as isize - self.position as isize;
        let near = self.scoring.distance[self.form as usize][bucket(&self.scoring.distance_edges, distance)];
        self.product(key) + near
    }

    /// The scores that it means somebody without a name, and nobody definite.
    pub fn outcomes(&self) -> [f32; OUTCOMES] {
        let base = &self.scoring.outcome[self.form as usize];
        std::array::from_fn(|at| self.product(&self.scoring.outcome_keys[at]) + base[at])
    }

    fn product(&self, key: &[f32]) -> f32 {
        self.query.iter().zip(key).map(|(q, k)| q * k).sum::<f32>() * self.scoring.scale
    }
}

/// The logarithm of a sum of exponentials; none of nothing.
pub fn log_sum(scores: impl Iterator<Item = f32>) -> Option<f32> {
    // One pass: the sum is kept relative to the highest score so far.
    let (top, sum) = scores.fold((f32::NEG_INFINITY, 0.0), |(top, sum): (f32, f32), score| {
        if score > top { (score, sum * (top - score).exp() + 1.0) } else { (top, sum + (score - top).exp()) }
    });
    (sum > 0.0).then(|| top + sum.ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references() -> References {
        let seven = |row: &str| [row; 7].join(",");
        let scoring = format!(
            r#"{{"forms": ["he", "she", "it", "they", "description", "short_name", "no_source"],
                "outcomes": ["unnamed", "none"], "dims": 2, "scale": 0.5, "outcome_keys": [[1, 0], [0, 1]],
                "outcome": [{}], "distance_edges": [2], "distance": [{}]}}"#,
            seven("[0.5, -0.5]"),
            seven("[1, 0, -1]")
        );
        let scoring: Scoring = serde_json::from_str(&scoring).unwrap();
        assert!(scoring.is_consistent());
        References::new(Arc::new(scoring))
    }

    #[test]
    fn a_phrase_is_scored_against_names_and_outcomes() {
        let mut references = references();
        references.keep_query(9, 10, &[2.0, 4.0]);
        references.keep_key(3, 3, &[1.0, 0.0]);
        references.keep_key(4, 4, &[0.0, 1.0]);
        references.keep_key(12, 14, &[1.0, 1.0]);
        let he = references.referring(&(9..10), Form::He).unwrap();
        assert_eq!(he.outcomes(), [1.5, 1.5]);
        let both = (2.0f32.exp() + 3.0f32.exp()).ln();
        assert!((references.score(&he, &(3..5)).unwrap() - both).abs() < 1e-5);
        assert_eq!(references.score(&he, &(12..13)), Some(2.0));
        assert_eq!(references.score(&he, &(5..9)), None);
        assert!(references.referring(&(8..10), Form::Description).is_none());
    }

    #[test]
    fn without_a_detector_that_keeps_vectors_nothing_refers() {
        assert!(References::default().referring(&(0..1), Form::She).is_none());
    }
}
