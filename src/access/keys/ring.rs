//! Whether a key counts. One step for all: find the record by the public id, compare the secret's hash with the
//! record's or, where there is none, with nobody's. So an unknown id takes as long as a wrong secret and is answered
//! alike, and that a key has expired is said only to those who hold it.

use super::file::{KeyFileFault, KeyRecord, parse};
use super::text::{SecretHash, split};
use crate::access::{Origin, Principal, Rejection, Unauthenticated};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

/// All keys of a file, by their ids.
#[derive(Debug, Default)]
pub struct KeyRing(HashMap<String, Entry>);

#[derive(Debug)]
struct Entry {
    hash: SecretHash,
    is_revoked: bool,
    principal: Arc<Principal>,
}

impl KeyRing {
    /// Reads a file of keys.
    pub fn parse(text: &str) -> Result<Self, KeyFileFault> {
        Ok(Self(parse(text)?.into_iter().map(|record| (record.id.clone(), Entry::from(record))).collect()))
    }

    /// How many keys there are, those that count no more included.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whose key it is.
    pub fn authenticate(&self, key: &str, now: Timestamp) -> Result<Arc<Principal>, Rejection> {
        let malformed = || Rejection::new(Unauthenticated::Malformed, "begins like a key and is none");
        let (id, secret) = split(key).ok_or_else(malformed)?;
        let entry = self.0.get(id);
        let expected = entry.map_or(&SecretHash::NOBODYS, |entry| &entry.hash);
        let is_right = SecretHash::of(secret).is(expected);
        match entry {
            Some(entry) if is_right => entry.current(now),
            Some(_) => Err(Rejection::refused("the secret is wrong")),
            None => Err(Rejection::refused("no such key")),
        }
        .map_err(|rejection| rejection.claiming(id))
    }

    /// The principal of a key that was right once, as it is now.
    pub fn again(&self, id: &str, now: Timestamp) -> Result<Arc<Principal>, Rejection> {
        let entry = self.0.get(id).ok_or(Rejection::refused("the key is there no more"));
        entry.and_then(|entry| entry.current(now)).map_err(|rejection| rejection.claiming(id))
    }
}

impl Entry {
    fn current(&self, now: Timestamp) -> Result<Arc<Principal>, Rejection> {
        match () {
            () if self.is_revoked => Err(Rejection::refused("the key is revoked")),
            () if !self.principal.is_current(now) => {
                Err(Rejection::new(Unauthenticated::Expired, "the key has expired"))
            }
            () => Ok(Arc::clone(&self.principal)),
        }
    }
}

impl From<KeyRecord> for Entry {
    fn from(record: KeyRecord) -> Self {
        let principal = Principal {
            id: format!("key:{}", record.id).into(),
            name: record.name.into(),
            origin: Origin::Key { id: record.id.into() },
            scopes: record.scopes,
            reach: record.collections,
            limits: record.quotas,
            expires: record.expires,
        };
        Self { hash: record.hash, is_revoked: record.revoked.is_some(), principal: Arc::new(principal) }
    }
}
