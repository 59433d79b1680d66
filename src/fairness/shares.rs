//! How much each caller holds of something that runs short. Whoever asks for more may have it while what they hold stays within
//! [`TIMES_FREE`] times of what is left: the dynamic threshold of Choudhury and Hahne (1998), made for the buffers of switches. One
//! caller alone gets up to three quarters, two get three sevenths each, and there is always something left for one who has nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a caller holds may be so many times what is free.
const TIMES_FREE: u64 = 3;

/// Of all that there is, whoever holds nothing may have so much as long as it is free.
const FIRST_OF: u64 = 16;

/// See the module. Clones are the same shares.
#[derive(Debug, Clone)]
pub struct Shares {
    held: Arc<Mutex<HashMap<Arc<str>, u64>>>,
    all: u64,
}

/// A part that a caller holds, until it is dropped.
#[derive(Debug)]
#[must_use = "the part counts as given back when this is dropped"]
pub struct Share {
    of: Shares,
    caller: Arc<str>,
    amount: u64,
}

impl Shares {
    /// Of so much in all.
    pub fn of(all: u64) -> Self {
        Self { held: Arc::default(), all }
    }

    /// The most that one caller may hold.
    pub fn most(&self) -> u64 {
        self.all / (TIMES_FREE + 1) * TIMES_FREE
    }

    /// Counts `amount` as the caller's, where `free` is left in all; `None` where it would be too much for one. Whoever holds nothing
    /// is not refused a little.
    pub fn take(&self, caller: &Arc<str>, amount: u64, free: u64) -> Option<Share> {
        let mut held = self.lock();
        let own = held.get(caller).copied().unwrap_or(0);
        let left = free.checked_sub(amount)?;
        let is_first = own == 0 && amount <= (self.all / FIRST_OF).max(1);
        if !is_first && own.saturating_add(amount) > left.saturating_mul(TIMES_FREE) {
            return None;
        }
        held.insert(Arc::clone(caller), own + amount);
        Some(Share { of: self.clone(), caller: Arc::clone(caller), amount })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, u64>> {
        // Nothing panics while the lock is held.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
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
        let shares = Shares::of(all);
        let (mut free, mut held) = (all, callers.iter().map(|_| Vec::new()).collect::<Vec<_>>());
        loop {
            let before = free;
            for (n, caller) in callers.iter().enumerate() {
                if let Some(share) = shares.take(&Arc::from(*caller), 1, free) {
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
    fn nobody_gets_all_at_once_either() {
        let (shares, a) = (Shares::of(100), Arc::from("a"));
        assert!(shares.take(&a, 76, 100).is_none());
        assert_eq!(shares.most(), 75);
        let most = shares.take(&a, 75, 100).unwrap();
        assert!(shares.take(&a, 1, 25).is_none());
        let others = shares.take(&Arc::from("b"), 6, 25).expect("something is left for one who has nothing");
        drop((most, others));
    }

    #[test]
    fn whoever_has_nothing_finds_a_little_and_parts_come_back() {
        let (shares, a, b) = (Shares::of(100), Arc::from("a"), Arc::from("b"));
        let mut most = shares.take(&a, 60, 100).unwrap();
        assert!(shares.take(&a, 20, 40).is_none());
        assert!(shares.take(&b, 35, 40).is_none());
        let last = shares.take(&b, 6, 6).expect("a little, as long as it is free");
        assert!(shares.take(&Arc::from("c"), 1, 0).is_none());
        drop(last);
        most.shrink(10);
        let more = shares.take(&a, 50, 90).unwrap();
        drop((most, more));
        assert!(shares.lock().is_empty());
    }
}
