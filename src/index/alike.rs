//! Quotes that resemble a claim: those that share its words and pairs of words, weighed by how rare these are. Rare terms bring
//! quotes in, from the rarest on until their postings are as many as may be walked; frequent ones only weigh those that are in. So
//! the cost is bounded, however frequent a claim's words are. Whether a quote really has the claim's words, the caller finds out.

use super::clusters::tokens;
use super::compile::{self, Question};
use super::error::IndexError;
use super::pool::Seam;
use super::prepare::Prepared;
use super::row::{self, QuoteRow, Stored};
use super::view::{Snapshot, quote_hit};
use crate::clusters::Aligned;
use crate::domain::hit::Alike;
use crate::domain::ids::CollectionId;
use crate::domain::query::WordingQuery;
use crate::wording;
use std::cmp::Reverse;
use std::collections::HashSet;
use tantivy::postings::{SegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, DocSet, Score, TERMINATED, Term};

/// Postings that bring quotes in, of all terms together; the rarest term brings at least so many of its own.
const POSTINGS: u64 = 1 << 15;

/// Quotes of one segment that frequent terms weigh.
const WEIGHED: usize = 1 << 11;

/// Terms of a claim that are looked up: the first ones, more than any claim has that is no speech.
const TERMS: usize = 4096;

/// So many are worth a look, however little they share.
const ALWAYS: usize = 24;

/// A quote beyond those must share at least this part of what the best one does.
const WORTH: Score = 0.5;

/// So many are read by their weight, and as many by the words that they have in the claim's order.
const READ: usize = 24;

/// Postings between two looks at the caller.
const STEPS: usize = 512;

/// One search.
pub(super) struct Search<'q> {
    snapshot: &'q Snapshot,
    query: &'q WordingQuery,
    question: Question,
    bounded: bool,
}

/// A term of the claim that some quote has.
struct Known {
    weight: Score,
    entries: u64,
    /// Its place in the dictionary of each segment.
    infos: Vec<Option<TermInfo>>,
}

/// A quote and what it shares.
type Weighed = (DocId, Score);

impl<'q> Search<'q> {
    pub(super) fn new(snapshot: &'q Snapshot, query: &'q WordingQuery) -> Self {
        let question = compile::wording(&snapshot.fields, query);
        Self { snapshot, query, question, bounded: false }
    }

    pub(super) fn run(mut self, seam: &Seam<'_>) -> Result<Alike, IndexError> {
        let known = self.known(seam)?;
        let mut found: Vec<(Score, DocAddress)> = Vec::new();
        for ordinal in 0..self.snapshot.segments.len() {
            let weighed = self.segment(ordinal, &known, seam)?;
            found.extend(
                weighed.into_iter().map(|(doc, score)| (score, DocAddress::new(ordinal as u32, doc))),
            );
        }
        found.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        let best = found.first().map_or(0.0, |first| first.0);
        let near = found.iter().take_while(|(score, _)| *score >= best * WORTH).count();
        let most = self.query.most.max(1);
        self.bounded |= near > most;
        found.truncate(near.max(ALWAYS).min(most));
        let found = self.promising(found);
        let mut hits = Vec::with_capacity(found.len());
        for (score, address) in found {
            seam.check()?;
            let Stored(stored) = self.snapshot.searcher.doc(address)?;
            let row: QuoteRow = row::decode(&stored)?;
            let collection = self.snapshot.collection(&self.query.within, address)?;
            hits.push(quote_hit(&collection, row, score, None)?);
        }
        Ok(Alike { hits, bounded: self.bounded })
    }

    /// Those that are worth being read, which is what takes time: the first, then those that have most of the claim's words in its
    /// order, and all that have half of them.
    fn promising(&self, mut found: Vec<(Score, DocAddress)>) -> Vec<(Score, DocAddress)> {
        if found.len() <= 2 * READ {
            return found;
        }
        let words = self.query.words.len();
        // Words are other numbers in each collection.
        let claims: Vec<(&CollectionId, Vec<u32>)> =
            self.query.within.all().iter().map(|one| (one, tokens(one, &self.query.words))).collect();
        let aligned: Vec<(&CollectionId, Aligned)> =
            claims.iter().map(|(one, claim)| (*one, Aligned::new(claim))).collect();
        let common = |(_, address): &(Score, DocAddress)| {
            let segment = &self.snapshot.segments[address.segment_ord as usize];
            let of = self.snapshot.collection(&self.query.within, *address).ok();
            let aligned = aligned.iter().find(|(one, _)| of.as_deref() == Some(*one));
            aligned.map_or(0, |(_, aligned)| aligned.common(&segment.tokens(address.doc_id)))
        };
        let mut shared: Vec<(usize, usize)> = found.iter().map(common).enumerate().skip(READ).collect();
        // Of those that have equally many, the first.
        shared.sort_by_key(|(_, common)| Reverse(*common));
        let half = words.div_ceil(2);
        let read = shared.iter().enumerate().filter(|(rank, (_, common))| *rank < READ || *common >= half);
        let read: HashSet<usize> = read.map(|(_, (at, _))| *at).chain(0..READ).collect();
        let mut at = 0..;
        found.retain(|_| at.next().is_some_and(|at| read.contains(&at)));
        found
    }

