//! Phrases in a text that is walked word by word: their words in their order, with at most so many others between them. Found at its last
//! word, a phrase is as short as it can be there.

use crate::domain::span::ByteSpan;
use std::collections::VecDeque;

/// A phrase of the query, its words by their numbers.
pub(super) struct Phrase {
    words: Vec<usize>,
    /// From its first word to its last, at most.
    reach: usize,
}

/// One of the query's words in the text.
struct Word {
    number: usize,
    /// Words of the text before it.
    place: usize,
    span: ByteSpan,
}

/// The query's words that the text had last.
pub(super) struct Recent {
    words: VecDeque<Word>,
    /// How far the longest phrase looks back.
    reach: usize,
}

impl Phrase {
    pub(super) fn new(words: Vec<usize>, slop: u32) -> Self {
        // Words that follow each other need no others between them.
        let reach = words.len().saturating_sub(1) + slop as usize;
        Self { words, reach }
    }

    /// Words between the first of the phrase and the last, and one.
    pub(super) fn reach(&self) -> usize {
        self.reach
    }

    /// Of each of its words where the latest words up to that one begin: none have been met.
    pub(super) fn chain(&self) -> Vec<Option<usize>> {
        vec![None; self.words.len()]
    }

    /// The text has a word of the query's: whether the phrase ends with it.
    pub(super) fn met(&self, chain: &mut [Option<usize>], number: usize, place: usize) -> bool {
        // From the last on, since a word of the text is one of the phrase.
        for at in (0..self.words.len()).rev().filter(|at| self.words[*at] == number) {
            chain[at] = at.checked_sub(1).map_or(Some(place), |before| chain[before]);
        }
        let begin = chain.last().copied().flatten().filter(|_| self.words.last() == Some(&number));
        begin.is_some_and(|begin| place - begin <= self.reach)
    }

    /// Its words, the last first, where it ends with the word that the text had last.
    pub(super) fn spans(&self, recent: &Recent) -> Vec<ByteSpan> {
        let mut before = recent.words.iter().rev();
        self.words
            .iter()
            .rev()
            .filter_map(|word| before.find(|met| met.number == *word))
            .map(|met| met.span)
            .collect()
    }

    /// Whether nothing stands between its words.
    pub(super) fn is_exact(&self) -> bool {
        self.reach < self.words.len()
    }
}

impl Recent {
    pub(super) fn new(reach: usize) -> Self {
        Self { words: VecDeque::new(), reach }
    }

    /// The text has a word of the query's.
    pub(super) fn met(&mut self, number: usize, place: usize, span: ByteSpan) {
        while self.words.front().is_some_and(|first| place - first.place > self.reach) {
            self.words.pop_front();
        }
        self.words.push_back(Word { number, place, span });
    }
}
