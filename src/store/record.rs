//! How rows become bytes: a version byte, then postcard; large rows are packed by zstd. The golden test pins the bytes, since
//! postcard has no field names: a changed domain type would misread old rows without a word. The rows themselves are in
//! [`super::rows`].

use super::error::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::io::Read;

/// Version of the rows that this program writes. A change of any row's shape raises it and keeps the old shape
/// readable by a migration.
pub(super) const VERSION: u8 = 2;

/// zstd's fastest regular level: articles shrink to less than half, at several hundred megabytes a second.
const LEVEL: i32 = 1;

/// A type that is stored as the value of a table.
pub(super) trait Record: Serialize + DeserializeOwned {
    /// What an error calls it.
    const NAME: &'static str;
    /// Whether the row is large enough for zstd to pay.
    const PACKED: bool = false;
}

/// The bytes of a row.
pub(super) fn encode<R: Record>(record: &R) -> Result<Vec<u8>, Fault> {
    if R::PACKED {
        return pack(R::NAME, &plain(record)?);
    }
    postcard::to_extend(record, vec![VERSION]).map_err(|error| unwritable(R::NAME, error))
}

/// The row of the bytes.
pub(super) fn decode<R: Record>(bytes: &[u8]) -> Result<R, Fault> {
    decode_version(bytes, VERSION)
}

/// The row of the bytes, which must be of that version.
pub(super) fn decode_version<R: Record>(bytes: &[u8], version: u8) -> Result<R, Fault> {
    let body = body(R::NAME, bytes, version)?;
    if R::PACKED {
        let plain = zstd::decode_all(body).map_err(|error| unreadable(R::NAME, error))?;
        return from_plain(&plain);
    }
    from_plain(body)
}

/// A record without version and packing.
pub(super) fn plain<R: Record>(record: &R) -> Result<Vec<u8>, Fault> {
    postcard::to_stdvec(record).map_err(|error| unwritable(R::NAME, error))
}

/// The record of [`plain`]'s bytes.
pub(super) fn from_plain<R: Record>(plain: &[u8]) -> Result<R, Fault> {
    postcard::from_bytes(plain).map_err(|error| unreadable(R::NAME, error))
}

/// Version byte and packed bytes.
pub(super) fn pack(name: &str, plain: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut packed = vec![VERSION];
    packed.extend(zstd::bulk::compress(plain, LEVEL).map_err(|error| unwritable(name, error))?);
    Ok(packed)
}

/// Appends the first `limit` of [`pack`]'s plain bytes to `into`; the rest is not unpacked.
pub(super) fn unpack(name: &str, packed: &[u8], limit: u64, into: &mut Vec<u8>) -> Result<(), Fault> {
    let body = body(name, packed, VERSION)?;
    let unpacked = zstd::stream::read::Decoder::with_buffer(body).map_err(|error| unreadable(name, error))?;
    unpacked.take(limit).read_to_end(into).map_err(|error| unreadable(name, error))?;
    Ok(())
}

fn body<'b>(name: &str, bytes: &'b [u8], version: u8) -> Result<&'b [u8], Fault> {
    let (found, body) = bytes.split_first().ok_or_else(|| unreadable(name, "it is empty"))?;
    match *found == version {
        true => Ok(body),
        false => Err(unreadable(name, format_args!("its version is {found}, not {version}"))),
    }
}

fn unreadable(name: &str, cause: impl Display) -> Fault {
    Fault::Corrupt(format!("a {name} cannot be read: {cause}"))
}

fn unwritable(name: &str, cause: impl Display) -> Fault {
    Fault::Corrupt(format!("a {name} cannot be written: {cause}"))
}
