//! From the claims of a token whose signature was right to a principal. What a claim must not be is refused rather than
//! passed over: a token that says something about collections and cannot be understood must not reach more for it.

use super::TokenSettings;
use crate::access::{Limits, Origin, Principal, Reach, Rejection, Scopes, Unauthenticated};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Longest subject, in bytes; longer than names and numbers of people are.
const MAX_SUBJECT_BYTES: usize = 255;

/// What a token says. The audience has been looked at by then.
#[derive(Deserialize)]
pub struct Claims {
    iss: String,
    sub: String,
    exp: f64,
    nbf: Option<f64>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// How claims are read.
#[derive(Debug)]
pub struct Reader {
    leeway: SignedDuration,
    scope_claim: String,
    scope_prefix: String,
    collections_claim: String,
    default_collections: Reach,
    quotas: Limits,
}

impl Reader {
    pub fn new(settings: &TokenSettings) -> Self {
        Self {
            leeway: SignedDuration::try_from(settings.leeway).unwrap_or_default(),
            scope_claim: settings.scope_claim.clone(),
            scope_prefix: settings.scope_prefix.clone(),
            collections_claim: settings.collections_claim.clone(),
            default_collections: settings.default_collections.clone(),
            quotas: settings.quotas,
        }
    }

    /// Who the token's subject is, and until when.
    pub fn principal(&self, claims: Claims, now: Timestamp) -> Result<Principal, Rejection> {
        let wrong_time = Rejection::refused("the token's exp or nbf is no time");
        let expires = time(claims.exp).ok_or(wrong_time.clone())?.saturating_add(self.leeway);
        let expires = expires.unwrap_or(Timestamp::MAX);
        if now >= expires {
            return Err(Rejection::new(Unauthenticated::Expired, "the token has expired"));
        }
        if let Some(begins) = claims.nbf {
            let begins = time(begins).ok_or(wrong_time)?.saturating_sub(self.leeway);
            if now < begins.unwrap_or(Timestamp::MIN) {
                return Err(Rejection::refused("the token does not count yet"));
            }
        }
        let is_subject = |sub: &str| {
            !sub.is_empty() && sub.len() <= MAX_SUBJECT_BYTES && !sub.chars().any(char::is_control)
        };
        if !is_subject(&claims.sub) {
            return Err(Rejection::refused("the token's sub is empty, too long or no line of text"));
        }
        let rest = Value::Object(claims.rest);
        Ok(Principal {
            id: format!("token:{}#{}", claims.iss, claims.sub).into(),
            name: claims.sub.into(),
            origin: Origin::Token,
            scopes: self.scopes(&rest)?,
            reach: self.reach(&rest)?,
            limits: self.quotas,
            expires: Some(expires),
        })
    }

    fn scopes(&self, claims: &Value) -> Result<Scopes, Rejection> {
        let words = words(claim(claims, &self.scope_claim));
        let words =
            words.ok_or(Rejection::refused("the token's scopes are neither text nor a list of it"))?;
        let scope = |word: &&str| word.strip_prefix(&*self.scope_prefix)?.parse().ok();
        Ok(words.iter().filter_map(scope).collect())
    }

    fn reach(&self, claims: &Value) -> Result<Reach, Rejection> {
        let Some(value) = claim(claims, &self.collections_claim) else {
            return Ok(self.default_collections.clone());
        };
        let words = words(Some(value));
        let words =
            words.ok_or(Rejection::refused("the token's collections are neither text nor a list of it"))?;
        Reach::parse(&words).map_err(|_| Rejection::refused("the token names what can be no collection"))
    }
}

/// A claim by its name or by a JSON pointer; one that is `null` is none.
fn claim<'a>(claims: &'a Value, name: &str) -> Option<&'a Value> {
    let value = if name.starts_with('/') { claims.pointer(name) } else { claims.get(name) };
    value.filter(|value| !value.is_null())
}

/// The words of a string with spaces or of an array of strings; none of nothing. Anything else is no answer.
fn words(value: Option<&Value>) -> Option<Vec<&str>> {
    match value {
        None => Some(Vec::new()),
        Some(Value::String(text)) => Some(text.split_ascii_whitespace().collect()),
        Some(Value::Array(items)) => items.iter().map(Value::as_str).collect(),
        Some(_) => None,
    }
}

/// Seconds since 1970, which may have a fraction.
fn time(seconds: f64) -> Option<Timestamp> {
    let since = SignedDuration::try_from_secs_f64(seconds).ok()?;
    Timestamp::from_duration(since).ok()
}
