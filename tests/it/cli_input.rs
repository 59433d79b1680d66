//! What people hand in: byte order marks, encodings, shapes of files. What cannot be read right is refused, and what
//! had to be assumed is said.

use crate::cli::{Service, dictum, json_lines, run, run_with_input, text, write};
use serde_json::{Value, json};
use std::io::Write;
use std::process::Output;
use tempfile::TempDir;

const LINE: &str = "{\"id\": \"q-1\", \"text\": \"“We will wait,” Ada Quinn said.\"}\n";

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

fn marked(mark: &[u8], rest: impl AsRef<[u8]>) -> Vec<u8> {
    [mark, rest.as_ref()].concat()
}

/// For texts whose characters are those of Latin-1, and the curly quotation marks.
fn windows_1252(text: &str) -> Vec<u8> {
    let byte = |c: char| match c {
        '“' => 0x93,
        '”' => 0x94,
        _ => u8::try_from(c).unwrap(),
    };
    text.chars().map(byte).collect()
}

fn refused(output: &Output, code: i32, said: &str) {
    assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains(said), "no `{said}` in {}", text(&output.stderr));
}

/// The speaker of the one quote of the one analysis.
fn speaker(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines = json_lines(&output.stdout);
    assert_eq!(lines.len(), 1);
    lines[0]["quotes"][0]["speaker"]["name"].clone()
}

#[test]
fn lines_are_read_whatever_mark_they_begin_with() {
    let inputs = [
        LINE.as_bytes().to_vec(),
        marked(b"\xef\xbb\xbf", LINE),
        marked(b"\xff\xfe", utf16(LINE, u16::to_le_bytes)),
        marked(b"\xfe\xff", utf16(LINE, u16::to_be_bytes)),
        utf16(LINE, u16::to_le_bytes),
        utf16(LINE, u16::to_be_bytes),
    ];
    for input in inputs {
        let output = run_with_input(&["analyze", "--jsonl"], &input);
        assert_eq!(speaker(&output), "Ada Quinn", "{:?}", &input[..4]);
    }
    let joined = marked(b"\xef\xbb\xbf", format!("{LINE}\u{feff}{LINE}"));
    let output = run_with_input(&["analyze", "--jsonl"], joined);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(json_lines(&output.stdout).len(), 2);
}

#[test]
fn a_mark_is_no_part_of_a_text() {
    let folder = TempDir::new().unwrap();
    let said = "“We will wait,” Ada Quinn said.";
    for (name, bytes) in [
        ("plain.txt", said.as_bytes().to_vec()),
        ("utf8.txt", marked(b"\xef\xbb\xbf", said)),
        ("utf16.txt", marked(b"\xff\xfe", utf16(said, u16::to_le_bytes))),
    ] {
        let path = write(&folder, name, bytes);
        let output = run(&["analyze", "--format", "json", path.to_str().unwrap()]);
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        assert_eq!(text(&output.stderr), "", "{name}");
        let content = json_lines(&output.stdout)[0]["quotes"][0]["contents"][0].clone();
        assert_eq!((&content["begin"], &content["end"]), (&json!(0), &json!(19)), "{name}");
    }
}

#[test]
fn what_says_nothing_is_absent() {
    let input = concat!(
        "{\"id\": 1, \"text\": \"It is late.\", \"published_at\": \"\", \"title\": \"\", \"language\": \"\", \"labels\": null}\n",
        "{\"id\": 2, \"text\": \"It is late.\", \"published_at\": null, \"title\": null, \"source\": \" \", \"url\": null}\n",
    );
    let output = run_with_input(&["analyze", "--jsonl"], input);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(json_lines(&output.stdout).len(), 2);
}

#[test]
fn an_encoding_is_found_out_and_said_or_named() {
    let said = "“Zoë, wir können warten”, said Renée Müller. The café was full, naïvely so.";
    let folder = TempDir::new().unwrap();
    let path = write(&folder, "old.txt", windows_1252(said));
    let old = path.to_str().unwrap();
    let output = run(&["analyze", old]);
    assert!(output.status.success());
    assert!(text(&output.stdout).starts_with(said), "{}", text(&output.stdout));
    assert_eq!(text(&output.stderr).lines().count(), 1);
    assert!(text(&output.stderr).contains("read as windows-1252"), "{}", text(&output.stderr));

    let named = run(&["analyze", "--encoding", "latin1", old]);
    assert!(text(&named.stdout).starts_with(said));
    assert_eq!(text(&named.stderr), "");
    let russian = write(&folder, "koi.txt", b"\xf0\xd2\xc9\xd7\xc5\xd4, \xcd\xc9\xd2!");
    let named = run(&["analyze", "--encoding", "koi8-r", russian.to_str().unwrap()]);
    assert!(text(&named.stdout).starts_with("Привет, мир!"), "{}", text(&named.stdout));

    refused(&run(&["analyze", "--encoding", "utf-8", old]), 1, "byte 0");
    refused(&run(&["analyze", "--encoding", "ebcdic", old]), 2, "windows-1252");
}

