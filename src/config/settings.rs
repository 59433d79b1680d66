//! What somebody wrote: the keys of the configuration file with their defaults, and the flags and environment
//! variables that go over them. Nothing is checked here beyond the type of each value.

use super::{AuthTable, ByteSize, TlsTable, TraceSettings};
use crate::domain::annotation::AnalyzerName;
use clap::{Args, ValueEnum};
use jiff::fmt::serde::unsigned_duration::friendly::compact::required as duration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The configuration file. Every key may be left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where store and index live; created where absent.
    pub data_dir: PathBuf,
    /// Address of the gRPC port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where to write the address that was bound, for scripts that start the service on port 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_file: Option<PathBuf>,
    /// How long a stop waits for calls that are under way.
    #[serde(with = "duration")]
    pub drain_timeout: Duration,
    /// Whether to listen where strangers are, without TLS or without keys.
    pub insecure: bool,
    /// What is logged, and in which form.
    pub log: LogSettings,
    /// What is refused.
    pub limits: LimitSettings,
    /// How analysis uses the machine.
    pub analysis: AnalysisSettings,
    /// How the store uses the disk.
    pub store: StoreSettings,
    /// Where backups go.
    pub backup: BackupSettings,
    /// How the index follows the store.
    pub index: IndexSettings,
    /// How long pages can be gone on with.
    pub views: ViewSettings,
    /// What searches find.
    pub search: SearchSettings,
    /// Certificates of the port.
    pub tls: TlsTable,
    /// Who is asked who they are.
    pub auth: AuthTable,
    /// Where the service is watched.
    pub http: HttpSettings,
    /// Where traces go.
    pub traces: TraceSettings,
}

/// The table `[log]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// Directives of `tracing_subscriber::EnvFilter`: `info`, `warn,dictum::engine=debug`.
    pub filter: String,
    /// For people or for machines.
    pub format: LogFormat,
}

/// The table `[limits]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// Longest text of a document; longer ones are refused whole.
    pub document_bytes: ByteSize,
    /// Longest request on the wire.
    pub request_bytes: ByteSize,
    /// Messages and texts from the wire to their commit or answer, over all calls; beyond it callers are asked to come
    /// back, and streams to wait.
    pub inflight_bytes: ByteSize,
    /// Connections that may be open at once; more are closed at once.
    pub connections: usize,
    /// Calls that one connection may have open at once; a client keeps back what goes beyond.
    pub calls_per_connection: u32,
    /// Ingest and analysis streams that may be open at once, over all connections.
    pub streams: usize,
    /// How long a message may take to arrive, once there is room for it.
    #[serde(with = "duration")]
    pub message_timeout: Duration,
    /// Age at which a connection takes no more calls, so that its client opens another and meets whatever stands before the service
    /// anew. What is under way on it goes on. Where absent, connections last.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::optional")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_age: Option<Duration>,
}

/// The table `[analysis]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnalysisSettings {
    /// Threads that analyse; 0 takes one for each core.
    pub threads: usize,
    /// Which analyzer is used where a request names none.
    pub analyzer: AnalyzerName,
}

/// The table `[index]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IndexSettings {
    /// Longest time from a durable write to its being found by queries, as far as the machine keeps up.
    #[serde(with = "duration")]
    pub interval: Duration,
    /// Memory of the index writer.
    pub writer_bytes: ByteSize,
    /// Changes that the index may be behind the store before writers are slowed and refused.
    pub max_lag: u64,
    /// Age of the oldest of them before that happens.
    #[serde(with = "duration")]
    pub max_lag_age: Duration,
}

/// The table `[store]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSettings {
    /// Room on the disk from which on no more documents are taken. Where absent, the smaller of 64 MiB and 2 % of the file system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_bytes: Option<ByteSize>,
}

/// The table `[backup]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackupSettings {
    /// Folder of the backups that are made on the service's side; created where absent. Without it, only backups that are sent to a
    /// client can be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<PathBuf>,
}

