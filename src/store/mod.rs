//! The source of truth, in redb: documents with their analyses, collections with their counts, the entities that documents
//! share, operations, and the sequence of changes that followers read. It is the adapter of two ports, [`DocumentLog`] and
//! [`EntityProjection`]; it knows rows and transactions, and refuses to know how text is analysed, what is searched, or that
//! anything else derives from it.
//!
//! **Kept**: of each document the current revision and the one before it, whole. **Durable**: a group of writes is one
//! transaction, answered after the disk has synced it. **Idempotent**: a document whose content hash is current already writes
//! nothing; any other content, be it only the title, is a new revision. **Changes**: every write that does something has a
//! position; each living document has one entry, at its last change.
//!
//! **Backed up** is a snapshot, into one file that says itself whether it is whole, see `backup/`; **checked** is every row against those
//! that it should agree with, see `check/`.
//!
//! **A disk that fails** ends no reading: what it does not take waits in memory, see `device/`. **Erased** is what was deleted by a
//! copy of what lives that takes the file's place, see `adapter/eraser.rs`.
//!
//! Start at [`Store`], the async half with its threads; `core.rs` is the synchronous half, `write/` and `read/` what it does,
//! `tables.rs` shows what lies on disk, `entities/` how entities are counted, `migrate/` what older programs left.
//!
//! [`DocumentLog`]: crate::ports::DocumentLog
//! [`EntityProjection`]: crate::ports::EntityProjection

mod adapter;
mod backup;
mod check;
mod compact;
mod config;
mod copy;
mod core;
mod device;
mod entities;
mod epochs;
mod error;
mod folder;
mod hold;
mod meta;
mod migrate;
mod read;
mod record;
mod rows;
mod tables;
#[cfg(test)]
mod tests;
mod tidy;
mod write;

pub use adapter::Store;
pub use backup::{BackupFault, Unpacked, Unpacking};
pub use check::{Finding, FindingKind, StoreReport, Witness, run_on as check};
pub use compact::{Compacted, compact};
pub use config::StoreConfig;
pub use error::StoreError;
pub use hold::Hold;
