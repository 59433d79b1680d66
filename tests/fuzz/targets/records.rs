//! Any bytes as JSON lines, as a table, and as one text, in any encoding: records with their lines, or what is wrong with them.

use super::{Target, chosen};
use clap::Parser;
use dictum::cli::input::{EncodingArgs, Input, Piece, Records, TableArgs, settle};
use std::io::{Cursor, Read};

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "{\"text\": \"", "\"}\n", "{}\n", "[\n", "{\n", "\"id\":", "\"labels\": {\"a\": null}", "\"published_at\": \"2025-01-02\"", "\\u0000",
    "\\ud800", "\u{feff}", "id,text\n", "id;text\r\n", "id\ttext\n", "text|labels.x\n", "\"", "\"\"", "\"\n", "\r", "\n", ",", ";", "\t",
    "\u{1b}$B", "\0", "1e999", "“late”", "labels", "{\"a\": \"b\"}",
];

/// How the input is to be read, as on the command line.
#[derive(Parser)]
struct How {
    #[command(flatten)]
    encoding: EncodingArgs,
    #[command(flatten)]
    tables: TableArgs,
}

/// See the module.
pub const TARGET: Target = Target {
    name: "records",
    sample: 3_000,
    words: WORDS,
    seeds: super::none,
    begin: || {
        let encodings =
            ["", "utf-8", "utf-16le", "windows-1252", "shift_jis", "iso-2022-jp", "gbk", "utf-16be"];
        let ways = ["refuse", "ignore", "labels"].into_iter().flat_map(|others| {
            encodings.map(|encoding| {
                let encoding = (!encoding.is_empty()).then(|| format!("--encoding={encoding}"));
                let others = format!("--other-columns={others}");
                How::try_parse_from(["records".to_owned(), others].into_iter().chain(encoding)).unwrap()
            })
        });
        let ways: Vec<How> = ways.collect();
        Box::new(move |data| {
            let (choice, rest) = chosen(data);
            run(&ways[usize::from(choice) % ways.len()], rest);
        })
    },
};

fn run(how: &How, data: &[u8]) {
    let open = || Input::of(Box::new(Cursor::new(data.to_vec())), how.encoding);
    if let Ok(mut input) = open() {
        let _ = input.begin().map(|begin| settle(None, begin));
        let _ = input.text();
    }
    let lines = open().map(Input::lines);
    let rows = open().map(|input| input.rows(how.tables));
    let most = data.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() * 2 + 8;
    for records in [lines, rows].into_iter().flatten() {
        follow(records, most);
    }
}

/// Reads to the end, which must come, and never goes back.
fn follow(records: Records<Box<dyn Read + Send>>, most: usize) {
    let (mut last, mut seen) = (0, 0);
    for piece in records {
        let line = match piece {
            Piece::Record(raw) => {
                let _ = raw.parse().map(|record| record.published());
                raw.line
            }
            Piece::Failed { line, reason } => {
                assert!(!reason.is_empty());
                line
            }
            Piece::Note(_) => continue,
        };
        assert!(line >= last, "line {line} after line {last}");
        (last, seen) = (line, seen + 1);
        assert!(seen <= most, "more records than lines");
    }
}
