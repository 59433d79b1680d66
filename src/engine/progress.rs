//! How far the store is, how far the index is, and when the index should take the next step. The committer reports
//! writes, queries report what they wait for, and the indexer sleeps here until there is reason to go on.

use crate::domain::document::Seq;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// When the index commits: a commit costs tens of milliseconds whatever it holds, so that it pays to wait a little.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cadence {
    /// This long after the last write, or
    pub(super) idle: Duration,
    /// this long after the first write that the index lacks, whichever comes first.
    pub(super) interval: Duration,
}

/// Shared between committer, indexer and whoever waits for the index.
#[derive(Debug)]
pub(super) struct Progress {
    cadence: Cadence,
    pending: Mutex<Pending>,
    wake: Condvar,
    applied: watch::Sender<Seq>,
}

#[derive(Debug)]
struct Pending {
    /// The store's last change.
    stored: Seq,
    /// When the first and the last change were reported since the indexer was last sent off.
    span: Option<(Instant, Instant)>,
    /// The highest change that somebody waits for.
    wanted: Seq,
    stopped: bool,
}

/// Why the indexer was woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wake {
    /// The index should go up to this change.
    Follow(Seq),
    /// The engine is being dropped.
    Stop,
}

impl Progress {
    /// The store is at `stored`, the index at `applied`.
    pub(super) fn new(cadence: Cadence, stored: Seq, applied: Seq) -> Self {
        Self {
            cadence,
            pending: Mutex::new(Pending { stored, span: None, wanted: 0, stopped: false }),
            wake: Condvar::new(),
            applied: watch::Sender::new(applied),
        }
    }

    /// The store made everything up to `seq` durable. To be called before the writers are answered.
    pub(super) fn stored(&self, seq: Seq) {
        let now = Instant::now();
        let mut pending = self.lock();
        if seq > pending.stored {
            pending.stored = seq;
            let first = pending.span.map_or(now, |(first, _)| first);
            pending.span = Some((first, now));
            self.wake.notify_one();
        }
    }

    /// The store's last change.
    pub(super) fn last_stored(&self) -> Seq {
        self.lock().stored
    }

    /// Queries see everything up to `seq` from now on.
    pub(super) fn applied(&self, seq: Seq) {
        self.applied.send_replace(seq);
    }

    /// How far queries see.
    pub(super) fn last_applied(&self) -> Seq {
        *self.applied.borrow()
    }

    /// Waits until queries see `seq`; makes the indexer hurry.
    pub(super) async fn reached(&self, seq: Seq) {
        let mut applied = self.applied.subscribe();
        if *applied.borrow_and_update() >= seq {
            return;
        }
        {
            let mut pending = self.lock();
            pending.wanted = pending.wanted.max(seq);
            self.wake.notify_one();
        }
        // The sender lives in `self`, so that the wait can only end with the change.
        let _ = applied.wait_for(|applied| *applied >= seq).await;
    }

    /// Sleeps until the next step of the index is due.
    pub(super) fn next(&self) -> Wake {
        let mut pending = self.lock();
        loop {
            if pending.stopped {
                return Wake::Stop;
            }
            let now = Instant::now();
            let due = pending.due(self.last_applied(), self.cadence, now);
            pending = match due {
                Some(due) if due <= now => {
                    pending.span = None;
                    return Wake::Follow(pending.stored);
                }
                Some(due) => {
                    let slept = self.wake.wait_timeout(pending, due - now);
                    slept.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.wake.wait(pending).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Sleeps after a failure; ends early when the engine is dropped.
    pub(super) fn pause(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut pending = self.lock();
        while !pending.stopped {
            let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
            else {
                return;
            };
            let slept = self.wake.wait_timeout(pending, left);
            pending = slept.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether the engine is being dropped.
    pub(super) fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// Ends the indexer's sleep for good.
    pub(super) fn stop(&self) {
        self.lock().stopped = true;
        self.wake.notify_all();
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
        let due =
            |stored, wanted, span| Pending { stored, span, wanted, stopped: false }.due(5, CADENCE, ms(20));
        assert_eq!(due(5, 0, Some((start, start))), None, "nothing is lacking");
        assert_eq!(due(6, 0, Some((start, ms(10)))), Some(ms(60)), "a pause");
        assert_eq!(due(900, 0, Some((start, ms(240)))), Some(ms(250)), "no pause");
        assert_eq!(due(6, 6, Some((start, ms(10)))), Some(ms(20)), "somebody waits");
        assert_eq!(due(7, 5, Some((start, start))), Some(ms(50)), "what somebody waited for is there");
        assert_eq!(due(6, 0, None), Some(ms(20)), "left over");
    }

    #[tokio::test]
    async fn waiting_ends_with_the_change_that_is_waited_for() {
        let progress = Progress::new(CADENCE, 3, 1);
        progress.reached(1).await;
        let wait = progress.reached(3);
        tokio::pin!(wait);
        assert!(tokio::time::timeout(Duration::from_millis(5), &mut wait).await.is_err());
        assert_eq!(progress.next(), Wake::Follow(3));
        progress.applied(3);
        wait.await;
        progress.stop();
        assert_eq!(progress.next(), Wake::Stop);
    }
}
