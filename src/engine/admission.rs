//! The door: how much memory calls may take, counted in bytes, since a document costs what its length costs. There
//! is one budget, `limits.inflight_bytes`, and every message takes its part of it before it is taken in, by the
//! length that it announces. The permit is kept by the work: first it stands for the message on the wire, then for
//! the text that the message turns into, and it is given back by dropping it, once the text is committed or its
//! analysis is answered.
//!
//! Each lane has room of its own (of 64: 44 for bulk, 16 for single documents, 4 for questions), so that bulk work,
//! which always waits for more, shuts out nobody. Bulk work waits in line, first come, first served; others are
//! refused at once. Whoever waits holds nothing, and whoever was let in has room for its whole message: two messages
//! that have come in halfway cannot wait for each other.
//!
//! An analysis at work takes many times its text; how many of them may have begun is for the pool to say.

use super::api::Need;
use super::error::EngineError;
use crate::access::AnalysisSlot;
use crate::ports::{Caller, Lane, Over};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// Room is counted in these, so that it fits the 32 bits of a semaphore's request.
const UNIT_BYTES: usize = 1 << 10;
/// What the smallest piece of work costs: its bookkeeping, even where the text is a word.
const LEAST_UNITS: usize = 4;
const SOONEST_RETRY: Duration = Duration::from_millis(100);
const LATEST_RETRY: Duration = Duration::from_secs(10);

/// Gives out room.
#[derive(Debug)]
pub(super) struct Admission {
    query: Room,
    interactive: Room,
    bulk: Room,
    closed: CancellationToken,
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

    /// What is larger than the whole room takes all of it rather than never getting in.
    fn cost(&self, bytes: usize) -> u32 {
        u32::try_from(bytes.div_ceil(UNIT_BYTES).max(LEAST_UNITS))
            .map_or(self.units, |cost| cost.min(self.units))
    }

    async fn wait(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).acquire_many_owned(self.cost(bytes)).await.ok()
    }
}

/// Room for one message and what becomes of it. Dropping it gives the room back.
#[derive(Debug)]
pub struct Permit {
    _room: OwnedSemaphorePermit,
    /// One of the analyses that the caller may have at once.
    _slot: Option<AnalysisSlot>,
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

/// Counts a message against what the caller may use. Bulk work waits where waiting helps; others are refused.
async fn used(caller: &Caller, need: Need, bytes: usize) -> Result<Option<AnalysisSlot>, EngineError> {
    let Some(meter) = &caller.meter else { return Ok(None) };
    let patient = caller.lane != Lane::Interactive;
    while let Err(over) = meter.bytes(bytes as u64) {
        match over.retry_after.filter(|_| patient) {
            Some(rest) => tokio::time::sleep(rest).await,
            None => return Err(over.into()),
        }
    }
    if need == Need::Question {
        return Ok(None);
    }
    loop {
        match meter.analysis() {
            Ok(slot) => return Ok(Some(slot)),
            Err(over) if !patient => return Err(over.into()),
            Err(_) => tokio::time::sleep(SOONEST_RETRY).await,
        }
    }
}

impl Admission {
    /// Room for `bytes` in all.
    pub(super) fn new(bytes: usize) -> Self {
        let (query, interactive) = (bytes / 16, bytes / 4);
        Self {
            query: Room::of(query),
            interactive: Room::of(interactive),
            bulk: Room::of(bytes - interactive - query),
            closed: CancellationToken::new(),
            residence: Arc::new(AtomicU64::new(0)),
        }
    }

    /// Room for a message of `bytes`. Bulk work waits for it until its caller is over; others are refused at once
    /// where there is none.
    pub(super) async fn admit(
        &self,
        caller: &Caller,
        need: Need,
        bytes: usize,
    ) -> Result<Permit, EngineError> {
        if self.closed.is_cancelled() {
            return Err(EngineError::Draining);
        }
        let slot = self.unless_over(caller, used(caller, need, bytes)).await??;
        let room = match (need, caller.lane) {
            (Need::Question, _) => self.now(&self.query, bytes),
            (Need::Text | Need::Document, Lane::Interactive) => self.now(&self.interactive, bytes),
            (Need::Text | Need::Document, Lane::Bulk | Lane::Background) => {
                self.unless_over(caller, self.bulk.wait(bytes)).await?
            }
        };
        let room = room.ok_or_else(|| EngineError::Overloaded { retry_after: self.retry_after() })?;
        Ok(Permit { _room: room, _slot: slot, since: Instant::now(), residence: Arc::clone(&self.residence) })
    }

    /// Waits, but not once the door is closed or the caller is over.
    pub(super) async fn unless_over<T>(
        &self,
        caller: &Caller,
        wait: impl Future<Output = T>,
    ) -> Result<T, EngineError> {
        tokio::select! {
            biased;
            () = self.closed.cancelled() => Err(EngineError::Draining),
            over = over(caller) => Err(over.into()),
            done = wait => Ok(done),
        }
    }

