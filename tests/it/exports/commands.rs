//! `dictum export` and `dictum import`, as people and scripts meet them.

use super::{made, text};
use crate::cli::{Service, dictum, json_lines, run_with_input, text as utf8, write};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A line that `dictum import` reads.
fn line(n: usize, padding: usize) -> String {
    let text = text(&format!("Plan {n} is “good”, =1+1"), padding);
    let analysis = dictum::transport::json::to_json(&made(&text)).unwrap();
    let line = json!({
        "id": format!("d{n:05}"), "text": text, "title": format!("=Plan, {n}"), "published_at": "2025-09-05T10:00:00.5Z",
        "source": "The \"Wire\"", "labels": {"desk": "home", "a": "1", "b": "2", "c": "3", "d": "4"}, "analysis": analysis,
    });
    line.to_string()
}

fn filled(folder: &TempDir, count: usize, padding: usize) -> Service {
    let service = Service::start(folder.path(), "127.0.0.1:0");
    let lines: Vec<String> = (0..count).map(|n| line(n, padding)).collect();
    let path = write(folder, "in.jsonl", lines.join("\n"));
    let imported = service.run(&["import", "--ack", "searchable", path.to_str().unwrap()]);
    assert!(imported.status.success(), "{}", utf8(&imported.stderr));
    service
}

fn export(service: &Service, what: &str, format: &str, output: &Path, more: &[&str]) -> Output {
    let arguments = ["export", what, "--format", format, "--output", output.to_str().unwrap()];
    service.run(&[&arguments[..], more].concat())
}

fn beside(path: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}{end}", path.display()))
}

/// A line without what the service says of its own.
fn own(mut line: Value) -> Value {
    let fields = line.as_object_mut().unwrap();
    assert!(fields.remove("created_at").is_some() && fields.remove("updated_at").is_some());
    line
}

#[test]
fn what_one_service_exports_another_one_imports_and_exports_the_same() {
    let (one, two) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let from = Service::start(one.path(), "127.0.0.1:0");
    let article = from.run(&["ingest", "seeds/000_d53045ff0d7dd2d6.txt", "--label", "k=v", "--label", "a=b"]);
    assert!(article.status.success());
    let exported = one.path().join("out.jsonl");
    let output = export(&from, "documents", "jsonl", &exported, &["--analysis"]);
    assert!(output.status.success() && output.stdout.is_empty(), "{}", utf8(&output.stderr));
    assert!(utf8(&output.stderr).contains("1 document"), "{}", utf8(&output.stderr));
    let to = filled(&two, 1, 1);
    let receipts = to.run(&["import", "--json", exported.to_str().unwrap()]);
    assert!(receipts.status.success(), "{}", utf8(&receipts.stderr));
    assert_eq!(json_lines(&receipts.stdout)[0]["outcome"], "INGEST_OUTCOME_CREATED");
    let there = to.run(&["export", "documents", "--analysis", "-o", "-"]);
    let lines: Vec<_> = json_lines(&there.stdout).into_iter().map(own).collect();
    assert_eq!(lines.len(), 2);
    let sent = json_lines(&std::fs::read(&exported).unwrap()).into_iter().map(own).next().unwrap();
    assert!(sent["analysis"]["quotes"].as_array().unwrap().len() > 5);
    assert_eq!(lines[0], sent, "ids are in order, and digits come before letters");
    // The same lines can be analysed anew, by whoever wants that.
    let again = to.run(&["ingest", exported.to_str().unwrap()]);
    assert!(utf8(&again.stdout).contains("1 already current"), "{}", utf8(&again.stdout));
    assert_eq!(to.stop(), Some(0));
}

#[test]
fn what_came_in_a_wrong_encoding_goes_from_one_service_to_another_too() {
    let (one, two) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let from = Service::start(one.path(), "127.0.0.1:0");
    let odd =
        "â\u{80}\u{9c}We didn&rsquo;t go to JosÃ© and we wonâ\u{80}\u{99}t,â\u{80}\u{9d} Jane Miller said.";
    let file = write(&one, "odd.txt", odd);
    assert!(from.run(&["ingest", file.to_str().unwrap()]).status.success());
    let exported = one.path().join("out.jsonl");
    assert!(export(&from, "documents", "jsonl", &exported, &["--analysis"]).status.success());
    let sent = json_lines(&std::fs::read(&exported).unwrap()).into_iter().map(own).next().unwrap();
    assert_eq!(sent["analysis"]["quotes"].as_array().unwrap().len(), 1);
    let to = Service::start(two.path(), "127.0.0.1:0");
    let imported = to.run(&["import", exported.to_str().unwrap()]);
    assert!(imported.status.success(), "{}", utf8(&imported.stderr));
    let there = to.run(&["export", "documents", "--analysis", "-o", "-"]);
    assert_eq!(json_lines(&there.stdout).into_iter().map(own).next().unwrap(), sent);
}

