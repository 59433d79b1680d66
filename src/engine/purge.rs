//! Clears away what deleted collections have left behind, a little at a time, so that other writes get through
//! between two steps. Runs once at the start, since a purge may have been cut short, and after every deletion.

use super::error::Fault;
use crate::store::Store;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Rows in one step: a few milliseconds of the store's only write transaction.
const STEP_ROWS: usize = 500;
/// Between two steps the store belongs to others.
const BREATH: Duration = Duration::from_millis(5);
const RETRY: Duration = Duration::from_secs(2);

/// The thread. Dropping it waits for the step in progress; the rest is done after the next start.
#[derive(Debug)]
pub(super) struct Purger {
    bell: Mutex<Option<mpsc::SyncSender<()>>>,
    thread: Option<JoinHandle<()>>,
}

impl Purger {
    /// Starts the thread, which looks for work at once.
    pub(super) fn start(store: Arc<Store>) -> Result<Self, Fault> {
        // One ring that waits is enough: a purge clears away everything there is.
        let (bell, rings) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("dictum-purge".into())
            .spawn(move || run(&store, &rings))
            .map_err(|error| Fault::Thread(Arc::new(error)))?;
        let purger = Self { bell: Mutex::new(Some(bell)), thread: Some(thread) };
        purger.ring();
        Ok(purger)
    }

    /// Says that a collection was deleted.
    pub(super) fn ring(&self) {
        if let Some(bell) = &*self.bell.lock().unwrap_or_else(PoisonError::into_inner) {
            // Full: a ring waits already.
            let _ = bell.try_send(());
        }
    }
}

impl Drop for Purger {
    fn drop(&mut self) {
        self.bell.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(store: &Store, rings: &mpsc::Receiver<()>) {
    while rings.recv().is_ok() {
        loop {
            let rest = match store.purge_step(STEP_ROWS) {
                Ok(false) => break,
                Ok(true) => BREATH,
                Err(error) => {
                    tracing::error!(error = %Fault::from(error).chain(), "a deleted collection was not purged");
                    RETRY
                }
            };
            if matches!(rings.recv_timeout(rest), Err(RecvTimeoutError::Disconnected)) {
                return;
            }
        }
    }
}
