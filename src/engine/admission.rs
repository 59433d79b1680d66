//! The door: how much text may be in flight between a call and its commit. Room is counted in bytes rather than in
//! calls, since a document costs what its length costs. Each lane has room of its own, so that bulk work, which
//! always waits for more, cannot shut out a single call. The permit travels with the work and is given back by
//! dropping it.

use super::error::EngineError;
use crate::ports::Lane;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room is counted in these, so that it fits the 32 bits of a semaphore's request.
const UNIT_BYTES: usize = 1 << 10;
/// What the smallest piece of work costs: its bookkeeping, even where the text is a word.
const LEAST_UNITS: usize = 4;
const SOONEST_RETRY: Duration = Duration::from_millis(100);
const LATEST_RETRY: Duration = Duration::from_secs(10);

/// Gives out room for text in flight.
#[derive(Debug)]
pub(super) struct Admission {
    interactive: Room,
    bulk: Room,
    bulk_wait: Duration,
    closed: AtomicBool,
    /// How long work has lately kept its permit, in microseconds: a moving average.
    residence: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Room {
    free: Arc<Semaphore>,
    units: u32,
}

impl Room {
    fn of(bytes: usize) -> Self {
        let units = u32::try_from((bytes / UNIT_BYTES).max(LEAST_UNITS)).unwrap_or(u32::MAX);
        Self { free: Arc::new(Semaphore::new(units as usize)), units }
    }

    /// A document longer than the whole room takes all of it rather than never getting in.
    fn cost(&self, bytes: usize) -> u32 {
        u32::try_from(bytes.div_ceil(UNIT_BYTES).max(LEAST_UNITS))
            .map_or(self.units, |cost| cost.min(self.units))
    }
}

/// Room taken. Dropping it gives the room back.
#[derive(Debug)]
pub(super) struct Permit {
    _room: OwnedSemaphorePermit,
    since: Instant,
    residence: Arc<AtomicU64>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let kept = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        // Two permits dropped at once may lose one sample; an average does not mind.
        let average = self.residence.load(Ordering::Relaxed);
        self.residence.store(average - average / 8 + kept / 8, Ordering::Relaxed);
    }
}

impl Admission {
    /// A quarter of `bytes` is kept for interactive work.
    pub(super) fn new(bytes: usize, bulk_wait: Duration) -> Self {
        Self {
            interactive: Room::of(bytes / 4),
            bulk: Room::of(bytes - bytes / 4),
            bulk_wait,
            closed: AtomicBool::new(false),
            residence: Arc::new(AtomicU64::new(0)),
        }
    }

    /// Room for `bytes` of text. Interactive work is refused at once where there is none, bulk work after a wait.
    pub(super) async fn admit(&self, bytes: usize, lane: Lane) -> Result<Permit, EngineError> {
        self.refuse_when_closed()?;
        let room = match lane {
            Lane::Interactive => {
                let room = &self.interactive;
                Arc::clone(&room.free).try_acquire_many_owned(room.cost(bytes)).ok()
            }
            Lane::Bulk | Lane::Background => {
                let room = &self.bulk;
                let wanted = Arc::clone(&room.free).acquire_many_owned(room.cost(bytes));
                tokio::time::timeout(self.bulk_wait, wanted).await.ok().and_then(Result::ok)
            }
        };
        // The door may have closed during the wait.
        self.refuse_when_closed()?;
        let Some(room) = room else {
            return Err(EngineError::Overloaded { retry_after: self.retry_after() });
        };
        Ok(Permit { _room: room, since: Instant::now(), residence: Arc::clone(&self.residence) })
    }

    /// Admits nothing from now on.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// Waits until all permits are back. Call [`Admission::close`] first, or it may wait for ever.
    pub(super) async fn emptied(&self) {
        for room in [&self.interactive, &self.bulk] {
            // The semaphores are never closed, so that this can only end with the permits.
            let _all = room.free.acquire_many(room.units).await;
        }
    }

    fn refuse_when_closed(&self) -> Result<(), EngineError> {
        if self.closed.load(Ordering::SeqCst) { Err(EngineError::Draining) } else { Ok(()) }
    }

    /// Half of the time for which work keeps its room: by then about half of the room has changed hands.
    fn retry_after(&self) -> Duration {
        let residence = Duration::from_micros(self.residence.load(Ordering::Relaxed));
        (residence / 2).clamp(SOONEST_RETRY, LATEST_RETRY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    #[tokio::test]
    async fn a_full_room_refuses_single_calls_at_once_and_bulk_after_a_wait() {
        let door = Admission::new(4 * MIB, Duration::from_millis(20));
        for (lane, bytes, least_wait) in [(Lane::Interactive, MIB, 0), (Lane::Bulk, 3 * MIB, 20)] {
            let held = door.admit(bytes, lane).await.unwrap();
            let asked = Instant::now();
            let refused = door.admit(1, lane).await.unwrap_err();
            assert!(
                matches!(refused, EngineError::Overloaded { retry_after } if retry_after >= SOONEST_RETRY)
            );
            assert!(asked.elapsed() >= Duration::from_millis(least_wait));
            drop(held);
            assert!(door.admit(1, lane).await.is_ok());
        }
    }

    #[tokio::test]
    async fn bulk_work_leaves_room_for_single_calls() {
        let door = Admission::new(4 * MIB, Duration::ZERO);
        let _all_bulk = door.admit(100 * MIB, Lane::Bulk).await.unwrap();
        assert!(door.admit(1, Lane::Bulk).await.is_err());
        assert!(door.admit(1, Lane::Interactive).await.is_ok());
    }

    #[tokio::test]
    async fn a_closed_door_admits_nobody_and_is_empty_once_all_have_left() {
        let door = Admission::new(4 * MIB, Duration::ZERO);
        let inside = door.admit(1, Lane::Bulk).await.unwrap();
        door.close();
        assert!(matches!(door.admit(1, Lane::Interactive).await, Err(EngineError::Draining)));
        let emptied = door.emptied();
        tokio::pin!(emptied);
        assert!(tokio::time::timeout(Duration::from_millis(10), &mut emptied).await.is_err());
        drop(inside);
        emptied.await;
    }
}
