//! What names mean: imports and modules in scope, and following a path through them.

use super::Target;
use super::imports;
use crate::architecture::modules::is_for_tests;
use std::collections::{BTreeMap, BTreeSet};
use syn::Item;

/// The names that a module or a block declares.
pub struct Scope {
    /// The module that it is, or is in.
    module: Vec<String>,
    /// Imported names and the paths that they stand for.
    imports: BTreeMap<String, Vec<String>>,
    modules: BTreeSet<String>,
    /// Names outside do not reach in.
    is_module: bool,
}

impl Scope {
    pub fn of_module<'i>(module: Vec<String>, items: impl Iterator<Item = &'i Item>) -> Self {
        Self { is_module: true, ..Self::of_block(module, items) }
    }

    pub fn of_block<'i>(module: Vec<String>, items: impl Iterator<Item = &'i Item>) -> Self {
        let mut scope = Self { module, imports: BTreeMap::new(), modules: BTreeSet::new(), is_module: false };
        for item in items {
            match item {
                Item::Use(item) if !is_for_tests(&item.attrs) => {
                    imports::of_use(item).into_iter().for_each(|import| scope.declare(import));
                }
                Item::ExternCrate(item) => scope.declare(imports::of_extern_crate(item)),
                Item::Mod(item) => drop(scope.modules.insert(item.ident.to_string())),
                _ => {}
            }
        }
        scope
    }

    fn declare(&mut self, import: imports::Import) {
        if let Some(name) = import.name {
            self.imports.insert(name, import.path);
        }
    }
}

/// Scopes within scopes, the innermost last.
pub struct Scopes {
    root: Vec<String>,
    open: Vec<Scope>,
}

/// How many imports a name may lead through.
const FARTHEST: usize = 16;

#[rustfmt::skip]
const PRIMITIVES: [&str; 17] = [
    "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str", "u128", "u16", "u32", "u64", "u8",
    "usize",
];

impl Scopes {
    pub fn new(module: &[String]) -> Self {
        Self { root: module.to_vec(), open: Vec::new() }
    }

    /// The module at work.
    pub fn module(&self) -> &[String] {
        self.open.last().map_or(&self.root, |scope| &scope.module)
    }

    pub fn enter(&mut self, scope: Scope) {
        self.open.push(scope);
    }

    pub fn leave(&mut self) {
        self.open.pop();
    }

    /// Whether the name is imported.
    pub fn knows(&self, name: &str) -> bool {
        self.visible().any(|scope| scope.imports.contains_key(name))
    }

    /// Where a path leads; `None` for what is in the file itself or in the language. A single name that is not
    /// imported leads outside only where it is itself imported (`use redb;`).
    pub fn resolve(&self, path: &[String], is_import: bool) -> Option<Target> {
        self.follow(path, is_import, FARTHEST)
    }

    fn follow(&self, path: &[String], is_import: bool, left: usize) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "" if rest.first().is_some_and(|name| name == "dictum") => {
                Some(Target::Inside(rest[1..].to_vec()))
            }
            "" => Some(Target::Outside(rest.to_vec())),
            "crate" | "dictum" => Some(Target::Inside(climb(vec![], rest))),
            "self" | "super" if path.len() > 1 || first == "super" => {
                Some(Target::Inside(climb(self.module().to_vec(), path)))
            }
            "self" => None,
            name => self.named(name, rest, is_import, left),
        }
    }

    fn named(&self, name: &str, rest: &[String], is_import: bool, left: usize) -> Option<Target> {
        for scope in self.visible() {
            if scope.modules.contains(name) {
                let inside = scope.module.iter().cloned().chain([name.to_owned()]).collect();
                return Some(Target::Inside(climb(inside, rest)));
            }
            // `use redb::{self}` stands for itself: what it means is to be found outside.
            let Some(path) = scope.imports.get(name).filter(|path| path[0] != name) else { continue };
            if left == 0 {
                return Some(Target::Unreadable);
            }
            return self.follow(&[path, rest].concat(), is_import, left - 1);
        }
        if self.stands_for_itself(name) {
            return Some(Target::Outside([&[name.to_owned()], rest].concat()));
        }
        let is_type = name.starts_with(|c: char| c.is_uppercase()) || PRIMITIVES.contains(&name);
        let is_local = is_type || rest.is_empty() && !is_import;
        (!is_local).then(|| Target::Outside([&[name.to_owned()], rest].concat()))
    }

    /// Whether the name is imported from a crate of the same name.
    fn stands_for_itself(&self, name: &str) -> bool {
        self.visible().any(|scope| scope.imports.get(name).is_some_and(|path| path[0] == name))
    }

    /// The innermost scope first, up to the module's own.
    fn visible(&self) -> impl Iterator<Item = &Scope> {
        let module = self.open.iter().rposition(|scope| scope.is_module).unwrap_or(0);
        self.open[module..].iter().rev()
    }
}

/// Goes from a module along a path with `super` and `self` in it.
fn climb(mut module: Vec<String>, path: &[String]) -> Vec<String> {
    for segment in path {
        match segment.as_str() {
            "self" => {}
            "super" => drop(module.pop()),
            name => module.push(name.to_owned()),
        }
    }
    module
}
