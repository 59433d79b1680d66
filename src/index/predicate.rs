//! What is joined by OR and NOT, as it is asked of one entry after the other. Words and names have been looked up by then: they are
//! sets of entries. A predicate that is a set alone can lead a question; see `prepare.rs`.

use super::conditions::Conditions;
use super::schema;
use super::segment::Segment;
use std::collections::HashSet;
use std::sync::Arc;
use tantivy::{BitSet, DocId};

/// See the module.
pub(super) enum Predicate {
    /// These entries.
    Set(BitSet),
    /// Quotes of the documents that these changes put there.
    Documents(Arc<HashSet<u64>>),
    Columns(Conditions),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

impl Predicate {
    pub(super) fn holds(&self, segment: &Segment, doc: DocId) -> bool {
        match self {
            Self::Set(docs) => docs.contains(doc),
            Self::Documents(changes) => changes.contains(&schema::change_of(segment.place(doc))),
            Self::Columns(conditions) => conditions.hold(segment, doc),
            Self::All(predicates) => predicates.iter().all(|predicate| predicate.holds(segment, doc)),
            Self::Any(predicates) => predicates.iter().any(|predicate| predicate.holds(segment, doc)),
            Self::Not(predicate) => !predicate.holds(segment, doc),
        }
    }

    /// Any of the predicates: one set, where all of them are sets.
    pub(super) fn any(predicates: Vec<Self>, entries: u32) -> Self {
        if !predicates.iter().all(|predicate| matches!(predicate, Self::Set(_))) {
            return Self::Any(predicates);
        }
        let mut union = BitSet::with_max_value(entries);
        for predicate in &predicates {
            if let Self::Set(docs) = predicate {
                each(docs, |doc| {
                    union.insert(doc);
                });
            }
        }
        Self::Set(union)
    }
}

/// The entries of a set, ascending.
fn each(docs: &BitSet, mut take: impl FnMut(DocId)) {
    let mut next = docs.first_non_empty_bucket(0);
    while let Some(bucket) = next {
        let mut some = docs.tinyset(bucket);
        while let Some(lowest) = some.pop_lowest() {
            take(bucket * 64 + lowest);
        }
        next = docs.first_non_empty_bucket(bucket + 1);
    }
}
