//! How frequent words are in all quotes of a collection, segment by segment: what the words of some quotes are compared with. Counted
//! when first asked for, and kept with the segment, which never changes; quotes that were deleted since count until the segment is
//! merged.

use super::super::schema::{self, Kind};
use super::super::segment::Segment;
use crate::domain::annotation::QuoteKind;
use crate::domain::ids::CollectionId;
use std::sync::{Arc, Mutex, PoisonError};
use tantivy::TantivyError;

/// Collections whose words a segment keeps. Others are counted anew.
const KEPT: usize = 4;

/// See the module.
#[derive(Debug, Default)]
pub(in super::super) struct Backgrounds(Mutex<Vec<(CollectionId, Arc<Background>)>>);

/// The quotes of one collection in one segment.
#[derive(Debug, Default)]
pub(in super::super) struct Background {
    /// For each word of the dictionary, the quotes that have it.
    pub(super) having: Vec<u32>,
    /// The quotes.
    pub(super) quotes: u64,
}

impl Backgrounds {
    /// The collection's quotes in the segment.
    pub(super) fn of(
        &self,
        segment: &Segment,
        collection: &CollectionId,
    ) -> Result<Arc<Background>, TantivyError> {
        let known = self.lock().iter().find(|(of, _)| of == collection).map(|(_, known)| Arc::clone(known));
        if let Some(known) = known {
            return Ok(known);
        }
        let counted = Arc::new(count(segment, collection)?);
        let mut kept = self.lock();
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((collection.clone(), Arc::clone(&counted)));
        Ok(counted)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(CollectionId, Arc<Background>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(segment: &Segment, collection: &CollectionId) -> Result<Background, TantivyError> {
    let Some(words) = &segment.facets().words else { return Ok(Background::default()) };
    let mut scopes = Vec::new();
    for kind in [QuoteKind::Statement, QuoteKind::Thought] {
        scopes.extend(segment.scope_number(&schema::scope(Kind::Quote(kind), collection))?);
    }
    let mut background = Background { having: vec![0; words.len()], quotes: 0 };
    let mut numbers = Vec::new();
    for doc in (0..segment.reader.max_doc()).filter(|doc| scopes.contains(&segment.scope(*doc))) {
        background.quotes += 1;
        numbers.clear();
        numbers.extend(words.numbers(doc));
        numbers.sort_unstable();
        numbers.dedup();
        for number in &numbers {
            background.having[*number as usize] += 1;
        }
    }
    Ok(background)
}
