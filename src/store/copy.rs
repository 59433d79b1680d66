//! Copying all rows into another file. A database's own file keeps what was deleted from it: in free pages, at the ends of pages
//! that have shrunk, and as keys that only show the way between two others. A copy has none of that.

use super::config::StoreConfig;
use super::core::builder;
use super::device::{Device, Medium};
use super::error::Fault;
use super::tables::{Snapshot, Tables};
use crate::failpoint::{Failpoint, pass};
use redb::{Database, DatabaseError, Key, ReadOnlyTable, ReadableTable, Table, Value};

/// Bytes of rows between two questions whether to go on.
const STRIDE: u64 = 256 << 10;

/// Writes all rows of the snapshot into the empty file `medium`. `go_on` is asked now and then, is told how many bytes are copied, and
/// what it fails with ends the copying.
pub(super) fn copy(
    snapshot: &Snapshot,
    medium: Box<dyn Medium>,
    config: &StoreConfig,
    go_on: impl Fn(&dyn Medium, u64) -> Result<(), Fault>,
) -> Result<(), Fault> {
    into(snapshot, medium, config, go_on, |_| Ok(()))
}

/// The same, and makes the copy as small as it can be: a file grows in steps that are larger than what comes. Takes half as long again.
pub(super) fn copy_small(
    snapshot: &Snapshot,
    medium: Box<dyn Medium>,
    config: &StoreConfig,
    go_on: impl Fn(&dyn Medium, u64) -> Result<(), Fault>,
) -> Result<(), Fault> {
    into(snapshot, medium, config, go_on, |database| {
        // Whether anything had to be moved is all the same.
        database.compact()?;
        Ok(())
    })
}

fn into(
    snapshot: &Snapshot,
    medium: Box<dyn Medium>,
    config: &StoreConfig,
    go_on: impl Fn(&dyn Medium, u64) -> Result<(), Fault>,
    then: impl FnOnce(&mut Database) -> Result<(), Fault>,
) -> Result<(), Fault> {
    // Nothing is kept in memory of a disk that fails: the copy is worth nothing then.
    let device = Device::new(medium, 0);
    device.retire();
    let go_on = |copied| go_on(device.medium(), copied);
    let database = builder(config).create_with_backend(device.clone());
    let done = write_rows(snapshot, database, &go_on).and_then(|mut database| then(&mut database));
    match device.failure() {
        Some(failure) => Err(Fault::Out(failure)),
        None => done,
    }
}

fn write_rows(
    snapshot: &Snapshot,
    database: Result<Database, DatabaseError>,
    go_on: &dyn Fn(u64) -> Result<(), Fault>,
) -> Result<Database, Fault> {
    let database = database?;
    let transaction = database.begin_write()?;
    snapshot.copy_into(&mut Tables::open(&transaction)?, &mut Copying { go_on, copied: 0, asked: 0 })?;
    transaction.commit()?;
    Ok(database)
}

/// Copies table after table.
pub(super) struct Copying<'a> {
    go_on: &'a dyn Fn(u64) -> Result<(), Fault>,
    /// Bytes of rows.
    copied: u64,
    /// Those when it was last asked.
    asked: u64,
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
            self.copied += V::as_bytes(&value.value()).as_ref().len() as u64;
            to.insert(key.value(), value.value())?;
            if self.copied - self.asked > STRIDE {
                self.asked = self.copied;
                (self.go_on)(self.copied)?;
            }
        }
        pass(Failpoint::CopyTable);
        Ok(())
    }
}

/// Whether two tables have the same rows, byte for byte.
pub(super) fn same<K: Key + 'static, V: Value + 'static>(
    one: &ReadOnlyTable<K, V>,
    other: &ReadOnlyTable<K, V>,
) -> Result<bool, Fault> {
    let (mut one, mut other) = (one.iter()?, other.iter()?);
    loop {
        match (one.next().transpose()?, other.next().transpose()?) {
            (None, None) => return Ok(true),
            (Some(one), Some(other)) => {
                let (key, other_key) = (one.0.value(), other.0.value());
                let (value, other_value) = (one.1.value(), other.1.value());
                let keys = K::as_bytes(&key).as_ref() == K::as_bytes(&other_key).as_ref();
                if !(keys && V::as_bytes(&value).as_ref() == V::as_bytes(&other_value).as_ref()) {
                    return Ok(false);
                }
            }
            _ => return Ok(false),
        }
    }
}
