//! The file of keys, version 1, in TOML:
//!
//! ```toml
//! version = 1
//!
//! [[key]]
//! id = "k5wq3nbe"                       # public; a-z, 0-9 and -, at most 40
//! name = "nightly ingest"               # for people, and for the log of decisions
//! secret_sha256 = "ba7816bf…"           # of the text after the last _ of the key
//! scopes = ["read", "write"]            # read, write, admin; none includes another
//! collections = ["default", "news-*"]   # ids, beginnings with a star, or "*"
//! created = "2026-01-02T03:04:05Z"      # RFC 3339, as are the next two, which may be left out
//! expires = "2027-01-02T03:04:05Z"
//! revoked = "2026-02-03T04:05:06Z"      # whatever the time, the key counts no more
//!
//! [key.quotas]                          # what is left out is not limited
//! requests_per_second = 20
//! request_burst = 40
//! bytes_per_minute = 10000000
//! analyses = 2
//! documents = 100000
//! ```
//!
//! Nothing here opens files. What is not known is refused, since a misspelt limit is no limit.

use super::text::{SecretHash, is_id};
use crate::access::{Limits, Reach, Scopes};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashSet;

/// The version that this program reads and writes.
pub(super) const VERSION: u32 = 1;
/// Most keys of a file.
const MAX_KEYS: usize = 10_000;
/// Longest name, in bytes.
const MAX_NAME_BYTES: usize = 200;

/// A key as the service keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Public, unique in the file.
    pub id: String,
    /// For people.
    pub name: String,
    /// What tells the secret.
    pub(super) hash: SecretHash,
    /// What it allows.
    pub scopes: Scopes,
    /// Where it does.
    pub collections: Reach,
    /// When it was made.
    pub created: Timestamp,
    /// From when on it counts no more.
    pub expires: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// How much its holder may use.
    pub quotas: Limits,
}

/// Why a text is no file of keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileFault {
    /// No TOML, an unknown field, a missing one, or one of another type; the source says where.
    #[error("it cannot be read as TOML with the fields of a file of keys")]
    Toml(#[source] Box<toml::de::Error>),
    /// Of a program that is not this one.
    #[error("its version is {0}; this program reads version {VERSION}")]
    Version(u32),
    /// More than a file may hold.
    #[error("it has {0} keys; at most {MAX_KEYS} may be")]
    TooMany(usize),
    /// A value that cannot be used.
    #[error("key {key}, {field}: {reason}")]
    Field {
        /// Its id or, where that is wrong, `number 3`, counted from 1.
        key: String,
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(rename = "version")]
    _version: u32,
    #[serde(default)]
    key: Vec<RawKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKey {
    id: String,
    name: String,
    secret_sha256: String,
    scopes: Vec<String>,
    collections: Vec<String>,
    created: RawTime,
    expires: Option<RawTime>,
    revoked: Option<RawTime>,
    #[serde(default)]
    quotas: Limits,
}

/// TOML has times of its own; people write either.
#[derive(Deserialize)]
#[serde(untagged)]
enum RawTime {
    Text(String),
    Toml(toml::value::Datetime),
}

/// Reads the keys in their order.
pub(super) fn parse(text: &str) -> Result<Vec<KeyRecord>, KeyFileFault> {
    let toml = |error| KeyFileFault::Toml(Box::new(error));
    // Before anything else, since a newer version may have fields that are unknown here.
    match toml::from_str::<Versioned>(text).map_err(toml)?.version {
        VERSION => {}
        other => return Err(KeyFileFault::Version(other)),
    }
    let raw = toml::from_str::<RawFile>(text).map_err(toml)?.key;
    if raw.len() > MAX_KEYS {
        return Err(KeyFileFault::TooMany(raw.len()));
    }
    let keys: Vec<_> =
        raw.into_iter().enumerate().map(|(at, raw)| checked(at, raw)).collect::<Result<_, _>>()?;
    let mut ids = HashSet::new();
    match keys.iter().find(|key| !ids.insert(key.id.as_str())) {
        Some(twice) => Err(fault(&twice.id, "id", "is that of two keys")),
        None => Ok(keys),
    }
}

fn checked(at: usize, raw: RawKey) -> Result<KeyRecord, KeyFileFault> {
    if !is_id(&raw.id) {
        let number = format!("number {}", at + 1);
        return Err(fault(&number, "id", "must have 1 to 40 of a-z, 0-9 and -"));
    }
    let wrong = |field: &'static str, reason: &str| fault(&raw.id, field, reason);
    check_name(&raw.name).map_err(|reason| wrong("name", reason))?;
    let hash = SecretHash::parse(&raw.secret_sha256);
    let hash =
        hash.ok_or_else(|| wrong("secret_sha256", "must have 64 hexadecimal digits, in lower case"))?;
    let scopes = raw.scopes.iter().map(|scope| scope.parse()).collect::<Result<Scopes, _>>();
    let collections = Reach::parse(&raw.collections);
    raw.quotas.check().map_err(|error| wrong("quotas", &error.to_string()))?;
    Ok(KeyRecord {
        hash,
        scopes: scopes.map_err(|error| wrong("scopes", &error.to_string()))?,
        collections: collections.map_err(|error| wrong("collections", &error.to_string()))?,
        created: raw.created.read().map_err(|reason| wrong("created", &reason))?,
        expires: raw.expires.map(RawTime::read).transpose().map_err(|reason| wrong("expires", &reason))?,
        revoked: raw.revoked.map(RawTime::read).transpose().map_err(|reason| wrong("revoked", &reason))?,
        quotas: raw.quotas,
        id: raw.id,
        name: raw.name,
    })
}

/// What is wrong with a name, if anything is.
pub(super) fn check_name(name: &str) -> Result<(), &'static str> {
    match name {
        "" => Err("must not be empty"),
        long if long.len() > MAX_NAME_BYTES => Err("must have at most 200 bytes"),
        odd if odd.chars().any(char::is_control) => Err("must be one line without control characters"),
        _ => Ok(()),
    }
}

fn fault(key: &str, field: &'static str, reason: &str) -> KeyFileFault {
    KeyFileFault::Field { key: key.to_owned(), field, reason: reason.to_owned() }
}

impl RawTime {
    fn read(self) -> Result<Timestamp, String> {
        let text = match self {
            Self::Text(text) => text,
            Self::Toml(time) => time.to_string(),
        };
        text.parse().map_err(|_| format!("{text:?} is no time with its offset, as \"2027-01-02T03:04:05Z\""))
    }
}
