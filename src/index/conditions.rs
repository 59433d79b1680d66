//! What a question reads from columns: ranges and sets of small numbers, each an array access an entry.

use super::segment::Segment;
use tantivy::DocId;
use tantivy::columnar::ColumnValues;

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

/// Entries that a column is asked about at once.
const STRIDE: usize = 128;

fn is_within((from, until): (i64, Option<i64>), time: i64) -> bool {
    time >= from && until.is_none_or(|until| time < until)
}

fn is_allowed(allowed: u64, category: u64) -> bool {
    allowed >> category & 1 == 1
}

/// Takes those of the entries away whose value is not one that `holds`.
fn narrow<T: Copy + Default + PartialOrd + 'static>(
    column: &dyn ColumnValues<T>,
    docs: &[DocId],
    held: &mut [bool],
    holds: impl Fn(T) -> bool,
) {
    for (docs, held) in docs.chunks(STRIDE).zip(held.chunks_mut(STRIDE)) {
        let mut values = [T::default(); STRIDE];
        let values = &mut values[..docs.len()];
        column.get_vals(docs, values);
        held.iter_mut().zip(values).for_each(|(held, value)| *held &= holds(*value));
    }
}

impl Conditions {
    pub(super) fn hold(&self, segment: &Segment, doc: DocId) -> bool {
        self.published.is_none_or(|times| is_within(times, segment.published(doc)))
            && self.categories.is_none_or(|allowed| is_allowed(allowed, segment.category(doc)))
            && self.traits.is_none_or(|allowed| allowed & segment.traits(doc) != 0)
            && self.confidence.is_none_or(|least| segment.confidence(doc) >= least)
            && self.before.is_none_or(|before| segment.place(doc) < before)
    }

    /// Takes those of the entries away for which they do not hold; asks each column once.
    pub(super) fn narrow(&self, segment: &Segment, docs: &[DocId], held: &mut [bool]) {
        if let Some(times) = self.published {
            narrow(segment.times(), docs, held, |time| is_within(times, time));
        }
        if let Some(allowed) = self.categories {
            narrow(segment.categories(), docs, held, |category| is_allowed(allowed, category));
        }
        if let Some(allowed) = self.traits {
            narrow(segment.all_traits(), docs, held, |traits| allowed & traits != 0);
        }
        if let Some(least) = self.confidence {
            narrow(segment.confidences(), docs, held, |confidence| confidence >= least);
        }
        if let Some(before) = self.before {
            narrow(segment.places(), docs, held, |place| place < before);
        }
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
