//! Which entry stands for those that say the same: the first by publication time, then the one stored first. Its row is read for the
//! values that are given alone.

use super::super::clusters::Bond;
use super::super::error::IndexError;
use super::super::row::{self, DocumentRow, QuoteRow, Stored};
use super::super::schema;
use super::super::segment::Segment;
use super::super::view::{Snapshot, quote_hit};
use crate::domain::facet::FacetValue;
use crate::domain::ids::DocumentName;
use crate::domain::query::Within;
use std::collections::HashMap;
use tantivy::{DocAddress, DocId, TantivyError};

/// See the module.
pub(super) struct Firsts<'s> {
    snapshot: &'s Snapshot,
    within: &'s Within,
    bond: Bond,
    entries: HashMap<u32, (Age, DocAddress)>,
}

/// Undated entries are younger than all others.
type Age = (bool, i64, u64);

impl<'s> Firsts<'s> {
    pub(super) fn new(snapshot: &'s Snapshot, within: &'s Within, bond: Bond) -> Self {
        Self { snapshot, within, bond, entries: HashMap::new() }
    }

    /// Takes note of an entry of the `n`th segment that has the slot.
    pub(super) fn see(&mut self, slot: u32, n: usize, segment: &Segment, doc: DocId) {
        let published = segment.published(doc);
        let age = (published == schema::UNDATED, published, segment.place(doc));
        let entry = (age, DocAddress::new(n as u32, doc));
        let first = self.entries.entry(slot).or_insert(entry);
        if age < first.0 {
            *first = entry;
        }
    }

    /// What stands for the slot.
    pub(super) fn value(&self, slot: u32) -> Result<FacetValue, IndexError> {
        let nobody = || TantivyError::InternalError(format!("no entry has slot {slot}"));
        let (_, address) = self.entries.get(&slot).ok_or_else(nobody)?;
        let Stored(stored) = self.snapshot.searcher.doc(*address)?;
        let collection = self.snapshot.collection(self.within, *address)?;
        if self.bond == Bond::Copies {
            let DocumentRow { id: document, title, .. } = row::decode(&stored)?;
            let name = DocumentName { collection: collection.into_owned(), document };
            return Ok(FacetValue::Document(name, title.unwrap_or_default()));
        }
        let row: QuoteRow = row::decode(&stored)?;
        let hit = quote_hit(&collection, row, 0.0, None)?;
        let contents: Vec<&str> =
            hit.quote.contents.iter().map(|content| hit.excerpts.slice(*content)).collect();
        Ok(FacetValue::Quote(hit.name, contents.join(" … ")))
    }
}
