//! Documents: heads, what they lead to, and whether anything is left that no head leads to.

use super::Check;
use crate::domain::annotation::Analysis;
use crate::domain::document::Seq;
use crate::domain::ids::{CollectionId, DocumentId, DocumentName};
use crate::domain::span::ByteSpan;
use crate::store::error::Fault;
use crate::store::rows::{ContributionRow, GoneRow, HeadRow};
use crate::store::tables::{Chunk, Generation, sighting};
use crate::store::write::{analysis_of, text_of};
use redb::{ReadOnlyTable, ReadableTable};

/// Documents between two reports of how far the check is.
const STRIDE: u64 = 256;

/// A document of a collection.
type Key<'k> = (Generation, &'k str);

impl Check<'_> {
    /// Every current revision.
    pub(super) fn documents(&mut self) -> Result<(), Fault> {
        let snapshot = self.snapshot;
        let mut done = 0;
        for entry in snapshot.heads.iter()? {
            let (key, row) = entry?;
            let key @ (generation, id) = key.value();
            let place = self.document_name(generation, id);
            if !self.is_living(generation, || place.clone()) {
                continue;
            }
            self.tally(generation).documents += 1;
            done += 1;
            if done % STRIDE == 0 {
                self.witness.done(done);
            }
            let Some(head) = self.decoded::<HeadRow>(&place, row.value()) else {
                self.tally(generation).unsure = true;
                continue;
            };
            let tally = self.tally(generation);
            tally.quotes += u64::from(head.quotes);
            *tally.analyzers.entry(head.analyzer).or_default() += 1;
            if let Some(name) = self.name(key) {
                self.witness.document(&name, head.seq);
            }
            let analysis = self.revision(key, &place, &head);
            self.standing(key, &place, &head)?;
            self.contribution(key, &place, analysis.as_ref())?;
            if let Some(gone) = snapshot.gone.get(key)? {
                self.decoded::<GoneRow>(&place, gone.value());
            }
        }
        Ok(())
    }

    /// The revisions before.
    pub(super) fn previous(&mut self) -> Result<(), Fault> {
        let snapshot = self.snapshot;
        for entry in snapshot.previous.iter()? {
            let (key, row) = entry?;
            let key @ (generation, id) = key.value();
            let place = format!("{}, its earlier revision", self.document_name(generation, id));
            if !self.is_living(generation, || place.clone()) {
                continue;
            }
            self.report.revisions += 1;
            let Some(previous) = self.decoded::<HeadRow>(&place, row.value()) else { continue };
            self.revision(key, &place, &previous);
            let head = snapshot.heads.get(key)?;
            self.agrees(head.is_some(), &place, || "there is no current one".into());
            if let Some(Ok(head)) = head.map(|head| crate::store::record::decode::<HeadRow>(head.value())) {
                self.agrees(previous.revision < head.revision, &place, || {
                    format!("{} is not before the current {}", previous.revision, head.revision)
                });
            }
        }
        Ok(())
    }

    /// What documents add to entities, without the document.
    pub(super) fn contributions(&mut self) -> Result<(), Fault> {
        let snapshot = self.snapshot;
        for (table, what) in
            [(&snapshot.contributions, "its part in entities"), (&snapshot.gone, "its list of gone quotes")]
        {
            for entry in table.iter()? {
                let (key, _) = entry?;
                let key @ (generation, id) = key.value();
                let place = self.document_name(generation, id);
                if self.is_living(generation, || place.clone()) {
                    let there = snapshot.heads.get(key)?.is_some();
                    self.agrees(there, &place, || format!("{what} is left of a document that is gone"));
                }
            }
        }
        Ok(())
    }

    /// Texts and analyses that no revision leads to.
    pub(super) fn bodies(&mut self) -> Result<(), Fault> {
        let snapshot = self.snapshot;
        self.unused(&snapshot.texts, "text", |head| head.text.seq)?;
        self.unused(&snapshot.analyses, "analysis", |head| head.analysis.seq)
    }

    fn unused(
        &mut self,
        table: &ReadOnlyTable<Chunk, &'static [u8]>,
        what: &str,
        body: fn(&HeadRow) -> Seq,
    ) -> Result<(), Fault> {
        let mut last: Option<(Generation, String)> = None;
        let mut used = Vec::new();
        for entry in table.iter()? {
            let (key, _) = entry?;
            let (generation, id, seq, _) = key.value();
            if !self.living.contains_key(&generation) {
                continue;
            }
            if last.as_ref().is_none_or(|(of, document)| (*of, document.as_str()) != (generation, id)) {
                last = Some((generation, id.to_owned()));
                used = self.used((generation, id), body)?;
            }
            if !used.contains(&seq) {
                // Told once, not for each chunk.
                used.push(seq);
                let place = self.document_name(generation, id);
                self.agrees(false, &place, || format!("the {what} of change {seq} belongs to no revision"));
            }
        }
        Ok(())
    }

    /// The changes that wrote the bodies of a document's revisions. Heads that cannot be read are noted elsewhere.
    fn used(&self, key: Key<'_>, body: fn(&HeadRow) -> Seq) -> Result<Vec<Seq>, Fault> {
        let mut used = Vec::new();
        for table in [&self.snapshot.heads, &self.snapshot.previous] {
            if let Some(row) = table.get(key)?
                && let Ok(head) = crate::store::record::decode::<HeadRow>(row.value())
            {
                used.push(body(&head));
            }
        }
        Ok(used)
    }

    /// A revision's text and analysis; the analysis where it can be read.
    fn revision(&mut self, key: Key<'_>, place: &str, head: &HeadRow) -> Option<Analysis> {
        let snapshot = self.snapshot;
        let text = text_of(&snapshot.texts, key, head.text);
        let text = text.map_err(|fault| self.unreadable(place, fault)).ok();
        let analysis = analysis_of(&snapshot.analyses, key, head.analysis);
        let analysis = analysis.map_err(|fault| self.unreadable(place, fault)).ok();
        if let Some(text) = &text {
            self.report.text_bytes += text.len() as u64;
            if *blake3::hash(text.as_bytes()).as_bytes() != head.text_hash {
                self.unreadable(place, Fault::Corrupt("its text is not what was written".into()));
            }
        }
        if let (Some(text), Some(analysis)) = (&text, &analysis) {
            self.analysis(place, text, head, analysis);
        }
        analysis
    }

    fn name(&self, (generation, id): Key<'_>) -> Option<DocumentName> {
        let collection = CollectionId::new(self.living.get(&generation)?.0.as_str()).ok()?;
        Some(DocumentName { collection, document: DocumentId::new(id).ok()? })
    }

    /// Whether an analysis is one of the text, and has as much as is counted of it.
    fn analysis(&mut self, place: &str, text: &str, head: &HeadRow, analysis: &Analysis) {
        let counts = (analysis.quotes.len(), analysis.entities.len());
        self.agrees(counts == (head.quotes as usize, head.entities as usize), place, || {
            let (quotes, entities) = counts;
            format!(
                "its analysis has {quotes} quotes and {entities} entities, not {} and {}",
                head.quotes, head.entities
            )
        });
        let mut spans = analysis.clone();
        let covered = analysis.coverage.analyzed.iter().copied();
        let wrong = spans.spans_mut().map(|span| *span).chain(covered).find(|span| !fits(*span, text));
        if let Some(ByteSpan { begin, end }) = wrong {
            let reason =
                format!("its analysis names the bytes {begin} to {end}, which are no part of its text");
            self.unreadable(place, Fault::Corrupt(reason));
        }
    }

    /// The document's place in the sequence of changes.
    fn standing(&mut self, (generation, id): Key<'_>, place: &str, head: &HeadRow) -> Result<(), Fault> {
        let put = self.snapshot.puts.get(head.seq)?;
        let collection = self.living.get(&generation).map(|(id, _)| id.clone()).unwrap_or_default();
        let here = put.is_some_and(|put| put.value() == (generation, collection.as_str(), id));
        self.agrees(here, place, || format!("the sequence of changes does not have it at {}", head.seq));
        Ok(())
    }

    /// What the document adds to entities, and whether it is found by them.
    fn contribution(
        &mut self,
        key @ (generation, id): Key<'_>,
        place: &str,
        analysis: Option<&Analysis>,
    ) -> Result<(), Fault> {
        let snapshot = self.snapshot;
        let Some(row) = snapshot.contributions.get(key)? else {
            self.tally(generation).unsure = true;
            self.unreadable(place, Fault::Corrupt("its part in entities is missing".into()));
            return Ok(());
        };
        let Some(row) = self.decoded::<ContributionRow>(place, row.value()) else {
            self.tally(generation).unsure = true;
            return Ok(());
        };
        if let Some(analysis) = analysis {
            let same = analysis.quotes.iter().map(|quote| &quote.id).eq(&row.quotes);
            self.agrees(same, place, || "its quotes are listed under other ids than they have".into());
        }
        self.tally(generation).shares += row.shares.len() as u64;
        for share in &row.shares {
            let entity = share.entity.as_str();
            let seen = snapshot.sightings.get(sighting(generation, entity, row.seen, id))?.is_some();
            self.agrees(seen, place, || format!("the entity {entity} does not lead to it"));
            let known = snapshot.entities.get((generation, entity))?.is_some();
            self.agrees(known, place, || format!("it mentions the entity {entity}, which is not there"));
        }
        Ok(())
    }
}

fn fits(ByteSpan { begin, end }: ByteSpan, text: &str) -> bool {
    ByteSpan::new(text, begin as usize, end as usize).is_some()
}
