//! Folding: of the matches that say the same, one page of results shows the first in the order asked for, with how many it stands for.
//! Which is the first depends on all matches, so all of them are looked at; pages then hold the same results whatever their size.

use super::clusters::{Bond, Clusters};
use super::conjunction::Sink;
use super::page::{Chosen, Found, Place, Ranking};
use super::schema;
use super::segment::Segment;
use std::collections::HashMap;
use tantivy::{DocAddress, DocId, Score};

/// Gathers the matches of all segments.
pub(super) struct Folder<'c> {
    clusters: &'c Clusters,
    bond: Bond,
    ranking: Ranking,
    matches: Vec<Match>,
    groups: HashMap<u32, Group>,
}

#[derive(Debug, Clone, Copy)]
struct Match {
    /// Rank and tie-break.
    key: (u64, u64),
    address: DocAddress,
    score: Score,
    cluster: Option<u32>,
}

/// The matches of one cluster.
struct Group {
    first: (u64, u64),
    matches: u64,
    shown: u64,
}

impl<'c> Folder<'c> {
    pub(super) fn new(clusters: &'c Clusters, bond: Bond, ranking: Ranking) -> Self {
        Self { clusters, bond, ranking, matches: Vec::new(), groups: HashMap::new() }
    }

    /// Takes the matches of the `ordinal`th segment.
    pub(super) fn of_segment<'f>(&'f mut self, segment: &'f Segment, ordinal: usize) -> InSegment<'f, 'c> {
        InSegment { folder: self, segment, ordinal }
    }

    /// The first `size` results behind `after`.
    pub(super) fn finish(mut self, after: Option<&Place>, size: usize) -> Found {
        let mut shown = std::mem::take(&mut self.matches);
        shown.retain(|one| self.is_shown(one));
        let total = shown.len() as u64;
        if let Some(after) = after {
            shown.retain(|one| Place::of_number(one.key) > *after);
        }
        let following = shown.len() as u64;
        if shown.len() > size {
            shown.select_nth_unstable_by_key(size, |one| one.key);
            shown.truncate(size);
        }
        let mut found = Found { chosen: Vec::with_capacity(shown.len()), total, following };
        found.chosen.extend(shown.iter().map(|one| self.chosen(one)));
        found.settle(size);
        found
    }

    /// Whether nothing else stands for the match.
    fn is_shown(&mut self, one: &Match) -> bool {
        let Some(group) = one.cluster.and_then(|cluster| self.groups.get_mut(&cluster)) else { return true };
        let shown = match self.bond {
            Bond::Words => one.key == group.first,
            // Of a document that stands for its copies everything is shown.
            Bond::Copies => schema::change_of(one.key.1) == schema::change_of(group.first.1),
        };
        group.shown += u64::from(shown);
        shown
    }

    fn chosen(&self, one: &Match) -> Chosen {
        let group = one.cluster.and_then(|cluster| self.groups.get(&cluster));
        let first = group.filter(|group| group.first == one.key);
        let folded = first.map_or(0, |group| group.matches - group.shown);
        Chosen { place: Place::of_number(one.key), address: one.address, score: one.score, folded }
    }
}

/// See [`Folder::of_segment`].
pub(super) struct InSegment<'f, 'c> {
    folder: &'f mut Folder<'c>,
    segment: &'f Segment,
    ordinal: usize,
}

impl Sink for InSegment<'_, '_> {
    fn take(&mut self, doc: DocId, score: impl FnOnce() -> Score) {
        let Self { folder, segment, ordinal } = self;
        let score = score();
        let key = (folder.ranking.rank(segment, doc, || score), segment.place(doc));
        let cluster = folder.clusters.of(folder.bond, *ordinal, doc);
        if let Some(cluster) = cluster {
            let group = folder.groups.entry(cluster).or_insert(Group { first: key, matches: 0, shown: 0 });
            group.first = group.first.min(key);
            group.matches += 1;
        }
        folder.matches.push(Match { key, address: DocAddress::new(*ordinal as u32, doc), score, cluster });
    }
}
