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
//! No caller takes a whole room from others: single calls beyond a caller's share are refused, and of the bulk work of one caller
//! one message at a time stands in line.
//!
//! An analysis at work takes many times its text; how many of them may have begun is for the pool to say.

use super::api::Need;
use super::error::EngineError;
use crate::access::AnalysisSlot;
use crate::fairness::{Share, Shares};
use crate::ports::{Caller, Lane, Over};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
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
    /// Who stands in line for the bulk room.
    line: Line,
    closed: CancellationToken,
    /// How long work has lately kept its permit, in microseconds: a moving average.
    residence: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Room {
    free: Arc<Semaphore>,
    units: u32,
    shares: Shares,
}

/// A part of a room.
#[derive(Debug)]
struct Part {
    units: OwnedSemaphorePermit,
    /// Whose it is, where it matters.
    share: Option<Share>,
}

fn units(bytes: usize) -> usize {
    bytes.div_ceil(UNIT_BYTES).max(LEAST_UNITS)
}

impl Room {
    fn of(bytes: usize) -> Self {
        let units = u32::try_from((bytes / UNIT_BYTES).max(LEAST_UNITS)).unwrap_or(u32::MAX);
        Self { free: Arc::new(Semaphore::new(units as usize)), units, shares: Shares::default() }
    }

    /// What is larger than the whole room takes all of it rather than never getting in.
    fn cost(&self, bytes: usize) -> u32 {
        u32::try_from(units(bytes)).map_or(self.units, |cost| cost.min(self.units))
    }

    /// A part of it, if there is one for the caller.
    fn now(&self, caller: &Caller, bytes: usize) -> Option<Part> {
        let cost = self.cost(bytes);
        let free = self.free.available_permits() as u64;
        let share = match caller.principal.is_one_of_many() {
            true => Some(self.shares.take(&caller.principal.id, cost.into(), free)?),
            false => None,
        };
        let units = Arc::clone(&self.free).try_acquire_many_owned(cost).ok()?;
        Some(Part { units, share })
    }

    /// A part of it, once there is one.
    async fn wait(&self, bytes: usize) -> Option<Part> {
        let units = Arc::clone(&self.free).acquire_many_owned(self.cost(bytes)).await.ok()?;
        Some(Part { units, share: None })
    }
}

impl Part {
    fn shrink(&mut self, bytes: usize) {
        let needed = units(bytes);
        let spare = self.units.num_permits().saturating_sub(needed);
        drop(self.units.split(spare));
        self.share.iter_mut().for_each(|share| share.shrink(needed as u64));
    }
}

/// How large a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageSize {
    /// Bytes on the wire.
    pub sent: usize,
    /// The most that it can come to: more where it is compressed.
    pub most: usize,
}

impl MessageSize {
    /// A message that is what it seems.
    pub fn of(bytes: usize) -> Self {
        Self { sent: bytes, most: bytes }
    }
}

/// Room for one message and what becomes of it. Dropping it gives the room back.
#[derive(Debug)]
pub struct Permit {
    part: Part,
    /// One of the analyses that the caller may have at once.
    _slot: Option<AnalysisSlot>,
    since: Instant,
    residence: Arc<AtomicU64>,
}

impl Permit {
    /// Gives back what a message of so many bytes does not need.
    pub fn shrink(&mut self, bytes: usize) {
        self.part.shrink(bytes);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let kept = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        // Two permits dropped at once may lose one sample; an average does not mind.
        let average = self.residence.load(Ordering::Relaxed);
        self.residence.store(average - average / 8 + kept / 8, Ordering::Relaxed);
    }
}

/// Lets one message of each caller stand in the line proper, so that a line that is first come, first served is a round robin
/// of callers.
#[derive(Debug, Default)]
struct Line(Mutex<HashMap<Arc<str>, Weak<AsyncMutex<()>>>>);

