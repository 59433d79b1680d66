//! Pages of results. Every order is the same thing: a *rank*, one number that is least for the first result, then a
//! *tie-break* that no two entries of a scope share. A cursor is the rank and tie-break of a result; the page after
//! it holds what is greater. So pages over one view neither overlap nor skip, whatever the ties and however the
//! index is cut into segments.

use super::batch::Scores;
use super::conjunction::Sink;
use super::schema;
use super::segment::Segment;
use crate::domain::hit::ScorePart;
use crate::domain::query::{Cursor, Order};
use crate::ports::QueryFault;
use std::collections::BinaryHeap;
use tantivy::{DocAddress, DocId, Score, TantivyError};

/// What rank is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ranking {
    Score,
    /// Score and age, whose half-life is given in microseconds.
    Recent(u64),
    Newest,
    Oldest,
    Stored,
    MostDocuments,
}

/// Undated entries come last in both orders of time.
const UNDATED: u64 = u64::MAX;

impl Ranking {
    /// Without text there is no relevance: newest first.
    pub(super) fn of(order: Order, scored: bool) -> Self {
        match order {
            Order::Relevance if scored => Self::Score,
            Order::Recent { half_life } if scored => Self::Recent(half_life.saturating_mul(1_000_000).max(1)),
            Order::Relevance | Order::Recent { .. } | Order::NewestFirst => Self::Newest,
            Order::OldestFirst => Self::Oldest,
            Order::Stored { .. } => Self::Stored,
        }
    }

    /// The rank of an entry by everything but the id of an entity.
    #[inline]
    pub(super) fn rank(self, segment: &Segment, doc: DocId, score: impl FnOnce() -> Score) -> u64 {
        match self {
            Self::Score => rank_of_score(score()),
            Self::Recent(half_life) => rank_of_recent(score(), segment.published(doc), half_life),
            Self::Newest | Self::Oldest => rank_of_time(self, segment.published(doc)),
            Self::Stored => segment.place(doc),
            Self::MostDocuments => u64::MAX - segment.documents(doc),
        }
    }

    fn tag(self) -> u8 {
        match self {
            Self::Score => 0,
            Self::Newest => 1,
            Self::Oldest => 2,
            Self::MostDocuments => 3,
            Self::Stored => 4,
            Self::Recent(_) => 5,
        }
    }
}

/// The rank of a score: bits of numbers that are not negative sort as the numbers do.
pub(super) fn rank_of_score(score: Score) -> u64 {
    u64::from(u32::MAX - score.max(0.0).to_bits())
}

/// The rank of a score that halves with each half-life of age. What counts is the order alone, and that is the same whatever the moment
/// from which age is counted: so it is counted from none, and a page is the same whenever it is asked for.
pub(super) fn rank_of_recent(score: Score, time: i64, half_life: u64) -> u64 {
    let halvings = if time == schema::UNDATED { f64::NEG_INFINITY } else { time as f64 / half_life as f64 };
    let weight = f64::from(score.max(f32::MIN_POSITIVE)).log2() + halvings;
    // Bits of negative numbers sort the other way round.
    let bits = weight.to_bits();
    let ascending = if bits >> 63 == 1 { !bits } else { bits | (1 << 63) };
    !ascending
}

/// The rank of a time in microseconds.
pub(super) fn rank_of_time(ranking: Ranking, time: i64) -> u64 {
    if time == schema::UNDATED {
        return UNDATED;
    }
    // Moves the least number to 0, so that the order of signed numbers is kept.
    let oldest_first = (time as u64) ^ (1 << 63);
    if ranking == Ranking::Newest { !oldest_first } else { oldest_first }
}

/// A result's place in its order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    rank: u64,
    tie: Tie,
}

/// What decides between equal ranks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Tie {
    /// See [`schema::place`].
    Number(u64),
    /// The id of an entity.
    Key(String),
}

impl Place {
    /// The cursor after this place, for the same view and order.
    pub(super) fn cursor(&self, ranking: Ranking, view: u64) -> Cursor {
        let mut bytes = vec![ranking.tag()];
        bytes.extend_from_slice(&view.to_be_bytes());
        bytes.extend_from_slice(&self.rank.to_be_bytes());
        match &self.tie {
            Tie::Number(number) => bytes.extend_from_slice(&number.to_be_bytes()),
            Tie::Key(key) => bytes.extend_from_slice(key.as_bytes()),
        }
        Cursor(bytes)
    }

    /// The place of a rank and a number.
    pub(super) fn of_number((rank, number): (u64, u64)) -> Self {
        Self { rank, tie: Tie::Number(number) }
    }

    /// The place before the cursor. Places of the order in which documents were stored are the same in all views.
    pub(super) fn of_cursor(cursor: &Cursor, ranking: Ranking, view: u64) -> Result<Self, QueryFault> {
        let read = || {
            let (tag, rest) = cursor.0.split_first()?;
            let (of_view, rest) = rest.split_first_chunk::<8>()?;
            let (rank, tie) = rest.split_first_chunk::<8>()?;
            let tie = match ranking {
                Ranking::MostDocuments => Tie::Key(String::from_utf8(tie.to_vec()).ok()?),
                _ => Tie::Number(u64::from_be_bytes(tie.try_into().ok()?)),
            };
            let made_here = u64::from_be_bytes(*of_view) == view || ranking == Ranking::Stored;
            (made_here && *tag == ranking.tag()).then_some(Self { rank: u64::from_be_bytes(*rank), tie })
        };
        read().ok_or(QueryFault::Cursor)
    }
}

/// A result that made it onto the page.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) place: Place,
    pub(super) address: DocAddress,
    pub(super) score: Score,
    /// Matches that are folded into it.
    pub(super) folded: u64,
    /// What the score is made of, where that was asked for.
    pub(super) explanation: Vec<ScorePart>,
}

