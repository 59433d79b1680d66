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
use tokio::sync::{Mutex as AsyncMutex, OwnedSemaphorePermit, Semaphore};
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
    /// Of what the caller may have, where there is a line.
    of_own: Option<(OwnedSemaphorePermit, Arc<Own>)>,
}

fn units(bytes: usize) -> usize {
    bytes.div_ceil(UNIT_BYTES).max(LEAST_UNITS)
}

impl Room {
    fn of(bytes: usize) -> Self {
        let units = u32::try_from((bytes / UNIT_BYTES).max(LEAST_UNITS)).unwrap_or(u32::MAX);
        Self { free: Arc::new(Semaphore::new(units as usize)), units, shares: Shares::of(units.into()) }
    }

    /// What is larger than all that the caller may have takes that rather than never getting in.
    fn cost(&self, caller: &Caller, bytes: usize) -> u32 {
        let most = match caller.principal.is_one_of_many() {
            true => u32::try_from(self.shares.most()).unwrap_or(self.units),
            false => self.units,
        };
        u32::try_from(units(bytes)).map_or(most, |cost| cost.min(most))
    }

    /// A part of it, if there is one for the caller.
    fn now(&self, caller: &Caller, bytes: usize) -> Option<Part> {
        let cost = self.cost(caller, bytes);
        let free = self.free.available_permits() as u64;
        let share = match caller.principal.is_one_of_many() {
            true => Some(self.shares.take(&caller.principal.id, cost.into(), free)?),
            false => None,
        };
        let units = Arc::clone(&self.free).try_acquire_many_owned(cost).ok()?;
        Some(Part { units, share, of_own: None })
    }

    /// A part of it, once there is one: first of what the caller may have, then, first come, first served, of what all may.
    async fn wait(&self, line: &Line, caller: &Caller, bytes: usize) -> Option<Part> {
        let cost = self.cost(caller, bytes);
        let own = line.of(&caller.principal.id, self.cost(caller, usize::MAX));
        let _first = own.turn.lock().await;
        let of_own = Arc::clone(&own.room).acquire_many_owned(cost).await.ok()?;
        let units = Arc::clone(&self.free).acquire_many_owned(cost).await.ok()?;
        Some(Part { units, share: None, of_own: Some((of_own, Arc::clone(&own))) })
    }
}

impl Part {
    fn shrink(&mut self, bytes: usize) {
        let needed = units(bytes);
        let spare = self.units.num_permits().saturating_sub(needed);
        drop(self.units.split(spare));
        self.share.iter_mut().for_each(|share| share.shrink(needed as u64));
        if let Some((own, _)) = &mut self.of_own {
            drop(own.split(own.num_permits().saturating_sub(needed)));
        }
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

/// What each caller has of a room that is waited for. One message of each stands in the line proper, so that a line that is first come,
/// first served is a round robin of callers; and none that finds no room among the caller's own stands in it at all.
#[derive(Debug, Default)]
struct Line(Mutex<HashMap<Arc<str>, Weak<Own>>>);

/// One caller's.
#[derive(Debug)]
struct Own {
    turn: AsyncMutex<()>,
    room: Arc<Semaphore>,
}

impl Line {
    /// The caller's, who may have so many units.
    fn of(&self, caller: &Arc<str>, units: u32) -> Arc<Own> {
        // Nothing panics while the lock is held.
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = all.get(caller).and_then(Weak::upgrade) {
            return own;
        }
        all.retain(|_, own| own.strong_count() > 0);
        let room = Arc::new(Semaphore::new(units as usize));
        let own = Arc::new(Own { turn: AsyncMutex::new(()), room });
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
                self.unless_over(caller, self.bulk.wait(&self.line, caller, bytes)).await?
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
mod tests;
