//! Which tokens count, and where in them stands what they allow.

use crate::access::{Limits, LoadError, Reach};
use std::path::PathBuf;
use std::time::Duration;

/// Longest leeway: beyond it an expiry is none.
const MAX_LEEWAY: Duration = Duration::from_secs(10 * 60);

/// How tokens are checked and read.
#[derive(Debug, Clone)]
pub struct TokenSettings {
    /// The file of public keys, a JSON Web Key Set.
    pub jwks: PathBuf,
    /// Values of `iss` that count; at least one.
    pub issuers: Vec<String>,
    /// Values of `aud` that count; at least one. A token without any of them is for somebody else.
    pub audiences: Vec<String>,
    /// How far clocks may differ: a token counts that much longer, and that much earlier.
    pub leeway: Duration,
    /// The claim that holds the scopes, in a string with spaces or in an array; a JSON pointer (`/realm/roles`) where it
    /// begins with `/`. What is no scope of this service is passed over.
    pub scope_claim: String,
    /// What stands before each scope in the claim: with `dictum.`, `dictum.read` is `read`, and `read` is nothing.
    pub scope_prefix: String,
    /// The claim that holds the collections, as patterns, in the same forms.
    pub collections_claim: String,
    /// What a token without that claim reaches.
    pub default_collections: Reach,
    /// Limits of each subject.
    pub quotas: Limits,
}

impl TokenSettings {
    /// With the default of every other setting.
    pub fn new(jwks: impl Into<PathBuf>, issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            jwks: jwks.into(),
            issuers: vec![issuer.into()],
            audiences: vec![audience.into()],
            leeway: Duration::from_secs(30),
            scope_claim: "scope".into(),
            scope_prefix: String::new(),
            collections_claim: "dictum_collections".into(),
            default_collections: Reach::nothing(),
            quotas: Limits::default(),
        }
    }

    /// Checks the settings; the error names the one at fault.
    pub(in crate::access) fn check(&self) -> Result<(), LoadError> {
        let refuse = |key, reason: &str| Err(LoadError::Setting { key, reason: reason.to_owned() });
        let lacks = |values: &[String]| values.is_empty() || values.iter().any(String::is_empty);
        if lacks(&self.issuers) {
            return refuse("issuers", "must name at least one issuer, or tokens of anybody would count");
        }
        if lacks(&self.audiences) {
            return refuse(
                "audiences",
                "must name at least one audience, or tokens for other services would count",
            );
        }
        if self.leeway > MAX_LEEWAY {
            return refuse("leeway", "must be at most 10m");
        }
        if self.scope_claim.is_empty() {
            return refuse("scope_claim", "must name a claim");
        }
        if self.collections_claim.is_empty() {
            return refuse("collections_claim", "must name a claim");
        }
        self.quotas.check().or_else(|error| refuse("quotas", &error.to_string()))
    }
}
