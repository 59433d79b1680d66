//! One line of JSONL input: a document as scripts write it. `dictum analyze --jsonl` and `dictum ingest` read the
//! same lines. Keys that are not known are left alone, so that files with annotations of other tools can be fed in.

use crate::domain::time::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeMap;

/// A document on one line. What is null or empty is absent.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Record {
    /// The caller's id, a string or a number; given back as it came.
    pub id: Option<Value>,
    /// The same, by the name that the service has for it.
    document_id: Option<Value>,
    /// What offsets refer to.
    pub text: String,
    /// Headline.
    #[serde(default, deserialize_with = "given")]
    pub title: Option<String>,
    /// `2025-09-05` or `2025-09-05T10:00:00Z`.
    #[serde(default, deserialize_with = "given")]
    pub published_at: Option<String>,
    /// Outlet or feed.
    #[serde(default, deserialize_with = "given")]
    pub source: Option<String>,
    /// Where the document can be read.
    #[serde(default, deserialize_with = "given")]
    pub url: Option<String>,
    /// `text/html` where the text is a web page.
    #[serde(default, deserialize_with = "given")]
    pub content_type: Option<String>,
    /// BCP-47 tag.
    #[serde(default, deserialize_with = "given")]
    pub language: Option<String>,
    /// The caller's own key-value pairs.
    #[serde(default, deserialize_with = "labels")]
    pub labels: BTreeMap<String, String>,
}

/// A string that says something; null and empty ones are absent.
///
/// # Errors
/// Where it is no string.
pub fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|text| !text.trim().is_empty()))
}

/// Pairs with a value, which may be empty.
fn labels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let labels = Option::<BTreeMap<String, Option<String>>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(labels.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
}

impl Record {
    /// Reads one line.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(line: &str) -> Result<Self, String> {
        let mut record: Self = serde_json::from_str(line).map_err(|error| explain(&error))?;
        record.id = record.id.take().or(record.document_id.take());
        match &record.id {
            None | Some(Value::String(_) | Value::Number(_)) => Ok(record),
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

/// What is wrong with a line of JSON. It has but one line, whose number in the file the caller knows.
pub fn explain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at line ") {
        Some((what, _)) => format!("{what} (column {})", error.column()),
        None => text,
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
        let wrong = Record::parse(r#"{"text": "a", }"#).unwrap_err();
        assert!(wrong.ends_with("(column 15)") && !wrong.contains("line"), "{wrong}");
    }

    #[test]
    fn what_is_null_or_empty_is_absent() {
        let empty = r#"{"id": null, "text": "a", "title": "", "published_at": "", "source": " ", "url": null,
                        "language": "", "labels": null}"#;
        let absent = Record { text: "a".into(), ..Record::default() };
        assert_eq!(Record::parse(empty), Ok(absent));
        let labelled = r#"{"document_id": "d", "text": "a", "labels": {"a": null, "b": ""}}"#;
        let labelled = Record::parse(labelled).unwrap();
        assert_eq!(labelled.id, Some("d".into()));
        assert_eq!(labelled.labels, BTreeMap::from([("b".into(), String::new())]));
        let both = Record::parse(r#"{"document_id": "d", "id": "i", "text": "a"}"#).unwrap();
        assert_eq!(both.id, Some("i".into()));
    }
}
