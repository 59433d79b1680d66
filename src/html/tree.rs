//! The tree of a page, flat: nodes in the order of the page, each with the end of what is in it, so that a subtree is a
//! range and no walk recurses. Knows no meaning of any element. Start at [`Tree`].

use super::attributes::Attribute;
use super::tags::Tag;
use std::ops::Range;

/// Elements and pieces of text of the largest page that is read.
pub(super) const NODES: usize = 1 << 20;

/// An element or a piece of text.
#[derive(Debug)]
pub(super) struct Node {
    pub tag: Tag,
    /// The element that it is in; the root is in itself.
    pub parent: u32,
    /// One past the last node in it.
    pub end: u32,
    /// Of a text: where it is in `Tree::text`. Of an element: its attributes in `Tree::attributes`.
    pub data: (u32, u32),
}

/// A page. The root is node 0, an element without meaning.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub nodes: Vec<Node>,
    pub text: String,
    pub attributes: Vec<(Attribute, Range<u32>)>,
    pub values: String,
}

impl Tree {
    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn tag(&self, node: usize) -> Tag {
        self.nodes[node].tag
    }

    /// One past the last node in this one.
    pub fn end(&self, node: usize) -> usize {
        self.nodes[node].end as usize
    }

    /// What a piece of text says; nothing of an element.
    pub fn text(&self, node: usize) -> &str {
        let Node { tag, data: (begin, end), .. } = self.nodes[node];
        if tag == Tag::Text { &self.text[begin as usize..end as usize] } else { "" }
    }

    /// The value of an attribute, where the element has it.
    pub fn attribute(&self, node: usize, wanted: Attribute) -> Option<&str> {
        let Node { tag, data: (begin, end), .. } = self.nodes[node];
        if tag == Tag::Text {
            return None;
        }
        let attributes = &self.attributes[begin as usize..end as usize];
        let (_, value) = attributes.iter().find(|(attribute, _)| *attribute == wanted)?;
        Some(&self.values[value.start as usize..value.end as usize])
    }

    /// Whether one of the words of an attribute is this one, in any case.
    pub fn has_word(&self, node: usize, attribute: Attribute, word: &str) -> bool {
        let value = self.attribute(node, attribute).unwrap_or_default();
        value.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case(word))
    }

    /// The nodes right below one.
    pub fn children(&self, node: usize) -> impl Iterator<Item = usize> {
        let end = self.end(node);
        let next = move |child: usize| (child < end).then_some(child);
        std::iter::successors(next(node + 1), move |&child| next(self.end(child)))
    }

    /// The nodes above one, innermost first.
    pub fn ancestors(&self, node: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(node), |&node| (node > 0).then(|| self.nodes[node].parent as usize))
            .skip(1)
    }

    /// All text in an element, up to so many bytes and a piece, and as many nodes.
    pub fn text_in(&self, node: usize, bytes: usize) -> String {
        let mut text = String::new();
        for inner in (node..self.end(node)).take(bytes) {
            if text.len() > bytes {
                break;
            }
            text.push_str(if self.tag(inner).is_block() || self.tag(inner) == Tag::Break {
                " "
            } else {
                self.text(inner)
            });
        }
        text
    }
}
