//! What a question reads from columns: ranges and sets of small numbers, each an array access an entry.

use super::segment::Segment;
use tantivy::DocId;

/// All of it must hold; what is absent does.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Conditions {
    /// Least microsecond of publication and the first after it.
    pub(super) published: Option<(i64, Option<i64>)>,
    /// A bit for each category that is allowed.
    pub(super) categories: Option<u64>,
    /// Bits of which the entry's traits must have one.
    pub(super) traits: Option<u64>,
    /// Least confidence, in hundredths.
    pub(super) confidence: Option<u64>,
    /// The first place that is too late; see [`super::schema::place`].
    pub(super) before: Option<u64>,
}

impl Conditions {
    #[inline]
    pub(super) fn hold(&self, segment: &Segment, doc: DocId) -> bool {
        self.published.is_none_or(|(from, until)| {
            let time = segment.published(doc);
            time >= from && until.is_none_or(|until| time < until)
        }) && self.categories.is_none_or(|allowed| allowed >> segment.category(doc) & 1 == 1)
            && self.traits.is_none_or(|allowed| allowed & segment.traits(doc) != 0)
            && self.confidence.is_none_or(|least| segment.confidence(doc) >= least)
            && self.before.is_none_or(|before| segment.place(doc) < before)
    }

    /// Adds those of `other`, which must hold too; false where one of them is already given in a way that cannot be joined.
    pub(super) fn join(&mut self, other: &Self) -> bool {
        let both = |one: Option<u64>, other: Option<u64>| match (one, other) {
            (Some(one), Some(other)) => Some(one & other),
            (one, other) => one.or(other),
        };
        if self.traits.is_some() && other.traits.is_some() {
            return false;
        }
        self.traits = self.traits.or(other.traits);
        self.categories = both(self.categories, other.categories);
        self.confidence = self.confidence.max(other.confidence);
        self.before = [self.before, other.before].into_iter().flatten().min();
        self.published = match (self.published, other.published) {
            (Some((from, until)), Some((other_from, other_until))) => {
                let until = [until, other_until].into_iter().flatten().min();
                Some((from.max(other_from), until))
            }
            (one, other) => one.or(other),
        };
        true
    }
}
