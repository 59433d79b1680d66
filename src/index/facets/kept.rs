//! What is worked out when first asked for, of a collection or of another question, and kept for the next one. Bounded: one too many
//! takes the place of what was worked out first.

use crate::domain::ids::CollectionId;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Questions whose answers are kept: collections, mostly.
const MOST: usize = 4;

/// See the module.
#[derive(Debug)]
pub(in super::super) struct Kept<T, Q = CollectionId>(Mutex<Vec<(Q, Arc<T>)>>);

impl<T, Q> Default for Kept<T, Q> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T, Q: Clone + PartialEq> Kept<T, Q> {
    /// What is kept for the question; `make` works it out, with nothing locked, where there is nothing.
    pub(in super::super) fn of<E>(
        &self,
        question: &Q,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        match self.get(question) {
            Some(known) => Ok(known),
            None => Ok(self.keep(question, make()?)),
        }
    }

    /// What is kept for the question.
    pub(in super::super) fn get(&self, question: &Q) -> Option<Arc<T>> {
        self.lock().iter().find(|(of, _)| of == question).map(|(_, known)| Arc::clone(known))
    }

    /// Keeps what was worked out for the question.
    pub(in super::super) fn keep(&self, question: &Q, made: T) -> Arc<T> {
        let made = Arc::new(made);
        let mut kept = self.lock();
        if kept.len() == MOST {
            kept.remove(0);
        }
        kept.push((question.clone(), Arc::clone(&made)));
        made
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Q, Arc<T>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_few_collections_are_kept() {
        let kept = Kept::default();
        let ask = |n: usize| {
            let mut made = false;
            let collection = CollectionId::new(format!("c{n}")).unwrap();
            let value = kept.of(&collection, || {
                made = true;
                Ok::<_, ()>(n)
            });
            assert_eq!(*value.unwrap(), n);
            made
        };
        assert!(ask(0) && !ask(0));
        assert!((1..=MOST).all(ask), "they are new");
        assert!(!ask(1) && ask(0), "the first one had to go");
    }
}
