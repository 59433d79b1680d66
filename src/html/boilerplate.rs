//! Which parts of a page are no article: what the standard's elements and roles say is not, and what is named after
//! something around an article, where it can be left out without losing one. Start at [`dropped`].

use super::attributes::Attribute;
use super::blocks::{Block, blocks};
use super::hints::Hint;
use super::tags::Tag;
use super::tree::Tree;

/// How much of something there is in a subtree: sums over all nodes before each.
pub(super) struct Sums(Vec<u32>);

impl Sums {
    /// Sums of amounts at nodes, which come in the order of the page.
    pub fn new(nodes: usize, amounts: impl IntoIterator<Item = (usize, u32)>) -> Self {
        let mut sums = vec![0; nodes + 1];
        for (node, amount) in amounts {
            sums[node + 1] += amount;
        }
        // A page of the largest size has three letters a byte at most, which is far from 4 thousand million.
        let mut sum = 0_u32;
        for one in &mut sums {
            sum += *one;
            *one = sum;
        }
        Self(sums)
    }

    /// How many nodes of some kind there are.
    pub fn of_kind(tree: &Tree, is_of_kind: impl Fn(usize) -> bool) -> Self {
        Self::new(tree.len(), (0..tree.len()).map(|node| (node, u32::from(is_of_kind(node)))))
    }

    /// How many letters of prose there are.
    pub fn of_prose(tree: &Tree, blocks: &[Block]) -> Self {
        let prose = blocks.iter().filter(|block| block.is_prose(tree));
        Self::new(tree.len(), prose.map(|block| (block.nodes.start, block.letters - block.linked)))
    }

    /// The sum in a node and below.
    pub fn of(&self, tree: &Tree, node: usize) -> u64 {
        u64::from(self.0[tree.end(node)] - self.0[node])
    }
}

/// Whether each node is dropped, with all that is in it. Nodes within dropped ones are not marked.
pub(super) fn dropped(tree: &Tree) -> Vec<bool> {
    let quotes = Sums::of_kind(tree, |node| is_quoted(tree.tag(node)));
    let mut dropped: Vec<bool> =
        (0..tree.len()).map(|node| is_unread(tree, node, quotes.of(tree, node) > 0)).collect();
    let prose = Sums::of_prose(tree, &blocks(tree, &dropped));
    let heads = Sums::of_kind(tree, |node| is_head(tree, node));
    let all = prose.of(tree, 0);
    for (node, is_dropped) in dropped.iter_mut().enumerate().filter(|(_, is_dropped)| !**is_dropped) {
        let Some(hint) = hint(tree, node) else { continue };
        // Comments may well be longer than what is commented on.
        let is_most = hint < Hint::Comments && prose.of(tree, node) * 2 >= all && all > 0;
        *is_dropped = hint == Hint::Unseen || !is_most && heads.of(tree, node) == 0;
    }
    dropped
}

/// Whether an element is never read as a part of an article, whatever is in it.
fn is_unread(tree: &Tree, node: usize, has_quote: bool) -> bool {
    match tree.tag(node) {
        Tag::Text | Tag::Body | Tag::Html => false,
        Tag::Aside | Tag::Caption | Tag::Foreign | Tag::Head | Tag::Script | Tag::Title | Tag::Unread => true,
        Tag::Figure => !has_quote,
        // Who said a quote stands in the quote's footer.
        Tag::Footer => !tree.ancestors(node).any(|outer| tree.tag(outer) == Tag::Blockquote),
        _ => is_hidden(tree, node) || has_role_around(tree, node),
    }
}

/// What figures hold instead of pictures.
fn is_quoted(tag: Tag) -> bool {
    matches!(tag, Tag::Blockquote | Tag::Preformatted | Tag::Table)
}

fn is_hidden(tree: &Tree, node: usize) -> bool {
    let style = tree.attribute(node, Attribute::Style).unwrap_or_default().to_ascii_lowercase();
    let style: String = style.split_ascii_whitespace().collect();
    tree.attribute(node, Attribute::Hidden).is_some_and(|value| !value.eq_ignore_ascii_case("until-found"))
        || tree.has_word(node, Attribute::AriaHidden, "true")
        || style.contains("display:none")
        || style.contains("visibility:hidden")
}

fn has_role_around(tree: &Tree, node: usize) -> bool {
    #[rustfmt::skip]
    const ROLES: [&str; 12] = [
        "alert", "alertdialog", "banner", "complementary", "contentinfo", "dialog", "menu", "menubar", "navigation",
        "search", "tablist", "toolbar",
    ];
    let role = tree.attribute(node, Attribute::Role).unwrap_or_default();
    ROLES.iter().any(|one| role.eq_ignore_ascii_case(one))
}

/// Whether an element heads an article or is its text: what holds one is no boilerplate.
fn is_head(tree: &Tree, node: usize) -> bool {
    tree.tag(node) == Tag::Heading(1) || tree.has_word(node, Attribute::Itemprop, "articleBody")
}

/// What an element is likely to be instead of a part of an article.
fn hint(tree: &Tree, node: usize) -> Option<Hint> {
    let tag = tree.tag(node);
    let of = |attribute| tree.attribute(node, attribute).and_then(Hint::of);
    let named = of(Attribute::Class).max(of(Attribute::Id)).max(of(Attribute::Element));
    match tag {
        Tag::Body | Tag::Html | Tag::Main | Tag::Text => None,
        // Names of parts of a paragraph are about its look as a rule; it would have holes.
        Tag::Anchor | Tag::Inline | Tag::Quote | Tag::Time
            if tree.attribute(node, Attribute::Element).is_none() =>
        {
            named.filter(|&hint| hint <= Hint::Picture)
        }
        // Whole articles are named after their topics as well.
        Tag::Article => named.filter(|&hint| hint > Hint::Around),
        Tag::Form => Some(Hint::Around),
        Tag::Header if !is_of_article(tree, node) => Some(Hint::Around),
        _ => named,
    }
}

fn is_of_article(tree: &Tree, node: usize) -> bool {
    tree.ancestors(node).any(|outer| matches!(tree.tag(outer), Tag::Article | Tag::Main))
}
