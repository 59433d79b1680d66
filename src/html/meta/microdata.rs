//! schema.org in attributes. Only what belongs to an article is read, or to nothing: comments have authors and dates as
//! well. Start at [`read`].

use super::super::attributes::Attribute;
use super::super::tree::Tree;
use super::{Meta, values};

/// Properties that are read, and nodes in which the name of somebody must be.
const ITEMS: usize = 1000;

/// Bytes of a value in the page's text.
const BYTES: usize = 1000;

pub(super) fn read(tree: &Tree) -> Meta {
    let items = (0..tree.len()).filter(|&node| tree.attribute(node, Attribute::Itemprop).is_some());
    let items: Vec<usize> = items.filter(|&node| is_of_article(tree, node)).take(ITEMS).collect();
    let of = |name: &'static str| {
        items.iter().copied().filter(move |&node| tree.has_word(node, Attribute::Itemprop, name))
    };
    let texts = |name| of(name).filter_map(|node| values::text(&value(tree, node)));
    Meta {
        is_article: of("articleBody").count() == 1,
        title: texts("headline").next(),
        outlet: of("publisher").find_map(|node| name(tree, node)),
        published: of("datePublished").find_map(|node| values::time(&value(tree, node))),
        language: of("inLanguage").find_map(|node| values::language(&value(tree, node))),
        url: None,
        authors: values::distinct(
            of("author")
                .filter_map(|node| name(tree, node))
                .flat_map(|name| values::authors(&name))
                .collect(),
        ),
    }
}

fn is_of_article(tree: &Tree, node: usize) -> bool {
    let kind = tree.ancestors(node).find_map(|outer| tree.attribute(outer, Attribute::Itemtype));
    kind.is_none_or(|kind| kind.ends_with("Article") || kind.ends_with("BlogPosting"))
}

/// The value of a property: an attribute of the element, or its text.
fn value(tree: &Tree, node: usize) -> String {
    let said = tree.attribute(node, Attribute::Content).or_else(|| tree.attribute(node, Attribute::Datetime));
    said.map_or_else(|| tree.text_in(node, BYTES), str::to_owned)
}

/// The name of somebody: a property of theirs, or the value itself.
fn name(tree: &Tree, node: usize) -> Option<String> {
    let is_name = |&inner: &usize| tree.has_word(inner, Attribute::Itemprop, "name");
    let inner = (node + 1..tree.end(node)).take(ITEMS).find(is_name).unwrap_or(node);
    values::text(&value(tree, inner))
}
