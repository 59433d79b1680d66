//! How much a caller may use, as it is written in the file of keys and in the configuration. What is left out is not
//! limited. What has been used is counted in `quotas`.

use serde::{Deserialize, Serialize};

/// Longest time that an empty bucket of requests may take to fill, in seconds. A count that has been left alone for
/// longer is as good as new, so it need not be kept.
pub(super) const MAX_FILL_SECONDS: u32 = 60;

/// The limits of one caller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Calls a second, on average.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<u32>,
    /// Calls at once after a pause; as many as `requests_per_second` where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_burst: Option<u32>,
    /// Bytes of messages a minute, on average, and at once after a pause. A longer message never goes through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_per_minute: Option<u64>,
    /// Analyses under way at once; 0 allows none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analyses: Option<u32>,
    /// Documents stored in what the caller writes to; 0 allows none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documents: Option<u64>,
}

/// A limit that cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} {reason}")]
pub struct LimitFault {
    /// Which limit, as it is written.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Limits {
    /// Checks the limits against each other.
    pub fn check(&self) -> Result<(), LimitFault> {
        let fault = |field, reason| Err(LimitFault { field, reason });
        if self.requests_per_second == Some(0) {
            return fault("requests_per_second", "must be at least 1; to shut a key out, revoke it");
        }
        if self.bytes_per_minute == Some(0) {
            return fault("bytes_per_minute", "must be at least 1; to shut a key out, revoke it");
        }
        match (self.request_burst, self.requests_per_second) {
            (Some(0), _) => fault("request_burst", "must be at least 1"),
            (Some(_), None) => fault("request_burst", "says nothing without requests_per_second"),
            (Some(burst), Some(rate)) if burst > rate.saturating_mul(MAX_FILL_SECONDS) => {
                fault("request_burst", "must be at most 60 times requests_per_second")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_cannot_be_kept_are_refused_by_name() {
        for (text, field) in [
            ("requests_per_second = 0", "requests_per_second"),
            ("bytes_per_minute = 0", "bytes_per_minute"),
            ("request_burst = 5", "request_burst"),
            ("requests_per_second = 1\nrequest_burst = 0", "request_burst"),
            ("requests_per_second = 1\nrequest_burst = 61", "request_burst"),
        ] {
            let limits: Limits = toml::from_str(text).unwrap();
            assert_eq!(limits.check().unwrap_err().field, field, "{text}");
        }
        let limits: Limits =
            toml::from_str("requests_per_second = 1\nrequest_burst = 60\nanalyses = 0").unwrap();
        assert_eq!(limits.check(), Ok(()));
        assert!(toml::from_str::<Limits>("requests = 1").unwrap_err().to_string().contains("`requests`"));
    }
}
