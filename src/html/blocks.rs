//! Blocks: stretches of text that no element parts, with how much of each is text, link or time. That blocks of running
//! text are long, and have few links, is what tells an article from what stands around it (Kohlschütter, Fankhauser and
//! Nejdl, "Boilerplate Detection using Shallow Text Features", WSDM 2010). Knows no names of elements' classes. Start at
//! [`blocks`].

use super::attributes::Attribute;
use super::tags::Tag;
use super::tree::Tree;
use std::ops::Range;

/// Letters from which a block reads like prose, whatever it ends with.
const PROSE: u32 = 60;

/// Letters from which it does if it ends like a sentence.
const SENTENCE: u32 = 25;

/// What a character of a script without spaces between words counts: about as much as a syllable in letters.
const SYLLABLE: u32 = 3;

/// A stretch of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// The innermost element that begins a paragraph around it.
    pub owner: usize,
    /// Its nodes, some of which may be dropped.
    pub nodes: Range<usize>,
    /// Letters and digits.
    pub letters: u32,
    /// Those that lead to another page.
    pub linked: u32,
    /// Those of times.
    pub timed: u32,
    /// Whether it ends like a sentence.
    pub is_sentence: bool,
}

impl Block {
    /// Whether it reads like running text.
    pub fn is_prose(&self, tree: &Tree) -> bool {
        let free = self.letters - self.linked.max(self.timed);
        let is_long = free >= PROSE || self.is_sentence && free >= SENTENCE;
        is_long && !self.is_linked(1, 3) && !matches!(tree.tag(self.owner), Tag::Heading(_))
    }

    /// Whether it is as long as prose and ends like it, links or not.
    pub fn is_long_sentence(&self) -> bool {
        self.is_sentence && self.letters >= PROSE
    }

    /// Whether more than this share of it is links.
    pub fn is_linked(&self, share: u64, of: u64) -> bool {
        u64::from(self.linked) * of > u64::from(self.letters) * share
    }
}

/// The blocks of a page with at least one letter, in order; nothing of what is dropped.
pub(super) fn blocks(tree: &Tree, is_dropped: &[bool]) -> Vec<Block> {
    let mut walk =
        Walk { tree, blocks: Vec::new(), owners: vec![0], is_parted: true, link_end: 0, time_end: 0 };
    let mut node = 0;
    while node < tree.len() {
        walk.leave(node);
        if is_dropped[node] {
            walk.is_parted |= tree.tag(node).is_block();
            node = tree.end(node);
        } else {
            walk.enter(node);
            node += 1;
        }
    }
    walk.blocks.retain(|block| block.letters > 0);
    walk.blocks
}

struct Walk<'t> {
    tree: &'t Tree,
    blocks: Vec<Block>,
    owners: Vec<usize>,
    is_parted: bool,
    link_end: usize,
    time_end: usize,
}

impl Walk<'_> {
    /// Leaves the elements that end before a node.
    fn leave(&mut self, node: usize) {
        while self.owners.len() > 1 && self.owners.last().is_some_and(|&owner| self.tree.end(owner) <= node) {
            self.owners.pop();
            self.is_parted = true;
        }
    }

    fn enter(&mut self, node: usize) {
        match self.tree.tag(node) {
            Tag::Text => self.text(node),
            Tag::Anchor if leads_elsewhere(self.tree, node) => self.link_end = self.tree.end(node),
            Tag::Time => self.time_end = self.tree.end(node),
            tag if tag.is_block() => {
                self.owners.push(node);
                self.is_parted = true;
            }
            _ => {}
        }
    }

    fn text(&mut self, node: usize) {
        let text = self.tree.text(node);
        if text.chars().all(char::is_whitespace) {
            return;
        }
        let owner = self.owners.last().copied().unwrap_or_default();
        if self.is_parted || self.blocks.is_empty() {
            let nodes = node..node;
            self.blocks.push(Block { owner, nodes, letters: 0, linked: 0, timed: 0, is_sentence: false });
            self.is_parted = false;
        }
        let letters = letters(text);
        if let Some(block) = self.blocks.last_mut() {
            block.nodes.end = node + 1;
            block.letters = block.letters.saturating_add(letters);
            block.linked += if node < self.link_end { letters } else { 0 };
            block.timed += if node < self.time_end { letters } else { 0 };
            block.is_sentence = ends_sentence(text).unwrap_or(block.is_sentence);
        }
    }
}

/// Whether a link leads to another page.
fn leads_elsewhere(tree: &Tree, node: usize) -> bool {
    tree.attribute(node, Attribute::Href).is_some_and(|address| !address.trim_start().starts_with('#'))
}

/// Letters and digits of a text.
pub(super) fn letters(text: &str) -> u32 {
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    letters
        .map(|c| if ('\u{2e80}'..'\u{e000}').contains(&c) { SYLLABLE } else { 1 })
        .fold(0, u32::saturating_add)
}

/// Whether a text ends like a sentence; nothing where it holds quotation marks and brackets alone.
fn ends_sentence(text: &str) -> Option<bool> {
    let is_around = |c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '”' | '“' | '’' | '»' | '«' | ')' | ']' | '」')
    };
    let last = text.trim_end_matches(is_around).chars().next_back()?;
    Some(matches!(last, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '।' | '؟'))
}
