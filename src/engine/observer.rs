//! Who is told what the engine does, as it does it. The engine counts nothing itself: it says what happened and how long it took, and
//! knows neither names of numbers nor who reads them.

use std::fmt::Debug;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Is told what is done, as it is done. Called on the threads that do it: must not wait.
pub trait Observer: Debug + Send + Sync {
    /// A text has waited so long for a thread that analyses.
    fn waited(&self, took: Duration);

    /// A stage of an analysis has taken so long, without the time in which others had the thread.
    fn staged(&self, stage: &'static str, took: Duration);

    /// A text of so many bytes has been analysed.
    fn analysed(&self, analyzer: &str, bytes: usize, took: Duration);

    /// So many writes were committed as one, or were not.
    fn committed(&self, writes: usize, took: Duration, done: bool);
}

/// The observer, once there is one. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Observed(Arc<OnceLock<Arc<dyn Observer>>>);

impl Observed {
    /// The first one stays.
    pub(super) fn set(&self, observer: Arc<dyn Observer>) {
        let _ = self.0.set(observer);
    }

    /// Tells the observer, if there is one.
    pub(super) fn tell(&self, what: impl FnOnce(&dyn Observer)) {
        if let Some(observer) = self.0.get() {
            what(&**observer);
        }
    }
}
