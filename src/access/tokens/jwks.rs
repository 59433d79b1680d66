//! The file of public keys: a JSON Web Key Set (RFC 7517), as issuers publish it. Keys for other uses, and of kinds that
//! are unknown here, are passed over, as the RFC wants; secret ones are refused, since they should not be in it.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use serde_json::Value;

/// Most keys of a set.
const MAX_KEYS: usize = 100;
/// Shortest modulus of an RSA key, in bytes: what `ring` takes.
const MIN_MODULUS: usize = 2048 / 8;

const RSA: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

/// A key that signatures can be checked with.
#[derive(Debug)]
pub struct PublicKey {
    /// What tokens call it.
    pub kid: Option<String>,
    /// What it may be used with: what its kind allows or, where the set says more, the one that the set says.
    pub algorithms: Vec<Algorithm>,
    pub key: DecodingKey,
}

/// Why a text is no set of public keys. Keys are counted from 1.
#[derive(Debug, thiserror::Error)]
pub enum JwksFault {
    /// No JSON, or of another shape.
    #[error("it is no JSON Web Key Set, {{\"keys\": […]}}")]
    Json(#[source] serde_json::Error),
    /// More than a set may have.
    #[error("it has {0} keys; at most {MAX_KEYS} may be")]
    TooMany(usize),
    /// A private key, or a secret one: whoever reads the file could make tokens.
    #[error("key {0} is no public key; take it out, and replace it where it is in use")]
    Secret(usize),
    /// A key that cannot be used as it is.
    #[error("key {number}: {reason}")]
    Key {
        /// Which one.
        number: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Tokens could mean either.
    #[error("two keys have the kid {0:?}")]
    SameKid(String),
    /// Nothing in it that signatures could be checked with.
    #[error("it has no key for RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 or EdDSA")]
    NoKey,
}

#[derive(serde::Deserialize)]
struct Set {
    keys: Vec<Value>,
}

/// Reads the keys that can be used.
pub fn parse(text: &[u8]) -> Result<Vec<PublicKey>, JwksFault> {
    let set: Set = serde_json::from_slice(text).map_err(JwksFault::Json)?;
    if set.keys.len() > MAX_KEYS {
        return Err(JwksFault::TooMany(set.keys.len()));
    }
    let mut keys: Vec<PublicKey> = Vec::new();
    for (at, value) in set.keys.into_iter().enumerate() {
        let Some(key) = read(at + 1, value)? else { continue };
        match &key.kid {
            Some(kid) if keys.iter().any(|other| other.kid == key.kid) => {
                return Err(JwksFault::SameKid(kid.clone()));
            }
            _ => keys.push(key),
        }
    }
    if keys.is_empty() { Err(JwksFault::NoKey) } else { Ok(keys) }
}

fn read(number: usize, value: Value) -> Result<Option<PublicKey>, JwksFault> {
    if value.get("d").is_some() || value.get("k").is_some() {
        return Err(JwksFault::Secret(number));
    }
    let jwk: Jwk = serde_json::from_value(value).map_err(JwksFault::Json)?;
    if !is_for_signatures(&jwk) {
        return Ok(None);
    }
    let Some(of_kind) = algorithms_of(&jwk.algorithm) else { return Ok(None) };
    let algorithms = match jwk.common.key_algorithm {
        None => of_kind.to_vec(),
        Some(said) => {
            of_kind.iter().copied().filter(|algorithm| KeyAlgorithm::from(*algorithm) == said).collect()
        }
    };
    let fault = |reason| JwksFault::Key { number, reason };
    if algorithms.is_empty() {
        return Err(fault("its alg is none of its kty and crv"));
    }
    let key = DecodingKey::from_jwk(&jwk).map_err(|_| fault("its parameters are no base64url"))?;
    check_length(&key, of_kind).map_err(fault)?;
    Ok(Some(PublicKey { kid: jwk.common.key_id, algorithms, key }))
}

fn is_for_signatures(jwk: &Jwk) -> bool {
    let by_use = jwk.common.public_key_use.as_ref().is_none_or(|used| *used == PublicKeyUse::Signature);
    let operations = jwk.common.key_operations.as_ref();
    by_use && operations.is_none_or(|operations| operations.contains(&KeyOperations::Verify))
}

/// What a key of that kind can check, if anything.
fn algorithms_of(parameters: &AlgorithmParameters) -> Option<&'static [Algorithm]> {
    match parameters {
        AlgorithmParameters::RSA(_) => Some(RSA),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            Some(&[Algorithm::ES256])
        }
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => {
            Some(&[Algorithm::ES384])
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            Some(&[Algorithm::EdDSA])
        }
        _ => None,
    }
}

/// A key that no signature could fit is found now rather than at each call.
fn check_length(key: &DecodingKey, algorithms: &[Algorithm]) -> Result<(), &'static str> {
    let fits = match (key.kind(), algorithms) {
        (DecodingKeyKind::RsaModulusExponent { n, .. }, _) => {
            n.iter().skip_while(|byte| **byte == 0).count() >= MIN_MODULUS
        }
        (DecodingKeyKind::SecretOrDer(point), [Algorithm::ES256]) => point.len() == 1 + 2 * 32,
        (DecodingKeyKind::SecretOrDer(point), [Algorithm::ES384]) => point.len() == 1 + 2 * 48,
        (DecodingKeyKind::SecretOrDer(point), _) => point.len() == 32,
    };
    if fits { Ok(()) } else { Err("it has too few or too many bits; RSA keys need 2048 at least") }
}
