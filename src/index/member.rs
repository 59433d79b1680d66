//! One clause of a question in one segment: a list of entries, ascending, that can be walked or asked about one entry
//! after the other.

use super::choice::Choice;
use super::near::Near;
use super::union::Union;
use super::weight::WordWeight;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{BitSetDocSet, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SeekDangerResult, SegmentReader, TERMINATED, TantivyError};

/// A clause that is no phrase.
pub(super) enum Member<'s> {
    /// Entries that have the word, with its score.
    Word(Box<Word<'s>>),
    /// Entries that have any of a few terms.
    Any(Vec<SegmentPostings>),
    /// Entries that have any of many terms; each scores this.
    Set(Box<BitSetDocSet>, Score),
    /// Entries that may have one of several alternatives; whether they do, [`Member::holds`] says.
    Choice(Box<Choice<'s>>),
    /// Entries that have one of several alternatives, of which each scores its best.
    Union(Box<Union<'s>>),
}

/// What the score of an entry is made of: of a word how often it stands there, of a union the score itself, by its bits. One is kept for
/// each entry that is walked, so that it is a plain number.
pub(super) type Basis = u32;

/// See [`Member::Word`].
pub(super) struct Word<'s> {
    pub(super) postings: SegmentPostings,
    pub(super) lengths: FieldNormReader,
    pub(super) weight: &'s WordWeight,
}

impl Member<'_> {
    /// Entries to walk, about.
    pub(super) fn cost(&self) -> u64 {
        match self {
            Self::Word(word) => u64::from(word.postings.doc_freq()),
            Self::Any(lists) => lists.iter().map(|list| u64::from(list.doc_freq())).sum(),
            Self::Set(docs, _) => u64::from(docs.size_hint()),
            Self::Choice(choice) => choice.cost(),
            Self::Union(union) => union.cost(),
        }
    }

    /// The entry that it stands at.
    #[inline]
    pub(super) fn doc(&self) -> DocId {
        match self {
            Self::Word(word) => word.postings.doc(),
            Self::Any(lists) => lists.iter().map(DocSet::doc).min().unwrap_or(TERMINATED),
            Self::Set(docs, _) => docs.doc(),
            Self::Choice(choice) => choice.doc(),
            Self::Union(union) => union.doc(),
        }
    }

    /// Goes to the next entry.
    #[inline]
    pub(super) fn advance(&mut self) -> DocId {
        match self {
            Self::Word(word) => word.postings.advance(),
            Self::Any(lists) => match lists.as_mut_slice() {
                [list] => list.advance(),
                lists => {
                    let doc = lists.iter().map(DocSet::doc).min().unwrap_or(TERMINATED);
                    for list in lists.iter_mut().filter(|list| list.doc() == doc) {
                        list.advance();
                    }
                    lists.iter().map(DocSet::doc).min().unwrap_or(TERMINATED)
                }
            },
            Self::Set(docs, _) => docs.advance(),
            Self::Choice(choice) => choice.seek(choice.doc().saturating_add(1)),
            Self::Union(union) => union.advance(),
        }
    }

    /// Takes the entry at which it stands and those behind it, as many as there is room for in `bases`, with what their scores are made of.
    /// It stands at the last of them then, or at its end.
    pub(super) fn drain(&mut self, docs: &mut Vec<DocId>, bases: &mut [Basis]) -> DocId {
        match self {
            Self::Word(word) => {
                let steps = (DocSet::doc, DocSet::advance, Postings::term_freq);
                drain(&mut word.postings, steps, docs, bases)
            }
            Self::Union(union) => drain(
                union.as_mut(),
                (Union::doc, Union::advance, |union: &Union<'_>| union.score().to_bits()),
                docs,
                bases,
            ),
            others => drain(others, (Self::doc, Self::advance, Self::basis), docs, bases),
        }
    }

    /// Goes to `target` or to the first entry behind it.
    #[inline]
    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        match self {
            Self::Word(word) => to(&mut word.postings, target),
            Self::Any(lists) => lists.iter_mut().map(|list| to(list, target)).min().unwrap_or(TERMINATED),
            Self::Set(docs, _) => to(docs.as_mut(), target),
            Self::Choice(choice) => choice.seek(target),
            Self::Union(union) => union.seek(target),
        }
    }

    /// The next entry where `doc` is none; nothing where it is one. Asked about ascending entries.
    #[inline]
    pub(super) fn miss(&mut self, doc: DocId) -> Option<DocId> {
        let next = self.seek(doc);
        (next != doc).then_some(next)
    }

    /// Whether `doc`, at which it stands, is an entry of it: what else is asked of an entry should have been asked before.
    #[inline]
    pub(super) fn holds(&mut self, doc: DocId) -> Result<bool, TantivyError> {
        match self {
            Self::Word(_) | Self::Any(_) | Self::Set(..) | Self::Union(_) => Ok(true),
            Self::Choice(choice) => choice.holds(doc),
        }
    }

    /// What its score of the entry at which it stands is made of; of no interest where it is none.
    #[inline]
    pub(super) fn basis(&self) -> Basis {
        match self {
            Self::Word(word) => word.postings.term_freq(),
            Self::Union(union) => union.score().to_bits(),
            Self::Any(_) | Self::Set(..) | Self::Choice(_) => 0,
        }
    }

    /// The score of `doc`, which it holds, by what that is made of. A choice is asked while it stands there.
    #[inline]
    pub(super) fn score(&self, doc: DocId, basis: Basis) -> Score {
        match self {
            Self::Word(word) => word.score(doc, basis),
            Self::Any(_) => 0.0,
            Self::Set(_, score) => *score,
            Self::Choice(choice) => choice.best,
            Self::Union(_) => Score::from_bits(basis),
        }
    }

    /// Adds its scores of the entries to those that others have given them.
    pub(super) fn add_scores(&self, docs: &[DocId], bases: &[Basis], scores: &mut [Score]) {
        let each = docs.iter().zip(bases).zip(scores);
        match self {
            Self::Any(_) => {}
            Self::Word(word) => {
                each.for_each(|((doc, basis), score)| *score += word.score(*doc, *basis));
            }
            Self::Union(_) => each.for_each(|((_, basis), score)| *score += Score::from_bits(*basis)),
            Self::Set(..) | Self::Choice(_) => {
                each.for_each(|((doc, basis), score)| *score += self.score(*doc, *basis));
            }
        }
    }

    /// The most that it gives any entry.
    pub(super) fn most(&self) -> Score {
        match self {
            Self::Word(word) => word.weight.most(),
            Self::Any(_) => 0.0,
            Self::Set(_, score) => *score,
            Self::Choice(_) | Self::Union(_) => Score::INFINITY,
        }
    }
}

