//! From tags to the tree. A page may open and close elements in any order; what is left open is closed where browsers
//! would close it, as far as paragraphs depend on it, and the tree is as deep as [`DEPTH`] at most: deeper elements are
//! left out, and what is in them stays. Misplaced formatting is not put right as the standard has it (its "adoption
//! agency"), since that takes quadratic time on some pages and no text depends on it. Start at [`Builder::open`].

use super::attributes::Attribute;
use super::tags::Tag;
use super::tree::{NODES, Node, Tree};
use std::hash::{DefaultHasher, Hasher};

/// Elements within each other, at most. Browsers have the same bound; pages have 60.
const DEPTH: usize = 512;

/// An element that is not closed yet.
struct Open {
    node: usize,
    tag: Tag,
    /// Hash of its name.
    name: u64,
}

/// Makes a tree, tag by tag.
pub(super) struct Builder {
    tree: Tree,
    open: Vec<Open>,
    /// Elements below the depth that would have to be closed.
    beyond: usize,
    /// Open elements of SVG or MathML.
    foreign: usize,
    /// Open paragraphs.
    paragraphs: usize,
    is_too_large: bool,
}

impl Builder {
    pub fn new() -> Self {
        let root = Node { tag: Tag::Html, parent: 0, end: 0, data: (0, 0) };
        let open = vec![Open { node: 0, tag: Tag::Html, name: 0 }];
        let tree = Tree { nodes: vec![root], ..Tree::default() };
        Self { tree, open, beyond: 0, foreign: 0, paragraphs: 0, is_too_large: false }
    }

    /// The tree, unless it has more nodes than are kept.
    pub fn finish(mut self) -> Option<Tree> {
        self.close_to(0);
        self.tree.nodes[0].end = self.tree.nodes.len() as u32;
        (!self.is_too_large).then_some(self.tree)
    }

    /// Whether what comes now is SVG or MathML, where other rules hold.
    pub fn is_in_foreign(&self) -> bool {
        self.foreign > 0
    }

    /// A start tag, with the attributes that are kept.
    pub fn open(&mut self, name: &[u8], attributes: &[(Attribute, String)], is_self_closing: bool) {
        let tag = Tag::of(name);
        self.close_implied(tag);
        let is_void = tag.is_void() || is_self_closing && (self.is_in_foreign() || tag == Tag::Foreign);
        if self.open.len() >= DEPTH {
            self.flatten(tag);
            self.beyond += usize::from(!is_void && !ends_by_itself(tag));
        } else if !is_void {
            self.foreign += usize::from(tag == Tag::Foreign);
            self.paragraphs += usize::from(tag == Tag::Paragraph);
            let node = self.push(tag, attributes);
            self.name_unknown(node, tag, name);
            self.open.push(Open { node, tag, name: hash(name) });
            if tag == Tag::Quote {
                self.text("“");
            }
        } else if tag != Tag::Void {
            self.push(tag, attributes);
        }
    }

    /// An end tag.
    pub fn close(&mut self, name: &[u8]) {
        let tag = Tag::of(name);
        if self.beyond > 0 {
            self.beyond -= usize::from(!ends_by_itself(tag));
            return;
        }
        match (tag, self.open_of(tag, name)) {
            (Tag::Body | Tag::Html, _) => {}
            (_, Some(depth)) => self.close_to(depth),
            (Tag::Break | Tag::Paragraph, None) => _ = self.push(Tag::Break, &[]),
            _ => {}
        }
    }

    /// Text, in pieces as they come.
    pub fn text(&mut self, text: &str) {
        let is_blank = text.trim_ascii().is_empty();
        if !is_blank && self.top().tag == Tag::Head {
            self.close_to(self.open.len() - 1);
        }
        let begin = self.tree.text.len() as u32;
        self.tree.text.push_str(text);
        let end = self.tree.text.len() as u32;
        let parent = self.top().node as u32;
        match self.tree.nodes.last_mut() {
            Some(last) if last.tag == Tag::Text && last.parent == parent => last.data.1 = end,
            _ => {
                let node = self.push(Tag::Text, &[]);
                self.tree.nodes[node].data = (begin, end);
            }
        }
    }

    /// What becomes of an element below the depth: two line breaks, which end a paragraph, or nothing.
    fn flatten(&mut self, tag: Tag) {
        let ends = |tree: &Tree| tree.nodes.iter().rev().take(2).all(|node| node.tag == Tag::Break);
        if tag == Tag::Break || tag.is_block() && !ends(&self.tree) {
            self.push(Tag::Break, &[]);
        }
        if tag.is_block() && !ends(&self.tree) {
            self.push(Tag::Break, &[]);
        }
    }

