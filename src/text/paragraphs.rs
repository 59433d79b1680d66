//! Paragraphs. A paragraph is a line with something on it, as news texts have it; lines that were broken at a column
//! are put together by [`super::view`] before anybody asks.

use crate::domain::span::ByteSpan;

/// Every character after which a line ends; CR LF counts once because blank lines are dropped anyway.
pub(super) fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that show nothing: white space, NUL and its like, zero-width marks.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}' | '\u{feff}' | '\u{2060}')
}

/// The paragraphs, in order, disjoint, without the blanks around them.
pub fn paragraphs(text: &str) -> Vec<ByteSpan> {
    let mut paragraphs = Vec::new();
    let mut begin = 0;
    for line in text.split_inclusive(is_line_break) {
        paragraphs.extend(trimmed(text, begin, begin + line.len()));
        begin += line.len();
    }
    paragraphs
}

/// The span without the blanks at its ends, if anything remains.
fn trimmed(text: &str, begin: usize, end: usize) -> Option<ByteSpan> {
    let part = &text[begin..end];
    let begin = begin + (part.len() - part.trim_start_matches(is_blank).len());
    let length = part.trim_matches(is_blank).len();
    (length > 0).then(|| ByteSpan::at(begin, begin + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<_> = paragraphs(text).iter().map(|p| p.slice(text)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_line_is_a_paragraph() {
        check("One.\nTwo.\n\nThree.", &["One.", "Two.", "Three."]);
        check("One.\r\nTwo.\r\r\u{2029} Three. \u{0}\n", &["One.", "Two.", "Three."]);
        check("", &[]);
        check(" \n\u{0}\n\u{feff}", &[]);
    }
}
