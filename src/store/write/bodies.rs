//! Texts and analyses: large, so in chunks, each packed by itself. The beginning of a long text costs what a short one costs, and
//! no row needs megabytes of the file in one piece.

use super::super::error::Fault;
use super::super::record::{from_plain, pack, plain, unpack};
use super::super::rows::BodyRef;
use super::super::tables::{Chunk, Generation};
use crate::domain::annotation::Analysis;
use crate::domain::document::Seq;
use redb::{ReadableTable, Table};
use std::ops::RangeInclusive;

/// Bytes of a chunk before it is packed.
const CHUNK: usize = 64 << 10;

/// What an error calls a text.
pub(in crate::store) const TEXT: &str = "text";
const ANALYSIS: &str = "analysis";

/// A document of a collection.
type Key<'k> = (Generation, &'k str);

/// Writes a text under the number of the change that brings it.
pub(in crate::store) fn write_text(
    table: &mut Table<'_, Chunk, &'static [u8]>,
    key: Key<'_>,
    seq: Seq,
    text: &str,
) -> Result<BodyRef, Fault> {
    write(table, key, seq, (TEXT, text.as_bytes()))
}

/// Writes an analysis under the number of the change that brings it.
pub(in crate::store) fn write_analysis(
    table: &mut Table<'_, Chunk, &'static [u8]>,
    key: Key<'_>,
    seq: Seq,
    analysis: &Analysis,
) -> Result<BodyRef, Fault> {
    write(table, key, seq, (ANALYSIS, &plain(analysis)?))
}

/// The whole text.
pub(in crate::store) fn text_of(
    table: &impl ReadableTable<Chunk, &'static [u8]>,
    key: Key<'_>,
    body: BodyRef,
) -> Result<String, Fault> {
    let bytes = read(table, key, body, (TEXT, u64::MAX))?;
    String::from_utf8(bytes).map_err(|error| Fault::Corrupt(format!("the text of {:?}: {error}", key.1)))
}

/// The first characters of the text, at most `limit` bytes of them.
pub(in crate::store) fn beginning_of(
    table: &impl ReadableTable<Chunk, &'static [u8]>,
    key: Key<'_>,
    body: BodyRef,
    limit: usize,
) -> Result<String, Fault> {
    let mut bytes = read(table, key, body, (TEXT, limit as u64))?;
    if let Err(error) = std::str::from_utf8(&bytes)
        && error.error_len().is_none()
    {
        bytes.truncate(error.valid_up_to());
    }
    String::from_utf8(bytes).map_err(|error| Fault::Corrupt(format!("the text of {:?}: {error}", key.1)))
}

/// The whole analysis.
pub(in crate::store) fn analysis_of(
    table: &impl ReadableTable<Chunk, &'static [u8]>,
    key: Key<'_>,
    body: BodyRef,
) -> Result<Analysis, Fault> {
    from_plain(&read(table, key, body, (ANALYSIS, u64::MAX))?)
}

/// Removes a body; the bytes that it took.
pub(super) fn remove(
    table: &mut Table<'_, Chunk, &'static [u8]>,
    (generation, id): Key<'_>,
    seq: Seq,
) -> Result<u64, Fault> {
    remove_range(table, (generation, id, seq, 0)..=(generation, id, seq, u32::MAX))
}

/// Removes all bodies of a document; the bytes that they took.
pub(super) fn remove_all(
    table: &mut Table<'_, Chunk, &'static [u8]>,
    (generation, id): Key<'_>,
) -> Result<u64, Fault> {
    remove_range(table, (generation, id, 0, 0)..=(generation, id, Seq::MAX, u32::MAX))
}

fn remove_range(
    table: &mut Table<'_, Chunk, &'static [u8]>,
    range: RangeInclusive<(Generation, &str, Seq, u32)>,
) -> Result<u64, Fault> {
    let mut bytes = 0;
    table.retain_in(range, |_, chunk| {
        bytes += chunk.len() as u64;
        false
    })?;
    Ok(bytes)
}

fn write(
    table: &mut Table<'_, Chunk, &'static [u8]>,
    (generation, id): Key<'_>,
    seq: Seq,
    (name, plain): (&str, &[u8]),
) -> Result<BodyRef, Fault> {
    for (n, chunk) in plain.chunks(CHUNK).enumerate() {
        table.insert((generation, id, seq, n as u32), pack(name, chunk)?.as_slice())?;
    }
    Ok(BodyRef { seq, bytes: plain.len() as u64 })
}

/// The first `limit` bytes of a body, or all that there are.
fn read(
    table: &impl ReadableTable<Chunk, &'static [u8]>,
    (generation, id): Key<'_>,
    body: BodyRef,
    (name, limit): (&str, u64),
) -> Result<Vec<u8>, Fault> {
    let wanted = limit.min(body.bytes);
    let mut bytes = Vec::with_capacity(wanted as usize);
    for entry in table.range((generation, id, body.seq, 0)..=(generation, id, body.seq, u32::MAX))? {
        let left = wanted - bytes.len() as u64;
        if left == 0 {
            break;
        }
        unpack(name, entry?.1.value(), left, &mut bytes)?;
    }
    match bytes.len() as u64 == wanted {
        true => Ok(bytes),
        false => Err(Fault::Corrupt(format!("the {name} of {id:?} has {} bytes, not {wanted}", bytes.len()))),
    }
}
