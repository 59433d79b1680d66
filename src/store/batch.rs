//! One transaction: the writes of a group, in order, each seeing those before it. Rows that many writes of a group
//! share (collections, entities, counters) are kept in memory and written once by [`Batch::finish`].

use super::error::Fault;
use super::hash::content_hash;
use super::ledger::{Ledger, Place};
use super::meta;
use super::record::{CollectionRow, ContributionRow, HeadRow, RevisionRow, decode, encode};
use super::tables::{Generation, Tables};
use super::write::{Applied, ChangeKind, Effect, Refusal, Write};
use crate::domain::annotation::Analysis;
use crate::domain::document::{Document, IngestOutcome, Seq};
use crate::domain::ids::{CollectionId, DocumentId, DocumentName};
use crate::domain::time::Timestamp;
use redb::{ReadableTable, WriteTransaction};
use std::collections::BTreeMap;

/// What came of one write, or why it was refused.
pub(super) type Outcome = Result<Applied, Refusal>;

/// See the module.
pub(super) struct Batch<'t> {
    tables: Tables<'t>,
    now: Timestamp,
    /// The last change's position, and where it stood when the batch began.
    seq: Seq,
    began: Seq,
    /// The last collection's number.
    generation: Generation,
    /// Collections that were asked for; `None` is one that is not there.
    collections: BTreeMap<CollectionId, Option<CollectionRow>>,
    ledger: Ledger,
}

impl<'t> Batch<'t> {
    /// `now` is the time of everything in the batch.
    pub(super) fn begin(transaction: &'t WriteTransaction, now: Timestamp) -> Result<Self, Fault> {
        let tables = Tables::open(transaction)?;
        let seq = meta::last_seq(&tables.meta)?;
        let generation = meta::last_generation(&tables.meta)?;
        let (collections, ledger) = Default::default();
        Ok(Self { tables, now, seq, began: seq, generation, collections, ledger })
    }

    /// Does one write.
    pub(super) fn write(&mut self, write: Write) -> Result<Outcome, Fault> {
        match write {
            Write::PutDocument { document, analysis } => self.put_document(&document, &analysis),
            Write::DeleteDocument(name) => self.delete_document(name),
            Write::CreateCollection(id) => self.create_collection(id),
            Write::DeleteCollection(id) => self.delete_collection(id),
        }
    }

    /// Writes what the batch holds in memory. Whether anything changed; if not, there is nothing to commit.
    pub(super) fn finish(mut self) -> Result<bool, Fault> {
        if self.seq == self.began {
            return Ok(false);
        }
        let growth = self.ledger.settle(&mut self.tables, self.seq)?;
        for (id, row) in &mut self.collections {
            let Some(row) = row else { continue };
            let grown = growth.get(&row.generation).copied().unwrap_or(0);
            row.entities = row.entities.checked_add_signed(grown).ok_or_else(|| negative(id))?;
            self.tables.collections.insert(id.as_str(), encode(row)?.as_slice())?;
        }
        meta::set_counters(&mut self.tables.meta, self.seq, self.generation)?;
        Ok(true)
    }

    fn put_document(&mut self, document: &Document, analysis: &Analysis) -> Result<Outcome, Fault> {
        let name = &document.name;
        let Some(collection) = self.collection(&name.collection)? else {
            return Ok(Err(Refusal::UnknownCollection));
        };
        let generation = collection.generation;
        let content_hash = content_hash(document);
        let previous = self.head(generation, &name.document)?;
        if let Some(head) = previous.as_ref().filter(|head| head.content_hash == content_hash) {
            return Ok(Ok(Applied { seq: head.seq, effect: put(IngestOutcome::AlreadyCurrent, head) }));
        }
        let seq = self.change(previous.as_ref(), &ChangeKind::DocumentPut(name.clone()))?;
        let place = Place { generation, name, seq };
        if let Some(head) = &previous {
            self.withdraw(&place, head)?;
        }
        let head = HeadRow {
            revision: previous.as_ref().map_or(0, |head| head.revision) + 1,
            content_hash,
            seq,
            ingested_at: self.now,
            analyzer: analysis.analyzer.clone(),
            quotes: analysis.quotes.len() as u32,
            entities: analysis.entities.len() as u32,
        };
        self.enter(&place, &head, (document, analysis))?;
        let outcome = if previous.is_some() { IngestOutcome::Revised } else { IngestOutcome::Created };
        Ok(Ok(Applied { seq, effect: put(outcome, &head) }))
    }

    fn delete_document(&mut self, name: DocumentName) -> Result<Outcome, Fault> {
        let Some(collection) = self.collection(&name.collection)? else {
            return Ok(Err(Refusal::UnknownCollection));
        };
        let generation = collection.generation;
        let Some(head) = self.head(generation, &name.document)? else {
            return Ok(Err(Refusal::UnknownDocument));
        };
        let seq = self.change(Some(&head), &ChangeKind::DocumentDeleted(name.clone()))?;
        self.withdraw(&Place { generation, name: &name, seq }, &head)?;
        let id = name.document.as_str();
        self.tables.heads.remove((generation, id))?;
        self.tables.texts.remove((generation, id))?;
        self.tables.analyses.remove((generation, id))?;
        for revision in 1..=head.revision {
            self.tables.revisions.remove((generation, id, revision))?;
        }
        Ok(Ok(Applied { seq, effect: Effect::DocumentDeleted }))
    }

