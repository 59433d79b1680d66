//! Quotation marks put right: those of other languages and scripts (`„so“`, `»so«`, `« so »`, `「so」`, `＂so＂`) become the
//! ones of English, so that whatever learned from English text knows them, and a mark that stands by itself and belongs
//! to no quotation goes. Which mark opens and which closes is for [`crate::text::quote_marks`] to tell. Start at
//! [`rewrite`].

use super::alignment::Rewrite;
use crate::text::paragraphs::{is_blank, paragraphs};
use crate::text::quote_marks::{Sign, matched};
use std::ops::Range;

/// Replaces foreign marks and drops lone ones.
pub(super) fn rewrite(text: &str) -> Rewrite<'_> {
    let mut rewrite = Rewrite::new(text);
    if !needs_a_look(text) {
        return rewrite;
    }
    let (pairs, loose) = matched(text, &paragraphs(text));
    let mut edits: Vec<(Range<usize>, &str)> = Vec::new();
    for pair in pairs {
        let signs = [Some(pair.opening), pair.closing];
        if signs.iter().flatten().any(|sign| is_foreign(sign.c)) {
            let [opening, closing] = if pair.depth == 0 { ["“", "”"] } else { ["‘", "’"] };
            edits.push((with_blank_after(text, pair.opening), opening));
            edits.extend(pair.closing.map(|sign| (with_blank_before(text, sign), closing)));
        }
    }
    let lone = loose.iter().filter(|sign| is_lone(text, sign.span.range()));
    edits.extend(lone.map(|sign| (sign.span.range(), "")));
    edits.sort_unstable_by_key(|(stretch, _)| stretch.start);
    for (stretch, with) in edits {
        rewrite.replace(stretch, with);
    }
    rewrite
}

/// Whether any mark is foreign, or may be a lone one.
fn needs_a_look(text: &str) -> bool {
    text.char_indices()
        .any(|(at, c)| is_foreign(c) || matches!(c, '"' | '“' | '”') && is_lone(text, at..at + c.len_utf8()))
}

/// Marks that English text does not use.
fn is_foreign(c: char) -> bool {
    matches!(
        c,
        '„' | '‟'
            | '〝'
            | '〞'
            | '〟'
            | '＂'
            | '‚'
            | '‛'
            | '＇'
            | '«'
            | '»'
            | '‹'
            | '›'
            | '「'
            | '」'
            | '『'
            | '』'
    )
}

/// Whether blanks or ends are on both sides.
fn is_lone(text: &str, mark: Range<usize>) -> bool {
    let after = text[mark.end..].chars().next();
    text[..mark.start].chars().next_back().is_none_or(is_blank) && after.is_none_or(is_blank)
}

/// French has a space inside its marks.
fn with_blank_after(text: &str, sign: Sign) -> Range<usize> {
    let blank = text[sign.span.range().end..].chars().next().filter(|c| is_french(sign.c) && is_space(*c));
    sign.span.range().start..sign.span.range().end + blank.map_or(0, char::len_utf8)
}

fn with_blank_before(text: &str, sign: Sign) -> Range<usize> {
    let blank =
        text[..sign.span.range().start].chars().next_back().filter(|c| is_french(sign.c) && is_space(*c));
    sign.span.range().start - blank.map_or(0, char::len_utf8)..sign.span.range().end
}

fn is_french(c: char) -> bool {
    matches!(c, '«' | '»' | '‹' | '›')
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}
