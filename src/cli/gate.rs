//! From the configuration to what stands before the services: reads certificates and keys for the first time.

use crate::access::{AuditLog, Guard, SystemClock};
use crate::config::Security;
use crate::tls::Certificates;
use crate::transport::Gate;
use anyhow::Context;
use std::sync::Arc;

/// Whether the files that the configuration names can be used.
pub fn check(security: &Security) -> anyhow::Result<()> {
    certificates(security)?;
    guard(security)?;
    Ok(())
}

fn certificates(security: &Security) -> anyhow::Result<Option<Certificates>> {
    let certificates = security.tls.clone().map(Certificates::new).transpose();
    certificates.context("TLS cannot be spoken")
}

fn guard(security: &Security) -> anyhow::Result<Option<Guard>> {
    let clock = || Arc::new(SystemClock::default());
    let guard = security.access.clone().map(|settings| Guard::new(settings, security.quotas, clock()));
    guard.transpose().context("callers cannot be told apart")
}

/// Reads the files that the configuration names.
pub fn gate(security: &Security) -> anyhow::Result<Gate> {
    let (certificates, guard) = (certificates(security)?, guard(security)?);
    let audit = security.audit.clone().map(AuditLog::open).transpose();
    let audit = audit.context("decisions cannot be written down")?;
    if guard.is_none() && security.is_public {
        tracing::warn!("everybody who reaches the port may do everything; see [auth] in the configuration");
    }
    let certificates = certificates.map(Arc::new);
    Ok(Gate { certificates, guard, audit, open: security.open, ..Gate::default() })
}
