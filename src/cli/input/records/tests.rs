//! Lines and rows, whole and broken.

use super::*;
use encoding_rs::WINDOWS_1252;
use std::io::repeat;

fn shown(records: Records<impl Read>) -> Vec<String> {
    let show = |piece| match piece {
        Piece::Record(raw) => format!("{} {}", raw.line, raw.text),
        Piece::Failed { line, reason } => format!("{line} failed: {reason}"),
        Piece::Note(note) => format!("note: {note}"),
    };
    records.map(show).collect()
}

fn decoded(bytes: &[u8]) -> Decoded<&[u8]> {
    Decoded::new(bytes, None).unwrap()
}

#[test]
fn lines_keep_their_numbers_and_what_is_wrong_is_one_of_them() {
    let lines = b"\xef\xbb\xbf{\"a\": 1}\r\n\r\n  \n\xef\xbb\xbf{\"b\": \"\xe2\x80\x9c\"}\n{\"caf\xe9\"}\n{}";
    let all = shown(Records::lines(decoded(lines)));
    let failed = "5 failed: is no UTF-8 after `{\"caf`; --encoding names another";
    assert_eq!(all, ["1 {\"a\": 1}", "4 {\"b\": \"“\"}", failed, "6 {}"]);
}

#[test]
fn json_that_is_not_in_lines_is_one_failure() {
    for input in ["{\n  \"a\": 1\n}\n", "[{}, {}]", "\n[\n{},\n{}]"] {
        let all = shown(Records::lines(decoded(input.as_bytes())));
        assert!(all.len() == 1 && all[0].contains("jq"), "{all:?}");
    }
    assert_eq!(shown(Records::lines(decoded(b"{}\n{\n"))).len(), 2);
}

#[test]
fn rows_have_the_line_that_they_begin_on() {
    let table = "\n id;text\r\n1;\"a\n\nb\"\r\n\r\n;\r\n2;\"c\"d\r\n3;e;f\n4;\"g\n5;h\n";
    let mut records = Records::rows(decoded(table.as_bytes()), OtherColumns::default());
    let mut all = Vec::new();
    for piece in records.by_ref() {
        match piece {
            Piece::Record(raw) => all.push((raw.line, raw.parse().map(|record| record.text))),
            Piece::Failed { line, reason } => all.push((line, Err(reason))),
            Piece::Note(note) => panic!("{note}"),
        }
    }
    let lines: Vec<_> = all.iter().map(|(line, result)| (*line, result.as_deref().ok())).collect();
    assert_eq!(lines, [(3, Some("a\n\nb")), (8, None), (9, None), (10, None)]);
    let reasons = ["must be doubled", "has 3 fields", "never closed"];
    for ((_, result), reason) in all[1..].iter().zip(reasons) {
        assert!(result.as_ref().unwrap_err().contains(reason), "{result:?}");
    }
}

#[test]
fn a_table_without_its_columns_is_one_failure() {
    let all = shown(Records::rows(decoded(b"id,title\na,b\nc,d\n"), OtherColumns::default()));
    assert!(all.len() == 1 && all[0].starts_with("1 failed: has no column `text`"), "{all:?}");
    let all = shown(Records::rows(decoded(b"te\xe2\x80xt\xe2\x80\x9c\na\n"), OtherColumns::default()));
    assert!(all.len() == 1 && all[0].contains("UTF-8"), "{all:?}");
}

#[test]
fn a_record_without_an_end_takes_no_more_memory_than_the_longest() {
    let input = (&b"{}\n"[..]).chain(repeat(b'a').take(LONGEST as u64 + 1)).chain(&b"\n{}\n"[..]);
    let all = shown(Records::lines(Decoded::new(input, None).unwrap()));
    assert_eq!(all, ["1 {}", "2 failed: is longer than 128 MiB", "3 {}"]);
}

#[test]
fn what_is_assumed_is_a_note_before_what_it_is_said_of_is_over() {
    let lines = b"{}\n{\"a\": \"\x93caf\xe9\x94\"}\n{}";
    let all = shown(Records::lines(decoded(lines)));
    assert!(all[2].starts_with("note: is no UTF-8 at byte 10 and is read as windows-1252"), "{all:?}");
    let named = Decoded::new(&lines[..], Some(WINDOWS_1252)).unwrap();
    assert_eq!(shown(Records::lines(named)), ["1 {}", "2 {\"a\": \"“café”\"}", "3 {}"]);
}
