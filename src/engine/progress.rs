//! How far the log is, how far the index is, and when the index should take the next step. The committer reports
//! writes, queries report what they wait for, and the follower sleeps here until there is reason to go on. Also how far the index
//! lags, since writers are slowed by it.

use super::config::MaxLag;
use crate::domain::document::Seq;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

/// When the index commits: a commit costs tens of milliseconds whatever it holds, so that it pays to wait a little.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cadence {
    /// This long after the last write, or
    pub(super) idle: Duration,
    /// this long after the first write that the index lacks, whichever comes first.
    pub(super) interval: Duration,
}

/// How far the index is behind the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lag {
    /// Changes that it lacks, at most.
    pub(super) changes: u64,
    /// How long ago the first of them was made, to the second.
    pub(super) age: Duration,
}

impl Lag {
    /// Whether it is no further than writers may go on with.
    pub(super) fn is_within(self, most: MaxLag) -> bool {
        self.changes <= most.changes && self.age <= most.age
    }
}

/// Shared between committer, follower and whoever waits for the index.
#[derive(Debug)]
pub(super) struct Progress {
    cadence: Cadence,
    pending: Mutex<Pending>,
    wake: Notify,
    applied: watch::Sender<Seq>,
}

#[derive(Debug, Default)]
struct Pending {
    /// The log's last change.
    stored: Seq,
    /// When the first and the last change were reported since the follower was last sent off.
    span: Option<(Instant, Instant)>,
    /// The highest change that somebody waits for.
    wanted: Seq,
    /// Changes that the index lacks with the time of each, one a second.
    lacking: VecDeque<(Seq, Instant)>,
}

/// Resolution of the age of a lag.
const TICK: Duration = Duration::from_secs(1);

impl Progress {
    /// The log is at `stored`, the index at 0 until it says otherwise.
    pub(super) fn new(cadence: Cadence, stored: Seq) -> Self {
        let pending = Pending { stored, lacking: [(stored, Instant::now())].into(), ..Pending::default() };
        Self { cadence, pending: Mutex::new(pending), wake: Notify::new(), applied: watch::Sender::new(0) }
    }

    /// The log made everything up to `seq` durable. To be called before the writers are answered.
    pub(super) fn stored(&self, seq: Seq) {
        let now = Instant::now();
        let mut pending = self.lock();
        if seq > pending.stored {
            pending.stored = seq;
            let first = pending.span.map_or(now, |(first, _)| first);
            pending.span = Some((first, now));
            if pending.lacking.back().is_none_or(|(_, since)| now - *since >= TICK) {
                pending.lacking.push_back((seq, now));
            }
            drop(pending);
            self.wake.notify_one();
        }
    }

    /// The log's last change.
    pub(super) fn last_stored(&self) -> Seq {
        self.lock().stored
    }

    /// Queries see everything up to `seq` from now on.
    pub(super) fn applied(&self, seq: Seq) {
        let mut pending = self.lock();
        while pending.lacking.front().is_some_and(|(lacking, _)| *lacking <= seq) {
            pending.lacking.pop_front();
        }
        drop(pending);
        self.applied.send_replace(seq);
    }

    /// How far queries see.
    pub(super) fn last_applied(&self) -> Seq {
        *self.applied.borrow()
    }

    /// How far the index is behind.
    pub(super) fn lag(&self) -> Lag {
        let pending = self.lock();
        Lag {
            changes: pending.stored.saturating_sub(self.last_applied()),
            age: pending.lacking.front().map_or(Duration::ZERO, |(_, since)| since.elapsed()),
        }
    }

    /// Waits until the index is no further behind than `most`.
    pub(super) async fn within(&self, most: MaxLag) {
        let mut applied = self.applied.subscribe();
        while !self.lag().is_within(most) {
            // The sender lives in `self`, so that this can only end with a change.
            let _ = applied.changed().await;
        }
    }

    /// Waits until queries see `seq`; makes the follower hurry.
    pub(super) async fn reached(&self, seq: Seq) {
        let mut applied = self.applied.subscribe();
        if *applied.borrow_and_update() >= seq {
            return;
        }
        {
            let mut pending = self.lock();
            pending.wanted = pending.wanted.max(seq);
        }
        self.wake.notify_one();
        // The sender lives in `self`, so that the wait can only end with the change.
        let _ = applied.wait_for(|applied| *applied >= seq).await;
    }

    /// Sleeps until the next step of the index is due; says how far it should go.
    pub(super) async fn next(&self) -> Seq {
        loop {
            let due = {
                let mut pending = self.lock();
                let now = Instant::now();
                match pending.due(self.last_applied(), self.cadence, now) {
                    Some(due) if due <= now => {
                        pending.span = None;
                        return pending.stored;
                    }
                    due => due,
                }
            };
            let woken = self.wake.notified();
            match due {
                Some(due) => drop(tokio::time::timeout_at(due.into(), woken).await),
                None => woken.await,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        // Nothing panics while the lock is held.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    /// When the index should take its next step; `None` while it lacks nothing.
    fn due(&self, applied: Seq, cadence: Cadence, now: Instant) -> Option<Instant> {
        match self.span {
            _ if self.stored <= applied => None,
            Some((first, last)) if self.wanted <= applied => {
                Some((first + cadence.interval).min(last + cadence.idle))
            }
            // Somebody waits, or an earlier step left something over.
            _ => Some(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CADENCE: Cadence =
        Cadence { idle: Duration::from_millis(50), interval: Duration::from_millis(250) };

    #[test]
    fn the_index_waits_for_a_pause_but_not_for_ever_and_hurries_when_somebody_waits() {
        let start = Instant::now();
        let ms = |ms: u64| start + Duration::from_millis(ms);
        let due = |stored, wanted, span| {
            Pending { stored, span, wanted, ..Pending::default() }.due(5, CADENCE, ms(20))
        };
        assert_eq!(due(5, 0, Some((start, start))), None, "nothing is lacking");
        assert_eq!(due(6, 0, Some((start, ms(10)))), Some(ms(60)), "a pause");
        assert_eq!(due(900, 0, Some((start, ms(240)))), Some(ms(250)), "no pause");
        assert_eq!(due(6, 6, Some((start, ms(10)))), Some(ms(20)), "somebody waits");
        assert_eq!(due(7, 5, Some((start, start))), Some(ms(50)), "what somebody waited for is there");
        assert_eq!(due(6, 0, None), Some(ms(20)), "left over");
    }

    #[tokio::test]
    async fn waiting_ends_with_the_change_that_is_waited_for() {
        let progress = Progress::new(CADENCE, 3);
        progress.applied(1);
        progress.reached(1).await;
        let wait = progress.reached(3);
        tokio::pin!(wait);
        assert!(tokio::time::timeout(Duration::from_millis(5), &mut wait).await.is_err());
        assert_eq!(progress.next().await, 3);
        progress.applied(3);
        wait.await;
    }

    #[test]
    fn a_lag_is_as_old_as_the_first_change_that_is_lacking() {
        let progress = Progress::new(CADENCE, 3);
        assert_eq!(progress.lag().changes, 3);
        progress.applied(3);
        assert_eq!(progress.lag(), Lag { changes: 0, age: Duration::ZERO });
        progress.stored(7);
        std::thread::sleep(Duration::from_millis(3));
        progress.stored(9);
        let lag = progress.lag();
        assert!(lag.changes == 6 && lag.age >= Duration::from_millis(3), "{lag:?}");
        progress.applied(9);
        assert_eq!(progress.lag(), Lag { changes: 0, age: Duration::ZERO });
    }
}
