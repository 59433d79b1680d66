//! Turns a question into what each segment is asked: looks each term up once in each segment's dictionary, and
//! weighs the words by how rare they are in the whole index.

use super::clusters::Kin;
use super::compile::{Clause, Question};
use super::conditions::Conditions;
use super::conjunction::{Conjunction, Gate};
use super::error::IndexError;
use super::expression::Node;
use super::member::{Member, Phrase, Word};
use super::pool::Seam;
use super::predicate::Predicate;
use super::schema::{self, Fields};
use super::segment::Segment;
use super::view::Snapshot;
use std::collections::HashSet;
use std::sync::Arc;
use tantivy::index::InvertedIndexReader;
use tantivy::postings::{SegmentPostings, TermInfo};
use tantivy::query::{
    BitSetDocSet, Bm25StatisticsProvider, Bm25Weight, EnableScoring, FuzzyTermQuery, PhraseQuery, Query,
    Weight,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocId, DocSet, Searcher, SegmentReader, TERMINATED, TantivyError, Term};

/// So many lists are walked side by side; more are gathered in a set first.
const FEW: usize = 8;

/// Terms that are looked up, and blocks of postings that are gathered, between two looks at the caller.
const TERMS: usize = 256;
const BLOCKS: usize = 256;

/// What a clause that tells nothing of relevance adds to the score of each entry that has it.
const PREFIX_SCORE: f32 = 1.0;

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

enum Weights {
    /// Of a word: its place in the dictionary of each segment, and its weight.
    Word(Vec<Option<TermInfo>>, Bm25Weight),
    Phrase(Box<dyn Weight>),
    None,
}

impl<'q> Prepared<'q> {
    pub(super) fn new(
        question: &'q Question,
        snapshot: &'q Snapshot,
        seam: &Seam<'_>,
    ) -> Result<Self, IndexError> {
        let searcher = &snapshot.searcher;
        let weigh = |clause: &Clause| match clause {
            Clause::Word(term) => word(searcher, term),
            Clause::Phrase(terms, slop) => {
                let scoring = EnableScoring::enabled_from_searcher(searcher);
                let mut phrase = PhraseQuery::new(terms.clone());
                phrase.set_slop(*slop);
                Ok(Weights::Phrase(phrase.weight(scoring)?))
            }
            Clause::Prefix(..) | Clause::Fuzzy(..) | Clause::FuzzyPrefix(..) | Clause::Any(_) => {
                Ok(Weights::None)
            }
        };
        let weights = question.clauses.iter().map(weigh).collect::<Result<_, TantivyError>>()?;
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
        let mut scopes = Vec::new();
        for scope in &self.question.scopes {
            scopes.extend(segment.scope_number(scope)?);
        }
        let (Some(first), Some(last)) = (scopes.first(), scopes.last()) else { return Ok(None) };
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
        let mut scopes = Some((*first, *last));
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
        let mut asked = Asked { reader: &segment.reader, members: Vec::new(), phrases: Vec::new() };
        for (clause, weights) in self.question.clauses.iter().zip(&self.weights) {
            if !asked.clause(clause, weights, ordinal, seam)? {
                return Ok(None);
            }
        }
        Ok(Some(asked))
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
            Node::CopyOf(document) => Self::Kin(snapshot.copies(document, seam)?),
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

fn word(searcher: &Searcher, term: &Term) -> Result<Weights, TantivyError> {
    let mut infos = Vec::with_capacity(searcher.segment_readers().len());
    for reader in searcher.segment_readers() {
        infos.push(reader.inverted_index(term.field())?.get_term_info(term)?);
    }
    let entries = searcher.total_num_docs()?;
    let frequency = infos.iter().flatten().map(|info| u64::from(info.doc_freq)).sum();
    let length = searcher.total_num_tokens(term.field())? as f32 / entries.max(1) as f32;
    Ok(Weights::Word(infos, Bm25Weight::for_one_term_without_explain(frequency, entries, length)))
}

/// The clauses of one segment, as they are gathered.
struct Asked<'s> {
    reader: &'s SegmentReader,
    members: Vec<Member>,
    phrases: Vec<Phrase<'s>>,
}

impl<'s> Asked<'s> {
    /// Adds a clause; false where the segment has nothing for it.
    fn clause(
        &mut self,
        clause: &Clause,
        weights: &'s Weights,
        ordinal: usize,
        seam: &Seam<'_>,
    ) -> Result<bool, IndexError> {
        match (clause, weights) {
            (Clause::Word(term), Weights::Word(infos, weight)) => {
                let Some(info) = infos.get(ordinal).and_then(Option::as_ref) else { return Ok(false) };
                self.word(term.field(), info, weight)?;
                Ok(true)
            }
            (Clause::Phrase(terms, _), Weights::Phrase(weight)) => self.phrase(terms, weight.as_ref()),
            (Clause::Prefix(field, prefix), _) => self.prefix(*field, prefix, seam),
            (Clause::Fuzzy(term, edits), _) => {
                self.fuzzy(term.field(), &FuzzyTermQuery::new(term.clone(), *edits, true), seam)
            }
            (Clause::FuzzyPrefix(term, edits), _) => {
                self.fuzzy(term.field(), &FuzzyTermQuery::new_prefix(term.clone(), *edits, true), seam)
            }
            (Clause::Any(terms), _) => self.any(terms, seam),
            (Clause::Word(_) | Clause::Phrase(..), _) => Ok(false),
        }
    }

