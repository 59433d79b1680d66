//! Which segments to merge. Every query asks each segment in turn, so there should be few; every merge writes its
//! segments anew, so that no entry should be merged often. Sizes that fall geometrically give both: segments that
//! are each larger than all smaller ones together are left alone, and their number grows with the logarithm of the
//! index. While nothing else happens the rule is stricter, and fewer segments stay. Pure; `merges.rs` acts on it.

use tantivy::index::{SegmentId, SegmentMeta};

/// Share of deleted entries from which a segment is written anew whatever its size, so that revisions of documents
/// leave no more than this much garbage behind.
const MOST_GARBAGE: f32 = 0.3;

/// Larger segments are merged with no other: it would take minutes and save little.
const MOST_ENTRIES: u64 = 4_000_000;

/// How eagerly to merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// While commits come.
    Busy,
    /// While none comes.
    Quiet,
}

impl Pace {
    /// Least segments of a merge.
    fn least(self) -> usize {
        match self {
            Self::Busy => 8,
            Self::Quiet => 2,
        }
    }

    /// A segment joins smaller ones where it is at most so many times as large as all of them together.
    fn factor(self) -> u64 {
        match self {
            Self::Busy => 1,
            Self::Quiet => 4,
        }
    }
}

/// A segment by what matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) id: SegmentId,
    /// Entries, with the deleted ones.
    entries: u64,
    pub(super) deleted: u64,
}

impl From<&SegmentMeta> for Extent {
    fn from(meta: &SegmentMeta) -> Self {
        let (entries, deleted) = (u64::from(meta.max_doc()), u64::from(meta.num_deleted_docs()));
        Self { id: meta.id(), entries, deleted }
    }
}

/// The segments to merge next, of those that are in no merge.
pub(super) fn next(mut segments: Vec<Extent>, pace: Pace) -> Option<Vec<SegmentId>> {
    if let Some(garbage) = segments.iter().find(|segment| is_garbage(segment)) {
        return Some(vec![garbage.id]);
    }
    segments.retain(|segment| segment.entries <= MOST_ENTRIES);
    segments.sort_unstable_by_key(|segment| segment.entries);
    let (mut group, mut smaller) = (0, 0);
    for (n, segment) in segments.iter().enumerate() {
        if n > 0 && segment.entries <= smaller * pace.factor() {
            group = n + 1;
        }
        smaller += segment.entries;
    }
    (group >= pace.least()).then(|| segments[..group].iter().map(|segment| segment.id).collect())
}

fn is_garbage(segment: &Extent) -> bool {
    segment.deleted as f32 > segment.entries as f32 * MOST_GARBAGE
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment(entries: u64) -> Extent {
        Extent { id: SegmentId::generate_random(), entries, deleted: 0 }
    }

    fn settle(segments: &mut Vec<Extent>, pace: Pace, written: &mut u64) {
        while let Some(group) = next(segments.clone(), pace) {
            let (merged, rest): (Vec<_>, Vec<_>) =
                segments.iter().partition(|segment| group.contains(&segment.id));
            let entries = merged.iter().map(|segment: &Extent| segment.entries).sum::<u64>();
            *written += entries;
            *segments = rest;
            segments.push(segment(entries));
        }
    }

    proptest! {
        #[test]
        fn segments_stay_few_and_entries_are_seldom_written(commits in prop::collection::vec(1u64..400, 1..600)) {
            let (mut segments, mut written) = (Vec::new(), 0);
            let total: u64 = commits.iter().sum();
            for entries in commits {
                segments.push(segment(entries));
                settle(&mut segments, Pace::Busy, &mut written);
            }
            let doublings = u64::from(total.ilog2()) + 1;
            prop_assert!(segments.len() as u64 <= 8 + doublings);
            prop_assert!(written <= total * doublings, "{written} {total}");
            settle(&mut segments, Pace::Quiet, &mut written);
            prop_assert!(segments.len() as u32 <= 1 + total.ilog(5));
        }
    }

    #[test]
    fn garbage_goes_first_and_giants_stay() {
        let garbage = Extent { deleted: 31, ..segment(100) };
        let mut segments = vec![segment(100), segment(100), garbage];
        assert_eq!(next(segments.clone(), Pace::Busy), Some(vec![garbage.id]));
        segments.pop();
        assert_eq!(next(segments.clone(), Pace::Busy), None);
        assert_eq!(next(segments.clone(), Pace::Quiet).map(|group| group.len()), Some(2));
        assert_eq!(next(vec![segment(MOST_ENTRIES + 1), segment(MOST_ENTRIES + 1)], Pace::Quiet), None);
    }
}
