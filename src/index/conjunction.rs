//! Answers a question in one segment: walks the entries of the rarest clause and asks the other clauses about each; of a [`Batch`] of
//! those that have all, asks the columns, then what is joined by OR and NOT, then phrases and choices, whose answer is dear. All matches
//! are handed to a [`Sink`]. The caller is asked every few hundred steps whether anybody still waits, and no step is long, however
//! odd the question.

use super::batch::{Batch, STEPS, Scores};
use super::conditions::Conditions;
use super::error::IndexError;
use super::member::{Member, Phrase};
use super::pool::Seam;
use super::predicate::Predicate;
use super::scopes::Wanted;
use super::segment::Segment;
use tantivy::{BitSet, DocId, Score, TERMINATED, TantivyError};

/// Entries that are asked about together: as many as the search engine unpacks at once.
const BATCH: usize = 128;

/// To ask a choice about an entry takes as long as to bring some more than so many of its entries together.
const UNITED: u64 = 8;

/// Entries between two looks at the caller where each is asked about phrases: of a book that takes milliseconds.
const PHRASES: usize = 16;

/// Takes the matches of a segment, in the order of its entries.
pub(super) trait Sink {
    /// Takes some matches; scores are worked out only if asked for.
    fn take(&mut self, docs: &[DocId], scores: Scores<'_, '_>);

    /// What scores less than this need not be told how much.
    fn floor(&self) -> Score {
        0.0
    }
}

impl Sink for BitSet {
    fn take(&mut self, docs: &[DocId], _scores: Scores<'_, '_>) {
        for doc in docs {
            self.insert(*doc);
        }
    }
}

impl Sink for Vec<DocId> {
    fn take(&mut self, docs: &[DocId], _scores: Scores<'_, '_>) {
        self.extend_from_slice(docs);
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
    /// Says of each of the entries whether it lives in one of the scopes and satisfies all else.
    fn admits(&self, docs: &[DocId], held: &mut [bool]) {
        match &self.scopes {
            Some(scopes) => self.segment.in_scopes(scopes, docs, held),
            None => held.fill(true),
        }
        if let Some(alive) = self.segment.reader.alive_bitset() {
            docs.iter().zip(&mut *held).for_each(|(doc, held)| *held &= alive.is_alive(*doc));
        }
        self.conditions.narrow(self.segment, docs, held);
        for predicate in &self.predicates {
            docs.iter()
                .zip(&mut *held)
                .for_each(|(doc, held)| *held = *held && predicate.holds(self.segment, *doc));
        }
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
            if held && self.members.iter_mut().all(|member| member.miss(doc).is_none()) {
                left.push((doc, with));
            }
        }
        Ok(left)
    }

    /// Hands all matches to the sink.
    pub(super) fn run(mut self, seam: &Seam<'_>, sink: &mut impl Sink) -> Result<(), IndexError> {
        let Self { members, phrases, gate } = &mut self;
        unite(members);
        // A choice cannot be asked about an entry once it has gone to the next.
        let has_choices = members.iter().any(|member| matches!(member, Member::Choice(_)));
        let mut batch = Batch::new(if has_choices { 1 } else { BATCH }, members.len());
        let is_plain = phrases.is_empty() && !has_choices;
        let mut doc = members.first().map_or(TERMINATED, Member::doc);
        while doc != TERMINATED {
            // What others add, the first knows nothing of.
            if is_plain && let [Member::Union(alone)] = members.as_mut_slice() {
                alone.raise(sink.floor());
            }
            doc = batch.gather(members, doc, seam)?;
            batch.keep(|docs, held| gate.admits(docs, held));
            let mut next = doc.saturating_add(1);
            if is_plain {
                sink.take(batch.docs(), batch.scores(members));
            } else {
                next = next.max(one_by_one(&batch, members, phrases, seam, sink)?);
            }
            if doc != TERMINATED {
                doc = members.first_mut().map_or(TERMINATED, |leader| leader.seek(next));
            }
        }
        Ok(())
    }
}

/// Hands those entries of a batch to the sink that have all phrases and choices. No entry below what it gives back has them.
fn one_by_one(
    batch: &Batch,
    members: &mut [Member<'_>],
    phrases: &mut [Phrase<'_>],
    seam: &Seam<'_>,
    sink: &mut impl Sink,
) -> Result<DocId, IndexError> {
    let mut bound = 0;
    for (at, doc) in batch.docs().iter().enumerate() {
        if !phrases.is_empty() && at % PHRASES == 0 {
            seam.check()?;
        }
        if let Some(next) = miss(phrases, *doc)? {
            bound = bound.max(next);
        } else if holds(members, *doc)? {
            let scores = phrases.iter_mut().map(Phrase::score).sum::<Score>();
            sink.take(&[*doc], Scores::One(batch.scores(members).of(at) + scores));
        }
    }
    Ok(bound)
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
