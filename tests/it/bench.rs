//! `dictum bench` against a real service: every workload, what is turned away and what fails, and the command line.

use crate::cli::{Service, dictum, json_lines, run, run_with_input, text, write};
use serde_json::Value;
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Long enough to measure, short enough to wait for.
const SHORT: [&str; 5] = ["bench", "--json", "--warmup", "200ms", "--duration"];

fn bench(service: &Service, flags: &[&str]) -> Output {
    service.run(&[&SHORT[..], &["1500ms"], flags].concat())
}

/// The report of a run that ended with this code.
#[track_caller]
fn report(output: &Output, code: i32) -> Value {
    assert_eq!(output.status.code(), Some(code), "{}{}", text(&output.stdout), text(&output.stderr));
    let mut lines = json_lines(&output.stdout);
    assert_eq!(lines.len(), 1);
    lines.remove(0)
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// What was counted for a method.
fn method<'r>(report: &'r Value, name: &str) -> Vec<&'r Value> {
    let methods = report["methods"].as_array().unwrap().iter();
    methods.filter(|row| row["method"].as_str().unwrap().ends_with(name)).collect()
}

fn documents(service: &Service, collection: &str) -> usize {
    let listed = service.run(&["documents", "--collection", collection, "--limit", "0", "--json"]);
    assert_eq!(listed.status.code(), Some(0), "{}", text(&listed.stderr));
    json_lines(&listed.stdout).len()
}

#[test]
fn every_workload_runs_and_tells_what_it_did() {
    let folder = TempDir::new().unwrap();
    let service = Service::start_with(folder.path(), "127.0.0.1:0", &["--analyzer", "dictum-en-fast"]);

    let empty = bench(&service, &["--workload", "query"]);
    assert_eq!(empty.status.code(), Some(1));
    let said = text(&empty.stderr);
    assert!(said.contains("collections/default holds no quotes") && said.contains("--collection"), "{said}");

    let check = report(&bench(&service, &["--workload", "check", "--rate", "100"]), 0);
    assert_eq!((&check["loop"], number(&check["all"]["sent"])), (&"open".into(), 150));
    assert_eq!(check["methods"][0]["method"], "grpc.health.v1.Health/Check");
    let rate = check["all"]["sentPerSecond"].as_f64().unwrap();
    assert!((99.0..101.0).contains(&rate), "{rate}");

    // Two turns: the second takes over what the first has left. More on a machine that is too busy for a deletion within one.
    let mut with_deletions = 0;
    for turn in 0.. {
        assert!(turn < 20, "no turn gets as far as deletions");
        let flags = ["--workload", "ingest", "--keep", "6", "--concurrency", "2", "--ack", "searchable"];
        let ingest = report(&bench(&service, &flags), 0);
        assert_eq!(ingest["loop"], "closed");
        let (stored, deleted) = (method(&ingest, "/IngestDocument"), method(&ingest, "/DeleteDocument"));
        if stored.is_empty() || deleted.is_empty() {
            continue;
        }
        assert!(number(&stored[0]["ok"]) > 0 && number(&deleted[0]["ok"]) > 0, "{ingest}");
        assert_eq!(stored[0]["codes"]["OK"], stored[0]["ok"]);
        with_deletions += 1;
        if with_deletions == 2 {
            break;
        }
    }
    let started = Instant::now();
    // The last deletions are found a moment later.
    while documents(&service, "bench") != 6 {
        assert!(started.elapsed() < Duration::from_secs(30), "{} documents", documents(&service, "bench"));
        std::thread::sleep(Duration::from_millis(50));
    }

    let query = bench(
        &service,
        &["--workload", "query", "--collection", "bench", "--rate", "60", "--arrivals", "poisson"],
    );
    let query = report(&query, 0);
    assert!(query["methods"].as_array().unwrap().len() > 5, "{query}");
    assert!(!method(&query, "/SearchQuotes").is_empty());
    let all = &query["all"]["latencyMs"];
    let order = ["p50", "p90", "p99", "p99.9", "max"].map(|name| all[name].as_f64().unwrap());
    assert!(order[0] > 0.0 && order.is_sorted(), "{all}");
    let one =
        ["--workload", "query", "--collection", "bench", "--method", "VerifyQuote", "--concurrency", "1"];
    let one = report(&bench(&service, &one), 0);
    assert_eq!(one["methods"].as_array().unwrap().len(), 1);
    assert!(number(&method(&one, "VerifyService/VerifyQuote")[0]["ok"]) > 0);

    // A collection of its own, so that there is nothing to ask for at first.
    let flags =
        ["--workload", "mixed", "--collection", "mixed", "--writes", "30", "--keep", "8", "--rate", "20"];
    let mixed = report(&bench(&service, &flags), 0);
    assert!(number(&method(&mixed, "/IngestDocument")[0]["ok"]) > 0, "{mixed}");
    assert!(number(&method(&mixed, "/SearchQuotes")[0]["ok"]) > 0, "{mixed}");
    assert_eq!(mixed["unsent"], 0);

    let table = service.run(&["bench", "--workload", "check", "--warmup", "0s", "--duration", "300ms"]);
    let table = text(&table.stdout);
    for said in ["check  closed loop, 8 workers", "p99.9", "Check", "answered with success"] {
        assert!(table.contains(said), "no {said} in {table}");
    }
}

