//! A queue in which callers take turns: first come, first served among the items of one caller, one item each among callers (the
//! round robin of Nagle, RFC 970).

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// See the module.
#[derive(Debug)]
pub struct FairQueue<T> {
    /// Callers with items, in the order of their turns.
    turns: VecDeque<Arc<str>>,
    items: HashMap<Arc<str>, VecDeque<T>>,
    len: usize,
}

impl<T> Default for FairQueue<T> {
    fn default() -> Self {
        Self { turns: VecDeque::new(), items: HashMap::new(), len: 0 }
    }
}

impl<T> FairQueue<T> {
    /// Puts an item behind those of the same caller.
    pub fn push(&mut self, caller: &Arc<str>, item: T) {
        self.len += 1;
        match self.items.get_mut(caller) {
            Some(items) => items.push_back(item),
            None => {
                self.items.insert(Arc::clone(caller), VecDeque::from([item]));
                self.turns.push_back(Arc::clone(caller));
            }
        }
    }

    /// The next item, of the caller whose turn it is.
    pub fn pop(&mut self) -> Option<T> {
        Some(self.pop_of(|_| true)?.1)
    }

    /// What [`pop`](Self::pop) would take, and whose it is.
    pub fn peek(&self) -> Option<(&Arc<str>, &T)> {
        let caller = self.turns.front()?;
        Some((caller, self.items.get(caller)?.front()?))
    }

    /// The next item of the callers that may have a turn; those before them keep theirs.
    pub fn pop_of(&mut self, may: impl Fn(&str) -> bool) -> Option<(Arc<str>, T)> {
        let at = self.turns.iter().position(|caller| may(caller))?;
        let caller = self.turns.remove(at)?;
        let items = self.items.get_mut(&caller)?;
        let item = items.pop_front()?;
        self.len -= 1;
        if items.is_empty() {
            self.items.remove(&caller);
        } else {
            self.turns.push_back(Arc::clone(&caller));
        }
        Some((caller, item))
    }

    /// Callers with items.
    pub fn callers(&self) -> usize {
        self.turns.len()
    }

    /// Whether the caller has an item.
    pub fn has(&self, caller: &str) -> bool {
        self.items.contains_key(caller)
    }

    /// Items in it.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Throws away all items but those that are wanted.
    pub fn retain(&mut self, mut wanted: impl FnMut(&T) -> bool) {
        self.items.values_mut().for_each(|items| items.retain(&mut wanted));
        self.items.retain(|_, items| !items.is_empty());
        self.turns.retain(|caller| self.items.contains_key(caller));
        self.len = self.items.values().map(VecDeque::len).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn queue(items: &[(&str, u32)]) -> FairQueue<u32> {
        let mut queue = FairQueue::default();
        items.iter().for_each(|(caller, item)| queue.push(&Arc::from(*caller), *item));
        queue
    }

    #[test]
    fn callers_take_turns_and_keep_their_own_order() {
        let mut queue = queue(&[("a", 1), ("a", 2), ("a", 3), ("b", 4), ("c", 5), ("b", 6)]);
        assert_eq!(queue.len(), 6);
        let all: Vec<u32> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(all, [1, 4, 5, 2, 6, 3]);
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn who_may_have_no_turn_keeps_it() {
        let mut queue = queue(&[("a", 1), ("a", 2), ("b", 3), ("b", 4), ("c", 5)]);
        let mut not_a =
            || queue.pop_of(|caller| caller != "a").map(|(caller, item)| (caller.to_string(), item));
        assert_eq!([not_a(), not_a()], [Some(("b".into(), 3)), Some(("c".into(), 5))]);
        assert_eq!([queue.pop(), queue.pop(), queue.pop()], [Some(1), Some(4), Some(2)]);
        assert!(queue.pop_of(|_| true).is_none());
    }

    #[test]
    fn what_is_not_wanted_is_in_nobodys_way() {
        let mut queue = queue(&[("a", 1), ("b", 2), ("b", 3), ("c", 5)]);
        queue.retain(|item| item % 2 == 1 && *item > 1);
        assert_eq!(queue.len(), 2);
        assert_eq!([queue.pop(), queue.pop(), queue.pop()], [Some(3), Some(5), None]);
    }

    proptest! {
        #[test]
        fn every_item_comes_out_once_and_no_caller_waits_for_two_of_another(
            callers in prop::collection::vec(0_usize..4, 0..60),
        ) {
            let mut queue = FairQueue::default();
            for (item, caller) in callers.iter().enumerate() {
                queue.push(&Arc::from(["a", "b", "c", "d"][*caller]), (*caller, item));
            }
            let all: Vec<(usize, usize)> = std::iter::from_fn(|| queue.pop()).collect();
            for caller in 0..4 {
                let own: Vec<usize> = all.iter().filter(|(of, _)| *of == caller).map(|(_, item)| *item).collect();
                let expected: Vec<usize> =
                    callers.iter().enumerate().filter(|(_, of)| **of == caller).map(|(n, _)| n).collect();
                prop_assert_eq!(own, expected);
                // Between two of one's own items each other caller has at most one.
                let mine: Vec<usize> = (0..all.len()).filter(|n| all[*n].0 == caller).collect();
                for pair in mine.windows(2) {
                    let between = &all[pair[0] + 1..pair[1]];
                    for other in 0..4 {
                        prop_assert!(between.iter().filter(|(of, _)| *of == other).count() <= 1);
                    }
                }
            }
        }
    }
}
