//! One field over all segments of a view.

use super::super::error::IndexError;
use super::super::pairs::Pairs;
use super::super::segment::Segment;
use super::firsts::Firsts;
use super::periods::Periods;
use super::slots::Slots;
use super::tally::{self, Chosen, Key, Sums};
use crate::domain::facet::{Counted, FacetValue};
use tantivy::DocId;

/// See the module.
pub(super) struct Field<'s> {
    /// For each segment.
    pub(super) slots: Vec<Slots<'s>>,
    /// The stretches of time that were met, where they are what it divides by.
    pub(super) periods: Option<Periods>,
    /// The first entry of each slot, where it is what stands for the slot's value.
    pub(super) firsts: Option<Firsts<'s>>,
    /// The entries that were looked at last, with their slots.
    pub(super) found: Pairs,
}

impl Field<'_> {
    /// One more than the largest slot of the `n`th segment, as far as that is known.
    pub(super) fn len(&self, n: usize) -> usize {
        self.slots[n].len()
    }

    /// Entries of the `n`th segment, ascending, with their slots, each slot of an entry once.
    #[inline]
    pub(super) fn of_entries(&mut self, n: usize, segment: &Segment, docs: &[DocId]) -> &Pairs {
        self.slots[n].of_entries(segment, docs, self.periods.as_mut(), &mut self.found);
        if let Some(firsts) = &mut self.firsts {
            self.found.all().iter().for_each(|(doc, slot)| firsts.see(*slot, n, segment, *doc));
        }
        &self.found
    }

    /// The key of a slot of the `n`th segment.
    pub(super) fn key(&self, n: usize, slot: u32) -> Result<Key, IndexError> {
        match &self.periods {
            Some(periods) => Ok(periods.key(slot)),
            None => self.slots[n].key(slot),
        }
    }

    /// The value of a slot of the `n`th segment.
    pub(super) fn value(&self, n: usize, slot: u32) -> Result<FacetValue, IndexError> {
        match (&self.periods, &self.firsts) {
            (Some(periods), _) => Ok(periods.value(slot)),
            (None, Some(firsts)) => firsts.value(slot),
            (None, None) => self.slots[n].value(slot),
        }
    }

    /// The chosen values of this field, with what is counted in all.
    pub(super) fn counted(&self, sums: Sums, chosen: &[Chosen]) -> Result<Counted, IndexError> {
        tally::counted(sums, chosen, |(n, slot)| self.value(n, slot))
    }
}
