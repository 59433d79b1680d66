//! The paths in a source file, in every form that Rust has for them: imports, expressions, types, patterns, attributes,
//! macros and what is handed to them. Each is followed through the imports and modules in scope to where it leads. What
//! is compiled for tests only is passed over.

mod imports;
mod scope;
mod tokens;

use super::modules::is_for_tests;
use proc_macro2::TokenStream;
use scope::{Scope, Scopes};
use std::collections::BTreeSet;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, File, ImplItem, Item, ItemExternCrate, ItemMod, ItemUse, Macro, Meta, Path, Stmt,
    TraitItem,
};

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To a module or item of the crate, from its root.
    Inside(Vec<String>),
    /// To another crate.
    Outside(Vec<String>),
    /// To a macro that is neither imported nor of this file.
    Macro(String),
    /// To source that is not read here.
    Unreadable,
}

/// One path.
#[derive(Debug)]
pub struct Found {
    pub target: Target,
    /// Brings all that is there into scope, or gives it another name.
    pub opens: bool,
    /// As it is written.
    pub shown: String,
}

/// The paths of a file, which is the module of that path.
pub fn read(text: &str, module: &[String]) -> Vec<Found> {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{module:?}: {error}\n{text}"));
    let mut reader = Reader { scopes: Scopes::new(module), found: Vec::new(), macros: BTreeSet::new() };
    reader.macros.extend(file.items.iter().filter_map(|item| match item {
        Item::Macro(item) => item.ident.as_ref().map(|name| name.to_string()),
        _ => None,
    }));
    reader.visit_file(&file);
    reader.found
}

struct Reader {
    scopes: Scopes,
    found: Vec<Found>,
    /// Macros of this file.
    macros: BTreeSet<String>,
}

/// Attributes that speak to tools; their paths lead nowhere.
const TOOLS: [&str; 4] = ["rustfmt", "clippy", "rustdoc", "diagnostic"];

impl Reader {
    /// Notes a path that stands alone; a single name among expressions means something in scope.
    fn path(&mut self, segments: &[String]) {
        if segments.first().is_none_or(|first| TOOLS.contains(&first.as_str())) {
            return;
        }
        if let Some(target) = self.scopes.resolve(segments, false) {
            self.note(target, false, segments);
        }
    }

    /// Notes a path that is imported.
    fn import(&mut self, segments: &[String], opens: bool) {
        if let Some(target) = self.scopes.resolve(segments, true) {
            self.note(target, opens, segments);
        }
    }

    /// Notes a macro that is called by its bare name.
    fn bare_macro(&mut self, name: &str) {
        let target = match name {
            "macro_rules" => return,
            "include" => Target::Unreadable,
            name if self.macros.contains(name) || self.scopes.knows(name) => return,
            name => Target::Macro(name.to_owned()),
        };
        self.note(target, false, &[format!("{name}!")]);
    }

    fn note(&mut self, target: Target, opens: bool, segments: &[String]) {
        self.found.push(Found { target, opens, shown: segments.join("::") });
    }

    fn within(&mut self, scope: Scope, read: impl FnOnce(&mut Self)) {
        self.scopes.enter(scope);
        read(self);
        self.scopes.leave();
    }
}

impl<'a> Visit<'a> for Reader {
    fn visit_file(&mut self, file: &'a File) {
        let scope = Scope::of_module(self.scopes.module().to_vec(), file.items.iter());
        self.within(scope, |reader| visit::visit_file(reader, file));
    }

    fn visit_item_mod(&mut self, item: &'a ItemMod) {
        let Some((_, items)) = &item.content else { return visit::visit_item_mod(self, item) };
        let path = self.scopes.module().iter().cloned().chain([item.ident.to_string()]).collect();
        self.within(Scope::of_module(path, items.iter()), |reader| visit::visit_item_mod(reader, item));
    }

    fn visit_block(&mut self, block: &'a Block) {
        let items = block.stmts.iter().filter_map(|statement| match statement {
            Stmt::Item(item) => Some(item),
            _ => None,
        });
        let scope = Scope::of_block(self.scopes.module().to_vec(), items);
        self.within(scope, |reader| visit::visit_block(reader, block));
    }

    fn visit_item(&mut self, item: &'a Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'a ImplItem) {
        if !matches!(item, ImplItem::Fn(function) if is_for_tests(&function.attrs)) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'a TraitItem) {
        if !matches!(item, TraitItem::Fn(function) if is_for_tests(&function.attrs)) {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        for import in imports::of_use(item) {
            self.import(&import.path, import.opens());
        }
        item.attrs.iter().for_each(|attribute| self.visit_attribute(attribute));
    }

    fn visit_item_extern_crate(&mut self, item: &'a ItemExternCrate) {
        let import = imports::of_extern_crate(item);
        self.import(&import.path, import.opens());
    }

    fn visit_path(&mut self, path: &'a Path) {
        self.path(&segments(path));
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'a Macro) {
        match called.path.get_ident() {
            Some(name) => self.bare_macro(&name.to_string()),
            None => self.path(&segments(&called.path)),
        }
        self.visit_token_stream(&called.tokens);
    }

    /// What is handed to macros, and syntax that is too new to be parsed.
    fn visit_token_stream(&mut self, tokens: &'a TokenStream) {
        self.tokens(tokens.clone(), false);
    }

    fn visit_attribute(&mut self, attribute: &'a Attribute) {
        let path = attribute.path();
        if path.is_ident("doc") && matches!(attribute.meta, Meta::NameValue(_)) {
            return;
        }
        if path.is_ident("path") {
            return self.note(Target::Unreadable, false, &["#[path]".to_owned()]);
        }
        self.path(&segments(path));
        match &attribute.meta {
            Meta::List(list) => self.tokens(list.tokens.clone(), true),
            Meta::NameValue(pair) => self.visit_expr(&pair.value),
            Meta::Path(_) => {}
        }
    }
}

/// The path's names; an empty one stands before a path that begins with `::`.
fn segments(path: &Path) -> Vec<String> {
    let begin = path.leading_colon.as_ref().map(|_| String::new());
    begin.into_iter().chain(path.segments.iter().map(|segment| name(&segment.ident))).collect()
}

/// An identifier, without the `r#` of a raw one.
fn name(ident: &proc_macro2::Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
