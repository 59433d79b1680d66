//! The log of decisions: who asked what of which collection, and what came of it, one JSON object a line. `event` says
//! what a line holds, `log` how it gets onto the disk while calls go on.

mod event;
mod log;
#[cfg(test)]
mod tests;

pub use event::{AuditEvent, Outcome, Who};
pub use log::{AuditLog, AuditTarget};
