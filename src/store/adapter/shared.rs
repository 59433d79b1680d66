//! What callers and threads share: the store, while it can be read, and how it is.

use super::super::core::Core;
use super::super::error::Fault;
use super::super::tables::Snapshot;
use crate::ports::{LogState, Outage, OutageKind, PortError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// See the module.
#[derive(Debug)]
pub(super) struct Shared {
    /// Absent while nothing can be read.
    core: Mutex<Option<Arc<Core>>>,
    state: watch::Sender<LogState>,
}

impl Shared {
    pub(super) fn new(core: Core) -> Self {
        Self { core: Mutex::new(Some(Arc::new(core))), state: watch::Sender::new(LogState::Ready) }
    }

    /// The store, where it can be read.
    pub(super) fn core(&self) -> Result<Arc<Core>, Outage> {
        let core = self.seat().clone();
        core.ok_or_else(|| match &*self.state.borrow() {
            LogState::Out(outage) => outage.clone(),
            LogState::Ready => closed(&"the store is being opened"),
        })
    }

    /// Takes the store away: nothing can be read any more.
    pub(super) fn take(&self) -> Option<Arc<Core>> {
        self.seat().take()
    }

    /// Gives callers a store.
    pub(super) fn put(&self, core: Core) {
        *self.seat() = Some(Arc::new(core));
    }

    /// Answers from the last durable state.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Snapshot) -> Result<T, Fault>) -> Result<T, PortError> {
        let core = self.core().map_err(PortError::Unavailable)?;
        core.read(read).map_err(|error| {
            if core.device().is_broken() {
                // The keeper opens it anew.
                let outage = closed(&error);
                self.say(LogState::Out(outage.clone()));
                return PortError::Unavailable(outage);
            }
            error.into()
        })
    }

    /// How the store is, now and whenever that changes.
    pub(super) fn state(&self) -> watch::Receiver<LogState> {
        self.state.subscribe()
    }

    /// Says how the store is. Who watches wakes up where that is news.
    pub(super) fn say(&self, state: LogState) {
        self.state.send_if_modified(|before| {
            let news = match (&*before, &state) {
                (LogState::Ready, LogState::Ready) => false,
                (LogState::Out(before), LogState::Out(now)) => {
                    before.kind != now.kind || before.detail != now.detail
                }
                _ => true,
            };
            if news {
                tracing::info!(?state, "the store's state has changed");
            }
            *before = state;
            news
        });
    }

    fn seat(&self) -> MutexGuard<'_, Option<Arc<Core>>> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn closed(detail: &dyn std::fmt::Display) -> Outage {
    Outage { kind: OutageKind::Closed, detail: detail.to_string(), retry_after: Duration::from_millis(200) }
}
