//! The files of `src/` as the compiler finds them, from the roots of library and binary by way of `mod`. A file that
//! no module declares is an error, so that none escapes.

use crate::server::repository;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use syn::{Attribute, Item, Meta};

/// One source file.
pub struct Module {
    /// Relative to `src/`.
    pub file: PathBuf,
    /// `["engine", "search"]`; `["main"]` for the binary, nothing for the library's root.
    pub path: Vec<String>,
    pub text: String,
    /// Compiled for tests only.
    pub is_test: bool,
}

impl Module {
    /// The layer that the file belongs to; the root of the library declares modules and is part of none.
    pub fn layer(&self) -> &str {
        self.path.first().map_or("", String::as_str)
    }
}

/// All files but the root of the library, which must do no more than declare the layers.
pub fn modules() -> Vec<Module> {
    let mut found = Vec::new();
    read("lib.rs".into(), vec![], false, &mut found);
    let root = syn::parse_file(&found.remove(0).text).unwrap();
    let declares =
        |item: &Item| matches!(item, Item::Mod(item) if item.content.is_none() && item.attrs.is_empty());
    assert!(root.items.iter().all(declares), "lib.rs does more than declare the layers");
    read("main.rs".into(), vec!["main".into()], false, &mut found);
    let mut read: BTreeSet<PathBuf> = found.iter().map(|module| module.file.clone()).collect();
    read.insert("lib.rs".into());
    let strays: Vec<PathBuf> = on_disk(&repository("src")).difference(&read).cloned().collect();
    assert!(strays.is_empty(), "files that no module declares: {strays:?}");
    found
}

fn read(file: PathBuf, path: Vec<String>, is_test: bool, found: &mut Vec<Module>) {
    let text = std::fs::read_to_string(repository("src").join(&file)).unwrap();
    let items = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())).items;
    found.push(Module { file: file.clone(), path: path.clone(), text, is_test });
    let is_root =
        matches!(file.file_name().and_then(|name| name.to_str()), Some("lib.rs" | "main.rs" | "mod.rs"));
    let dir =
        if is_root { file.parent().unwrap_or(Path::new("")).to_owned() } else { file.with_extension("") };
    for item in items {
        let Item::Mod(item) = item else { continue };
        if item.content.is_some() {
            continue;
        }
        let name = item.ident.to_string();
        let flat = dir.join(format!("{name}.rs"));
        let file = if repository("src").join(&flat).exists() { flat } else { dir.join(&name).join("mod.rs") };
        let path = path.iter().cloned().chain([name]).collect();
        read(file, path, is_test || is_for_tests(&item.attrs), found);
    }
}

fn on_disk(root: &Path) -> BTreeSet<PathBuf> {
    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => walk(&path, found),
                false if path.extension().is_some_and(|extension| extension == "rs") => found.push(path),
                false => {}
            }
        }
    }
    let mut found = Vec::new();
    walk(root, &mut found);
    found.iter().map(|path| path.strip_prefix(root).unwrap().to_owned()).collect()
}

/// Whether an item is compiled for tests only: `#[cfg(test)]` and nothing more clever.
pub fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}
