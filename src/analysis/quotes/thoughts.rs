//! Thoughts: attributions that the layers of every kind of attribution have and those of statements have not, where the cue is
//! one of belief, wish or feeling. What is neither is nothing that the analyzer tells.

use super::told::Told;
use super::{Attribution, attributions, kind};
use crate::analysis::signals::{Attributed, Layout};
use crate::domain::span::ByteSpan;

/// Greatest share of its contents that a thought may have in common with what is there already.
const SHARED: f32 = 0.5;

/// The thoughts beside these attributions, in the order of their cues.
pub(super) fn beside(
    layout: &Layout<'_>,
    attributed: &Attributed,
    told: &Told,
    known: &[Attribution],
) -> Vec<Attribution> {
    let mut found = attributions(layout, &attributed.roles, &attributed.links, told);
    let taken = Taken::new(layout, known);
    found.retain(|attribution| {
        let Some(cue) = &attribution.cue else { return false };
        kind::is_thought(layout, cue)
            && attribution.source.is_some()
            && !attribution.contents.is_empty()
            && !taken.has_cue(layout.span_of(cue))
            && taken.share(&attribution.contents) <= SHARED
    });
    found
}

/// The spans of what is known, each list in text order.
struct Taken {
    cues: Vec<ByteSpan>,
    contents: Vec<ByteSpan>,
}

impl Taken {
    fn new(layout: &Layout<'_>, known: &[Attribution]) -> Self {
        let cues = known.iter().filter_map(|attribution| attribution.cue.as_ref());
        let mut cues: Vec<ByteSpan> = cues.map(|cue| layout.span_of(cue)).collect();
        let mut contents: Vec<ByteSpan> =
            known.iter().flat_map(|attribution| attribution.contents.iter().copied()).collect();
        cues.sort_unstable();
        contents.sort_unstable();
        Self { cues, contents }
    }

    fn has_cue(&self, cue: ByteSpan) -> bool {
        let after = self.cues.partition_point(|known| known.begin < cue.end);
        after.checked_sub(1).is_some_and(|last| self.cues[last].end > cue.begin)
    }

    /// The largest part of these contents that one known content covers while it covers about as much outside.
    fn share(&self, contents: &[ByteSpan]) -> f32 {
        let own: usize = contents.iter().map(|content| content.len()).sum();
        let of = |content: &ByteSpan| -> usize {
            let after = self.contents.partition_point(|known| known.begin < content.end);
            // A thought inside of a statement is a thought of its own, however much of it the statement covers.
            let alike = |known: &&ByteSpan| known.len() < 2 * content.len();
            let near = self.contents[..after].iter().rev().take(4).filter(alike);
            near.map(|known| {
                known.end.min(content.end).saturating_sub(known.begin.max(content.begin)) as usize
            })
            .max()
            .unwrap_or(0)
        };
        contents.iter().map(of).sum::<usize>() as f32 / own.max(1) as f32
    }
}
