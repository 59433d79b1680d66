//! Turns a question into what each segment is asked: what is the same in all segments is worked out once, what is joined by OR and NOT
//! becomes predicates, and the clauses are gathered segment by segment.

use super::clusters::Kin;
use super::compile::{Clause, Question};
use super::conditions::Conditions;
use super::conjunction::{Conjunction, Gate};
use super::error::IndexError;
use super::expression::Node;
use super::gather::{Asked, Weights};
use super::member::Member;
use super::pool::Seam;
use super::predicate::Predicate;
use super::schema::{self, Fields};
use super::segment::Segment;
use super::view::Snapshot;
use std::collections::HashSet;
use std::sync::Arc;
use tantivy::query::BitSetDocSet;
use tantivy::{BitSet, DocId, Term};

/// A question with everything about it that is the same in all segments.
pub(super) struct Prepared<'q> {
    question: &'q Question,
    fields: &'q Fields,
    /// In the order of the clauses.
    weights: Vec<Weights>,
    nodes: Vec<PreparedNode<'q>>,
}

/// See [`Node`].
enum PreparedNode<'q> {
    Clauses(Box<Prepared<'q>>),
    Documents(Arc<HashSet<u64>>),
    Columns(Conditions),
    Kin(Kin<'q>),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

impl<'q> Prepared<'q> {
    pub(super) fn new(
        question: &'q Question,
        snapshot: &'q Snapshot,
        seam: &Seam<'_>,
    ) -> Result<Self, IndexError> {
        let weights = Weights::of_all(&question.clauses, &snapshot.searcher)?;
        let node = |node: &'q Node| PreparedNode::new(node, snapshot, seam);
        let nodes = question.nodes.iter().map(node).collect::<Result<_, _>>()?;
        Ok(Self { question, fields: &snapshot.fields, weights, nodes })
    }

    /// What to ask the segment, which is the `ordinal`th of the searcher; nothing where it can have no match.
    pub(super) fn within<'s>(
        &'s self,
        segment: &'s Segment,
        ordinal: usize,
        seam: &Seam<'_>,
    ) -> Result<Option<Conjunction<'s>>, IndexError> {
        let Some(wanted) = segment.wanted(&self.question.scopes)? else { return Ok(None) };
        let Some(mut asked) = self.gather(segment, ordinal, seam)? else { return Ok(None) };
        let mut predicates = Vec::new();
        for node in &self.nodes {
            match node.within(segment, ordinal, seam)? {
                // What is a set of entries may lead.
                Predicate::Set(docs) => {
                    asked.members.push(Member::Set(Box::new(BitSetDocSet::from(docs)), 0.0))
                }
                predicate => predicates.push(predicate),
            }
        }
        let mut scopes = Some(wanted);
        if asked.members.is_empty() {
            let terms =
                self.question.scopes.iter().map(|scope| Term::from_field_text(self.fields.scope, scope));
            asked.any(&terms.collect::<Vec<_>>(), seam)?;
            scopes = None;
        }
        let Asked { members, phrases, .. } = asked;
        let gate = Gate { segment, scopes, conditions: self.question.conditions, predicates };
        Ok(Some(Conjunction::new(members, phrases, gate)))
    }

    /// The clauses; nothing where the segment has nothing for one of them.
    fn gather<'s>(
        &'s self,
        segment: &'s Segment,
        ordinal: usize,
        seam: &Seam<'_>,
    ) -> Result<Option<Asked<'s>>, IndexError> {
        let mut asked = Asked::of(&segment.reader, ordinal);
        Ok(asked.clauses(&self.question.clauses, &self.weights, seam)?.then_some(asked))
    }

    /// The clauses with their weights, in their order.
    pub(super) fn clauses(&self) -> impl Iterator<Item = (&'q Clause, &Weights)> {
        self.question.clauses.iter().zip(&self.weights)
    }

    /// The entries that satisfy the clauses, whatever their scope.
    fn entries(&self, segment: &Segment, ordinal: usize, seam: &Seam<'_>) -> Result<BitSet, IndexError> {
        let mut found = BitSet::with_max_value(segment.reader.max_doc());
        if !self.question.hopeless
            && let Some(Asked { members, phrases, .. }) = self.gather(segment, ordinal, seam)?
        {
            let (conditions, predicates) = (Conditions::default(), Vec::new());
            let gate = Gate { segment, scopes: None, conditions, predicates };
            let all = Conjunction::new(members, phrases, gate);
            all.run(seam, &mut found)?;
        }
        Ok(found)
    }
}

impl<'q> PreparedNode<'q> {
    fn new(node: &'q Node, snapshot: &'q Snapshot, seam: &Seam<'_>) -> Result<Self, IndexError> {
        let one = |node: &'q Node| Self::new(node, snapshot, seam);
        let all = |nodes: &'q [Node]| nodes.iter().map(one).collect::<Result<_, _>>();
        let prepare = |question| Prepared::new(question, snapshot, seam);
        Ok(match node {
            Node::Clauses(question) => Self::Clauses(Box::new(prepare(question)?)),
            Node::Articles(question) => {
                Self::Documents(Arc::new(changes(&prepare(question)?, &snapshot.segments, seam)?))
            }
            Node::Columns(conditions) => Self::Columns(*conditions),
            Node::SameWords(quote) => Self::Kin(snapshot.same_words(quote, seam)?),
            Node::CopyOf(document) => Self::Kin(snapshot.copies(document)?),
            Node::All(nodes) => Self::All(all(nodes)?),
            Node::Any(nodes) => Self::Any(all(nodes)?),
            Node::Not(node) => Self::Not(Box::new(one(node)?)),
        })
    }

    fn within(&self, segment: &Segment, ordinal: usize, seam: &Seam<'_>) -> Result<Predicate, IndexError> {
        let all = |nodes: &[Self]| {
            nodes.iter().map(|node| node.within(segment, ordinal, seam)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match self {
            Self::Clauses(prepared) => Predicate::Set(prepared.entries(segment, ordinal, seam)?),
            Self::Documents(changes) => Predicate::Documents(Arc::clone(changes)),
            Self::Columns(conditions) => Predicate::Columns(*conditions),
            Self::Kin(kin) => Predicate::Set(kin.within(ordinal)),
            Self::All(nodes) => Predicate::All(all(nodes)?),
            Self::Any(nodes) => Predicate::any(all(nodes)?, segment.reader.max_doc()),
            Self::Not(node) => Predicate::Not(Box::new(node.within(segment, ordinal, seam)?)),
        })
    }
}

/// The changes that put the documents there which the question finds.
fn changes(
    prepared: &Prepared<'_>,
    segments: &[Segment],
    seam: &Seam<'_>,
) -> Result<HashSet<u64>, IndexError> {
    let mut changes = HashSet::new();
    if prepared.question.hopeless {
        return Ok(changes);
    }
    for (ordinal, segment) in segments.iter().enumerate() {
        seam.check()?;
        let Some(found) = prepared.within(segment, ordinal, seam)? else { continue };
        let mut documents: Vec<DocId> = Vec::new();
        found.run(seam, &mut documents)?;
        changes.extend(documents.into_iter().map(|doc| schema::change_of(segment.place(doc))));
    }
    Ok(changes)
}
