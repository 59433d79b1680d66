//! A rewritten text and where each part of it came from. Knows edits, not reasons for them. Start at [`Rewrite`].

use crate::domain::span::ByteSpan;
use std::ops::Range;

/// One stretch that was replaced; everything between two edits is the same on both sides.
#[derive(Debug, Clone, Copy)]
struct Edit {
    /// In the rewritten text; may be empty.
    to: ByteSpan,
    /// In the text before; never empty.
    from: ByteSpan,
}

/// The edits between two texts, in order.
#[derive(Debug)]
pub(super) struct Alignment {
    edits: Vec<Edit>,
}

impl Alignment {
    /// The stretch of the text before from which a stretch of the rewritten one came. An edit that is touched counts
    /// whole; what was left out at either end stays outside.
    pub(super) fn original(&self, span: ByteSpan) -> ByteSpan {
        let begin = self.begin(span.begin);
        ByteSpan { begin, end: self.end(span.end).max(begin) }
    }

    /// The stretch of the rewritten text that a stretch of the text before became. An edit that is touched counts whole.
    pub(super) fn rewritten(&self, span: ByteSpan) -> ByteSpan {
        let touched = |edit: &Edit, at: u32| {
            if at < edit.from.end { edit.to.begin } else { edit.to.end + (at - edit.from.end) }
        };
        let before = |edits: usize| edits.checked_sub(1).map(|before| &self.edits[before]);
        let begin = before(self.edits.partition_point(|edit| edit.from.begin <= span.begin));
        let begin = begin.map_or(span.begin, |edit| touched(edit, span.begin));
        let end = match before(self.edits.partition_point(|edit| edit.from.begin < span.end)) {
            Some(edit) if span.end <= edit.from.end => edit.to.end,
            Some(edit) => edit.to.end + (span.end - edit.from.end),
            None => span.end,
        };
        ByteSpan { begin, end: end.max(begin) }
    }

    fn begin(&self, at: u32) -> u32 {
        let after = self.edits.partition_point(|edit| edit.to.begin <= at);
        match after.checked_sub(1).map(|before| self.edits[before]) {
            Some(edit) if at < edit.to.end => edit.from.begin,
            Some(edit) => edit.from.end + (at - edit.to.end),
            None => at,
        }
    }

    fn end(&self, at: u32) -> u32 {
        let after = self.edits.partition_point(|edit| edit.to.begin < at);
        match after.checked_sub(1).map(|before| self.edits[before]) {
            Some(edit) if at <= edit.to.end => edit.from.end,
            Some(edit) => edit.from.end + (at - edit.to.end),
            None => at,
        }
    }
}

/// A text being rewritten from its begin to its end.
pub(super) struct Rewrite<'t> {
    before: &'t str,
    text: String,
    /// How far `before` has been taken over.
    taken: usize,
    edits: Vec<Edit>,
}

impl<'t> Rewrite<'t> {
    pub(super) fn new(before: &'t str) -> Self {
        Self { before, text: String::new(), taken: 0, edits: Vec::new() }
    }

    /// Puts other characters in the place of a stretch that lies behind all former ones.
    pub(super) fn replace(&mut self, stretch: Range<usize>, with: &str) {
        debug_assert!(self.taken <= stretch.start && stretch.start < stretch.end);
        self.text.push_str(&self.before[self.taken..stretch.start]);
        let begin = self.text.len();
        self.text.push_str(with);
        self.taken = stretch.end;
        let to = ByteSpan::at(begin, self.text.len());
        self.edits.push(Edit { to, from: ByteSpan::at(stretch.start, stretch.end) });
    }

    /// The rewritten text, if anything was replaced.
    pub(super) fn finish(mut self) -> Option<(String, Alignment)> {
        if self.edits.is_empty() {
            return None;
        }
        self.text.push_str(&self.before[self.taken..]);
        Some((self.text, Alignment { edits: self.edits }))
    }
}
