//! Opening a store's file to look at it, and leaving every byte as it is: what the database would write, a repair after a crash for one,
//! stays in memory, and a disk that can only be read is enough. Every page is compared with its checksum first.

use super::{FindingKind, StoreReport, Witness, run};
use crate::store::config::StoreConfig;
use crate::store::core::{FILE, builder};
use crate::store::device::{Device, Medium, NamedFile, Room};
use crate::store::error::{Fault, StoreError};
use crate::store::meta;
use crate::store::tables::{META, Snapshot};
use redb::{ReadableDatabase, StorageBackend};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Memory for what is not written; what a repair writes is a small part of the file.
const UNWRITTEN: usize = 1 << 30;

/// Checks the store in the folder.
///
/// # Errors
/// Where there is no store, it is of another format than the present one, or the disk cannot be read.
pub fn run_on(
    dir: &Path,
    config: &StoreConfig,
    witness: &mut dyn Witness,
) -> Result<StoreReport, StoreError> {
    let path = dir.join(FILE);
    let bytes =
        std::fs::metadata(&path).map_err(|source| StoreError::Io { path: path.clone(), source })?.len();
    // Damage can make the database panic where it trusts its own pages.
    let looked = catch_unwind(AssertUnwindSafe(|| look(&path, config, witness)));
    let looked = looked.unwrap_or_else(|_| Err(Fault::Corrupt("its pages lead nowhere".into())));
    let report = match looked.map_err(|fault| fault.at(&path)) {
        Err(StoreError::Corrupt { reason, .. }) => {
            let mut report = StoreReport::default();
            report.note(FindingKind::Unreadable, &path.display().to_string(), reason);
            report
        }
        other => other?,
    };
    Ok(StoreReport { bytes, ..report })
}

fn look(path: &Path, config: &StoreConfig, witness: &mut dyn Witness) -> Result<StoreReport, Fault> {
    let device = Device::new(Box::new(Untouched(NamedFile::open_to_read(path)?)), UNWRITTEN);
    let database = builder(config).set_check_integrity_on_open(true).create_with_backend(device)?;
    let transaction = database.begin_read()?;
    let facts = meta::present(&transaction.open_table(META)?)?;
    let snapshot = Snapshot::open(&transaction)?;
    let counters = snapshot.counters()?;
    witness.begin(facts.id, counters.seq, counters.floor);
    Ok(StoreReport { store: facts.id, ..run(&snapshot, witness) })
}

/// A file that takes nothing.
#[derive(Debug)]
struct Untouched(NamedFile);

fn refused<T>() -> io::Result<T> {
    Err(io::ErrorKind::ReadOnlyFilesystem.into())
}

impl StorageBackend for Untouched {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, _len: u64) -> io::Result<()> {
        refused()
    }

    fn sync_data(&self) -> io::Result<()> {
        refused()
    }

    fn write(&self, _offset: u64, _data: &[u8]) -> io::Result<()> {
        refused()
    }

    fn close(&self) -> io::Result<()> {
        self.0.close()
    }
}

impl Medium for Untouched {
    fn present(&self) -> io::Result<()> {
        self.0.present()
    }

    fn probe(&self) -> io::Result<()> {
        refused()
    }

    fn room(&self) -> io::Result<Room> {
        self.0.room()
    }
}
