//! What `use` and `extern crate` bring into scope.

use super::name;
use syn::{ItemExternCrate, ItemUse, UseTree};

/// One imported thing.
pub struct Import {
    /// With an empty name before a path that begins with `::`.
    pub path: Vec<String>,
    /// The name that it has in scope; `None` for a glob.
    pub name: Option<String>,
}

impl Import {
    /// Brings all that is there into scope, or gives it another name.
    pub fn opens(&self) -> bool {
        self.name.is_none() || self.name.as_ref() != self.path.last()
    }
}

/// `use a::{b, c as d, e::*};` gives `a::b`, `a::c` by the name `d`, and a glob of `a::e`.
pub fn of_use(item: &ItemUse) -> Vec<Import> {
    let mut found = Vec::new();
    let begin = item.leading_colon.as_ref().map(|_| String::new());
    tree(&item.tree, &begin.into_iter().collect::<Vec<_>>(), &mut found);
    found
}

/// `extern crate a as b;`.
pub fn of_extern_crate(item: &ItemExternCrate) -> Import {
    let crate_name = name(&item.ident);
    let path = match crate_name.as_str() {
        "self" => vec!["crate".to_owned()],
        _ => vec![String::new(), crate_name.clone()],
    };
    Import { path, name: Some(item.rename.as_ref().map_or(crate_name, |(_, new)| name(new))) }
}

fn tree(tree_of: &UseTree, prefix: &[String], found: &mut Vec<Import>) {
    let with = |ident| [prefix, &[name(ident)]].concat();
    // `a::{self}` is `a`.
    let leaf =
        |ident| if name(ident) == "self" && !prefix.is_empty() { prefix.to_vec() } else { with(ident) };
    match tree_of {
        UseTree::Path(path) => tree(&path.tree, &with(&path.ident), found),
        UseTree::Name(leaf_of) => {
            let path = leaf(&leaf_of.ident);
            found.push(Import { name: path.last().cloned(), path });
        }
        UseTree::Rename(renamed) => {
            found.push(Import { path: leaf(&renamed.ident), name: Some(name(&renamed.rename)) });
        }
        UseTree::Glob(_) => found.push(Import { path: prefix.to_vec(), name: None }),
        UseTree::Group(group) => group.items.iter().for_each(|item| tree(item, prefix, found)),
    }
}