impl Line {
    /// Waits behind the caller's own messages.
    async fn stand(&self, caller: &Arc<str>) -> OwnedMutexGuard<()> {
        self.own(caller).lock_owned().await
    }

    fn own(&self, caller: &Arc<str>) -> Arc<AsyncMutex<()>> {
        // Nothing panics while the lock is held.
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = all.get(caller).and_then(Weak::upgrade) {
            return own;
        }
        all.retain(|_, line| line.strong_count() > 0);
        let own = Arc::new(AsyncMutex::new(()));
        all.insert(Arc::clone(caller), Arc::downgrade(&own));
        own
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
            line: Line::default(),
            closed: CancellationToken::new(),
            residence: Arc::new(AtomicU64::new(0)),
        }
    }

    /// Room for a message. Bulk work waits for it until its caller is over; others are refused at once
    /// where there is none.
    pub(super) async fn admit(
        &self,
        caller: &Caller,
        need: Need,
        size: MessageSize,
    ) -> Result<Permit, EngineError> {
        if self.closed.is_cancelled() {
            return Err(EngineError::Draining);
        }
        let slot = self.unless_over(caller, used(caller, need, size.sent)).await??;
        let bytes = size.most;
        let part = match (need, caller.lane) {
            (Need::Question, _) => self.query.now(caller, bytes),
            (Need::Text | Need::Document, Lane::Interactive) => self.interactive.now(caller, bytes),
            (Need::Text | Need::Document, Lane::Bulk | Lane::Background) => {
                let in_line = async {
                    let _first = self.line.stand(&caller.principal.id).await;
                    self.bulk.wait(bytes).await
                };
                self.unless_over(caller, in_line).await?
            }
        };
        let part = part.ok_or_else(|| EngineError::Overloaded { retry_after: self.retry_after() })?;
        Ok(Permit { part, _slot: slot, since: Instant::now(), residence: Arc::clone(&self.residence) })
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
            let held = door.admit(&single, need, MessageSize::of(bytes)).await.unwrap();
            let refused = door.admit(&single, need, MessageSize::of(1)).await.unwrap_err();
            assert!(
                matches!(refused, EngineError::Overloaded { retry_after } if retry_after >= SOONEST_RETRY)
            );
            drop(held);
            assert!(door.admit(&single, need, MessageSize::of(1)).await.is_ok());
        }
        let bulk = caller(Lane::Bulk);
        let held = door.admit(&bulk, Need::Text, MessageSize::of(8 * MIB)).await.unwrap();
        let mut large = Box::pin(door.admit(&bulk, Need::Text, MessageSize::of(8 * MIB)));
        assert!(large.as_mut().now_or_never().is_none());
        let mut small = Box::pin(door.admit(&bulk, Need::Text, MessageSize::of(1)));
        assert!(small.as_mut().now_or_never().is_none(), "nobody overtakes in line");
        drop(held);
        let _large = large.now_or_never().unwrap().unwrap();
        assert!(small.now_or_never().unwrap().is_ok());
    }

    #[tokio::test]
    async fn bulk_work_leaves_room_for_others_and_what_is_too_large_takes_all() {
        let door = door();
        let _all_bulk =
            door.admit(&caller(Lane::Bulk), Need::Text, MessageSize::of(100 * MIB)).await.unwrap();
        assert!(door.admit(&caller(Lane::Bulk), Need::Text, MessageSize::of(1)).now_or_never().is_none());
        let _all =
            door.admit(&caller(Lane::Interactive), Need::Text, MessageSize::of(100 * MIB)).await.unwrap();
        assert!(door.admit(&caller(Lane::Interactive), Need::Text, MessageSize::of(1)).await.is_err());
        assert!(door.admit(&caller(Lane::Interactive), Need::Question, MessageSize::of(1)).await.is_ok());
    }

    fn named(lane: Lane, id: &str) -> Caller {
        let mut caller = caller(lane);
        let principal = Arc::make_mut(&mut caller.principal);
        (principal.id, principal.origin) = (id.into(), crate::access::Origin::Token);
        caller
    }

    #[tokio::test]
    async fn one_caller_leaves_room_for_others_and_takes_turns_in_line() {
        let door = door();
        let (noisy, quiet) = (named(Lane::Interactive, "noisy"), named(Lane::Interactive, "quiet"));
        let mut held = Vec::new();
        while let Ok(permit) = door.admit(&noisy, Need::Text, MessageSize::of(MIB / 4)).await {
            held.push(permit);
        }
        assert_eq!(held.len(), 12, "three quarters of four MiB");
        let other = door.admit(&quiet, Need::Text, MessageSize::of(MIB)).await.unwrap();
        drop((held, other));
        let _all = door.admit(&caller(Lane::Bulk), Need::Text, MessageSize::of(100 * MIB)).await.unwrap();
        let (noisy, quiet) = (named(Lane::Bulk, "noisy"), named(Lane::Bulk, "quiet"));
        let mut first = Box::pin(door.admit(&noisy, Need::Text, MessageSize::of(11 * MIB)));
        let mut second = Box::pin(door.admit(&noisy, Need::Text, MessageSize::of(11 * MIB)));
        let mut other = Box::pin(door.admit(&quiet, Need::Text, MessageSize::of(11 * MIB)));
        for waiting in [&mut first, &mut second, &mut other] {
            assert!(waiting.as_mut().now_or_never().is_none());
        }
        drop(_all);
        let first = first.now_or_never().unwrap().unwrap();
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        assert!(second.as_mut().now_or_never().is_none(), "the other caller comes first");
        let other = other.now_or_never().unwrap().unwrap();
        drop(other);
        assert!(second.now_or_never().unwrap().is_ok());
    }

    #[tokio::test]
    async fn what_a_message_does_not_need_is_given_back() {
        let door = door();
        let caller = named(Lane::Interactive, "one");
        let packed = MessageSize { sent: 1000, most: 3 * MIB };
        let mut permit = door.admit(&caller, Need::Text, packed).await.unwrap();
        assert_eq!(door.taken().0, 3 * MIB as u64);
        permit.shrink(MIB);
        assert_eq!(door.taken().0, MIB as u64);
        drop(permit);
        assert_eq!(door.taken().0, 0);
    }

    #[tokio::test]
    async fn waiting_ends_with_the_caller() {
        let door = door();
        let _all_bulk =
            door.admit(&caller(Lane::Bulk), Need::Text, MessageSize::of(100 * MIB)).await.unwrap();
        let late = Caller { deadline: Some(Instant::now()), ..caller(Lane::Bulk) };
        assert!(matches!(
            door.admit(&late, Need::Text, MessageSize::of(1)).await,
            Err(EngineError::Over(Over::Expired))
        ));
        let gone = caller(Lane::Bulk);
        gone.cancelled.cancel();
        assert!(matches!(
            door.admit(&gone, Need::Text, MessageSize::of(1)).await,
            Err(EngineError::Over(Over::Cancelled))
        ));
    }

    #[tokio::test]
    async fn a_closed_door_admits_nobody_and_is_empty_once_all_have_left() {
        let door = door();
        let inside = door.admit(&caller(Lane::Bulk), Need::Text, MessageSize::of(100 * MIB)).await.unwrap();
        let bulk = caller(Lane::Bulk);
        let mut in_line = Box::pin(door.admit(&bulk, Need::Text, MessageSize::of(1)));
        assert!(in_line.as_mut().now_or_never().is_none());
        door.close();
        assert!(matches!(in_line.await, Err(EngineError::Draining)));
        assert!(matches!(
            door.admit(&caller(Lane::Interactive), Need::Text, MessageSize::of(1)).await,
            Err(EngineError::Draining)
        ));
        let emptied = door.emptied();
        tokio::pin!(emptied);
        assert!(tokio::time::timeout(Duration::from_millis(10), &mut emptied).await.is_err());
        drop(inside);
        emptied.await;
    }
}
