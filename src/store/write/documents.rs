//! Documents come, change and go. Of each the current revision is kept whole and so is the one before it; what both share (a
//! text under another title) is kept once.

use super::super::entities::{Place, Portions, portions};
use super::super::error::Fault;
use super::super::record::{Record, decode, encode};
use super::super::rows::{BodyRef, ContributionRow, GoneRow, HeadRow, Metadata, RemovalRow, Share};
use super::super::tables::{Generation, Member, sighting};
use super::{Batch, Outcome, bodies, unless_damaged};
use crate::domain::annotation::Analysis;
use crate::domain::document::{Document, IngestOutcome, Seq};
use crate::domain::ids::DocumentName;
use crate::domain::time::Timestamp;
use crate::ports::{Effect, Refusal, basis_hash, content_hash};
use redb::{ReadableTable, Table};

/// What is stored under a document's name, as far as a write needs it.
pub(super) struct Stored {
    head: HeadRow,
    previous: Option<HeadRow>,
    contribution: ContributionRow,
    gone: GoneRow,
}

impl Batch<'_> {
    pub(super) fn put_document(
        &mut self,
        document: &Document,
        analysis: Option<&Analysis>,
        expected: Option<u32>,
    ) -> Result<Outcome, Fault> {
        let name = &document.name;
        let (generation, head) = match self.find(name, expected)? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let content_hash = content_hash(document);
        if let Some(head) = head.as_ref().filter(|head| head.content_hash == content_hash) {
            return self.applied(head.seq, put(IngestOutcome::AlreadyCurrent, head));
        }
        let basis_hash = basis_hash(&document.text, document.published_at, document.language.as_deref());
        if analysis.is_none() && head.as_ref().is_none_or(|head| head.basis_hash != basis_hash) {
            return Ok(Err(Refusal::OtherBasis));
        }
        let coming = analysis.map(|analysis| portions(&document.text, analysis));
        let stored = match self.prepare(generation, name, head, coming.as_ref())? {
            Ok(stored) => stored,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let seq = self.next_seq();
        let place = Place { generation, name, seq };
        let (key, before) =
            ((generation, name.document.as_str()), stored.as_ref().map(|stored| &stored.head));
        let text_hash = *blake3::hash(document.text.as_bytes()).as_bytes();
        let text = match before.filter(|before| before.text_hash == text_hash) {
            Some(before) => before.text,
            None => bodies::write_text(&mut self.tables.texts, key, seq, &document.text)?,
        };
        let made = match (analysis, before) {
            (Some(analysis), _) => self.made(key, seq, analysis)?,
            (None, Some(before)) => Made::by(before),
            (None, None) => return Ok(Err(Refusal::OtherBasis)),
        };
        let created_at = before.map_or(self.now, |before| before.created_at);
        let head = HeadRow {
            revision: before.map_or(0, |before| before.revision) + 1,
            content_hash,
            basis_hash,
            text_hash,
            seq,
            created_at,
            updated_at: self.now,
            analyzer: made.analyzer,
            detected_language: made.language,
            quotes: made.quotes,
            entities: made.entities,
            meta: Metadata::of(document),
            text,
            analysis: made.body,
        };
        if let (Some(analysis), Some(coming)) = (analysis, coming) {
            let seen = document.published_at.unwrap_or(created_at);
            self.exchange(place, stored.as_ref(), Contributed { seen, coming, analysis })?;
        }
        self.enter(place, stored.as_ref(), &head)?;
        let outcome = if stored.is_some() { IngestOutcome::Revised } else { IngestOutcome::Created };
        self.applied(seq, put(outcome, &head))
    }

    pub(super) fn reanalyze(
        &mut self,
        name: &DocumentName,
        revision: u32,
        analysis: &Analysis,
    ) -> Result<Outcome, Fault> {
        let (generation, head) = match self.find(name, None)? {
            Ok((generation, Some(head))) => (generation, head),
            Ok((_, None)) => return Ok(Err(Refusal::UnknownDocument)),
            Err(refusal) => return Ok(Err(refusal)),
        };
        if head.revision != revision {
            return Ok(Err(Refusal::OtherRevision { current: head.revision }));
        }
        let key = (generation, name.document.as_str());
        let text = match unless_damaged(bodies::text_of(&self.tables.texts, key, head.text))? {
            Ok(text) => text,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let coming = portions(&text, analysis);
        let stored = match self.prepare(generation, name, Some(head), Some(&coming))? {
            Ok(Some(stored)) => stored,
            Ok(None) => return Ok(Err(Refusal::UnknownDocument)),
            Err(refusal) => return Ok(Err(refusal)),
        };
        let seq = self.next_seq();
        let place = Place { generation, name, seq };
        let made = self.made(key, seq, analysis)?;
        let head = HeadRow {
            seq,
            analyzer: made.analyzer,
            detected_language: made.language,
            quotes: made.quotes,
            entities: made.entities,
            analysis: made.body,
            ..stored.head.clone()
        };
        let seen = stored.contribution.seen;
        self.exchange(place, Some(&stored), Contributed { seen, coming, analysis })?;
        self.enter(place, Some(&stored), &head)?;
        self.applied(seq, Effect::Reanalyzed)
    }

    pub(super) fn delete_document(
        &mut self,
        name: DocumentName,
        expected: Option<u32>,
    ) -> Result<Outcome, Fault> {
        let (generation, head) = match self.find(&name, expected)? {
            Ok((generation, Some(head))) => (generation, head),
            Ok((_, None)) => return Ok(Err(Refusal::UnknownDocument)),
            Err(refusal) => return Ok(Err(refusal)),
        };
        let key = (generation, name.document.as_str());
        let contribution = match self.prepare_leaving(key)? {
            Ok(contribution) => contribution,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let seq = self.next_seq();
        let place = Place { generation, name: &name, seq };
        self.withdraw(place, &contribution)?;
        self.count(place, Some(&head), None);
        let tables = &mut self.tables;
        tables.contributions.remove(key)?;
        tables.heads.remove(key)?;
        tables.previous.remove(key)?;
        tables.gone.remove(key)?;
        self.freed += bodies::remove_all(&mut tables.texts, key)?;
        self.freed += bodies::remove_all(&mut tables.analyses, key)?;
        tables.puts.remove(head.seq)?;
        tables.removed.insert(key, seq)?;
        let removal = encode(&RemovalRow::Document(generation, name))?;
        tables.removals.insert(seq, removal.as_slice())?;
        self.applied(seq, Effect::DocumentDeleted)
    }

    /// The collection's number and what is current under the name, if that is the revision expected.
    fn find(
        &mut self,
        name: &DocumentName,
        expected: Option<u32>,
    ) -> Result<Result<(Generation, Option<HeadRow>), Refusal>, Fault> {
        let generation = match unless_damaged(self.collection(&name.collection))? {
            Ok(Some(row)) => row.generation,
            Ok(None) => return Ok(Err(Refusal::UnknownCollection)),
            Err(refusal) => return Ok(Err(refusal)),
        };
        let head = match unless_damaged(get(&self.tables.heads, (generation, name.document.as_str())))? {
            Ok(head) => head,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let current = head.as_ref().map_or(0, |head: &HeadRow| head.revision);
        Ok(match expected.is_none_or(|expected| expected == current) {
            true => Ok((generation, head)),
            false => Err(Refusal::OtherRevision { current }),
        })
    }

    /// Reads all that a put needs of what is stored, and of the entities that it touches.
    fn prepare(
        &mut self,
        generation: Generation,
        name: &DocumentName,
        head: Option<HeadRow>,
        coming: Option<&Portions>,
    ) -> Result<Result<Option<Stored>, Refusal>, Fault> {
        unless_damaged((|| {
            let key = (generation, name.document.as_str());
            let stored = match head {
                None => None,
                Some(head) => Some(Stored {
                    head,
                    previous: get(&self.tables.previous, key)?,
                    contribution: contribution(&self.tables.contributions, key)?,
                    gone: get(&self.tables.gone, key)?.unwrap_or_default(),
                }),
            };
            if let Some(coming) = coming {
                let leaving = stored.as_ref().map(|stored| &stored.contribution);
                self.ledger.prepare(&self.tables, generation, leaving, coming)?;
            }
            Ok(stored)
        })())
    }

    /// Reads all that a removal needs.
    fn prepare_leaving(
        &mut self,
        key: (Generation, &str),
    ) -> Result<Result<ContributionRow, Refusal>, Fault> {
        unless_damaged((|| {
            let contribution = contribution(&self.tables.contributions, key)?;
            self.ledger.prepare(&self.tables, key.0, Some(&contribution), &Portions::new())?;
            Ok(contribution)
        })())
    }

    /// Writes an analysis.
    pub(super) fn made(
        &mut self,
        key: (Generation, &str),
        seq: Seq,
        analysis: &Analysis,
    ) -> Result<Made, Fault> {
        Ok(Made {
            analyzer: self.analyzers.number(&mut self.tables, &analysis.analyzer)?,
            language: analysis.language.clone(),
            quotes: analysis.quotes.len() as u32,
            entities: analysis.entities.len() as u32,
            body: bodies::write_analysis(&mut self.tables.analyses, key, seq, analysis)?,
        })
    }

    /// Puts what a new analysis contributes in the place of what the one before did.
    pub(super) fn exchange(
        &mut self,
        place: Place<'_>,
        stored: Option<&Stored>,
        Contributed { seen, coming, analysis }: Contributed<'_>,
    ) -> Result<(), Fault> {
        let key = (place.generation, place.name.document.as_str());
        if let Some(stored) = stored {
            self.withdraw(place, &stored.contribution)?;
        }
        let shares = self.ledger.add(place, coming);
        for Share { entity, .. } in &shares {
            self.tables.sightings.insert(sighting(key.0, entity.as_str(), seen, key.1), ())?;
        }
        let quotes: Vec<String> = analysis.quotes.iter().map(|quote| quote.id.clone()).collect();
        if let Some(Stored { head, contribution, gone, .. }) = stored {
            let mut gone = gone.clone();
            gone.note(&contribution.quotes, &quotes, head.revision);
            match gone.0.is_empty() {
                true => drop(self.tables.gone.remove(key)?),
                false => drop(self.tables.gone.insert(key, encode(&gone)?.as_slice())?),
            }
        }
        let row = encode(&ContributionRow { seen, shares, quotes })?;
        self.tables.contributions.insert(key, row.as_slice())?;
        Ok(())
    }

    /// Takes away what the document contributed.
    fn withdraw(&mut self, place: Place<'_>, contribution: &ContributionRow) -> Result<(), Fault> {
        self.ledger.subtract(place, contribution);
        let (seen, id) = (contribution.seen, place.name.document.as_str());
        for Share { entity, .. } in &contribution.shares {
            self.tables.sightings.remove(sighting(place.generation, entity.as_str(), seen, id))?;
        }
        Ok(())
    }

    /// Makes `head` current: a new revision, or the same one with another analysis. Bodies that neither it nor the revision
    /// before it needs are dropped.
    pub(super) fn enter(
        &mut self,
        place: Place<'_>,
        stored: Option<&Stored>,
        head: &HeadRow,
    ) -> Result<(), Fault> {
        let Place { generation, name, seq } = place;
        let key = (generation, name.document.as_str());
        self.count(place, stored.map(|stored| &stored.head), Some(head));
        let tables = &mut self.tables;
        match stored {
            Some(stored) => {
                let revised = stored.head.revision != head.revision;
                let previous = if revised { Some(&stored.head) } else { stored.previous.as_ref() };
                let dropped = if revised { stored.previous.as_ref() } else { Some(&stored.head) };
                let kept = [Some(head), previous];
                if let Some(dropped) = dropped {
                    let unused = |body: fn(&HeadRow) -> Seq| {
                        let of = body(dropped);
                        kept.iter().flatten().all(|kept| body(kept) != of).then_some(of)
                    };
                    if let Some(seq) = unused(|row| row.text.seq) {
                        self.freed += bodies::remove(&mut tables.texts, key, seq)?;
                    }
                    if let Some(seq) = unused(|row| row.analysis.seq) {
                        self.freed += bodies::remove(&mut tables.analyses, key, seq)?;
                    }
                }
                if revised {
                    tables.previous.insert(key, encode(&stored.head)?.as_slice())?;
                }
                tables.puts.remove(stored.head.seq)?;
            }
            // A document that comes back takes the place of the trace that it left.
            None => {
                let removal = tables.removed.remove(key)?.map(|removal| removal.value());
                if let Some(removal) = removal {
                    tables.removals.remove(removal)?;
                }
            }
        }
        tables.puts.insert(seq, (generation, name.collection.as_str(), key.1))?;
        tables.heads.insert(key, encode(head)?.as_slice())?;
        Ok(())
    }

    /// Brings the counts of the collection and of the analyzers up to date.
    fn count(&mut self, place: Place<'_>, before: Option<&HeadRow>, after: Option<&HeadRow>) {
        for (head, by) in before.map(|head| (head, -1)).into_iter().chain(after.map(|head| (head, 1))) {
            self.analyzers.count(place.generation, head.analyzer, by);
        }
        let Some(row) = self.collections.get_mut(&place.name.collection).and_then(Option::as_mut) else {
            return;
        };
        let documents = i64::from(after.is_some()) - i64::from(before.is_some());
        let quotes = |head: Option<&HeadRow>| head.map_or(0, |head| i64::from(head.quotes));
        row.documents = row.documents.saturating_add_signed(documents);
        row.quotes = row.quotes.saturating_add_signed(quotes(after) - quotes(before));
    }
}

/// What a new analysis brings to the collection's entities.
pub(super) struct Contributed<'a> {
    pub(super) seen: Timestamp,
    pub(super) coming: Portions,
    pub(super) analysis: &'a Analysis,
}

/// What a head says about its analysis.
pub(super) struct Made {
    pub(super) analyzer: u32,
    pub(super) language: String,
    pub(super) quotes: u32,
    pub(super) entities: u32,
    pub(super) body: BodyRef,
}

impl Made {
    /// The analysis of a revision before.
    fn by(head: &HeadRow) -> Self {
        let HeadRow { analyzer, ref detected_language, quotes, entities, analysis, .. } = *head;
        Self { analyzer, language: detected_language.clone(), quotes, entities, body: analysis }
    }
}

impl Metadata {
    /// What the client said about the text.
    pub(in crate::store) fn of(document: &Document) -> Self {
        let Document { name: _, text: _, title, published_at, source, url, language, labels, page: _ } =
            document.clone();
        Self { title, published_at, source, url, language, labels }
    }
}

/// A row of a document.
fn get<R: Record>(
    table: &Table<'_, Member, &'static [u8]>,
    key: (Generation, &str),
) -> Result<Option<R>, Fault> {
    table.get(key)?.map(|row| decode(row.value())).transpose()
}

fn contribution(
    table: &Table<'_, Member, &'static [u8]>,
    key: (Generation, &str),
) -> Result<ContributionRow, Fault> {
    get(table, key)?.ok_or_else(|| Fault::Corrupt(format!("document {:?} has no contribution", key.1)))
}

fn put(outcome: IngestOutcome, head: &HeadRow) -> Effect {
    Effect::Put { outcome, revision: head.revision, quotes: head.quotes, entities: head.entities }
}
