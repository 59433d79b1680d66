//! Keeps the layers: reads every item of `src/` that is no test, resolves the paths in it, and fails on each that
//! [`rules`] does not allow. What is not listed there is forbidden: a new layer, a new edge, another crate or another
//! part of the standard library is added on purpose. Start at [`rules`]; [`modules`] finds the files, [`paths`] reads
//! the paths of one.

mod modules;
mod paths;
mod rules;

use modules::{Module, modules};
use std::collections::BTreeSet;

/// Longest source file, in lines: one sitting.
const MAX_LINES: usize = 500;

#[test]
fn no_layer_uses_what_it_must_not_know() {
    let mut offences = BTreeSet::new();
    for module in modules().iter().filter(|module| !module.is_test) {
        offences.extend(offences_of(module));
    }
    assert!(offences.is_empty(), "{offences:#?}");
}

#[test]
fn every_file_opens_with_a_paragraph_and_ends_before_it_tires() {
    let mut offences = Vec::new();
    for Module { file, text, .. } in modules() {
        if !text.starts_with("//! ") {
            offences.push(format!("{} opens without saying what it is", file.display()));
        }
        if text.lines().count() > MAX_LINES {
            offences.push(format!("{} has more than {MAX_LINES} lines", file.display()));
        }
    }
    assert!(offences.is_empty(), "{offences:#?}");
}

/// What a file does against the rules, each with the file's name.
fn offences_of(module: &Module) -> Vec<String> {
    if !rules::is_layer(module.layer()) {
        return vec![format!("{} is in no layer that is listed with what it may use", module.file.display())];
    }
    let found = paths::read(&module.text, &module.path).into_iter();
    let offences = found.filter_map(|path| rules::offence(module.layer(), &path));
    offences.map(|offence| format!("{}: {offence}", module.file.display())).collect()
}

/// Whether code in a module would be refused.
fn refused(module: &str, code: &str) -> bool {
    let path = module.split("::").map(str::to_owned).collect();
    !offences_of(&Module { file: module.into(), path, text: code.into(), is_test: false }).is_empty()
}

#[test]
fn a_forbidden_path_is_caught_in_every_form() {
    let forms = [
        "use std::fs;",
        "use std::{fmt, fs::{self, File}};",
        "use std as s; fn f() { s::fs::read(\"x\"); }",
        "use std as s; use s::fs as f;",
        "use std::*;",
        "use ::std::fs::*;",
        "extern crate std; fn f() { std::fs::read(\"x\"); }",
        "extern crate redb;",
        "extern crate redb as fmt;",
        "fn f() { std::fs::read(\"x\").unwrap(); }",
        "fn f() { ::std::fs::read(\"x\").unwrap(); }",
        "fn f() { core::net::Ipv4Addr::LOCALHOST; }",
        "fn f() { g::<std::fs::File>(); }",
        "fn f(file: &mut dyn Into<std::fs::File>) {}",
        "fn f() -> impl Fn(std::time::Instant) { |_| () }",
        "impl From<std::fs::File> for X {}",
        "fn f() { <std::fs::File as Drop>::drop(&mut x); }",
        "const X: [u8; 1] = { use std::fs as f; [f::read(\"x\").unwrap()[0]] };",
        "mod inner { fn f() { std::fs::read(\"x\"); } }",
        "fn f() { format!(\"{}\", std::time::SystemTime::now()); }",
        "fn f() { vec![vec![Some(crate::store::Store::open())]]; }",
        "macro_rules! m { () => { std::thread::spawn(|| ()) } }",
        "macro_rules! m { () => { $crate::store::Store } }",
        "macro_rules! m { () => { use std::{fmt, fs}; } }",
        "fn f() { println!(\"x\"); }",
        "fn f() { std::println!(\"x\"); }",
        "thread_local! { static X: u8 = 0; }",
        "fn f() { unknown!(); }",
        "fn f() { include!(\"other.rs\"); }",
        "#[tokio::main] fn f() {}",
        "#[derive(redb::Key)] struct X;",
        "#[cfg_attr(unix, derive(redb::Key))] struct X;",
        "#[path = \"../store/mod.rs\"] mod other;",
        "pub use crate::store::Store;",
        "pub use crate::{engine as text, domain};",
        "use super::super::store as text;",
        "use super::super::*;",
        "use crate as c; fn f() { c::store::Store::open(); }",
        "pub(in crate::store) fn f() {}",
        "use crate::newcomer::X;",
        "use rand::random;",
        "fn f() { getrandom::fill(&mut x); }",
        "async fn f() { tokio::time::sleep(x).await; }",
        "use std::sync::mpsc;",
        "use std::io::Read;",
        "use std::hash::RandomState;",
        "fn f() { std::collections::hash_map::RandomState::new(); }",
        "use jiff::Timestamp; fn f() { Timestamp::now(); }",
        "use jiff::tz::TimeZone as T; fn f() { T::system(); }",
        "fn f() { { use crate::domain as redb; } redb::Database::open(); }",
        "mod redb {} fn f() { ::redb::open(); }",
        "#[cfg(not(test))] use std::fs;",
        "#[cfg(any(test, unix))] use std::fs;",
        "macro_rules! m { ($x:ident) => { $x::fs::read() } } fn f() { m!(std); }",
        "fn f() { unsafe { std::env::var(\"X\") } }",
    ];
    for code in forms {
        assert!(refused("analysis::part", code), "{code}");
    }
    assert!(refused("transport::part", "fn f() { redb::Database::create(x); }"), "a crate of another layer");
    assert!(refused("newcomer", ""), "a layer that is not listed");
}

#[test]
fn what_is_allowed_is_let_through() {
    let forms = [
        "use crate::domain::span::ByteSpan; use std::collections::HashMap;",
        "use super::sibling::Thing; fn f() { super::sibling::g(); }",
        "mod child; fn f() { child::g(); let x = u32::MAX; str::from_utf8(b\"x\"); Vec::<u8>::new(); }",
        "use crate::text::words as fs; fn f() { fs::read(); }",
        "#[cfg(test)] mod tests { use std::fs; }",
        "#[cfg(test)] fn f() { std::fs::read(\"x\"); }",
        "/// As `std::fs::read` does, see [`std::fs`].\nfn f() -> &'static str { \"std::fs::read\" }",
        "#[derive(Debug, Default)] struct X; fn f() { let x: Vec<_> = y.iter().collect::<Vec<_>>(); }",
        "macro_rules! m { ($x:ident) => { $x::new($x) } } fn f() { m!(X); format!(\"{x}\"); }",
    ];
    for code in forms {
        assert!(!refused("analysis::part", code), "{code}");
    }
    assert!(!refused(
        "engine::part",
        "use crate::store::Store; fn f() { std::thread::spawn(g); println!(); }"
    ));
}

#[test]
fn what_is_deployed_is_this_version() {
    let version = env!("CARGO_PKG_VERSION");
    let said = [
        ("Dockerfile", format!("image.version=\"{version}\"")),
        ("deploy/compose.yaml", format!("image: dictum:{version}")),
        ("deploy/README.md", format!("dictum:{version}")),
        ("deploy/kubernetes/base/statefulset.yaml", format!("image: dictum:{version}")),
        ("deploy/kubernetes/example/kustomization.yaml", format!("newTag: {version}")),
    ];
    for (file, said) in said {
        let text = std::fs::read_to_string(crate::server::repository(file)).unwrap();
        assert!(text.contains(&said), "{file} does not say {said}");
    }
}
