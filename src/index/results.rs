//! One page of results of a snapshot: which entries it shows, in the order asked for, then what each of them shows.

use super::clusters::Bond;
use super::compile::Question;
use super::error::IndexError;
use super::explain::explain;
use super::fold::Folder;
use super::page::{Chooser, Chosen, Found, Place, Ranking};
use super::pool::Seam;
use super::prepare::Prepared;
use super::row::{self, Stored};
use super::view::Snapshot;
use crate::domain::hit::HitPage;
use crate::domain::query::PageRequest;
use serde::de::DeserializeOwned;

/// What a page shows of what is found.
pub(super) struct Show {
    pub(super) ranking: Ranking,
    /// What of the results that say the same one stands for.
    pub(super) fold: Option<Bond>,
    /// Whether each result says what its score is made of.
    pub(super) explain: bool,
}

impl Snapshot {
    /// One page: the places of its results first, then their rows.
    pub(super) fn page<R: DeserializeOwned, H>(
        &self,
        question: &Question,
        Show { ranking, fold, explain: explained }: Show,
        page: &PageRequest,
        seam: &Seam<'_>,
        hit: impl Fn(R, &Chosen) -> Result<H, IndexError>,
    ) -> Result<HitPage<H>, IndexError> {
        let after =
            page.after.as_ref().map(|cursor| Place::of_cursor(cursor, ranking, self.id())).transpose()?;
        if question.hopeless {
            return Ok(HitPage { hits: Vec::new(), total: 0, more: false });
        }
        let collecting = tracing::trace_span!("search.collect", segments = self.segments.len()).entered();
        let prepared = Prepared::new(question, self, seam)?;
        let mut found = match fold {
            None => self.find(&prepared, ranking, after.as_ref(), page.size, seam)?,
            Some(bond) => self.folded(&prepared, (ranking, bond), after.as_ref(), page.size, seam)?,
        };
        if explained {
            explain(&prepared, &self.segments, &mut found.chosen, seam)?;
        }
        drop(collecting);
        let _reading = tracing::trace_span!("search.rows", rows = found.chosen.len()).entered();
        let (mut hits, mut bytes) = (Vec::with_capacity(found.chosen.len()), 0);
        for chosen in &found.chosen {
            seam.check()?;
            let Stored(stored) = self.searcher.doc(chosen.address)?;
            bytes += stored.len();
            if bytes > page.bytes && !hits.is_empty() {
                break;
            }
            hits.push((hit(row::decode(&stored)?, chosen)?, chosen.place.cursor(ranking, self.id())));
        }
        let more = found.following > hits.len() as u64;
        Ok(HitPage { hits, total: found.total, more })
    }

    /// Like [`Self::find`], where one result stands for all that say the same.
    fn folded(
        &self,
        prepared: &Prepared<'_>,
        (ranking, bond): (Ranking, Bond),
        after: Option<&Place>,
        size: usize,
        seam: &Seam<'_>,
    ) -> Result<Found, IndexError> {
        let mut folder = Folder::new(self.clusters()?, bond, ranking);
        for (ordinal, segment) in self.segments.iter().enumerate() {
            seam.check()?;
            if let Some(conjunction) = prepared.within(segment, ordinal, seam)? {
                conjunction.run(seam, &mut folder.of_segment(segment, ordinal))?;
            }
        }
        Ok(folder.finish(after, size))
    }

    fn find(
        &self,
        prepared: &Prepared<'_>,
        ranking: Ranking,
        after: Option<&Place>,
        size: usize,
        seam: &Seam<'_>,
    ) -> Result<Found, IndexError> {
        let mut found = Found::default();
        for (ordinal, segment) in self.segments.iter().enumerate() {
            seam.check()?;
            let Some(conjunction) = prepared.within(segment, ordinal, seam)? else { continue };
            let mut chooser = Chooser::new(segment, ranking, after, size)?;
            conjunction.run(seam, &mut chooser)?;
            chooser.finish(ordinal as u32, &mut found)?;
        }
        found.settle(size);
        Ok(found)
    }
}
