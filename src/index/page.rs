//! Pages of results. Every order is the same thing: a *rank*, one number that is least for the first result, then
//! the key, which no two entries of a scope share. A cursor is the rank and key of a result; the page after it
//! holds what is greater. So pages neither overlap nor skip, whatever the ties and however the index is cut into
//! segments; only a commit in between can move a result, by changing its score.

use super::error::IndexError;
use super::schema;
use crate::domain::query::{Cursor, Order};
use std::collections::BinaryHeap;
use std::ops::Bound;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

/// What rank is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ranking {
    Score,
    Newest,
    Oldest,
    MostDocuments,
}

/// A result's place in its order. Ordered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    rank: u64,
    pub(super) key: String,
}

/// What a search found: the first places after the cursor.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) places: Vec<Place>,
    /// All matches.
    pub(super) total: u64,
    /// Matches after the cursor.
    pub(super) following: u64,
}

/// Scores are compared in this many steps to one, so that the last bits of a sum, which depend on the order of its
/// terms and so on the segment, decide nothing.
const SCORE_STEPS: f64 = 4096.0;

/// Undated entries come last in both orders of time.
const UNDATED: u64 = u64::MAX;

impl Ranking {
    /// Without text there is no relevance: newest first.
    pub(super) fn of(order: Order, scored: bool) -> Self {
        match order {
            Order::Relevance if scored => Self::Score,
            Order::Relevance | Order::NewestFirst => Self::Newest,
            Order::OldestFirst => Self::Oldest,
        }
    }
}

impl Place {
    /// The score that the rank was made of.
    pub(super) fn score(&self, ranking: Ranking) -> f32 {
        match ranking {
            Ranking::Score => ((u64::MAX - self.rank) as f64 / SCORE_STEPS) as f32,
            Ranking::Newest | Ranking::Oldest | Ranking::MostDocuments => 0.0,
        }
    }

    pub(super) fn cursor(&self) -> Cursor {
        let mut bytes = self.rank.to_be_bytes().to_vec();
        bytes.extend_from_slice(self.key.as_bytes());
        Cursor(bytes)
    }

    pub(super) fn of_cursor(cursor: &Cursor) -> Result<Self, IndexError> {
        let (rank, key) = cursor.0.split_first_chunk::<8>().ok_or(IndexError::Cursor)?;
        let key = String::from_utf8(key.to_vec()).map_err(|_| IndexError::Cursor)?;
        Ok(Self { rank: u64::from_be_bytes(*rank), key })
    }
}

/// Collects one page.
pub(super) struct PageCollector {
    pub(super) ranking: Ranking,
    pub(super) after: Option<Place>,
    pub(super) size: usize,
}

/// Collects one page of one segment. Keys are compared by their ordinals in the segment's dictionary, which is
/// sorted, and become text only for the page's own results.
pub(super) struct PageOfSegment {
    ranking: Ranking,
    numbers: Numbers,
    keys: Option<StrColumn>,
    /// Rank of the cursor and the first ordinal behind its key.
    after: Option<(u64, u64)>,
    size: usize,
    /// The best so far; the worst of them on top.
    best: BinaryHeap<(u64, u64)>,
    total: u64,
    following: u64,
}

/// The column that ranks are read from.
enum Numbers {
    None,
    Time(Column<i64>),
    Count(Column<u64>),
}

impl Collector for PageCollector {
    type Fruit = Found;
    type Child = PageOfSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<PageOfSegment> {
        let columns = segment.fast_fields();
        let numbers = match self.ranking {
            Ranking::Score => Numbers::None,
            Ranking::Newest | Ranking::Oldest => Numbers::Time(columns.i64(schema::PUBLISHED)?),
            Ranking::MostDocuments => Numbers::Count(columns.u64(schema::DOCUMENTS)?),
        };
        let keys = columns.str(schema::KEY)?;
        let after = match (&self.after, &keys) {
            (Some(place), Some(keys)) => Some((place.rank, ordinal_behind(keys, &place.key)?)),
            _ => None,
        };
        Ok(PageOfSegment {
            ranking: self.ranking,
            numbers,
            keys,
            after,
            size: self.size,
            best: BinaryHeap::with_capacity(self.size.min(1024) + 1),
            total: 0,
            following: 0,
        })
    }

    fn requires_scoring(&self) -> bool {
        self.ranking == Ranking::Score
    }

    fn merge_fruits(&self, segments: Vec<tantivy::Result<Found>>) -> tantivy::Result<Found> {
        let mut all = Found::default();
        for segment in segments {
            let segment = segment?;
            all.places.extend(segment.places);
            all.total += segment.total;
            all.following += segment.following;
        }
        all.places.sort_unstable();
        all.places.truncate(self.size);
        Ok(all)
    }
}

impl SegmentCollector for PageOfSegment {
    type Fruit = tantivy::Result<Found>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.total += 1;
        let Some(ordinal) = self.keys.as_ref().and_then(|keys| keys.ords().first(doc)) else { return };
        let place = (self.rank(doc, score), ordinal);
        if self.after.is_some_and(|after| place < after) {
            return;
        }
        self.following += 1;
        if self.best.len() < self.size {
            self.best.push(place);
        } else if let Some(mut worst) = self.best.peek_mut().filter(|worst| place < **worst) {
            *worst = place;
        }
    }

    fn harvest(self) -> tantivy::Result<Found> {
        let mut places = Vec::with_capacity(self.best.len());
        if let Some(keys) = &self.keys {
            for (rank, ordinal) in self.best {
                let mut key = String::new();
                keys.ord_to_str(ordinal, &mut key)?;
                places.push(Place { rank, key });
            }
        }
        Ok(Found { places, total: self.total, following: self.following })
    }
}

impl PageOfSegment {
    fn rank(&self, doc: DocId, score: Score) -> u64 {
        match (&self.numbers, self.ranking) {
            (Numbers::None, _) => u64::MAX - (f64::from(score.max(0.0)) * SCORE_STEPS).round() as u64,
            (Numbers::Time(times), ranking) => times.first(doc).map_or(UNDATED, |time| {
                // Moves the least number to 0, so that the order of signed numbers is kept.
                let oldest_first = (time as u64) ^ (1 << 63);
                if ranking == Ranking::Newest { !oldest_first } else { oldest_first }
            }),
            (Numbers::Count(counts), _) => u64::MAX - counts.first(doc).unwrap_or(0),
        }
    }
}

/// The first ordinal whose key is greater than `key`.
fn ordinal_behind(keys: &StrColumn, key: &str) -> tantivy::Result<u64> {
    let behind = keys.dictionary().term_bounds_to_ord(Bound::Excluded(key), Bound::Unbounded)?.0;
    Ok(match behind {
        Bound::Excluded(same) => same + 1,
        Bound::Included(next) => next,
        Bound::Unbounded => 0,
    })
}
