//! Tokens that somebody else makes: JSON Web Tokens, signed by one of the public keys in a file (JWKS). `jwks` reads the
//! file, `signature` checks signatures, `claims` turns what a token says into a principal. Only asymmetric
//! signatures count: with a shared secret, whoever can check a token can make one. Start at [`Tokens`].

mod claims;
mod jwks;
mod settings;
mod signature;

pub use jwks::JwksFault;
pub use settings::TokenSettings;

use super::{Principal, Rejection, Unauthenticated};
use claims::{Claims, Reader};
use jiff::Timestamp;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Header, Validation, decode, decode_header};
use jwks::PublicKey;
use std::sync::Arc;

/// What tokens are checked with.
#[derive(Debug)]
pub struct Tokens {
    keys: Vec<PublicKey>,
    issuers: Vec<String>,
    audiences: Vec<String>,
    reader: Reader,
}

impl Tokens {
    /// With settings that were checked, and the text of the file of public keys.
    pub(super) fn new(settings: &TokenSettings, jwks: &[u8]) -> Result<Self, JwksFault> {
        signature::install();
        Ok(Self {
            keys: jwks::parse(jwks)?,
            issuers: settings.issuers.clone(),
            audiences: settings.audiences.clone(),
            reader: Reader::new(settings),
        })
    }

    /// How many public keys there are.
    pub(super) fn keys(&self) -> usize {
        self.keys.len()
    }

    /// Whose token it is.
    pub(super) fn authenticate(&self, token: &str, now: Timestamp) -> Result<Arc<Principal>, Rejection> {
        let malformed = |_| Rejection::new(Unauthenticated::Malformed, "the token's header cannot be read");
        let header = decode_header(token).map_err(malformed)?;
        // An extension that must be understood, and is not.
        if header.crit.is_some() {
            return Err(Rejection::refused("the token has critical extensions"));
        }
        let key = self.key_of(&header)?;
        let verified = decode::<Claims>(token, &key.key, &self.validation(&header));
        let claims = verified.map_err(|error| Rejection::refused(cause(error.kind())))?.claims;
        self.reader.principal(claims, now).map(Arc::new)
    }

    /// The key that a token names or, where it names none, the only one that there is. The algorithm must be one of the
    /// key's: what the token says of it is a claim of whoever made the token.
    fn key_of(&self, header: &Header) -> Result<&PublicKey, Rejection> {
        let key = match (&header.kid, self.keys.as_slice()) {
            (Some(kid), keys) => keys.iter().find(|key| key.kid.as_ref() == Some(kid)),
            (None, [only]) => Some(only),
            (None, _) => return Err(Rejection::refused("the token names no key, and there are several")),
        };
        let key = key.ok_or(Rejection::refused("the token names a key that is not here"))?;
        match key.algorithms.contains(&header.alg) {
            true => Ok(key),
            false => Err(Rejection::refused("the token's algorithm is none of its key")),
        }
    }

    /// What must hold beside the signature. Times are compared by [`Reader`], whose clock can be moved.
    fn validation(&self, header: &Header) -> Validation {
        let mut validation = Validation::new(header.alg);
        validation.validate_exp = false;
        validation.set_issuer(&self.issuers);
        validation.set_audience(&self.audiences);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation
    }
}

/// For those who run the service.
fn cause(error: &ErrorKind) -> &'static str {
    match error {
        ErrorKind::InvalidSignature => "the token's signature is wrong",
        ErrorKind::InvalidIssuer => "the token is of another issuer",
        ErrorKind::InvalidAudience => "the token is for another audience",
        ErrorKind::MissingRequiredClaim(_) => "the token lacks exp, iss, aud or sub",
        ErrorKind::Json(_) => "the token's claims cannot be read",
        _ => "the token cannot be checked",
    }
}
