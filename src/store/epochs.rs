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
use redb::ReadableTable;

/// Bits of an opening's number that are random.
const RANDOM_BITS: u32 = 28;

/// Every opening with the first position that it may give out, ascending.
#[derive(Debug, Clone)]
pub(super) struct Epochs(Vec<(Epoch, Seq)>);

impl Epochs {
    /// Adds an opening, at `now`, after the change `last`.
    pub(super) fn begin(tables: &mut Tables<'_>, now: Timestamp, last: Seq) -> Result<Self, Fault> {
        let mut epochs = Self::read(tables)?;
        let epoch = number(epochs.current(), now)?;
        epochs.add(tables, epoch, last)?;
        Ok(epochs)
    }

    /// Goes on with an opening after a failure, which may have swallowed its row.
    pub(super) fn go_on(tables: &mut Tables<'_>, epoch: Epoch, last: Seq) -> Result<Self, Fault> {
        let mut epochs = Self::read(tables)?;
        if epochs.current() != epoch {
            epochs.add(tables, epoch, last)?;
        }
        Ok(epochs)
    }

    fn read(tables: &Tables<'_>) -> Result<Self, Fault> {
        let openings = tables.epochs.iter()?.map(|entry| {
            let (epoch, first) = entry?;
            Ok((epoch.value(), first.value()))
        });
        openings.collect::<Result<_, Fault>>().map(Self)
    }

    fn add(&mut self, tables: &mut Tables<'_>, epoch: Epoch, last: Seq) -> Result<(), Fault> {
        tables.epochs.insert(epoch, last + 1)?;
        self.0.push((epoch, last + 1));
        Ok(())
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

/// A number for an opening, higher than the one before.
fn number(before: Epoch, now: Timestamp) -> Result<Epoch, Fault> {
    let clock = u64::try_from(now.seconds).unwrap_or(0) << RANDOM_BITS;
    let chance = u64::from(u32::from_le_bytes(random()?)) & ((1 << RANDOM_BITS) - 1);
    Ok(before.max(clock).saturating_add(1 + chance))
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
