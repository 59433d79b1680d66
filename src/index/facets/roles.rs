//! What some entities are called in one segment. Two entities that count as one share a slot where they have the same role, so that a
//! document which calls both of them so counts once.

use super::super::schema;
use super::super::terms::Terms;
use crate::domain::ids::EntityId;
use std::collections::{BTreeMap, HashMap};
use tantivy::TantivyError;

/// See the module.
pub(super) struct Roles {
    /// By slot, ascending.
    pub(super) all: Vec<String>,
    /// The slot of each number of the dictionary that is a role of the entities.
    slots: HashMap<u32, u32>,
}

impl Roles {
    pub(super) fn of(terms: &Terms, entities: &[EntityId]) -> Result<Self, TantivyError> {
        let mut numbers: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for entity in entities {
            let prefix = schema::role_of(entity);
            for number in terms.beginning_with(&prefix)? {
                let role = terms.term(number)?.split_off(prefix.len());
                // A dictionary has fewer than 2^32 terms.
                numbers.entry(role).or_default().push(number as u32);
            }
        }
        let slots = (0..).zip(numbers.values());
        let slots = slots.flat_map(|(slot, numbers)| numbers.iter().map(move |number| (*number, slot)));
        Ok(Self { slots: slots.collect(), all: numbers.into_keys().collect() })
    }

    /// The slot of a number of the dictionary, if it is a role of the entities.
    pub(super) fn slot(&self, number: u32) -> Option<u32> {
        self.slots.get(&number).copied()
    }
}