    /// The claim's terms, rarest first, without those that no quote has.
    fn known(&mut self, seam: &Seam<'_>) -> Result<Vec<Known>, IndexError> {
        let field = self.snapshot.fields.quote_runs;
        let all = self.snapshot.searcher.num_docs().max(1) as Score;
        let mut runs = wording::runs(&self.query.words);
        self.bounded |= runs.len() > TERMS;
        runs.truncate(TERMS);
        let mut known = Vec::with_capacity(runs.len());
        for (n, run) in runs.into_iter().enumerate() {
            if n % STEPS == 0 {
                seam.check()?;
            }
            let term = Term::from_field_u64(field, u64::from(run));
            let mut infos = Vec::with_capacity(self.snapshot.segments.len());
            for segment in &self.snapshot.segments {
                infos.push(segment.reader.inverted_index(field)?.get_term_info(&term)?);
            }
            let entries: u64 = infos.iter().flatten().map(|info| u64::from(info.doc_freq)).sum();
            if entries > 0 {
                known.push(Known { weight: (1.0 + all / entries as Score).ln(), entries, infos });
            }
        }
        known.sort_by_key(|known| known.entries);
        Ok(known)
    }

    /// The quotes of one segment that share most.
    fn segment(
        &mut self,
        ordinal: usize,
        known: &[Known],
        seam: &Seam<'_>,
    ) -> Result<Vec<Weighed>, IndexError> {
        let segment = &self.snapshot.segments[ordinal];
        let fields = &self.snapshot.fields;
        let prepared = Prepared::new(&self.question, self.snapshot, seam)?;
        let Some(filter) = prepared.within(segment, ordinal, seam)? else { return Ok(Vec::new()) };
        let dictionary = segment.reader.inverted_index(fields.quote_runs)?;
        let open = |known: &Known| match &known.infos[ordinal] {
            Some(info) => dictionary.read_postings_from_terminfo(info, IndexRecordOption::Basic).map(Some),
            None => Ok(None),
        };
        let bringing = bringing(known);
        let mut brought: Vec<Weighed> = Vec::new();
        for known in &known[..bringing] {
            seam.check()?;
            let Some(mut postings) = open(known)? else { continue };
            self.bounded |= bring(&mut postings, known.weight, &mut brought);
        }
        let mut weighed = filter.among(summed(brought), seam)?;
        // What the rest could add is the same for all: those that lead now lead then, but for a few.
        strongest(&mut weighed, WEIGHED);
        weighed.sort_unstable_by_key(|(doc, _)| *doc);
        for known in &known[bringing..] {
            seam.check()?;
            if let Some(mut postings) = open(known)? {
                weigh(&mut postings, known.weight, &mut weighed);
            }
        }
        strongest(&mut weighed, self.query.most.max(ALWAYS) + 1);
        Ok(weighed)
    }
}

/// How many terms bring quotes in.
fn bringing(known: &[Known]) -> usize {
    let mut postings = 0;
    let few = known.iter().take_while(|known| {
        postings += known.entries;
        postings <= POSTINGS
    });
    few.count().max(1).min(known.len())
}

/// Adds the quotes of a term; whether it has more than may be walked.
fn bring(postings: &mut SegmentPostings, weight: Score, brought: &mut Vec<Weighed>) -> bool {
    let mut left = POSTINGS;
    while postings.doc() != TERMINATED {
        if left == 0 {
            return true;
        }
        brought.push((postings.doc(), weight));
        postings.advance();
        left -= 1;
    }
    false
}

/// One entry for each quote, ascending.
fn summed(mut brought: Vec<Weighed>) -> Vec<Weighed> {
    brought.sort_unstable_by_key(|(doc, _)| *doc);
    brought.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    brought
}

/// Leaves those that share most.
fn strongest(weighed: &mut Vec<Weighed>, most: usize) {
    if weighed.len() > most {
        weighed
            .select_nth_unstable_by(most, |one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        weighed.truncate(most);
    }
}

/// Adds the weight of a term to those of the quotes, ascending, that have it.
fn weigh(postings: &mut SegmentPostings, weight: Score, weighed: &mut [Weighed]) {
    for (doc, score) in weighed {
        if postings.doc() < *doc {
            postings.seek(*doc);
        }
        if postings.doc() == *doc {
            *score += weight;
        }
    }
}
