//! What one principal has used, held against its limits. A refusal says which limit it was and, where waiting helps, how
//! long; what is under way is given back by itself when its slot is dropped.

use super::bucket::{Bucket, Full};
use crate::access::limits::Limits;
use crate::access::{Clock, Principal};
use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// One limit among a principal's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    /// Calls a second, and at once.
    Requests,
    /// Bytes of messages a minute.
    Bytes,
    /// Analyses under way at once.
    Analyses,
    /// Documents stored.
    Documents,
}

impl Quota {
    /// As it is written in the file of keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests_per_second",
            Self::Bytes => "bytes_per_minute",
            Self::Analyses => "analyses",
            Self::Documents => "documents",
        }
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A limit has been reached: RESOURCE_EXHAUSTED. Nothing was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the limit {quota} of {limit} is reached")]
pub struct OverQuota {
    /// Which one.
    pub quota: Quota,
    /// What it is.
    pub limit: u64,
    /// When it is likely to help to try again; nothing where time alone does not help.
    pub retry_after: Option<Duration>,
}

/// What one principal has used. Shared by all its calls.
#[derive(Debug)]
pub struct Meter {
    pub(super) limits: Limits,
    requests: Option<Bucket>,
    bytes: Option<Bucket>,
    /// Under way. Outlives the meter where limits change, since what is under way does.
    running: Arc<AtomicU32>,
    /// Documents that are about to be stored, likewise.
    storing: Arc<AtomicU64>,
    /// Nanoseconds of the clock at the last use.
    used: AtomicU64,
    clock: Arc<dyn Clock>,
}

/// An analysis under way; over when it is dropped.
#[derive(Debug)]
#[must_use = "the analysis counts as over when this is dropped"]
pub struct AnalysisSlot(Arc<AtomicU32>);

impl Drop for AnalysisSlot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A document about to be stored; over when it is dropped.
#[derive(Debug)]
#[must_use = "the document counts as stored when this is dropped"]
pub struct DocumentSlot {
    storing: Arc<AtomicU64>,
    under_way: u64,
    limit: u64,
}

impl DocumentSlot {
    /// Whether it may be stored beside so many that are.
    pub fn fits(&self, stored: u64) -> Result<(), OverQuota> {
        match stored.saturating_add(self.under_way) > self.limit {
            true => Err(OverQuota { quota: Quota::Documents, limit: self.limit, retry_after: None }),
            false => Ok(()),
        }
    }
}

impl Drop for DocumentSlot {
    fn drop(&mut self) {
        self.storing.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Meter {
    /// For a principal that has used nothing, or whose analyses go on under other limits.
    pub(super) fn new(principal: &Principal, former: Option<&Self>, clock: Arc<dyn Clock>) -> Self {
        let limits = principal.limits;
        let bucket =
            |capacity: u64, rate: u64, period| Some(Bucket::new(capacity, NonZeroU64::new(rate)?, period));
        let requests = limits.requests_per_second.and_then(|rate| {
            let burst = limits.request_burst.unwrap_or(rate);
            bucket(burst.into(), rate.into(), Duration::from_secs(1))
        });
        let bytes = limits.bytes_per_minute.and_then(|rate| bucket(rate, rate, Duration::from_secs(60)));
        let running = former.map(|former| Arc::clone(&former.running)).unwrap_or_default();
        let storing = former.map(|former| Arc::clone(&former.storing)).unwrap_or_default();
        Self { limits, requests, bytes, running, storing, used: AtomicU64::default(), clock }
    }

    /// Counts a call.
    pub fn request(&self) -> Result<(), OverQuota> {
        let limit = self.limits.requests_per_second.unwrap_or(u32::MAX);
        self.add(Quota::Requests, limit.into(), self.requests.as_ref(), 1)
    }

    /// Counts a message of so many bytes, before it is read. One that is longer than a minute's bytes never passes.
    pub fn bytes(&self, bytes: u64) -> Result<(), OverQuota> {
        self.add(Quota::Bytes, self.limits.bytes_per_minute.unwrap_or(u64::MAX), self.bytes.as_ref(), bytes)
    }

    /// Takes a slot for an analysis, if one is free.
    pub fn analysis(&self) -> Result<AnalysisSlot, OverQuota> {
        let limit = self.limits.analyses.unwrap_or(u32::MAX);
        let one_more = |running: u32| (running < limit).then_some(running + 1);
        match self.running.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more) {
            Ok(_) => Ok(AnalysisSlot(Arc::clone(&self.running))),
            Err(_) => Err(OverQuota {
                quota: Quota::Analyses,
                limit: limit.into(),
                retry_after: retry_analysis(limit),
            }),
        }
    }

    /// Room for one document more, to be kept until it is stored; nothing where there is no limit. What is stored is to be counted
    /// after this, and [`DocumentSlot::fits`] asked: what others are about to store counts from here on.
    pub fn document(&self) -> Option<DocumentSlot> {
        let limit = self.limits.documents?;
        let under_way = self.storing.fetch_add(1, Ordering::AcqRel) + 1;
        Some(DocumentSlot { storing: Arc::clone(&self.storing), under_way, limit })
    }

    fn add(&self, quota: Quota, limit: u64, bucket: Option<&Bucket>, amount: u64) -> Result<(), OverQuota> {
        let over = |retry_after| OverQuota { quota, limit, retry_after };
        match bucket.map_or(Ok(()), |bucket| bucket.add(amount, self.clock.elapsed())) {
            Ok(()) => Ok(()),
            Err(Full::For(wait)) => Err(over(Some(wait))),
            Err(Full::Always) => Err(over(None)),
        }
    }

    pub(super) fn touch(&self, now: Duration) {
        self.used.fetch_max(u64::try_from(now.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// When it was last asked for.
    pub(super) fn used(&self) -> Duration {
        Duration::from_nanos(self.used.load(Ordering::Relaxed))
    }

    /// Whether analyses are under way.
    pub(super) fn is_busy(&self) -> bool {
        self.running.load(Ordering::Acquire) > 0 || self.storing.load(Ordering::Acquire) > 0
    }
}

/// An analysis takes seconds; where none may run at all, no time helps.
fn retry_analysis(limit: u32) -> Option<Duration> {
    (limit > 0).then_some(Duration::from_secs(1))
}
