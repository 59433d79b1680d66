//! What is exported as rows: columns that stay the same, cells that are a text, a number, a time or nothing, and how a row is written in
//! CSV. Parquet gets the same rows, by way of one JSON array a line.

use crate::cli::CliError;
use serde_json::Value;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8.
    Text,
    /// A whole number.
    Integer,
    /// A number between 0 and 1.
    Real,
    /// Microseconds since 1970, in UTC.
    Time,
}

/// Columns by name.
pub type Columns = &'static [(&'static str, Kind)];

/// A cell for each column; null where there is nothing.
pub type Row = Vec<Value>;

/// A text; nothing where it is empty.
pub fn text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

/// The number that the digits of a `float` say, rather than the double next to it.
pub fn real(value: f32) -> Value {
    value.to_string().parse::<f64>().map_or(Value::Null, Value::from)
}

/// A time.
pub fn time(time: Option<&prost_types::Timestamp>) -> Value {
    let micros = time.map(|time| time.seconds.saturating_mul(1_000_000) + i64::from(time.nanos / 1_000));
    micros.map_or(Value::Null, Value::from)
}

/// A time as lines have it: RFC 3339.
pub fn rfc3339(time: Option<&prost_types::Timestamp>) -> String {
    let time = time.and_then(|time| jiff::Timestamp::new(time.seconds, time.nanos).ok());
    time.map(|time| time.to_string()).unwrap_or_default()
}

/// The name of an enum value without its prefix; nothing where it says nothing.
pub fn short(name: &str, prefix: &str) -> Value {
    match name.strip_prefix(prefix).unwrap_or(name) {
        "UNSPECIFIED" => Value::Null,
        short => short.into(),
    }
}

/// The first line of a CSV file.
pub fn heading(columns: Columns) -> Result<Vec<u8>, CliError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|(name, _)| name))?;
    Ok(writer.into_inner().map_err(|error| error.into_error())?)
}

/// A row of a CSV file.
pub fn csv_row(
    columns: Columns,
    row: &Row,
    escape_formulas: bool,
    out: &mut Vec<u8>,
) -> Result<(), CliError> {
    let mut writer = csv::Writer::from_writer(out);
    for ((_, kind), cell) in columns.iter().zip(row) {
        let written = match (kind, cell) {
            (_, Value::Null) => String::new(),
            (Kind::Time, cell) => cell.as_i64().map(of_micros).unwrap_or_default(),
            (Kind::Text, Value::String(text)) if escape_formulas => escaped(text),
            (_, Value::String(text)) => text.clone(),
            (_, number) => number.to_string(),
        };
        writer.write_field(written)?;
    }
    writer.write_record(None::<&[u8]>)?;
    Ok(writer.flush()?)
}

fn of_micros(micros: i64) -> String {
    jiff::Timestamp::from_microsecond(micros).map(|time| time.to_string()).unwrap_or_default()
}

/// A cell that no spreadsheet takes for a formula.
fn escaped(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_formulas_are_disarmed_on_request() {
        const COLUMNS: Columns = &[
            ("a", Kind::Text),
            ("b", Kind::Real),
            ("c", Kind::Time),
            ("d", Kind::Integer),
            ("e", Kind::Text),
        ];
        let row = vec![json!("=1+\"x\",\ny"), real(0.9), json!(1_500_000), json!(7), Value::Null];
        let mut out = heading(COLUMNS).unwrap();
        csv_row(COLUMNS, &row, false, &mut out).unwrap();
        csv_row(COLUMNS, &row, true, &mut out).unwrap();
        let written = String::from_utf8(out).unwrap();
        let rest = "1+\"\"x\"\",\ny\",0.9,1970-01-01T00:00:01.5Z,7,\n";
        assert_eq!(written, format!("a,b,c,d,e\n\"={rest}\"'={rest}"));
    }
}
