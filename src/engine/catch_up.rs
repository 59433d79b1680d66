//! The replay of what the index lacks when it is opened, as the log shows it and health tells it.

use super::readiness::IndexState;
use crate::domain::document::Seq;
use crate::failpoint::{Failpoint, pass};
use std::time::{Duration, Instant};

/// How often a long replay says how far it is.
const REPORT_EVERY: Duration = Duration::from_secs(5);

/// The replay of what the index lacked.
#[derive(Debug)]
pub(super) struct CatchUp {
    from: Seq,
    target: Seq,
    began: Instant,
    reported: Instant,
}

impl CatchUp {
    /// The index is at `applied`, the log at `stored`.
    pub(super) fn begin(applied: Seq, stored: Seq) -> Self {
        if applied < stored {
            tracing::info!(changes = stored - applied, "the index is catching up");
        }
        let now = Instant::now();
        Self { from: applied, target: stored, began: now, reported: now }
    }

    /// The last change that belongs to the replay. Later ones are followed as usual.
    pub(super) fn target(&self) -> Seq {
        self.target
    }

    /// Logs how far it is and how fast, at the end and now and then before. Returns the state to show.
    pub(super) fn reached(&mut self, applied: Seq) -> IndexState {
        let done = applied >= self.target;
        if done {
            pass(Failpoint::FollowCaughtUp);
        }
        if done || self.reported.elapsed() >= REPORT_EVERY {
            self.reported = Instant::now();
            let seconds = self.began.elapsed().as_secs_f64();
            let per_second = (applied.saturating_sub(self.from) as f64 / seconds.max(1e-3)).round();
            let state = if done { "the index has caught up" } else { "the index is catching up" };
            tracing::info!(applied, last = self.target, seconds, per_second, "{state}");
        }
        IndexState::Recovering { applied, last: self.target }
    }
}
