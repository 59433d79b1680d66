//! Attributions that the form of whole lines tells. The form is surer there than any detector, so that what a detector
//! found on these lines does not count.

use super::Attribution;
use crate::analysis::signals::Layout;
use crate::domain::span::ByteSpan;

/// An attribution with the lines that it was read from.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) span: ByteSpan,
    pub(super) attribution: Attribution,
}

/// Attributions whose lines share nothing.
pub(super) struct Told {
    /// In text order, disjoint.
    lines: Vec<ByteSpan>,
    /// In the order of their lines.
    pub(super) attributions: Vec<Attribution>,
}

impl Told {
    /// Of lines that share anything, the one that begins first counts, and of those that begin together the one given first.
    pub(super) fn disjoint(mut found: Vec<Line>) -> Self {
        found.sort_by_key(|line| line.span.begin);
        let mut told = Self { lines: Vec::new(), attributions: Vec::new() };
        for line in found {
            if told.lines.last().is_none_or(|last| last.end <= line.span.begin) {
                told.lines.push(line.span);
                told.attributions.push(line.attribution);
            }
        }
        told
    }

    /// Whether a line tells of the cue of an attribution that was found elsewhere.
    pub(super) fn has(&self, layout: &Layout<'_>, attribution: &Attribution) -> bool {
        attribution.cue.as_ref().is_some_and(|cue| self.covers(layout.span_of(cue)))
    }

    /// Whether a line covers a span.
    pub(super) fn covers(&self, span: ByteSpan) -> bool {
        let after = self.lines.partition_point(|line| line.begin <= span.begin);
        self.lines[..after].last().is_some_and(|line| line.contains(span))
    }
}
