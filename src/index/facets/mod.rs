//! Divides what a question finds: finds the matches once, then counts them by each field. Counting is exact: every match of every
//! segment is looked at. Within a segment a value is a small number, its *slot*, so that counting is adding to an array; between
//! segments values meet by a key that is the same everywhere.
//!
//! `slots.rs` knows which slots an entry has, `periods.rs` the calendar, `tally.rs` adds up and chooses the largest, `background.rs`
//! and `ratio.rs` say which words are remarkable.

mod background;
mod periods;
mod ratio;
mod slots;
mod taken;
mod tally;

pub(super) use background::Backgrounds;
pub(super) use taken::Taken;

use super::error::IndexError;
use super::pool::Seam;
use super::schema::{self, Kind};
use super::segment::Segment;
use crate::domain::facet::{Counted, Facet, FacetField, FacetValue};
use crate::domain::ids::CollectionId;
use periods::Periods;
use ratio::{Share, ratio};
use slots::Slots;
use std::collections::HashMap;
use tally::{Chosen, Key, Tally};
use tantivy::DocId;

/// Matches between two looks at the caller.
const STRIDE: usize = 8192;

/// The matches of one segment, ascending.
pub(super) struct Matches<'s> {
    pub(super) segment: &'s Segment,
    pub(super) docs: Vec<DocId>,
}

/// Counts the matches by one facet.
pub(super) fn count(
    collection: &CollectionId,
    matches: &[Matches<'_>],
    facet: &Facet,
    seam: &Seam<'_>,
) -> Result<Counted, IndexError> {
    let counter = Counter { collection, matches, seam };
    let mut outer = counter.field(&facet.by)?;
    let tally = counter.tally(&mut outer)?;
    let common = counter.common(&facet.by, &tally)?;
    let chosen = tally.chosen(facet, |key, count| common.score(key, counter.all(count)));
    let mut counted = counter.counted(&outer, &tally, &chosen)?;
    if let Some(nested) = &facet.nested {
        let mut inner = counter.field(&nested.by)?;
        let tallies = counter.nested(&mut outer, &mut inner, &chosen)?;
        let whole =
            if nested.by == FacetField::Words { counter.tally(&mut inner)? } else { Tally::default() };
        let common = counter.common(&nested.by, &whole)?;
        for (bucket, tally) in counted.buckets.iter_mut().zip(&tallies) {
            let chosen = tally.chosen(nested, |key, having| {
                if nested.by != FacetField::Words {
                    return 0.0;
                }
                let here = Share { having, of: bucket.count };
                let all = counter.all(whole.count(key));
                let others = Share { having: all.having - having, of: all.of - here.of };
                common.score(key, here).min(ratio(here, others))
            });
            let mut within = counter.counted(&inner, tally, &chosen)?;
            within.buckets.sort_by(|one, other| tally::order(nested, one, other));
            bucket.nested = Some(within);
        }
    }
    counted.buckets.sort_by(|one, other| tally::order(facet, one, other));
    Ok(counted)
}

/// How frequent words are in the whole collection; of other fields nothing is known.
#[derive(Default)]
struct Common {
    having: HashMap<Key, u64>,
    quotes: u64,
}

impl Common {
    /// How remarkable it is that so many quotes have the word. Those are among the collection's.
    fn score(&self, key: &Key, here: Share) -> f64 {
        let Some(having) = self.having.get(key) else { return 0.0 };
        let there =
            Share { having: having.saturating_sub(here.having), of: self.quotes.saturating_sub(here.of) };
        ratio(here, there)
    }
}

struct Counter<'m> {
    collection: &'m CollectionId,
    matches: &'m [Matches<'m>],
    seam: &'m Seam<'m>,
}

/// A field over all segments.
struct FieldSlots<'s> {
    /// For each segment.
    slots: Vec<Slots<'s>>,
    /// The stretches of time that were met; for a date histogram.
    periods: Option<Periods>,
}

impl FieldSlots<'_> {
    /// The slots of an entry of the `n`th segment; false where it has none.
    fn each(&mut self, n: usize, segment: &Segment, doc: DocId, take: impl FnMut(u32)) -> bool {
        self.slots[n].each(segment, doc, self.periods.as_mut(), take)
    }

    /// The key of a slot of the `n`th segment.
    fn key(&self, n: usize, slot: u32) -> Result<Key, IndexError> {
        match &self.periods {
            Some(periods) => Ok(periods.key(slot)),
            None => self.slots[n].key(slot),
        }
    }
}

