//! What is joined by OR, where it leads or has not many more entries than what does: the entries of all alternatives are brought together
//! a window of entries at a time, those of each alternative in one go, with the best score that any of them gives. Asking each alternative
//! about each entry, as a [`Choice`](super::choice::Choice) does, takes several times as long.

use super::member::Member;
use tantivy::{DocId, Score, TERMINATED};

/// Entries of a window; their scores fit the processor's first cache.
const WINDOW: usize = 4096;

/// Words of as many bits.
const WORDS: usize = WINDOW / u64::BITS as usize;

/// See the module.
pub(super) struct Union<'s> {
    alternatives: Vec<Member<'s>>,
    /// The first entry of the window.
    begin: DocId,
    /// Which entries of the window any alternative has, a bit each.
    held: [u64; WORDS],
    /// The best score of each of them.
    scores: [Score; WINDOW],
    /// The word of `held` in which it is, and what of it is still to come.
    word: usize,
    rest: u64,
    /// The entry that it stands at.
    doc: DocId,
}

impl<'s> Union<'s> {
    /// Of alternatives that are told of an entry by its postings alone; stands at the first entry of any.
    pub(super) fn of(alternatives: Vec<Member<'s>>) -> Self {
        let (held, scores) = ([0; WORDS], [0.0; WINDOW]);
        let mut union = Self { alternatives, begin: 0, held, scores, word: 0, rest: 0, doc: 0 };
        union.fill(0);
        union.advance();
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

    /// Goes to the next entry.
    #[inline]
    pub(super) fn advance(&mut self) -> DocId {
        while self.rest == 0 {
            self.word += 1;
            match self.held.get(self.word) {
                Some(word) => self.rest = *word,
                None if self.doc == TERMINATED => return TERMINATED,
                None => self.next_window(),
            }
        }
        self.doc = self.begin + (self.word * 64) as DocId + self.rest.trailing_zeros();
        self.rest &= self.rest - 1;
        self.doc
    }

    /// Goes to `target` or to the first entry behind it.
    #[inline]
    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        if target <= self.doc {
            return self.doc;
        }
        let at = (target - self.begin) as usize;
        match self.held.get(at / 64) {
            Some(word) => (self.word, self.rest) = (at / 64, word & (u64::MAX << (at % 64))),
            None => self.fill(target),
        }
        self.advance()
    }

    /// Goes on behind the window, where all alternatives stand.
    fn next_window(&mut self) {
        match self.alternatives.iter().map(Member::doc).min() {
            None | Some(TERMINATED) => self.doc = TERMINATED,
            Some(next) => self.fill(next),
        }
    }

    /// Brings together what begins at `begin`.
    fn fill(&mut self, begin: DocId) {
        let Self { alternatives, held, scores, .. } = self;
        held.fill(0);
        let end = begin.saturating_add(WINDOW as DocId).min(TERMINATED);
        for alternative in alternatives {
            let mut doc = alternative.seek(begin);
            while doc < end {
                let at = (doc - begin) as usize;
                let (word, bit) = (&mut held[at / 64], 1 << (at % 64));
                let score = alternative.score(doc, alternative.basis());
                scores[at] = if *word & bit == 0 { score } else { scores[at].max(score) };
                *word |= bit;
                doc = alternative.advance();
            }
        }
        (self.begin, self.word, self.rest) = (begin, 0, self.held[0]);
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
                let doc = if target == union.doc() + 1 { union.advance() } else { union.seek(target) };
                let next = expected.range(target..).next();
                prop_assert_eq!(doc, next.map_or(TERMINATED, |(doc, _)| *doc));
                let Some((_, score)) = next else { break };
                prop_assert_eq!(union.score(), *score);
                target = doc + jump;
            }
        }
    }
}
