//! From files to documents, one after the other, in bounded memory. Knows nothing of the service: what is wrong
//! with a document's content is for the service to say, and only what cannot be read at all fails here.

use super::Defaults;
use super::files::{Files, Form, Source};
use crate::cli::record::Record;
use crate::transport::to_proto::time::timestamp;
use crate::transport::wire::Document;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

/// What was found at a place.
#[derive(Debug)]
pub enum Found {
    /// A document to send.
    Document(Box<Item>),
    /// Something that is no document, and why.
    Failed {
        /// File, or file and line.
        place: String,
        /// For people.
        reason: String,
    },
}

/// A document to send.
#[derive(Debug, Clone)]
pub struct Item {
    /// File, or file and line, for reports.
    pub place: String,
    /// The id; empty where the service derives it from the content.
    pub id: String,
    /// The content.
    pub document: Document,
    /// Bytes of input that it took.
    pub bytes: u64,
}

/// Reads everything and hands it to `emit`, until that returns false.
pub fn all(files: &Files, defaults: &Defaults, mut emit: impl FnMut(Found) -> bool) {
    for source in &files.sources {
        let mut reader = Reader { defaults, emit: &mut emit };
        let go_on = match source {
            Source::Unreadable { path, reason } => reader.failed(&path.display().to_string(), reason),
            Source::Stdin => reader.stdin(),
            Source::File { path, form, id } => {
                let place = path.display().to_string();
                match File::open(path) {
                    Err(error) => reader.failed(&place, error),
                    Ok(file) => match form {
                        Form::Text => reader.text(file, &place, id),
                        Form::Lines => reader.lines(BufReader::with_capacity(1 << 16, file), &place),
                    },
                }
            }
        };
        if !go_on {
            break;
        }
    }
}

struct Reader<'a> {
    defaults: &'a Defaults,
    emit: &'a mut dyn FnMut(Found) -> bool,
}

impl Reader<'_> {
    fn failed(&mut self, place: &str, reason: impl ToString) -> bool {
        (self.emit)(Found::Failed { place: place.to_owned(), reason: reason.to_string() })
    }

    fn stdin(&mut self) -> bool {
        const PLACE: &str = "standard input";
        let mut input = BufReader::with_capacity(1 << 16, io::stdin());
        let begins = match input.fill_buf() {
            Ok(bytes) => bytes.trim_ascii_start().first().copied(),
            Err(error) => return self.failed(PLACE, error),
        };
        if begins == Some(b'{') { self.lines(input, PLACE) } else { self.text(input, PLACE, "") }
    }

    fn text(&mut self, mut input: impl Read, place: &str, id: &str) -> bool {
        let mut bytes = Vec::new();
        if let Err(error) = input.read_to_end(&mut bytes) {
            return self.failed(place, error);
        }
        match String::from_utf8(bytes) {
            Err(error) => self.failed(place, format!("is no UTF-8: {}", error.utf8_error())),
            Ok(text) => {
                let item = Item {
                    place: place.to_owned(),
                    id: id.to_owned(),
                    bytes: text.len() as u64,
                    document: self.plain(text),
                };
                (self.emit)(Found::Document(Box::new(item)))
            }
        }
    }

    fn lines(&mut self, mut input: impl BufRead, place: &str) -> bool {
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let place = format!("{place}:{number}");
            let go_on = match input.read_until(b'\n', &mut line) {
                Ok(0) => break,
                Ok(_) if line.trim_ascii().is_empty() => true,
                Ok(_) => match self.record(&line) {
                    Ok((id, document)) => {
                        let item = Item { place, id, document, bytes: line.len() as u64 };
                        (self.emit)(Found::Document(Box::new(item)))
                    }
                    Err(reason) => self.failed(&place, reason),
                },
                // The place of what follows is lost with the line.
                Err(error) => return self.failed(&place, error),
            };
            if !go_on {
                return false;
            }
        }
        true
    }

    fn record(&self, line: &[u8]) -> Result<(String, Document), String> {
        let line = std::str::from_utf8(line).map_err(|error| format!("is no UTF-8: {error}"))?;
        let record = Record::parse(line)?;
        let id = match &record.id {
            Some(serde_json::Value::String(id)) => id.clone(),
            Some(id) => id.to_string(),
            None => String::new(),
        };
        let published = record.published()?;
        let mut document = self.plain(record.text);
        document.title = record.title.unwrap_or_default();
        document.url = record.url.unwrap_or_default();
        document.labels.extend(record.labels);
        if let Some(time) = published {
            document.publish_time = Some(timestamp(time));
        }
        if let Some(source) = record.source {
            document.source = source;
        }
        if let Some(language) = record.language {
            document.language = language;
        }
        Ok((id, document))
    }

    /// A document that says nothing of itself.
    fn plain(&self, text: String) -> Document {
        let defaults = self.defaults;
        Document {
            text,
            source: defaults.source.clone().unwrap_or_default(),
            language: defaults.language.clone().unwrap_or_default(),
            publish_time: defaults.published_at.map(timestamp),
            labels: defaults.labels.iter().cloned().collect(),
            ..Document::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn found(files: &[(&str, &[u8])], defaults: &Defaults) -> Vec<Result<Item, String>> {
        let dir = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = files.iter().map(|(name, _)| dir.path().join(name)).collect();
        for (path, (_, bytes)) in paths.iter().zip(files) {
            std::fs::write(path, bytes).unwrap();
        }
        let mut all_found = Vec::new();
        all(&Files::find(&paths), defaults, |found| {
            all_found.push(match found {
                Found::Document(item) => Ok(*item),
                Found::Failed { reason, .. } => Err(reason),
            });
            true
        });
        all_found
    }

    #[test]
    fn a_line_says_more_than_the_defaults_and_a_bad_one_costs_itself_alone() {
        let lines = br#"{"text": "a", "id": 7, "source": "Wire", "labels": {"k": "line"}}
nonsense

{"text": "b", "published_at": "not a time"}
{"text": "c"}"#;
        let defaults = Defaults {
            source: Some("Feed".into()),
            labels: vec![("k".into(), "flag".into()), ("j".into(), "flag".into())],
            ..Defaults::default()
        };
        let all = found(&[("x.jsonl", lines)], &defaults);
        let ok: Vec<_> = all.iter().map(Result::is_ok).collect();
        assert_eq!(ok, [true, false, false, true]);
        let first = all[0].as_ref().unwrap();
        assert_eq!((&*first.id, &*first.document.source), ("7", "Wire"));
        assert_eq!(first.document.labels["k"], "line");
        assert_eq!(first.document.labels["j"], "flag");
        let last = all[3].as_ref().unwrap();
        assert_eq!((&*last.id, &*last.document.source), ("", "Feed"));
        assert!(last.place.ends_with("x.jsonl:5"), "{}", last.place);
    }

    #[test]
    fn a_file_that_is_no_utf8_fails_with_its_reason_and_the_next_is_read() {
        let all = found(&[("bad.txt", b"\xff\xfe"), ("good.txt", "“Hi”".as_bytes())], &Defaults::default());
        assert!(all[0].as_ref().unwrap_err().contains("UTF-8"));
        assert_eq!(all[1].as_ref().unwrap().id, "good");
    }
}
