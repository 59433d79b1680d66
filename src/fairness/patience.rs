//! How long those who wait for an answer are let wait in a line. While a line is empty now and then, it takes in what comes in bursts,
//! and everybody waits as long as it takes. One that has not been empty for [`WINDOW`] only grows: whoever comes gets no sooner an answer
//! by waiting, and everybody an older one. From then on nobody is served who has waited longer than what is asked for takes itself, as 99
//! of 100 go; the others are told to come back, before anything is done for them (the controlled delay of Nichols and Jacobson, 2012, in
//! the form that Maurer, "Fail at Scale", 2015, gives it for servers). So whoever is served has waited about as long as the work took.

use std::time::Duration;

/// How long a line may be without a gap before it counts as one that only grows.
const WINDOW: Duration = Duration::from_millis(500);
/// By how much the estimate moves at most with each that is served.
const STEP: f64 = 0.1;
/// Of so many that are served one takes longer than the estimate.
const ONE_IN: f64 = 100.0;

/// See the module. Times are told as they have passed since any one moment.
#[derive(Debug)]
pub struct Patience {
    /// The least that anybody is let wait.
    least: Duration,
    /// What 99 of 100 take at most, in seconds: a quantile followed by steps (the frugal estimate of Ma, Muthukrishnan and Sandler,
    /// 2013, in proportion).
    took: f64,
    /// When the line was last empty.
    empty: Duration,
}

impl Patience {
    /// For a line in which nobody stands.
    pub fn new(least: Duration) -> Self {
        Self { least, took: least.as_secs_f64(), empty: Duration::ZERO }
    }

    /// The line is empty.
    pub fn empty(&mut self, now: Duration) {
        self.empty = self.empty.max(now);
    }

    /// Somebody has been served, without the time in line.
    pub fn served(&mut self, took: Duration) {
        let up = took.as_secs_f64() > self.took;
        self.took *= if up { 1.0 + STEP * (1.0 - 1.0 / ONE_IN) } else { 1.0 - STEP / ONE_IN };
        self.took = self.took.max(f64::MIN_POSITIVE);
    }

    /// Whether somebody who has waited for so long should not be served any more.
    pub fn is_over(&self, waited: Duration, now: Duration) -> bool {
        now.saturating_sub(self.empty) > WINDOW && waited > self.limit()
    }

    /// When somebody who was sent away should come back: the line is another one by then.
    pub fn retry_after(&self) -> Duration {
        (self.limit() * 2).clamp(Duration::from_millis(100), Duration::from_secs(10))
    }

    fn limit(&self) -> Duration {
        Duration::try_from_secs_f64(self.took).unwrap_or(Duration::MAX).max(self.least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Serves one after the other, each in 10 ms, what comes every `every`; the longest wait of those who were served after the first
    /// second, and how many were sent away.
    fn line(every: Duration, for_so_long: Duration) -> (Duration, usize) {
        let mut patience = Patience::new(MS);
        (0..500).for_each(|_| patience.served(10 * MS));
        let (mut now, mut longest, mut sent_away) = (Duration::ZERO, Duration::ZERO, 0);
        let arrivals = (0..).map(|n| every * n).take_while(|at| *at < for_so_long);
        for came in arrivals {
            if came >= now {
                patience.empty(came);
                now = came;
            }
            let waited = now - came;
            if patience.is_over(waited, now) {
                sent_away += 1;
                continue;
            }
            if came > Duration::from_secs(1) {
                longest = longest.max(waited);
            }
            patience.served(10 * MS);
            now += 10 * MS;
        }
        (longest, sent_away)
    }

    #[test]
    fn ten_times_what_can_be_served_leaves_those_who_are_with_a_short_wait() {
        let (longest, sent_away) = line(MS, Duration::from_secs(30));
        assert!(longest < 25 * MS, "{longest:?}");
        let share = sent_away as f64 / 30_000.0;
        assert!((0.85..0.92).contains(&share), "{share}");
    }

    #[test]
    fn nobody_is_sent_away_while_there_is_enough_for_all() {
        assert_eq!(line(11 * MS, Duration::from_secs(30)).1, 0);
    }

    #[test]
    fn a_burst_is_served_whole() {
        let mut patience = Patience::new(MS);
        patience.empty(5 * MS);
        assert!((0..40).all(|n| !patience.is_over(10 * MS * n, 5 * MS + 10 * MS * n)));
        assert!(patience.is_over(600 * MS, 605 * MS));
    }

    #[test]
    fn the_estimate_finds_what_ninety_nine_of_a_hundred_take() {
        let mut patience = Patience::new(MS);
        for n in 0..20_000_u32 {
            patience.served(MS * (n * 7919 % 100 + 1));
        }
        assert!((90 * MS..115 * MS).contains(&patience.limit()), "{:?}", patience.limit());
    }
}
