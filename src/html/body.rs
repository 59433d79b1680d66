//! Where the article is: the smallest element that holds the bulk of the page's prose. Elements that are marked as
//! articles need less of it than others, because there may be more comments than article. Knows no words of any language.
//! Start at [`here`].

use super::attributes::Attribute;
use super::blocks::Block;
use super::boilerplate::Sums;
use super::hints;
use super::tags::Tag;
use super::tree::Tree;

/// Letters of prose that an element marked as the article's text must hold to be taken at its word.
const MARKED_LETTERS: u64 = 60;

/// Blocks of prose between the headline and the article that belong to it; more are something else.
const LEAD_BLOCKS: usize = 3;

/// The blocks of the article and what stands between them. Before it, a lead may stand below the headline, in an element
/// of its own; of that, prose alone is taken.
pub(super) fn here<'b>(tree: &Tree, blocks: &'b [Block]) -> Vec<&'b Block> {
    let prose = Sums::of_prose(tree, blocks);
    let node = marked(tree, &prose).unwrap_or_else(|| bulk(tree, &prose));
    let node = whole(tree, &prose, node);
    let lead = lead(tree, blocks, node)..node;
    let place = node..tree.end(node);
    let is_here = |block: &&Block| {
        let begin = block.nodes.start;
        place.contains(&begin) || lead.contains(&begin) && block.is_prose(tree)
    };
    blocks.iter().filter(is_here).collect()
}

/// The element marked as the article's text; where there are several, in pieces, the one around them.
fn marked(tree: &Tree, prose: &Sums) -> Option<usize> {
    let is_marked =
        |&node: &usize| tree.has_word(node, Attribute::Itemprop, "articleBody") && prose.of(tree, node) > 0;
    let mut all = (0..tree.len()).filter(is_marked);
    let first = all.next()?;
    let last = all.next_back().unwrap_or(first);
    let around = std::iter::once(first).chain(tree.ancestors(first)).find(|&node| tree.end(node) > last)?;
    (prose.of(tree, around) >= MARKED_LETTERS).then_some(around)
}

/// Down from the root, as long as one element below holds nearly all, or a good part and says that it is an article.
fn bulk(tree: &Tree, prose: &Sums) -> usize {
    let mut node = 0;
    while let Some(child) = heaviest(tree, prose, node) {
        let (all, most) = (prose.of(tree, node), prose.of(tree, child));
        if all == 0 || most * 5 < all * 4 && !(most * 3 >= all && is_only_article(tree, prose, node, child)) {
            break;
        }
        node = child;
    }
    node
}

/// The element right below one that holds the most prose, of those that can be an article; the first of equals.
fn heaviest(tree: &Tree, prose: &Sums, node: usize) -> Option<usize> {
    let containers = tree.children(node).filter(|&child| tree.tag(child).is_container());
    containers.max_by_key(|&child| (prose.of(tree, child), usize::MAX - child))
}

/// Whether an element says that it is an article, and others beside it that say so hold little.
fn is_only_article(tree: &Tree, prose: &Sums, node: usize, child: usize) -> bool {
    let others = tree.children(node).filter(|&other| other != child && prose.of(tree, other) > 0);
    is_article(tree, child)
        && others.filter(|&other| is_article(tree, other)).map(|other| prose.of(tree, other)).sum::<u64>() * 4
            <= prose.of(tree, child)
}

/// The `<article>` around the text, unless it holds much more prose than that.
fn whole(tree: &Tree, prose: &Sums, node: usize) -> usize {
    let article = tree.ancestors(node).find(|&outer| tree.tag(outer) == Tag::Article);
    article.filter(|&outer| prose.of(tree, outer) * 2 <= prose.of(tree, node) * 3).unwrap_or(node)
}

/// Where the lead before an element begins; there, if there is none.
fn lead(tree: &Tree, blocks: &[Block], node: usize) -> usize {
    let before = blocks.iter().filter(|block| block.nodes.start < node);
    let head =
        before.clone().rfind(|block| tree.tag(block.owner) == Tag::Heading(1) && !block.is_linked(1, 2));
    let Some(head) = head else { return node };
    let mut leads = before.filter(|block| block.nodes.start >= head.nodes.end && block.is_prose(tree));
    let first = leads.next().map_or(node, |block| block.nodes.start);
    if leads.count() < LEAD_BLOCKS { first } else { node }
}

/// Whether an element says that it is an article or the text of one.
fn is_article(tree: &Tree, node: usize) -> bool {
    let names = |attribute| tree.attribute(node, attribute).is_some_and(hints::is_body);
    matches!(tree.tag(node), Tag::Article | Tag::Main)
        || tree.has_word(node, Attribute::Role, "main")
        || tree.has_word(node, Attribute::Role, "article")
        || tree
            .attribute(node, Attribute::Itemtype)
            .is_some_and(|kind| kind.ends_with("Article") || kind.ends_with("BlogPosting"))
        || names(Attribute::Class)
        || names(Attribute::Id)
}
