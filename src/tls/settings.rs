//! Where certificates are, and how old a TLS may be.

use crate::stamp::Stamp;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What the port shows and asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    /// PEM: the certificate of the service, then those that lead to its root.
    pub cert: PathBuf,
    /// PEM: its private key, in PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
    /// PEM: the roots that certificates of clients must lead to. Without it no client is asked for one.
    pub client_ca: Option<PathBuf>,
    /// The oldest version that is spoken.
    pub min_version: TlsVersion,
}

/// Versions of TLS; older ones are not spoken at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TlsVersion {
    /// RFC 5246, for old clients.
    #[default]
    #[serde(rename = "1.2")]
    V1_2,
    /// RFC 8446.
    #[serde(rename = "1.3")]
    V1_3,
}

impl TlsSettings {
    /// What the file system says of the files.
    pub(super) fn stamps(&self) -> Vec<Stamp> {
        [&self.cert, &self.key].into_iter().chain(&self.client_ca).map(|path| Stamp::of(path)).collect()
    }
}
