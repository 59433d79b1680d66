//! Entering documents as they were: for a migration, which reads them from an older format and counts everything anew.

use super::super::entities::{Place, portions};
use super::super::error::Fault;
use super::super::rows::{HeadRow, Metadata};
use super::super::tables::Generation;
use super::documents::Contributed;
use super::{Batch, bodies};
use crate::domain::annotation::Analysis;
use crate::domain::document::{Document, Seq};
use crate::domain::time::Timestamp;
use crate::ports::{basis_hash, content_hash};

/// A document with all that is known of its current revision.
#[derive(Debug)]
pub(in crate::store) struct Entered {
    pub(in crate::store) generation: Generation,
    pub(in crate::store) revision: u32,
    /// The change that put it.
    pub(in crate::store) seq: Seq,
    pub(in crate::store) created_at: Timestamp,
    pub(in crate::store) updated_at: Timestamp,
    pub(in crate::store) document: Document,
    pub(in crate::store) analysis: Analysis,
}

impl Batch<'_> {
    /// Enters a document under the change that it has.
    pub(in crate::store) fn enter_anew(&mut self, entered: Entered) -> Result<(), Fault> {
        let Entered { generation, revision, seq, created_at, updated_at, document, analysis } = entered;
        let name = &document.name;
        let (place, key) = (Place { generation, name, seq }, (generation, name.document.as_str()));
        // Loaded here, so that its counts are kept.
        self.collection(&name.collection)?;
        let coming = portions(&document.text, &analysis);
        self.ledger.prepare(&self.tables, generation, None, &coming)?;
        let made = self.made(key, seq, &analysis)?;
        let head = HeadRow {
            revision,
            content_hash: content_hash(&document),
            basis_hash: basis_hash(&document.text, document.published_at, document.language.as_deref()),
            text_hash: *blake3::hash(document.text.as_bytes()).as_bytes(),
            seq,
            created_at,
            updated_at,
            analyzer: made.analyzer,
            detected_language: made.language,
            quotes: made.quotes,
            entities: made.entities,
            meta: Metadata::of(&document),
            text: bodies::write_text(&mut self.tables.texts, key, seq, &document.text)?,
            analysis: made.body,
        };
        let seen = document.published_at.unwrap_or(created_at);
        self.exchange(place, None, Contributed { seen, coming, analysis: &analysis })?;
        self.enter(place, None, &head)
    }

    /// Writes all counts and makes followers begin anew; the change that they find last.
    pub(in crate::store) fn finish_anew(mut self) -> Result<Seq, Fault> {
        self.write_counts()?;
        let last = self.next_seq();
        self.counters.floor = last;
        self.counters.write(&mut self.tables.meta)?;
        Ok(last)
    }
}
