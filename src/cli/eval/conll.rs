//! Names in CoNLL columns: one token a line, its BIO tag in the last column, a blank line after each sentence and
//! `-DOCSTART-` before each document. Texts are made of the tokens, so that given tokens are what is scored. Tags of
//! CoNLL-2003 (PER, ORG, LOC, MISC) are answered by a layer of the encoder that was trained on that scheme.

use super::entities::Name;
use super::gold::{Document, Mention};
use crate::analysis::encoder::Encoder;
use crate::analysis::signals::Layout;
use crate::cli::input::{EncodingArgs, Input, say};
use crate::domain::annotation::AnalyzerName;
use anyhow::{Context, Result};
use std::path::Path;

const TYPES: [&str; 4] = ["PER", "ORG", "LOC", "MISC"];

/// Reads a file of columns.
///
/// # Errors
/// Where it cannot be read.
pub fn read(path: &Path, encoding: EncodingArgs) -> Result<Vec<Document>> {
    let place = path.display().to_string();
    let (columns, note) = Input::file(path, encoding).and_then(Input::text).with_context(|| place.clone())?;
    note.inspect(|note| say(&place, note));
    let mut documents = Vec::new();
    let mut open = Tokens::default();
    for line in columns.lines() {
        let mut cells = line.split_whitespace();
        match (cells.next(), cells.next_back()) {
            (Some("-DOCSTART-"), _) => documents.extend(std::mem::take(&mut open).document()),
            (Some(token), tag) => open.push(token, tag.unwrap_or("O")),
            (None, _) => open.end_sentence(),
        }
    }
    documents.extend(open.document());
    Ok(documents)
}

/// Whether all tags are those of CoNLL-2003.
pub fn has_own_types(documents: &[Document]) -> bool {
    let mut mentions = documents.iter().flat_map(|document| &document.mentions);
    mentions.all(|mention| TYPES.contains(&mention.entity_type.as_str()))
}

/// What the encoder's own layer for these types finds.
pub fn found(documents: &[Document], analyzer: AnalyzerName) -> Result<Vec<Vec<Name>>> {
    let encoder = Encoder::embedded(analyzer).context("loading the model")?;
    Ok(documents.iter().map(|document| names(&encoder, document)).collect())
}

fn names(encoder: &Encoder, document: &Document) -> Vec<Name> {
    let layout = Layout::new(&document.text);
    let at = super::span::CodePoints::new(document);
    let tagged = encoder.conll_names(&layout).into_iter();
    tagged.map(|(words, label)| (at.span(layout.span_of(&words)), label.to_owned())).collect()
}

/// The text of a document under construction.
#[derive(Default)]
struct Tokens {
    text: String,
    /// Length of the text in code points.
    length: usize,
    mentions: Vec<Mention>,
    /// Whether the last mention may go on.
    is_open: bool,
}

impl Tokens {
    fn push(&mut self, token: &str, tag: &str) {
        if !(self.text.is_empty() || self.text.ends_with('\n')) {
            self.append(" ");
        }
        let begin = self.length;
        self.append(token);
        let (position, kind) = tag.split_once('-').unwrap_or((tag, ""));
        let last = self.mentions.last_mut().filter(|last| self.is_open && last.entity_type == kind);
        match (position, last) {
            ("I", Some(open)) => open.end = self.length,
            ("B" | "I", _) => {
                self.mentions.push(Mention { begin, end: self.length, entity_type: kind.into() })
            }
            _ => {}
        }
        self.is_open = position != "O";
    }

    fn append(&mut self, text: &str) {
        self.text.push_str(text);
        self.length += text.chars().count();
    }

    fn end_sentence(&mut self) {
        self.is_open = false;
        if !(self.text.is_empty() || self.text.ends_with('\n')) {
            self.append("\n");
        }
    }

    fn document(mut self) -> Option<Document> {
        let kept = self.text.trim_end().len();
        self.text.truncate(kept);
        (!self.text.is_empty()).then(|| Document { mentions: self.mentions, ..Document::new(self.text) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_texts_with_mentions() {
        let columns = "-DOCSTART- O\n\nAnna B-PER\nKøhl I-PER\nB-PER B-PER\n\nin O\nRome B-LOC\n\n-DOCSTART- O\n\nx O\n";
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gold.conll");
        std::fs::write(&path, columns).unwrap();
        let documents = read(&path, EncodingArgs::default()).unwrap();
        assert_eq!(
            documents.iter().map(|d| d.text.as_str()).collect::<Vec<_>>(),
            ["Anna Køhl B-PER\nin Rome", "x"]
        );
        let spans: Vec<_> =
            documents[0].mentions.iter().map(|m| (m.begin, m.end, m.entity_type.as_str())).collect();
        assert_eq!(spans, [(0, 9, "PER"), (10, 15, "PER"), (19, 23, "LOC")]);
        assert!(has_own_types(&documents));
    }
}
