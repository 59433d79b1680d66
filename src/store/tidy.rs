//! Forgetting rows that nobody needs any more, a bounded number at a time, so that no writer waits long: removals that every
//! follower has seen, and what deleted collections left behind. The latter are out of sight since the collection's deletion;
//! nothing here makes a change that followers see.

use super::error::Fault;
use super::meta::Counters;
use super::record::decode;
use super::rows::{EntityRow, HeadRow, RemovalRow};
use super::tables::{Generation, Tables};
use crate::domain::document::Seq;
use redb::{Key, ReadableTable, Table, Value, WriteTransaction};
use std::ops::Range;

/// Removes at most `limit` rows (and those that belong to them); whether any are left. `followed` is the change up to which
/// every follower has read.
pub(super) fn step(transaction: &WriteTransaction, followed: Seq, limit: usize) -> Result<bool, Fault> {
    let mut tables = Tables::open(transaction)?;
    let mut left = limit;
    let floor =
        forget_removals(&mut tables, followed, &mut left)?.max(fade(&mut tables, followed, &mut left)?);
    let mut counters = Counters::read(&tables.meta)?;
    if floor > counters.floor {
        counters.floor = floor;
        counters.write(&mut tables.meta)?;
    }
    let doomed = tables.doomed.first()?.map(|(generation, _)| generation.value());
    if let Some(doomed) = doomed {
        clear(&mut tables, doomed, &mut left)?;
        if left > 0 {
            tables.doomed.remove(doomed)?;
        }
    }
    Ok(left == 0 || tables.doomed.first()?.is_some())
}

/// Forgets documents and collections that are gone; the last removal that is forgotten.
fn forget_removals(tables: &mut Tables<'_>, followed: Seq, left: &mut usize) -> Result<Seq, Fault> {
    let (removed, fallen) = (&mut tables.removed, &mut tables.fallen);
    let mut floor = 0;
    take(&mut tables.removals, 0..followed.saturating_add(1), left, |seq, row| {
        floor = seq;
        match decode(row)? {
            RemovalRow::Document(generation, name) => {
                drop(removed.remove((generation, name.document.as_str()))?)
            }
            RemovalRow::Collection(id) => drop(fallen.remove(id.as_str())?),
        }
        Ok(())
    })?;
    Ok(floor)
}

/// Forgets the traces of entities that are gone; the last removal that is forgotten.
fn fade(tables: &mut Tables<'_>, followed: Seq, left: &mut usize) -> Result<Seq, Fault> {
    let entities = &mut tables.entities;
    let mut floor = 0;
    take(
        &mut tables.faded,
        (0, 0, "")..(followed.saturating_add(1), 0, ""),
        left,
        |(seq, generation, id), _| {
            floor = seq;
            entities.remove((generation, id))?;
            Ok(())
        },
    )?;
    Ok(floor)
}

/// Removes rows of a deleted collection.
fn clear(tables: &mut Tables<'_>, doomed: Generation, left: &mut usize) -> Result<(), Fault> {
    let members = || (doomed, "")..(doomed + 1, "");
    let puts = &mut tables.puts;
    take(&mut tables.heads, members(), left, |_, head| {
        // A damaged row is removed like any other; at worst an entry of the sequence stays that leads nowhere.
        if let Ok(head) = decode::<HeadRow>(head) {
            puts.remove(head.seq)?;
        }
        Ok(())
    })?;
    let removals = &mut tables.removals;
    take(&mut tables.removed, members(), left, |_, seq| {
        removals.remove(seq)?;
        Ok(())
    })?;
    let (touched, faded) = (&mut tables.touched, &mut tables.faded);
    take(&mut tables.entities, members(), left, |(_, entity), row| {
        if let Ok(row) = decode::<EntityRow>(row) {
            touched.remove((row.seq, doomed, entity))?;
            faded.remove((row.seq, doomed, entity))?;
        }
        Ok(())
    })?;
    for table in [&mut tables.previous, &mut tables.gone, &mut tables.contributions] {
        take(table, members(), left, |_, _| Ok(()))?;
    }
    for table in [&mut tables.texts, &mut tables.analyses] {
        take(table, (doomed, "", 0, 0)..(doomed + 1, "", 0, 0), left, |_, _| Ok(()))?;
    }
    let sightings = (doomed, "", i64::MIN, 0, "")..(doomed + 1, "", i64::MIN, 0, "");
    take(&mut tables.sightings, sightings, left, |_, ()| Ok(()))?;
    take(&mut tables.forms, (doomed, "", 0, "")..(doomed + 1, "", 0, ""), left, |_, _| Ok(()))?;
    take(&mut tables.ranks, (doomed, "", 0, 0, "")..(doomed + 1, "", 0, 0, ""), left, |_, ()| Ok(()))?;
    take(&mut tables.namings, (doomed, "", "")..(doomed + 1, "", ""), left, |_, _| Ok(()))?;
    take(&mut tables.surnames, (doomed, "", 0, "")..(doomed + 1, "", 0, ""), left, |_, ()| Ok(()))
}

/// Removes up to `left` rows of the range, showing each to `also`.
fn take<'a, K: Key, V: Value>(
    table: &mut Table<'_, K, V>,
    range: Range<K::SelfType<'a>>,
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
