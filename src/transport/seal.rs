//! Tokens that clients carry but cannot make: a payload with a keyed BLAKE3 tag over payload, purpose and context.
//! The key is derived from the store's secret, so a token of another store is as foreign as a forged one. The
//! payload is not hidden, only sealed; nothing secret belongs into it.

use crate::access::{Origin, Principal};
use data_encoding::BASE64URL_NOPAD;
use prost::{Message, Name};

const TAG_BYTES: usize = 16;

/// Makes and opens tokens.
#[derive(Clone)]
pub struct Sealer {
    key: [u8; 32],
}

/// What a token is for. A token of one purpose does not open for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The place after a page.
    Page,
    /// A write to be seen.
    Consistency,
    /// An ingest stream to go on from.
    Resume,
    /// The place after a message of an export.
    Export,
}

/// What tokens of a request are bound to: its kind, and all fields that are set in `bound`.
pub fn context_of<M: Message + Name>(bound: &M) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(M::full_name().as_bytes());
    hasher.update(&[0]);
    hasher.update(&bound.encode_to_vec());
    *hasher.finalize().as_bytes()
}

impl Sealer {
    /// A sealer whose tokens open for the same secret only.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self { key: blake3::derive_key("dictum 2026 sealed client tokens", secret) }
    }

    /// A sealer whose tokens open for this principal only. Where nobody is asked who they are, that is the sealer itself.
    pub fn of(&self, principal: &Principal) -> Self {
        match principal.origin {
            Origin::Local => self.clone(),
            Origin::Key { .. } | Origin::Token => {
                let mut hasher = blake3::Hasher::new_keyed(&self.key);
                hasher.update(principal.id.as_bytes());
                Self { key: *hasher.finalize().as_bytes() }
            }
        }
    }

    /// The payload as a token in URL-safe characters. It opens for the same purpose and context only.
    pub fn seal(&self, purpose: Purpose, context: &[u8], payload: &[u8]) -> String {
        let mut bytes = payload.to_vec();
        bytes.extend_from_slice(&self.tag(purpose, context, payload).as_bytes()[..TAG_BYTES]);
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// The payload of a token that this sealer made for this purpose and context.
    pub fn open(&self, purpose: Purpose, context: &[u8], token: &str) -> Option<Vec<u8>> {
        let mut payload = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let tag = payload.split_off(payload.len().checked_sub(TAG_BYTES)?);
        let expected = self.tag(purpose, context, &payload);
        // blake3 compares hashes in constant time only as a whole, so both sides are hashed once more.
        (blake3::hash(&tag) == blake3::hash(&expected.as_bytes()[..TAG_BYTES])).then_some(payload)
    }

    fn tag(&self, purpose: Purpose, context: &[u8], payload: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&[purpose as u8]);
        hasher.update(&(context.len() as u64).to_le_bytes());
        hasher.update(context);
        hasher.update(payload);
        hasher.finalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_for_its_own_store_purpose_and_context_only() {
        let sealer = Sealer::new(&[7; 32]);
        let token = sealer.seal(Purpose::Page, b"request", b"cursor");
        assert_eq!(sealer.open(Purpose::Page, b"request", &token).as_deref(), Some(&b"cursor"[..]));
        assert_eq!(sealer.open(Purpose::Page, b"another", &token), None);
        assert_eq!(sealer.open(Purpose::Resume, b"request", &token), None);
        assert_eq!(Sealer::new(&[8; 32]).open(Purpose::Page, b"request", &token), None);
    }

    #[test]
    fn no_changed_shortened_or_lengthened_token_opens() {
        let sealer = Sealer::new(&[7; 32]);
        let token = sealer.seal(Purpose::Page, b"", b"cursor");
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(sealer.open(Purpose::Page, b"", &changed), None, "{changed}");
            assert_eq!(sealer.open(Purpose::Page, b"", &token[..at]), None);
        }
        assert_eq!(sealer.open(Purpose::Page, b"", &format!("{token}AAAA")), None);
        assert_eq!(sealer.open(Purpose::Page, b"", "not base64 at all é"), None);
    }
}
