//! One line of JSONL input: a document as scripts write it. `dictum analyze --jsonl` and `dictum ingest` read the
//! same lines. Keys that are not known are left alone, so that files with annotations of other tools can be fed in.

use crate::domain::time::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A document on one line.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Record {
    /// The caller's id, a string or a number; given back as it came.
    pub id: Option<serde_json::Value>,
    /// What offsets refer to.
    pub text: String,
    /// Headline.
    pub title: Option<String>,
    /// `2025-09-05` or `2025-09-05T10:00:00Z`.
    pub published_at: Option<String>,
    /// Outlet or feed.
    pub source: Option<String>,
    /// Where the document can be read.
    pub url: Option<String>,
    /// BCP-47 tag.
    pub language: Option<String>,
    /// The caller's own key-value pairs.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

impl Record {
    /// Reads one line.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(line: &str) -> Result<Self, String> {
        let record: Self = serde_json::from_str(line).map_err(|error| error.to_string())?;
        match &record.id {
            None | Some(serde_json::Value::String(_) | serde_json::Value::Number(_)) => Ok(record),
            Some(_) => Err("id must be a string or a number".into()),
        }
    }

    /// The publication time.
    ///
    /// # Errors
    /// Where it is given and no time.
    pub fn published(&self) -> Result<Option<Timestamp>, String> {
        self.published_at.as_deref().map(parse_time).transpose()
    }
}

/// Reads `2025-09-05` (midnight, UTC) or RFC 3339.
///
/// # Errors
/// What would have been right.
pub fn parse_time(text: &str) -> Result<Timestamp, String> {
    let time = text.parse::<jiff::Timestamp>().or_else(|error| midnight(text).ok_or(error));
    let time = time.map_err(|_| {
        format!("`{text}` is no time; write 2025-09-05 or 2025-09-05T10:00:00Z (with a zone)")
    })?;
    let nanos = time.as_nanosecond();
    let second = 1_000_000_000;
    Ok(Timestamp {
        // jiff's range, ±9999 years, fits both fields.
        seconds: nanos.div_euclid(second) as i64,
        nanos: nanos.rem_euclid(second) as u32,
    })
}

fn midnight(text: &str) -> Option<jiff::Timestamp> {
    let date: Date = text.parse().ok().filter(|_| text.len() <= "2025-09-05".len())?;
    date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_dates_or_instants_with_a_zone() {
        let at = |seconds, nanos| Ok(Timestamp { seconds, nanos });
        assert_eq!(parse_time("1970-01-02"), at(86_400, 0));
        assert_eq!(parse_time("1970-01-01T00:00:01.5+00:00"), at(1, 500_000_000));
        assert_eq!(parse_time("1969-12-31T23:59:59.5Z"), at(-1, 500_000_000));
        for wrong in ["", "yesterday", "2025-13-01", "2025-09-05T10:00:00"] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_line_needs_a_text_and_may_carry_more_than_we_read() {
        let record = Record::parse(r#"{"id": 7, "text": "a", "quotes": []}"#).unwrap();
        assert_eq!(record.id, Some(7.into()));
        assert!(Record::parse(r#"{"id": "a"}"#).unwrap_err().contains("text"));
        assert!(Record::parse(r#"{"id": [], "text": "a"}"#).unwrap_err().contains("id"));
    }
}
