//! The rules: each layer, and all that it may use.

use super::paths::{Found, Target};

/// A layer of the service: a folder or file of `src/`.
struct Layer {
    name: &'static str,
    /// Other layers.
    layers: &'static [&'static str],
    /// Crates, or the parts of them that are named.
    crates: &'static [&'static str],
    /// Modules of the standard library beside [`PURE_STD`].
    std: &'static [&'static str],
}

/// Every layer. A row that nothing uses yet is no error.
#[rustfmt::skip]
const LAYERS: [Layer; 23] = [
    Layer { name: "domain", layers: &[], crates: &["serde"], std: &[] },
    Layer { name: "folding", layers: &["domain"], std: &[], crates: &[
        "blake3", "data_encoding", "deunicode", "unicode_normalization", "unicode_properties", "unicode_segmentation",
    ] },
    Layer { name: "wording", layers: &["folding", "domain"], crates: &["fst", "similar"], std: &[] },
    Layer { name: "clusters", layers: &[], crates: &[], std: &[] },
    Layer { name: "text", layers: &["domain"], crates: &["html_escape", "unicode_properties"], std: &[] },
    Layer { name: "analysis", layers: &["text", "folding", "domain"], std: &[], crates: &[
        "aho_corasick", "blake3", "fst", "jiff", "memchr", "rten", "rten_tensor", "serde", "serde_json", "thiserror",
        "unicode_normalization", "unicode_properties", "whatlang", "whichlang",
    ] },
    Layer { name: "html", layers: &[], std: &[], crates: &["html5gum", "html_escape", "jiff", "serde_json", "thiserror"] },
    Layer { name: "fairness", layers: &[], crates: &[], std: &["time"] },
    Layer { name: "failpoint", layers: &[], crates: &[], std: &["env", "process", "thread", "time"] },
    Layer { name: "stamp", layers: &[], crates: &[], std: &["fs", "io", "os", "path"] },
    Layer { name: "access", layers: &["stamp"], crates: &[
        "arc_swap", "data_encoding", "getrandom", "jiff", "jsonwebtoken", "ring", "serde", "serde_json", "subtle", "tempfile",
        "thiserror", "toml", "toml_edit", "tracing",
    ], std: &["fs", "io", "net", "os", "path", "thread", "time"] },
    Layer { name: "metrics", layers: &[], crates: &["prometheus_client", "rustix::param"], std: &["fs", "time"] },
    Layer { name: "tls", layers: &["stamp"], crates: &[
        "arc_swap", "jiff", "rustls", "serde", "thiserror", "x509_parser",
    ], std: &["path"] },
    Layer { name: "ports", layers: &["access", "domain"], std: &["path", "time"], crates: &[
        "async_trait", "blake3", "thiserror", "tokio::sync::watch", "tokio_util::sync::CancellationToken",
    ] },
    Layer { name: "store", layers: &["ports", "folding", "domain", "failpoint"], crates: &[
        "async_trait", "blake3", "data_encoding", "getrandom", "postcard", "redb", "rustix::fs", "serde", "serde_json", "thiserror",
        "tokio::sync", "tracing", "zstd",
    ], std: &["fs", "io", "os", "panic", "path", "thread", "time"] },
    Layer { name: "index", layers: &["ports", "fairness", "wording", "clusters", "folding", "domain", "failpoint"], crates: &[
        "async_trait", "blake3", "data_encoding", "foldhash", "jiff", "levenshtein_automata", "postcard", "serde", "tantivy", "thiserror",
        "tokio::select", "tokio::sync", "tokio::time", "tracing",
    ], std: &["fs", "io", "panic", "path", "pin", "task", "thread", "time"] },
    Layer { name: "engine", layers: &["ports", "access", "fairness", "html", "analysis", "wording", "folding", "store", "index", "domain", "failpoint"], crates: &[
        "async_trait", "futures_util", "postcard", "rustix::fs::statvfs", "serde", "thiserror", "tokio", "tokio_stream", "tokio_util", "tracing",
    ], std: &["fs", "future", "io", "panic", "path", "pin", "task", "thread", "time"] },
    Layer { name: "transport", layers: &["engine", "ports", "access", "fairness", "tls", "metrics", "domain"], crates: &[
        "blake3", "data_encoding", "flate2", "futures_util", "http", "http_body", "http_body_util", "hyper", "hyper_util", "jiff",
        "opentelemetry", "opentelemetry_sdk::propagation", "prost", "prost_reflect", "prost_types", "serde",
        "serde_json", "thiserror", "tokio", "tokio_rustls", "tokio_stream", "tokio_util", "tonic", "tonic_health", "tonic_prost",
        "tonic_reflection", "tonic_types", "tower", "tracing", "tracing_opentelemetry", "winnow", "zstd",
    ], std: &["future", "io", "net", "panic", "pin", "task", "time"] },
    Layer { name: "config", layers: &["engine", "transport", "access", "tls", "domain"], crates: &[
        "clap", "jiff", "serde", "thiserror", "toml", "tracing_subscriber",
    ], std: &["env", "fs", "io", "net", "path", "time"] },
    Layer { name: "telemetry", layers: &["config", "transport"], crates: &[
        "anstream", "opentelemetry", "opentelemetry_otlp", "opentelemetry_sdk", "thiserror", "tokio", "tokio_util", "tracing",
        "tracing_opentelemetry", "tracing_subscriber",
    ], std: &["io", "thread", "time"] },
    Layer { name: "shutdown", layers: &[], crates: &["tokio", "tokio_util", "tracing"], std: &["io", "process"] },
    Layer { name: "cli", layers: &["config", "telemetry", "shutdown", "transport", "engine", "ports", "access", "tls", "html", "analysis", "domain", "failpoint"], crates: &[
        "anstream", "anstyle", "anyhow", "blake3", "chardetng", "clap", "comfy_table", "csv", "encoding_rs",
        "fastrand", "futures_util", "hdrhistogram", "indicatif", "jiff", "memchr", "parquet", "prost", "prost_types", "serde", "serde_json", "tempfile",
        "terminal_size", "thiserror", "tokio", "tokio_stream", "tokio_util", "tonic", "tonic_health", "tonic_types",
        "tower", "tracing", "unicode_normalization", "unicode_width",
    ], std: &["env", "fs", "future", "io", "net", "panic", "path", "pin", "process", "thread", "time"] },
    Layer { name: "main", layers: &["cli"], crates: &["clap"], std: &["process"] },
];

