//! Bare surnames that are taken for full names: whoever counts by entity counts them with those.

use super::super::segment::Segment;
use super::tally::Key;
use crate::domain::ids::EntityId;
use std::collections::HashMap;
use tantivy::{DocId, TantivyError};

/// An entity of one segment that is taken for another.
#[derive(Debug, Clone)]
pub(in super::super) struct Taken {
    /// Its entry.
    pub(in super::super) doc: DocId,
    /// Its own key.
    pub(in super::super) own: Key,
    /// Key and id of the other.
    pub(in super::super) other: Key,
    /// See `other`.
    pub(in super::super) id: EntityId,
}

/// For each entity of the scope that is taken for another, that one.
pub(super) type Others<'s> = HashMap<Key, &'s Taken>;

/// See [`Others`].
pub(super) fn of<'s>(segments: &[&'s Segment], scope: &str) -> Result<Others<'s>, TantivyError> {
    let mut all = HashMap::new();
    for segment in segments {
        let Some(scope) = segment.scope_number(scope)? else { continue };
        for taken in segment.taken()? {
            if segment.scope(taken.doc) == scope && !segment.reader.is_deleted(taken.doc) {
                all.insert(taken.own, taken);
            }
        }
    }
    Ok(all)
}
