//! Answers a question in one segment: walks the entries of the rarest clause and asks the other clauses about each; of a [`Batch`] of
//! those that have all, asks the columns, then what is joined by OR and NOT, then phrases and choices, whose answer is dear. Every match
//! is handed to a [`Sink`]. The caller is asked every few hundred steps whether anybody still waits, and no step is long, however
//! odd the question.

use super::conditions::Conditions;
use super::error::IndexError;
use super::member::{Basis, Member, Phrase};
use super::pool::Seam;
use super::predicate::Predicate;
use super::scopes::Wanted;
use super::segment::Segment;
use tantivy::{BitSet, DocId, Score, TERMINATED, TantivyError};

/// Steps between two looks at the caller; some ten microseconds.
const STEPS: usize = 512;

/// Entries that are asked about together.
const BATCH: usize = 64;

/// To ask a choice about an entry takes as long as to bring some more than so many of its entries together.
const UNITED: u64 = 8;

/// Entries between two looks at the caller where each is asked about phrases: of a book that takes milliseconds.
const PHRASES: usize = 16;

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
    /// The scopes that are asked for; none where the members see to it.
    pub(super) scopes: Option<Wanted>,
    pub(super) conditions: Conditions,
    pub(super) predicates: Vec<Predicate>,
}

impl Gate<'_> {
    /// Which of the entries live, in one of the scopes.
    fn admits(&self, docs: &[DocId], held: &mut [bool]) {
        match &self.scopes {
            Some(scopes) => self.segment.in_scopes(scopes, docs, held),
            None => held.fill(true),
        }
        if let Some(alive) = self.segment.reader.alive_bitset() {
            docs.iter().zip(held).for_each(|(doc, held)| *held &= alive.is_alive(*doc));
        }
    }

    /// Whether all else holds for an entry.
    #[inline]
    fn allows(&self, doc: DocId) -> bool {
        self.conditions.hold(self.segment, doc)
            && self.predicates.iter().all(|predicate| predicate.holds(self.segment, doc))
    }
}

/// Entries that all members hold or, of choices, may hold, with what their scores are made of. They are gathered first and asked about
/// then: what is read for one does not depend on another, so that the processor need not wait for each in turn.
struct Batch {
    docs: Vec<DocId>,
    /// What scores are made of: for each entry as many as there are members.
    bases: Vec<Basis>,
    /// Entries that it takes at once.
    most: usize,
    steps: usize,
}

impl Batch {
    /// Empty, for so many entries of so many members.
    fn new(most: usize, members: usize) -> Self {
        let (docs, bases) = (Vec::with_capacity(most), Vec::with_capacity(most * members));
        Self { docs, bases, most, steps: 0 }
    }

    /// Takes the next entries from `doc` on. The last entry that it went to: that of the batch where the batch is full.
    fn gather(
        &mut self,
        members: &mut [Member<'_>],
        mut doc: DocId,
        seam: &Seam<'_>,
    ) -> Result<DocId, IndexError> {
        self.docs.clear();
        self.bases.clear();
        let Some((leader, others)) = members.split_first_mut() else { return Ok(TERMINATED) };
        while doc != TERMINATED {
            self.steps += 1;
            if self.steps.is_multiple_of(STEPS) {
                seam.check()?;
            }
            if let Some(next) = others.iter_mut().find_map(|other| other.miss(doc)) {
                doc = leader.seek(next);
                continue;
            }
            self.docs.push(doc);
            self.bases.push(leader.basis());
            self.bases.extend(others.iter().map(Member::basis));
            if self.docs.len() == self.most {
                return Ok(doc);
            }
            doc = leader.advance();
        }
        Ok(TERMINATED)
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
        let docs: Vec<DocId> = entries.iter().map(|(doc, _)| *doc).collect();
        let mut held = vec![false; docs.len()];
        self.gate.admits(&docs, &mut held);
        let mut left = Vec::with_capacity(entries.len());
        for (steps, ((doc, with), held)) in entries.into_iter().zip(held).enumerate() {
            if steps % STEPS == 0 {
                seam.check()?;
            }
            if held
                && self.gate.allows(doc)
                && self.members.iter_mut().all(|member| member.miss(doc).is_none())
            {
                left.push((doc, with));
            }
        }
        Ok(left)
    }

    /// Hands every match to the sink.
    pub(super) fn run(mut self, seam: &Seam<'_>, sink: &mut impl Sink) -> Result<(), IndexError> {
        let Self { members, phrases, gate } = &mut self;
        unite(members);
        // A choice cannot be asked about an entry once it has gone to the next.
        let has_choices = members.iter().any(|member| matches!(member, Member::Choice(_)));
        let mut batch = Batch::new(if has_choices { 1 } else { BATCH }, members.len());
        let mut held = [false; BATCH];
        let mut doc = members.first().map_or(TERMINATED, Member::doc);
        while doc != TERMINATED {
            doc = batch.gather(members, doc, seam)?;
            gate.admits(&batch.docs, &mut held[..batch.docs.len()]);
            let mut next = doc.saturating_add(1);
            let entries = batch.docs.iter().zip(batch.bases.chunks_exact(members.len()));
            for (asked, ((doc, bases), held)) in entries.zip(&held).enumerate() {
                if !held || !gate.allows(*doc) {
                    continue;
                }
                if !phrases.is_empty() && asked % PHRASES == 0 {
                    seam.check()?;
                }
                if let Some(bound) = miss(phrases, *doc)? {
                    next = next.max(bound);
                    continue;
                }
                if has_choices && !holds(members, *doc)? {
                    continue;
                }
                sink.take(*doc, || {
                    let scores = members.iter().zip(bases).map(|(member, basis)| member.score(*doc, *basis));
                    scores.sum::<Score>() + phrases.iter_mut().map(Phrase::score).sum::<Score>()
                });
            }
            if doc != TERMINATED {
                doc = members.first_mut().map_or(TERMINATED, |leader| leader.seek(next));
            }
        }
        Ok(())
    }
}

/// Brings the alternatives of choices together where that takes less time than to ask them about each entry that is walked.
fn unite(members: &mut [Member<'_>]) {
    let walked = members.first().map_or(0, Member::cost);
    for member in members {
        if let Member::Choice(choice) = member
            && choice.cost() <= walked.saturating_mul(UNITED)
            && let Some(union) = choice.union()
        {
            *member = Member::Union(Box::new(union));
        }
    }
}

/// Whether the members that all stand at `doc` do hold it.
fn holds(members: &mut [Member<'_>], doc: DocId) -> Result<bool, TantivyError> {
    for member in members {
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
