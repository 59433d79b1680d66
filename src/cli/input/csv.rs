//! Tables: which column holds what, and a row as a record. Knows nothing of where a row begins and ends, which is
//! for `cut` to find. Start at [`Columns::parse`].

use super::cut::DELIMITERS;
use crate::cli::record::Record;
use clap::ValueEnum;
use csv::{ReaderBuilder, StringRecord, Terminator};
use serde_json::Value;
use std::collections::BTreeMap;

/// Before the name of a label.
const LABEL: &str = "labels.";

const KNOWN: &str = "id (or document_id), text, title, published_at, source, url, language, labels (a JSON object) and \
                     labels.KEY";

/// What becomes of columns that no field is named after.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum OtherColumns {
    /// The file is refused, and they are named
    #[default]
    Refuse,
    /// They are left out
    Ignore,
    /// Each becomes a label of its name
    Labels,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Field {
    Id,
    Text,
    Title,
    PublishedAt,
    Source,
    Url,
    Language,
    /// A JSON object.
    Labels,
    Label(String),
    Ignored,
}

/// The first line of a table.
#[derive(Debug, PartialEq, Eq)]
pub struct Columns {
    /// What separates the fields.
    pub delimiter: u8,
    fields: Vec<Field>,
}

impl Columns {
    /// Reads the first line, and finds out what separates the fields: that under which there is a column `text`.
    ///
    /// # Errors
    /// Where there is none, or a column means nothing or the same as another. Names the columns at fault.
    pub fn parse(header: &str, others: OtherColumns) -> Result<Self, String> {
        if header.contains('\r') {
            return Err("has lines that end in a carriage return alone; `tr '\\r' '\\n'` mends that".into());
        }
        let names = |delimiter| fields(header, delimiter);
        let has_text =
            |names: &StringRecord| names.iter().any(|name| field(name.trim()) == Some(Field::Text));
        let delimiter = DELIMITERS.into_iter().find(|delimiter| has_text(&names(*delimiter)));
        let Some(delimiter) = delimiter else {
            let likeliest = DELIMITERS.into_iter().rev().max_by_key(|delimiter| names(*delimiter).len());
            let names = names(likeliest.unwrap_or(b','));
            return Err(format!("has no column `text`; its columns are {}", list(names.iter())));
        };
        let names = names(delimiter);
        let columns =
            Self { delimiter, fields: names.iter().map(|name| column(name.trim(), others)).collect() };
        columns.check(&names, others)
    }

    fn check(self, names: &StringRecord, others: OtherColumns) -> Result<Self, String> {
        let named = || self.fields.iter().zip(names);
        let unknown: Vec<_> =
            named().filter(|(field, _)| **field == Field::Ignored).map(|(_, name)| name).collect();
        if others != OtherColumns::Ignore && !unknown.is_empty() {
            return Err(format!(
                "has columns that mean nothing here: {}; known are {KNOWN}. `--other-columns labels` keeps them as \
                 labels, `--other-columns ignore` leaves them out",
                list(unknown.into_iter())
            ));
        }
        let is_twice =
            |at: usize, field: &Field| *field != Field::Ignored && self.fields[..at].contains(field);
        match named().enumerate().find(|(at, (field, _))| is_twice(*at, field)) {
            Some((_, (_, name))) => Err(format!("has two columns for the same: `{}`", name.trim())),
            None => Ok(self),
        }
    }

    /// A row, without its line end.
    ///
    /// # Errors
    /// Where it has more or fewer fields than there are columns, or its labels are no JSON object.
    pub fn record(&self, row: &str) -> Result<Record, String> {
        let cells = fields(row, self.delimiter);
        let (found, wanted) = (cells.len(), self.fields.len());
        if found != wanted {
            let delimiter = char::from(self.delimiter).escape_default();
            return Err(format!(
                "has {found} fields where the first line has {wanted}; a field that holds `{delimiter}` or a line \
                 break must stand in quotation marks"
            ));
        }
        let mut record = Record::default();
        let mut labels = BTreeMap::new();
        for (field, cell) in self.fields.iter().zip(&cells) {
            let given = Some(cell.trim()).filter(|cell| !cell.is_empty()).map(str::to_owned);
            match field {
                Field::Text => cell.clone_into(&mut record.text),
                Field::Id => record.id = given.map(Value::String),
                Field::Title => record.title = given,
                Field::PublishedAt => record.published_at = given,
                Field::Source => record.source = given,
                Field::Url => record.url = given,
                Field::Language => record.language = given,
                Field::Labels => record.labels = given.map_or(Ok(BTreeMap::new()), |cell| object(&cell))?,
                Field::Label(key) => labels.extend(given.map(|value| (key.clone(), value))),
                Field::Ignored => {}
            }
        }
        record.labels.extend(labels);
        Ok(record)
    }

