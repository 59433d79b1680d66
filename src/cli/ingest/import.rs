//! `dictum import`: documents with analyses that were made elsewhere, in the lines that `dictum export documents --analysis` writes. They go
//! the way of all documents; the service checks what comes with them. A line that is none, or has no analysis, costs itself alone.

use super::files::{Files, Source};
use super::read::{self, Found, Item};
use super::{Defaults, ToArgs, deliver};
use crate::cli::CommandResult;
use crate::cli::input::{EncodingArgs, Input, Piece, Raw, STDIN};
use crate::cli::record::explain;
use crate::transport::json::from_json;
use clap::Args;
use serde::Deserialize;
use serde_json::Value;
use std::io;
use std::path::PathBuf;

/// Flags of `dictum import`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each line is a document as `dictum export documents --format jsonl --analysis` writes it: {\"id\", \
                        \"text\", …, \"analysis\"}. Nothing is analysed; the analysis is checked against the text and \
                        kept as of the analyzer that it names. A document that is stored already in every field keeps \
                        the analysis that it has."
)]
pub struct ImportArgs {
    /// Files, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    to: ToArgs,
}

/// Sends everything and reports. Nothing is analysed, so no analyzer is asked for.
pub fn run(args: ImportArgs) -> CommandResult {
    let files = Files::find(&args.paths);
    deliver(&args.to, "", files, |files, documents| lines(files, |found| documents.send(found)))
}

/// Reads everything and hands it to `emit`, until that returns false.
fn lines(files: &Files, mut emit: impl FnMut(Found) -> bool) {
    for source in &files.sources {
        let (place, input) = match source {
            Source::Stdin => (STDIN.to_owned(), Input::stdin(EncodingArgs::default())),
            Source::File { path, .. } => {
                (path.display().to_string(), Input::file(path, EncodingArgs::default()))
            }
            Source::Unreadable { path, reason } => {
                (path.display().to_string(), Err(io::Error::other(reason.clone())))
            }
        };
        let go_on = match input {
            Err(error) => emit(Found::Failed { place, reason: error.to_string() }),
            Ok(input) => input.lines().all(|piece| emit(found(piece, &place))),
        };
        if !go_on {
            return;
        }
    }
}

fn found(piece: Piece, place: &str) -> Found {
    match piece {
        Piece::Note(note) => Found::Note { place: place.to_owned(), note },
        Piece::Failed { line, reason } => Found::Failed { place: format!("{place}:{line}"), reason },
        Piece::Record(raw) => {
            let place = format!("{place}:{}", raw.line);
            match item(&raw, place.clone()) {
                Ok(item) => Found::Document(Box::new(item)),
                Err(reason) => Found::Failed { place, reason },
            }
        }
    }
}

/// What a line has beside the document.
#[derive(Deserialize)]
struct Made {
    analysis: Option<Value>,
}

fn item(raw: &Raw, place: String) -> Result<Item, String> {
    let (id, document) = read::document(raw, &Defaults::default())?;
    let made: Made = serde_json::from_str(&raw.text).map_err(|error| explain(&error))?;
    let Some(analysis) = made.analysis else {
        return Err("analysis: is missing; `dictum ingest` has documents without one analysed".into());
    };
    let analysis = from_json(analysis).map_err(|error| format!("analysis: {error}"))?;
    Ok(Item { place, id, document, analysis: Some(analysis), bytes: raw.text.len() as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_line_without_an_analysis_or_with_one_that_is_none_costs_itself_alone() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let lines_of = concat!(
            "{\"id\": \"a\", \"text\": \"Hi.\", \"analysis\": {\"language\": \"en\", \"entities\": []}}\n",
            "{\"id\": \"b\", \"text\": \"Hi.\"}\n",
            "{\"id\": \"c\", \"text\": \"Hi.\", \"analysis\": {\"langauge\": \"en\"}}\n",
            "{\"id\": \"d\", \"text\": \"Hi.\", \"analysis\": {\"quotes\": [{\"confidence\": \"much\"}]}}\n",
            "nonsense\n",
        );
        file.write_all(lines_of.as_bytes()).unwrap();
        let mut all = Vec::new();
        lines(&Files::find(&[file.path().to_owned()]), |found| {
            all.push(match found {
                Found::Document(item) => Ok((item.id, item.analysis.unwrap().language)),
                Found::Failed { place, reason } => Err((place, reason)),
                Found::Note { .. } => panic!(),
            });
            true
        });
        assert_eq!(all[0], Ok(("a".into(), "en".into())));
        for (at, (line, said)) in
            [(2, "analysis: is missing"), (3, "langauge"), (4, "analysis: "), (5, "")].iter().enumerate()
        {
            let (place, reason) = all[at + 1].as_ref().unwrap_err();
            assert!(place.ends_with(&format!(":{line}")) && reason.contains(said), "{place}: {reason}");
        }
    }
}
