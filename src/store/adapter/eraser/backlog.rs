//! What was done to the store since its copying began.

use super::super::super::core::Core;
use super::super::super::error::StoreError;
use crate::domain::document::Seq;
use crate::domain::time::Timestamp;
use crate::ports::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes of writes that are remembered; further ones wait until some are done again.
const MOST: usize = 64 << 20;

/// Something that was done.
#[derive(Debug)]
pub(in crate::store::adapter) enum Again {
    Writes(Arc<[Write]>, Timestamp),
    Tidy(Seq),
}

impl Again {
    /// Does it to the copy.
    pub(in crate::store::adapter) fn redo(&self, copy: &Core) -> Result<(), StoreError> {
        match self {
            Self::Writes(writes, at) => copy.apply(writes, *at).map(drop),
            Self::Tidy(followed) => copy.tidy(*followed).map(drop),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Tidy(_) => size_of::<Self>(),
            Self::Writes(writes, _) => writes.iter().map(weight).sum(),
        }
    }
}

/// Bytes that a write takes in memory, about.
fn weight(write: &Write) -> usize {
    match write {
        Write::Put { document, .. } => 1_024 + 4 * document.text.len(),
        Write::Reanalyze { analysis, .. } => 1_024 * (1 + analysis.quotes.len() + analysis.entities.len()),
        _ => 256,
    }
}

/// All of it that is not done again yet, in its order.
#[derive(Debug, Default)]
pub(super) struct Backlog(Mutex<(Vec<Again>, usize)>);

impl Backlog {
    pub(super) fn push(&self, again: Again) {
        let mut list = self.list();
        list.1 += again.bytes();
        list.0.push(again);
    }

    /// Takes what is there.
    pub(super) fn take(&self) -> Vec<Again> {
        std::mem::take(&mut *self.list()).0
    }

    /// Whether more may not be remembered for now.
    pub(super) fn is_full(&self) -> bool {
        self.list().1 >= MOST
    }

    fn list(&self) -> MutexGuard<'_, (Vec<Again>, usize)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