    /// Whether a row has nothing in any field: spreadsheets leave such ones at the end.
    pub fn is_blank(&self, row: &str) -> bool {
        row.bytes().all(|byte| byte == self.delimiter || byte.is_ascii_whitespace())
    }
}

/// The fields of one row.
fn fields(row: &str, delimiter: u8) -> StringRecord {
    let mut fields = StringRecord::new();
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        // A carriage return inside a field is part of it.
        .terminator(Terminator::Any(b'\n'))
        .buffer_capacity(row.len().clamp(1, 1 << 16))
        .from_reader(row.as_bytes());
    // What is in memory can be read, and what was a string stays one; nothing reads as no fields.
    let _ = reader.read_record(&mut fields);
    fields
}

fn object(cell: &str) -> Result<BTreeMap<String, String>, String> {
    let labels: BTreeMap<String, Option<String>> = serde_json::from_str(cell)
        .map_err(|_| "labels must be a JSON object of strings, such as {\"desk\": \"home\"}")?;
    Ok(labels.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
}

fn column(name: &str, others: OtherColumns) -> Field {
    match field(name) {
        Some(field) => field,
        None if others == OtherColumns::Labels && !name.is_empty() => Field::Label(name.to_owned()),
        None => Field::Ignored,
    }
}

fn field(name: &str) -> Option<Field> {
    match name.to_ascii_lowercase().as_str() {
        "id" | "document_id" => Some(Field::Id),
        "text" => Some(Field::Text),
        "title" => Some(Field::Title),
        "published_at" => Some(Field::PublishedAt),
        "source" => Some(Field::Source),
        "url" => Some(Field::Url),
        "language" => Some(Field::Language),
        "labels" => Some(Field::Labels),
        _ => name.strip_prefix(LABEL).filter(|key| !key.is_empty()).map(|key| Field::Label(key.to_owned())),
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let shown = |name: &str| {
        if name.trim().is_empty() { "one without a name".into() } else { format!("`{}`", name.trim()) }
    };
    names.map(shown).collect::<Vec<String>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_makes_a_column_of_text() {
        for (header, delimiter) in [
            ("id,text", b','),
            ("\u{20}Text ;\"a,b\"", b';'),
            ("published_at\ttext", b'\t'),
            ("\"text\"|id", b'|'),
            ("text", b','),
        ] {
            let columns = Columns::parse(header, OtherColumns::Ignore).unwrap();
            assert_eq!(columns.delimiter, delimiter, "{header}");
        }
    }

    #[test]
    fn a_first_line_that_is_none_is_refused_by_its_columns() {
        for (header, said) in [
            ("id;title;", "`id`, `title`, one without a name"),
            ("id,text,author,section", "`author`, `section`"),
            (",text", "one without a name"),
            ("id,text,Document_ID", "`Document_ID`"),
            ("text\rIt is late.", "carriage return"),
            ("{\"text\": \"a\"}", "no column `text`"),
        ] {
            let error = Columns::parse(header, OtherColumns::Refuse).unwrap_err();
            assert!(error.contains(said), "{header}: {error}");
        }
        assert!(Columns::parse(",text", OtherColumns::Labels).is_err());
        assert!(Columns::parse("a,text,labels.a", OtherColumns::Labels).is_err());
    }

    #[test]
    fn a_row_is_a_record_and_empty_fields_are_absent() {
        let header = "id,text,title,published_at,labels,labels.desk,author";
        let columns = Columns::parse(header, OtherColumns::Labels).unwrap();
        let record = columns
            .record("7,\" a, \"\"b\"\"\r\nc\", T ,,\"{\"\"k\"\": \"\"v\"\", \"\"n\"\": null}\",,Ann")
            .unwrap();
        assert_eq!(record.id, Some("7".into()));
        assert_eq!(record.text, " a, \"b\"\r\nc");
        assert_eq!((record.title.as_deref(), record.published_at), (Some("T"), None));
        assert_eq!(
            record.labels,
            BTreeMap::from([("author", "Ann"), ("k", "v")].map(|(k, v)| (k.into(), v.into())))
        );
        assert!(columns.record("7,a").unwrap_err().contains("has 2 fields where the first line has 7"));
        assert!(columns.record("7,a,,,x,,").unwrap_err().contains("labels must be"));
        assert!(columns.is_blank(",,,, ,,") && !columns.is_blank(",a,,,,,"));
    }
}