#[test]
fn requests_and_documents_of_ones_own_are_sent() {
    let folder = TempDir::new().unwrap();
    let service = Service::start_with(folder.path(), "127.0.0.1:0", &["--analyzer", "dictum-en-fast"]);
    let lines = write(
        &folder,
        "lines.jsonl",
        "{\"text\": \"“We will wait,” Ada Quinn said.\", \"source\": \"The Wire\"}\nnonsense\n",
    );
    let flags = ["--workload", "ingest", "--documents", lines.to_str().unwrap(), "--ack", "searchable"];
    let output = bench(&service, &[&flags[..], &["--rate", "4"]].concat());
    assert!(text(&output.stderr).contains("lines.jsonl:2: "), "{}", text(&output.stderr));
    assert_eq!(number(&report(&output, 0)["all"]["ok"]), 6);
    let quotes = service.run(&["quotes", "wait", "--collection", "bench", "--source", "The Wire", "--json"]);
    // Those of the warm-up, too.
    assert!(json_lines(&quotes.stdout).len() >= 6, "{quotes:?}");

    let search = "{\"method\": \"dictum.v1.QuoteService/SearchQuotes\", \"request\": {\"parent\": \"collections/bench\"}}\n";
    let missing = "{\"method\": \"dictum.v1.DocumentService/GetDocument\", \"request\": {\"name\": \"collections/bench/documents/none\"}}\n";
    let fine = write(&folder, "fine.jsonl", search);
    let flags = ["--workload", "file", "--rate", "40", "--queries"];
    let fine = report(&bench(&service, &[&flags[..], &[fine.to_str().unwrap()]].concat()), 0);
    assert_eq!(number(&fine["all"]["ok"]), 60);

    // By turns, so that half of them fail.
    let path = write(&folder, "half.jsonl", format!("{search}{missing}"));
    let half = report(&bench(&service, &[&flags[..], &[path.to_str().unwrap()]].concat()), 1);
    assert_eq!((number(&half["all"]["ok"]), number(&half["all"]["errors"])), (30, 30));
    let row = method(&half, "/GetDocument")[0];
    assert_eq!(number(&row["codes"]["NOT_FOUND"]), 30);
    assert!(row["examples"]["NOT_FOUND"].as_str().unwrap().contains("none"), "{row}");
}

