//! Distinct sequences of words: each is kept once, under a number, with how many items have it. Numbers of sequences that no
//! item has any more are given to others.

use super::grams::{gram, grams};
use super::make_room;
use super::postings::Postings;
use super::rule::Rule;

/// The number of a distinct sequence of words. A number may later be another sequence's: it says something only together with
/// the [`Clusters`](super::Clusters) of the moment at which it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variant(pub u32);

/// A sequence.
#[derive(Clone, Copy, Default)]
struct Node {
    begin: u32,
    length: u32,
    /// How many distinct grams a longer one shares with it at least.
    share: u32,
    items: u32,
}

/// All sequences.
pub(super) struct Variants {
    nodes: Vec<Node>,
    /// Numbers of no sequence.
    free: Vec<u32>,
    /// The words of all, one after the other, and some of sequences that are gone.
    words: Vec<u32>,
    /// How many words are of sequences that are gone.
    waste: usize,
    /// By the number of the whole sequence.
    wholes: Postings,
}

impl Variants {
    pub(super) fn new(head: usize) -> Self {
        let wholes = Postings::new(head);
        Self { nodes: Vec::new(), free: Vec::new(), words: Vec::new(), waste: 0, wholes }
    }

    /// The sequence of these words.
    pub(super) fn find(&self, words: &[u32]) -> Option<u32> {
        self.wholes.of(gram(words)).find(|number| self.words(*number) == words)
    }

    /// Keeps a sequence that is not known yet and has no items; under no number if there are four billion words already.
    pub(super) fn keep(&mut self, words: &[u32], rule: &Rule) -> Option<u32> {
        let begin = u32::try_from(self.words.len()).ok()?;
        let length = u32::try_from(words.len()).ok()?;
        let share = rule.share(words.len(), grams(words, rule.gram).len()) as u32;
        make_room(&mut self.words, words.len());
        self.words.extend_from_slice(words);
        let node = Node { begin, length, share, items: 0 };
        let number = match self.free.pop() {
            Some(number) => number,
            None => {
                make_room(&mut self.nodes, 1);
                self.nodes.push(Node::default());
                self.nodes.len() as u32 - 1
            }
        };
        self.nodes[number as usize] = node;
        self.wholes.insert(gram(words), number);
        Some(number)
    }

    /// Forgets a sequence.
    pub(super) fn forget(&mut self, number: u32) {
        self.wholes.remove(gram(self.words(number)), number);
        let node = std::mem::take(&mut self.nodes[number as usize]);
        self.waste += node.length as usize;
        self.free.push(number);
    }

    /// Gives back what forgotten sequences took, where it is worth it.
    pub(super) fn tidy(&mut self) {
        self.wholes.tidy();
        if self.waste * 4 <= self.words.len() {
            return;
        }
        let mut words = Vec::with_capacity(self.words.len() - self.waste);
        for node in &mut self.nodes {
            let begin = words.len() as u32;
            words.extend_from_slice(&self.words[range(node)]);
            node.begin = begin;
        }
        (self.words, self.waste) = (words, 0);
    }

    pub(super) fn words(&self, number: u32) -> &[u32] {
        &self.words[range(&self.nodes[number as usize])]
    }

    /// How many distinct grams these two share at least if they are related.
    pub(super) fn share(&self, one: u32, other: u32) -> u32 {
        let (one, other) = (&self.nodes[one as usize], &self.nodes[other as usize]);
        match one.length.cmp(&other.length) {
            std::cmp::Ordering::Less => one.share,
            std::cmp::Ordering::Equal => one.share.min(other.share),
            std::cmp::Ordering::Greater => other.share,
        }
    }

    pub(super) fn items(&self, number: u32) -> u32 {
        self.nodes[number as usize].items
    }

    pub(super) fn items_mut(&mut self, number: u32) -> &mut u32 {
        &mut self.nodes[number as usize].items
    }

    /// One more than the greatest number.
    pub(super) fn end(&self) -> usize {
        self.nodes.len()
    }

    /// Bytes in memory, about.
    pub(super) fn bytes(&self) -> usize {
        let nodes = self.nodes.capacity() * size_of::<Node>();
        nodes + (self.free.capacity() + self.words.capacity()) * 4 + self.wholes.bytes()
    }
}

fn range(node: &Node) -> std::ops::Range<usize> {
    node.begin as usize..node.begin as usize + node.length as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_until_it_is_forgotten() {
        let mut variants = Variants::new(4);
        let sequences: Vec<Vec<u32>> = (0..100).map(|n| (n..n + 10).collect()).collect();
        for (number, words) in sequences.iter().enumerate() {
            assert_eq!(variants.keep(words, &Rule::QUOTES), Some(number as u32));
        }
        (0..50).for_each(|number| variants.forget(number));
        variants.tidy();
        assert_eq!(variants.words.len(), 500, "the waste is gone");
        assert_eq!(variants.find(&sequences[49]), None);
        assert_eq!(variants.find(&sequences[50]), Some(50));
        assert_eq!(variants.keep(&sequences[0], &Rule::QUOTES), Some(49), "a number of one that is gone");
        assert_eq!(variants.find(&sequences[0]), Some(49));
    }
}