#[test]
fn bytes_that_no_encoding_makes_a_text_of_are_refused() {
    let folder = TempDir::new().unwrap();
    let broken = "“Zoë and Renée can wait.” \u{e9}".as_bytes().to_vec();
    let cases: [(&str, Vec<u8>, &str); 5] = [
        ("broken.txt", marked(&broken, b"\xe2\x82 and more"), "is no UTF-8 at byte 34"),
        ("cut.txt", "“Zoë”".as_bytes()[..8].to_vec(), "is no UTF-8 at byte 7"),
        ("packed.txt", b"\x1f\x8b\x08\x00\x9d\x81\x00\xff\xff\x03".to_vec(), "--encoding"),
        ("picture", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x81".to_vec(), "--encoding"),
        ("wide.txt", b"\xff\xfe\x00\x00a\x00\x00\x00".to_vec(), "UTF-32"),
    ];
    for (name, bytes, said) in cases {
        let path = write(&folder, name, bytes);
        let output = run(&["analyze", path.to_str().unwrap()]);
        refused(&output, 1, said);
        assert_eq!(text(&output.stdout), "", "{name}");
    }
}

#[test]
fn a_line_that_contradicts_the_encoding_costs_itself_alone() {
    let mut input = LINE.repeat(3).into_bytes();
    input.extend(b"{\"text\": \"caf\xe9\"}\n");
    input.extend(LINE.as_bytes());
    let output = run_with_input(&["analyze", "--jsonl"], &input);
    refused(&output, 1, "line 4: is no UTF-8 after `{\"text\": \"caf`");
    assert!(text(&output.stderr).contains("--encoding"));
    assert_eq!(json_lines(&output.stdout).len(), 4);
}

#[test]
fn one_text_is_never_made_of_records() {
    let folder = TempDir::new().unwrap();
    let lines = write(&folder, "a.jsonl", LINE);
    refused(&run(&["analyze", lines.to_str().unwrap()]), 2, "--jsonl");
    refused(&run_with_input(&["analyze"], marked(b"\xef\xbb\xbf", LINE)), 2, "--jsonl");
    let table = write(&folder, "a.csv", "text\nIt is late.\n");
    refused(&run(&["analyze", table.to_str().unwrap()]), 2, "--jsonl");
    let forced = run_with_input(&["analyze", "--input-format", "text"], LINE);
    assert!(text(&forced.stdout).starts_with(LINE), "{}", text(&forced.stderr));
    refused(&run_with_input(&["analyze", "--jsonl", "--input-format", "text"], LINE), 2, "many documents");
    let list = run_with_input(&["analyze", "--jsonl"], format!("[{LINE},\n{LINE}]"));
    refused(&list, 1, "jq");
    let spread = run_with_input(&["analyze", "--jsonl"], "{\n  \"text\": \"It is late.\"\n}\n");
    refused(&spread, 1, "jq");
    assert_eq!(text(&spread.stderr).lines().count(), 1);
}

#[test]
fn tables_are_analysed_like_lines() {
    let folder = TempDir::new().unwrap();
    let table = concat!(
        "id;text;published_at\r\n",
        "7;\"“We will wait; really,” Ada Quinn said.\r\n\"\"Now.\"\"\";\r\n",
        "8;too;many;fields\r\n",
        "9;It is late.;2025-01-02\r\n",
    );
    let path = write(&folder, "a.csv", marked(b"\xef\xbb\xbf", table));
    let output = run(&["analyze", "--jsonl", path.to_str().unwrap()]);
    refused(&output, 1, "line 4: has 4 fields");
    let lines = json_lines(&output.stdout);
    assert_eq!(lines.iter().map(|line| &line["id"]).collect::<Vec<_>>(), ["7", "9"]);
    let quote = &lines[0]["quotes"][0]["contents"][0]["text"];
    assert_eq!(quote, "“We will wait; really,”");
    let piped = run_with_input(&["analyze", "--jsonl", "--input-format", "csv"], table);
    assert_eq!(piped.stdout, output.stdout);
}

#[test]
fn gold_is_read_like_any_input() {
    let folder = TempDir::new().unwrap();
    let line = "{\"id\": \"1\", \"text\": \"Renée Müller saw Zoë Görlitz in Rome.\", \"attributions\": null, \"mentions\": [{\"begin\": 0, \"end\": 12, \"type\": \"PERSON\"}]}\n";
    let score = |name: &str, bytes: Vec<u8>| {
        let path = write(&folder, name, bytes);
        run(&["eval", "entities", "--json", path.to_str().unwrap()])
    };
    let plain = score("plain.jsonl", line.as_bytes().to_vec());
    assert!(plain.status.success(), "{}", text(&plain.stderr));
    assert_eq!(json_lines(&plain.stdout)[0]["all"]["r"], 1.0);
    let with_mark = score("mark.jsonl", marked(b"\xef\xbb\xbf", line));
    let wide = score("wide.jsonl", marked(b"\xff\xfe", utf16(line, u16::to_le_bytes)));
    let old = score("old.jsonl", windows_1252(line));
    assert!(text(&old.stderr).contains("read as windows-1252"), "{}", text(&old.stderr));
    for output in [with_mark, wide, old] {
        assert_eq!(text(&output.stdout), text(&plain.stdout));
    }
    let columns = score("gold.conll", windows_1252("Renée B-PER\nMüller I-PER\nsaw O\nRome B-LOC\n"));
    assert!(columns.status.success(), "{}", text(&columns.stderr));
    assert_eq!(json_lines(&columns.stdout)[0]["by_type"]["PER"]["gold"], 1);
}

#[test]
fn documents_go_in_right_from_every_kind_of_file() {
    let folder = TempDir::new().unwrap();
    let service = Service::start(folder.path(), "127.0.0.1:0");
    let said = "“We will wait,” Renée Müller said in the café.";
    write(&folder, "in/mark.jsonl", marked(b"\xef\xbb\xbf", LINE));
    write(&folder, "in/OLD.TXT", windows_1252(said));
    write(&folder, "in/lines.txt", LINE);
    write(&folder, "in/unknown.csv", "id,text,author\na,b,c\n");
    write(&folder, "in/nothing.csv", "id,title\na,b\n");
    write(
        &folder,
        "in/table.csv",
        concat!(
            "document_id,title,text,published_at,source,url,language,labels,labels.desk\n",
            "t-1,Waiting,\"“We will wait,” Ada Quinn said.\",2025-01-02,The Wire,https://e.org/1,en,\"{\"\"k\"\": \"\"v\"\"}\",home\n",
            "t-2,,\"“We can wait,” Ben Ode said.\",,,,,,\n",
            "t-3,\"open\n",
        ),
    );
    let input = folder.path().join("in");
    let output = service.run(&["ingest", "--ack", "searchable", "--source", "Feed", input.to_str().unwrap()]);
    refused(&output, 1, "lines.txt: holds JSON");
    let stderr = text(&output.stderr);
    for part in [
        "OLD.TXT: is no UTF-8",
        "read as windows-1252",
        "unknown.csv:1: has columns that mean nothing here: `author`",
        "nothing.csv:1: has no column `text`",
        "table.csv:4: a quotation mark",
    ] {
        assert!(stderr.contains(part), "no {part} in {stderr}");
    }
    assert!(text(&output.stdout).contains("4 created, 4 failed"), "{}", text(&output.stdout));
    let documents = service.run(&["documents", "--json", "--order", "newest"]);
    let documents = json_lines(&documents.stdout);
    let document = |id: &str| {
        let is_it = |found: &&Value| found["document"]["name"].as_str().unwrap().ends_with(&format!("/{id}"));
        documents.iter().find(is_it).map(|found| found["document"].clone()).unwrap_or_default()
    };
    let first = document("t-1");
    assert_eq!(first["title"], "Waiting");
    assert_eq!(first["publishTime"], "2025-01-02T00:00:00Z");
    assert_eq!((&first["source"], &first["url"]), (&json!("The Wire"), &json!("https://e.org/1")));
    assert_eq!(first["labels"], json!({"k": "v", "desk": "home"}));
    assert_eq!(document("t-2")["source"], "Feed");
    assert_eq!((&document("t-2")["publishTime"], &document("t-2")["title"]), (&Value::Null, &json!("")));
    assert_ne!(document("OLD"), Value::Null);
    let quotes = service.run(&["quotes", "--speaker", "Renée Müller", "--json"]);
    assert_eq!(json_lines(&quotes.stdout).len(), 1);

    let labelled = folder.path().join("in/unknown.csv");
    let arguments =
        ["ingest", "--other-columns", "labels", "--ack", "searchable", labelled.to_str().unwrap()];
    assert!(service.run(&arguments).status.success());
    let found = service.run(&["documents", "--label", "author=c", "--json"]);
    assert_eq!(json_lines(&found.stdout).len(), 1);

    // Standard input, by its content.
    let ingest = |arguments: &[&str], input: &[u8]| {
        let mut child = dictum(&[&["ingest", "--json", "-"], arguments].concat())
            .env("DICTUM_SERVER", &service.address)
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    };
    for input in [marked(b"\xef\xbb\xbf", LINE), marked(b"\xff\xfe", utf16(LINE, u16::to_le_bytes))] {
        let output = ingest(&["--source", "Feed"], &input);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let receipts = json_lines(&output.stdout);
        assert_eq!(receipts[0]["name"], "collections/default/documents/q-1");
        assert_eq!(receipts[0]["outcome"], "INGEST_OUTCOME_ALREADY_CURRENT");
    }
    let table = ingest(&["--format", "csv"], "id\ttext\ns-1\tIt is late.\n".as_bytes());
    assert_eq!(json_lines(&table.stdout)[0]["name"], "collections/default/documents/s-1");
    refused(&ingest(&[], b"{'id': 'a', 'text': 'b'}\n"), 1, "standard input:1: ");
    refused(&ingest(&[], format!("[{LINE}]").as_bytes()), 1, "jq");
    let forced = ingest(&["--format", "text"], LINE.as_bytes());
    assert!(forced.status.success() && json_lines(&forced.stdout)[0]["name"] != "q-1");
}
