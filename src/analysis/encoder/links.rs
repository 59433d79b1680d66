//! Links: to which cue a piece of an attribution belongs, scored by scaled dot product and distance. Knows slots and
//! vectors, not words. Start at [`Vectors`], then [`scored`].

use super::header::LinkScoring;
use std::collections::BTreeMap;

/// Further apart than this (in slots) no link was seen in training, and none is scored: what keeps long documents
/// linear.
const FARTHEST: usize = 400;

/// The vectors of the slots at which pieces begin: no more than will be compared, since a text may be long.
#[derive(Default)]
pub struct Vectors {
    /// By slot and role.
    queries: BTreeMap<(usize, usize), Box<[f32]>>,
    /// Of cues.
    keys: BTreeMap<usize, Box<[f32]>>,
}

impl Vectors {
    /// Keeps what a piece of a role, that begins at a slot, asks with.
    pub fn keep_query(&mut self, slot: usize, role: usize, query: &[f32]) {
        self.queries.entry((slot, role)).or_insert_with(|| query.into());
    }

    /// Keeps what a cue that begins at a slot answers to.
    pub fn keep_key(&mut self, slot: usize, key: &[f32]) {
        self.keys.entry(slot).or_insert_with(|| key.into());
    }

    fn query(&self, slot: usize, role: usize) -> Option<&[f32]> {
        self.queries.get(&(slot, role)).map(|query| &**query)
    }

    fn key(&self, slot: usize) -> Option<&[f32]> {
        self.keys.get(&slot).map(|key| &**key)
    }
}

/// The scores by which the piece that begins at `slot` belongs to no cue (`None`) or to one of the cues that begin at
/// `cues` (ascending). Empty where the piece's vectors were not kept.
pub fn scored(
    scoring: &LinkScoring,
    vectors: &Vectors,
    role: usize,
    slot: usize,
    cues: &[usize],
) -> Vec<(Option<usize>, f32)> {
    let Some(query) = vectors.query(slot, role) else { return Vec::new() };
    let near = cues.partition_point(|&cue| cue + FARTHEST < slot);
    let in_reach = cues[near..].iter().take_while(|&&cue| cue <= slot + FARTHEST);
    let to_cues = in_reach.filter_map(|&cue| {
        let product: f32 = vectors.key(cue)?.iter().zip(query).map(|(k, q)| k * q).sum();
        let distance = cue as isize - slot as isize;
        Some((Some(cue), product * scoring.scale + scoring.distance_score(role, distance)))
    });
    std::iter::once((None, scoring.null[role])).chain(to_cues).collect()
}

#[cfg(test)]
mod tests {
    use super::super::header::{Header, tests::small};
    use super::*;

    #[test]
    fn links_add_product_and_distance_and_stay_in_reach() {
        let scoring = Header::parse(&small()).unwrap().link;
        let mut vectors = Vectors::default();
        for slot in [3, 5, 1000] {
            vectors.keep_query(slot, 0, &[1.0, 2.0]);
            vectors.keep_key(slot, &[slot as f32, 1.0]);
        }
        assert_eq!(
            scored(&scoring, &vectors, 0, 5, &[3, 4, 5, 1000]),
            [(None, 0.25), (Some(3), 0.5 * 5.0 + 2.0), (Some(5), 0.5 * 7.0 + 3.0),]
        );
        assert_eq!(scored(&scoring, &vectors, 0, 4, &[3]), []);
    }
}
