//! Files that cannot be used, and what is said of them.

use super::*;
use crate::access::keys::KeyRing;
use crate::access::tokens::Tokens;
use serde_json::{Value, json};
use std::error::Error;

/// A file with one good key, and another with a line changed.
fn file(change: &str) -> String {
    let field = change.split([' ', '=']).next().unwrap();
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let good = |id: &str| {
        format!(
            "\n[[key]]\nid = '{id}'\nname = 'x'\nsecret_sha256 = '{hash}'\nscopes = ['read', 'admin']\n\
             collections = ['*']\ncreated = '2026-01-02T03:04:05Z'\n"
        )
    };
    let second: String = good("second")
        .lines()
        .filter(|line| !line.starts_with(field))
        .fold(String::new(), |text, line| text + line + "\n");
    format!("version = 1\n{}{second}{change}\n", good("first"))
}

fn said(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

#[test]
fn a_bad_file_of_keys_is_refused_with_key_and_field() {
    for (change, parts) in [
        ("id = 'Not An Id'", &["key number 2, id: must have"][..]),
        ("id = 'first'", &["key first, id: is that of two keys"]),
        ("name = ''", &["key second, name: must not be empty"]),
        ("name = \"a\\nb\"", &["key second, name: must be one line"]),
        ("secret_sha256 = 'abc'", &["key second, secret_sha256: must have 64"]),
        ("scopes = ['read', 'root']", &["key second, scopes: \"root\" is no scope"]),
        ("collections = ['a*b']", &["key second, collections: \"a*b\" is no collection"]),
        ("created = 'yesterday'", &["key second, created: \"yesterday\" is no time"]),
        ("expires = 2027-01-02", &["key second, expires: \"2027-01-02\" is no time"]),
        ("revoked = 'yes'", &["key second, revoked: \"yes\" is no time"]),
        ("quotas = { bytes_per_minute = 0 }", &["key second, quotas: bytes_per_minute must be"]),
        ("quotas = { bytes = 1 }", &["line ", "unknown field `bytes`"]),
        ("expire = '2027-01-02T03:04:05Z'", &["line ", "unknown field `expire`"]),
        ("name = 7", &["line ", "expected a string"]),
    ] {
        let error = said(&KeyRing::parse(&file(change)).unwrap_err());
        assert!(parts.iter().all(|part| error.contains(part)), "{change}: {error}");
    }
    assert_eq!(KeyRing::parse(&file("expires = 2027-01-02T03:04:05+01:00")).unwrap().len(), 2);
    assert_eq!(KeyRing::parse("version = 1").unwrap().len(), 0);
    for (text, part) in
        [("version = 2\nmore = 1", "its version is 2"), ("", "missing field `version`"), ("{", "TOML")]
    {
        let error = said(&KeyRing::parse(text).unwrap_err());
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_bad_set_of_public_keys_is_refused() {
    let issuer = Issuer::new();
    let settings = TokenSettings::new("", ISSUER, AUDIENCE);
    let good = issuer.jwks();
    let change = |at: usize, field: &str, value: Value| {
        let mut set = good.clone();
        set["keys"][at][field] = value;
        set.to_string()
    };
    for (text, part) in [
        ("{".into(), "no JSON Web Key Set"),
        ("[]".into(), "no JSON Web Key Set"),
        (json!({ "keys": [] }).to_string(), "no key for RS256"),
        (json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0" }] }).to_string(), "key 1 is no public key"),
        (json!({ "keys": vec![json!({}); 101] }).to_string(), "101 keys"),
        (change(1, "d", json!("c2VjcmV0")), "key 2 is no public key"),
        (change(1, "kid", json!("ed")), "two keys have the kid \"ed\""),
        (change(0, "alg", json!("ES256")), "key 1: its alg is none of its kty and crv"),
        (change(3, "alg", json!("RSA-OAEP")), "key 4: its alg is none of its kty and crv"),
        (change(2, "x", json!("!")), "key 3: its parameters are no base64url"),
        (change(2, "x", json!("AAAA")), "key 3: it has too few"),
        (change(3, "n", json!("AQAB")), "key 4: it has too few"),
        (change(0, "x", json!("AAAA")), "key 1: it has too few"),
    ] {
        let error = said(&Tokens::new(&settings, text.as_bytes()).unwrap_err());
        assert!(error.contains(part), "{part}: {error}");
    }
    assert_eq!(Tokens::new(&settings, good.to_string().as_bytes()).unwrap().keys(), 4);
    let only_ps256 = change(3, "alg", json!("PS256"));
    assert_eq!(Tokens::new(&settings, only_ps256.as_bytes()).unwrap().keys(), 4);
}