/// What a search found: the first results after the cursor.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) chosen: Vec<Chosen>,
    /// All matches.
    pub(super) total: u64,
    /// Matches after the cursor.
    pub(super) following: u64,
}

impl Found {
    /// The rank of the last result on a full page; those of a greater one cannot be on it.
    fn last(&self, size: usize) -> Option<u64> {
        let last = size.checked_sub(1).filter(|last| *last < self.chosen.len())?;
        let mut ranks: Vec<u64> = self.chosen.iter().map(|chosen| chosen.place.rank).collect();
        Some(*ranks.select_nth_unstable(last).1)
    }

    /// Brings the results of the segments into one order and keeps the page's.
    pub(super) fn settle(&mut self, size: usize) {
        self.chosen.sort_unstable_by(|one, other| one.place.cmp(&other.place));
        self.chosen.truncate(size);
    }
}

/// A match within one segment. Ordered by rank and tie-break; the document and the score only come along.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    rank: u64,
    tie: u64,
    doc: DocId,
    score: Score,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.rank, self.tie).cmp(&(other.rank, other.tie))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Candidate {}

/// Chooses the page's results among the matches of one segment. Keys of entities are compared by their numbers in
/// the segment's dictionary, which is sorted, and become text for the chosen alone.
pub(super) struct Chooser<'s> {
    segment: &'s Segment,
    ranking: Ranking,
    /// Rank of the cursor and the least tie-break behind it.
    after: Option<(u64, u64)>,
    size: usize,
    /// The best so far; the worst of them on top.
    best: BinaryHeap<Candidate>,
    total: u64,
    following: u64,
    /// Room for the scores of a batch.
    scores: Vec<Score>,
}

impl<'s> Chooser<'s> {
    pub(super) fn new(
        segment: &'s Segment,
        ranking: Ranking,
        after: Option<&Place>,
        size: usize,
    ) -> Result<Self, TantivyError> {
        let behind = |place: &Place| -> Result<(u64, u64), TantivyError> {
            let tie = match &place.tie {
                Tie::Number(number) => number.saturating_add(1),
                Tie::Key(key) => segment.entity_behind(key)?,
            };
            Ok((place.rank, tie))
        };
        let best = BinaryHeap::with_capacity(size.min(1024) + 1);
        let after = after.map(behind).transpose()?;
        Ok(Self { segment, ranking, after, size, best, total: 0, following: 0, scores: Vec::new() })
    }

    /// Keeps the match if it is behind the cursor and among the best. The tie-break is read only at a tie.
    #[inline]
    fn place(&mut self, doc: DocId, rank: u64, score: impl FnOnce() -> Score) {
        if self.after.is_some_and(|(after, tie)| rank < after || (rank == after && self.tie(doc) < tie)) {
            return;
        }
        self.following += 1;
        let worst = self.best.peek().filter(|_| self.best.len() == self.size);
        if worst
            .is_some_and(|worst| (rank, self.tie_where(rank == worst.rank, doc)) >= (worst.rank, worst.tie))
        {
            return;
        }
        let candidate = Candidate { rank, tie: self.tie(doc), doc, score: score() };
        if self.best.len() == self.size {
            self.best.pop();
        }
        self.best.push(candidate);
    }

    fn tie_where(&self, tied: bool, doc: DocId) -> u64 {
        if tied { self.tie(doc) } else { 0 }
    }

    #[inline]
    fn tie(&self, doc: DocId) -> u64 {
        match self.ranking {
            Ranking::MostDocuments => self.segment.entity(doc),
            _ => self.segment.place(doc),
        }
    }

    /// Adds what was chosen to the results of the other segments.
    pub(super) fn finish(self, segment: u32, found: &mut Found) -> Result<(), TantivyError> {
        found.total += self.total;
        found.following += self.following;
        // To read a key takes longer than all else that is done for a result.
        let last = found.last(self.size);
        for Candidate { rank, tie, doc, score } in self.best {
            if last.is_some_and(|last| rank > last) {
                continue;
            }
            let tie = match self.ranking {
                Ranking::MostDocuments => Tie::Key(self.segment.entity_key(tie)?),
                _ => Tie::Number(tie),
            };
            let (place, address) = (Place { rank, tie }, DocAddress::new(segment, doc));
            found.chosen.push(Chosen { place, address, score, folded: 0, explanation: Vec::new() });
        }
        Ok(())
    }
}

impl Sink for Chooser<'_> {
    /// Every match is counted, so that totals are exact; scores are asked for only where they decide or are shown.
    fn take(&mut self, docs: &[DocId], scores: Scores<'_, '_>) {
        self.total += docs.len() as u64;
        if !matches!(self.ranking, Ranking::Score | Ranking::Recent(_)) {
            for (at, doc) in docs.iter().enumerate() {
                self.place(*doc, self.ranking.rank(self.segment, *doc, || 0.0), || scores.of(at));
            }
            return;
        }
        let mut all = std::mem::take(&mut self.scores);
        scores.all(&mut all);
        let mut floor = self.floor();
        for (doc, score) in docs.iter().zip(&all) {
            if *score < floor {
                self.following += 1;
                continue;
            }
            self.place(*doc, self.ranking.rank(self.segment, *doc, || *score), || *score);
            floor = self.floor();
        }
        self.scores = all;
    }

    /// The least score on a full page, where scores alone decide. Behind a cursor each score tells whether its entry comes after it.
    fn floor(&self) -> Score {
        let is_full = self.ranking == Ranking::Score && self.after.is_none() && self.best.len() == self.size;
        self.best.peek().filter(|_| is_full).map_or(0.0, |worst| worst.score)
    }
}
