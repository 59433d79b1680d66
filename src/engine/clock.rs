//! The one place where the engine reads the wall clock.

use crate::domain::time::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// The time now. A clock set before 1970 reads as 1970: ingest times order nothing that must be right.
pub(super) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp { seconds: since.as_secs().cast_signed(), nanos: since.subsec_nanos() }
}
