//! The tables `[tls]` and `[auth]`: certificates of the port, and who is asked who they are. The files that they name are read when the
//! service starts, and again when they change.

use super::ConfigError;
use crate::access::{AccessSettings, AuditTarget, Limits, LoadError, QuotaSettings, Reach, TokenSettings};
use crate::tls::{TlsSettings, TlsVersion};
use crate::transport::OpenTo;
use jiff::fmt::serde::unsigned_duration::friendly::compact::required as duration;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The table `[tls]`. Without a certificate the port speaks plain text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsTable {
    /// PEM: the certificate of the service, then those that lead to its root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert: Option<PathBuf>,
    /// PEM: its private key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// PEM: the roots that certificates of clients must lead to. Without it no client is asked for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_ca: Option<PathBuf>,
    /// The oldest version that is spoken, "1.2" or "1.3".
    pub min_version: TlsVersion,
}

/// The table `[auth]`. Without keys and without public keys everybody may do everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthTable {
    /// The file of keys, as `dictum keys` makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<PathBuf>,
    /// A JSON Web Key Set: public keys of those whose tokens count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<PathBuf>,
    /// Values of `iss` that count.
    pub issuers: Vec<String>,
    /// Values of `aud` that count.
    pub audiences: Vec<String>,
    /// How far clocks may differ.
    #[serde(with = "duration")]
    pub leeway: Duration,
    /// The claim that holds the scopes: a name, or a JSON pointer.
    pub scope_claim: String,
    /// What stands before each scope there.
    pub scope_prefix: String,
    /// The claim that holds the collections.
    pub collections_claim: String,
    /// What a token without that claim reaches: "*", ids, or beginnings as "news-*".
    pub default_collections: Vec<String>,
    /// Limits of each subject of tokens.
    pub token_quotas: Limits,
    /// Callers whose use is remembered.
    pub principals: usize,
    /// How often files are looked at for changes, those of certificates too.
    #[serde(with = "duration")]
    pub reload_interval: Duration,
    /// Where decisions are written down, one JSON object a line: a file, or - for standard output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<PathBuf>,
    /// Whether anybody may ask how the service is.
    pub open_health: bool,
    /// Whether anybody may ask what methods it has.
    pub open_reflection: bool,
}

impl Default for AuthTable {
    fn default() -> Self {
        let tokens = TokenSettings::new("", "", "");
        let OpenTo { health, reflection } = OpenTo::default();
        Self {
            keys: None,
            jwks: None,
            issuers: Vec::new(),
            audiences: Vec::new(),
            leeway: tokens.leeway,
            scope_claim: tokens.scope_claim,
            scope_prefix: tokens.scope_prefix,
            collections_claim: tokens.collections_claim,
            default_collections: Vec::new(),
            token_quotas: Limits::default(),
            principals: QuotaSettings::default().principals,
            reload_interval: Duration::from_secs(1),
            audit: None,
            open_health: health,
            open_reflection: reflection,
        }
    }
}

/// What stands before the services, as far as files need not be read for it.
#[derive(Debug, Clone)]
pub struct Security {
    /// Certificates of the port.
    pub tls: Option<TlsSettings>,
    /// Who is asked who they are.
    pub access: Option<AccessSettings>,
    /// How much is remembered of what they use.
    pub quotas: QuotaSettings,
    /// Where decisions are written down.
    pub audit: Option<AuditTarget>,
    /// What anybody may ask.
    pub open: OpenTo,
    /// How often files are looked at.
    pub reload_interval: Duration,
    /// Whether the port can be reached from elsewhere.
    pub is_public: bool,
}

impl Security {
    /// Checks both tables, and that nobody listens to strangers by mistake.
    pub(super) fn of(
        tls: TlsTable,
        auth: AuthTable,
        listen: SocketAddr,
        insecure: bool,
    ) -> Result<Self, ConfigError> {
        let tls = tls.settings()?;
        let audit = auth.audit.clone().map(|path| match path.to_str() {
            Some("-") => AuditTarget::Stdout,
            _ => AuditTarget::File(path),
        });
        if auth.reload_interval.is_zero() {
            return refuse("auth.reload_interval", "must not be zero; try 1s");
        }
        let open = OpenTo { health: auth.open_health, reflection: auth.open_reflection };
        let quotas = QuotaSettings { principals: auth.principals, ..QuotaSettings::default() };
        let reload_interval = auth.reload_interval;
        let access = auth.access()?;
        let locked = tls.is_some() && access.is_some();
        if !(locked || insecure || listen.ip().is_loopback()) {
            let lacking = match (&tls, &access) {
                (None, None) => "without TLS and without keys",
                (None, Some(_)) => "without TLS",
                _ => "without keys",
            };
            return refuse(
                "listen",
                &format!(
                    "{listen} can be reached from elsewhere, and the service would be open {lacking}: set \
                     tls.cert, tls.key and auth.keys (or auth.jwks), listen on 127.0.0.1, or say --insecure"
                ),
            );
        }
        let is_public = !listen.ip().is_loopback();
        Ok(Self { tls, access, quotas, audit, open, reload_interval, is_public })
    }
}

