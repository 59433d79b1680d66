//! A key as a client holds it: `dictum_ID_SECRET`. The id is public and says which key it is; the secret is 32 random
//! bytes in base 32. The prefix lets people, and programs that look for lost secrets, see what it is.
//!
//! The service keeps SHA-256 of the secret. A slow hash is for what people think up; nobody guesses 256 random bits,
//! and a fast one lets each call be checked anew.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use ring::digest::{SHA256, digest};
use std::fmt;
use subtle::ConstantTimeEq;

/// How every key begins.
pub const PREFIX: &str = "dictum_";
/// Random bytes of a secret.
const SECRET_BYTES: usize = 32;
/// What they take in base 32.
const SECRET_CHARS: usize = (SECRET_BYTES * 8).div_ceil(5);
/// Random bytes of an id: enough that no two of a file are alike.
const ID_BYTES: usize = 5;
/// Longest id, in bytes.
const MAX_ID_BYTES: usize = 40;

/// A key in full. Its `Display` shows the secret, its `Debug` does not.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText {
    id: String,
    secret: String,
}

impl KeyText {
    /// A new one with this id or, without, a random one. Fails where the system has no random bytes.
    pub fn new(id: Option<String>) -> Result<Self, getrandom::Error> {
        let id = match id {
            Some(id) => id,
            None => random::<ID_BYTES>()?,
        };
        Ok(Self { id, secret: random::<SECRET_BYTES>()? })
    }

    /// The public part.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the service keeps.
    pub(super) fn hash(&self) -> SecretHash {
        SecretHash::of(&self.secret)
    }
}

impl fmt::Display for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}_{}", self.id, self.secret)
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}_…", self.id)
    }
}

fn random<const N: usize>() -> Result<String, getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
}

/// Id and secret of a key, if it has the form of one.
pub(super) fn split(key: &str) -> Option<(&str, &str)> {
    let (id, secret) = key.strip_prefix(PREFIX)?.split_once('_')?;
    let base32 = |byte: u8| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte);
    (is_id(id) && secret.len() == SECRET_CHARS && secret.bytes().all(base32)).then_some((id, secret))
}

/// Whether a key may have that id.
pub(super) fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=MAX_ID_BYTES).contains(&id.len()) && id.bytes().all(plain)
}

/// SHA-256 of a secret, of its text and not of the bytes that the text stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct SecretHash([u8; 32]);

impl SecretHash {
    /// What no secret is known to have.
    pub(super) const NOBODYS: Self = Self([0; 32]);

    /// Of the text after the last `_` of a key.
    pub(super) fn of(secret: &str) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
        Self(hash)
    }

    /// From 64 hexadecimal digits.
    pub(super) fn parse(hex: &str) -> Option<Self> {
        let bytes = HEXLOWER.decode(hex.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// Whether they are the same, in a time that does not tell how alike they are.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Display for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_reads_back_as_it_was_made(id in "[a-z0-9-]{1,40}", chosen: bool) {
            let key = KeyText::new(chosen.then_some(id)).unwrap();
            let text = key.to_string();
            prop_assert_eq!(split(&text), Some((key.id(), &*key.secret)));
            prop_assert_eq!(SecretHash::parse(&key.hash().to_string()), Some(key.hash()));
            let shown = format!("{key:?}");
            prop_assert!(!shown.contains(&key.secret));
        }

        #[test]
        fn any_text_is_a_key_or_none(text in "(dictum_)?(?s).{0,80}", mark in "[a-z2-7_]{50,56}") {
            for text in [text, format!("dictum_a_{mark}")] {
                if let Some((id, secret)) = split(&text) {
                    prop_assert_eq!(text.clone(), format!("{PREFIX}{id}_{secret}"));
                }
            }
        }
    }

    #[test]
    fn the_hash_is_what_sha256sum_says_of_the_secret() {
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(SecretHash::of("abc").to_string(), hash);
        for text in ["", &hash[1..], &hash.to_uppercase(), &format!("{hash}00")] {
            assert_eq!(SecretHash::parse(text), None, "{text}");
        }
    }

    #[test]
    fn no_two_keys_are_alike() {
        let [a, b] = [KeyText::new(None).unwrap(), KeyText::new(None).unwrap()];
        assert!(a.id != b.id && a.secret != b.secret);
    }
}
