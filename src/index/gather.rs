//! The clauses of a question as one segment has them: each is a member of a conjunction, and phrases beside them. Every term is looked
//! up once in each segment's dictionary, and words are weighed by how rare they are in the whole index.

use super::choice::Alternative;
use super::compile::Clause;
use super::error::IndexError;
use super::member::{Exact, Member, Phrase, Word};
use super::near::{Near, NearWeight};
use super::pool::Seam;
use super::weight::WordWeight;
use std::sync::Arc;
use tantivy::index::InvertedIndexReader;
use tantivy::postings::{SegmentPostings, TermInfo};
use tantivy::query::{
    BitSetDocSet, Bm25StatisticsProvider, Bm25Weight, EnableScoring, FuzzyTermQuery, PhraseQuery, Query,
    Weight,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocSet, Searcher, SegmentReader, TERMINATED, TantivyError, Term};

/// So many lists are walked side by side; more are gathered in a set first.
const FEW: usize = 8;

/// Terms that are looked up, and blocks of postings that are gathered, between two looks at the caller.
const TERMS: usize = 256;
const BLOCKS: usize = 256;

/// What a word that begins or is spelled like one adds to the score of each entry that has it: how rare it is says nothing.
const PREFIX_SCORE: f32 = 1.0;

/// What a clause needs that is the same in all segments.
pub(super) enum Weights {
    /// Of a word: its place in the dictionary of each segment, and its weight.
    Word(Vec<Option<TermInfo>>, Box<WordWeight>),
    Phrase(Box<dyn Weight>),
    /// Of a phrase with other words between its own.
    Near(Box<NearWeight>),
    /// Of each alternative those of its clauses.
    Choice(Vec<Vec<Self>>),
    None,
}

impl Weights {
    /// The weights of clauses, in their order.
    pub(super) fn of_all(clauses: &[Clause], searcher: &Searcher) -> Result<Vec<Self>, TantivyError> {
        clauses.iter().map(|clause| Self::of(clause, searcher)).collect()
    }

    fn of(clause: &Clause, searcher: &Searcher) -> Result<Self, TantivyError> {
        match clause {
            Clause::Word(term) => word(searcher, term),
            Clause::Phrase(terms, 0) => {
                let scoring = EnableScoring::enabled_from_searcher(searcher);
                Ok(Self::Phrase(PhraseQuery::new(terms.clone()).weight(scoring)?))
            }
            Clause::Phrase(terms, slop) => {
                let formula = Bm25Weight::for_terms(searcher, terms)?;
                Ok(Self::Near(Box::new(NearWeight { formula, slop: *slop })))
            }
            Clause::Choice(alternatives) => {
                let weights = alternatives.iter().map(|clauses| Self::of_all(clauses, searcher));
                Ok(Self::Choice(weights.collect::<Result<_, _>>()?))
            }
            Clause::Prefix(..)
            | Clause::Fuzzy(..)
            | Clause::FuzzyPrefix(..)
            | Clause::Any(_)
            | Clause::AnyPrefixed(..) => Ok(Self::None),
        }
    }
}

fn word(searcher: &Searcher, term: &Term) -> Result<Weights, TantivyError> {
    let mut infos = Vec::with_capacity(searcher.segment_readers().len());
    for reader in searcher.segment_readers() {
        infos.push(reader.inverted_index(term.field())?.get_term_info(term)?);
    }
    let entries = searcher.total_num_docs()?;
    let frequency = infos.iter().flatten().map(|info| u64::from(info.doc_freq)).sum();
    let length = searcher.total_num_tokens(term.field())? as f32 / entries.max(1) as f32;
    Ok(Weights::Word(infos, Box::new(WordWeight::new(frequency, entries, length))))
}

/// The clauses of one segment, as they are gathered.
pub(super) struct Asked<'s> {
    reader: &'s SegmentReader,
    /// Which segment of the searcher it is.
    ordinal: usize,
    pub(super) members: Vec<Member<'s>>,
    pub(super) phrases: Vec<Phrase<'s>>,
}

impl<'s> Asked<'s> {
    pub(super) fn of(reader: &'s SegmentReader, ordinal: usize) -> Self {
        Self { reader, ordinal, members: Vec::new(), phrases: Vec::new() }
    }

