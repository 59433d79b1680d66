//! Counts by value, over all segments, and which of them are given.

use crate::domain::facet::{Bucket, Counted, Facet, FacetField, FacetValue};
use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

/// A value, the same in every segment.
pub(super) type Key = u128;

/// An entry's segment, by its number, and its slot there.
type Place = (usize, u32);

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

    /// The values that are given: the most frequent; of stretches of time the latest, whose keys rise with them.
    pub(super) fn chosen(&self, facet: &Facet) -> Vec<Key> {
        let by_time = matches!(facet.by, FacetField::Published { .. });
        let mut all: Vec<(Reverse<u64>, Key)> = self
            .counts
            .iter()
            .map(
                |(key, (count, _))| {
                    if by_time { (Reverse(0), Key::MAX - key) } else { (Reverse(*count), *key) }
                },
            )
            .collect();
        if all.len() > facet.limit {
            all.select_nth_unstable(facet.limit - 1);
            all.truncate(facet.limit);
        }
        all.into_iter().map(|(_, key)| if by_time { Key::MAX - key } else { key }).collect()
    }

    /// The chosen as buckets, in their order; `read` gives the value at a place.
    pub(super) fn counted<E>(
        &self,
        chosen: &[Key],
        read: impl Fn(Place) -> Result<FacetValue, E>,
    ) -> Result<Counted, E> {
        let mut buckets = Vec::with_capacity(chosen.len());
        for key in chosen {
            let Some((count, place)) = self.counts.get(key) else { continue };
            buckets.push(Bucket { value: read(*place)?, count: *count, nested: None });
        }
        let all: u64 = self.counts.values().map(|(count, _)| count).sum();
        let given: u64 = buckets.iter().map(|bucket| bucket.count).sum();
        let distinct = self.counts.len() as u64;
        Ok(Counted { buckets, distinct, missing: self.missing, other: all - given })
    }
}

/// The order in which buckets are given.
pub(super) fn order(facet: &Facet, one: &Bucket, other: &Bucket) -> Ordering {
    let by_value = one.value.cmp(&other.value);
    match facet.by {
        FacetField::Published { .. } => by_value,
        _ => other.count.cmp(&one.count).then(by_value),
    }
}
