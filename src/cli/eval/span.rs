//! Spans in code points, made comparable: conventions about quotation marks, full stops and articles cost nothing.

use super::gold::Document;
use crate::domain::span::{ByteSpan, OffsetMap};

/// First code point and one past the last.
pub type Span = (usize, usize);

/// The span without white space, quotation marks and punctuation at its ends.
pub fn trimmed(chars: &[char], (mut begin, mut end): Span) -> Span {
    let trims = |c: char| " \t\n\r\u{a0}“”\"'‘’`,.;:!?…—–-()[]".contains(c);
    end = end.min(chars.len());
    while begin < end && trims(chars[begin]) {
        begin += 1;
    }
    while end > begin && trims(chars[end - 1]) {
        end -= 1;
    }
    (begin, end)
}

/// The span without a leading "the".
pub fn without_article(chars: &[char], (begin, end): Span) -> Span {
    let head: String = chars[begin..end.min(begin + 4)].iter().collect();
    if head.eq_ignore_ascii_case("the ") { (begin + 4, end) } else { (begin, end) }
}

/// Code points that two spans share.
pub fn overlap(a: Span, b: Span) -> usize {
    a.1.min(b.1).saturating_sub(a.0.max(b.0))
}

/// Whether more than half of the spans lies in parts that are not annotated.
pub fn is_skipped(spans: &[Span], skip: &[Span]) -> bool {
    let all: usize = spans.iter().map(|(begin, end)| end - begin).sum();
    let skipped: usize = spans.iter().flat_map(|span| skip.iter().map(|part| overlap(*span, *part))).sum();
    skipped * 2 > all
}

/// Translates the analyzer's byte spans.
pub struct CodePoints<'d>(OffsetMap<'d>);

impl<'d> CodePoints<'d> {
    /// Of one document.
    pub fn new(document: &'d Document) -> Self {
        Self(OffsetMap::new(&document.text))
    }

    /// A span in code points.
    pub fn span(&self, span: ByteSpan) -> Span {
        let at = |byte| self.0.position(byte).code_points as usize;
        (at(span.begin), at(span.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_lose_marks_and_articles() {
        let chars: Vec<char> = "“The Hague,” he".chars().collect();
        let span = trimmed(&chars, (0, 12));
        assert_eq!(span, (1, 10));
        assert_eq!(without_article(&chars, span), (5, 10));
        assert_eq!(trimmed(&chars, (10, 12)), (12, 12));
    }

    #[test]
    fn what_lies_mostly_in_skipped_parts_is_skipped() {
        assert!(is_skipped(&[(0, 4), (10, 12)], &[(0, 10)]));
        assert!(!is_skipped(&[(0, 4), (10, 14)], &[(0, 10)]));
        assert!(!is_skipped(&[], &[(0, 10)]));
    }
}