    /// Adds clauses; false where the segment has nothing for one of them.
    pub(super) fn clauses(
        &mut self,
        clauses: &[Clause],
        weights: &'s [Weights],
        seam: &Seam<'_>,
    ) -> Result<bool, IndexError> {
        for (clause, weights) in clauses.iter().zip(weights) {
            if !self.clause(clause, weights, seam)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Adds a clause; false where the segment has nothing for it.
    pub(super) fn clause(
        &mut self,
        clause: &Clause,
        weights: &'s Weights,
        seam: &Seam<'_>,
    ) -> Result<bool, IndexError> {
        match (clause, weights) {
            (Clause::Word(term), Weights::Word(infos, weight)) => {
                let Some(info) = infos.get(self.ordinal).and_then(Option::as_ref) else { return Ok(false) };
                self.word(term.field(), info, weight)?;
                Ok(true)
            }
            (Clause::Phrase(terms, _), Weights::Phrase(weight)) => {
                self.phrase(terms, |reader| Ok(Phrase::Exact(Exact::new(weight.as_ref(), reader))))
            }
            (Clause::Phrase(terms, _), Weights::Near(weight)) => {
                self.phrase(terms, |reader| Ok(Phrase::Near(Near::of(reader, terms, weight)?)))
            }
            (Clause::Choice(alternatives), Weights::Choice(weights)) => {
                self.choice(alternatives, weights, seam)
            }
            (Clause::Prefix(field, prefix), _) => self.prefix(*field, prefix, PREFIX_SCORE, seam),
            (Clause::AnyPrefixed(field, prefix), _) => self.prefix(*field, prefix, 0.0, seam),
            (Clause::Fuzzy(term, edits), _) => {
                self.fuzzy(term.field(), &FuzzyTermQuery::new(term.clone(), *edits, true), seam)
            }
            (Clause::FuzzyPrefix(term, edits), _) => {
                self.fuzzy(term.field(), &FuzzyTermQuery::new_prefix(term.clone(), *edits, true), seam)
            }
            (Clause::Any(terms), _) => self.any(terms, seam),
            (Clause::Word(_) | Clause::Phrase(..) | Clause::Choice(_), _) => Ok(false),
        }
    }

    fn dictionary(&self, field: Field) -> Result<Arc<InvertedIndexReader>, TantivyError> {
        self.reader.inverted_index(field)
    }

    fn word(&mut self, field: Field, info: &TermInfo, weight: &'s WordWeight) -> Result<(), TantivyError> {
        let dictionary = self.dictionary(field)?;
        let postings = dictionary.read_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?;
        let lengths = self.reader.get_fieldnorms_reader(field)?;
        self.members.push(Member::Word(Box::new(Word { postings, lengths, weight })));
        Ok(())
    }

    /// The phrase, and its rarest word as a member that leads to it.
    fn phrase(
        &mut self,
        terms: &[Term],
        phrase: impl FnOnce(&'s SegmentReader) -> Result<Phrase<'s>, TantivyError>,
    ) -> Result<bool, IndexError> {
        let Some(rarest) = self.rarest(terms)? else { return Ok(false) };
        self.members.push(Member::Any(vec![rarest]));
        self.phrases.push(phrase(self.reader)?);
        Ok(true)
    }

    /// The entries of the rarest of the terms; nothing where one of them has none.
    fn rarest(&self, terms: &[Term]) -> Result<Option<SegmentPostings>, IndexError> {
        let mut rarest: Option<SegmentPostings> = None;
        for term in terms {
            let dictionary = self.dictionary(term.field())?;
            let Some(postings) = dictionary.read_postings(term, IndexRecordOption::Basic)? else {
                return Ok(None);
            };
            if rarest.as_ref().is_none_or(|rarest| postings.doc_freq() < rarest.doc_freq()) {
                rarest = Some(postings);
            }
        }
        Ok(rarest)
    }

    /// What of the alternatives the segment has.
    fn choice(
        &mut self,
        alternatives: &[Vec<Clause>],
        weights: &'s [Vec<Weights>],
        seam: &Seam<'_>,
    ) -> Result<bool, IndexError> {
        let mut there = Vec::with_capacity(alternatives.len());
        for (clauses, weights) in alternatives.iter().zip(weights) {
            let mut one = Self::of(self.reader, self.ordinal);
            if one.clauses(clauses, weights, seam)? {
                there.push(Alternative::of(one));
            }
        }
        let found = !there.is_empty();
        self.members.push(Member::Choice(Box::new(there.into())));
        Ok(found)
    }

    pub(super) fn any(&mut self, terms: &[Term], seam: &Seam<'_>) -> Result<bool, IndexError> {
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

    fn prefix(
        &mut self,
        field: Field,
        prefix: &str,
        score: f32,
        seam: &Seam<'_>,
    ) -> Result<bool, IndexError> {
        let dictionary = self.dictionary(field)?;
        let mut terms = dictionary.terms().range().ge(prefix);
        let end = after_all(prefix);
        if let Some(end) = &end {
            terms = terms.lt(end);
        }
        let mut terms = terms.into_stream()?;
        let infos = std::iter::from_fn(|| terms.next().map(|(_, info)| info.clone()));
        self.set(&dictionary, infos, score, seam)
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
