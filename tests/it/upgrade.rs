//! Data directories that earlier versions wrote, and what their queries gave: `tests/fixtures/VERSION`, made by `tests/fixtures/make`.

use crate::cli::{Service, json_lines, text};
use crate::server::repository;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Folders of the versions of which a fixture is kept.
fn versions() -> Vec<PathBuf> {
    let entries = fs::read_dir(repository("tests/fixtures")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.join("quotes.jsonl").is_file()).collect()
}

/// Puts the files under `from`, each decompressed, under `to`.
fn unpack(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap();
        if path.is_dir() {
            unpack(&path, &to.join(name));
        } else {
            fs::write(to.join(name), zstd::decode_all(fs::File::open(&path).unwrap()).unwrap()).unwrap();
        }
    }
}

/// What stays of a result, whatever later versions add: which quote it is, of which document, what it says, and who.
fn kept(result: &Value) -> [Value; 5] {
    let contents = result["quote"]["contents"].as_array().unwrap();
    let words = contents.iter().map(|content| content["text"].clone()).collect();
    let (document, quote) = (&result["document"], &result["quote"]);
    [
        result["name"].clone(),
        document["title"].clone(),
        document["publishTime"].clone(),
        Value::Array(words),
        quote["speaker"]["name"].clone(),
    ]
}

#[test]
fn what_earlier_versions_stored_is_there_with_the_same_names() {
    let versions = versions();
    assert!(!versions.is_empty());
    for version in versions {
        let folder = TempDir::new().unwrap();
        unpack(&version.join("data"), &folder.path().join("data"));
        let expected = fs::read_to_string(version.join("quotes.jsonl")).unwrap();
        let expected: Vec<_> = json_lines(expected.as_bytes()).iter().map(kept).collect();
        assert!(expected.len() >= 8, "{version:?}");
        // Once with the index as it was left, once with one made from the store.
        for round in 0..2 {
            let service = Service::start(folder.path(), "127.0.0.1:0");
            let output = service.run(&["quotes", "--json", "--order", "oldest"]);
            assert!(output.status.success(), "{}", text(&output.stderr));
            let found: Vec<_> = json_lines(&output.stdout).iter().map(kept).collect();
            assert_eq!(found, expected, "{version:?}, round {round}");
            assert_eq!(service.stop(), Some(0));
            fs::remove_dir_all(folder.path().join("data/index")).unwrap();
        }
    }
}
