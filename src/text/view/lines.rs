//! Lines put right: what belongs to the way a text was set and not to what it says. The marks of quoted mail (`> `) and
//! bullets go, and where lines were broken at a column, their ends inside a paragraph become spaces. Start at
//! [`rewrite`]; [`wrapping`] decides which lines go on.

mod wrapping;

use super::alignment::Rewrite;
use crate::domain::span::ByteSpan;
use crate::text::paragraphs::{is_blank, is_line_break};
use std::ops::Range;

/// A line without the break at its end.
#[derive(Debug)]
struct Line {
    /// Where it begins, marks of quoting and blanks included.
    begin: u32,
    /// What it says: without marks of quoting, bullets and blanks around. Empty where it says nothing.
    text: ByteSpan,
    /// How often it was quoted: `>` 1, `> >` 2.
    depth: u32,
    /// Columns before its text, marks of quoting aside.
    indent: u32,
    /// Columns up to its last character, marks of quoting aside.
    width: u32,
    /// Whether a bullet stood before its text.
    bullet: bool,
}

/// Replaces what belongs to the setting of lines.
pub(super) fn rewrite(text: &str) -> Rewrite<'_> {
    let mut rewrite = Rewrite::new(text);
    let lines = lines(text);
    let goes_on = wrapping::goes_on(text, &lines);
    for (at, line) in lines.iter().enumerate() {
        let text_begin = line.text.begin as usize;
        let joined = at.checked_sub(1).filter(|before| goes_on[*before]).map(|before| &lines[before]);
        match joined {
            Some(before) => rewrite.replace(before.text.end as usize..text_begin, joint(text, before, line)),
            None if line.begin < line.text.begin && (line.depth > 0 || line.bullet) => {
                rewrite.replace(line.begin as usize..text_begin, "");
            }
            None => {}
        }
    }
    rewrite
}

/// What stands between the words of two lines that are one: nothing behind the hyphen of a compound.
fn joint(text: &str, before: &Line, after: &Line) -> &'static str {
    let stem = before.text.slice(text).strip_suffix('-').unwrap_or_default();
    let parted =
        stem.ends_with(char::is_alphabetic) && after.text.slice(text).starts_with(char::is_alphabetic);
    if parted { "" } else { " " }
}

/// All lines, of empty ones in a row the first. CR LF is one break.
fn lines(text: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut begin = 0;
    loop {
        let end = text[begin..].find(is_line_break).map_or(text.len(), |at| begin + at);
        let found = line(text, begin..end);
        let is_empty = |line: &Line| line.text.is_empty() && line.depth == 0;
        if !(is_empty(&found) && lines.last().is_some_and(is_empty)) {
            lines.push(found);
        }
        let Some(c) = text[end..].chars().next() else { return lines };
        begin = end + if text[end..].starts_with("\r\n") { 2 } else { c.len_utf8() };
        if matches!(c, '\u{c}' | '\u{2029}') {
            // A page and a paragraph end like one before an empty line.
            lines.push(line(text, begin..begin));
        }
    }
}

fn line(text: &str, whole: Range<usize>) -> Line {
    let (depth, quoted) = quoting(&text[whole.clone()]);
    let set = &text[whole.start + quoted..whole.end];
    let said = set.trim_start_matches(is_blank);
    let bullet = bullet(said);
    let indent = set.len() - said.len() + bullet;
    let begin = whole.start + quoted + indent;
    let length = text[begin..whole.end].trim_end_matches(is_blank).len();
    Line {
        begin: whole.start as u32,
        text: ByteSpan::at(begin, begin + length),
        depth,
        indent: set[..indent].chars().map(columns).sum(),
        width: set[..indent + length].chars().map(columns).sum(),
        bullet: bullet > 0,
    }
}

fn columns(c: char) -> u32 {
    if c == '\t' { 4 } else { 1 }
}

/// How often a line was quoted and the length of the marks: `> > ` and `>>`.
fn quoting(line: &str) -> (u32, usize) {
    let (mut depth, mut end) = (0, 0);
    loop {
        let rest = &line[end..];
        let mark = rest.trim_start_matches(' ');
        let blanks = rest.len() - mark.len();
        if !mark.starts_with('>') || blanks > 3 {
            return (depth, end);
        }
        (depth, end) = (depth + 1, end + blanks + 1);
    }
}

/// The length of a bullet that a line begins with, and of the blanks behind it.
fn bullet(line: &str) -> usize {
    let rest = line.trim_start_matches([
        '•', '‣', '▪', '▫', '◦', '●', '○', '■', '□', '►', '▶', '➤', '➢', '*', '»', '›', '·',
    ]);
    let text = rest.trim_start_matches(is_blank);
    let mark = &line[..line.len() - rest.len()];
    let is_bullet =
        mark.chars().nth(1).is_none() && !mark.is_empty() && text.len() < rest.len() && !text.is_empty();
    if is_bullet { line.len() - text.len() } else { 0 }
}
