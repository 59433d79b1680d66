//! How fast a backup goes: at full speed while nobody writes, and at a leisurely one while somebody does. A copy keeps a processor busy,
//! and whoever writes needs it, too; with two of them, a tenth of the writes would be lost to it, or more. Also what calls it off.

use crate::ports::{Caller, Over};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// While others write, it rests so many times as long as it has worked.
const REST: u32 = 6;

/// How long it works at a stretch.
const STRETCH: Duration = Duration::from_millis(4);

/// Others write for so long after their last commit.
const BUSY: Duration = Duration::from_millis(500);

/// The longest rest, and how often it is asked meanwhile whether to go on.
const LONGEST: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(20);

/// See the module.
pub(in crate::store) struct Pace {
    caller: Caller,
    /// How often the store was committed to.
    commits: Box<dyn Fn() -> u64 + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    /// When the work was taken up again.
    resumed: Instant,
    commits: u64,
    /// When there was another commit.
    committed: Option<Instant>,
}

impl Pace {
    pub(in crate::store) fn new(caller: Caller, commits: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        let state = State { resumed: Instant::now(), commits: commits(), committed: None };
        Self { caller, commits: Box::new(commits), state: Mutex::new(state) }
    }

    /// Whether nobody wants the backup any more.
    pub(in crate::store) fn over(&self) -> Option<Over> {
        self.caller.over()
    }

    /// To be called between two pieces of work: rests where it is time to.
    pub(in crate::store) fn step(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let worked = state.resumed.elapsed();
        if worked < STRETCH {
            return;
        }
        if state.others_write((self.commits)()) {
            let until = Instant::now() + (worked * REST).min(LONGEST);
            while self.over().is_none() && Instant::now() < until {
                std::thread::sleep(LOOK.min(until.saturating_duration_since(Instant::now())));
            }
        }
        state.resumed = Instant::now();
    }
}

impl State {
    fn others_write(&mut self, commits: u64) -> bool {
        if commits != self.commits {
            (self.commits, self.committed) = (commits, Some(Instant::now()));
        }
        self.committed.is_some_and(|at| at.elapsed() < BUSY)
    }
}

impl std::fmt::Debug for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pace").field("state", &self.state).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// How long ten stretches of work take, rests included.
    fn ten(pace: &Pace) -> Duration {
        let began = Instant::now();
        for _ in 0..10 {
            std::thread::sleep(STRETCH);
            pace.step();
        }
        began.elapsed()
    }

    #[test]
    fn it_rests_while_others_write_and_not_otherwise() {
        let commits = Arc::new(AtomicU64::new(7));
        let (caller, counted) = (Caller::service("backup"), Arc::clone(&commits));
        let pace = Pace::new(caller.clone(), move || counted.load(Ordering::Relaxed));
        let alone = ten(&pace);
        commits.fetch_add(1, Ordering::Relaxed);
        let beside = ten(&pace);
        assert!(beside >= 10 * STRETCH * (1 + REST) && beside > alone, "{alone:?} {beside:?}");
        caller.cancelled.cancel();
        assert!(ten(&pace) < beside, "what is called off does not rest");
    }
}
