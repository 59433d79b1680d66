//! States, as they are at one moment.

use super::labels::Build;
use super::process::Process;
use prometheus_client::metrics::counter::{Atomic, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;

/// The service at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sample {
    /// Bytes of messages and texts that are let in, and the most that may be.
    pub inflight_bytes: [u64; 2],
    /// Texts that wait for a thread.
    pub analysis_queue: u64,
    /// The last change that is stored, and the last that queries see.
    pub changes: [u64; 2],
    /// Bytes on the disk.
    pub store_bytes: u64,
    /// Bytes on the disk.
    pub index_bytes: u64,
    /// Bytes of the data directory's file system: free, and in all.
    pub disk_bytes: [u64; 2],
    /// Whether everything works.
    pub ready: bool,
    /// Whether the store can be written.
    pub store_ready: bool,
    /// Whether queries are answered.
    pub index_ready: bool,
    /// Connections that are open.
    pub open_connections: u64,
    /// Streams that are open.
    pub open_streams: u64,
    /// When the certificate expires, in seconds since 1970, where there is one.
    pub certificate_expiry: Option<f64>,
    /// Lines of the log of decisions that were lost.
    pub audit_lost: u64,
    /// Spans of traces that were lost.
    pub traces_dropped: u64,
}

/// A gauge, and what it shows.
type Sampled<S> = (Float, fn(&S) -> f64);
/// The name and the help of a gauge, and what it shows.
type Named<S> = (&'static str, &'static str, fn(&S) -> f64);
/// What is there once or not at all.
type NoLabels = Vec<(String, String)>;
type Float = Gauge<f64, AtomicU64>;

/// The gauges of all states.
#[derive(Debug)]
pub struct Gauges {
    plain: [Sampled<Sample>; 15],
    /// Absent where there is no certificate, or an alert would take it for one of 1970.
    certificate_expiry: Family<NoLabels, Float>,
    audit_lost: Counter,
    traces_dropped: Counter,
    cpu: Counter<f64, AtomicU64>,
    process: [Sampled<Process>; 4],
}

/// Names, helps and values of what is sampled.
const PLAIN: [Named<Sample>; 15] = [
    ("dictum_inflight_bytes", "Bytes of messages and texts that are let in", |s| s.inflight_bytes[0] as f64),
    ("dictum_inflight_bytes_limit", "The most that may be let in", |s| s.inflight_bytes[1] as f64),
    ("dictum_analysis_queue", "Texts that wait for a thread", |s| s.analysis_queue as f64),
    ("dictum_store_last_change", "The last change that is stored", |s| s.changes[0] as f64),
    ("dictum_index_applied_change", "The last change that queries see", |s| s.changes[1] as f64),
    ("dictum_index_lag_changes", "Changes that queries do not see yet", |s| {
        s.changes[0].saturating_sub(s.changes[1]) as f64
    }),
    ("dictum_store_bytes", "Bytes of the store on the disk", |s| s.store_bytes as f64),
    ("dictum_index_bytes", "Bytes of the index on the disk", |s| s.index_bytes as f64),
    ("dictum_disk_free_bytes", "Free bytes of the data directory's file system", |s| s.disk_bytes[0] as f64),
    ("dictum_disk_size_bytes", "Size of the data directory's file system", |s| s.disk_bytes[1] as f64),
    ("dictum_ready", "Whether everything works", |s| f64::from(u8::from(s.ready))),
    ("dictum_store_ready", "Whether the store can be written", |s| f64::from(u8::from(s.store_ready))),
    ("dictum_index_ready", "Whether queries are answered", |s| f64::from(u8::from(s.index_ready))),
    ("dictum_open_connections", "Connections that are open", |s| s.open_connections as f64),
    ("dictum_open_streams", "Streams of documents, texts and exports that are open", |s| {
        s.open_streams as f64
    }),
];

const PROCESS: [Named<Process>; 4] = [
    ("process_resident_memory_bytes", "Resident memory", |p| p.resident_bytes),
    ("process_open_fds", "Open file descriptors", |p| p.open_fds),
    ("process_max_fds", "The most file descriptors that may be open", |p| p.max_fds),
    ("process_start_time_seconds", "When the process started, in seconds since 1970", |p| p.start_time),
];

impl Gauges {
    pub fn new(registry: &mut Registry, version: &'static str) -> Self {
        let build = Family::<Build, Gauge>::default();
        build.get_or_create(&Build { version }).set(1);
        registry.register("dictum_build_info", "The version that runs", build);
        let plain = PLAIN.map(|(name, help, value)| {
            let gauge = Float::default();
            registry.register(name, help, gauge.clone());
            (gauge, value)
        });
        let process = PROCESS.map(|(name, help, value)| {
            let gauge = Float::default();
            registry.register(name, help, gauge.clone());
            (gauge, value)
        });
        let certificate_expiry = Family::<NoLabels, Float>::default();
        registry.register(
            "dictum_tls_certificate_expiry_timestamp_seconds",
            "When the certificate expires, in seconds since 1970",
            certificate_expiry.clone(),
        );
        let (audit_lost, cpu) = (Counter::default(), Counter::<f64, AtomicU64>::default());
        registry.register(
            "dictum_audit_lost",
            "Lines of the log of decisions that were lost",
            audit_lost.clone(),
        );
        let traces_dropped = Counter::default();
        registry.register("dictum_traces_dropped", "Spans of traces that were lost", traces_dropped.clone());
        registry.register("process_cpu_seconds", "Time on processors, of user and system", cpu.clone());
        Self { plain, certificate_expiry, audit_lost, traces_dropped, cpu, process }
    }

    /// Takes over a sample, and what the system says of the process.
    pub fn set(&self, sample: &Sample) {
        for (gauge, value) in &self.plain {
            gauge.set(value(sample));
        }
        if let Some(expiry) = sample.certificate_expiry {
            self.certificate_expiry.get_or_create(&NoLabels::new()).set(expiry);
        }
        let process = Process::now();
        for (gauge, value) in &self.process {
            gauge.set(value(&process));
        }
        advance(&self.audit_lost, sample.audit_lost);
        advance(&self.traces_dropped, sample.traces_dropped);
        let more = process.cpu_seconds - self.cpu.get();
        if more > 0.0 {
            self.cpu.inc_by(more);
        }
    }
}

/// Brings a counter up to what is counted elsewhere.
fn advance<A: Atomic<u64>>(counter: &Counter<u64, A>, to: u64) {
    counter.inc_by(to.saturating_sub(counter.get()));
}
