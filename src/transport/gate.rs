//! What stands before the services: the certificates of the port, who is asked who they are, and where decisions are written down. Made
//! by whoever starts the service; without any of it the port speaks plain text to everybody.

use crate::access::{AuditEvent, AuditLog, Guard};
use crate::tls::Certificates;
use std::sync::Arc;

/// See the module.
#[derive(Debug, Default)]
pub struct Gate {
    /// What connections begin with; plain text where absent.
    pub certificates: Option<Arc<Certificates>>,
    /// Tells who calls; nobody is asked where absent.
    pub guard: Option<Guard>,
    /// Where decisions are written down.
    pub audit: Option<AuditLog>,
    /// What may be asked by anybody.
    pub open: OpenTo,
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

impl Gate {
    /// Whether anybody may call the method.
    pub fn is_open(&self, path: &str) -> bool {
        (self.open.health && path.starts_with("/grpc.health."))
            || (self.open.reflection && path.starts_with("/grpc.reflection."))
    }

    /// Writes a decision down.
    pub fn record(&self, event: AuditEvent) {
        if let Some(audit) = &self.audit {
            audit.record(event);
        }
    }
}
