//! Keeps the layers: reads every path in `src/` and fails on an edge that is not allowed. What is not listed here is
//! forbidden, so a new layer or a new edge is added on purpose. Unit tests may use anything.

use crate::server::repository;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Each layer and the layers that it may use.
const EDGES: [(&str, &[&str]); 12] = [
    ("domain", &[]),
    ("text", &["domain"]),
    ("analysis", &["text", "domain"]),
    ("store", &["domain"]),
    ("index", &["domain"]),
    ("engine", &["analysis", "store", "index", "domain"]),
    ("transport", &["engine", "domain"]),
    ("config", &["engine", "transport"]),
    ("telemetry", &["config"]),
    ("shutdown", &[]),
    ("cli", &["config", "telemetry", "shutdown", "transport", "engine", "analysis", "domain"]),
    ("main", &["cli"]),
];

/// Crates and parts of `std` that belong to some layers only.
const GUARDS: [(&[&str], &[&str]); 10] = [
    (&["redb"], &["store"]),
    (&["tantivy"], &["index"]),
    (&["rten", "rten_tensor"], &["analysis"]),
    (
        &["tonic", "tonic_types", "tonic_prost", "tonic_health", "prost", "prost_types", "tower", "http"],
        &["transport", "cli"],
    ),
    (&["tonic_reflection", "prost_reflect", "http_body"], &["transport"]),
    (&["tokio", "tokio_util", "tokio_stream", "futures_util"], &["engine", "transport", "shutdown", "cli"]),
    (&["tracing"], &["store", "index", "engine", "transport", "telemetry", "shutdown", "cli"]),
    (&["std::time"], &["store", "index", "engine", "transport", "config", "telemetry", "cli"]),
    (&["std::fs"], &["store", "index", "engine", "config", "cli"]),
    (&["std::env", "clap", "anyhow", "tracing_subscriber"], &["config", "telemetry", "cli", "main"]),
];

/// Longest source file, in lines: one sitting.
const MAX_LINES: usize = 500;

#[test]
fn no_layer_uses_what_it_must_not_know() {
    let mut offences = BTreeSet::new();
    for file in sources() {
        let module = module(&file);
        let Some(layer) = module.first() else { continue };
        let code = code(&file);
        for path in paths(&code) {
            if let Some(offence) = offence(layer, &resolve(&path, &module)) {
                offences.insert(format!("{}: {offence}", file.display()));
            }
        }
    }
    assert!(offences.is_empty(), "{offences:#?}");
}

#[test]
fn every_file_opens_with_a_paragraph_and_ends_before_it_tires() {
    let mut offences = Vec::new();
    for file in sources() {
        let text = std::fs::read_to_string(repository("src").join(&file)).unwrap();
        if !text.starts_with("//! ") {
            offences.push(format!("{} opens without saying what it is", file.display()));
        }
        if text.lines().count() > MAX_LINES {
            offences.push(format!("{} has more than {MAX_LINES} lines", file.display()));
        }
    }
    assert!(offences.is_empty(), "{offences:#?}");
}

/// Why `layer` may not use `path`, if it may not.
fn offence(layer: &str, path: &[String]) -> Option<String> {
    let shown = path.join("::");
    if path.first().is_some_and(|first| first == "crate") {
        let used = path.get(1).filter(|used| EDGES.iter().any(|(name, _)| name == used))?;
        let (_, allowed) = EDGES.iter().find(|(name, _)| *name == layer)?;
        let fine = used == layer || allowed.contains(&used.as_str());
        return (!fine).then(|| format!("{layer} must not use {shown}"));
    }
    let (_, allowed) = GUARDS.iter().find(|(guarded, _)| {
        guarded.iter().any(|guarded| shown == *guarded || shown.starts_with(&format!("{guarded}::")))
    })?;
    (!allowed.contains(&layer)).then(|| format!("{layer} must not use {shown}"))
}

