//! Outlets side by side.

use super::facet::Counted;

/// Most outlets of a comparison.
pub const MOST_OUTLETS: usize = 10;

/// What one outlet has of the quotes that match, beside the others of the comparison.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outlet {
    /// Its name.
    pub source: String,
    /// Its matches.
    pub quotes: u64,
    /// The documents in which they stand.
    pub documents: u64,
    /// Who speaks.
    pub speakers: Counted,
    /// Whom and what they mention.
    pub mentions: Counted,
    /// Words that they have more often than the matches of the other outlets, and than the collection.
    pub words: Counted,
    /// Speakers of whom the other outlets have no match.
    pub exclusive_speakers: Counted,
    /// What it carries, by cluster.
    pub said: Counted,
    /// What of that the other outlets have not.
    pub exclusive_said: Counted,
}

impl Outlet {
    /// One that has nothing of what matches.
    pub fn without_matches(source: String) -> Self {
        Self { source, ..Self::default() }
    }

    /// All that is counted by entities or words.
    pub fn counted(&self) -> [&Counted; 4] {
        [&self.speakers, &self.mentions, &self.words, &self.exclusive_speakers]
    }
}