impl<'m> Counter<'m> {
    fn field(&self, by: &FacetField) -> Result<FieldSlots<'m>, IndexError> {
        let periods = match by {
            FacetField::Published { interval, zone } => Some(Periods::new(*interval, zone)?),
            _ => None,
        };
        let segments: Vec<&Segment> = self.matches.iter().map(|some| some.segment).collect();
        let taken = match by {
            FacetField::Speaker | FacetField::Mention => {
                let scope = schema::scope(Kind::Entity, self.collection);
                taken::of(&segments, &scope)?
            }
            _ => HashMap::new(),
        };
        let slots = segments.iter().map(|segment| Slots::of(segment, by, self.collection, &taken));
        Ok(FieldSlots { slots: slots.collect::<Result<_, _>>()?, periods })
    }

    /// So many of all matches.
    fn all(&self, having: u64) -> Share {
        Share { having, of: self.matches.iter().map(|some| some.docs.len() as u64).sum() }
    }

    /// How frequent the words of the tally are in the collection.
    fn common(&self, by: &FacetField, tally: &Tally) -> Result<Common, IndexError> {
        let mut common = Common::default();
        if *by != FacetField::Words {
            return Ok(common);
        }
        for some in self.matches {
            self.seam.check()?;
            let facets = some.segment.facets();
            let Some(words) = &facets.words else { continue };
            let background = facets.backgrounds.of(some.segment, self.collection)?;
            common.quotes += background.quotes;
            for (key, having) in words.keys()?.iter().zip(&background.having) {
                if *having > 0 && tally.has(key) {
                    *common.having.entry(*key).or_default() += u64::from(*having);
                }
            }
        }
        Ok(common)
    }

    /// Counts all matches.
    fn tally(&self, field: &mut FieldSlots<'m>) -> Result<Tally, IndexError> {
        let mut tally = Tally::default();
        for (n, some) in self.matches.iter().enumerate() {
            let mut counts = vec![0_u32; field.slots[n].len()];
            for stride in some.docs.chunks(STRIDE) {
                self.seam.check()?;
                for doc in stride {
                    let found = field.each(n, some.segment, *doc, |slot| {
                        let slot = slot as usize;
                        if slot >= counts.len() {
                            counts.resize(slot + 1, 0);
                        }
                        counts[slot] += 1;
                    });
                    tally.missing += u64::from(!found);
                }
            }
            let counted = counts.iter().enumerate().filter(|(_, count)| **count > 0);
            for (slot, count) in counted {
                tally.add(field.key(n, slot as u32)?, u64::from(*count), (n, slot as u32));
            }
        }
        Ok(tally)
    }

    /// Counts by the inner field the matches of each chosen value of the outer one.
    fn nested(
        &self,
        outer: &mut FieldSlots<'m>,
        inner: &mut FieldSlots<'m>,
        chosen: &[Chosen],
    ) -> Result<Vec<Tally>, IndexError> {
        let numbers: HashMap<Key, usize> = chosen.iter().enumerate().map(|(n, one)| (one.key, n)).collect();
        let mut tallies: Vec<Tally> = chosen.iter().map(|_| Tally::default()).collect();
        for (n, some) in self.matches.iter().enumerate() {
            let mut within: HashMap<(usize, u32), u64> = HashMap::new();
            let mut known: HashMap<u32, Option<usize>> = HashMap::new();
            let (mut buckets, mut values) = (Vec::new(), Vec::new());
            for stride in some.docs.chunks(STRIDE) {
                self.seam.check()?;
                for doc in stride {
                    buckets.clear();
                    outer.each(n, some.segment, *doc, |slot| buckets.push(slot));
                    values.clear();
                    let found = inner.each(n, some.segment, *doc, |slot| values.push(slot));
                    for slot in &buckets {
                        let bucket = match known.get(slot) {
                            Some(bucket) => *bucket,
                            None => {
                                let bucket = numbers.get(&outer.key(n, *slot)?).copied();
                                known.insert(*slot, bucket);
                                bucket
                            }
                        };
                        let Some(bucket) = bucket else { continue };
                        tallies[bucket].missing += u64::from(!found);
                        for value in &values {
                            *within.entry((bucket, *value)).or_default() += 1;
                        }
                    }
                }
            }
            for ((bucket, slot), count) in within {
                tallies[bucket].add(inner.key(n, slot)?, count, (n, slot));
            }
        }
        Ok(tallies)
    }

    fn counted(
        &self,
        field: &FieldSlots<'m>,
        tally: &Tally,
        chosen: &[Chosen],
    ) -> Result<Counted, IndexError> {
        tally.counted(chosen, |(segment, slot)| -> Result<FacetValue, IndexError> {
            match &field.periods {
                Some(periods) => Ok(periods.value(slot)),
                None => field.slots[segment].value(slot),
            }
        })
    }
}
