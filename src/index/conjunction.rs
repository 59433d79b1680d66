//! Answers a question in one segment: walks the entries of the rarest clause, asks the other clauses about each, then
//! the columns, then what is joined by OR and NOT, then phrases and choices, whose answer is dear. Every match is handed
//! to a [`Sink`]. The caller is asked every few hundred steps whether anybody still waits, and no step is long, however
//! odd the question.

use super::conditions::Conditions;
use super::error::IndexError;
use super::member::{Member, Phrase};
use super::pool::Seam;
use super::predicate::Predicate;
use super::segment::Segment;
use tantivy::fastfield::AliveBitSet;
use tantivy::{BitSet, DocId, Score, TERMINATED, TantivyError};

/// Steps between two looks at the caller; some ten microseconds.
const STEPS: u32 = 512;

/// Takes the matches of a segment, in the order of its entries.
pub(super) trait Sink {
    /// Takes a match; its score is worked out only if asked for.
    fn take(&mut self, doc: DocId, score: impl FnOnce() -> Score);
}

impl Sink for BitSet {
    fn take(&mut self, doc: DocId, _score: impl FnOnce() -> Score) {
        self.insert(doc);
    }
}

impl Sink for Vec<DocId> {
    fn take(&mut self, doc: DocId, _score: impl FnOnce() -> Score) {
        self.push(doc);
    }
}

/// A question as one segment understands it.
pub(super) struct Conjunction<'s> {
    /// Clauses but phrases; the first leads. Never empty.
    members: Vec<Member<'s>>,
    phrases: Vec<Phrase<'s>>,
    gate: Gate<'s>,
}

/// What is asked of an entry whatever led to it.
pub(super) struct Gate<'s> {
    pub(super) segment: &'s Segment,
    /// Numbers of the scopes that are asked for; none where the members see to it.
    pub(super) scopes: Option<(u64, u64)>,
    pub(super) conditions: Conditions,
    pub(super) predicates: Vec<Predicate>,
}

impl Gate<'_> {
    /// Whether the entry lives, in one of the scopes, and all else holds.
    #[inline]
    fn allows(&self, alive: Option<&AliveBitSet>, doc: DocId) -> bool {
        alive.is_none_or(|alive| alive.is_alive(doc))
            && self.scopes.is_none_or(|scopes| in_scope(self.segment, scopes, doc))
            && self.conditions.hold(self.segment, doc)
            && self.predicates.iter().all(|predicate| predicate.holds(self.segment, doc))
    }
}

impl<'s> Conjunction<'s> {
    pub(super) fn new(mut members: Vec<Member<'s>>, phrases: Vec<Phrase<'s>>, gate: Gate<'s>) -> Self {
        members.sort_by_key(Member::cost);
        Self { members, phrases, gate }
    }

    /// Of these entries, ascending, those that match, where all clauses are such that an entry can be asked about.
    pub(super) fn among<T>(
        mut self,
        entries: Vec<(DocId, T)>,
        seam: &Seam<'_>,
    ) -> Result<Vec<(DocId, T)>, IndexError> {
        let alive = self.gate.segment.reader.alive_bitset();
        let mut left = Vec::with_capacity(entries.len());
        for (steps, (doc, with)) in entries.into_iter().enumerate() {
            if steps % STEPS as usize == 0 {
                seam.check()?;
            }
            if self.gate.allows(alive, doc)
                && self.members.iter_mut().all(|member| member.miss(doc).is_none())
            {
                left.push((doc, with));
            }
        }
        Ok(left)
    }

    /// Hands every match to the sink.
    pub(super) fn run(mut self, seam: &Seam<'_>, sink: &mut impl Sink) -> Result<(), IndexError> {
        let alive = self.gate.segment.reader.alive_bitset();
        let Some((leader, others)) = self.members.split_first_mut() else { return Ok(()) };
        let (mut doc, mut steps) = (leader.doc(), 0);
        while doc != TERMINATED {
            steps += 1;
            if steps % STEPS == 0 {
                seam.check()?;
            }
            if let Some(next) = others.iter_mut().find_map(|other| other.miss(doc)) {
                doc = leader.seek(next);
                continue;
            }
            if !self.gate.allows(alive, doc) {
                doc = leader.advance();
                continue;
            }
            if let Some(next) = miss(&mut self.phrases, doc)? {
                doc = leader.seek(next);
                continue;
            }
            if !holds(leader, others, doc)? {
                doc = leader.advance();
                continue;
            }
            sink.take(doc, || {
                let words = others.iter_mut().map(|other| other.score(doc)).sum::<f32>();
                leader.score(doc) + words + self.phrases.iter_mut().map(Phrase::score).sum::<f32>()
            });
            doc = leader.advance();
        }
        Ok(())
    }
}

/// Whether the members that all stand at `doc` do hold it.
#[inline]
fn holds<'s>(leader: &mut Member<'s>, others: &mut [Member<'s>], doc: DocId) -> Result<bool, TantivyError> {
    for member in std::iter::once(leader).chain(others) {
        if !member.holds(doc)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The first phrase that `doc` lacks says where to go on.
fn miss(phrases: &mut [Phrase<'_>], doc: DocId) -> Result<Option<DocId>, TantivyError> {
    for phrase in phrases {
        if let Some(next) = phrase.miss(doc)? {
            return Ok(Some(next));
        }
    }
    Ok(None)
}

#[inline]
fn in_scope(segment: &Segment, (one, other): (u64, u64), doc: DocId) -> bool {
    let scope = segment.scope(doc);
    scope == one || scope == other
}