/// The table `[views]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ViewSettings {
    /// Most views of the index that are kept for the pages that follow.
    pub count: usize,
    /// How long one is kept that nobody asks for.
    #[serde(with = "duration")]
    pub idle: Duration,
}

/// The table `[http]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpSettings {
    /// Address of the plain HTTP port with /metrics, /livez and /readyz; there is none where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
}

/// The table `[search]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchSettings {
    /// For collections by their ids, files of words that stand for each other.
    pub synonyms: BTreeMap<String, PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: "./data".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 50051)),
            address_file: None,
            drain_timeout: Duration::from_secs(10),
            insecure: false,
            log: LogSettings::default(),
            limits: LimitSettings::default(),
            analysis: AnalysisSettings::default(),
            store: StoreSettings::default(),
            backup: BackupSettings::default(),
            index: IndexSettings::default(),
            views: ViewSettings::default(),
            search: SearchSettings::default(),
            tls: TlsTable::default(),
            auth: AuthTable::default(),
            http: HttpSettings::default(),
            traces: TraceSettings::default(),
        }
    }
}

impl Default for ViewSettings {
    fn default() -> Self {
        Self { count: 64, idle: Duration::from_secs(300) }
    }
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { filter: "info".into(), format: LogFormat::Human }
    }
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            document_bytes: ByteSize(8 << 20),
            request_bytes: ByteSize(24 << 20),
            inflight_bytes: ByteSize(64 << 20),
            connections: 1024,
            calls_per_connection: 128,
            streams: 64,
            message_timeout: Duration::from_secs(60),
            connection_age: None,
        }
    }
}

impl Default for IndexSettings {
    fn default() -> Self {
        Self {
            interval: Duration::from_millis(250),
            writer_bytes: ByteSize(64 << 20),
            max_lag: 10_000,
            max_lag_age: Duration::from_secs(30),
        }
    }
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One readable line an event, in colour on a terminal.
    Human,
    /// One JSON object an event.
    Json,
}

/// What flags and environment say about the service; absent means the file or the default decides.
#[derive(Debug, Clone, Default, Args)]
pub struct Overrides {
    /// Where store and index live [default: ./data]
    #[arg(long, value_name = "DIR", env = "DICTUM_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Address of the gRPC port; port 0 takes a free one [default: 127.0.0.1:50051]
    #[arg(long, value_name = "ADDRESS", env = "DICTUM_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Write the bound address to this file once the port is open
    #[arg(long, value_name = "FILE", env = "DICTUM_ADDRESS_FILE")]
    pub address_file: Option<PathBuf>,
    /// How long a stop waits for calls that are under way [default: 10s]
    #[arg(long, value_name = "TIME", env = "DICTUM_DRAIN_TIMEOUT", value_parser = parse_duration)]
    pub drain_timeout: Option<Duration>,
    /// Longest text of a document [default: 8MiB]
    #[arg(long, value_name = "SIZE", env = "DICTUM_DOCUMENT_BYTES")]
    pub document_bytes: Option<ByteSize>,
    /// Threads that analyse, 0 for one a core [default: 0]
    #[arg(long, value_name = "N", env = "DICTUM_ANALYSIS_THREADS")]
    pub analysis_threads: Option<usize>,
    /// Analyzer where a request names none, dictum-en or dictum-en-fast [default: dictum-en]
    #[arg(long, value_name = "NAME", env = "DICTUM_ANALYZER")]
    pub analyzer: Option<AnalyzerName>,
    /// Address of the plain HTTP port with /metrics, /livez and /readyz [default: none]
    #[arg(long, value_name = "ADDRESS", env = "DICTUM_HTTP")]
    pub http: Option<SocketAddr>,
    /// Where a collector takes traces as OTLP over gRPC, such as http://127.0.0.1:4317 [default: none]
    #[arg(long, value_name = "URL", env = "DICTUM_TRACES_ENDPOINT")]
    pub traces_endpoint: Option<String>,
    /// Share of the calls that are traced where their callers do not say, 0 to 1 [default: 0.1]
    #[arg(long, value_name = "SHARE", env = "DICTUM_TRACES_SAMPLE")]
    pub traces_sample: Option<f64>,
    /// PEM file with the certificate of the service, and those that lead to its root
    #[arg(long, value_name = "FILE", env = "DICTUM_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// PEM file with its private key
    #[arg(long, value_name = "FILE", env = "DICTUM_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// PEM file with the roots that certificates of clients must lead to
    #[arg(long, value_name = "FILE", env = "DICTUM_TLS_CLIENT_CA")]
    pub tls_client_ca: Option<PathBuf>,
    /// File of the keys that callers show, as `dictum keys` makes it
    #[arg(long, value_name = "FILE", env = "DICTUM_KEYS")]
    pub keys: Option<PathBuf>,
    /// Listen where strangers are, without TLS or without keys
    #[arg(
        long,
        env = "DICTUM_INSECURE",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_parser = clap::builder::BoolishValueParser::new()
    )]
    pub insecure: Option<bool>,
    /// What to log, as a level or `tracing` directives [default: info]
    #[arg(long, value_name = "FILTER", env = "DICTUM_LOG")]
    pub log: Option<String>,
    /// Form of the log [default: human]
    #[arg(long, value_enum, value_name = "FORM", env = "DICTUM_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
}

