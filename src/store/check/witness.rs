//! Who listens to a check.

use crate::domain::document::{Seq, StoreId};
use crate::domain::ids::DocumentName;

/// Told what a check comes by.
pub trait Witness {
    /// It begins: whose store it is, its last change, and the one before which removals are forgotten.
    fn begin(&mut self, _store: StoreId, _last: Seq, _floor: Seq) {}

    /// There is a document, as of this change.
    fn document(&mut self, _name: &DocumentName, _seq: Seq) {}

    /// So many documents are done.
    fn done(&mut self, documents: u64);
}

/// Whoever only wants to know how far it is.
pub(in crate::store) struct Progress<'a>(pub(in crate::store) &'a dyn Fn(u64));

impl Witness for Progress<'_> {
    fn done(&mut self, documents: u64) {
        (self.0)(documents);
    }
}
