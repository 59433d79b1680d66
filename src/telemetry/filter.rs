//! The filter of the log, which can be changed while the process runs.

use crate::config::log_filter;
use crate::transport::{LogFilter, LogFilterSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::reload::Handle;

/// Puts a filter in force where events pass.
type Put = dyn Fn(EnvFilter) -> Result<(), String> + Send + Sync;

/// See the module. Clones are the same filter.
#[derive(Clone)]
pub struct Filter(Arc<Parts>);

struct Parts {
    put: Box<Put>,
    configured: String,
    state: Mutex<State>,
}

struct State {
    current: String,
    /// Counts those that were set.
    number: u64,
}

impl Filter {
    /// The filter behind `handle`, which is `configured` to begin with.
    pub(super) fn behind<S: 'static>(handle: Handle<EnvFilter, S>, configured: &str) -> Self {
        let put = move |filter| handle.reload(filter).map_err(|error| error.to_string());
        let state = State { current: configured.to_owned(), number: 0 };
        Self(Arc::new(Parts {
            put: Box::new(put),
            configured: configured.to_owned(),
            state: Mutex::new(state),
        }))
    }

    /// Puts a filter in force; the one that was configured where it is empty.
    fn put(&self, state: &mut State, filter: &str) -> Result<LogFilterSet, String> {
        let filter = if filter.trim().is_empty() { &self.0.configured } else { filter };
        (self.0.put)(log_filter(filter)?)?;
        let previous = std::mem::replace(&mut state.current, filter.to_owned());
        state.number += 1;
        Ok(LogFilterSet { filter: filter.to_owned(), previous, number: state.number })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogFilter for Filter {
    fn current(&self) -> String {
        self.state().current.clone()
    }

    fn set(&self, filter: &str) -> Result<LogFilterSet, String> {
        self.put(&mut self.state(), filter)
    }

    fn unset(&self, since: u64) {
        let mut state = self.state();
        // The one of the configuration has been in force before.
        if state.number == since && self.put(&mut state, "").is_ok() {
            tracing::warn!(filter = state.current, "the log has its own filter again");
        }
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Filter").field(&self.current()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::{Registry, prelude::*, reload};

    #[test]
    fn a_filter_holds_until_it_is_unset_and_a_later_one_stays() {
        let (layer, handle) = reload::Layer::<_, Registry>::new(EnvFilter::new("info"));
        let filter = Filter::behind(handle, "info");
        let _listening = tracing_subscriber::registry().with(layer).set_default();
        assert!(!tracing::enabled!(tracing::Level::DEBUG));
        let change = filter.set("debug").unwrap();
        assert!(tracing::enabled!(tracing::Level::DEBUG));
        assert_eq!((change.filter.as_str(), change.previous.as_str()), ("debug", "info"));
        assert!(filter.set("warning").is_err());
        assert_eq!(filter.current(), "debug");
        let later = filter.set("warn").unwrap();
        filter.unset(change.number);
        assert_eq!(filter.current(), "warn");
        filter.unset(later.number);
        assert_eq!(filter.current(), "info");
        assert!(!tracing::enabled!(tracing::Level::DEBUG));
    }
}
