//! Folding: of the matches that say the same, one page of results shows the first in the order asked for, with how many it stands for.
//! Which is the first depends on all matches, so all of them are looked at; pages then hold the same results whatever their size.

use super::batch::Scores;
use super::clusters::{Bond, Clusters};
use super::conjunction::Sink;
use super::page::{Chosen, Found, Place, Ranking};
use super::schema;
use super::segment::Segment;
use tantivy::{DocAddress, DocId, Score};

/// Gathers the matches of all segments.
pub(super) struct Folder<'c> {
    clusters: &'c Clusters,
    bond: Bond,
    ranking: Ranking,
    matches: Vec<Match>,
}

#[derive(Debug, Clone, Copy)]
struct Match {
    /// None where nothing else can say the same.
    cluster: Option<u32>,
    /// Rank and tie-break.
    key: (u64, u64),
    address: DocAddress,
    score: Score,
    /// Matches that it stands for.
    folded: u64,
}

impl<'c> Folder<'c> {
    pub(super) fn new(clusters: &'c Clusters, bond: Bond, ranking: Ranking) -> Self {
        Self { clusters, bond, ranking, matches: Vec::new() }
    }

    /// Takes the matches of the `ordinal`th segment.
    pub(super) fn of_segment<'f>(&'f mut self, segment: &'f Segment, ordinal: usize) -> InSegment<'f, 'c> {
        InSegment { folder: self, segment, ordinal }
    }

    /// The first `size` results behind `after`.
    pub(super) fn finish(self, after: Option<&Place>, size: usize) -> Found {
        let mut shown = self.shown();
        let total = shown.len() as u64;
        if let Some(after) = after {
            shown.retain(|one| Place::of_number(one.key) > *after);
        }
        let following = shown.len() as u64;
        if shown.len() > size {
            shown.select_nth_unstable_by_key(size, |one| one.key);
            shown.truncate(size);
        }
        let mut found = Found { chosen: shown.iter().map(Match::chosen).collect(), total, following };
        found.settle(size);
        found
    }

    /// The matches for which no other stands.
    fn shown(self) -> Vec<Match> {
        let (mut together, mut shown): (Vec<Match>, Vec<Match>) =
            self.matches.into_iter().partition(|one| one.cluster.is_some());
        // The matches of a cluster lie side by side, the first one first.
        together.sort_unstable_by_key(|one| (one.cluster, one.key));
        for group in together.chunk_by(|one, other| one.cluster == other.cluster) {
            let [first, others @ ..] = group else { continue };
            let at = shown.len();
            shown.push(*first);
            if self.bond == Bond::Copies {
                // Of a document that stands for its copies everything is shown.
                let document = |one: &Match| schema::change_of(one.key.1);
                shown.extend(others.iter().filter(|one| document(one) == document(first)));
            }
            shown[at].folded = (group.len() - (shown.len() - at)) as u64;
        }
        shown
    }
}

impl Match {
    fn chosen(&self) -> Chosen {
        let Self { key, address, score, folded, .. } = *self;
        Chosen { place: Place::of_number(key), address, score, folded, explanation: Vec::new() }
    }
}

/// See [`Folder::of_segment`].
pub(super) struct InSegment<'f, 'c> {
    folder: &'f mut Folder<'c>,
    segment: &'f Segment,
    ordinal: usize,
}

impl Sink for InSegment<'_, '_> {
    fn take(&mut self, docs: &[DocId], scores: Scores<'_, '_>) {
        let Self { folder, segment, ordinal } = self;
        for (at, doc) in docs.iter().enumerate() {
            let score = scores.of(at);
            let key = (folder.ranking.rank(segment, *doc, || score), segment.place(*doc));
            let cluster = folder.clusters.of(folder.bond, *ordinal, *doc);
            let address = DocAddress::new(*ordinal as u32, *doc);
            folder.matches.push(Match { cluster, key, address, score, folded: 0 });
        }
    }
}
