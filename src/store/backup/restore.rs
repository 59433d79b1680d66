//! A store out of a backup, in two steps. First everything is unpacked beside the store's file, under a name that whoever opens the
//! store next removes, and every byte and every row of it is read. Only then does it take the file's place, all at once; the file that
//! was there is kept where the caller wants it.

use super::aside::put_aside;
use super::manifest::{BackupFault, Found};
use crate::domain::backup::Backup;
use crate::domain::time::Timestamp;
use crate::failpoint::{Failpoint, pass};
use crate::ports::OutageKind;
use crate::store::check::{self, Progress, StoreReport};
use crate::store::config::StoreConfig;
use crate::store::core::{Core, FILE, Opening, builder};
use crate::store::device::{Device, Failure, FileSite, Site};
use crate::store::error::{Fault, StoreError};
use crate::store::folder;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// How far a restore is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpacking {
    /// Bytes are copied and their checksum is made.
    Bytes {
        /// So many are done.
        done: u64,
        /// Of so many.
        of: u64,
    },
    /// Rows are read.
    Documents {
        /// Of so many documents.
        done: u64,
        /// Of so many.
        of: u64,
    },
}

/// A store that lies beside the one whose place it may take. Dropping it removes it.
#[derive(Debug)]
pub struct Unpacked {
    site: FileSite,
    dir: PathBuf,
    /// What the backup says of itself.
    pub backup: Backup,
    /// What a check of the unpacked store says.
    pub report: StoreReport,
}

impl Unpacked {
    /// Unpacks the backup `from` into the store's folder `dir`, which is made where it is missing. An older format is brought to the
    /// present one, and the store begins a new epoch at `now`: positions and pages that an earlier life of the copy gave out after it
    /// are not its own.
    ///
    /// # Errors
    /// Where the file is no backup, or a single byte of it is not what was written; where a row cannot be read; where there is too
    /// little room. Nothing is left behind then.
    pub fn of(
        from: &Path,
        dir: &Path,
        config: &StoreConfig,
        now: Timestamp,
        watch: &dyn Fn(Unpacking),
    ) -> Result<Self, BackupFault> {
        let mut found = Found::open(from)?;
        folder::make(dir)?;
        let site = Guarded(FileSite::new(dir.join(FILE)));
        site.0.discard_copy().map_err(|source| StoreError::Io { path: dir.to_owned(), source })?;
        let digest = unpack(&mut found, &site.0, watch)?;
        let Found { path, manifest, bytes, .. } = found;
        let backup = manifest.backup(bytes, digest).ok_or_else(|| BackupFault::NoBackup {
            path: path.clone(),
            reason: "its manifest names no store".into(),
        })?;
        let watch = |done| watch(Unpacking::Documents { done, of: backup.documents });
        // The checksum says that the bytes are those that somebody wrote; what is no database of ours can make the database's code
        // panic, which trusts its own pages.
        let report = catch_unwind(AssertUnwindSafe(|| read(&site.0, config, now, &watch)));
        let report = report
            .unwrap_or_else(|_| Err(Fault::Corrupt("its pages lead nowhere".into()).at(site.0.path())))?;
        pass(Failpoint::RestoreRead);
        Ok(Self { site: site.kept(), dir: dir.to_owned(), backup, report })
    }

    /// Refuses a store of which a row cannot be read.
    pub fn readable(&self, from: &Path) -> Result<(), BackupFault> {
        let Some(first) = self.report.first_unreadable() else { return Ok(()) };
        let first = format!("{}: {}", first.place, first.what);
        Err(BackupFault::Unreadable { path: from.to_owned(), findings: self.report.unreadable_count, first })
    }

    /// Takes the store's place. What is there is put aside first, into a new folder: `aside`, or one with a number behind its name where
    /// that is taken; without one it is replaced. Where it was put, if there was a store.
    ///
    /// # Errors
    /// Where the disk refuses. The store that was there is there still, unless the error says that only the folder could not be synced.
    pub fn exchange(self, aside: Option<&Path>) -> Result<Option<PathBuf>, StoreError> {
        let path = self.site.path();
        let aside = aside.filter(|_| path.exists()).map(|aside| put_aside(path, aside)).transpose()?;
        self.site.exchange().map_err(|source| StoreError::Io { path: path.to_owned(), source })?;
        folder::sync(&self.dir)?;
        Ok(aside)
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        // Where it has taken the store's place, nothing is left under this name.
        let _ = self.site.discard_copy();
    }
}

/// A place whose copy is removed, unless it is kept.
struct Guarded(FileSite);

impl Guarded {
    fn kept(self) -> FileSite {
        let site = FileSite::new(self.0.path().to_owned());
        std::mem::forget(self);
        site
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.0.discard_copy();
    }
}

/// Copies the database out of the backup; the digest of the whole file.
fn unpack(found: &mut Found, site: &FileSite, watch: &dyn Fn(Unpacking)) -> Result<[u8; 32], BackupFault> {
    let path = site.path().to_owned();
    let failed = |source| StoreError::Io { path: path.clone(), source };
    let of = found.manifest.store_bytes;
    let medium = site.open_copy().map_err(|error| Fault::from(error).at(&path))?;
    let room = medium.room().map_err(failed)?;
    if room.free < of {
        let detail = format!("{} bytes are free, and the backup takes {of}", room.free);
        return Err(StoreError::Out { path, failure: Failure { kind: OutageKind::Full, detail } }.into());
    }
    drop(medium);
    let mut file = site.create_copy().map_err(failed)?;
    let mut done = 0;
    let digest = found.read_all(|bytes| {
        file.write_all(bytes).map_err(failed)?;
        done += bytes.len() as u64;
        pass(Failpoint::RestoreBytes);
        watch(Unpacking::Bytes { done, of });
        Ok::<(), BackupFault>(())
    })?;
    file.sync_all().map_err(failed)?;
    pass(Failpoint::RestoreUnpacked);
    Ok(digest)
}

/// Compares every page with its checksum before any is followed. The database trusts its pages otherwise: it panics where one leads
/// nowhere, and now and then again while it deals with that, which ends the process.
fn sound(site: &FileSite, config: &StoreConfig) -> Result<(), Fault> {
    let device = Device::new(site.open_copy()?, config.overlay_bytes);
    builder(config).set_check_integrity_on_open(true).create_with_backend(device)?.close()?;
    Ok(())
}

/// Opens the store that was unpacked, and reads every row.
fn read(
    site: &FileSite,
    config: &StoreConfig,
    now: Timestamp,
    watch: &dyn Fn(u64),
) -> Result<StoreReport, StoreError> {
    sound(site, config).map_err(|fault| fault.at(site.path()))?;
    let medium = site.open_copy().map_err(|error| Fault::from(error).at(site.path()))?;
    let core = Core::open(medium, site.path(), config, Opening::New(now))?;
    let report = check::run(&core.snapshot(), &mut Progress(watch));
    let device = core.device().clone();
    let store = core.facts().id;
    drop(core);
    match device.failure() {
        Some(failure) => Err(StoreError::Out { path: site.path().to_owned(), failure }),
        None => Ok(StoreReport { store, ..report }),
    }
}
