//! Merges that are under way, and erasing, which is a matter of merges: what deleted entries have left on the disk
//! goes when their segments are written anew. Merges run on threads of the search engine; here they are begun and
//! looked after, between the commits of the one thread that writes.

use super::error::IndexError;
use super::merging::{self, Extent, Pace};
use super::open::MERGES;
use crate::failpoint::{Failpoint, pass};
use std::collections::HashSet;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tantivy::index::{SegmentId, SegmentMeta};
use tantivy::{FutureResult, Index, IndexWriter, TantivyError};

/// How long after a merge that failed no other is begun.
const AFTER_FAILURE: Duration = Duration::from_secs(3);

/// Merges of an erasure that may fail before it fails itself: one loses against a commit that takes its segments away.
const FAILURES: u32 = 20;

/// The merges of one writer.
#[derive(Default)]
pub(super) struct Merges {
    under_way: Vec<Merge>,
    erasure: Option<Erasure>,
    rest_until: Option<Instant>,
    /// Merges that have failed since the erasure began.
    failures: u32,
}

struct Merge {
    segments: Vec<SegmentId>,
    result: FutureResult<Option<SegmentMeta>>,
}

/// How far an erasure has got. What was deleted when it began is gone when each segment that had deleted entries then
/// is written anew by a merge that was begun since.
enum Erasure {
    /// Merges from before are still under way; what they write may hold what was deleted meanwhile.
    Waiting,
    /// These segments are yet to be written anew.
    Rewriting(HashSet<SegmentId>),
}

/// What a look at the merges has found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    /// Some ended, so that there are other segments than before.
    pub(super) ended: bool,
    /// The erasure is done, but for files that are to be collected.
    pub(super) erased: bool,
    /// Nothing is under way and nothing is to be done until the next commit.
    pub(super) at_rest: bool,
}

impl Merges {
    /// Begins an erasure, or begins it again.
    pub(super) fn erase(&mut self) {
        self.erasure = Some(Erasure::Waiting);
        self.rest_until = None;
        self.failures = 0;
    }

    /// Looks after the merges under way and begins those that are due. Fails where an erasure does.
    pub(super) fn look(
        &mut self,
        index: &Index,
        writer: &mut IndexWriter,
        pace: Pace,
    ) -> Result<Progress, IndexError> {
        let ended = self.collect()?;
        if ended {
            pass(Failpoint::MergeEnded);
        }
        let segments = index.searchable_segment_metas()?.iter().map(Extent::from).collect::<Vec<_>>();
        let erased = self.step(&segments);
        while self.under_way.len() < MERGES {
            let Some(segments) = self.due(&segments, pace) else { break };
            let result = writer.merge(&segments);
            self.under_way.push(Merge { segments, result });
            pass(Failpoint::MergeBegun);
        }
        let at_rest = self.under_way.is_empty() && self.erasure.is_none() && self.rest_until.is_none();
        Ok(Progress { ended, erased, at_rest })
    }

    /// Takes away the merges that have ended; whether any has.
    fn collect(&mut self) -> Result<bool, IndexError> {
        let (before, mut failure) = (self.under_way.len(), None);
        self.under_way.retain_mut(|merge| {
            let mut context = Context::from_waker(Waker::noop());
            match Pin::new(&mut merge.result).poll(&mut context) {
                Poll::Pending => true,
                Poll::Ready(result) => {
                    failure = result.err().or(failure.take());
                    false
                }
            }
        });
        match failure {
            Some(error) => self.failed(error)?,
            None if self.rest_until.is_some_and(|until| until <= Instant::now()) => self.rest_until = None,
            None => {}
        }
        Ok(self.under_way.len() < before)
    }

    /// A merge that fails costs nothing but room and time; an erasure must not seem done.
    fn failed(&mut self, error: TantivyError) -> Result<(), IndexError> {
        tracing::warn!(%error, "a merge of the index failed");
        self.pause();
        self.failures += 1;
        match self.erasure {
            Some(Erasure::Rewriting(_)) if self.failures > FAILURES => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Begins no merge for a while.
    pub(super) fn pause(&mut self) {
        self.rest_until = Some(Instant::now() + AFTER_FAILURE);
    }

    /// Gives up an erasure that is not done.
    pub(super) fn end_erasure(&mut self) {
        self.erasure = None;
    }

    /// Brings the erasure on; whether it is done.
    fn step(&mut self, segments: &[Extent]) -> bool {
        match &mut self.erasure {
            None => return false,
            Some(Erasure::Waiting) if !self.under_way.is_empty() => return false,
            Some(Erasure::Waiting) => {
                let dirty = segments.iter().filter(|segment| segment.deleted > 0).map(|segment| segment.id);
                self.erasure = Some(Erasure::Rewriting(dirty.collect()));
            }
            Some(Erasure::Rewriting(dirty)) => {
                dirty.retain(|dirty| segments.iter().any(|segment| segment.id == *dirty));
            }
        }
        let done = matches!(&self.erasure, Some(Erasure::Rewriting(dirty)) if dirty.is_empty());
        if done {
            self.erasure = None;
        }
        done
    }

    /// The segments to merge next.
    fn due(&self, segments: &[Extent], pace: Pace) -> Option<Vec<SegmentId>> {
        let busy = |id: &SegmentId| self.under_way.iter().any(|merge| merge.segments.contains(id));
        match &self.erasure {
            Some(Erasure::Waiting) => None,
            Some(Erasure::Rewriting(dirty)) => dirty.iter().find(|id| !busy(id)).map(|id| vec![*id]),
            None if self.rest_until.is_some() => None,
            None => {
                merging::next(segments.iter().filter(|segment| !busy(&segment.id)).copied().collect(), pace)
            }
        }
    }
}
