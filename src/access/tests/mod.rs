//! A guard over files in a folder of its own, with a clock that is moved by hand, and an issuer that signs tokens in its
//! own ways. Each file tests one promise.

mod audit;
mod book;
mod files;
mod issuer;
mod keys;
mod quotas;
mod reload;
mod tokens;

use super::*;
use issuer::Issuer;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// When tests begin.
const START: &str = "2026-06-01T00:00:00Z";
const ISSUER: &str = "https://login.example";
const AUDIENCE: &str = "dictum";

/// A guard and what it is made from.
struct House {
    folder: TempDir,
    clock: Arc<ManualClock>,
    issuer: Issuer,
}

impl House {
    /// With one key, `reader`, and the public keys of an issuer.
    fn new() -> (Self, KeyText) {
        let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
        let house = Self { folder: tempfile::tempdir().unwrap(), clock, issuer: Issuer::new() };
        std::fs::write(house.jwks(), house.issuer.jwks().to_string()).unwrap();
        let key = house.make(new_key("reader", &["news-*"]));
        (house, key)
    }

    fn keys(&self) -> PathBuf {
        self.folder.path().join("keys.toml")
    }

    fn jwks(&self) -> PathBuf {
        self.folder.path().join("jwks.json")
    }

    fn book(&self) -> KeyBook {
        KeyBook::new(self.keys())
    }

    fn make(&self, wanted: NewKey) -> KeyText {
        self.book().create(wanted, self.clock.now()).unwrap().0
    }

    fn tokens(&self) -> TokenSettings {
        TokenSettings::new(self.jwks(), ISSUER, AUDIENCE)
    }

    fn guard(&self) -> Guard {
        self.guard_with(self.tokens())
    }

    fn guard_with(&self, tokens: TokenSettings) -> Guard {
        let settings = AccessSettings { keys: Some(self.keys()), tokens: Some(tokens) };
        Guard::new(settings, QuotaSettings::default(), self.clock.clone()).unwrap()
    }
}

/// A key that may read.
fn new_key(id: &str, collections: &[&str]) -> NewKey {
    NewKey {
        id: Some(id.into()),
        name: format!("{id} of the tests"),
        scopes: [Scope::Read].into_iter().collect(),
        collections: Reach::parse(collections).unwrap(),
        expires: None,
        quotas: Limits::default(),
    }
}

/// Who calls with that credential.
fn show(guard: &Guard, credential: impl ToString) -> Result<Arc<Principal>, Rejection> {
    let header = format!("Bearer {}", credential.to_string());
    guard.authenticate([header.as_bytes()])
}

/// What the client reads where that credential does not count, and the cause that it does not read.
fn refusal(guard: &Guard, credential: impl ToString) -> (Unauthenticated, &'static str) {
    let rejection = show(guard, credential).unwrap_err();
    (rejection.answer, rejection.cause)
}

/// The same id with another secret.
fn other_secret(key: &KeyText) -> String {
    let text = key.to_string();
    let (rest, last) = text.split_at(text.len() - 1);
    format!("{rest}{}", if last == "a" { "b" } else { "a" })
}
