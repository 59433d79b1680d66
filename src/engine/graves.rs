//! What was deleted lately. A view shows the past; a deletion must take effect in it all the same, and looking every hit up in the
//! log would cost more than the search. So deletions are remembered for as long as a view is older than they are.

use crate::domain::document::Seq;
use crate::domain::ids::{CollectionId, DocumentId, DocumentName};
use std::collections::HashMap;

/// Most documents that are remembered: some 10 MB. Beyond it the oldest views are given up.
const MOST: usize = 100_000;

/// Deletions with the change that made each.
#[derive(Debug, Default)]
pub(super) struct Graves {
    collections: HashMap<CollectionId, Collection>,
    documents: usize,
}

#[derive(Debug, Default)]
struct Collection {
    /// The last deletion of the collection as a whole.
    whole: Seq,
    documents: HashMap<DocumentId, Seq>,
}

impl Graves {
    /// Remembers that a document is gone.
    pub(super) fn bury(&mut self, name: &DocumentName, seq: Seq) {
        let collection = self.collections.entry(name.collection.clone()).or_default();
        if collection.documents.insert(name.document.clone(), seq).is_none() {
            self.documents += 1;
        }
    }

    /// Remembers that a collection is gone.
    pub(super) fn bury_collection(&mut self, id: &CollectionId, seq: Seq) {
        let collection = self.collections.entry(id.clone()).or_default();
        self.documents -= collection.documents.len();
        *collection = Collection { whole: seq, documents: HashMap::new() };
    }

    /// Whether what the change `seq` put under this name is gone.
    pub(super) fn hold(&self, collection: &CollectionId, document: &DocumentId, seq: Seq) -> bool {
        let Some(found) = self.collections.get(collection) else { return false };
        seq < found.whole || found.documents.get(document).is_some_and(|gone| seq < *gone)
    }

    /// Forgets deletions up to `seq`: every view is younger.
    pub(super) fn clear(&mut self, seq: Seq) {
        self.collections.retain(|_, collection| {
            collection.documents.retain(|_, gone| *gone > seq);
            collection.whole > seq || !collection.documents.is_empty()
        });
        self.documents = self.collections.values().map(|collection| collection.documents.len()).sum();
    }

    /// Whether no more should be remembered.
    pub(super) fn is_full(&self) -> bool {
        self.documents >= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grave_holds_what_came_before_it_and_nothing_else() {
        let name = DocumentName::parse("collections/c/documents/d").unwrap();
        let other = DocumentId::new("e").unwrap();
        let mut graves = Graves::default();
        graves.bury(&name, 7);
        assert!(graves.hold(&name.collection, &name.document, 6));
        assert!(!graves.hold(&name.collection, &name.document, 8), "made again since");
        assert!(!graves.hold(&name.collection, &other, 6));
        graves.clear(6);
        assert!(graves.hold(&name.collection, &name.document, 6));
        graves.clear(7);
        assert!(!graves.hold(&name.collection, &name.document, 6));
        graves.bury_collection(&name.collection, 9);
        assert!(graves.hold(&name.collection, &other, 8));
        assert!(!graves.hold(&CollectionId::new("b").unwrap(), &other, 8));
    }
}
