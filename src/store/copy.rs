//! Copying all rows into another file. A database's own file keeps what was deleted from it: in free pages, at the ends of pages
//! that have shrunk, and as keys that only show the way between two others. A copy has none of that.

use super::config::StoreConfig;
use super::core::builder;
use super::device::{Device, Medium};
use super::error::Fault;
use super::tables::{Snapshot, Tables};
use redb::{Database, DatabaseError, Key, ReadOnlyTable, ReadableTable, Table, Value};

/// Bytes of rows between two questions whether to go on.
const STRIDE: u64 = 4 << 20;

/// Writes all rows of the snapshot into the empty file `medium`. `go_on` is asked now and then, and what it fails with ends the
/// copying.
pub(super) fn copy(
    snapshot: &Snapshot,
    medium: Box<dyn Medium>,
    config: &StoreConfig,
    go_on: impl Fn(&dyn Medium) -> Result<(), Fault>,
) -> Result<(), Fault> {
    // Nothing is kept in memory of a disk that fails: the copy is worth nothing then.
    let device = Device::new(medium, 0);
    let done =
        write_rows(snapshot, builder(config).create_with_backend(device.clone()), &|| go_on(device.medium()));
    match device.failure() {
        Some(failure) => Err(Fault::Out(failure)),
        None => done,
    }
}

fn write_rows(
    snapshot: &Snapshot,
    database: Result<Database, DatabaseError>,
    go_on: &dyn Fn() -> Result<(), Fault>,
) -> Result<(), Fault> {
    let database = database?;
    let transaction = database.begin_write()?;
    snapshot.copy_into(&mut Tables::open(&transaction)?, &mut Copying { go_on, since: 0 })?;
    Ok(transaction.commit()?)
}

/// Copies table after table.
pub(super) struct Copying<'a> {
    go_on: &'a dyn Fn() -> Result<(), Fault>,
    /// Bytes since it was last asked.
    since: u64,
}

impl Copying<'_> {
    /// Copies one table.
    pub(super) fn table<K: Key + 'static, V: Value + 'static>(
        &mut self,
        from: &ReadOnlyTable<K, V>,
        to: &mut Table<'_, K, V>,
    ) -> Result<(), Fault> {
        for entry in from.iter()? {
            let (key, value) = entry?;
            self.since += V::as_bytes(&value.value()).as_ref().len() as u64;
            to.insert(key.value(), value.value())?;
            if self.since > STRIDE {
                self.since = 0;
                (self.go_on)()?;
            }
        }
        Ok(())
    }
}
