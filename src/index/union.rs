//! What is joined by OR, where it leads or has not many more entries than what does: the entries of all alternatives are brought together
//! a window of entries at a time, those of each alternative in one go, with the best score that any of them gives. Asking each alternative
//! about each entry, as a [`Choice`](super::choice::Choice) does, takes several times as long.

use super::member::{Member, Word, to};
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::{DocId, DocSet, Score, TERMINATED};

/// Entries of a window; their scores fit the processor's first cache.
const WINDOW: usize = 4096;

/// Words of as many bits.
const WORDS: usize = WINDOW / u64::BITS as usize;

/// See the module.
pub(super) struct Union<'s> {
    alternatives: Vec<Member<'s>>,
    window: Window,
    /// What scores less need not be told how much.
    floor: Score,
    /// The word of the window in which it is, and what of it is still to come.
    word: usize,
    rest: u64,
    /// The entry that it stands at.
    doc: DocId,
}

/// Entries from one on.
struct Window {
    begin: DocId,
    /// Which of them any alternative has, a bit each.
    held: [u64; WORDS],
    /// The best score of each of them.
    scores: [Score; WINDOW],
}

impl Window {
    /// The first entry behind it.
    fn end(&self) -> DocId {
        self.begin.saturating_add(WINDOW as DocId).min(TERMINATED)
    }

    /// Takes what is of it, with these scores.
    #[inline]
    fn take<D: DocSet>(&mut self, docs: &mut D, score: impl Fn(&D, DocId) -> Score) {
        let end = self.end();
        let mut doc = to(docs, self.begin);
        while doc < end {
            let at = self.hold(doc);
            self.scores[at] = self.scores[at].max(score(docs, doc));
            doc = docs.advance();
        }
    }

    /// Takes what is of it, whatever it scores.
    #[inline]
    fn count<D: DocSet>(&mut self, docs: &mut D) {
        let end = self.end();
        let mut doc = to(docs, self.begin);
        while doc < end {
            self.hold(doc);
            doc = docs.advance();
        }
    }

    #[inline]
    fn hold(&mut self, doc: DocId) -> usize {
        let at = (doc - self.begin) as usize % WINDOW;
        self.held[at / 64] |= 1 << (at % 64);
        at
    }
}

impl<'s> Union<'s> {
    /// Of alternatives that are told of an entry by its postings alone; stands at the first entry of any.
    pub(super) fn of(alternatives: Vec<Member<'s>>) -> Self {
        let window = Window { begin: 0, held: [0; WORDS], scores: [0.0; WINDOW] };
        let mut union = Self { alternatives, window, floor: 0.0, word: 0, rest: 0, doc: 0 };
        union.fill(0);
        union.advance();
        union
    }

    /// From the next window on a score that is less than `floor` need only be less, where alternatives that never give as much have a share
    /// in it: they are not asked.
    pub(super) fn raise(&mut self, floor: Score) {
        self.floor = floor;
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
        self.window.scores[(self.doc - self.window.begin) as usize % WINDOW]
    }

    /// Goes to the next entry.
    #[inline]
    pub(super) fn advance(&mut self) -> DocId {
        while self.rest == 0 {
            self.word += 1;
            match self.window.held.get(self.word) {
                Some(word) => self.rest = *word,
                None if self.doc == TERMINATED => return TERMINATED,
                None => self.next_window(),
            }
        }
        self.doc = self.window.begin + (self.word * 64) as DocId + self.rest.trailing_zeros();
        self.rest &= self.rest - 1;
        self.doc
    }

    /// Goes to `target` or to the first entry behind it.
    #[inline]
    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        if target <= self.doc {
            return self.doc;
        }
        let at = (target - self.window.begin) as usize;
        match self.window.held.get(at / 64) {
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
        let Self { alternatives, window, floor, .. } = self;
        (window.begin, window.held, window.scores) = (begin, [0; WORDS], [0.0; WINDOW]);
        for alternative in alternatives {
            let is_asked = alternative.most() >= *floor;
            match alternative {
                Member::Word(word) if is_asked => {
                    let Word { postings, lengths, weight } = word.as_mut();
                    let score = |postings: &SegmentPostings, doc| {
                        weight.score(lengths.fieldnorm_id(doc), postings.term_freq())
                    };
                    window.take(postings, score);
                }
                Member::Word(word) => window.count(&mut word.postings),
                Member::Set(docs, score) => window.take(docs.as_mut(), |_, _| *score),
                other => {
                    let mut doc = other.seek(begin);
                    while doc < window.end() {
                        let at = window.hold(doc);
                        window.scores[at] = window.scores[at].max(other.score(doc, other.basis()));
                        doc = other.advance();
                    }
                }
            }
        }
        (self.word, self.rest) = (0, self.window.held[0]);
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
        fn what_scores_as_much_as_is_asked_for_has_its_score_and_all_else_less(
            lists in vec((btree_set(0..ENTRIES, 0..60), any::<u8>()), 1..5),
            floors in vec(any::<u8>(), 1..9),
        ) {
            let all = || lists.iter().cloned().map(alternative).collect();
            let (mut whole, mut asked) = (Union::of(all()), Union::of(all()));
            let mut floors = floors.into_iter().map(f32::from).cycle();
            let mut floor = 0.0f32;
            while whole.doc() != TERMINATED {
                prop_assert_eq!(asked.doc(), whole.doc());
                prop_assert!(asked.score() == whole.score() || whole.score() < floor && asked.score() < floor);
                floor = floor.max(floors.next().unwrap_or_default());
                asked.raise(floor);
                whole.advance();
                asked.advance();
            }
            prop_assert_eq!(asked.doc(), TERMINATED);
        }

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