#[test]
fn what_is_turned_away_is_told_apart_from_what_fails() {
    let folder = TempDir::new().unwrap();
    let keys = folder.path().join("keys.toml");
    let made = run(&[
        "keys",
        "--json",
        "--file",
        keys.to_str().unwrap(),
        "new",
        "bench",
        "--scope",
        "read",
        "--requests-per-second",
        "5",
    ]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    let key = json_lines(&made.stdout).remove(0)["key"].as_str().unwrap().to_owned();
    let config = write(&folder, "dictum.toml", format!("auth.keys = '{}'\n", keys.display()));
    let service = Service::start_with(folder.path(), "127.0.0.1:0", &["--config", config.to_str().unwrap()]);
    let queries =
        write(&folder, "q.jsonl", "{\"method\": \"dictum.v1.CollectionService/ListCollections\"}\n");
    let flags = ["1500ms", "--workload", "file", "--rate", "60", "--queries", queries.to_str().unwrap()];
    let with = |key: &str| {
        let mut command = dictum(&[&SHORT[..], &flags].concat());
        command.env("DICTUM_SERVER", &service.address).env("DICTUM_TOKEN", key).output().unwrap()
    };
    let shed = report(&with(&key), 0);
    let all = &shed["all"];
    assert!(number(&all["shed"]) > 30 && number(&all["ok"]) > 0, "{all}");
    assert_eq!((&all["shed"], &all["errors"]), (&all["shedWithRetryInfo"], &0.into()));
    assert_eq!(all["codes"]["RESOURCE_EXHAUSTED"], all["shed"]);
    let unknown = report(&with("dk_wrong"), 1);
    assert_eq!(unknown["all"]["codes"]["UNAUTHENTICATED"], unknown["all"]["errors"]);
}

#[test]
fn a_service_that_goes_away_is_a_failure() {
    let folder = TempDir::new().unwrap();
    let service = Service::start(folder.path(), "127.0.0.1:0");
    let running = dictum(&["bench", "--json", "--workload", "check", "--warmup", "0s", "--duration", "6s"])
        .args(["--rate", "50", "--timeout", "1s", "--server", &service.address])
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(2));
    drop(service);
    let gone = report(&running.wait_with_output().unwrap(), 1);
    assert!(number(&gone["all"]["ok"]) > 0 && number(&gone["all"]["codes"]["NO_ANSWER"]) > 0, "{gone}");
    assert_eq!(gone["all"]["shed"], 0);
}

#[test]
fn a_run_that_is_interrupted_tells_what_was_measured() {
    let folder = TempDir::new().unwrap();
    let service = Service::start(folder.path(), "127.0.0.1:0");
    let running = dictum(&["bench", "--json", "--workload", "check", "--warmup", "0s", "--duration", "10m"])
        .args(["--rate", "50", "--server", &service.address])
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(2));
    let id = running.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let early = report(&running.wait_with_output().unwrap(), 0);
    assert_eq!(early["stoppedEarly"], true);
    let (sent, seconds) = (number(&early["all"]["sent"]), early["seconds"].as_f64().unwrap());
    assert!(seconds < 60.0 && sent > 0, "{early}");
    assert!((sent as f64 / seconds - 50.0).abs() < 5.0, "{early}");
}

#[test]
fn what_makes_no_sense_is_refused_before_anybody_is_called() {
    let folder = TempDir::new().unwrap();
    let lines = "{\"method\": \"dictum.v1.QuoteService/SearchQuotes\"}\n\n{\"method\": \"dictum.v1.QuoteService/SearchQuotes\", \"request\": {\"pageSise\": 1}}\n";
    let path = write(&folder, "bad.jsonl", lines);
    let path = path.to_str().unwrap();
    let bad = dictum(&["bench", "--workload", "file", "--queries", path]).output().unwrap();
    assert_eq!(bad.status.code(), Some(2));
    let said = text(&bad.stderr);
    assert!(said.contains("bad.jsonl:3: ") && said.contains("pageSise"), "{said}");
    let piped = run_with_input(&["bench", "--workload", "file", "--queries", "-"], "{\"method\": 1}\n");
    assert_eq!(piped.status.code(), Some(2));
    assert!(text(&piped.stderr).contains("standard input:1: "), "{}", text(&piped.stderr));
    for flags in [
        &["--workload", "file"][..],
        &["--workload", "file", "--queries", "/nowhere"],
        &["--workload", "ingest", "--queries", path],
        &["--workload", "ingest", "--documents", "/nowhere"],
        &["--workload", "query", "--keep", "5"],
        &["--workload", "check", "--method", "VerifyQuote"],
        &["--workload", "query", "--method", "Verify"],
        &["--rate", "0"],
        &["--rate", "5", "--concurrency", "2"],
        &["--arrivals", "poisson"],
        &["--in-flight", "5"],
        &["--duration", "0s"],
        &["--duration", "soon"],
        &["--workload", "mixed", "--writes", "100"],
    ] {
        let refused = dictum(&["bench"]).args(flags).env("DICTUM_SERVER", "127.0.0.1:1").output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{flags:?}: {}", text(&refused.stderr));
    }
    let nobody = dictum(&["bench"]).env("DICTUM_SERVER", "127.0.0.1:1").output().unwrap();
    assert_eq!(nobody.status.code(), Some(1));
    assert!(text(&nobody.stderr).contains("dictum serve"), "{}", text(&nobody.stderr));
}
