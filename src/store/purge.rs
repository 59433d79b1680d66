//! Removing what deleted collections left behind, a bounded number of rows at a time, so that no writer waits long.
//! The rows are out of sight since the collection's deletion; nothing here makes a change that followers see.

use super::error::Fault;
use super::record::{EntityRow, HeadRow, decode};
use super::tables::{Generation, Tables};
use redb::{Key, ReadableTable, Table, Value, WriteTransaction};

/// Removes at most `limit` rows (and the entries in the sequences that belong to them); whether any are left.
pub(super) fn step(transaction: &WriteTransaction, limit: usize) -> Result<bool, Fault> {
    let mut tables = Tables::open(transaction)?;
    let Some(doomed) = tables.doomed.first()?.map(|(generation, _)| generation.value()) else {
        return Ok(false);
    };
    let mut left = limit;
    drain(&mut tables, doomed, &mut left)?;
    if left > 0 {
        tables.doomed.remove(doomed)?;
    }
    Ok(tables.doomed.first()?.is_some())
}

fn drain(tables: &mut Tables<'_>, doomed: Generation, left: &mut usize) -> Result<(), Fault> {
    let members = || (doomed, "")..(doomed + 1, "");
    let changes = &mut tables.changes;
    take(&mut tables.heads, members(), left, |_, head| {
        changes.remove(decode::<HeadRow>(head)?.seq)?;
        Ok(())
    })?;
    let touched = &mut tables.touched;
    take(&mut tables.entities, members(), left, |(_, entity), row| {
        touched.remove((decode::<EntityRow>(row)?.seq, doomed, entity))?;
        Ok(())
    })?;
    for table in [&mut tables.texts, &mut tables.analyses, &mut tables.contributions] {
        take(table, members(), left, |_, _| Ok(()))?;
    }
    take(&mut tables.revisions, (doomed, "", 0)..(doomed + 1, "", 0), left, |_, _| Ok(()))?;
    let sightings = (doomed, "", i64::MIN, 0, "")..(doomed + 1, "", i64::MIN, 0, "");
    take(&mut tables.sightings, sightings, left, |_, ()| Ok(()))?;
    let names = || (doomed, "", "")..(doomed + 1, "", "");
    take(&mut tables.namings, names(), left, |_, ()| Ok(()))?;
    take(&mut tables.surnames, names(), left, |_, _| Ok(()))
}

/// Removes up to `left` rows of the range, showing each to `also`.
fn take<'a, K: Key, V: Value>(
    table: &mut Table<'_, K, V>,
    range: std::ops::Range<K::SelfType<'a>>,
    left: &mut usize,
    mut also: impl FnMut(K::SelfType<'_>, V::SelfType<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    if *left == 0 {
        return Ok(());
    }
    for entry in table.extract_from_if(range, |_, _| true)?.take(*left) {
        let (key, value) = entry?;
        also(key.value(), value.value())?;
        *left -= 1;
    }
    Ok(())
}
