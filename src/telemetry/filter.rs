//! The filter of the log, which can be changed while the process runs.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::reload::Handle;

/// Longest filter, in bytes: what parses it takes its time with long ones.
const LONGEST: usize = 4 << 10;

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

#[derive(Clone)]
struct State {
    current: String,
    /// Counts those that were set.
    number: u64,
}

/// A filter that has been set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// In force now.
    pub filter: String,
    /// In force before.
    pub previous: String,
    /// Counts the changes.
    pub number: u64,
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

    /// In force now.
    pub fn current(&self) -> String {
        self.state().current.clone()
    }

    /// Puts another one in force; the one that was configured where it is empty.
    ///
    /// # Errors
    /// Why it is no filter. The one in force stays.
    pub fn set(&self, filter: &str) -> Result<Change, String> {
        let filter = if filter.trim().is_empty() { &self.0.configured } else { filter };
        let parsed = parsed(filter)?;
        let mut state = self.state();
        (self.0.put)(parsed)?;
        let previous = std::mem::replace(&mut state.current, filter.to_owned());
        state.number += 1;
        Ok(Change { filter: filter.to_owned(), previous, number: state.number })
    }

    /// Goes back to the one that was configured, unless another one has been set since that change.
    pub fn unset(&self, change: u64) {
        if self.state().number == change && self.set("").is_ok() {
            tracing::warn!(filter = self.0.configured, "the log has its own filter again");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The filter that somebody wrote.
fn parsed(filter: &str) -> Result<EnvFilter, String> {
    if filter.len() > LONGEST {
        return Err(format!("must have at most {LONGEST} bytes"));
    }
    // A lone word that is no level would be taken for the name of a part of the program, and silence all others.
    let words = filter.split(',').map(str::trim).filter(|word| !word.contains(['=', '[', ':']));
    let odd = words.filter(|word| word.parse::<LevelFilter>().is_err()).find(|word| *word != "dictum");
    match odd {
        Some(word) => Err(format!("{word:?} is no level: off, error, warn, info, debug or trace")),
        None => EnvFilter::try_new(filter).map_err(|error| error.to_string()),
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
        for odd in ["dictum=loud=very", "warning", "info,dbug", &"info,".repeat(1000)] {
            assert!(filter.set(odd).is_err(), "{odd}");
        }
        assert_eq!(filter.current(), "debug");
        let later = filter.set("warn").unwrap();
        filter.unset(change.number);
        assert_eq!(filter.current(), "warn");
        filter.unset(later.number);
        assert_eq!(filter.current(), "info");
        assert!(!tracing::enabled!(tracing::Level::DEBUG));
    }
}
