//! What `dictum serve` hands in for those who run it: its configuration, and the filter of its log.

use crate::telemetry::Filter;
use crate::transport::{LogFilter, LogFilterSet, Steering};
use std::sync::Arc;
use std::time::SystemTime;

/// The log's filter, as the services see it.
#[derive(Debug)]
struct OfLog(Filter);

impl LogFilter for OfLog {
    fn current(&self) -> String {
        self.0.current()
    }

    fn set(&self, filter: &str) -> Result<LogFilterSet, String> {
        let change = self.0.set(filter)?;
        Ok(LogFilterSet { filter: change.filter, previous: change.previous, number: change.number })
    }

    fn unset(&self, since: u64) {
        self.0.unset(since);
    }
}

/// For a service that starts now.
pub fn steering(configuration: String, log: Filter) -> Steering {
    Steering { configuration, log: Arc::new(OfLog(log)), started: SystemTime::now() }
}
