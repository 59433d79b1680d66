//! The sequence of changes, for followers. Puts and removals lie in two tables, since removals are forgotten one day; here they
//! are read as one.

use super::super::error::Fault;
use super::super::meta::Counters;
use super::super::record::decode;
use super::super::rows::RemovalRow;
use super::super::tables::{Generation, Snapshot};
use super::{collection_id, document_id};
use crate::domain::document::{Seq, StoredDocument};
use crate::domain::ids::{CollectionId, DocumentName};
use crate::ports::{Change, Stretch};
use std::collections::HashMap;

/// An entry of the sequence, not yet looked up.
enum Entry {
    Put(Generation, DocumentName),
    Removal(RemovalRow),
}

impl Snapshot {
    /// The numbers that only rise.
    pub(in crate::store) fn counters(&self) -> Result<Counters, Fault> {
        Counters::read(&self.meta)
    }

    /// What changed after a position: at most `limit` entries, and few enough that their texts are hardly more than `bytes`.
    pub(in crate::store) fn follow(&self, after: Seq, limit: usize, bytes: usize) -> Result<Stretch, Fault> {
        let limit = limit.max(1);
        let mut entries = self.entries(after, limit + 1)?;
        let last = entries.len() <= limit;
        entries.truncate(limit);
        let (mut changes, mut up_to, mut read) = (Vec::new(), after, 0);
        let mut living = HashMap::new();
        for (seq, entry) in entries {
            match entry {
                Entry::Removal(RemovalRow::Document(_, name)) => changes.push(Change::Gone(name)),
                Entry::Removal(RemovalRow::Collection(id)) => changes.push(Change::CollectionGone(id)),
                // What went with its collection is told by the collection's removal.
                Entry::Put(of, name) if self.living(&mut living, &name.collection)? != Some(of) => {}
                Entry::Put(generation, name) => match self.put(generation, &name, (read, bytes)) {
                    Ok(None) => return Ok(Stretch { changes, up_to }),
                    Ok(Some((document, of_it))) => {
                        read += of_it;
                        changes.push(Change::Put(Box::new(document)));
                    }
                    // One document that cannot be read must not keep all later ones from followers.
                    Err(Fault::Corrupt(reason)) => {
                        tracing::error!(%name, reason, "followers are told that a damaged document is gone");
                        changes.push(Change::Gone(name));
                    }
                    Err(fault) => return Err(fault),
                },
            }
            up_to = seq;
        }
        if last {
            up_to = self.counters()?.seq;
        }
        Ok(Stretch { changes, up_to })
    }

    /// A document with its size; `None` where it is too much beside the bytes that are `read`.
    fn put(
        &self,
        generation: Generation,
        name: &DocumentName,
        (read, limit): (usize, usize),
    ) -> Result<Option<(StoredDocument, usize)>, Fault> {
        let Some(sized) = self.sized(name, generation)? else {
            return Err(Fault::Corrupt("it is in the sequence and nowhere else".into()));
        };
        let bytes = sized.bytes();
        if read > 0 && read + bytes > limit {
            return Ok(None);
        }
        Ok(Some((self.read(name, sized)?, bytes)))
    }

    /// The first entries after a position, hardly more than `limit` of them.
    fn entries(&self, after: Seq, limit: usize) -> Result<Vec<(Seq, Entry)>, Fault> {
        let mut entries = Vec::new();
        for row in self.puts.range(after + 1..)?.take(limit) {
            let (seq, row) = row?;
            let (generation, collection, document) = row.value();
            let name =
                DocumentName { collection: collection_id(collection)?, document: document_id(document)? };
            entries.push((seq.value(), Entry::Put(generation, name)));
        }
        for row in self.removals.range(after + 1..)?.take(limit) {
            let (seq, row) = row?;
            entries.push((seq.value(), Entry::Removal(decode(row.value())?)));
        }
        entries.sort_unstable_by_key(|(seq, _)| *seq);
        entries.truncate(limit);
        Ok(entries)
    }

    /// The number of the collection that has the id now.
    fn living(
        &self,
        known: &mut HashMap<CollectionId, Option<Generation>>,
        id: &CollectionId,
    ) -> Result<Option<Generation>, Fault> {
        if let Some(generation) = known.get(id) {
            return Ok(*generation);
        }
        let generation = self.generation(id)?;
        known.insert(id.clone(), generation);
        Ok(generation)
    }
}
