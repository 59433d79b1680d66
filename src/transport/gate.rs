//! What stands before the services: the certificates of the port, who is asked who they are, and where decisions are written down. Made
//! by whoever starts the service; without any of it the port speaks plain text to everybody.

use super::status::Failure;
use super::steering::Steering;
use crate::access::{AuditEvent, AuditLog, Guard};
use crate::engine::Observer;
use crate::metrics::Metrics;
use crate::ports::Caller;
use crate::tls::Certificates;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// See the module.
#[derive(Debug)]
pub struct Gate {
    /// What connections begin with; plain text where absent.
    pub certificates: Option<Arc<Certificates>>,
    /// Tells who calls; nobody is asked where absent.
    pub guard: Option<Guard>,
    /// Where decisions are written down.
    pub audit: Option<AuditLog>,
    /// What may be asked by anybody.
    pub open: OpenTo,
    /// What is told to those who watch.
    pub metrics: Arc<Metrics>,
    /// What whoever runs the service can ask of its process.
    pub steering: Option<Steering>,
    /// Spans of traces that were lost, as whoever exports them counts them.
    pub lost_spans: Arc<AtomicU64>,
}

/// What may be asked by callers who have not shown who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenTo {
    /// Whether the service is well.
    pub health: bool,
    /// What its methods are.
    pub reflection: bool,
}

impl Default for OpenTo {
    /// Probes have no key, and say nothing but SERVING or NOT_SERVING.
    fn default() -> Self {
        Self { health: true, reflection: false }
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            certificates: None,
            guard: None,
            audit: None,
            open: OpenTo::default(),
            metrics: Arc::new(Metrics::new(env!("CARGO_PKG_VERSION"))),
            steering: None,
            lost_spans: Arc::default(),
        }
    }
}

/// Counts what the engine does.
#[derive(Debug)]
struct Observing(Arc<Metrics>);

impl Observer for Observing {
    fn waited(&self, took: Duration) {
        self.0.waited(took);
    }

    fn staged(&self, stage: &'static str, took: Duration) {
        self.0.staged(stage, took);
    }

    fn committed(&self, writes: usize, took: Duration, done: bool) {
        self.0.committed(writes, took, done);
    }

    fn analysed(&self, analyzer: &str, bytes: usize, took: Duration) {
        self.0.analysed(analyzer, bytes, took);
    }
}

impl Gate {
    /// Whether anybody may call the method.
    pub fn is_open(&self, path: &str) -> bool {
        (self.open.health && path.starts_with("/grpc.health."))
            || (self.open.reflection && path.starts_with("/grpc.reflection."))
    }

    /// Fails where the caller is nobody any more: revoked, or expired, since its stream began.
    pub fn still(&self, caller: &Caller) -> Result<(), Failure> {
        let Some(guard) = &self.guard else { return Ok(()) };
        guard.again(&caller.principal).map(drop).map_err(Failure::unauthenticated)
    }

    /// Has what the engine does counted.
    pub fn observer(&self) -> Arc<dyn Observer> {
        Arc::new(Observing(Arc::clone(&self.metrics)))
    }

    /// Writes a decision down.
    pub fn record(&self, event: AuditEvent) {
        if let Some(audit) = &self.audit {
            audit.record(event);
        }
    }
}
