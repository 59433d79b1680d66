//! How text is laid out for people: the width of the terminal, the styles, and wrapped lines with an indent.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

/// Who speaks.
pub const SPEAKER: Style = AnsiColor::Cyan.on_default().bold();
/// What was said, inside quotation marks.
pub const DIRECT: Style = AnsiColor::Green.on_default();
/// What was said, in the writer's words.
pub const INDIRECT: Style = AnsiColor::Yellow.on_default();
/// The words that signal that something is said.
pub const CUE: Style = AnsiColor::Magenta.on_default().underline();
/// What may be overlooked.
pub const FAINT: Style = Style::new().dimmed();
/// What should not be.
pub const STRONG: Style = Style::new().bold();

/// Width where no terminal says otherwise.
const PLAIN_WIDTH: usize = 100;

/// Lines longer than this are hard to read, however wide the terminal is.
const WIDEST: usize = 110;

/// Columns to fill.
pub fn width() -> usize {
    match terminal_size::terminal_size() {
        Some((terminal_size::Width(columns), _)) => usize::from(columns).clamp(40, WIDEST),
        None => PLAIN_WIDTH,
    }
}

/// `text` in lines of at most `width` columns, white space folded; a word that is longer gets a line of its own.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// `1 quote`, `2 quotes`, `1,203 quotes`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `512 B`, `3.20 MiB`.
pub fn bytes(number: u64) -> String {
    indicatif::HumanBytes(number).to_string()
}

/// Digits in groups of three.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fill_the_width_and_no_more() {
        assert_eq!(wrap("one two  three\nfour", 8), ["one two", "three", "four"]);
        assert_eq!(wrap("incomprehensible is", 5), ["incomprehensible", "is"]);
        assert_eq!(wrap("日本 語", 4), ["日本", "語"]);
        assert!(wrap(" ", 5).is_empty());
    }

    #[test]
    fn numbers_are_grouped_and_agree_with_their_noun() {
        assert_eq!(count(1, "quote", "quotes"), "1 quote");
        assert_eq!(count(1_234_567, "quote", "quotes"), "1,234,567 quotes");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(0), "0");
    }
}
