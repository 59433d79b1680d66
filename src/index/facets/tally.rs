//! Counts by value, over all segments, and which of them are given.

use crate::domain::facet::{Bucket, Counted, Facet, FacetField, FacetValue};
use foldhash::HashMap;
use std::cmp::Ordering;

/// A value, the same in every segment.
pub(super) type Key = u128;

/// An entry's segment, by its number, and its slot there.
pub(super) type Place = (usize, u32);

/// A value and the matches that have it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count {
    pub(super) key: Key,
    pub(super) count: u64,
    /// Where the value can be read.
    pub(super) place: Place,
}

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
    pub(super) fn counts(&self) -> impl Iterator<Item = Count> {
        self.counts.iter().map(|(key, (count, place))| Count { key: *key, count: *count, place: *place })
    }

    /// What is counted in all.
    pub(super) fn sums(&self) -> Sums {
        Sums::of(self.counts(), self.missing)
    }

    /// Where a value can be read, if any match has it.
    pub(super) fn place(&self, key: &Key) -> Option<Place> {
        self.counts.get(key).map(|(_, place)| *place)
    }

    /// Leaves out the values that are not wanted.
    pub(super) fn retain(&mut self, is_wanted: impl Fn(&Key) -> bool) {
        self.counts.retain(|key, _| is_wanted(key));
    }
}

/// Matches of each of several buckets by value. Values have numbers here, the same in all buckets and segments, so that what is asked about
/// a value is asked once.
pub(super) struct Divided {
    /// By number.
    pub(super) values: Vec<(Key, Place)>,
    pub(super) parts: Vec<Part>,
}

/// The matches of one bucket.
#[derive(Default)]
pub(super) struct Part {
    /// Each number once.
    pub(super) counts: Vec<(u32, u64)>,
    /// Matches without a value.
    pub(super) missing: u64,
}

impl Part {
    /// Adds up what several segments have, with room for each number, all of it 0.
    fn sum(&mut self, room: &mut [u64]) {
        self.counts.iter().for_each(|(number, count)| room[*number as usize] += count);
        self.counts.retain_mut(|(number, count)| {
            *count = std::mem::take(&mut room[*number as usize]);
            *count > 0
        });
    }
}

impl Divided {
    /// Of parts in which a number may be there several times.
    pub(super) fn of(values: Vec<(Key, Place)>, mut parts: Vec<Part>) -> Self {
        let mut room = vec![0; values.len()];
        parts.iter_mut().for_each(|part| part.sum(&mut room));
        Self { values, parts }
    }

    /// The values of one bucket with their numbers.
    pub(super) fn counts<'d>(&'d self, part: &'d Part) -> impl Iterator<Item = (usize, Count)> + 'd {
        part.counts.iter().map(|(number, count)| {
            let (key, place) = self.values[*number as usize];
            (*number as usize, Count { key, count: *count, place })
        })
    }
}

/// What is counted in all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sums {
    all: u64,
    distinct: u64,
    missing: u64,
}

impl Sums {
    /// Of these values, and so many matches without one.
    pub(super) fn of(counts: impl Iterator<Item = Count>, missing: u64) -> Self {
        let empty = Self { all: 0, distinct: 0, missing };
        counts.fold(empty, |sums, one| Self {
            all: sums.all + one.count,
            distinct: sums.distinct + 1,
            ..sums
        })
    }
}

/// A value that is given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chosen {
    pub(super) value: Count,
    pub(super) score: f32,
}

/// The values that are given, of those that come with their scores: those of the most matches; of stretches of time the latest, whose keys
/// rise with them; of words those of the highest score, where that is above 0.
pub(super) fn chosen(facet: &Facet, values: impl Iterator<Item = (Count, f64)>) -> Vec<Chosen> {
    let weigh = |(value, score): (Count, f64)| {
        let weight = match facet.by {
            FacetField::Published { .. } => 0.0,
            FacetField::Words => score,
            // Counts stay below 2^53.
            _ => value.count as f64,
        };
        (weight, Chosen { value, score: score as f32 })
    };
    let is_given = |(_, score): &(Count, f64)| facet.by != FacetField::Words || *score > 0.0;
    let mut all: Vec<(f64, Chosen)> = values.filter(is_given).map(weigh).collect();
    let better = |one: &(f64, Chosen), other: &(f64, Chosen)| {
        other.0.total_cmp(&one.0).then(other.1.value.key.cmp(&one.1.value.key))
    };
    if all.len() > facet.limit {
        all.select_nth_unstable_by(facet.limit - 1, better);
        all.truncate(facet.limit);
    }
    all.into_iter().map(|(_, chosen)| chosen).collect()
}

/// The chosen as buckets, in their order; `read` gives the value at a place.
pub(super) fn counted<E>(
    sums: Sums,
    chosen: &[Chosen],
    read: impl Fn(Place) -> Result<FacetValue, E>,
) -> Result<Counted, E> {
    let mut buckets = Vec::with_capacity(chosen.len());
    for Chosen { value, score } in chosen {
        buckets.push(Bucket { value: read(value.place)?, count: value.count, score: *score, nested: None });
    }
    let given: u64 = buckets.iter().map(|bucket| bucket.count).sum();
    Ok(Counted { buckets, distinct: sums.distinct, missing: sums.missing, other: sums.all - given })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_segments_have_is_one_count_in_each_part() {
        let part = |counts: &[(u32, u64)]| Part { counts: counts.to_vec(), missing: 0 };
        let parts = vec![part(&[(1, 4), (0, 2), (1, 3), (0, 1), (1, 1)]), part(&[(1, 5)]), part(&[])];
        let divided = Divided::of(vec![(70, (0, 7)), (30, (0, 3))], parts);
        let counts = divided.parts.iter().map(|part| part.counts.as_slice());
        assert_eq!(counts.collect::<Vec<_>>(), [&[(1, 8), (0, 3)][..], &[(1, 5)], &[]]);
        let (number, one) = divided.counts(&divided.parts[1]).next().unwrap();
        assert_eq!((number, one.key, one.count, one.place), (1, 30, 5, (0, 3)));
    }
}