#[test]
fn an_export_that_is_killed_goes_on_to_the_same_file() {
    let folder = TempDir::new().unwrap();
    let service = filled(&folder, 1500, 400);
    for (what, format, more) in [
        ("documents", "jsonl", &["--analysis"][..]),
        ("documents", "csv", &[]),
        ("documents", "parquet", &["--analysis"]),
        ("quotes", "jsonl", &[]),
    ] {
        let whole = folder.path().join(format!("whole-{what}.{format}"));
        let output = export(&service, what, format, &whole, more);
        assert!(output.status.success(), "{}", utf8(&output.stderr));
        let killed = folder.path().join(format!("killed-{what}.{format}"));
        let arguments = ["export", what, "--format", format, "--output", killed.to_str().unwrap()];
        let mut child =
            dictum(&[&arguments[..], more].concat()).env("DICTUM_SERVER", &service.address).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while !beside(&killed, ".resume").exists() && child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline);
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        if what == "documents" {
            assert!(!killed.exists() && beside(&killed, ".part").exists(), "killed in the middle");
        }
        // What was written after the last certain place is written once.
        if let Ok(part) = std::fs::read(beside(&killed, ".part")) {
            std::fs::write(beside(&killed, ".part"), [&part[..], b"half a li"].concat()).unwrap();
        }
        let again = export(&service, what, format, &killed, more);
        let said = utf8(&again.stderr);
        assert!(again.status.success(), "{said}");
        if what == "documents" {
            assert!(said.contains("going on after "), "{said}");
            assert!(said.contains("1,500 documents"), "{said}");
        }
        let same = std::fs::read(&killed).unwrap() == std::fs::read(&whole).unwrap();
        assert!(same, "{what} in {format} differ after an interruption");
        assert!(!beside(&killed, ".resume").exists() && !beside(&killed, ".part").exists());
    }
    let lines = std::fs::read(folder.path().join("whole-documents.jsonl")).unwrap();
    assert_eq!(BufReader::new(&lines[..]).lines().count(), 1500);
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn tables_have_stable_columns_and_cells_that_come_back() {
    let folder = TempDir::new().unwrap();
    let service = filled(&folder, 3, 1);
    let path = folder.path().join("out.csv");
    assert!(export(&service, "documents", "csv", &path, &["--escape-formulas"]).status.success());
    let mut table = csv::Reader::from_path(&path).unwrap();
    let heading = table.headers().unwrap().clone();
    assert!(heading.iter().take(4).eq(["id", "title", "published_at", "source"]), "{heading:?}");
    let row = table.records().next().unwrap().unwrap();
    let cell = |name: &str| &row[heading.iter().position(|column| column == name).unwrap()];
    assert_eq!((cell("title"), cell("source")), ("'=Plan, 0", "The \"Wire\""));
    assert_eq!(cell("published_at"), "2025-09-05T10:00:00.5Z");
    assert_eq!(cell("text"), text("Plan 0 is “good”, =1+1", 1));
    assert_eq!(cell("labels"), "{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\",\"d\":\"4\",\"desk\":\"home\"}");
    // A table goes back in.
    let again = folder.path().join("again.csv");
    assert!(export(&service, "documents", "csv", &again, &[]).status.success());
    let ingested = service.run(&["ingest", "--other-columns", "ignore", again.to_str().unwrap()]);
    assert!(utf8(&ingested.stdout).contains("3 already current"), "{}", utf8(&ingested.stdout));

    let quotes = folder.path().join("quotes.csv");
    assert!(
        export(&service, "quotes", "csv", &quotes, &["--speaker", "jane miller", "--type", "direct"])
            .status
            .success()
    );
    let mut table = csv::Reader::from_path(&quotes).unwrap();
    let heading = table.headers().unwrap().clone();
    let rows: Vec<_> = table.records().map(Result::unwrap).collect();
    let cell = |name: &str| &rows[0][heading.iter().position(|column| column == name).unwrap()];
    assert_eq!(rows.len(), 3);
    assert_eq!((cell("speaker"), cell("type"), cell("cue")), ("Jane Miller", "DIRECT", "said"));
    assert_eq!((cell("confidence"), cell("speaker_confidence")), ("0.8", "0.9"));
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn a_file_that_is_there_is_kept_and_another_export_does_not_go_on_with_this_one() {
    let folder = TempDir::new().unwrap();
    let service = filled(&folder, 3, 1);
    let path = folder.path().join("out.jsonl");
    assert!(export(&service, "quotes", "jsonl", &path, &[]).status.success());
    let first = std::fs::read(&path).unwrap();
    let refused = export(&service, "documents", "jsonl", &path, &[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(utf8(&refused.stderr).contains("--overwrite"), "{}", utf8(&refused.stderr));
    assert_eq!(std::fs::read(&path).unwrap(), first);
    std::fs::write(
        beside(&path, ".resume"),
        "{\"request\":\"other\",\"bytes\":0,\"cursor\":\"\",\"items\":0,\"left_out\":0,\"short\":0}",
    )
    .unwrap();
    let refused = export(&service, "quotes", "jsonl", &path, &["--overwrite"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(utf8(&refused.stderr).contains("out.jsonl.resume"), "{}", utf8(&refused.stderr));
    std::fs::remove_file(beside(&path, ".resume")).unwrap();
    assert!(export(&service, "documents", "jsonl", &path, &["--overwrite"]).status.success());
    assert_ne!(std::fs::read(&path).unwrap(), first);
    let nowhere = export(&service, "quotes", "jsonl", &folder.path().join("x"), &["--collection", "nowhere"]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(utf8(&nowhere.stderr).contains("collections/nowhere"), "{}", utf8(&nowhere.stderr));
    assert_eq!(export(&service, "quotes", "parquet", Path::new("-"), &[]).status.code(), Some(2));
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn broken_records_are_told_with_line_field_and_reason_and_the_others_go_in() {
    let folder = TempDir::new().unwrap();
    let service = Service::start(folder.path(), "127.0.0.1:0");
    let broken = |change: fn(&mut Value)| {
        let mut value: Value = serde_json::from_str(&line(7, 1)).unwrap();
        change(&mut value);
        value.to_string()
    };
    let lines = [
        line(1, 1),
        broken(|line| line["analysis"]["quotes"][0]["cue"]["end"] = json!(100_000)),
        "{\"id\": \"x\", \"text\": \"Nothing.\"}".to_owned(),
        broken(|line| line["analysis"]["quotes"][0]["speaker"]["entity"] = json!("e77")),
        broken(|line| line["text"] = json!("Another text.")),
        "not even JSON".to_owned(),
        line(2, 1),
    ];
    let input = lines.join("\n");
    let output = {
        let arguments = ["import", "--server", &service.address, "-"];
        run_with_input(&arguments, input)
    };
    assert_eq!(output.status.code(), Some(1));
    let said = utf8(&output.stderr);
    for part in [
        "standard input:2: analysis.quotes[0].cue: must cover whole characters",
        "standard input:3: analysis: is missing",
        "standard input:4: analysis.quotes[0].speaker.entity: must be the id of an entity",
        "standard input:5: analysis.",
        "standard input:6: ",
    ] {
        assert!(said.contains(part), "no {part} in {said}");
    }
    assert!(utf8(&output.stdout).contains("2 created, 5 failed"), "{}", utf8(&output.stdout));
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn the_line_in_the_documentation_is_one() {
    let page = std::fs::read_to_string("docs/input.md").unwrap();
    let block = page.split("```").find(|block| block.contains("\"by-hand\"")).unwrap();
    let folder = TempDir::new().unwrap();
    let service = Service::start(folder.path(), "127.0.0.1:0");
    let path = write(&folder, "in.jsonl", block.trim().replace('\n', " "));
    let imported = service.run(&["import", "--ack", "searchable", path.to_str().unwrap()]);
    assert!(imported.status.success(), "{}", utf8(&imported.stderr));
    let quotes = json_lines(&service.run(&["quotes", "--speaker", "ada quinn", "--json"]).stdout);
    assert_eq!(quotes[0]["quote"]["contents"][0]["text"], "“We will wait,”");
    assert_eq!(service.stop(), Some(0));
}