impl TlsTable {
    fn settings(self) -> Result<Option<TlsSettings>, ConfigError> {
        let Self { cert, key, client_ca, min_version } = self;
        match (cert, key) {
            (Some(cert), Some(key)) => Ok(Some(TlsSettings { cert, key, client_ca, min_version })),
            (Some(_), None) => refuse("tls.key", "must be given with tls.cert"),
            (None, Some(_)) => refuse("tls.cert", "must be given with tls.key"),
            (None, None) if client_ca.is_some() => {
                refuse("tls.client_ca", "needs tls.cert and tls.key beside it")
            }
            (None, None) => Ok(None),
        }
    }
}

impl AuthTable {
    fn access(self) -> Result<Option<AccessSettings>, ConfigError> {
        if self.keys.is_none() && self.jwks.is_none() {
            return Ok(None);
        }
        let reach = Reach::parse(&self.default_collections).map_err(|fault| ConfigError::Value {
            key: "auth.default_collections",
            reason: fault.to_string(),
        })?;
        self.token_quotas
            .check()
            .map_err(|fault| ConfigError::Value { key: "auth.token_quotas", reason: fault.to_string() })?;
        let tokens = self.jwks.map(|jwks| TokenSettings {
            jwks,
            issuers: self.issuers,
            audiences: self.audiences,
            leeway: self.leeway,
            scope_claim: self.scope_claim,
            scope_prefix: self.scope_prefix,
            collections_claim: self.collections_claim,
            default_collections: reach,
            quotas: self.token_quotas,
        });
        let settings = AccessSettings { keys: self.keys, tokens };
        match settings.check() {
            Err(LoadError::Setting { key, reason }) => Err(ConfigError::Value { key: auth_key(key), reason }),
            _ => Ok(Some(settings)),
        }
    }
}

/// The key in the file that sets what is at fault.
fn auth_key(key: &'static str) -> &'static str {
    match key {
        "issuers" => "auth.issuers",
        "audiences" => "auth.audiences",
        "leeway" => "auth.leeway",
        "scope_claim" => "auth.scope_claim",
        "collections_claim" => "auth.collections_claim",
        "quotas" => "auth.token_quotas",
        other => other,
    }
}

fn refuse<T>(key: &'static str, reason: &str) -> Result<T, ConfigError> {
    Err(ConfigError::Value { key, reason: reason.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(tls: TlsTable, auth: AuthTable, listen: &str, insecure: bool) -> Result<Security, String> {
        Security::of(tls, auth, listen.parse().unwrap(), insecure).map_err(|error| error.to_string())
    }

    #[test]
    fn nobody_listens_to_strangers_by_mistake() {
        let tls = || TlsTable { cert: Some("c".into()), key: Some("k".into()), ..TlsTable::default() };
        let auth = || AuthTable { keys: Some("keys.toml".into()), ..AuthTable::default() };
        let public = "0.0.0.0:50051";
        for (tls, auth) in [
            (TlsTable::default(), AuthTable::default()),
            (tls(), AuthTable::default()),
            (TlsTable::default(), auth()),
        ] {
            let error = checked(tls.clone(), auth.clone(), public, false).unwrap_err();
            assert!(error.starts_with("listen: 0.0.0.0:50051 can be reached"), "{error}");
            assert!(checked(tls.clone(), auth.clone(), public, true).is_ok());
            assert!(checked(tls, auth, "127.0.0.1:0", false).is_ok());
        }
        assert!(checked(tls(), auth(), public, false).is_ok());
        assert!(checked(tls(), auth(), "[::]:1", false).is_ok());
        assert!(checked(TlsTable::default(), auth(), "[::1]:1", false).is_ok());
    }

    #[test]
    fn what_is_half_said_is_told_by_its_key() {
        let half = TlsTable { cert: Some("c".into()), ..TlsTable::default() };
        let roots = TlsTable { client_ca: Some("r".into()), ..TlsTable::default() };
        for (tls, key) in [(half, "tls.key"), (roots, "tls.client_ca")] {
            let error = checked(tls, AuthTable::default(), "127.0.0.1:0", false).unwrap_err();
            assert!(error.starts_with(key), "{error}");
        }
        let nobody = AuthTable { jwks: Some("j".into()), ..AuthTable::default() };
        let error = checked(TlsTable::default(), nobody.clone(), "127.0.0.1:0", false).unwrap_err();
        assert!(error.starts_with("auth.issuers"), "{error}");
        let odd = AuthTable { default_collections: vec!["a b".into()], ..nobody };
        let error = checked(TlsTable::default(), odd, "127.0.0.1:0", false).unwrap_err();
        assert!(error.starts_with("auth.default_collections"), "{error}");
    }
}
