//! What is worked out for a collection when first asked for, and kept for the next question. Bounded: a collection too many takes the
//! place of the one that was worked out first.

use crate::domain::ids::CollectionId;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Collections for which something is kept.
const COLLECTIONS: usize = 4;

/// See the module.
#[derive(Debug)]
pub(in super::super) struct Kept<T>(Mutex<Vec<(CollectionId, Arc<T>)>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Kept<T> {
    /// What is kept for the collection; `make` works it out, with nothing locked, where there is nothing.
    pub(in super::super) fn of<E>(
        &self,
        collection: &CollectionId,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let known = self.lock().iter().find(|(of, _)| of == collection).map(|(_, known)| Arc::clone(known));
        if let Some(known) = known {
            return Ok(known);
        }
        let made = Arc::new(make()?);
        let mut kept = self.lock();
        if kept.len() == COLLECTIONS {
            kept.remove(0);
        }
        kept.push((collection.clone(), Arc::clone(&made)));
        Ok(made)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(CollectionId, Arc<T>)>> {
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
        assert!((1..=COLLECTIONS).all(ask), "they are new");
        assert!(!ask(1) && ask(0), "the first one had to go");
    }
}
