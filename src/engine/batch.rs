//! A stretch of the log's changes, turned into what the index has to do.

use super::error::Fault;
use super::sentence;
use crate::domain::document::Seq;
use crate::ports::{Change, DocumentLog, EntityChange, EntityProjection, Entry, IndexOp, PortError};

/// Most changes in one batch.
const MOST_CHANGES: usize = 512;
/// Bytes of text at which a batch is closed: it is held in memory as a whole.
const MOST_BYTES: usize = 4 << 20;

/// What the index has to do to come from one change to a later one.
pub(super) struct Batch {
    /// In the order in which the index must take them.
    pub(super) ops: Vec<IndexOp>,
    /// The last change that the batch holds.
    pub(super) up_to: Seq,
}

/// Why there is no batch.
pub(super) enum Missing {
    /// The log cannot be read.
    Log(PortError),
    /// The work on it went wrong.
    Fault(Fault),
}

impl From<PortError> for Missing {
    fn from(error: PortError) -> Self {
        Self::Log(error)
    }
}

impl Batch {
    /// The changes after `after`, as many as one commit should take.
    pub(super) async fn read(
        log: &dyn DocumentLog,
        entities: &dyn EntityProjection,
        after: Seq,
    ) -> Result<Self, Missing> {
        let stretch = log.follow(after, MOST_CHANGES, MOST_BYTES).await?;
        let touched = entities.touched(after, stretch.up_to).await?;
        // Sentences are looked for in every text: computation, which no async worker should do.
        let ops = tokio::task::spawn_blocking(move || {
            stretch.changes.into_iter().map(document_op).chain(touched.into_iter().map(entity_op)).collect()
        });
        let ops = ops.await.map_err(|_| Missing::Fault(Fault::Panicked))?;
        Ok(Self { ops, up_to: stretch.up_to })
    }
}

fn document_op(change: Change) -> IndexOp {
    match change {
        Change::Put(document) => {
            let sentences = sentence::of_quotes(&document.text, &document.analysis.quotes);
            IndexOp::PutDocument(Box::new(Entry { document: *document, sentences }))
        }
        Change::Gone(name) => IndexOp::DeleteDocument(name),
        Change::CollectionGone(id) => IndexOp::DeleteCollection(id),
    }
}

fn entity_op(change: EntityChange) -> IndexOp {
    match change {
        EntityChange::Put(entity) => IndexOp::PutEntity(entity),
        EntityChange::Gone(name) => IndexOp::DeleteEntity(name),
    }
}
