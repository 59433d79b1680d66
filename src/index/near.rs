//! A phrase with other words between its own: they stand in its order, with at most so many others between the first and the last. The
//! search engine's own such phrases keep every way in which the words may be chosen, whose number grows without bound where words are
//! repeated; here the places of each word are walked once.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::Bm25Weight;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Score, SegmentReader, TantivyError, Term};

/// What is the same in all segments.
pub(super) struct NearWeight {
    pub(super) formula: Bm25Weight,
    /// Most other words.
    pub(super) slop: u32,
}

/// See the module.
pub(super) struct Near<'s> {
    weight: &'s NearWeight,
    /// Of each distinct word.
    words: Vec<SegmentPostings>,
    /// Which of them the phrase has, in its order.
    order: Vec<usize>,
    lengths: FieldNormReader,
    /// The places of each word in the entry that it was last asked about: as many in all as the entry has words, at most.
    places: Vec<Vec<u32>>,
    /// The last entry that had the phrase, and how often.
    had: (DocId, u32),
}

impl<'s> Near<'s> {
    /// Of terms that the segment has, all of one field.
    pub(super) fn of(
        reader: &SegmentReader,
        terms: &[Term],
        weight: &'s NearWeight,
    ) -> Result<Self, TantivyError> {
        let mut distinct: Vec<&Term> = terms.iter().collect();
        distinct.sort_unstable();
        distinct.dedup();
        let order = terms.iter().filter_map(|term| distinct.binary_search(&term).ok()).collect();
        let field = terms[0].field();
        let (dictionary, mut words) = (reader.inverted_index(field)?, Vec::with_capacity(distinct.len()));
        for term in distinct {
            words.extend(dictionary.read_postings(term, IndexRecordOption::WithFreqsAndPositions)?);
        }
        let (places, lengths) = (vec![Vec::new(); words.len()], reader.get_fieldnorms_reader(field)?);
        Ok(Self { weight, words, order, lengths, places, had: (0, 0) })
    }

    /// A lower bound of the next entry where `doc` is none; nothing where it is one. Asked about ascending entries.
    pub(super) fn miss(&mut self, doc: DocId) -> Option<DocId> {
        for word in &mut self.words {
            let at = if word.doc() < doc { word.seek(doc) } else { word.doc() };
            if at != doc {
                return Some(at);
            }
        }
        for (word, places) in self.words.iter_mut().zip(&mut self.places) {
            word.positions(places);
        }
        let times = times(self.order.iter().map(|word| self.places[*word].as_slice()), self.weight.slop);
        if times == 0 {
            return Some(doc + 1);
        }
        self.had = (doc, times);
        None
    }

    /// The score of the entry that it was last asked about and had.
    pub(super) fn score(&self) -> Score {
        let (doc, times) = self.had;
        self.weight.formula.score(self.lengths.fieldnorm_id(doc), times)
    }
}

/// How many places of the first word begin the phrase. From each the next word is taken where it comes first, so that the last one comes as
/// early as it can.
fn times<'p>(mut places: impl Iterator<Item = &'p [u32]>, slop: u32) -> u32 {
    let Some(first) = places.next() else { return 0 };
    let mut rest: Vec<&[u32]> = places.collect();
    // Words that follow each other need no others between them.
    let most = slop.saturating_add(rest.len() as u32);
    let mut times = 0;
    for begin in first {
        let mut end = *begin;
        for word in &mut rest {
            while let Some((_, behind)) = word.split_first().filter(|(place, _)| **place <= end) {
                *word = behind;
            }
            let Some(place) = word.first() else { return times };
            end = *place;
        }
        times += u32::from(end - begin <= most);
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_their_order_with_few_others_between_them() {
        let cases: [(&[&[u32]], u32, u32); 9] = [
            (&[&[3], &[4]], 0, 1),
            (&[&[3], &[5]], 0, 0),
            (&[&[3], &[5]], 1, 1),
            (&[&[5], &[3]], 9, 0),
            (&[&[1, 6], &[3, 8], &[9]], 6, 2),
            (&[&[1, 6], &[3, 8], &[9]], 5, 1),
            // A word that is asked for twice is there twice.
            (&[&[7], &[7]], 9, 0),
            (&[&[1, 2, 9], &[1, 2, 9]], 0, 1),
            (&[&[1, 2, 3, 4], &[1, 2, 3, 4], &[1, 2, 3, 4]], 1, 2),
        ];
        for (places, slop, expected) in cases {
            assert_eq!(times(places.iter().copied(), slop), expected, "{places:?} ~{slop}");
        }
    }
}
