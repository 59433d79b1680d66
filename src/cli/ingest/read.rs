//! From files to documents, one after the other, in bounded memory. Knows nothing of the service: what is wrong
//! with a document's content is for the service to say, and only what cannot be read at all fails here.

use super::files::{Files, Source};
use super::{Defaults, ReadArgs};
use crate::cli::input::{Input, Piece, Raw, Records, STDIN, Shape, settle};
use crate::transport::to_proto::time::timestamp;
use crate::transport::wire::{Analysis, Document};
use std::collections::HashSet;
use std::io::{self, Read};

/// The media type of a web page.
const PAGE: &str = "text/html";

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
    /// What was assumed of an input.
    Note {
        /// The file.
        place: String,
        /// For people.
        note: String,
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
    /// What was found in it elsewhere; the service analyses what comes without.
    pub analysis: Option<Analysis>,
    /// Its length in the input, in UTF-8.
    pub bytes: u64,
}

/// Reads everything and hands it to `emit`, until that returns false.
pub fn all(files: &Files, args: &ReadArgs, defaults: &Defaults, mut emit: impl FnMut(Found) -> bool) {
    let mut reader = Reader { args, defaults, ids: HashSet::new(), emit: &mut emit };
    for source in &files.sources {
        let go_on = match source {
            Source::Unreadable { path, reason } => reader.failed(path.display(), reason),
            Source::Stdin => {
                let input = Input::stdin(args.encoding);
                reader.input(input, &Place { name: STDIN.into(), shape: None, id: None })
            }
            Source::File { path, shape, id } => {
                let place = Place { name: path.display().to_string(), shape: *shape, id: Some(id) };
                reader.input(Input::file(path, args.encoding), &place)
            }
        };
        if !go_on {
            break;
        }
    }
}

/// An input, as far as its name tells.
struct Place<'a> {
    name: String,
    shape: Option<Shape>,
    /// Of the document, where it is one text.
    id: Option<&'a str>,
}

struct Reader<'a> {
    args: &'a ReadArgs,
    defaults: &'a Defaults,
    /// Ids that names of files have given.
    ids: HashSet<String>,
    emit: &'a mut dyn FnMut(Found) -> bool,
}

impl Reader<'_> {
    fn failed(&mut self, place: impl ToString, reason: impl ToString) -> bool {
        (self.emit)(Found::Failed { place: place.to_string(), reason: reason.to_string() })
    }

    fn note(&mut self, place: &Place<'_>, note: String) -> bool {
        (self.emit)(Found::Note { place: place.name.clone(), note })
    }

    fn input(&mut self, input: io::Result<Input>, place: &Place<'_>) -> bool {
        match self.shaped(input, place.shape) {
            Err(reason) => self.failed(&place.name, reason),
            Ok((input, shape @ (Shape::Text | Shape::Html))) => self.text(input, shape, place),
            Ok((input, Shape::Jsonl)) => self.records(input.lines(), place),
            Ok((input, Shape::Csv)) => self.records(input.rows(self.args.tables), place),
        }
    }

    fn shaped(&self, input: io::Result<Input>, named: Option<Shape>) -> Result<(Input, Shape), String> {
        let mut input = input.map_err(|error| error.to_string())?;
        let shape = match self.args.format {
            Some(shape) => shape,
            None => settle(named, input.begin().map_err(|error| error.to_string())?)?,
        };
        Ok((input, shape))
    }

    fn text(&mut self, input: Input, shape: Shape, place: &Place<'_>) -> bool {
        let id = place.id.unwrap_or_default();
        if !id.is_empty() && !self.ids.insert(id.to_owned()) {
            let reason = format!(
                "another file gives the document id {id} already; name the folder that holds both, and their paths \
                 below it make the ids"
            );
            return self.failed(&place.name, reason);
        }
        let (text, note) = match input.text() {
            Ok(read) => read,
            Err(error) => return self.failed(&place.name, error),
        };
        let item = Item {
            place: place.name.clone(),
            id: id.to_owned(),
            bytes: text.len() as u64,
            document: Document {
                content_type: if shape == Shape::Html { PAGE.to_owned() } else { String::new() },
                ..plain(text, self.defaults)
            },
            analysis: None,
        };
        note.is_none_or(|note| self.note(place, note)) && (self.emit)(Found::Document(Box::new(item)))
    }

    fn records(&mut self, mut records: Records<impl Read>, place: &Place<'_>) -> bool {
        records.all(|piece| match piece {
            Piece::Note(note) => self.note(place, note),
            Piece::Failed { line, reason } => self.failed(format!("{}:{line}", place.name), reason),
            Piece::Record(raw) => self.record(&raw, format!("{}:{}", place.name, raw.line)),
        })
    }

    fn record(&mut self, raw: &Raw, place: String) -> bool {
        match document(raw, self.defaults) {
            Err(reason) => self.failed(place, reason),
            Ok((id, document)) => {
                let item = Item { place, id, document, analysis: None, bytes: raw.text.len() as u64 };
                (self.emit)(Found::Document(Box::new(item)))
            }
        }
    }
}

/// The document of a record, and its id.
///
/// # Errors
/// What is wrong with it, for people.
pub fn document(raw: &Raw, defaults: &Defaults) -> Result<(String, Document), String> {
    let record = raw.parse()?;
    let id = match &record.id {
        Some(serde_json::Value::String(id)) => id.clone(),
        Some(id) => id.to_string(),
        None => String::new(),
    };
    let published = record.published()?;
    let mut document = plain(record.text, defaults);
    document.title = record.title.unwrap_or_default();
    document.url = record.url.unwrap_or_default();
    document.labels.extend(record.labels);
    document.content_type = record.content_type.unwrap_or_default();
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
fn plain(text: String, defaults: &Defaults) -> Document {
    Document {
        text,
        source: defaults.source.clone().unwrap_or_default(),
        language: defaults.language.clone().unwrap_or_default(),
        publish_time: defaults.published_at.map(timestamp),
        labels: defaults.labels.iter().cloned().collect(),
        ..Document::default()
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
        all(&Files::find(&paths), &ReadArgs::default(), defaults, |found| {
            match found {
                Found::Document(item) => all_found.push(Ok(*item)),
                Found::Failed { reason, .. } => all_found.push(Err(reason)),
                Found::Note { .. } => {}
            }
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
    fn a_file_that_is_no_text_fails_with_its_reason_and_the_next_is_read() {
        let files: [(&str, &[u8]); 4] = [
            ("bad.txt", "“Hi”".as_bytes().split_last().unwrap().1),
            ("worse.txt", b"\x89\x81\x01"),
            ("json.txt", b"{\"text\": \"a\"}"),
            ("good.txt", "“Hi”".as_bytes()),
        ];
        let all = found(&files, &Defaults::default());
        let reasons: Vec<_> = all.iter().filter_map(|found| found.as_ref().err()).collect();
        for (reason, said) in reasons.iter().zip(["no UTF-8 at byte 5", "no other encoding", "holds JSON"]) {
            assert!(reason.contains(said), "{reasons:?}");
        }
        assert_eq!(all[3].as_ref().unwrap().id, "good");
    }

    #[test]
    fn two_texts_of_one_name_are_not_one_document() {
        let all = found(
            &[("a.txt", b"one"), ("a.md", b"two"), ("a.jsonl", b"{\"text\": \"three\"}")],
            &Defaults::default(),
        );
        let ok: Vec<_> = all.iter().map(Result::is_ok).collect();
        assert_eq!(ok, [true, false, true]);
    }
}
