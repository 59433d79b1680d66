//! Points in time and ranges of them, within what protobuf allows: years 1 to 9999.

use super::Violations;
use crate::domain::time::{TimeRange, Timestamp};
use crate::transport::wire;

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
