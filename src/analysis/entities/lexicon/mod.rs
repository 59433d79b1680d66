//! The words that news English uses for people, offices, bodies and documents. Small tables with one fact a line;
//! every look-up takes folded words. Nothing here looks at a text.

pub(in crate::analysis) mod given_names;
pub(in crate::analysis) mod nicknames;
pub(in crate::analysis) mod nouns;
pub(in crate::analysis) mod places;
pub(in crate::analysis) mod pronouns;
pub(in crate::analysis) mod titles;

use std::collections::HashSet;
use std::sync::OnceLock;

/// Grammatical gender of a person, as far as words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::analysis) enum Gender {
    Feminine,
    Masculine,
}

/// A list of words that is asked again and again: one look-up costs the same however many there are.
pub(in crate::analysis) struct WordList {
    /// Separated by single spaces, in any order.
    list: &'static str,
    /// Made when it is first asked.
    words: OnceLock<HashSet<&'static str>>,
}

impl WordList {
    /// The words of a list that is separated by single spaces.
    pub const fn new(list: &'static str) -> Self {
        Self { list, words: OnceLock::new() }
    }

    /// Whether a word is in the list.
    pub fn holds(&self, word: &str) -> bool {
        self.words.get_or_init(|| self.all().collect()).contains(word)
    }

    /// Every word, as the list has them.
    fn all(&self) -> impl Iterator<Item = &'static str> {
        self.list.split(' ')
    }
}
