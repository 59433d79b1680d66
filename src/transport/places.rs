//! Places of which there are so many: for connections, for streams. Whoever holds one gives it back by dropping it.

use crate::access::Principal;
use crate::fairness::{Share, Shares};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// See the module. Cheap to clone; all clones are the same places.
#[derive(Debug, Clone)]
pub struct Places {
    free: Arc<Semaphore>,
    most: usize,
    shares: Shares,
}

/// One of them.
#[derive(Debug)]
#[must_use = "the place is free again when this is dropped"]
pub struct Place {
    _place: OwnedSemaphorePermit,
    _share: Option<Share>,
}

impl Places {
    /// So many, all free.
    pub fn new(most: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(most)), most, shares: Shares::of(most as u64) }
    }

    /// One of them, if any is free.
    pub fn take(&self) -> Option<Place> {
        let place = Arc::clone(&self.free).try_acquire_owned().ok()?;
        Some(Place { _place: place, _share: None })
    }

    /// One of them for this caller, if one is free and others are left enough.
    pub fn take_for(&self, caller: &Principal) -> Option<Place> {
        if !caller.is_one_of_many() {
            return self.take();
        }
        let share = self.shares.take(&caller.id, 1, self.free.available_permits() as u64)?;
        self.take().map(|place| Place { _share: Some(share), ..place })
    }

    /// How many there are.
    pub fn most(&self) -> usize {
        self.most
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.most.saturating_sub(self.free.available_permits())
    }
}
