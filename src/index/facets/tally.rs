//! Counts by value, over all segments, and which of them are given.

use crate::domain::facet::{Bucket, Counted, Facet, FacetField, FacetValue};
use foldhash::HashMap;
use std::cmp::Ordering;

/// A value, the same in every segment.
pub(super) type Key = u128;

/// An entry's segment, by its number, and its slot there.
pub(super) type Place = (usize, u32);

/// See the module.
#[derive(Default)]
pub(super) struct Tally {
    counts: HashMap<Key, (u64, Place)>,
    /// Matches without a value.
    pub(super) missing: u64,
}

impl Tally {
    /// Adds `count` matches with the value; `place` is one where it can be read.
    pub(super) fn add(&mut self, key: Key, count: u64, place: Place) {
        self.counts.entry(key).or_insert((0, place)).0 += count;
    }

    /// Makes room for so many more values.
    pub(super) fn reserve(&mut self, values: usize) {
        self.counts.reserve(values);
    }

    /// Matches with the value.
    pub(super) fn count(&self, key: &Key) -> u64 {
        self.counts.get(key).map_or(0, |(count, _)| *count)
    }

    /// Whether any match has the value.
    pub(super) fn has(&self, key: &Key) -> bool {
        self.counts.contains_key(key)
    }

    /// The values with their matches.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&Key, u64)> {
        self.counts.iter().map(|(key, (count, _))| (key, *count))
    }

    /// Where a value can be read, if any match has it.
    pub(super) fn place(&self, key: &Key) -> Option<Place> {
        self.counts.get(key).map(|(_, place)| *place)
    }

    /// Leaves out the values that are not wanted.
    pub(super) fn retain(&mut self, is_wanted: impl Fn(&Key) -> bool) {
        self.counts.retain(|key, _| is_wanted(key));
    }

    /// The values that are given: those of the most matches; of stretches of time the latest, whose keys rise with them; of words those
    /// of the highest score, where that is above 0.
    pub(super) fn chosen(&self, facet: &Facet, score: impl Fn(&Key, u64) -> f64) -> Vec<Chosen> {
        let weigh = |(key, (count, _)): (&Key, &(u64, Place))| {
            let score = score(key, *count);
            let weight = match facet.by {
                FacetField::Published { .. } => 0.0,
                FacetField::Words => score,
                // Counts stay below 2^53.
                _ => *count as f64,
            };
            (weight, Chosen { key: *key, score: score as f32 })
        };
        let mut all: Vec<(f64, Chosen)> = self.counts.iter().map(weigh).collect();
        if facet.by == FacetField::Words {
            all.retain(|(score, _)| *score > 0.0);
        }
        let better = |one: &(f64, Chosen), other: &(f64, Chosen)| {
            other.0.total_cmp(&one.0).then(other.1.key.cmp(&one.1.key))
        };
        if all.len() > facet.limit {
            all.select_nth_unstable_by(facet.limit - 1, better);
            all.truncate(facet.limit);
        }
        all.into_iter().map(|(_, chosen)| chosen).collect()
    }

    /// The chosen as buckets, in their order; `read` gives the value at a place.
    pub(super) fn counted<E>(
        &self,
        chosen: &[Chosen],
        read: impl Fn(Place) -> Result<FacetValue, E>,
    ) -> Result<Counted, E> {
        let mut buckets = Vec::with_capacity(chosen.len());
        for Chosen { key, score } in chosen {
            let Some((count, place)) = self.counts.get(key) else { continue };
            buckets.push(Bucket { value: read(*place)?, count: *count, score: *score, nested: None });
        }
        let all: u64 = self.counts.values().map(|(count, _)| count).sum();
        let given: u64 = buckets.iter().map(|bucket| bucket.count).sum();
        let distinct = self.counts.len() as u64;
        Ok(Counted { buckets, distinct, missing: self.missing, other: all - given })
    }
}

/// A value that is given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chosen {
    pub(super) key: Key,
    pub(super) score: f32,
}

/// The order in which buckets are given.
pub(super) fn order(facet: &Facet, one: &Bucket, other: &Bucket) -> Ordering {
    let by_value = one.value.cmp(&other.value);
    match facet.by {
        FacetField::Published { .. } => by_value,
        FacetField::Words => other.score.total_cmp(&one.score).then(by_value),
        _ => other.count.cmp(&one.count).then(by_value),
    }
}
