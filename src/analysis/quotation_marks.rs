//! The detector for text in a language that the analyzer does not know: every quotation of some length is a content,
//! and nothing else is claimed. Knows quotation marks, no words.

use super::signals::{Detector, Layout, Role, RoleSpan, Signals};

/// Shorter quotations (in words, marks included) are names and scare quotes more often than speech.
const SHORTEST: usize = 5;

/// A quotation in an unknown language is speech more often than not.
const CONFIDENCE: f32 = 0.5;

/// See the module.
#[derive(Debug)]
pub struct QuotationMarks;

impl Detector for QuotationMarks {
    fn detect(&self, layout: &Layout<'_>) -> Signals {
        let spans = layout.quoted.iter().map(|region| layout.words_of(region.span));
        let long = spans.filter(|words| words.len() >= SHORTEST);
        let content = |words| RoleSpan { role: Role::Content, words, confidence: CONFIDENCE };
        Signals { roles: long.map(content).collect(), ..Signals::default() }
    }
}
