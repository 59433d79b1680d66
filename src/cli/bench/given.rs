//! Requests that the user wrote: one JSON object a line, the method and the request in the proto3 JSON mapping. All of them are read before
//! the first is sent, and a line that is none ends the run before it begins. Start at [`read`].

use super::send::Prepared;
use super::tally::Call;
use crate::cli::CliError;
use crate::cli::input::{EncodingArgs, Input, Piece, Raw, STDIN, say};
use crate::cli::record::explain;
use crate::transport::json::encode_request;
use anyhow::anyhow;
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

/// The most bytes of requests that are held.
const MOST_BYTES: usize = 256 << 20;

/// A line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    method: String,
    #[serde(default)]
    request: Option<Value>,
}

/// The requests of a file, or of standard input where it is `-`, in their order; at least one.
///
/// # Errors
/// What is wrong with the file, and in which line.
pub fn read(path: &Path) -> Result<Vec<Prepared>, CliError> {
    let is_stdin = path == Path::new("-");
    let place = if is_stdin { STDIN.to_owned() } else { path.display().to_string() };
    let wrong = |line: u64, reason: &str| CliError::usage(anyhow!("{place}:{line}: {reason}"));
    let encoding = EncodingArgs::default();
    let input = if is_stdin { Input::stdin(encoding) } else { Input::file(path, encoding) };
    let input = input.map_err(|error| CliError::usage(anyhow!("{place}: {error}")))?;
    let (mut requests, mut bytes) = (Vec::new(), 0);
    for piece in input.lines() {
        match piece {
            Piece::Note(note) => say(&place, &note),
            Piece::Failed { line, reason } => return Err(wrong(line, &reason)),
            Piece::Record(raw) => {
                let request = request(&raw).map_err(|reason| wrong(raw.line, &reason))?;
                bytes += request.message.len();
                if bytes > MOST_BYTES {
                    return Err(wrong(raw.line, &format!("more than {MOST_BYTES} bytes of requests")));
                }
                requests.push(request);
            }
        }
    }
    match requests.is_empty() {
        true => Err(CliError::usage(anyhow!("{place}: holds no request"))),
        false => Ok(requests),
    }
}

fn request(raw: &Raw) -> Result<Prepared, String> {
    let line: Line = serde_json::from_str(&raw.text).map_err(|error| {
        format!(
            "{}; a line is {{\"method\": \"dictum.v1.QuoteService/SearchQuotes\", \"request\": {{…}}}}",
            explain(&error)
        )
    })?;
    let method = line.method.trim_start_matches('/');
    let request = line.request.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    let message = encode_request(method, request).map_err(|error| error.to_string())?;
    Ok(Prepared { call: Call { method: method.into(), variant: "" }, message: message.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn read_text(text: &str) -> Result<Vec<Prepared>, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        read(file.path()).map_err(|error| {
            assert!(matches!(error, CliError::Usage(_)), "{error}");
            error.to_string()
        })
    }

    #[test]
    fn requests_come_in_their_order() {
        let all = read_text(
            "{\"method\": \"dictum.v1.QuoteService/SearchQuotes\", \"request\": {\"pageSize\": 3}}\n\n\
             {\"method\": \"/dictum.v1.CollectionService/ListCollections\"}\n",
        )
        .unwrap();
        let methods: Vec<&str> = all.iter().map(|one| &*one.call.method).collect();
        assert_eq!(
            methods,
            ["dictum.v1.QuoteService/SearchQuotes", "dictum.v1.CollectionService/ListCollections"]
        );
        assert!(!all[0].message.is_empty() && all[1].message.is_empty());
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        let right = "{\"method\": \"dictum.v1.CollectionService/ListCollections\"}\n";
        for (wrong, said) in [
            ("nonsense", "a line is"),
            ("{\"request\": {}}", "missing field `method`"),
            ("{\"method\": \"dictum.v1.QuoteService/Nothing\"}", "there is no method"),
            ("{\"method\": \"dictum.v1.DocumentService/IngestStream\"}", "is a stream"),
            ("{\"method\": \"dictum.v1.QuoteService/SearchQuotes\", \"request\": {\"page\": 1}}", "page"),
            ("{\"method\": \"dictum.v1.QuoteService/SearchQuotes\", \"requets\": {}}", "requets"),
        ] {
            let error = read_text(&format!("{right}\n{wrong}\n{right}")).unwrap_err();
            assert!(error.contains(":3: ") && error.contains(said), "{wrong}: {error}");
        }
        assert!(read_text("\n").unwrap_err().contains("holds no request"));
        assert!(read_text("[\n{}]").unwrap_err().contains(":1: "));
    }
}
