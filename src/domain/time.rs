//! Points in time and ranges of them, as plain numbers. Calendars live where dates are parsed or shown.

use serde::{Deserialize, Serialize};

/// Seconds and nanoseconds since the Unix epoch, UTC. Ordered by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp {
    /// Whole seconds; negative before 1970.
    pub seconds: i64,
    /// 0 to 999,999,999, counted forward from `seconds`.
    pub nanos: u32,
}

/// A half-open range of time; an absent end is unbounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimeRange {
    /// First instant inside.
    pub from: Option<Timestamp>,
    /// First instant after the range.
    pub until: Option<Timestamp>,
}