    fn now(&self, room: &Room, bytes: usize) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&room.free).try_acquire_many_owned(room.cost(bytes)).ok()
    }

    /// Bytes that are taken, and the most that may be.
    pub(super) fn taken(&self) -> (u64, u64) {
        let rooms = [&self.query, &self.interactive, &self.bulk];
        let units: u64 = rooms.iter().map(|room| u64::from(room.units)).sum();
        let free: u64 = rooms.iter().map(|room| room.free.available_permits() as u64).sum();
        let bytes = |units: u64| units * UNIT_BYTES as u64;
        (bytes(units.saturating_sub(free)), bytes(units))
    }

    /// Admits nothing from now on.
    pub(super) fn close(&self) {
        self.closed.cancel();
    }

    /// Waits until all permits are back. Call [`Admission::close`] first, or it may wait for ever.
    pub(super) async fn emptied(&self) {
        for room in [&self.query, &self.interactive, &self.bulk] {
            // The semaphores are never closed, so that this can only end with the permits.
            let _all = room.free.acquire_many(room.units).await;
        }
    }

    /// When somebody who found no room should come back: half of the time for which work keeps its room. By then
    /// about half of the room has changed hands.
    pub(super) fn retry_after(&self) -> Duration {
        let residence = Duration::from_micros(self.residence.load(Ordering::Relaxed));
        (residence / 2).clamp(SOONEST_RETRY, LATEST_RETRY)
    }
}

/// Waits until work for the caller should stop, and says why.
async fn over(caller: &Caller) -> Over {
    let late = async {
        match caller.deadline {
            Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        () = caller.cancelled.cancelled() => Over::Cancelled,
        () = late => Over::Expired,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    const MIB: usize = 1 << 20;

    fn door() -> Admission {
        Admission::new(16 * MIB)
    }

    fn caller(lane: Lane) -> Caller {
        Caller::anonymous(lane, "test")
    }

    #[tokio::test]
    async fn a_full_room_refuses_single_calls_at_once_and_bulk_waits_in_line() {
        let door = door();
        let single = caller(Lane::Interactive);
        for (need, bytes) in [(Need::Text, 4 * MIB), (Need::Question, MIB)] {
            let held = door.admit(&single, need, bytes).await.unwrap();
            let refused = door.admit(&single, need, 1).await.unwrap_err();
            assert!(
                matches!(refused, EngineError::Overloaded { retry_after } if retry_after >= SOONEST_RETRY)
            );
            drop(held);
            assert!(door.admit(&single, need, 1).await.is_ok());
        }
        let bulk = caller(Lane::Bulk);
        let held = door.admit(&bulk, Need::Text, 8 * MIB).await.unwrap();
        let mut large = Box::pin(door.admit(&bulk, Need::Text, 8 * MIB));
        assert!(large.as_mut().now_or_never().is_none());
        let mut small = Box::pin(door.admit(&bulk, Need::Text, 1));
        assert!(small.as_mut().now_or_never().is_none(), "nobody overtakes in line");
        drop(held);
        let _large = large.now_or_never().unwrap().unwrap();
        assert!(small.now_or_never().unwrap().is_ok());
    }

    #[tokio::test]
    async fn bulk_work_leaves_room_for_others_and_what_is_too_large_takes_all() {
        let door = door();
        let _all_bulk = door.admit(&caller(Lane::Bulk), Need::Text, 100 * MIB).await.unwrap();
        assert!(door.admit(&caller(Lane::Bulk), Need::Text, 1).now_or_never().is_none());
        let _all = door.admit(&caller(Lane::Interactive), Need::Text, 100 * MIB).await.unwrap();
        assert!(door.admit(&caller(Lane::Interactive), Need::Text, 1).await.is_err());
        assert!(door.admit(&caller(Lane::Interactive), Need::Question, 1).await.is_ok());
    }

    #[tokio::test]
    async fn waiting_ends_with_the_caller() {
        let door = door();
        let _all_bulk = door.admit(&caller(Lane::Bulk), Need::Text, 100 * MIB).await.unwrap();
        let late = Caller { deadline: Some(Instant::now()), ..caller(Lane::Bulk) };
        assert!(matches!(door.admit(&late, Need::Text, 1).await, Err(EngineError::Over(Over::Expired))));
        let gone = caller(Lane::Bulk);
        gone.cancelled.cancel();
        assert!(matches!(door.admit(&gone, Need::Text, 1).await, Err(EngineError::Over(Over::Cancelled))));
    }

    #[tokio::test]
    async fn a_closed_door_admits_nobody_and_is_empty_once_all_have_left() {
        let door = door();
        let inside = door.admit(&caller(Lane::Bulk), Need::Text, 100 * MIB).await.unwrap();
        let bulk = caller(Lane::Bulk);
        let mut in_line = Box::pin(door.admit(&bulk, Need::Text, 1));
        assert!(in_line.as_mut().now_or_never().is_none());
        door.close();
        assert!(matches!(in_line.await, Err(EngineError::Draining)));
        assert!(matches!(
            door.admit(&caller(Lane::Interactive), Need::Text, 1).await,
            Err(EngineError::Draining)
        ));
        let emptied = door.emptied();
        tokio::pin!(emptied);
        assert!(tokio::time::timeout(Duration::from_millis(10), &mut emptied).await.is_err());
        drop(inside);
        emptied.await;
    }
}
