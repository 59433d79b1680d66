//! Making a store's file small, while nobody has it open: its rows are copied into a new file, as for a backup, and compared with those that
//! they were copied from, and the new file takes the old one's place. A database's file never shrinks by itself: what was deleted leaves
//! room in it for what comes.

use super::config::StoreConfig;
use super::copy::copy_small;
use super::core::{Core, FILE, Opening, builder};
use super::device::{Device, FileSite, Site};
use super::error::{Fault, StoreError};
use super::folder;
use super::tables::Snapshot;
use crate::domain::time::Timestamp;
use crate::failpoint::{Failpoint, pass};
use redb::ReadableDatabase;
use std::path::Path;

/// What a compaction has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compacted {
    /// Bytes of the file before.
    pub before: u64,
    /// Bytes of the file now.
    pub after: u64,
}

/// Compacts the store in the folder; `watch` is told how many bytes are copied, of how many at most. A copy that is no smaller is not
/// taken.
///
/// # Errors
/// Where there is no store, too little room for a second one, or the copy is not what it was copied from. The store is as it was then.
pub fn compact(
    dir: &Path,
    config: &StoreConfig,
    now: Timestamp,
    watch: &dyn Fn(u64, u64),
) -> Result<Compacted, StoreError> {
    let site = FileSite::new(dir.join(FILE));
    let done = replaced(&site, config, now, watch);
    let discarded = site.discard_copy().map_err(|error| Fault::from(error).at(site.path()));
    let compacted = done.map_err(|fault| fault.at(site.path()))?;
    discarded?;
    folder::sync(dir)?;
    Ok(compacted)
}

/// Makes a copy and puts it in the place of the store, where it is smaller; a power loss may bring back the other one until the folder is synced.
pub(super) fn replaced(
    site: &dyn Site,
    config: &StoreConfig,
    now: Timestamp,
    watch: &dyn Fn(u64, u64),
) -> Result<Compacted, Fault> {
    let medium = site.open(false)?;
    let before = medium.len()?;
    site.discard_copy()?;
    let core = Core::prepared(medium, site.path(), config, Opening::New(now))?;
    let snapshot = core.snapshot();
    copy_small(&snapshot, site.open_copy()?, config, |_, copied| {
        watch(copied, before);
        Ok(())
    })?;
    pass(Failpoint::CompactCopied);
    compare(&snapshot, site, config)?;
    pass(Failpoint::CompactCompared);
    drop((snapshot, core));
    let after = site.open_copy()?.len()?;
    if after >= before {
        return Ok(Compacted { before, after: before });
    }
    site.exchange()?;
    Ok(Compacted { before, after })
}

fn compare(snapshot: &Snapshot, site: &dyn Site, config: &StoreConfig) -> Result<(), Fault> {
    let device = Device::new(site.open_copy()?, 0);
    let copy = builder(config).create_with_backend(device)?;
    let copied = Snapshot::open(&copy.begin_read()?)?;
    match copied.differs(snapshot)? {
        None => Ok(()),
        Some(table) => Err(Fault::Corrupt(format!("its copy has other rows in the table {table}"))),
    }
}
