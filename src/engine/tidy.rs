//! Forgets what nobody needs any more: rows of deleted collections, and removals that the index has seen. A little at a time, so that
//! writes get through between two steps. Runs once at the start, since it may have been cut short, after every deletion of a
//! collection, and now and then.

use super::progress::Progress;
use crate::ports::DocumentLog;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Between two steps the log belongs to others.
const BREATH: Duration = Duration::from_millis(5);
const RETRY: Duration = Duration::from_secs(2);
/// How often it looks without being asked.
const EVERY: Duration = Duration::from_secs(60);

/// Asks for a tidying.
#[derive(Debug, Clone, Default)]
pub(super) struct Tidier(Arc<Notify>);

impl Tidier {
    /// Something was deleted.
    pub(super) fn ring(&self) {
        self.0.notify_one();
    }

    /// Tidies for ever; dropping the future ends it between two steps.
    pub(super) async fn run(self, log: Arc<dyn DocumentLog>, progress: Arc<Progress>) {
        loop {
            loop {
                let rest = match log.tidy(progress.last_applied()).await {
                    Ok(false) => break,
                    Ok(true) => BREATH,
                    Err(error) => {
                        tracing::warn!(%error, "deleted rows could not be cleared away yet");
                        RETRY
                    }
                };
                tokio::time::sleep(rest).await;
            }
            let _ = tokio::time::timeout(EVERY, self.0.notified()).await;
        }
    }
}
