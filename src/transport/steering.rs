//! What whoever runs the service can ask of the process around it: its configuration, and the filter of its log. The process hands
//! it in; without it, as in a server that stands alone in a test, those questions have no answer.

use super::status::Failure;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tonic::Code;

/// Sets what is logged.
pub trait LogFilter: Debug + Send + Sync {
    /// In force now.
    fn current(&self) -> String;
    /// Puts another one in force; the one of the configuration where `filter` is empty. Tells which one is by then.
    ///
    /// # Errors
    /// Why it is no filter.
    fn set(&self, filter: &str) -> Result<Set, String>;
    /// Goes back to the one of the configuration, unless another one has been set since.
    fn unset(&self, since: u64);
}

/// A filter that has been set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// In force now.
    pub filter: String,
    /// In force before.
    pub previous: String,
    /// Counts the filters that have been set.
    pub number: u64,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Steering {
    /// As a file that the service takes.
    pub configuration: String,
    /// Of the log.
    pub log: Arc<dyn LogFilter>,
    /// When the service was started.
    pub started: SystemTime,
}

impl Steering {
    /// Puts a filter in force, for a while where `ttl` says so.
    pub fn set_log(&self, filter: &str, ttl: Option<Duration>) -> Result<Set, Failure> {
        let set =
            self.log.set(filter).map_err(|reason| Failure::field("INVALID_ARGUMENT", "filter", reason))?;
        if let Some(ttl) = ttl {
            let (log, number) = (Arc::clone(&self.log), set.number);
            tokio::spawn(async move {
                tokio::time::sleep(ttl).await;
                log.unset(number);
            });
        }
        Ok(set)
    }
}

/// What is told where the process has handed nothing in.
pub fn absent() -> Failure {
    Failure::new(
        Code::FailedPrecondition,
        "FAILED_PRECONDITION",
        "this server was started without a configuration",
    )
}
