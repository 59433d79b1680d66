//! A bucket that leaks: so much goes in at once, and so much runs out in a time. All of it is whole numbers, so nothing
//! is lost to rounding at any rate, and 64 bits of bytes fit; limiters that count single cells between whole
//! nanoseconds are some percent off at a gigabyte a minute, and take 32 bits.

use std::num::NonZeroU64;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// See the module.
#[derive(Debug)]
pub struct Bucket {
    /// How much goes in at once.
    capacity: u64,
    /// How much runs out in `period`.
    rate: NonZeroU64,
    period: Duration,
    level: Mutex<Level>,
}

#[derive(Debug, Default)]
struct Level {
    /// What is in it, times the nanoseconds of the period: so much of it runs out in a nanosecond as the rate says.
    filled: u128,
    /// When that was so.
    at: Duration,
}

/// What does not go in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// It will after this time, if nothing else goes in before.
    For(Duration),
    /// It is more than the bucket holds.
    Always,
}

impl Bucket {
    /// An empty one.
    pub fn new(capacity: u64, rate: NonZeroU64, period: Duration) -> Self {
        Self { capacity, rate, period, level: Mutex::default() }
    }

    /// Puts an amount in, all of it or nothing. `now` is time since a fixed moment.
    pub fn add(&self, amount: u64, now: Duration) -> Result<(), Full> {
        if amount > self.capacity {
            return Err(Full::Always);
        }
        let (unit, rate) = (self.period.as_nanos(), u128::from(self.rate.get()));
        let room = u128::from(self.capacity).saturating_mul(unit);
        // Nothing panics while the lock is held.
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have come from a little later.
        let gone = now.saturating_sub(level.at).as_nanos().saturating_mul(rate);
        let filled = level.filled.saturating_sub(gone);
        let wanted = filled.saturating_add(u128::from(amount).saturating_mul(unit));
        if wanted > room {
            let wait = (wanted - room).div_ceil(rate);
            return Err(Full::For(Duration::from_nanos(u64::try_from(wait).unwrap_or(u64::MAX))));
        }
        *level = Level { filled: wanted, at: level.at.max(now) };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever comes when: no stretch of time lets more in than the bucket holds and what runs out meanwhile, and
        /// the wait that is said is enough, and not a nanosecond too long.
        #[test]
        fn a_rate_is_kept_exactly(
            capacity in 1_u64..=1 << 40,
            rate in 1_u64..=1 << 40,
            steps in proptest::collection::vec((0_u64..=20_000_000_000, 0.0..1.2_f64), 1..60),
        ) {
            let period = Duration::from_secs(60);
            let bucket = Bucket::new(capacity, NonZeroU64::new(rate).unwrap(), period);
            let mut now = Duration::ZERO;
            let mut taken: u128 = 0;
            for (pause, part) in steps {
                now += Duration::from_nanos(pause);
                let amount = (capacity as f64 * part) as u64;
                match bucket.add(amount, now) {
                    Ok(()) => taken += u128::from(amount),
                    Err(Full::Always) => prop_assert!(amount > capacity),
                    Err(Full::For(wait)) => {
                        let early = (now + wait).saturating_sub(Duration::from_nanos(1));
                        prop_assert!(bucket.add(amount, early).is_err());
                        now += wait;
                        prop_assert_eq!(bucket.add(amount, now), Ok(()));
                        taken += u128::from(amount);
                    }
                }
                let most = u128::from(capacity) * period.as_nanos() + u128::from(rate) * now.as_nanos();
                prop_assert!(taken * period.as_nanos() <= most);
            }
        }
    }

    #[test]
    fn time_that_goes_back_gives_nothing() {
        let bucket = Bucket::new(2, NonZeroU64::MIN, Duration::from_secs(1));
        let later = Duration::from_secs(9);
        assert_eq!(bucket.add(1, later), Ok(()));
        assert_eq!(bucket.add(1, Duration::ZERO), Ok(()));
        for now in [Duration::ZERO, later] {
            assert_eq!(bucket.add(1, now), Err(Full::For(Duration::from_secs(1))));
        }
        assert_eq!(bucket.add(1, later + Duration::from_secs(1)), Ok(()));
    }
}
