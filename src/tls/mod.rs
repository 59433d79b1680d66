//! What the port shows of itself: its certificate, its key, and whose certificates it asks clients for. Files are read again when they
//! change; connections go on with what they began with. Knows nothing of what is said over a connection. Start at [`Certificates`].

mod files;
mod settings;
#[cfg(test)]
mod tests;

pub use files::TlsError;
pub use settings::{TlsSettings, TlsVersion};

use crate::stamp::Stamp;
use arc_swap::ArcSwap;
use jiff::Timestamp;
use rustls::ServerConfig;
use std::sync::{Arc, Mutex, PoisonError};

/// The protocol that is spoken over a connection, as it is named when the connection begins.
const PROTOCOL: &[u8] = b"h2";

/// The certificates in force.
#[derive(Debug)]
pub struct Certificates {
    settings: TlsSettings,
    loaded: ArcSwap<Loaded>,
    /// Of the files as they were tried last, with or without success, so that a bad file is complained about once.
    tried: Mutex<Vec<Stamp>>,
}

/// What was in the files.
#[derive(Debug)]
struct Loaded {
    config: Arc<ServerConfig>,
    expires: Timestamp,
}

impl Certificates {
    /// Reads the files; without all of them there is no port.
    pub fn new(settings: TlsSettings) -> Result<Self, TlsError> {
        let tried = Mutex::new(settings.stamps());
        let loaded = ArcSwap::from_pointee(settings.load()?);
        Ok(Self { settings, loaded, tried })
    }

    /// For a connection that begins now.
    pub fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.loaded.load().config)
    }

    /// When the certificate stops to count.
    pub fn expires(&self) -> Timestamp {
        self.loaded.load().expires
    }

    /// Whether the files are others than those tried last. Asks the file system.
    pub fn changed(&self) -> bool {
        self.settings.stamps() != *self.tried.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the files again. Where one cannot be used, what was in force stays.
    pub fn reload(&self) -> Result<(), TlsError> {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        *tried = self.settings.stamps();
        let loaded = self.settings.load()?;
        let now = Timestamp::now();
        if loaded.expires <= now && self.expires() > now {
            return Err(TlsError::Expired(loaded.expires));
        }
        self.loaded.store(Arc::new(loaded));
        Ok(())
    }
}
