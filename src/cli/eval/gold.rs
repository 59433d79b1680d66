//! Gold annotations: one JSON object a line. Offsets in them are code points, half open.

use super::span::Span;
use crate::cli::input::{EncodingArgs, Input, Piece, say};
use crate::cli::record::{explain, given};
use anyhow::{Context, Result, anyhow};
use serde::{Deserialize, Deserializer};
use std::collections::HashMap;
use std::path::Path;

/// An annotated document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What is analysed.
    pub text: String,
    /// The text by code points, which gold offsets count.
    pub chars: Vec<char>,
    /// Who said what.
    pub attributions: Vec<Attribution>,
    /// Parts of the text that are not annotated: what lies mostly in one counts nowhere.
    pub skip: Vec<Span>,
    /// Names.
    pub mentions: Vec<Mention>,
}

/// One attribution. Absent roles are empty.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Attribution {
    /// What is said, in pieces.
    #[serde(default, deserialize_with = "absent")]
    pub content: Vec<Span>,
    /// What signals it, in pieces.
    #[serde(default, deserialize_with = "absent")]
    pub cue: Vec<Span>,
    /// Who says it, in pieces.
    #[serde(default, deserialize_with = "absent")]
    pub source: Vec<Span>,
    /// "direct", "indirect" or "mixed".
    #[serde(rename = "type", default, deserialize_with = "given")]
    pub quote_type: Option<String>,
    /// Whom the source resolves to, where that is annotated.
    pub speaker: Option<Speaker>,
}

/// Whom a source resolves to.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Speaker {
    /// The longest name in the document; absent for a speaker without one.
    #[serde(default, deserialize_with = "given")]
    pub name: Option<String>,
}

/// A name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Mention {
    /// First code point.
    pub begin: usize,
    /// One past the last.
    pub end: usize,
    /// A type of the service (`PERSON`) or of the corpus at hand (`Person`).
    #[serde(rename = "type")]
    pub entity_type: String,
}

#[derive(Deserialize)]
struct Line {
    id: serde_json::Value,
    #[serde(default, deserialize_with = "given")]
    text: Option<String>,
    #[serde(default, deserialize_with = "absent")]
    attributions: Vec<Attribution>,
    #[serde(default, deserialize_with = "absent")]
    skip: Vec<Span>,
    #[serde(default, deserialize_with = "absent")]
    mentions: Vec<Mention>,
}

impl Document {
    /// A document without annotations.
    pub fn new(text: String) -> Self {
        let chars = text.chars().collect();
        Self { text, chars, attributions: Vec::new(), skip: Vec::new(), mentions: Vec::new() }
    }
}

/// Reads a file of annotated documents. Texts that it lacks come from `texts`.
///
/// # Errors
/// Where a file cannot be read or a line is none, with its number; and where a document has no text.
pub fn read(path: &Path, texts: Option<&Path>, encoding: EncodingArgs) -> Result<Vec<Document>> {
    let texts: HashMap<String, String> = match texts {
        Some(path) => {
            lines(path, encoding)?.into_iter().filter_map(|line| Some((id(&line.id), line.text?))).collect()
        }
        None => HashMap::new(),
    };
    let document = |line: Line| {
        let text = line.text.or_else(|| texts.get(&id(&line.id)).cloned());
        let text = text.ok_or_else(|| anyhow!("document {} has no text; give it with --text", line.id))?;
        let Line { attributions, skip, mentions, .. } = line;
        Ok(Document { attributions, skip, mentions, ..Document::new(text) })
    };
    lines(path, encoding)?.into_iter().map(document).collect()
}

fn id(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn lines(path: &Path, encoding: EncodingArgs) -> Result<Vec<Line>> {
    let place = path.display();
    let input = Input::file(path, encoding).with_context(|| place.to_string())?;
    let mut lines = Vec::new();
    for piece in input.lines() {
        match piece {
            Piece::Record(raw) => {
                let parsed = serde_json::from_str(&raw.text).map_err(|error| anyhow!(explain(&error)));
                lines.push(parsed.with_context(|| format!("{place}, line {}", raw.line))?);
            }
            Piece::Failed { line, reason } => return Err(anyhow!("{place}, line {line}: {reason}")),
            Piece::Note(note) => say(&place.to_string(), &note),
        }
    }
    Ok(lines)
}

/// What is null is absent.
fn absent<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
