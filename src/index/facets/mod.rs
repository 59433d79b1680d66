//! Divides what a question finds: finds the matches once, then counts them by each field. Counting is exact: every match of every
//! segment is looked at. Within a segment a value is a small number, its *slot*, so that counting is adding to an array; between
//! segments values meet by a key that is the same everywhere.
//!
//! `slots.rs` knows which slots an entry has, `merged.rs` which entities count as one, `periods.rs` the calendar, `firsts.rs` which
//! entry stands for those that say the same; `field.rs` is all that of one field. `tally.rs` adds up and chooses the largest,
//! `buckets.rs` tells which of those an entry has, `grid.rs` counts within them, `numbers.rs` numbers what is met there, `background.rs` and `ratio.rs` say which words are remarkable. What takes long to
//! work out is `kept`. `outlets.rs` and `related.rs` answer questions of their own with the same means.

mod background;
mod buckets;
mod field;
mod firsts;
mod grid;
mod kept;
mod merged;
mod numbers;
mod outlets;
mod periods;
mod ratio;
mod related;
mod roles;
mod slots;
mod tally;

pub(super) use background::{Background, Common};
pub(super) use kept::Kept;
pub(super) use merged::{Merged, Other, Taken};
pub(super) use related::Relating;

use super::clusters::Bond;
use super::error::IndexError;
use super::pairs::Pairs;
use super::pool::Seam;
use super::schema::{self, Kind};
use super::segment::Segment;
use super::view::Snapshot;
use crate::domain::facet::{Counted, Facet, FacetField};
use crate::domain::query::Within;
use buckets::Buckets;
use field::Field;
use firsts::Firsts;
use grid::Grid;
use numbers::Numbers;
use periods::Periods;
use ratio::{Share, ratio};
use slots::Slots;
use std::sync::Arc;
use tally::{Chosen, Count, Divided, Key, Part, Place, Sums, Tally};
use tantivy::{DocId, TantivyError};

/// Matches between two looks at the caller.
const STRIDE: usize = 8192;

/// What a question found, ready to be counted.
pub(super) struct Counter<'m> {
    within: &'m Within,
    snapshot: &'m Snapshot,
    segments: &'m [Segment],
    /// What they have in common that say the same.
    bond: Bond,
    /// For each segment its matches, ascending.
    matches: &'m [Vec<DocId>],
    total: u64,
    /// Worked out where entities are counted.
    merged: Option<Arc<Merged>>,
    seam: &'m Seam<'m>,
}

impl<'m> Counter<'m> {
    /// `matches` has those of each segment.
    pub(super) fn new(
        within: &'m Within,
        (snapshot, bond): (&'m Snapshot, Bond),
        matches: &'m [Vec<DocId>],
        merged: Option<Arc<Merged>>,
        seam: &'m Seam<'m>,
    ) -> Self {
        let total = matches.iter().map(|docs| docs.len() as u64).sum();
        let segments = snapshot.segments.as_slice();
        Self { within, snapshot, segments, bond, matches, total, merged, seam }
    }

    /// All matches.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Counts the matches by one facet.
    pub(super) fn count(&self, facet: &Facet) -> Result<Counted, IndexError> {
        let mut outer = self.field(&facet.by)?;
        let tally = self.tally(&mut outer)?;
        let common = self.common(&facet.by)?;
        let score = |one: &Count| match &common {
            Some(common) => common.score(common.having(&one.key), self.share(one.count)),
            None => 0.0,
        };
        let chosen = tally::chosen(facet, tally.counts().map(|one| (one, score(&one))));
        let mut counted = outer.counted(tally.sums(), &chosen)?;
        if let Some(nested) = &facet.nested {
            self.divide(&mut counted, &mut outer, &chosen, nested)?;
        }
        counted.buckets.sort_by(|one, other| tally::order(facet, one, other));
        Ok(counted)
    }

    /// Divides the matches of each bucket; the buckets are in the order of the chosen values.
    fn divide(
        &self,
        counted: &mut Counted,
        outer: &mut Field<'_>,
        chosen: &[Chosen],
        facet: &Facet,
    ) -> Result<(), IndexError> {
        let mut inner = self.field(&facet.by)?;
        let divided = self.nested(outer, &mut inner, chosen)?;
        let known = self.known(&mut inner, facet, &divided)?;
        for (bucket, part) in counted.buckets.iter_mut().zip(&divided.parts) {
            let score = |number: usize, having| {
                let Some(Known { common, words }) = &known else { return 0.0 };
                let (here, word) = (Share { having, of: bucket.count }, &words[number]);
                match ratio(here, self.share(word.matches).without(here)) {
                    // It is no more frequent here than in other buckets.
                    0.0 => 0.0,
                    others => common.score(word.everywhere, here).min(others),
                }
            };
            let scored = divided.counts(part).map(|(number, one)| (one, score(number, one.count)));
            let sums = Sums::of(divided.counts(part).map(|(_, one)| one), part.missing);
            let mut within = inner.counted(sums, &tally::chosen(facet, scored))?;
            within.buckets.sort_by(|one, other| tally::order(facet, one, other));
            bucket.nested = Some(within);
        }
        Ok(())
    }

    /// How frequent the words that were met are elsewhere, by their numbers; of other fields nothing is known.
    fn known(
        &self,
        field: &mut Field<'_>,
        facet: &Facet,
        divided: &Divided,
    ) -> Result<Option<Known>, IndexError> {
        let Some(common) = self.common(&facet.by)? else { return Ok(None) };
        let whole = self.tally(field)?;
        let word =
            |(key, _): &(Key, Place)| Word { matches: whole.count(key), everywhere: common.having(key) };
        let words = divided.values.iter().map(word).collect();
        Ok(Some(Known { common, words }))
    }

    fn field(&self, by: &FacetField) -> Result<Field<'_>, IndexError> {
        let periods = match by {
            FacetField::Published { interval, zone } => Some(Periods::new(*interval, zone)?),
            _ => None,
        };
        let by_words = matches!(by, FacetField::Cluster | FacetField::Variant);
        let firsts = by_words.then(|| Firsts::new(self.snapshot, self.within, self.bond));
        let clusters = by_words.then(|| self.snapshot.clusters()).transpose()?;
        let (merged, same) = (self.merged.as_deref(), (clusters, self.bond));
        let slots = self.segments.iter().enumerate();
        let slots = slots.map(|(n, segment)| Slots::of(segment, n, by, self.within, merged, same));
        Ok(Field { slots: slots.collect::<Result<_, _>>()?, periods, firsts, found: Pairs::default() })
    }

