//! Numbers for the values that are met in any segment: small, and the same in all of them.

use super::super::error::IndexError;
use super::tally::{Key, Place};
use foldhash::HashMap;

/// See the module.
#[derive(Default)]
pub(super) struct Numbers {
    known: HashMap<Key, u32>,
    /// Of the segment that is looked at, one more than the number of each slot; 0 where it has not been met.
    slots: Vec<u32>,
    /// By number.
    pub(super) values: Vec<(Key, Place)>,
}

impl Numbers {
    /// The next slots are another segment's.
    pub(super) fn begin(&mut self) {
        self.slots.clear();
    }

    /// The number of the value that a slot of the `n`th segment stands for; `key` is asked once for each slot.
    #[inline]
    pub(super) fn of(
        &mut self,
        slot: u32,
        n: usize,
        key: impl FnOnce(u32) -> Result<Key, IndexError>,
    ) -> Result<u32, IndexError> {
        let at = slot as usize;
        if at >= self.slots.len() {
            self.slots.resize(at + 1, 0);
        }
        if self.slots[at] == 0 {
            let (key, next) = (key(slot)?, self.values.len() as u32);
            let number = *self.known.entry(key).or_insert(next);
            if number == next {
                self.values.push((key, (n, slot)));
            }
            self.slots[at] = number + 1;
        }
        Ok(self.slots[at] - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_one_number_whatever_its_slot_and_segment() {
        let mut numbers = Numbers::default();
        let of =
            |numbers: &mut Numbers, n: usize, slot: u32, key: Key| numbers.of(slot, n, |_| Ok(key)).unwrap();
        assert_eq!(
            [of(&mut numbers, 0, 7, 70), of(&mut numbers, 0, 3, 30), of(&mut numbers, 0, 7, 0)],
            [0, 1, 0]
        );
        // Two slots of one entity.
        assert_eq!(of(&mut numbers, 0, 9, 30), 1);
        numbers.begin();
        assert_eq!([of(&mut numbers, 1, 7, 30), of(&mut numbers, 1, 3, 40)], [1, 2]);
        assert_eq!(numbers.values, [(70, (0, 7)), (30, (0, 3)), (40, (1, 3))]);
    }
}
