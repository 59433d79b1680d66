//! What is joined by OR and leads, as most questions of several words do: the entries of all alternatives are brought together a window
//! of entries at a time, those of each alternative in one go, with the best score that any of them gives. Asking each alternative
//! about each entry, as a [`Choice`](super::choice::Choice) does, takes several times as long.

use super::member::Member;
use tantivy::{DocId, Score, TERMINATED};

/// Entries of a window; their scores fit the processor's first cache.
const WINDOW: usize = 4096;

/// See the module.
pub(super) struct Union<'s> {
    alternatives: Vec<Member<'s>>,
    /// The first entry of the window.
    begin: DocId,
    /// Which entries of the window any alternative has, a bit each.
    held: [u64; WINDOW / 64],
    /// The best score of each of them.
    scores: [Score; WINDOW],
    /// The entry that it stands at.
    doc: DocId,
}

impl<'s> Union<'s> {
    /// Of alternatives that are told of an entry by its postings alone; stands at the first entry of any.
    pub(super) fn of(alternatives: Vec<Member<'s>>) -> Self {
        let (held, scores) = ([0; WINDOW / 64], [0.0; WINDOW]);
        let mut union = Self { alternatives, begin: 0, held, scores, doc: 0 };
        union.fill(0);
        union.doc = union.from(0);
        union
    }

    /// Entries to walk, about.
    pub(super) fn cost(&self) -> u64 {
        self.alternatives.iter().map(Member::cost).sum()
    }

    #[inline]
    pub(super) fn doc(&self) -> DocId {
        self.doc
    }

    /// The best score of the entry that it stands at.
    #[inline]
    pub(super) fn score(&self) -> Score {
        self.scores[(self.doc - self.begin) as usize]
    }

    /// Goes to `target` or to the first entry behind it.
    #[inline]
    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.doc = self.from(target);
        }
        self.doc
    }

    /// The first entry from `target` on, which is not before the window.
    #[inline]
    fn from(&mut self, mut target: DocId) -> DocId {
        loop {
            if let Some(doc) = self.within(target) {
                return doc;
            }
            // All alternatives stand behind the window.
            let next = self.alternatives.iter().map(Member::doc).min().unwrap_or(TERMINATED);
            target = target.max(next);
            if target == TERMINATED {
                return TERMINATED;
            }
            self.fill(target);
        }
    }

    /// The first entry of the window from `target` on.
    #[inline]
    fn within(&self, target: DocId) -> Option<DocId> {
        let at = (target - self.begin) as usize;
        let first = self.held.get(at / 64)? & (u64::MAX << (at % 64));
        let rest = self.held[at / 64 + 1..].iter().copied();
        let (bits, word) = std::iter::once(first).chain(rest).zip(at / 64..).find(|(bits, _)| *bits != 0)?;
        Some(self.begin + (word * 64) as DocId + bits.trailing_zeros())
    }

    /// Brings together what begins at `begin`.
    fn fill(&mut self, begin: DocId) {
        let Self { alternatives, held, scores, .. } = self;
        self.begin = begin;
        held.fill(0);
        scores.fill(0.0);
        let end = begin.saturating_add(WINDOW as DocId).min(TERMINATED);
        for alternative in alternatives {
            let mut doc = alternative.seek(begin);
            while doc < end {
                let at = (doc - begin) as usize;
                held[at / 64] |= 1 << (at % 64);
                scores[at] = scores[at].max(alternative.score(doc, alternative.basis()));
                doc = alternative.advance();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use tantivy::BitSet;
    use tantivy::query::BitSetDocSet;

    const ENTRIES: DocId = 5 * WINDOW as DocId;

    fn alternative((docs, score): (impl IntoIterator<Item = DocId>, u8)) -> Member<'static> {
        let mut set = BitSet::with_max_value(ENTRIES);
        for doc in docs {
            set.insert(doc);
        }
        Member::Set(Box::new(BitSetDocSet::from(set)), f32::from(score))
    }

    proptest! {
        #[test]
        fn each_entry_comes_once_with_its_best_score_however_far_it_is_gone(
            lists in vec((btree_set(0..ENTRIES, 0..60), any::<u8>()), 1..5),
            jumps in vec(prop_oneof![3 => Just(1), 1 => 1..ENTRIES], 0..200),
        ) {
            let mut expected: BTreeMap<DocId, f32> = BTreeMap::new();
            for (docs, score) in &lists {
                for doc in docs {
                    let best = expected.entry(*doc).or_default();
                    *best = best.max(f32::from(*score));
                }
            }
            let mut union = Union::of(lists.into_iter().map(alternative).collect());
            let mut target = 0;
            for jump in jumps.into_iter().chain(std::iter::repeat(1)) {
                let doc = union.seek(target);
                let next = expected.range(target..).next();
                prop_assert_eq!(doc, next.map_or(TERMINATED, |(doc, _)| *doc));
                let Some((_, score)) = next else { break };
                prop_assert_eq!(union.score(), *score);
                target = doc + jump;
            }
        }
    }
}
