//! What a run came to, in numbers: by method and for all of them together. Knows how they are reckoned, and how scripts get them; `table`
//! shows them to people. Start at [`Report`].

use super::drive::Driven;
use super::tally::{Call, Row};
use hdrhistogram::Histogram;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What was asked for.
#[derive(Debug, Clone)]
pub struct Plan {
    /// As the command line has it.
    pub workload: String,
    /// Requests a second, and how they arrive; a closed loop where absent.
    pub open: Option<(f64, String)>,
    /// The most under way, or the workers of a closed loop.
    pub at_once: usize,
    /// Connections.
    pub connections: usize,
    /// What was sent before, and is counted nowhere.
    pub warmup: Duration,
    /// What chance follows from.
    pub seed: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Report {
    /// What was asked for.
    pub plan: Plan,
    /// How long was measured.
    pub measured: Duration,
    /// The same with the time that the last answers took.
    pub until_answered: Duration,
    /// Whether it was stopped before its end.
    pub is_early: bool,
    /// By method.
    pub rows: BTreeMap<Call, Row>,
    /// All of them, and in the latencies what was due and not sent.
    pub all: Row,
    /// What was due and not sent.
    pub unsent: u64,
    /// What was sent and not waited for.
    pub abandoned: u64,
}

/// Names and quantiles of what is told of a histogram.
pub const QUANTILES: [(&str, f64); 4] = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)];

impl Report {
    /// Puts together what was counted from a time on.
    pub fn new(plan: Plan, from: Instant, driven: &Driven, rows: BTreeMap<Call, Row>) -> Self {
        let mut all = Row::default();
        rows.values().for_each(|row| all.add(row));
        let unsent = driven.unsent.iter().filter(|due| **due >= from);
        unsent
            .clone()
            .for_each(|due| all.record_unsent(driven.sending_ended.saturating_duration_since(*due)));
        Self {
            plan,
            measured: driven.sending_ended.saturating_duration_since(from),
            until_answered: driven.ended.saturating_duration_since(from),
            is_early: driven.is_early,
            unsent: unsent.count() as u64,
            abandoned: driven.abandoned,
            rows,
            all,
        }
    }

    /// Whether nothing went wrong but that the service was too busy for some of it.
    pub fn is_well(&self) -> bool {
        self.all.failed == 0 && self.all.sent() > 0 && (self.abandoned == 0 || self.is_early)
    }

    /// So many in each second that was measured.
    pub fn rate(&self, many: u64) -> f64 {
        per_second(many, self.measured)
    }

    /// So many answers in each second until the last one was there.
    pub fn answered_rate(&self, many: u64) -> f64 {
        per_second(many, self.until_answered)
    }

    /// One object.
    pub fn json(&self) -> Value {
        let methods = self.rows.iter().map(|(call, row)| {
            let mut value = self.row(row);
            value.insert("method".to_owned(), json!(&*call.method));
            value.insert("variant".to_owned(), json!(call.variant));
            value
        });
        let (rate, arrivals) = self.plan.open.clone().unzip();
        json!({
            "workload": self.plan.workload,
            "loop": if self.plan.open.is_some() { "open" } else { "closed" },
            "wantedPerSecond": rate,
            "arrivals": arrivals,
            "atOnce": self.plan.at_once,
            "connections": self.plan.connections,
            "seed": self.plan.seed,
            "warmupSeconds": self.plan.warmup.as_secs_f64(),
            "seconds": self.measured.as_secs_f64(),
            "stoppedEarly": self.is_early,
            "secondsUntilAnswered": self.until_answered.as_secs_f64(),
            "okPerSecond": self.answered_rate(self.all.ok),
            "unsent": self.unsent,
            "abandoned": self.abandoned,
            "all": self.row(&self.all),
            "methods": methods.collect::<Vec<_>>(),
        })
    }

