//! How frequent words are in all quotes of a collection, segment by segment: what the words of some quotes are compared with. Counted
//! when first asked for, and kept with the segment, which never changes; quotes that were deleted since count until the segment is
//! merged.

use super::super::error::IndexError;
use super::super::pairs::Pairs;
use super::super::pool::Seam;
use super::super::schema::{self, Kind};
use super::super::segment::Segment;
use super::STRIDE;
use super::ratio::{Share, ratio};
use super::tally::Key;
use crate::domain::annotation::QuoteKind;
use crate::domain::ids::CollectionId;
use crate::domain::query::Within;
use foldhash::HashMap;
use tantivy::{DocId, TantivyError};

/// The quotes of one collection in one segment.
#[derive(Debug, Default)]
pub(in super::super) struct Background {
    /// For each word of the dictionary, the quotes that have it.
    pub(super) having: Vec<u32>,
    /// The quotes.
    pub(super) quotes: u64,
}

impl Background {
    /// Counts the words of the collection's quotes in the segment.
    pub(super) fn of(segment: &Segment, collection: &CollectionId) -> Result<Self, TantivyError> {
        let Some(words) = &segment.facets().words else { return Ok(Self::default()) };
        let kinds = [QuoteKind::Statement, QuoteKind::Thought].map(Kind::Quote);
        let scopes = segment.scope_numbers(kinds.map(|kind| schema::scope(kind, collection)))?;
        let quotes: Vec<DocId> =
            (0..segment.reader.max_doc()).filter(|doc| scopes.contains(&segment.scope(*doc))).collect();
        let (mut having, mut pairs) = (vec![0; words.len()], Pairs::default());
        for stride in quotes.chunks(STRIDE) {
            words.of_entries(stride, &mut pairs);
            pairs.all().iter().for_each(|(_, number)| having[*number as usize] += 1);
        }
        Ok(Self { having, quotes: quotes.len() as u64 })
    }
}

/// How frequent words are in whole collections.
#[derive(Debug, Default)]
pub(in super::super) struct Common {
    having: HashMap<Key, u64>,
    quotes: u64,
}

impl Common {
    /// Adds up what the segments have.
    pub(super) fn of(segments: &[Segment], within: &Within, seam: &Seam<'_>) -> Result<Self, IndexError> {
        let mut common = Self::default();
        for segment in segments {
            seam.check()?;
            let facets = segment.facets();
            let Some(words) = &facets.words else { continue };
            for collection in within.all() {
                let background = facets.backgrounds.of(collection, || Background::of(segment, collection))?;
                common.quotes += background.quotes;
                for (key, having) in
                    words.keys()?.iter().zip(&background.having).filter(|(_, having)| **having > 0)
                {
                    *common.having.entry(*key).or_default() += u64::from(*having);
                }
            }
        }
        Ok(common)
    }

    /// Quotes that have the word.
    pub(super) fn having(&self, key: &Key) -> u64 {
        self.having.get(key).copied().unwrap_or_default()
    }

    /// How remarkable it is that so many quotes have a word that `having` of all have. Those are among the collections'.
    pub(super) fn score(&self, having: u64, here: Share) -> f64 {
        ratio(here, Share { having, of: self.quotes }.without(here))
    }
}