/// The path from the root of the crate, or as it is where it leads outside.
fn resolve(path: &[String], module: &[String]) -> Vec<String> {
    let mut base: Vec<String> = match path.first().map(String::as_str) {
        Some("crate" | "dictum") => vec![],
        Some("self" | "super") => module.to_vec(),
        _ => return path.to_vec(),
    };
    for segment in path {
        match segment.as_str() {
            "crate" | "dictum" | "self" => {}
            "super" => drop(base.pop()),
            name => base.push(name.to_owned()),
        }
    }
    base.insert(0, "crate".to_owned());
    base
}

/// The files of `src/`, relative to it, without those that hold tests alone.
fn sources() -> Vec<PathBuf> {
    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let is_test = path.file_stem().is_some_and(|stem| stem == "tests");
            if path.is_dir() && !is_test {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test {
                found.push(path);
            }
        }
    }
    let root = repository("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.sort();
    assert!(found.len() > 50, "the walk has missed the sources: {found:?}");
    found.iter().map(|path| path.strip_prefix(&root).unwrap().to_owned()).collect()
}

/// The module that a file is: `["engine", "search"]`; `["main"]` for the binary, nothing for the library's root.
fn module(file: &Path) -> Vec<String> {
    let stem = file.with_extension("");
    let names = stem.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    names.filter(|name| name != "mod" && name != "lib").collect()
}

/// The file without comments, literals and its unit tests.
fn code(file: &Path) -> String {
    let text = std::fs::read_to_string(repository("src").join(file)).unwrap();
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut code = String::new();
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default();
        // Every other piece between quotation marks is a literal; those of char literals come in pairs.
        code.extend(line.split('"').step_by(2));
        code.push('\n');
    }
    code
}

/// Every path of at least two segments, groups expanded: `use a::{b, c::{d, e}}` gives `a::b`, `a::c::d`, `a::c::e`.
fn paths(code: &str) -> Vec<Vec<String>> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = path_at(&tokens, at, &[], &mut found);
    }
    found
}

/// Reads one path, adds it under `prefix`, and returns where to go on.
fn path_at(tokens: &[&str], mut at: usize, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    while tokens.get(at).is_some_and(|token| is_name(token)) {
        path.push(tokens[at].to_owned());
        at += 1;
        if tokens.get(at) != Some(&"::") {
            break;
        }
        at += 1;
    }
    if tokens.get(at) == Some(&"{") && tokens.get(at.wrapping_sub(1)) == Some(&"::") {
        at += 1;
        while at < tokens.len() && tokens[at] != "}" {
            at = path_at(tokens, at, &path, found);
        }
        return at + 1;
    }
    if path.len() == prefix.len() {
        return at + 1;
    }
    if path.len() > 1 {
        found.push(path);
    }
    at
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("::") {
            2
        } else {
            let name = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            name.max(first.len_utf8())
        };
        if !first.is_whitespace() {
            tokens.push(&rest[..length]);
        }
        rest = &rest[length..];
    }
    tokens
}

#[test]
fn the_reader_of_paths_finds_them_in_every_form() {
    let code = "use a::{b, c::{d, self}}; let x = super::e::f(g) + std::fs::read(h); struct I { j: k::L }";
    let shown: Vec<String> = paths(code).iter().map(|path| path.join("::")).collect();
    assert_eq!(shown, ["a::b", "a::c::d", "a::c::self", "super::e::f", "std::fs::read", "k::L"]);
    let module = ["engine".to_owned(), "search".to_owned()];
    let resolved = resolve(&["super".into(), "super".into(), "store".into()], &module);
    assert_eq!(resolved, ["crate", "store"]);
    assert!(offence("analysis", &["crate".into(), "store".into()]).is_some());
    assert!(offence("analysis", &["std".into(), "time".into(), "Instant".into()]).is_some());
    assert!(offence("engine", &["crate".into(), "store".into(), "Store".into()]).is_none());
}