    fn row(&self, row: &Row) -> Map<String, Value> {
        let fields = [
            ("sent", json!(row.sent())),
            ("sentPerSecond", json!(self.rate(row.sent()))),
            ("ok", json!(row.ok)),
            ("shed", json!(row.shed)),
            ("shedWithRetryInfo", json!(row.shed_with_retry_info)),
            ("errors", json!(row.failed)),
            ("codes", json!(row.codes)),
            ("examples", json!(row.examples)),
            ("latencyMs", times(&row.latency)),
            ("okLatencyMs", times(&row.served)),
            ("serviceMs", times(&row.service)),
        ];
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

fn per_second(many: u64, time: Duration) -> f64 {
    if time.is_zero() { 0.0 } else { many as f64 / time.as_secs_f64() }
}

fn times(histogram: &Histogram<u64>) -> Value {
    let mut times: Map<String, Value> = QUANTILES
        .iter()
        .map(|(name, quantile)| ((*name).to_owned(), json!(millis(histogram.value_at_quantile(*quantile)))))
        .collect();
    times.insert("max".to_owned(), json!(millis(histogram.max())));
    times.insert("mean".to_owned(), json!(histogram.mean() / 1000.0));
    Value::Object(times)
}

/// Microseconds as milliseconds.
pub fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::cli::bench::tally::{Fate, Moments, Outcome, Tally};

    /// 2 s, 10 a second wanted: 12 sent of which 8 answered after 3 ms, 2 shed, 2 failed; 4 due in the first second and not sent.
    pub fn report(is_early: bool) -> Report {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let tally = Tally::new(at(500));
        let call = Call { method: "dictum.v1.QuoteService/SearchQuotes".into(), variant: "word" };
        let delete = Call { method: "dictum.v1.DocumentService/DeleteDocument".into(), variant: "" };
        let fates = [
            (8, Fate::Ok, "OK"),
            (1, Fate::Shed { has_retry_info: true }, "UNAVAILABLE"),
            (1, Fate::Shed { has_retry_info: false }, "RESOURCE_EXHAUSTED"),
            (2, Fate::Failed, "INTERNAL"),
        ];
        for (times, fate, code) in fates {
            for _ in 0..times {
                let call = if fate == Fate::Failed { &delete } else { &call };
                let moments = Moments { due: at(600), sent: at(602), ended: at(603) };
                let message = format!("{code} was said");
                tally.record(call, moments, Outcome { fate: fate.clone(), code, message });
            }
        }
        let driven = Driven {
            sending_ended: at(2_500),
            ended: at(4_500),
            is_early,
            // The first two were due in the warm-up.
            unsent: [100, 499, 500, 1_000, 1_000, 1_500].map(at).to_vec(),
            abandoned: 0,
        };
        let plan = Plan {
            workload: "mixed".into(),
            open: Some((10.0, "even".into())),
            at_once: 4,
            connections: 2,
            warmup: Duration::from_millis(500),
            seed: 1,
        };
        Report::new(plan, at(500), &driven, tally.rows())
    }

    #[test]
    fn rates_are_of_the_time_measured_and_what_was_not_sent_counts_in_the_latencies() {
        let report = report(false);
        assert_eq!(
            (report.measured, report.until_answered),
            (Duration::from_secs(2), Duration::from_secs(4))
        );
        assert_eq!((report.rate(report.all.sent()), report.answered_rate(report.all.ok)), (6.0, 2.0));
        assert_eq!((report.unsent, report.all.latency.len(), report.all.sent()), (4, 16, 12));
        // The eldest of them had waited for two seconds.
        assert!((1_990.0..2_010.0).contains(&millis(report.all.latency.max())));
        assert!(millis(report.all.service.max()) < 1.1);
        assert!(!report.is_well());
    }

    #[test]
    fn scripts_get_it_all() {
        let json = report(true).json();
        assert_eq!(json["stoppedEarly"], true);
        assert_eq!(json["wantedPerSecond"], 10.0);
        assert_eq!((&json["all"]["shed"], &json["all"]["shedWithRetryInfo"]), (&json!(2), &json!(1)));
        let [delete, search] = json["methods"].as_array().unwrap().as_slice() else { panic!("{json}") };
        assert_eq!(
            (&delete["errors"], &delete["examples"]["INTERNAL"]),
            (&json!(2), &json!("INTERNAL was said"))
        );
        assert_eq!(search["codes"], json!({"OK": 8, "UNAVAILABLE": 1, "RESOURCE_EXHAUSTED": 1}));
        assert_eq!(search["variant"], "word");
        assert!((2.9..3.1).contains(&search["latencyMs"]["p99.9"].as_f64().unwrap()));
    }
}
