//! What is fuzzed: one file a target, each a body that takes any bytes, and panics where a promise is broken. Known to the test
//! binary around it and to the fuzzer in `fuzz/`, which includes this folder.

mod analysis;
mod backup;
mod bearer;
#[path = "../../it/by_rules/mod.rs"]
mod by_rules;
mod config;
mod filter;
mod handlers;
mod html;
mod keys;
mod records;
mod service;
mod tokens;

use std::path::Path;

/// What is run.
pub type Body = Box<dyn FnMut(&[u8]) + Send>;

/// Something that takes bytes from strangers.
pub struct Target {
    /// Its name, which is that of its folder of seeds, too.
    pub name: &'static str,
    /// How many mutations `cargo test` tries.
    pub sample: u64,
    /// What mutations put in.
    pub words: &'static [&'static str],
    /// Seeds that are made by code, beside those of the folder.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Makes whatever runs need, and gives what is run.
    pub begin: fn() -> Body,
}

impl Target {
    /// Where mutations begin: what the code makes, then the files of the folder in the order of their names.
    pub fn seeds(&self) -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(self.name);
        let mut files: Vec<_> =
            std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let files = files.iter().map(|path| std::fs::read(path).unwrap());
        (self.seeds)().into_iter().chain(files).collect()
    }
}

/// Every target.
pub fn all() -> Vec<Target> {
    vec![
        analysis::BY_RULES,
        analysis::BY_NETWORK,
        handlers::TARGET,
        tokens::TARGET,
        filter::TARGET,
        html::TARGET,
        config::TARGET,
        records::TARGET,
        backup::TARGET,
        keys::TARGET,
        bearer::TARGET,
    ]
}

/// The target of that name.
pub fn named(name: &str) -> Target {
    all().into_iter().find(|target| target.name == name).expect("a target of that name")
}

/// Seeds of targets whose seeds are files alone.
fn none() -> Vec<Vec<u8>> {
    Vec::new()
}

/// Bytes as text; what is no UTF-8 becomes replacement characters, which are text too.
fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// The first byte, which chooses something, and the rest.
fn chosen(data: &[u8]) -> (u8, &[u8]) {
    data.split_first().map_or((0, data), |(first, rest)| (*first, rest))
}
