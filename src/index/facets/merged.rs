//! Bare surnames that are taken for full names: whoever counts by entity counts them with those. Worked out once for a view, since
//! which surnames are taken for whom changes with every commit.

use super::super::segment::Segment;
use super::super::terms::Terms;
use super::tally::Key;
use crate::domain::ids::EntityId;
use std::collections::{HashMap, HashSet};
use tantivy::{DocId, TantivyError};

/// An entity of one segment that is taken for another.
#[derive(Debug, Clone)]
pub(in super::super) struct Taken {
    /// Its entry.
    pub(in super::super) doc: DocId,
    /// Its own key.
    pub(in super::super) own: Key,
    /// Whom it is taken for.
    pub(in super::super) other: Other,
}

/// The entity that another is taken for.
#[derive(Debug, Clone)]
pub(in super::super) struct Other {
    pub(in super::super) key: Key,
    pub(in super::super) id: EntityId,
}

/// The entities of some collections in all segments of a view, as they are counted.
#[derive(Debug, Default)]
pub(in super::super) struct Merged {
    /// For each segment.
    pub(super) speakers: Vec<EntitySlots>,
    /// For each segment.
    pub(super) mentions: Vec<EntitySlots>,
}

/// The entities of one field in one segment.
#[derive(Debug, Default)]
pub(super) struct EntitySlots {
    /// For each number of the dictionary the one under which it counts.
    slots: Vec<u32>,
    /// Slots whose entity is none of the segment's: whom they stand for.
    others: HashMap<u32, Other>,
}

impl Merged {
    /// The entities of the collections with these scopes. A surname that they take for different people stands for itself.
    pub(super) fn of<S: Iterator<Item = String>>(
        segments: &[Segment],
        scopes: impl Fn() -> S,
    ) -> Result<Self, TantivyError> {
        let (mut taken, mut torn): (HashMap<Key, &Other>, HashSet<Key>) = Default::default();
        for segment in segments {
            let scopes = segment.scope_numbers(scopes())?;
            if scopes.is_empty() {
                continue;
            }
            for Taken { doc, own, other } in segment.taken()? {
                if scopes.contains(&segment.scope(*doc)) && !segment.reader.is_deleted(*doc) {
                    let known = taken.insert(*own, other);
                    if known.is_some_and(|known| known.key != other.key) {
                        torn.insert(*own);
                    }
                }
            }
        }
        taken.retain(|own, _| !torn.contains(own));
        let mut merged = Self::default();
        for segment in segments {
            let facets = segment.facets();
            merged.speakers.push(EntitySlots::of(facets.speaker.as_ref(), &taken)?);
            merged.mentions.push(EntitySlots::of(facets.mention.as_ref(), &taken)?);
        }
        Ok(merged)
    }
}

impl EntitySlots {
    fn of(terms: Option<&Terms>, taken: &HashMap<Key, &Other>) -> Result<Self, TantivyError> {
        let Some(terms) = terms else { return Ok(Self::default()) };
        let keys = terms.keys()?;
        let mut slots: Vec<u32> = (0..).take(keys.len()).collect();
        let mut numbers: HashMap<Key, u32> = taken.values().map(|other| (other.key, u32::MAX)).collect();
        for (number, key) in slots.iter().zip(keys) {
            if let Some(known) = numbers.get_mut(key) {
                *known = *number;
            }
        }
        let mut others = HashMap::new();
        for (slot, key) in slots.iter_mut().zip(keys) {
            let Some(other) = taken.get(key) else { continue };
            let number = numbers.entry(other.key).or_insert(u32::MAX);
            if *number == u32::MAX {
                *number = *slot;
                others.insert(*slot, (*other).clone());
            }
            *slot = *number;
        }
        Ok(Self { slots, others })
    }

    /// The slot under which the entity of a number counts.
    #[inline]
    pub(super) fn slot(&self, number: u32) -> u32 {
        self.slots.get(number as usize).copied().unwrap_or(number)
    }

    /// Whom a slot stands for, where that is none of the segment's entities.
    pub(super) fn other(&self, slot: u32) -> Option<&Other> {
        self.others.get(&slot)
    }
}
