//! Making a backup of a snapshot: the rows are copied into a new database in their order, which is made small; then the file is read
//! once for its checksum, and gets its tail. Memory is bounded by the page cache of the copy.

use super::manifest::Manifest;
use super::pace::Pace;
use super::stoppable::Stoppable;
use crate::domain::backup::Backup;
use crate::domain::time::Timestamp;
use crate::failpoint::{Failpoint, pass};
use crate::store::config::StoreConfig;
use crate::store::copy::copy_small;
use crate::store::device::{Medium, NamedFile};
use crate::store::error::Fault;
use crate::store::meta::{FORMAT, StoreFacts};
use crate::store::record::decode;
use crate::store::rows::CollectionRow;
use crate::store::tables::Snapshot;
use data_encoding::HEXLOWER;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

/// Bytes that are read at a time.
const STRIDE: usize = 1 << 20;

/// Makes a backup in a file that is empty or not there yet, at its pace, by which it can be called off at any time. `go_on` is asked now and
/// then, is told how many bytes are copied, and what it fails with ends the work. What was written by then is left to the caller.
pub(in crate::store) fn make(
    snapshot: &Snapshot,
    facts: StoreFacts,
    (path, at, pace): (&Path, Timestamp, &Arc<Pace>),
    config: &StoreConfig,
    go_on: &dyn Fn(&dyn Medium, u64) -> Result<(), Fault>,
) -> Result<Backup, Fault> {
    let medium = Stoppable { file: NamedFile::open(path, true)?, pace: Arc::clone(pace) };
    copy_small(snapshot, Box::new(medium), config, go_on)?;
    pass(Failpoint::BackupCopied);
    let mut file = OpenOptions::new().read(true).append(true).open(path)?;
    let medium = NamedFile::open(path, false)?;
    let mut hasher = blake3::Hasher::new();
    let store_bytes = hash(&mut file, &mut hasher, &|bytes| go_on(&medium, bytes))?;
    let manifest = manifest(snapshot, facts, at, store_bytes)?;
    let tail = manifest.tail(&mut hasher)?;
    pass(Failpoint::BackupHashed);
    file.write_all(&tail)?;
    pass(Failpoint::BackupWritten);
    file.sync_all()?;
    pass(Failpoint::BackupSynced);
    let backup = manifest.backup(store_bytes + tail.len() as u64, *hasher.finalize().as_bytes());
    backup.ok_or_else(|| Fault::Corrupt("the store has an id that is none".into()))
}

/// Reads the file from its beginning to its end; how many bytes that were.
fn hash(
    file: &mut File,
    hasher: &mut blake3::Hasher,
    go_on: &dyn Fn(u64) -> Result<(), Fault>,
) -> Result<u64, Fault> {
    let (mut buffer, mut bytes) = (vec![0; STRIDE], 0);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(bytes);
        }
        hasher.update(&buffer[..read]);
        bytes += read as u64;
        go_on(bytes)?;
    }
}

fn manifest(
    snapshot: &Snapshot,
    facts: StoreFacts,
    at: Timestamp,
    store_bytes: u64,
) -> Result<Manifest, Fault> {
    let mut manifest = Manifest {
        dictum: env!("CARGO_PKG_VERSION").into(),
        store_format: FORMAT,
        store_id: HEXLOWER.encode(&facts.id),
        created_unix_seconds: at.seconds,
        created_nanos: at.nanos,
        last_change: snapshot.counters()?.seq,
        collections: 0,
        documents: 0,
        quotes: 0,
        entities: 0,
        store_bytes,
    };
    for entry in snapshot.collections.range::<&str>(..)? {
        let row: CollectionRow = decode(entry?.1.value())?;
        manifest.collections += 1;
        manifest.documents += row.documents;
        manifest.quotes += row.quotes;
        manifest.entities += row.entities;
    }
    Ok(manifest)
}
