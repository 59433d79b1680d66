//! Openings of the store. Each gives out positions from its first one on, and a store that was put back from a copy gives out
//! positions that were given out before: the opening that a position comes with tells them apart.
//!
//! An opening's number is made of the time and of a random part, so that two lives of one copy hardly ever meet in a number.

use super::error::Fault;
use super::meta::random;
use super::tables::Tables;
use crate::domain::document::Seq;
use crate::domain::time::Timestamp;
use crate::ports::Epoch;
use redb::{ReadableTable, ReadableTableMetadata};

/// Bits of an opening's number that are random.
const RANDOM_BITS: u32 = 28;

/// Every opening with the first position that it may give out, ascending; never empty.
#[derive(Debug, Clone)]
pub(super) struct Epochs(Vec<(Epoch, Seq)>);

impl Epochs {
    /// Reads all openings and adds this one, at `now`, after the change `last`.
    pub(super) fn begin(tables: &mut Tables<'_>, now: Timestamp, last: Seq) -> Result<Self, Fault> {
        let mut all = Vec::with_capacity(tables.epochs.len()? as usize + 1);
        for entry in tables.epochs.iter()? {
            let (epoch, first) = entry?;
            all.push((epoch.value(), first.value()));
        }
        let before = all.last().map_or(0, |(epoch, _)| *epoch);
        let clock = u64::try_from(now.seconds).unwrap_or(0) << RANDOM_BITS;
        let chance = u64::from(u32::from_le_bytes(random()?)) & ((1 << RANDOM_BITS) - 1);
        let epoch = before.max(clock).saturating_add(1 + chance);
        tables.epochs.insert(epoch, last + 1)?;
        all.push((epoch, last + 1));
        Ok(Self(all))
    }

    /// This opening.
    pub(super) fn current(&self) -> Epoch {
        self.0.last().map_or(0, |(epoch, _)| *epoch)
    }

    /// Whether the position was given out by that opening of this store: it comes before the first of the next.
    pub(super) fn remember(&self, epoch: Epoch, seq: Seq) -> bool {
        self.0
            .binary_search_by_key(&epoch, |(epoch, _)| *epoch)
            .is_ok_and(|at| self.0.get(at + 1).is_none_or(|(_, first)| seq < *first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_holds_until_the_next_openings_first() {
        let epochs = Epochs(vec![(5, 1), (9, 11), (12, 11)]);
        let cases =
            [(5, 10, true), (5, 11, false), (9, 10, true), (9, 11, false), (12, 99, true), (6, 1, false)];
        for (epoch, seq, expected) in cases {
            assert_eq!(epochs.remember(epoch, seq), expected, "{epoch} {seq}");
        }
    }
}
