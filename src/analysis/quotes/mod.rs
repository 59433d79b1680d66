//! From roles to quotes: which cue, which source and which contents belong together, of what type and kind. It reads
//! signals and marks, and refuses to know who detected them and who a source is. Start at [`assemble`].

use super::signals::{Layout, Signals};
use crate::domain::annotation::{QuoteKind, QuoteType};
use crate::domain::span::ByteSpan;

/// A quote whose speaker is still to be resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftQuote {
    /// Ascending, disjoint, never empty.
    pub contents: Vec<ByteSpan>,
    /// The words that signal it.
    pub cue: Option<ByteSpan>,
    /// The words that name the source; absent for an unattributed quotation.
    pub source: Option<ByteSpan>,
    /// How much of the contents stands inside quotation marks.
    pub quote_type: QuoteType,
    /// Speech or thought.
    pub kind: QuoteKind,
    /// 0 to 1.
    pub confidence: f32,
}

/// The quotes of a text, in order of their first content byte.
pub fn assemble(_layout: &Layout<'_>, _signals: &Signals) -> Vec<DraftQuote> {
    Vec::new()
}