impl Settings {
    /// Lays `overrides` over these settings.
    pub fn apply(&mut self, overrides: &Overrides) {
        fn set<T: Clone>(value: &mut T, by: &Option<T>) {
            if let Some(by) = by {
                value.clone_from(by);
            }
        }
        set(&mut self.data_dir, &overrides.data_dir);
        set(&mut self.listen, &overrides.listen);
        set(&mut self.drain_timeout, &overrides.drain_timeout);
        set(&mut self.limits.document_bytes, &overrides.document_bytes);
        set(&mut self.analysis.threads, &overrides.analysis_threads);
        set(&mut self.analysis.analyzer, &overrides.analyzer);
        set(&mut self.log.filter, &overrides.log);
        set(&mut self.log.format, &overrides.log_format);
        set(&mut self.insecure, &overrides.insecure);
        set(&mut self.traces.sample, &overrides.traces_sample);
        if overrides.traces_endpoint.is_some() {
            self.traces.endpoint.clone_from(&overrides.traces_endpoint);
        }
        self.http.listen = overrides.http.or(self.http.listen);
        for (path, by) in [
            (&mut self.tls.cert, &overrides.tls_cert),
            (&mut self.tls.key, &overrides.tls_key),
            (&mut self.tls.client_ca, &overrides.tls_client_ca),
            (&mut self.auth.keys, &overrides.keys),
        ] {
            if by.is_some() {
                path.clone_from(by);
            }
        }
        if overrides.address_file.is_some() {
            self.address_file.clone_from(&overrides.address_file);
        }
    }

    /// The settings as a configuration file.
    pub fn to_toml(&self) -> String {
        // Keys are strings and tables follow plain values: nothing here can fail to serialise but a path that is no
        // UTF-8, and that reads back as no file could have said it.
        toml::to_string(self).unwrap_or_else(|error| format!("# cannot be written as TOML: {error}\n"))
    }
}

/// Reads an age: `90d`, `2w`, `36h`. A day has 24 hours.
pub fn parse_age(text: &str) -> Result<Duration, String> {
    let wrong = |error: jiff::Error| format!("{error}; write 90d, 2w or 36h");
    let span = jiff::fmt::friendly::SpanParser::new().parse_span(text).map_err(wrong)?;
    let age = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(wrong)?;
    Duration::try_from(age).map_err(|_| "an age is not negative; write 90d, 2w or 36h".to_owned())
}

/// Reads `10s`, `1m 30s`, `250ms`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    jiff::fmt::friendly::SpanParser::new()
        .parse_unsigned_duration(text)
        .map_err(|error| format!("{error}; write 10s, 1m30s or 250ms"))
}
