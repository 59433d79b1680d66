//! From files to what a connection begins with.

use super::{Loaded, PROTOCOL, TlsSettings, TlsVersion};
use crate::stamp;
use jiff::Timestamp;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion, crypto};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use x509_parser::parse_x509_certificate;

/// Why the port has nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is no PEM.
    #[error("{} cannot be read: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// A file has not what it should have.
    #[error("{}: {reason}", path.display())]
    Content {
        /// Which one.
        path: PathBuf,
        /// What is missing or wrong.
        reason: String,
    },
    /// It would take the place of one that counts.
    #[error("the certificate has expired at {0}")]
    Expired(Timestamp),
    /// Certificate and key do not belong together, or cannot be used.
    #[error("certificate and key cannot be used: {0}")]
    Pair(#[from] rustls::Error),
    /// The roots of clients cannot be used.
    #[error("the roots for clients cannot be used: {0}")]
    Roots(#[from] VerifierBuilderError),
}

const TLS_1_2: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];
const TLS_1_3: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];

impl TlsSettings {
    /// Reads the files.
    pub(super) fn load(&self) -> Result<Loaded, TlsError> {
        let chain = certificates(&self.cert)?;
        let expires = expiry(&self.cert, &chain)?;
        plain(&self.key)?;
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|source| TlsError::File { path: self.key.clone(), source })?;
        let provider = Arc::new(crypto::ring::default_provider());
        let versions = match self.min_version {
            TlsVersion::V1_2 => TLS_1_2,
            TlsVersion::V1_3 => TLS_1_3,
        };
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(versions)?;
        let builder = match &self.client_ca {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let roots = Arc::new(roots(path)?);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider).build()?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_single_cert(chain, key)?;
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Loaded { config: Arc::new(config), expires })
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    plain(path)?;
    let unread = |source| TlsError::File { path: path.to_owned(), source };
    let all = CertificateDer::pem_file_iter(path).map_err(unread)?;
    let all = all.collect::<Result<Vec<_>, _>>().map_err(unread)?;
    if all.is_empty() {
        return Err(content(path, "has no certificate".to_owned()));
    }
    Ok(all)
}

fn roots(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for root in certificates(path)? {
        roots.add(root).map_err(|error| content(path, error.to_string()))?;
    }
    Ok(roots)
}

/// When the first certificate of the chain, or any that leads to its root, stops to count.
fn expiry(path: &Path, chain: &[CertificateDer<'_>]) -> Result<Timestamp, TlsError> {
    let mut first: Option<Timestamp> = None;
    for certificate in chain {
        let (_, parsed) =
            parse_x509_certificate(certificate).map_err(|error| content(path, error.to_string()))?;
        let until = Timestamp::from_second(parsed.validity().not_after.timestamp());
        let until = until.map_err(|error| content(path, error.to_string()))?;
        first = Some(first.map_or(until, |first| first.min(until)));
    }
    first.ok_or_else(|| content(path, "has no certificate".to_owned()))
}

fn plain(path: &Path) -> Result<(), TlsError> {
    stamp::plain(path).map_err(|error| content(path, error.to_string()))
}

fn content(path: &Path, reason: String) -> TlsError {
    TlsError::Content { path: path.to_owned(), reason }
}
