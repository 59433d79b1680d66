//! What `dictum keys` does: make, list and revoke. Each is one read and at most one write of the whole file, under its
//! lock, so that two at once lose nothing; a service that runs sees the new file by itself.

use super::file::{self, KeyFileFault, KeyRecord, check_name};
use super::replace::WriteLock;
use super::text::{KeyText, is_id};
use super::{edit, replace};
use crate::access::{LimitFault, Limits, Reach, Scopes};
use crate::stamp;
use jiff::Timestamp;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

/// A file of keys that can be changed.
#[derive(Debug, Clone)]
pub struct KeyBook {
    path: PathBuf,
}

/// What a new key is to be.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Its public id; a random one where it is left out.
    pub id: Option<String>,
    /// For people.
    pub name: String,
    /// What it allows.
    pub scopes: Scopes,
    /// Where it does.
    pub collections: Reach,
    /// From when on it counts no more.
    pub expires: Option<Timestamp>,
    /// How much its holder may use.
    pub quotas: Limits,
}

/// Why a key cannot be as it is wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NewKeyFault {
    /// Keys are told apart by them.
    #[error("the id must have 1 to 40 of a-z, 0-9 and -")]
    Id,
    /// Ids are never used again, not even those of revoked keys.
    #[error("there is a key with that id already")]
    IdTaken,
    /// What people are to know it by.
    #[error("the name {0}")]
    Name(&'static str),
    /// It would allow nothing.
    #[error("at least one scope is needed")]
    NoScope,
    /// It would have expired when it is made.
    #[error("the time at which it expires has passed")]
    Expired,
    /// Limits that cannot be kept.
    #[error(transparent)]
    Limit(LimitFault),
}

/// Why the file of keys is as it was.
#[derive(Debug, thiserror::Error)]
pub enum KeyBookError {
    /// The file, its lock or its folder failed.
    #[error("cannot {action} the file of keys {}", path.display())]
    Io {
        /// `read`, `lock` or `write`.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file cannot be used as it stands; it is left alone.
    #[error("in the file of keys {}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Which key, and what is wrong with it.
        source: KeyFileFault,
    },
    /// Its keys are written as inline tables, which are not edited here.
    #[error("the keys of {} are no [[key]] tables; write them as such", path.display())]
    Inline {
        /// Which file.
        path: PathBuf,
    },
    /// The new key cannot be.
    #[error(transparent)]
    New(#[from] NewKeyFault),
    /// There is no such key.
    #[error("there is no key {0:?}")]
    NoSuchKey(String),
    /// The system has no random bytes.
    #[error("no random bytes")]
    Random(#[from] getrandom::Error),
}

impl KeyBook {
    /// The book in that file, which need not exist before the first key.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Makes a key and stores what the service keeps of it. The text is shown here and nowhere else.
    pub fn create(&self, wanted: NewKey, now: Timestamp) -> Result<(KeyText, KeyRecord), KeyBookError> {
        check(&wanted, now)?;
        let key = KeyText::new(wanted.id)?;
        let record = KeyRecord {
            id: key.id().to_owned(),
            name: wanted.name,
            hash: key.hash(),
            scopes: wanted.scopes,
            collections: wanted.collections,
            created: seconds(now),
            expires: wanted.expires,
            revoked: None,
            quotas: wanted.quotas,
        };
        let lock = self.lock()?;
        let text = self.read()?.unwrap_or_else(edit::empty);
        if self.parse(&text)?.iter().any(|other| other.id == record.id) {
            return Err(NewKeyFault::IdTaken.into());
        }
        self.write(&lock, edit::with(&text, &record))?;
        Ok((key, record))
    }

    /// All keys, in the order of the file; none where there is no file.
    pub fn list(&self) -> Result<Vec<KeyRecord>, KeyBookError> {
        self.read()?.map_or(Ok(Vec::new()), |text| self.parse(&text))
    }

    /// Revokes a key, for good. One that is revoked already keeps its time.
    pub fn revoke(&self, id: &str, now: Timestamp) -> Result<KeyRecord, KeyBookError> {
        let lock = self.lock()?;
        let none = || KeyBookError::NoSuchKey(id.to_owned());
        let text = self.read()?.ok_or_else(none)?;
        let mut record = self.parse(&text)?.into_iter().find(|key| key.id == id).ok_or_else(none)?;
        if record.revoked.is_none() {
            self.write(&lock, edit::revoked(&text, id, seconds(now)))?;
            record.revoked = Some(seconds(now));
        }
        Ok(record)
    }

    fn lock(&self) -> Result<WriteLock, KeyBookError> {
        replace::lock(&self.path).map_err(|source| self.io("lock", source))
    }

    fn read(&self) -> Result<Option<String>, KeyBookError> {
        match stamp::plain(&self.path).and_then(|()| std::fs::read_to_string(&self.path)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(self.io("read", source)),
        }
    }

    fn parse(&self, text: &str) -> Result<Vec<KeyRecord>, KeyBookError> {
        file::parse(text).map_err(|source| KeyBookError::File { path: self.path.clone(), source })
    }

    /// Writes what an edit made of a text that was read, once it is known to be readable again.
    fn write(
        &self,
        lock: &WriteLock,
        edited: Result<Option<String>, toml_edit::TomlError>,
    ) -> Result<(), KeyBookError> {
        let text = edited.ok().flatten().ok_or_else(|| KeyBookError::Inline { path: self.path.clone() })?;
        self.parse(&text)?;
        lock.replace(&text).map_err(|source| self.io("write", source))
    }

    fn io(&self, action: &'static str, source: io::Error) -> KeyBookError {
        KeyBookError::Io { action, path: self.path.clone(), source }
    }
}

fn check(wanted: &NewKey, now: Timestamp) -> Result<(), NewKeyFault> {
    if wanted.id.as_ref().is_some_and(|id| !is_id(id)) {
        return Err(NewKeyFault::Id);
    }
    check_name(&wanted.name).map_err(NewKeyFault::Name)?;
    if wanted.scopes.is_empty() {
        return Err(NewKeyFault::NoScope);
    }
    if wanted.expires.is_some_and(|expires| expires <= now) {
        return Err(NewKeyFault::Expired);
    }
    wanted.quotas.check().map_err(NewKeyFault::Limit)
}

/// Fractions of a second are of no use to those who read the file.
fn seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