    /// So many of all matches.
    fn share(&self, having: u64) -> Share {
        Share { having, of: self.total }
    }

    /// How frequent words are in the collections; of other fields nothing is known.
    fn common(&self, by: &FacetField) -> Result<Option<Arc<Common>>, IndexError> {
        if *by != FacetField::Words {
            return Ok(None);
        }
        let asked = (self.snapshot.id(), self.within.clone());
        let common = || Common::of(self.segments, self.within, self.seam);
        self.snapshot.common.of(&asked, common).map(Some)
    }

    /// Counts all matches.
    fn tally(&self, field: &mut Field<'_>) -> Result<Tally, IndexError> {
        self.tally_of(field, |_| true)
    }

    /// Counts all matches with those values that are wanted.
    fn tally_of(&self, field: &mut Field<'_>, is_wanted: impl Fn(&Key) -> bool) -> Result<Tally, IndexError> {
        let mut tally = Tally::default();
        for (n, (segment, docs)) in self.segments.iter().zip(self.matches).enumerate() {
            // Few slots of a large dictionary are met, and those alone are looked at afterwards.
            let (mut counts, mut met) = (vec![0_u32; field.len(n)], Vec::new());
            for stride in docs.chunks(STRIDE) {
                self.seam.check()?;
                let found = field.of_entries(n, segment, stride);
                tally.missing += (stride.len() - found.entries()) as u64;
                for (_, slot) in found.all() {
                    let at = *slot as usize;
                    if at >= counts.len() {
                        counts.resize(at + 1, 0);
                    }
                    if counts[at] == 0 {
                        met.push(*slot);
                    }
                    counts[at] += 1;
                }
            }
            tally.reserve(met.len());
            for slot in met {
                let key = field.key(n, slot)?;
                if is_wanted(&key) {
                    tally.add(key, u64::from(counts[slot as usize]), (n, slot));
                }
            }
        }
        Ok(tally)
    }

    /// Counts by the inner field the matches of each chosen value of the outer one.
    fn nested(
        &self,
        outer: &mut Field<'_>,
        inner: &mut Field<'_>,
        chosen: &[Chosen],
    ) -> Result<Divided, IndexError> {
        let mut buckets = Buckets::of(chosen);
        let mut parts: Vec<Part> = chosen.iter().map(|_| Part::default()).collect();
        let mut numbers = Numbers::default();
        let (mut held, same) = (Vec::new(), |one: &(DocId, usize), other: &(DocId, usize)| one.0 == other.0);
        for (n, (segment, docs)) in self.segments.iter().zip(self.matches).enumerate() {
            let mut within = Grid::new(docs.len(), chosen.len(), inner.len(n));
            buckets.begin();
            for stride in docs.chunks(STRIDE) {
                self.seam.check()?;
                let found = buckets.of_entries(outer, n, segment, stride)?;
                held.clear();
                held.extend(found.chunk_by(same).map(|some| some[0].0));
                let mut values = inner.of_entries(n, segment, &held).all();
                for of_one in found.chunk_by(same) {
                    let doc = of_one[0].0;
                    let count = values.iter().take_while(|(other, _)| *other == doc).count();
                    let (own, others) = values.split_at(count);
                    values = others;
                    for (_, bucket) in of_one {
                        parts[*bucket].missing += u64::from(own.is_empty());
                        own.iter().for_each(|(_, value)| within.count(*bucket, *value));
                    }
                }
            }
            numbers.begin();
            for (bucket, slot, count) in within.counts() {
                let number = numbers.of(slot, n, |slot| inner.key(n, slot))?;
                parts[bucket].counts.push((number, count));
            }
        }
        Ok(Divided::of(numbers.values, parts))
    }
}

/// What is known of words elsewhere.
struct Known {
    common: Arc<Common>,
    /// By number.
    words: Vec<Word>,
}

/// How often a word is met.
struct Word {
    /// In all matches.
    matches: u64,
    /// In all quotes of the collections.
    everywhere: u64,
}

/// Which of the collections' entities count as one, in all segments of a view.
pub(super) fn merged(segments: &[Segment], within: &Within) -> Result<Merged, TantivyError> {
    Merged::of(segments, || schema::scopes(Kind::Entity, within))
}

/// Whether entities are counted.
pub(super) fn counts_entities(facets: &[Facet]) -> bool {
    let is_entity = |by: &FacetField| matches!(by, FacetField::Speaker | FacetField::Mention);
    facets.iter().any(|facet| is_entity(&facet.by) || facet.nested.iter().any(|nested| is_entity(&nested.by)))
}
