//! What became of the requests: counts and histograms of latencies for each method. A latency runs from when a request was due, not from
//! when it could be sent, so that whoever is slow cannot hide it by holding up the next request; the service time runs from when it was
//! sent. Knows nothing of what was asked. Start at [`Tally`].

use hdrhistogram::Histogram;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The longest time that is told from longer ones, in microseconds: an hour.
const LONGEST: u64 = 3_600_000_000;

/// Decimal digits of a time that count.
const DIGITS: u8 = 3;

/// Which calls are counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// "dictum.v1.QuoteService/SearchQuotes".
    pub method: Arc<str>,
    /// Which sort of them; empty where there is one.
    pub variant: &'static str,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// With an answer.
    Ok,
    /// The service was too busy and said so; whether it said when to come back.
    Shed {
        /// Whether the answer carried RetryInfo.
        has_retry_info: bool,
    },
    /// With an error, or without any answer.
    Failed,
}

/// How a request ended, in detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// See there.
    pub fate: Fate,
    /// The code, as the protocol's documentation writes it, or what stands for none.
    pub code: &'static str,
    /// What was said about it.
    pub message: String,
}

/// The moments of a request.
#[derive(Debug, Clone, Copy)]
pub struct Moments {
    /// When it should have been sent.
    pub due: Instant,
    /// When it was.
    pub sent: Instant,
    /// When it ended.
    pub ended: Instant,
}

/// What became of the calls that are counted together.
#[derive(Debug, Clone)]
pub struct Row {
    /// From when a request was due, in microseconds.
    pub latency: Histogram<u64>,
    /// The same of those that were answered with success: who is turned away hears so sooner, or later.
    pub served: Histogram<u64>,
    /// From when it was sent.
    pub service: Histogram<u64>,
    /// Requests by code.
    pub codes: BTreeMap<&'static str, u64>,
    /// Of each code that is none of success, what was said first.
    pub examples: BTreeMap<&'static str, String>,
    /// Answered with success.
    pub ok: u64,
    /// Turned away.
    pub shed: u64,
    /// Of these, those with RetryInfo.
    pub shed_with_retry_info: u64,
    /// Failed.
    pub failed: u64,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            latency: times(),
            served: times(),
            service: times(),
            codes: BTreeMap::new(),
            examples: BTreeMap::new(),
            ok: 0,
            shed: 0,
            shed_with_retry_info: 0,
            failed: 0,
        }
    }
}

fn times() -> Histogram<u64> {
    // The bounds are constants, which a test has tried.
    Histogram::new_with_bounds(1, LONGEST, DIGITS).unwrap_or_else(|_| unreachable!("bounds that hold"))
}

/// A time as histograms have it.
fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(LONGEST)
}

impl Row {
    /// Requests that were sent and ended.
    pub fn sent(&self) -> u64 {
        self.ok + self.shed + self.failed
    }

    fn record(&mut self, moments: Moments, outcome: Outcome) {
        let latency = micros(moments.ended.saturating_duration_since(moments.due));
        self.latency.saturating_record(latency);
        if outcome.fate == Fate::Ok {
            self.served.saturating_record(latency);
        }
        self.service.saturating_record(micros(moments.ended.saturating_duration_since(moments.sent)));
        *self.codes.entry(outcome.code).or_default() += 1;
        match outcome.fate {
            Fate::Ok => self.ok += 1,
            Fate::Shed { has_retry_info } => {
                self.shed += 1;
                self.shed_with_retry_info += u64::from(has_retry_info);
            }
            Fate::Failed => self.failed += 1,
        }
        if outcome.fate != Fate::Ok {
            self.examples.entry(outcome.code).or_insert(outcome.message);
        }
    }

    /// Counts a request that waited so long and was not sent: it would have waited longer.
    pub fn record_unsent(&mut self, waited: Duration) {
        self.latency.saturating_record(micros(waited));
    }

    /// Counts what another row counts, too.
    pub fn add(&mut self, other: &Self) {
        let times = [
            (&mut self.latency, &other.latency),
            (&mut self.served, &other.served),
            (&mut self.service, &other.service),
        ];
        for (all, more) in times {
            // All histograms have the same bounds.
            let added = all.add(more);
            debug_assert!(added.is_ok(), "{added:?}");
        }
        for (code, count) in &other.codes {
            *self.codes.entry(code).or_default() += count;
        }
        for (code, message) in &other.examples {
            self.examples.entry(code).or_insert_with(|| message.clone());
        }
        self.ok += other.ok;
        self.shed += other.shed;
        self.shed_with_retry_info += other.shed_with_retry_info;
        self.failed += other.failed;
    }
}

/// What became of the requests that were due from a time on.
#[derive(Debug)]
pub struct Tally {
    from: Instant,
    rows: Mutex<BTreeMap<Call, Row>>,
    answered: AtomicU64,
}

impl Tally {
    /// Counts what is due from then on; what was due before is warm-up.
    pub fn new(from: Instant) -> Self {
        Self { from, rows: Mutex::default(), answered: AtomicU64::new(0) }
    }

    /// Counts a request that has ended.
    pub fn record(&self, call: &Call, moments: Moments, outcome: Outcome) {
        self.answered.fetch_add(1, Ordering::Relaxed);
        if moments.due < self.from {
            return;
        }
        // Nothing under the lock can panic half-way.
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        match rows.get_mut(call) {
            Some(row) => row.record(moments, outcome),
            None => rows.entry(call.clone()).or_default().record(moments, outcome),
        }
    }

    /// Requests that have ended so far, warm-up and all.
    pub fn ended(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// What was counted.
    pub fn rows(&self) -> BTreeMap<Call, Row> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(fate: Fate, code: &'static str) -> Outcome {
        Outcome { fate, code, message: format!("{code}!") }
    }

    #[test]
    fn latencies_run_from_when_a_request_was_due_and_warm_up_counts_nowhere() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let tally = Tally::new(at(100));
        let call = Call { method: "s/M".into(), variant: "" };
        let done = |due, sent, ended| Moments { due: at(due), sent: at(sent), ended: at(ended) };
        tally.record(&call, done(99, 150, 9_000), outcome(Fate::Ok, "OK"));
        tally.record(&call, done(100, 900, 1_100), outcome(Fate::Ok, "OK"));
        let row = &tally.rows()[&call];
        assert_eq!((row.sent(), tally.ended()), (1, 2));
        assert_eq!((row.latency.max() / 1000, row.service.max() / 1000), (1_000, 200));
    }

    #[test]
    fn what_was_shed_is_no_failure_and_rows_add_up() {
        let now = Instant::now();
        let tally = Tally::new(now);
        let moments = Moments { due: now, sent: now, ended: now };
        for (variant, fate, code) in [
            ("a", Fate::Ok, "OK"),
            ("a", Fate::Shed { has_retry_info: true }, "UNAVAILABLE"),
            ("b", Fate::Shed { has_retry_info: false }, "RESOURCE_EXHAUSTED"),
            ("b", Fate::Failed, "INTERNAL"),
        ] {
            tally.record(&Call { method: "s/M".into(), variant }, moments, outcome(fate, code));
        }
        let mut all = Row::default();
        tally.rows().values().for_each(|row| all.add(row));
        all.record_unsent(Duration::from_secs(5));
        assert_eq!((all.sent(), all.ok, all.shed, all.shed_with_retry_info, all.failed), (4, 1, 2, 1, 1));
        assert_eq!(all.latency.len(), 5);
        assert!(all.latency.max() >= 5_000_000);
        assert_eq!(all.examples["INTERNAL"], "INTERNAL!");
        assert!(!all.examples.contains_key("OK"));
    }
}
