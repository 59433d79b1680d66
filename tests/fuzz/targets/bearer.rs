//! Any bytes as what callers show, and as the public keys that tokens are checked with.
//!
//! The first byte chooses: 0, the rest is the header; 1, it is a token's header and claims, a line each, which are signed as they should
//! be; 2, it is the file of public keys.

use super::{Target, chosen};
use data_encoding::BASE64URL_NOPAD as BASE64;
use dictum::access::{AccessSettings, Guard, ManualClock, QuotaSettings, TokenSettings};
use ring::signature::{Ed25519KeyPair, KeyPair};
use std::sync::Arc;
use tempfile::TempDir;

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "Bearer ", "dictum_", "eyJ", ".", "..", "=", "\"alg\":\"EdDSA\"", "\"alg\":\"none\"", "\"alg\":\"HS256\"", "\"alg\":\"RS256\"",
    "\"kid\":\"ed\"", "\"crit\":[\"b64\"]", "\"exp\":1e18", "\"exp\":-1", "\"nbf\":9223372036854775807", "\"aud\":[\"dictum\"]", "\"scope\":[",
    "\"scope\":\"read\"", "\"sub\":\"\"", "\"dictum_collections\":[\"*\"]", "\"kty\":\"RSA\"", "\"kty\":\"EC\"", "\"crv\":\"P-256\"",
    "\"n\":\"AQAB\"", "\"e\":\"AQAB\"", "\"x\":\"", "\"use\":\"sig\"", "\"key_ops\":[\"verify\"]", "\\u0000", "[", "{", "null", "\n",
];

/// See the module.
pub const TARGET: Target = Target {
    name: "bearer",
    sample: 3_000,
    words: WORDS,
    seeds: super::none,
    begin: || {
        let house = House::new();
        Box::new(move |data| house.run(data))
    },
};

struct House {
    pair: Ed25519KeyPair,
    guard: Guard,
    folder: TempDir,
}

impl House {
    fn new() -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let x = BASE64.encode(pair.public_key().as_ref());
        let set = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"ed","x":"{x}"}}]}}"#);
        let guard = guard(&folder, set.as_bytes()).unwrap();
        Self { pair, guard, folder }
    }

    fn run(&self, data: &[u8]) {
        let (choice, rest) = chosen(data);
        match choice % 3 {
            0 => assert!(self.guard.authenticate([rest]).is_err(), "nobody has signed this"),
            1 => {
                let header = self.signed(rest);
                if let Ok(principal) = self.guard.authenticate([header.as_bytes()]) {
                    let ours = principal.id.starts_with("token:https://login.example#");
                    assert!(ours && !principal.name.is_empty(), "{principal:?}");
                }
            }
            _ => drop(guard(&self.folder, rest)),
        }
    }

    fn signed(&self, parts: &[u8]) -> String {
        let mut parts = parts.splitn(2, |byte| *byte == b'\n').map(|part| BASE64.encode(part));
        let message = format!("{}.{}", parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let signature = self.pair.sign(message.as_bytes());
        format!("Bearer {message}.{}", BASE64.encode(signature.as_ref()))
    }
}

/// A guard over these public keys.
fn guard(folder: &TempDir, set: &[u8]) -> Option<Guard> {
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, set).unwrap();
    let tokens = TokenSettings::new(path, "https://login.example", "dictum");
    let clock = Arc::new(ManualClock::new("2026-06-01T00:00:00Z".parse().unwrap()));
    let settings = AccessSettings { keys: None, tokens: Some(tokens) };
    Guard::new(settings, QuotaSettings::default(), clock).ok()
}
