//! What can be seen of a page, and so may be meant otherwise: the weakest source. Start at [`read`].

use super::super::attributes::Attribute;
use super::super::tags::Tag;
use super::super::tree::Tree;
use super::{Meta, values};

/// Times that are read.
const TIMES: usize = 1000;

/// Bytes of a title or a name.
const BYTES: usize = 1000;

pub(super) fn read(tree: &Tree) -> Meta {
    let of = |tag| (0..tree.len()).filter(move |&node| tree.tag(node) == tag);
    let authors = of(Tag::Anchor).filter(|&link| tree.has_word(link, Attribute::Rel, "author")).take(TIMES);
    Meta {
        title: title(tree),
        published: published(tree),
        language: of(Tag::Html).find_map(|node| values::language(tree.attribute(node, Attribute::Lang)?)),
        authors: values::distinct(
            authors.flat_map(|link| values::authors(&tree.text_in(link, BYTES))).collect(),
        ),
        ..Meta::default()
    }
}

/// The address that the page wants to be known under.
pub(super) fn canonical(tree: &Tree) -> Option<String> {
    let mut links = (0..tree.len()).filter(|&node| tree.tag(node) == Tag::Link);
    let address = |node| tree.attribute(node, Attribute::Href);
    links
        .find(|&node| tree.has_word(node, Attribute::Rel, "canonical"))
        .and_then(address)
        .and_then(values::url)
}

/// The page's title. It often goes on after the headline, which is the first heading; then that heading is it.
fn title(tree: &Tree) -> Option<String> {
    let first = |tag| (0..tree.len()).find(|&node| tree.tag(node) == tag);
    let text = |node| values::text(&tree.text_in(node, BYTES));
    let (title, heading) = (first(Tag::Title).and_then(text), first(Tag::Heading(1)).and_then(text));
    match (title, heading) {
        (Some(title), Some(heading)) => Some(if title.starts_with(&heading) { heading } else { title }),
        (title, heading) => title.or(heading),
    }
}

/// The first time in an article, or the only one.
fn published(tree: &Tree) -> Option<jiff::Timestamp> {
    let times = (0..tree.len()).filter(|&node| tree.tag(node) == Tag::Time).take(TIMES);
    let times =
        times.filter_map(|node| Some((node, values::time(tree.attribute(node, Attribute::Datetime)?)?)));
    let times: Vec<_> = times.collect();
    let is_inside =
        |node| tree.ancestors(node).any(|outer| matches!(tree.tag(outer), Tag::Article | Tag::Main));
    let first = times.iter().find(|(node, _)| is_inside(*node));
    first.or(if times.len() == 1 { times.first() } else { None }).map(|(_, time)| *time)
}
