//! When requests are due, counted from the start of a run: at a given rate, evenly spaced or as independent callers come. A schedule
//! follows from its rate and its seed alone, so that whoever sends and whoever counts what was not sent have the same one. Knows no
//! clock. Start at [`Schedule`].

use clap::ValueEnum;
use std::time::Duration;

/// How requests are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Arrivals {
    /// One after the other, always as far apart
    Even,
    /// As many independent callers come: exponential gaps, so that some come together
    Poisson,
}

/// Times at which requests are due, without end.
#[derive(Debug, Clone)]
pub struct Schedule {
    rate: f64,
    arrivals: Arrivals,
    random: fastrand::Rng,
    number: u64,
    /// Seconds from the start to the request that was due last; of Poisson arrivals alone.
    last: f64,
}

impl Schedule {
    /// `rate` requests a second, more than none.
    pub fn new(rate: f64, arrivals: Arrivals, seed: u64) -> Self {
        Self { rate, arrivals, random: fastrand::Rng::with_seed(seed), number: 0, last: 0.0 }
    }
}

impl Iterator for Schedule {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let seconds = match self.arrivals {
            // From the number, so that no error adds up.
            Arrivals::Even => self.number as f64 / self.rate,
            Arrivals::Poisson => {
                // 1 - u is more than 0, so that its logarithm is a number.
                self.last -= (1.0 - self.random.f64()).ln() / self.rate;
                self.last
            }
        };
        self.number += 1;
        Duration::try_from_secs_f64(seconds).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(rate: f64, arrivals: Arrivals, seed: u64, seconds: u64) -> Vec<Duration> {
        let until = Duration::from_secs(seconds);
        Schedule::new(rate, arrivals, seed).take_while(|due| *due < until).collect()
    }

    #[test]
    fn even_arrivals_are_as_many_as_the_rate_says_and_as_far_apart() {
        let dues = within(400.0, Arrivals::Even, 1, 3);
        assert_eq!(dues.len(), 1200);
        assert_eq!(dues[0], Duration::ZERO);
        for (number, due) in dues.iter().enumerate() {
            assert!((due.as_secs_f64() - number as f64 / 400.0).abs() < 1e-6, "{number}: {due:?}");
        }
        assert_eq!(within(0.5, Arrivals::Even, 1, 10).len(), 5);
    }

    #[test]
    fn poisson_arrivals_have_the_rate_on_average_and_gaps_of_all_lengths() {
        let dues = within(1000.0, Arrivals::Poisson, 7, 20);
        assert!(dues.is_sorted());
        // The standard deviation of the count is the root of 20,000: 141.
        assert!((19_300..20_700).contains(&dues.len()), "{}", dues.len());
        let gaps: Vec<f64> = dues.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64()).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let longer = gaps.iter().filter(|gap| **gap > mean).count() as f64 / gaps.len() as f64;
        assert!(
            (longer - (-1f64).exp()).abs() < 0.02,
            "exponential gaps exceed their mean so often: {longer}"
        );
    }

    #[test]
    fn a_schedule_follows_from_its_seed() {
        let of = |seed| within(50.0, Arrivals::Poisson, seed, 2);
        assert_eq!(of(3), of(3));
        assert_ne!(of(3), of(4));
    }
}
