//! How much each caller holds of something that runs short. Whoever asks for more may have it while what they hold stays within
//! [`TIMES_FREE`] times of what is left: the dynamic threshold of Choudhury and Hahne (1998), made for the buffers of switches. One
//! caller alone gets up to three quarters, two get three sevenths each, and there is always something left for one who has nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a caller holds may be so many times what is free.
const TIMES_FREE: u64 = 3;

/// See the module. Clones are the same shares.
#[derive(Debug, Clone, Default)]
pub struct Shares(Arc<Mutex<HashMap<Arc<str>, u64>>>);

/// A part that a caller holds, until it is dropped.
#[derive(Debug)]
#[must_use = "the part counts as given back when this is dropped"]
pub struct Share {
    of: Shares,
    caller: Arc<str>,
    amount: u64,
}

impl Shares {
    /// Counts `amount` as the caller's, of which `free` is left in all; `None` where it would be too much for one. Whoever holds
    /// nothing is not refused.
    pub fn take(&self, caller: &Arc<str>, amount: u64, free: u64) -> Option<Share> {
        let mut held = self.lock();
        let own = held.get(caller).copied().unwrap_or(0);
        let left = free.saturating_sub(amount);
        if own > 0 && own.saturating_add(amount) > left.saturating_mul(TIMES_FREE) {
            return None;
        }
        held.insert(Arc::clone(caller), own + amount);
        Some(Share { of: self.clone(), caller: Arc::clone(caller), amount })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, u64>> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Gives back what is more than `amount`.
    pub fn shrink(&mut self, amount: u64) {
        let spare = self.amount.saturating_sub(amount);
        self.amount -= spare;
        self.give_back(spare);
    }

    fn give_back(&self, amount: u64) {
        let mut held = self.of.lock();
        if let Some(own) = held.get_mut(&self.caller) {
            *own = own.saturating_sub(amount);
            if *own == 0 {
                held.remove(&self.caller);
            }
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.give_back(self.amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What callers who ask for 1 again and again get of `all`, in turn.
    fn contend(all: u64, callers: &[&str]) -> Vec<usize> {
        let shares = Shares::default();
        let (mut free, mut held) = (all, callers.iter().map(|_| Vec::new()).collect::<Vec<_>>());
        loop {
            let before = free;
            for (n, caller) in callers.iter().enumerate() {
                if free > 0
                    && let Some(share) = shares.take(&Arc::from(*caller), 1, free)
                {
                    held[n].push(share);
                    free -= 1;
                }
            }
            if free == before {
                return held.iter().map(Vec::len).collect();
            }
        }
    }

    #[test]
    fn one_alone_gets_most_and_several_the_same() {
        assert_eq!(contend(100, &["a"]), [75]);
        assert_eq!(contend(70, &["a", "b"]), [30, 30]);
    }

    #[test]
    fn whoever_has_nothing_finds_something_and_parts_come_back() {
        let (shares, a, b) = (Shares::default(), Arc::from("a"), Arc::from("b"));
        let mut most = shares.take(&a, 60, 100).unwrap();
        assert!(shares.take(&a, 20, 40).is_none());
        let whole = shares.take(&b, 40, 40).expect("one who has nothing may take the rest");
        drop(whole);
        most.shrink(10);
        let more = shares.take(&a, 50, 90).unwrap();
        drop((most, more));
        assert!(shares.lock().is_empty());
    }
}
