//! Points in time and lengths of it.

use crate::domain::time::Timestamp;
use std::time::Duration;

/// A point in time.
pub fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    // Nanoseconds stay below 1e9 and so inside an i32.
    prost_types::Timestamp { seconds: time.seconds, nanos: time.nanos as i32 }
}

/// A length of time; beyond what the wire can say, the longest that it can.
pub fn duration(duration: Duration) -> prost_types::Duration {
    prost_types::Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: duration.subsec_nanos() as i32,
    }
}
