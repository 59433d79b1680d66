//! An open index: the search engine's writer and reader over one directory, the merges that are under way, and who
//! waits for an erasure. It knows nothing of threads; `writer.rs` drives it, and lets go of it where it fails.

use super::directory::Reins;
use super::entries;
use super::error::IndexError;
use super::merges::Merges;
use super::merging::Pace;
use super::open::{Opened, commit};
use super::schema::{self, Fields, Kind};
use super::writer::Reply;
use crate::domain::document::{Seq, StoreId};
use crate::failpoint::{Failpoint, pass};
use crate::ports::{IndexOp, PortError};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tantivy::{Index, IndexReader, IndexWriter, Searcher, TantivyError, Term};

/// How long no commit must have come for it to be quiet.
const QUIET: Duration = Duration::from_secs(1);

/// See the module.
pub(super) struct Session {
    store: StoreId,
    pub(super) reins: Arc<Reins>,
    index: Index,
    writer: IndexWriter,
    reader: IndexReader,
    merges: Merges,
    last_commit: Instant,
    at_rest: bool,
    erasures: Vec<Reply<()>>,
}

/// What a look at the merges has brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brought {
    /// Nothing new.
    Nothing,
    /// Other segments than before.
    Segments,
    /// What was to be erased is in no file any more.
    Erasure,
}

impl Session {
    pub(super) fn new(store: StoreId, reins: Arc<Reins>, opened: Opened) -> Self {
        let Opened { index, writer, reader, .. } = opened;
        let (merges, last_commit, at_rest, erasures) = (Merges::default(), Instant::now(), false, Vec::new());
        Self { store, reins, index, writer, reader, merges, last_commit, at_rest, erasures }
    }

    /// Does the operations in one commit that reaches `up_to`.
    pub(super) fn apply(&mut self, fields: &Fields, ops: &[IndexOp], up_to: Seq) -> Result<(), IndexError> {
        // What a merge met before is no cause of what may come.
        self.reins.take_failure();
        for op in ops {
            if self.reins.is_halted() {
                return Err(io::Error::other("the index is closing").into());
            }
            stage(&self.writer, fields, op)?;
            pass(Failpoint::IndexStaged);
        }
        commit(&mut self.writer, self.store, up_to)?;
        pass(Failpoint::IndexCommitted);
        self.last_commit = Instant::now();
        self.at_rest = false;
        Ok(())
    }

    /// What there is to see now.
    pub(super) fn searcher(&self) -> Result<Searcher, TantivyError> {
        self.reader.reload()?;
        Ok(self.reader.searcher())
    }

    /// Whether nothing is to be looked after until the next commit or erasure.
    pub(super) fn at_rest(&self) -> bool {
        self.at_rest
    }

    /// Begins an erasure.
    pub(super) fn erase(&mut self, reply: Reply<()>) {
        self.merges.erase();
        self.erasures.push(reply);
        self.at_rest = false;
    }

    /// Looks after the merges.
    pub(super) fn look(&mut self) -> Result<Brought, IndexError> {
        let quiet = self.last_commit.elapsed() >= QUIET;
        let pace = if quiet { Pace::Quiet } else { Pace::Busy };
        let progress = self.merges.look(&self.index, &mut self.writer, pace)?;
        self.at_rest = quiet && progress.at_rest;
        if progress.erased {
            self.collect_garbage()?;
            pass(Failpoint::IndexErased);
            return Ok(Brought::Erasure);
        }
        Ok(if progress.ended { Brought::Segments } else { Brought::Nothing })
    }

    /// Removes the files of segments that are merged away.
    fn collect_garbage(&mut self) -> Result<(), IndexError> {
        let collected = self.writer.garbage_collect_files().wait()?;
        match collected.failed_to_delete_files.first() {
            None => Ok(()),
            Some(file) => Err(io::Error::other(format!("{} cannot be removed", file.display())).into()),
        }
    }

    /// Begins no merge for a while after one could not be looked after.
    pub(super) fn pause(&mut self) {
        self.merges.pause();
    }

    /// Tells those who wait for an erasure how it ended.
    pub(super) fn end_erasures(&mut self, how: &Result<(), PortError>) {
        self.merges.end_erasure();
        for erasure in self.erasures.drain(..) {
            // Nobody to tell is no failure.
            let _ = erasure.send(how.clone());
        }
    }
}

/// Hands one operation to the indexing thread.
fn stage(writer: &IndexWriter, fields: &Fields, op: &IndexOp) -> Result<(), TantivyError> {
    let delete = |field, value: &str| {
        writer.delete_term(Term::from_field_text(field, value));
    };
    match op {
        IndexOp::PutDocument(put) => {
            delete(fields.owner, &put.document.info.name.to_string());
            for entry in entries::of_document(fields, put)? {
                writer.add_document(entry)?;
            }
        }
        IndexOp::DeleteDocument(name) => delete(fields.owner, &name.to_string()),
        IndexOp::DeleteCollection(id) => {
            Kind::ALL.iter().for_each(|kind| delete(fields.scope, &schema::scope(*kind, id)));
        }
        IndexOp::PutEntity(entity) => {
            delete(fields.owner, &entity.name.to_string());
            writer.add_document(entries::of_entity(fields, entity)?)?;
        }
        IndexOp::DeleteEntity(name) => delete(fields.owner, &name.to_string()),
    }
    Ok(())
}
