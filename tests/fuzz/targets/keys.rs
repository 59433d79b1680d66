//! Any text as a file of keys: read or refused; and what is read can be added to and revoked in, with all that was there left alone.

use super::Target;
use dictum::access::{KeyBook, KeyBookError, Limits, NewKey, NewKeyFault, Reach, Scope};
use jiff::Timestamp;
use std::path::Path;

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "[[key]]\n", "version = 1\n", "id = \"b\"\n", "name = ", "secret_sha256 = ", "scopes = [\"read\"]\n", "collections = [\"news-*\"]\n",
    "created = \"2026-01-02T03:04:05Z\"\n", "created = 2026-01-02T03:04:05Z\n", "expires = ", "revoked = ", "[key.quotas]\n",
    "requests_per_second = 20\n", "analyses = ", "\"*\"", "key = [{", "}]", "# note\n", "\"\"\"", "'''", "\\u0000", "-1", "inf", "\r\n", ".",
    "[key]\n", "\"key\"", "\"id\"", "[[key.quotas]]\n",
];

/// See the module.
pub const TARGET: Target = Target {
    name: "keys",
    sample: 1_000,
    words: WORDS,
    seeds: super::none,
    begin: || {
        let folder = tempfile::tempdir().unwrap();
        Box::new(move |data| run(&folder.path().join("keys.toml"), data))
    },
};

fn run(path: &Path, data: &[u8]) {
    std::fs::write(path, data).unwrap();
    let book = KeyBook::new(path);
    let Ok(before) = book.list() else { return };
    let now: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
    let made = match book.create(wanted("fuzzed"), now) {
        Ok((_, made)) => made,
        Err(KeyBookError::Inline { .. } | KeyBookError::New(NewKeyFault::IdTaken)) => return,
        Err(other) => panic!("a file that can be read cannot be added to: {other:?}"),
    };
    let after = book.list().expect("what was written can be read");
    assert_eq!((&after[..before.len()], &after[before.len()..]), (&before[..], &[made.clone()][..]));
    for key in &after {
        let revoked = book.revoke(&key.id, now).expect("a key that is listed can be revoked");
        assert_eq!(revoked.revoked, key.revoked.or(Some(now)), "{key:?}");
    }
    let all = book.list().expect("what was written can be read");
    assert!(all.len() == after.len() && all.iter().all(|key| key.revoked.is_some()));
}

fn wanted(id: &str) -> NewKey {
    NewKey {
        id: Some(id.into()),
        name: "of a fuzzer".into(),
        scopes: [Scope::Read].into_iter().collect(),
        collections: Reach::parse(&["news-*"]).expect("a pattern"),
        expires: None,
        quotas: Limits::default(),
    }
}
