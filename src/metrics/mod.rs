//! What the service tells those who watch it, in the form of OpenMetrics. Calls and analyses are recorded as they end; what is a state
//! is sampled when somebody asks. Names stay: dashboards and alerts hang on them, and `deploy/metrics.txt` lists them. Knows nothing of
//! how anything comes about. Start at [`Metrics`].

mod labels;
mod process;
mod sample;
#[cfg(test)]
mod tests;

pub use sample::Sample;

use labels::{Analyzer, Call, Commit, Method, Quota, Reason, Stage};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use sample::Gauges;
use std::time::Duration;

/// What [`Metrics::text`] gives, as HTTP names it.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper ends of the buckets of durations, in seconds.
const SECONDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// The same for what is a part of something short: stages, waits, commits.
const SHORT_SECONDS: [f64; 15] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// Makes histograms of durations, with these buckets.
#[derive(Debug, Clone)]
struct Durations(&'static [f64]);

impl MetricConstructor<Histogram> for Durations {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

/// See the module.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Call, Counter>,
    durations: Family<Method, Histogram, Durations>,
    in_flight: Gauge,
    shed: Family<Reason, Counter>,
    quotas: Family<Quota, Counter>,
    unauthenticated: Family<Reason, Counter>,
    denied: Counter,
    analyses: Family<Analyzer, Histogram, Durations>,
    analysed: Family<Analyzer, Counter>,
    waits: Histogram,
    stages: Family<Stage, Histogram, Durations>,
    commits: Family<Commit, Counter>,
    commit_seconds: Histogram,
    committed: Counter,
    sampled: Gauges,
}

impl Metrics {
    /// None recorded yet.
    pub fn new(version: &'static str) -> Self {
        let mut registry = Registry::default();
        let mut all = Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(Durations(&SECONDS)),
            in_flight: Gauge::default(),
            shed: Family::default(),
            quotas: Family::default(),
            unauthenticated: Family::default(),
            denied: Counter::default(),
            analyses: Family::new_with_constructor(Durations(&SECONDS)),
            analysed: Family::default(),
            waits: Histogram::new(SHORT_SECONDS),
            stages: Family::new_with_constructor(Durations(&SHORT_SECONDS)),
            commits: Family::default(),
            commit_seconds: Histogram::new(SHORT_SECONDS),
            committed: Counter::default(),
            sampled: Gauges::new(&mut registry, version),
            registry: Registry::default(),
        };
        let of = &mut registry;
        of.register("dictum_requests", "Calls that have ended, by method and code", all.requests.clone());
        of.register(
            "dictum_request_duration_seconds",
            "From a call's first byte to its last",
            all.durations.clone(),
        );
        of.register("dictum_requests_in_flight", "Calls that go on", all.in_flight.clone());
        of.register("dictum_shed", "Calls that were told to come back, by reason", all.shed.clone());
        of.register("dictum_quota_exceeded", "Calls beyond a limit of their caller", all.quotas.clone());
        of.register(
            "dictum_unauthenticated",
            "Calls by nobody that counts, by reason",
            all.unauthenticated.clone(),
        );
        of.register("dictum_denied", "Calls that their callers may not make", all.denied.clone());
        of.register(
            "dictum_analysis_seconds",
            "From the begin of an analysis to its end",
            all.analyses.clone(),
        );
        of.register("dictum_analysis_bytes", "Bytes of text that were analysed", all.analysed.clone());
        of.register(
            "dictum_analysis_wait_seconds",
            "From the moment at which a text is ready to the begin of its analysis",
            all.waits.clone(),
        );
        of.register(
            "dictum_analysis_stage_seconds",
            "Time that a stage of an analysis has kept its thread",
            all.stages.clone(),
        );
        of.register("dictum_commits", "Transactions of writes, by outcome", all.commits.clone());
        of.register(
            "dictum_commit_seconds",
            "From the begin of a transaction of writes to its end on the disk",
            all.commit_seconds.clone(),
        );
        of.register("dictum_committed_writes", "Writes that were committed", all.committed.clone());
        for outcome in ["done", "failed"] {
            drop(all.commits.get_or_create(&Commit { outcome }));
        }
        // An alert on the first of these must find a zero before it.
        for reason in ["OVERLOADED", "STORE_FULL", "STORE_READ_ONLY", "INDEX_LAGGING"] {
            drop(all.shed.get_or_create(&Reason { reason: reason.to_owned() }));
        }
        all.registry = registry;
        all
    }

    /// A call begins.
    pub fn begun(&self) {
        self.in_flight.inc();
    }

    /// A call has ended, with this code and, where it failed, this reason.
    pub fn ended(&self, method: &'static str, code: &'static str, reason: &str, took: Duration) {
        self.in_flight.dec();
        self.requests.get_or_create(&Call { method, code }).inc();
        self.durations.get_or_create(&Method { method }).observe(took.as_secs_f64());
        let reason = || Reason { reason: reason.to_owned() };
        match code {
            "UNAVAILABLE" => drop(self.shed.get_or_create(&reason()).inc()),
            "UNAUTHENTICATED" => drop(self.unauthenticated.get_or_create(&reason()).inc()),
            "PERMISSION_DENIED" => drop(self.denied.inc()),
            _ => {}
        }
    }

    /// A caller has met one of its limits.
    pub fn over_quota(&self, quota: &str) {
        self.quotas.get_or_create(&Quota { quota: quota.to_owned() }).inc();
    }

    /// A text has been analysed.
    pub fn analysed(&self, analyzer: &str, bytes: usize, took: Duration) {
        let labels = Analyzer { analyzer: analyzer.to_owned() };
        self.analyses.get_or_create(&labels).observe(took.as_secs_f64());
        self.analysed.get_or_create(&labels).inc_by(bytes as u64);
    }

    /// A text has waited so long for a thread.
    pub fn waited(&self, took: Duration) {
        self.waits.observe(took.as_secs_f64());
    }

    /// A stage of an analysis is over.
    pub fn staged(&self, stage: &'static str, took: Duration) {
        self.stages.get_or_create(&Stage { stage }).observe(took.as_secs_f64());
    }

    /// A transaction of so many writes has ended.
    pub fn committed(&self, writes: usize, took: Duration, done: bool) {
        let outcome = if done { "done" } else { "failed" };
        self.commits.get_or_create(&Commit { outcome }).inc();
        self.commit_seconds.observe(took.as_secs_f64());
        if done {
            self.committed.inc_by(writes as u64);
        }
    }

    /// Everything, with the state as it is now.
    pub fn text(&self, sample: &Sample) -> Result<String, std::fmt::Error> {
        self.sampled.set(sample);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
