//! Lines and paragraphs. A paragraph is a line with something on it, as news texts have it; in a text that was
//! wrapped by hand, with blank lines between its paragraphs, it is a block of lines.

use crate::domain::span::ByteSpan;

/// Every character after which a line ends; CR LF counts once because blank lines are dropped anyway.
fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that show nothing: white space, NUL and its like, zero-width marks.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}' | '\u{feff}' | '\u{2060}')
}

/// The lines that show anything, without the blanks around them.
pub fn lines(text: &str) -> Vec<ByteSpan> {
    let mut lines = Vec::new();
    let mut begin = 0;
    for part in text.split_inclusive(is_line_break) {
        lines.extend(trimmed(text, begin, begin + part.len()));
        begin += part.len();
    }
    lines
}

/// The paragraphs, in order, disjoint, without the blanks around them.
pub fn paragraphs(text: &str) -> Vec<ByteSpan> {
    let lines = lines(text);
    if !is_hard_wrapped(text, &lines) {
        return lines;
    }
    let mut blocks: Vec<ByteSpan> = Vec::new();
    for line in lines {
        match blocks.last_mut() {
            Some(block) if !has_blank_line(text, *block, line) => *block = block.cover(line),
            _ => blocks.push(line),
        }
    }
    blocks
}

/// Whether lines were broken at a column: blank lines part the paragraphs, and most other breaks fall before a word
/// in lower case after a line without a final mark.
fn is_hard_wrapped(text: &str, lines: &[ByteSpan]) -> bool {
    let (mut parted, mut breaks, mut mid_sentence) = (0, 0, 0);
    for pair in lines.windows(2) {
        if has_blank_line(text, pair[0], pair[1]) {
            parted += 1;
            continue;
        }
        breaks += 1;
        let goes_on = pair[1].slice(text).starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit());
        mid_sentence +=
            usize::from(goes_on && pair[0].slice(text).ends_with(|c: char| c.is_alphanumeric() || c == ','));
    }
    parted > 0 && breaks >= 3 && mid_sentence * 2 > breaks
}

fn has_blank_line(text: &str, before: ByteSpan, after: ByteSpan) -> bool {
    let between = &text[before.end as usize..after.begin as usize];
    between.matches('\n').count().max(between.matches('\r').count()) > 1
        || between.contains(['\u{c}', '\u{2029}'])
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

    #[test]
    fn hand_wrapped_lines_join_up_to_a_blank_line() {
        check(
            "The council met on\nMonday and chose a new\nchair for the year,\nas was planned.\n\nNobody came.\n",
            &[
                "The council met on\nMonday and chose a new\nchair for the year,\nas was planned.",
                "Nobody came.",
            ],
        );
    }
}