    fn dictionary(&self, field: Field) -> Result<Arc<InvertedIndexReader>, TantivyError> {
        self.reader.inverted_index(field)
    }

    fn word(&mut self, field: Field, info: &TermInfo, weight: &Bm25Weight) -> Result<(), TantivyError> {
        let dictionary = self.dictionary(field)?;
        let postings = dictionary.read_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?;
        let lengths = self.reader.get_fieldnorms_reader(field)?;
        self.members.push(Member::Word(Box::new(Word { postings, lengths, weight: weight.clone() })));
        Ok(())
    }

    /// The phrase, and its rarest word as a member that leads to it.
    fn phrase(&mut self, terms: &[Term], weight: &'s dyn Weight) -> Result<bool, IndexError> {
        let mut rarest: Option<SegmentPostings> = None;
        for term in terms {
            let dictionary = self.dictionary(term.field())?;
            let Some(postings) = dictionary.read_postings(term, IndexRecordOption::Basic)? else {
                return Ok(false);
            };
            if rarest.as_ref().is_none_or(|rarest| postings.doc_freq() < rarest.doc_freq()) {
                rarest = Some(postings);
            }
        }
        self.members.extend(rarest.map(|postings| Member::Any(vec![postings])));
        self.phrases.push(Phrase::new(weight, self.reader));
        Ok(true)
    }

    fn any(&mut self, terms: &[Term], seam: &Seam<'_>) -> Result<bool, IndexError> {
        let mut infos = Vec::new();
        let Some(field) = terms.first().map(Term::field) else { return Ok(false) };
        let dictionary = self.dictionary(field)?;
        for some in terms.chunks(TERMS) {
            seam.check()?;
            for term in some {
                infos.extend(dictionary.get_term_info(term)?);
            }
        }
        if infos.len() > FEW {
            return self.set(&dictionary, infos.into_iter(), 0.0, seam);
        }
        let mut lists = Vec::with_capacity(infos.len());
        for info in &infos {
            lists.push(dictionary.read_postings_from_terminfo(info, IndexRecordOption::Basic)?);
        }
        let found = !lists.is_empty();
        self.members.push(Member::Any(lists));
        Ok(found)
    }

    fn prefix(&mut self, field: Field, prefix: &str, seam: &Seam<'_>) -> Result<bool, IndexError> {
        let dictionary = self.dictionary(field)?;
        let mut terms = dictionary.terms().range().ge(prefix);
        let end = after_all(prefix);
        if let Some(end) = &end {
            terms = terms.lt(end);
        }
        let mut terms = terms.into_stream()?;
        let infos = std::iter::from_fn(|| terms.next().map(|(_, info)| info.clone()));
        self.set(&dictionary, infos, PREFIX_SCORE, seam)
    }

    /// The entries of all terms that are nearly the one asked for.
    fn fuzzy(&mut self, field: Field, near: &FuzzyTermQuery, seam: &Seam<'_>) -> Result<bool, IndexError> {
        let dictionary = self.dictionary(field)?;
        let mut terms = dictionary.terms().search(near.automaton()?).into_stream()?;
        let infos = std::iter::from_fn(|| terms.next().map(|(_, info)| info.clone()));
        self.set(&dictionary, infos, PREFIX_SCORE, seam)
    }

    /// The entries of all these terms.
    fn set(
        &mut self,
        dictionary: &InvertedIndexReader,
        infos: impl Iterator<Item = TermInfo>,
        score: f32,
        seam: &Seam<'_>,
    ) -> Result<bool, IndexError> {
        let mut docs = BitSet::with_max_value(self.reader.max_doc());
        let mut blocks = 0;
        for info in infos {
            let mut block = dictionary.read_block_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
            while !block.docs().is_empty() {
                for doc in block.docs() {
                    docs.insert(*doc);
                }
                block.advance();
                blocks += 1;
                if blocks % BLOCKS == 0 {
                    seam.check()?;
                }
            }
        }
        let docs = BitSetDocSet::from(docs);
        let found = docs.doc() != TERMINATED;
        self.members.push(Member::Set(Box::new(docs), score));
        Ok(found)
    }
}

/// The least string greater than all that begin with `prefix`.
pub(super) fn after_all(prefix: &str) -> Option<Vec<u8>> {
    let mut end = prefix.as_bytes().to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}
