//! Somebody who signs tokens, and the tricks of those who pretend to be.

use data_encoding::BASE64URL_NOPAD as BASE64;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::rsa::{self, PublicKeyComponents};
use ring::signature::{self as by, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair};
use serde_json::{Value, json};

/// A key for tests and nothing else, since `ring` makes none of this kind.
const RSA_KEY: &str = include_str!("rsa_key.txt");

/// Private keys of every kind.
pub struct Issuer {
    ed: Ed25519KeyPair,
    p256: EcdsaKeyPair,
    p384: EcdsaKeyPair,
    rsa: rsa::KeyPair,
    random: SystemRandom,
}

impl Issuer {
    pub fn new() -> Self {
        let random = SystemRandom::new();
        let curve = |scheme| {
            let made = EcdsaKeyPair::generate_pkcs8(scheme, &random).unwrap();
            EcdsaKeyPair::from_pkcs8(scheme, made.as_ref(), &random).unwrap()
        };
        let ed = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let text: String = RSA_KEY.split_ascii_whitespace().collect();
        Self {
            ed: Ed25519KeyPair::from_pkcs8(ed.as_ref()).unwrap(),
            p256: curve(&by::ECDSA_P256_SHA256_FIXED_SIGNING),
            p384: curve(&by::ECDSA_P384_SHA384_FIXED_SIGNING),
            rsa: RsaKeyPair::from_pkcs8(&data_encoding::BASE64.decode(text.as_bytes()).unwrap()).unwrap(),
            random,
        }
    }

    /// The public keys: `ed`, `p256`, `p384`, and `rsa`.
    pub fn jwks(&self) -> Value {
        let curve = |kid: &str, name: &str, key: &EcdsaKeyPair| {
            let point = &key.public_key().as_ref()[1..];
            let (x, y) = point.split_at(point.len() / 2);
            json!({ "kty": "EC", "crv": name, "kid": kid, "x": BASE64.encode(x), "y": BASE64.encode(y) })
        };
        let rsa = PublicKeyComponents::<Vec<u8>>::from(self.rsa.public());
        json!({ "keys": [
            { "kty": "OKP", "crv": "Ed25519", "kid": "ed", "use": "sig", "alg": "EdDSA", "x": BASE64.encode(self.ed_public()) },
            curve("p256", "P-256", &self.p256),
            curve("p384", "P-384", &self.p384),
            { "kty": "RSA", "kid": "rsa", "n": BASE64.encode(&rsa.n), "e": BASE64.encode(&rsa.e) },
            { "kty": "RSA", "kid": "other use", "use": "enc", "n": "AQAB", "e": "AQAB" },
            { "kty": "unheard of", "kid": "other kind" },
        ] })
    }

    pub fn ed_public(&self) -> &[u8] {
        self.ed.public_key().as_ref()
    }

    /// A token of that algorithm, signed rightly by the key that is for it.
    pub fn token(&self, algorithm: &str, claims: &Value) -> String {
        let kid = match algorithm {
            "EdDSA" => "ed",
            "ES256" => "p256",
            "ES384" => "p384",
            _ => "rsa",
        };
        self.signed(algorithm, &json!({ "alg": algorithm, "kid": kid }), claims)
    }

    /// A token with any header, signed by what `algorithm` says.
    pub fn signed(&self, algorithm: &str, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64.encode(value.to_string().as_bytes());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = self.signature(algorithm, message.as_bytes());
        format!("{message}.{}", BASE64.encode(&signature))
    }

    fn signature(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let rsa = |scheme: &'static dyn by::RsaEncoding| {
            let mut signature = vec![0; self.rsa.public().modulus_len()];
            self.rsa.sign(scheme, &self.random, message, &mut signature).unwrap();
            signature
        };
        match algorithm {
            "none" => Vec::new(),
            "HS256" => {
                hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, self.ed_public()), message).as_ref().to_vec()
            }
            "EdDSA" => self.ed.sign(message).as_ref().to_vec(),
            "ES256" => self.p256.sign(&self.random, message).unwrap().as_ref().to_vec(),
            "ES384" => self.p384.sign(&self.random, message).unwrap().as_ref().to_vec(),
            "RS256" => rsa(&by::RSA_PKCS1_SHA256),
            "RS384" => rsa(&by::RSA_PKCS1_SHA384),
            "RS512" => rsa(&by::RSA_PKCS1_SHA512),
            "PS256" => rsa(&by::RSA_PSS_SHA256),
            "PS384" => rsa(&by::RSA_PSS_SHA384),
            "PS512" => rsa(&by::RSA_PSS_SHA512),
            other => unreachable!("{other}"),
        }
    }
}
