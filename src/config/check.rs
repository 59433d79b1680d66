//! From settings to a configuration that can be used: every rule between keys is here, or in the part of the program
//! whose rule it is, translated back to the key that was written.

use super::settings::{LogSettings, Settings};
use super::{ConfigError, Security, TraceSettings, log_filter, synonyms};
use crate::domain::annotation::AnalyzerName;
use crate::engine::{self, EngineConfig, MaxLag, ViewLimits};
use crate::transport::TransportConfig;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// What a request holds beside a document's text: its other fields and framing.
const REQUEST_OVERHEAD: usize = 1 << 20;

/// Most calls of one connection: they share what it may send unread.
const MOST_CALLS: u32 = 1024;

/// Least age of a connection: opening one takes a moment itself.
const LEAST_AGE: Duration = Duration::from_secs(1);

/// A configuration whose values fit together, in the form that each part of the program takes.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to bind.
    pub listen: SocketAddr,
    /// Where to write the address that was bound.
    pub address_file: Option<PathBuf>,
    /// Known to parse.
    pub log: LogSettings,
    /// Store, index and analysis.
    pub engine: EngineConfig,
    /// Which analyzer is used where a request names none.
    pub analyzer: AnalyzerName,
    /// The port, and how long a stop waits.
    pub transport: TransportConfig,
    /// What stands before the services.
    pub security: Security,
    /// Where the service is watched.
    pub http: Option<SocketAddr>,
    /// Where traces go.
    pub traces: TraceSettings,
}

impl Settings {
    /// Checks the values against each other, and reads the files that they name.
    pub fn check(self) -> Result<Config, ConfigError> {
        let refuse = |key, reason: String| Err(ConfigError::Value { key, reason });
        if self.data_dir.as_os_str().is_empty() {
            return refuse("data_dir", "must name a directory".into());
        }
        if self.backup.dir.as_ref().is_some_and(|dir| dir.as_os_str().is_empty()) {
            return refuse("backup.dir", "must name a directory, or be left out".into());
        }
        if self.drain_timeout.is_zero() {
            return refuse("drain_timeout", "must not be zero, or every stop cuts calls off; try 10s".into());
        }
        if let Err(error) = log_filter(&self.log.filter) {
            return refuse("log.filter", format!("{error}; try info, or warn,dictum=debug"));
        }
        if self.limits.request_bytes.0 < self.limits.document_bytes.0.saturating_add(REQUEST_OVERHEAD) {
            return refuse(
                "limits.request_bytes",
                "must be 1MiB above limits.document_bytes at least, so that the longest document fits".into(),
            );
        }
        for (key, value) in
            [("limits.connections", self.limits.connections), ("limits.streams", self.limits.streams)]
        {
            if value == 0 {
                return refuse(key, "must be at least 1".into());
            }
        }
        if !(1..=MOST_CALLS).contains(&self.limits.calls_per_connection) {
            return refuse("limits.calls_per_connection", format!("must lie between 1 and {MOST_CALLS}"));
        }
        if self.limits.message_timeout.is_zero() {
            return refuse("limits.message_timeout", "must not be zero; try 60s".into());
        }
        if self.limits.connection_age.is_some_and(|age| age < LEAST_AGE) {
            return refuse("limits.connection_age", "must be at least 1s; leave it out for none".into());
        }
        self.traces.check()?;
        let mut engine = self.engine();
        engine.synonyms = synonyms::read(&self.search.synonyms)?;
        let (tls, auth) = (self.tls.clone(), self.auth.clone());
        let security = Security::of(tls, auth, self.listen, self.insecure)?;
        match engine.check() {
            Ok(()) => Ok(self.into_config(engine, security)),
            Err(error) => Err(ConfigError::Value { key: key_of(&error), reason: error.to_string() }),
        }
    }

    fn engine(&self) -> EngineConfig {
        let mut engine = EngineConfig::new(&self.data_dir);
        engine.max_document_bytes = self.limits.document_bytes.0;
        engine.max_inflight_bytes = self.limits.inflight_bytes.0;
        engine.index_interval = self.index.interval;
        engine.index_idle = engine.index_idle.min(self.index.interval);
        engine.index_heap_bytes = self.index.writer_bytes.0;
        engine.max_lag = MaxLag { changes: self.index.max_lag, age: self.index.max_lag_age };
        engine.views = ViewLimits { count: self.views.count, idle: self.views.idle };
        engine.backup_dir = self.backup.dir.clone();
        engine.store_free_bytes = self.store.free_bytes.map(|bytes| bytes.0 as u64);
        if self.analysis.threads > 0 {
            engine.analysis_threads = self.analysis.threads;
        }
        engine
    }

    fn into_config(self, engine: EngineConfig, security: Security) -> Config {
        let transport = TransportConfig {
            max_request_bytes: self.limits.request_bytes.0,
            max_connections: self.limits.connections,
            max_concurrent_streams: self.limits.calls_per_connection,
            max_streams: self.limits.streams,
            message_timeout: self.limits.message_timeout,
            max_connection_age: self.limits.connection_age,
            drain_timeout: self.drain_timeout,
            ..TransportConfig::default()
        };
        let analyzer = self.analysis.analyzer;
        Config {
            listen: self.listen,
            address_file: self.address_file,
            log: self.log,
            engine,
            analyzer,
            transport,
            security,
            http: self.http.listen,
            traces: self.traces,
        }
    }
}

/// The key in the file that sets the engine's value at fault.
fn key_of(error: &engine::ConfigError) -> &'static str {
    match error {
        engine::ConfigError::InflightBelowDocument => "limits.inflight_bytes",
        engine::ConfigError::DocumentTooLarge => "limits.document_bytes",
        engine::ConfigError::TooSmall { key: "max_document_bytes", .. } => "limits.document_bytes",
        engine::ConfigError::TooSmall { key: "index_heap_bytes", .. } => "index.writer_bytes",
        engine::ConfigError::TooSmall { key: "max_lag.changes", .. } => "index.max_lag",
        engine::ConfigError::TooSmall { key, .. } => key,
    }
}
