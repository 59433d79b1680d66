//! Points in time, ranges and spans of it, within what protobuf allows: years 1 to 9999.

use super::Violations;
use crate::domain::time::{TimeRange, Timestamp};
use crate::transport::wire;
use std::time::Duration;

const YEAR_1: i64 = -62_135_596_800;
const YEAR_10000: i64 = 253_402_300_800;

/// A point in time that may be absent.
pub fn timestamp(
    violations: &mut Violations,
    field: &str,
    time: Option<prost_types::Timestamp>,
) -> Option<Timestamp> {
    let time = time?;
    match u32::try_from(time.nanos) {
        Ok(nanos) if nanos < 1_000_000_000 && (YEAR_1..YEAR_10000).contains(&time.seconds) => {
            Some(Timestamp { seconds: time.seconds, nanos })
        }
        _ => {
            violations.add(field, "must lie in the years 1 to 9999, with nanos from 0 to 999999999");
            None
        }
    }
}

/// A range whose ends may be absent.
pub fn range(violations: &mut Violations, field: &str, range: Option<wire::TimeRange>) -> TimeRange {
    let Some(range) = range else { return TimeRange::default() };
    let from = timestamp(violations, &format!("{field}.start_time"), range.start_time);
    let until = timestamp(violations, &format!("{field}.end_time"), range.end_time);
    if let (Some(from), Some(until)) = (from, until) {
        violations.require(from <= until, field, "must not end before it starts");
    }
    TimeRange { from, until }
}

/// Most seconds of a duration, as its definition has it: some 10,000 years.
const MOST_SECONDS: u64 = 315_576_000_000;

/// A span of time, as long as its definition allows.
pub fn duration(duration: prost_types::Duration) -> Result<Duration, &'static str> {
    let prost_types::Duration { seconds, nanos } = duration;
    let negative = seconds < 0 || nanos < 0;
    match (u64::try_from(seconds), u32::try_from(nanos)) {
        (Ok(seconds @ 0..=MOST_SECONDS), Ok(nanos @ 0..=999_999_999)) => Ok(Duration::new(seconds, nanos)),
        _ if negative => Err("must not be negative"),
        _ => Err("must have at most 315576000000 seconds and 999999999 nanos"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_what_their_definition_says() {
        let of = |seconds, nanos| duration(prost_types::Duration { seconds, nanos });
        assert_eq!(of(1, 5), Ok(Duration::new(1, 5)));
        for (seconds, nanos) in [(-1, 0), (0, -1), (1, -5), (-1, 5), (0, 1_000_000_000), (1 << 62, 0)] {
            assert!(of(seconds, nanos).is_err(), "{seconds} {nanos}");
        }
    }
}