    /// Counts the document out of its collection, as the first half of a removal or a revision.
    fn withdraw(&mut self, place: &Place<'_>, head: &HeadRow) -> Result<(), Fault> {
        let key = (place.generation, place.name.document.as_str());
        let Some(contribution) = self.tables.contributions.remove(key)?.map(|row| decode(row.value())) else {
            return Err(Fault::Corrupt(format!("{} has no contribution", place.name)));
        };
        self.ledger.subtract(&mut self.tables, place, &contribution?)?;
        let collection = &place.name.collection;
        let row = self.collections.get_mut(collection).and_then(Option::as_mut);
        let row = row.ok_or_else(|| negative(collection))?;
        row.documents = row.documents.checked_sub(1).ok_or_else(|| negative(collection))?;
        row.quotes = row.quotes.checked_sub(head.quotes.into()).ok_or_else(|| negative(collection))?;
        Ok(())
    }

    /// Writes the document and counts it into its collection.
    fn enter(
        &mut self,
        place: &Place<'_>,
        head: &HeadRow,
        (document, analysis): (&Document, &Analysis),
    ) -> Result<(), Fault> {
        let seen = document.published_at.unwrap_or(head.ingested_at);
        let contribution: ContributionRow =
            self.ledger.add(&mut self.tables, place, seen, (&document.text, analysis))?;
        let revision = RevisionRow { content_hash: head.content_hash, ingested_at: head.ingested_at };
        let id = place.name.document.as_str();
        let key = (place.generation, id);
        let tables = &mut self.tables;
        tables.contributions.insert(key, encode(&contribution)?.as_slice())?;
        tables.revisions.insert((place.generation, id, head.revision), encode(&revision)?.as_slice())?;
        tables.heads.insert(key, encode(head)?.as_slice())?;
        tables.texts.insert(key, encode(document)?.as_slice())?;
        tables.analyses.insert(key, encode(analysis)?.as_slice())?;
        if let Some(row) = self.collections.get_mut(&place.name.collection).and_then(Option::as_mut) {
            row.documents += 1;
            row.quotes += u64::from(head.quotes);
        }
        Ok(())
    }

    fn create_collection(&mut self, id: CollectionId) -> Result<Outcome, Fault> {
        if self.collection(&id)?.is_some() {
            return Ok(Err(Refusal::CollectionExists));
        }
        let seq = self.change(None, &ChangeKind::CollectionCreated(id.clone()))?;
        self.generation += 1;
        let row = CollectionRow {
            generation: self.generation,
            created_at: self.now,
            seq,
            documents: 0,
            quotes: 0,
            entities: 0,
        };
        self.collections.insert(id, Some(row));
        Ok(Ok(Applied { seq, effect: Effect::CollectionCreated }))
    }

    fn delete_collection(&mut self, id: CollectionId) -> Result<Outcome, Fault> {
        if id == CollectionId::default_collection() {
            return Ok(Err(Refusal::DefaultCollection));
        }
        let Some(row) = self.collection(&id)? else { return Ok(Err(Refusal::UnknownCollection)) };
        let generation = row.generation;
        let seq = self.change(None, &ChangeKind::CollectionDeleted(id.clone()))?;
        self.ledger.forget(generation);
        self.tables.collections.remove(id.as_str())?;
        self.tables.doomed.insert(generation, ())?;
        self.collections.insert(id, None);
        Ok(Ok(Applied { seq, effect: Effect::CollectionDeleted }))
    }

    /// Appends to the change sequence, in the place of the document's entry before.
    fn change(&mut self, before: Option<&HeadRow>, kind: &ChangeKind) -> Result<Seq, Fault> {
        if let Some(head) = before {
            self.tables.changes.remove(head.seq)?;
        }
        self.seq += 1;
        self.tables.changes.insert(self.seq, encode(kind)?.as_slice())?;
        Ok(self.seq)
    }

    fn collection(&mut self, id: &CollectionId) -> Result<Option<&CollectionRow>, Fault> {
        if !self.collections.contains_key(id) {
            let row = self.tables.collections.get(id.as_str())?.map(|row| decode(row.value())).transpose()?;
            self.collections.insert(id.clone(), row);
        }
        Ok(self.collections.get(id).and_then(Option::as_ref))
    }

    fn head(&self, generation: Generation, id: &DocumentId) -> Result<Option<HeadRow>, Fault> {
        let row = self.tables.heads.get((generation, id.as_str()))?;
        row.map(|row| decode(row.value())).transpose()
    }
}

fn put(outcome: IngestOutcome, head: &HeadRow) -> Effect {
    Effect::Put { outcome, revision: head.revision, quotes: head.quotes, entities: head.entities }
}

fn negative(collection: &CollectionId) -> Fault {
    Fault::Corrupt(format!("the counts of collection {collection} would become negative"))
}