impl Word<'_> {
    /// The score of an entry in which it stands so often.
    #[inline]
    pub(super) fn score(&self, doc: DocId, frequency: u32) -> Score {
        self.weight.score(self.lengths.fieldnorm_id(doc), frequency)
    }
}

/// See [`Member::drain`]; what is walked says where it stands, goes on, and says what a score is made of.
#[inline]
fn drain<W>(
    walked: &mut W,
    (doc, advance, basis): (impl Fn(&W) -> DocId, impl Fn(&mut W) -> DocId, impl Fn(&W) -> Basis),
    docs: &mut Vec<DocId>,
    bases: &mut [Basis],
) -> DocId {
    let mut at = doc(walked);
    for (taken, room) in bases.iter_mut().enumerate() {
        if taken > 0 {
            at = advance(walked);
        }
        if at == TERMINATED {
            break;
        }
        docs.push(at);
        *room = basis(walked);
    }
    at
}

#[inline]
pub(super) fn to(docs: &mut impl DocSet, target: DocId) -> DocId {
    let doc = docs.doc();
    if doc < target { docs.seek(target) } else { doc }
}

/// A phrase. It never leads, since its next entry may be far and dear to find: a member that holds its rarest word
/// goes with it, and it is only asked about one entry at a time.
pub(super) enum Phrase<'s> {
    /// Words one after the other.
    Exact(Exact<'s>),
    /// With others between them.
    Near(Near<'s>),
}

impl Phrase<'_> {
    /// A lower bound of the next entry where `doc` is none; nothing where it is one. Asked about ascending entries.
    pub(super) fn miss(&mut self, doc: DocId) -> Result<Option<DocId>, TantivyError> {
        match self {
            Self::Exact(exact) => exact.miss(doc),
            Self::Near(near) => Ok(near.miss(doc)),
        }
    }

    /// The score of the entry that it was last asked about and had.
    pub(super) fn score(&mut self) -> Score {
        match self {
            Self::Exact(exact) => exact.scorer.as_mut().map_or(0.0, |scorer| scorer.score()),
            Self::Near(near) => near.score(),
        }
    }
}

/// See [`Phrase::Exact`].
pub(super) struct Exact<'s> {
    weight: &'s dyn Weight,
    reader: &'s SegmentReader,
    scorer: Option<Box<dyn Scorer>>,
    /// No entry below it has the phrase, and none below it may be asked of the scorer.
    bound: DocId,
}

impl<'s> Exact<'s> {
    pub(super) fn new(weight: &'s dyn Weight, reader: &'s SegmentReader) -> Self {
        Self { weight, reader, scorer: None, bound: 0 }
    }

    fn miss(&mut self, doc: DocId) -> Result<Option<DocId>, TantivyError> {
        if doc < self.bound {
            return Ok(Some(self.bound));
        }
        let answer = match &mut self.scorer {
            Some(scorer) => scorer.seek_danger(doc),
            None => {
                let (answer, scorer) = self.weight.scorer_danger(self.reader, doc, 1.0)?;
                self.scorer = Some(scorer);
                answer
            }
        };
        Ok(match answer {
            SeekDangerResult::Found => None,
            SeekDangerResult::SeekLowerBound(next) => {
                self.bound = next;
                Some(next)
            }
        })
    }
}
