//! Making the index anew because somebody asks for it: who asks counts up, the follower empties the index and fills it from the log,
//! and says which request it has come up to.

use super::Engine;
use super::error::{EngineError, Precondition};
use super::readiness::IndexState;
use crate::domain::document::Seq;
use crate::ports::Caller;
use tokio::sync::watch;

/// Room on the disk below which no index is given up for a new one: while it is filled, an index takes its own size once more for what
/// is merged, and a small one some of this.
const LEAST_ROOM: u64 = 16 << 20;

/// Requests, numbered from 1.
#[derive(Debug, Default)]
pub(super) struct Rebuilds {
    asked: watch::Sender<u64>,
    done: watch::Sender<u64>,
}

impl Rebuilds {
    /// One request more; its number.
    fn ask(&self) -> u64 {
        let mut number = 0;
        self.asked.send_modify(|asked| {
            *asked += 1;
            number = *asked;
        });
        number
    }

    /// Waits until the request is met.
    async fn met(&self, number: u64) {
        // Fails only where the sender is gone, which is held here.
        let _ = self.done.subscribe().wait_for(|done| *done >= number).await;
    }

    /// The last request.
    pub(super) fn asked(&self) -> u64 {
        *self.asked.borrow()
    }

    /// Waits for a request after that one.
    pub(super) async fn asked_after(&self, number: u64) {
        let _ = self.asked.subscribe().wait_for(|asked| *asked > number).await;
    }

    /// All requests up to that one are met.
    pub(super) fn meet(&self, number: u64) {
        self.done.send_if_modified(|done| {
            let more = *done < number;
            *done = number.max(*done);
            more
        });
    }
}

impl Engine {
    /// Empties the index and fills it from the log; answers when it has caught up, with the change that it has reached. Goes on where
    /// the call is dropped. Meanwhile queries see what is indexed so far, and say so.
    pub async fn rebuild_index(&self, caller: &Caller) -> Result<Seq, EngineError> {
        self.begins_over_all(caller)?;
        let stats = self.stats().await;
        let [free, size] = stats.disk_bytes;
        if size > 0 && free < stats.index_bytes.max(LEAST_ROOM) {
            return Err(EngineError::FailedPrecondition(Precondition::NoRoomForIndex));
        }
        let mut readiness = self.readiness();
        let number = self.core.rebuilds.ask();
        let failed = async {
            // Fails only where the engine is gone.
            let _ = readiness.changed().await;
            let _ = readiness.wait_for(|now| matches!(now.index, IndexState::Degraded(_))).await;
        };
        let met = async {
            tokio::select! {
                () = self.core.rebuilds.met(number) => Ok(()),
                () = failed => Err(EngineError::FailedPrecondition(Precondition::IndexFails)),
            }
        };
        self.core.admission.unless_over(caller, met).await??;
        Ok(self.core.progress.last_applied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn who_asks_later_is_not_met_by_what_began_before() {
        let rebuilds = Rebuilds::default();
        let first = rebuilds.ask();
        rebuilds.asked_after(0).await;
        let second = rebuilds.ask();
        rebuilds.meet(first);
        rebuilds.met(first).await;
        assert!(rebuilds.met(second).now_or_never().is_none());
        rebuilds.meet(second);
        rebuilds.met(second).await;
        assert!(rebuilds.asked_after(rebuilds.asked()).now_or_never().is_none());
    }
}