/// Layers without threads, I/O, clock and randomness.
const PURE: [&str; 8] = ["domain", "folding", "wording", "clusters", "text", "analysis", "html", "fairness"];

/// Modules of the standard library that know nothing of the world.
#[rustfmt::skip]
const PURE_STD: [&str; 33] = [
    "any", "array", "ascii", "borrow", "boxed", "cell", "char", "clone", "cmp", "collections", "convert", "default",
    "error", "f32", "f64", "fmt", "hash", "hint", "i64", "iter", "marker", "mem", "num", "ops", "option", "rc", "result",
    "slice", "str", "string", "sync", "u32", "vec",
];

/// What pure layers may not use although its module or crate is allowed.
#[rustfmt::skip]
const IMPURE: [&str; 16] = [
    "std::collections::hash_map::RandomState", "std::hash::RandomState", "std::hash::random", "std::sync::mpsc",
    "std::sync::mpmc", "std::sync::Barrier", "std::sync::Condvar", "jiff::Timestamp::now", "jiff::Zoned::now",
    "jiff::civil::now", "jiff::tz::TimeZone::system", "jiff::tz::TimeZone::try_system", "jiff::tz::TimeZone::get",
    "jiff::tz::db", "blake3::Hasher::update_rayon", "blake3::Hasher::update_mmap",
];

/// Macros that a pure layer may use by their bare name, beside its own.
#[rustfmt::skip]
const PURE_MACROS: [&str; 22] = [
    "assert", "assert_eq", "assert_ne", "compile_error", "concat", "debug_assert", "debug_assert_eq",
    "debug_assert_ne", "env", "format", "format_args", "include_bytes", "include_str", "line", "matches",
    "panic", "stringify", "unimplemented", "unreachable", "vec", "write", "writeln",
];

/// Whether there is a layer of that name.
pub fn is_layer(name: &str) -> bool {
    LAYERS.iter().any(|row| row.name == name)
}

/// Why the layer may not use what was found, if it may not.
pub fn offence(layer: &str, found: &Found) -> Option<String> {
    let rules = LAYERS.iter().find(|row| row.name == layer)?;
    let fine = match &found.target {
        Target::Inside(path) => match path.first().map(String::as_str) {
            // The whole crate, by glob or by another name, could be any layer.
            None => !found.opens,
            Some(used) => used == layer || rules.layers.contains(&used),
        },
        Target::Outside(path) => rules.takes(path, found.opens),
        Target::Macro(name) => !PURE.contains(&layer) || PURE_MACROS.contains(&name.as_str()),
        Target::Unreadable => false,
    };
    (!fine).then(|| format!("{layer} must not use {}", found.shown))
}

impl Layer {
    fn takes(&self, path: &[String], opens: bool) -> bool {
        let [root, rest @ ..] = path else { return false };
        let shown = path.join("::");
        if PURE.contains(&self.name) && IMPURE.iter().any(|impure| within(&normal(&shown), impure)) {
            return false;
        }
        if !["std", "core", "alloc"].contains(&root.as_str()) {
            return self.crates.iter().any(|allowed| within(&shown, allowed));
        }
        match rest {
            [] => !opens,
            [module, ..] => {
                let own = PURE_MACROS.contains(&module.as_str()) && rest.len() == 1;
                own || [&PURE_STD[..], self.std].iter().any(|list| list.contains(&module.as_str()))
            }
        }
    }
}

/// `core` and `alloc` by the name of what shows them again.
fn normal(path: &str) -> String {
    match path.split_once("::") {
        Some(("core" | "alloc", rest)) => format!("std::{rest}"),
        _ => path.to_owned(),
    }
}

fn within(path: &str, allowed: &str) -> bool {
    path.strip_prefix(allowed).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}
