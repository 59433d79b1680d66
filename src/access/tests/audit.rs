//! What the log of decisions says.

use super::*;
use serde_json::{Value, json};
use std::path::Path;

fn event(number: usize) -> AuditEvent {
    AuditEvent::new(START.parse().unwrap(), number.to_string().into(), "dictum.v1.QuoteService/SearchQuotes")
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn wait_for(what: impl Fn() -> bool) {
    let begin = std::time::Instant::now();
    while !what() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it did not come about");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_line_says_who_asked_what_and_what_came_of_it() {
    let (house, key) = House::new();
    let guard = house.guard();
    let path = house.folder.path().join("audit.jsonl");
    let log = AuditLog::open(AuditTarget::File(path.clone())).unwrap();
    let reader = show(&guard, &key).unwrap();
    let over = OverQuota { quota: Quota::Bytes, limit: 7, retry_after: None };
    let rejection = show(&guard, other_secret(&key)).unwrap_err();
    let peer = Some("192.0.2.7:5000".parse().unwrap());
    let resource = Some("collections/open".to_owned());
    log.record(AuditEvent { peer, resource, ..event(1).by(&reader) });
    log.record(event(2).by(&reader).hidden());
    log.record(event(3).by(&reader).denied(reader.may(Scope::Write).unwrap_err()));
    log.record(event(4).by(&reader).over(&over));
    log.record(event(5).rejected(&rejection));
    drop(log);
    let found = lines(&path);
    let who = json!({ "id": "key:reader", "name": "reader of the tests" });
    assert_eq!(
        found[0],
        json!({
            "time": START, "principal": who, "peer": "192.0.2.7:5000", "request": "1",
            "rpc": "dictum.v1.QuoteService/SearchQuotes", "resource": "collections/open", "outcome": "ok", "code": "OK",
        })
    );
    for (line, outcome, code, reason) in [
        (1, "hidden", "NOT_FOUND", "the collection is out of reach"),
        (2, "denied", "PERMISSION_DENIED", "the scope write is needed"),
        (3, "quota", "RESOURCE_EXHAUSTED", "the limit bytes_per_minute of 7 is reached"),
        (4, "unauthenticated", "UNAUTHENTICATED", "the secret is wrong"),
    ] {
        let said = ["outcome", "code", "reason"].map(|field| found[line][field].as_str().unwrap());
        assert_eq!(said, [outcome, code, reason]);
    }
    assert_eq!((&found[4]["claimed"], found[4].get("principal")), (&json!("reader"), None));
}

#[test]
fn a_file_that_was_moved_away_is_opened_anew() {
    let folder = tempfile::tempdir().unwrap();
    let [path, old] = ["audit.jsonl", "audit.jsonl.1"].map(|name| folder.path().join(name));
    let log = AuditLog::open(AuditTarget::File(path.clone())).unwrap();
    log.record(event(1));
    wait_for(|| lines(&path).len() == 1);
    std::fs::rename(&path, &old).unwrap();
    log.reopen();
    wait_for(|| path.exists());
    log.record(event(2));
    drop(log);
    assert_eq!((lines(&old).len(), lines(&path).len()), (1, 1));
}
