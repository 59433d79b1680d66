//! What an input holds: one text, JSON lines, or a table. The name says it, or the first characters do; where the two
//! contradict each other nobody guesses, since a text that is made of records would look like success.

use clap::ValueEnum;
use std::path::Path;

/// What an input holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// One text
    Text,
    /// One JSON object a line
    Jsonl,
    /// A table whose first line names the columns
    Csv,
    /// A web page that holds an article
    Html,
}

/// What a file's extension says, in capitals or not.
pub fn of_name(path: &Path) -> Option<Shape> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "txt" => Some(Shape::Text),
        "jsonl" | "ndjson" => Some(Shape::Jsonl),
        "csv" | "tsv" => Some(Shape::Csv),
        "html" | "htm" | "xhtml" => Some(Shape::Html),
        _ => None,
    }
}

/// What the name says, or where it says nothing, the first characters.
///
/// # Errors
/// Where what is called a text holds JSON, or JSON that is not in lines. Says what to do.
pub fn settle(named: Option<Shape>, begin: &[u8]) -> Result<Shape, String> {
    match (named, Opening::of(begin)) {
        (Some(Shape::Csv | Shape::Jsonl | Shape::Html), _) => Ok(named.unwrap_or(Shape::Jsonl)),
        (_, Opening::Array) => Err(format!("holds JSON in an array: {NOT_IN_LINES}")),
        (Some(Shape::Text), Opening::Object) => Err(format!("holds JSON and not one text: {SAY_SO}")),
        (None, Opening::Object | Opening::Brace) => Ok(Shape::Jsonl),
        _ => Ok(Shape::Text),
    }
}

/// What to do where a text holds JSON.
const SAY_SO: &str = "call it .jsonl, or say what it is with --format";

/// A byte order mark. Files that were joined have them in the middle too.
pub const MARK: char = '\u{feff}';

/// How JSON that spreads over lines becomes JSON lines.
pub const NOT_IN_LINES: &str = "what is read is one object a line, as `jq -c '.[]?, objects'` writes it";

/// The first two characters that are no space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    /// `{"` or `{}`.
    Object,
    /// `{` and something that no JSON has there.
    Brace,
    /// `[{`.
    Array,
    Other,
}

impl Opening {
    fn of(begin: &[u8]) -> Self {
        let mut characters = characters(begin);
        match (characters.next(), characters.next()) {
            (Some(b'{'), Some(b'"' | b'}')) => Self::Object,
            (Some(b'{'), _) => Self::Brace,
            (Some(b'['), Some(b'{')) => Self::Array,
            _ => Self::Other,
        }
    }
}

/// Whether there is enough of an input to tell how it opens.
pub fn is_told(begin: &[u8]) -> bool {
    characters(begin).nth(1).is_some()
}

fn characters(mut begin: &[u8]) -> impl Iterator<Item = u8> {
    let mut mark = [0; 3];
    let mark = MARK.encode_utf8(&mut mark).as_bytes();
    while let Some(rest) = begin.strip_prefix(mark) {
        begin = rest;
    }
    begin.iter().copied().filter(|byte| !byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_first_and_contents_must_not_contradict_them() {
        let settled = |name: &str, begin: &str| settle(of_name(Path::new(name)), begin.as_bytes()).ok();
        for (name, begin, shape) in [
            ("a.TXT", "It is late.", Some(Shape::Text)),
            ("a.txt", "{{Infobox}}", Some(Shape::Text)),
            ("a.txt", "[Update] It is late.", Some(Shape::Text)),
            ("a.txt", " \n{\"text\": \"a\"}", None),
            ("a.txt", "[\n  {\"text\": \"a\"}]", None),
            ("a.jsonl", "nonsense", Some(Shape::Jsonl)),
            ("a.tsv", "{", Some(Shape::Csv)),
            ("a", "\u{feff}\u{feff} {'text': 'a'}", Some(Shape::Jsonl)),
            ("a.json", "[{\"text\": \"a\"}]", None),
            ("a", "", Some(Shape::Text)),
            ("a.HTM", "[{\"a\": 1}]", Some(Shape::Html)),
        ] {
            assert_eq!(settled(name, begin), shape, "{name}: {begin}");
        }
    }
}
