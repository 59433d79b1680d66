//! From settings to a configuration that can be used: every rule between keys is here.

use super::{ConfigError, Settings, settings::LogSettings};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// The smallest memory that the index writer works with.
const LEAST_WRITER_BYTES: usize = 15 << 20;

/// What a message holds beside a document's text: its other fields, framing, the text's escapes.
const MESSAGE_OVERHEAD: usize = 64 << 10;

/// A configuration whose values fit together.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where store and index live.
    pub data_dir: PathBuf,
    /// Address to bind.
    pub listen: SocketAddr,
    /// Where to write the address that was bound.
    pub address_file: Option<PathBuf>,
    /// How long a stop waits; never zero.
    pub drain_timeout: Duration,
    /// Known to parse.
    pub log: LogSettings,
    /// Longest text of a document, in bytes.
    pub document_bytes: usize,
    /// Longest message on the wire, in bytes; a document of `document_bytes` fits.
    pub message_bytes: usize,
    /// Text that may wait for analysis, in bytes; at least one document.
    pub queued_bytes: usize,
    /// Threads that analyse; at least one.
    pub analysis_threads: usize,
    /// Longest time from a durable write to the index commit that shows it.
    pub commit_interval: Duration,
    /// Memory of the index writer, in bytes.
    pub writer_bytes: usize,
}

impl Settings {
    /// Checks the values against each other.
    pub fn check(self) -> Result<Config, ConfigError> {
        let limits = &self.limits;
        let refuse = |key, reason: &str| Err(ConfigError::Value { key, reason: reason.to_owned() });
        if self.data_dir.as_os_str().is_empty() {
            return refuse("data_dir", "must name a directory");
        }
        if self.drain_timeout.is_zero() {
            return refuse(
                "drain_timeout",
                "must be longer than nothing, or every stop cuts calls off; try 10s",
            );
        }
        if let Err(error) = EnvFilter::try_new(&self.log.filter) {
            return refuse("log.filter", &format!("{error}; try info, or warn,dictum=debug"));
        }
        if limits.document_bytes.0 == 0 {
            return refuse("limits.document_bytes", "must allow at least one byte");
        }
        if limits.message_bytes.0 < limits.document_bytes.0.saturating_add(MESSAGE_OVERHEAD) {
            return refuse(
                "limits.message_bytes",
                "must be 64KiB more than limits.document_bytes at least, so that the longest document fits",
            );
        }
        if limits.queued_bytes < limits.document_bytes {
            return refuse("limits.queued_bytes", "must be limits.document_bytes at least");
        }
        if self.index.writer_bytes.0 < LEAST_WRITER_BYTES {
            return refuse("index.writer_bytes", "must be 15MiB at least");
        }
        if self.index.commit_interval.is_zero() {
            return refuse("index.commit_interval", "must be longer than nothing; try 200ms");
        }
        Ok(self.into_config())
    }

    fn into_config(self) -> Config {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Config {
            data_dir: self.data_dir,
            listen: self.listen,
            address_file: self.address_file,
            drain_timeout: self.drain_timeout,
            log: self.log,
            document_bytes: self.limits.document_bytes.0,
            message_bytes: self.limits.message_bytes.0,
            queued_bytes: self.limits.queued_bytes.0,
            analysis_threads: if self.analysis.threads == 0 { cores } else { self.analysis.threads },
            commit_interval: self.index.commit_interval,
            writer_bytes: self.index.writer_bytes.0,
        }
    }
}