    /// Adds a node; past the bound it is the last one again.
    fn push(&mut self, tag: Tag, attributes: &[(Attribute, String)]) -> usize {
        let node = self.tree.nodes.len();
        if node >= NODES {
            self.is_too_large = true;
            return node - 1;
        }
        let first = self.tree.attributes.len() as u32;
        for (attribute, value) in attributes {
            let begin = self.tree.values.len() as u32;
            self.tree.values.push_str(value);
            self.tree.attributes.push((*attribute, begin..self.tree.values.len() as u32));
        }
        let data = (first, self.tree.attributes.len() as u32);
        let parent = self.top().node as u32;
        self.tree.nodes.push(Node { tag, parent, end: node as u32 + 1, data });
        node
    }

    /// Names of elements that are not of HTML tell as much as classes do.
    fn name_unknown(&mut self, node: usize, tag: Tag, name: &[u8]) {
        if tag == Tag::Inline && name.contains(&b'-') && node + 1 == self.tree.nodes.len() {
            let begin = self.tree.values.len() as u32;
            self.tree.values.push_str(&String::from_utf8_lossy(name));
            self.tree.attributes.push((Attribute::Element, begin..self.tree.values.len() as u32));
            self.tree.nodes[node].data.1 = self.tree.attributes.len() as u32;
        }
    }

    /// Closes what a start tag closes without saying so.
    fn close_implied(&mut self, tag: Tag) {
        if self.top().tag == Tag::Head && !tag.is_of_head() && tag != Tag::Unread {
            self.close_to(self.open.len() - 1);
        }
        if tag.is_block() {
            if self.is_in_foreign() && tag != Tag::Title {
                self.close_nearest(|open| open == Tag::Foreign, |_| false);
            }
            if self.paragraphs > 0 {
                self.close_nearest(|open| open == Tag::Paragraph, |open| open.is_of_table());
            }
        }
        match tag {
            Tag::Heading(_) => {
                if matches!(self.top().tag, Tag::Heading(_)) {
                    self.close_to(self.open.len() - 1);
                }
            }
            Tag::Anchor => self.close_nearest(|open| open == Tag::Anchor, |open| open.is_of_table()),
            Tag::Item | Tag::Entry => self.close_nearest(
                |open| open == tag,
                |open| matches!(open, Tag::List | Tag::Article) || open.is_of_table(),
            ),
            Tag::Cell => self.close_nearest(|open| open == tag, |open| open == Tag::Table),
            Tag::Row => self.close_nearest(|open| open == tag, |open| open == Tag::Table),
            Tag::Rows => {
                self.close_nearest(|open| matches!(open, Tag::Rows | Tag::Row), |open| open == Tag::Table);
            }
            _ => {}
        }
    }

    /// Closes the innermost open element that is meant, and what is in it, unless a bound lies between.
    fn close_nearest(&mut self, is_meant: impl Fn(Tag) -> bool, is_bound: impl Fn(Tag) -> bool) {
        let reached = self.open.iter().rposition(|open| is_meant(open.tag) || is_bound(open.tag));
        if let Some(depth) = reached.filter(|&depth| is_meant(self.open[depth].tag)) {
            self.close_to(depth);
        }
    }

    /// Which open element an end tag closes. Formatting is not closed across paragraphs: there it makes no difference,
    /// and the paragraph goes on. Links are, because it matters how much of a text they are.
    fn open_of(&self, tag: Tag, name: &[u8]) -> Option<usize> {
        let hash = hash(name);
        let is_same = |open: &Open| match tag {
            Tag::Heading(_) => matches!(open.tag, Tag::Heading(_)),
            _ => open.name == hash,
        };
        let is_bound = |open: &Open| match tag {
            Tag::Table => false,
            _ if tag.is_of_table() => open.tag == Tag::Table,
            Tag::Inline | Tag::Time | Tag::Quote => open.tag.is_block(),
            _ => open.tag.is_of_table(),
        };
        let reached = self.open.iter().rposition(|open| is_same(open) || is_bound(open))?;
        (reached > 0 && is_same(&self.open[reached])).then_some(reached)
    }

    /// Closes open elements until so many are left; the root stays.
    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth.max(1) {
            if self.top().tag == Tag::Quote {
                self.text("”");
            }
            let Some(open) = self.open.pop() else { break };
            self.tree.nodes[open.node].end = self.tree.nodes.len() as u32;
            self.foreign -= usize::from(open.tag == Tag::Foreign);
            self.paragraphs -= usize::from(open.tag == Tag::Paragraph);
        }
        self.beyond = 0;
    }

    fn top(&self) -> &Open {
        // The root is never closed.
        self.open.last().expect("the root is open")
    }
}

/// Whether the end tag of an element is often left out.
fn ends_by_itself(tag: Tag) -> bool {
    matches!(tag, Tag::Cell | Tag::Entry | Tag::Item | Tag::Paragraph | Tag::Row | Tag::Rows)
}

/// Names are compared by hash, which is the same in every run. Two names that collide close each other; nothing else.
fn hash(name: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(name);
    hasher.finish()
}
