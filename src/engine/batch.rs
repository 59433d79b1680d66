//! A stretch of the store's changes, turned into what the index has to do. Changes name things; what is put into
//! the index is their present state, so that reading a stretch twice, or after later changes, does no harm.

use super::error::Fault;
use crate::domain::document::{Seq, StoredDocument};
use crate::domain::entity::CollectionEntity;
use crate::domain::ids::{CollectionId, DocumentName, EntityName};
use crate::index::IndexOp;
use crate::store::{ChangeKind, Store};
use std::collections::HashSet;

/// Most changes in one batch.
const MOST_CHANGES: usize = 512;
/// Bytes of text at which a batch is closed: it is held in memory as a whole.
const MOST_BYTES: usize = 16 << 20;

/// What the index has to do to come from one change to a later one.
#[derive(Debug)]
pub(super) struct Batch {
    steps: Vec<Step>,
    up_to: Seq,
}

#[derive(Debug)]
enum Step {
    PutDocument(Box<StoredDocument>),
    DropDocument(DocumentName),
    DropCollection(CollectionId),
    PutEntity(Box<CollectionEntity>),
    DropEntity(EntityName),
}

impl Step {
    fn op(&self) -> IndexOp<'_> {
        match self {
            Self::PutDocument(document) => IndexOp::PutDocument(document),
            Self::DropDocument(name) => IndexOp::DeleteDocument(name),
            Self::DropCollection(id) => IndexOp::DeleteCollection(id),
            Self::PutEntity(entity) => IndexOp::PutEntity(entity),
            Self::DropEntity(name) => IndexOp::DeleteEntity(name),
        }
    }
}

impl Batch {
    /// The changes after `after`, as many as one commit should take.
    pub(super) fn read(store: &Store, after: Seq) -> Result<Self, Fault> {
        // Asked first, so that whatever comes in between belongs to the next batch.
        let last = store.last_seq()?;
        let changes = store.changes(after, MOST_CHANGES)?;
        let mut batch = Self { steps: Vec::with_capacity(changes.len()), up_to: after };
        let mut seen = HashSet::new();
        let mut bytes = 0;
        for change in &changes {
            if bytes >= MOST_BYTES {
                break;
            }
            match &change.kind {
                ChangeKind::DocumentPut(name) | ChangeKind::DocumentDeleted(name) => {
                    if seen.insert(name) {
                        bytes += batch.document(store, name)?;
                    }
                }
                ChangeKind::CollectionDeleted(id) => {
                    // Documents of a new collection with the old one's name come again, after this step.
                    seen.retain(|name| name.collection != *id);
                    batch.steps.push(Step::DropCollection(id.clone()));
                }
                ChangeKind::CollectionCreated(_) => {}
            }
            batch.up_to = change.seq;
        }
        if changes.is_empty() {
            // Changes leave gaps where later ones took their place. A gap at the end must not hold the index up.
            batch.up_to = last.max(after);
        }
        batch.entities(store, after)?;
        Ok(batch)
    }

    /// The last change that the batch holds.
    pub(super) fn up_to(&self) -> Seq {
        self.up_to
    }

    /// In the order in which the index must take them.
    pub(super) fn ops(&self) -> Vec<IndexOp<'_>> {
        self.steps.iter().map(Step::op).collect()
    }

    fn document(&mut self, store: &Store, name: &DocumentName) -> Result<usize, Fault> {
        let Some(document) = store.document(name)? else {
            self.steps.push(Step::DropDocument(name.clone()));
            return Ok(0);
        };
        let bytes = document.document.text.len();
        self.steps.push(Step::PutDocument(Box::new(document)));
        Ok(bytes)
    }

    fn entities(&mut self, store: &Store, after: Seq) -> Result<(), Fault> {
        for name in store.entities_touched(after, self.up_to)? {
            self.steps.push(match store.entity(&name)? {
                Some(entity) => Step::PutEntity(Box::new(entity)),
                None => Step::DropEntity(name),
            });
        }
        Ok(())
    }
}
