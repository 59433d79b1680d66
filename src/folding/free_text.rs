//! How free text is written that somebody searches for: words, "phrases", "phrases"~2 with other words between theirs, prefix* and
//! fuzzy~ words. Every text can be read so: what is no operator is words, a mark without its partner is nothing. What words come to
//! in an index is none of its business.

use super::search::is_unspaced;
use std::fmt;

/// Most words of a text, counting each word of a phrase.
pub const MOST_WORDS: usize = 64;

/// Most words between those of a phrase, and most letters in which a word may differ.
const MOST_SLOP: u32 = 100;
const MOST_EDITS: u8 = 2;

/// One part of a text. Shown, it reads as what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'t> {
    /// What stands between spaces: a word, or several ("well-known"), or none.
    Word(&'t str),
    /// What stands in quotation marks, and how many other words may stand between its words.
    Quoted(&'t str, u32),
    /// What a word begins with.
    Prefix(&'t str),
    /// A word, and in how many letters another may differ from it.
    Fuzzy(&'t str, u8),
}

/// The parts of a text, in its order.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let pieces = pieces(text);
    for (n, piece) in pieces.iter().enumerate() {
        let quoted = n % 2 == 1 && n + 1 < pieces.len();
        if quoted {
            let (slop, _) = slop(pieces[n + 1]);
            parts.push(Part::Quoted(piece, slop));
            continue;
        }
        let rest = if n > 0 && n % 2 == 0 { slop(piece).1 } else { piece };
        parts.extend(rest.split_whitespace().map(Part::of_word));
    }
    parts
}

impl<'t> Part<'t> {
    fn of_word(word: &'t str) -> Self {
        match (fuzzy(word), word.strip_suffix('*')) {
            (Some((word, 0)), _) => Self::Word(word),
            (Some((word, edits)), _) => Self::Fuzzy(word, edits),
            (None, Some(prefix)) => Self::Prefix(prefix),
            (None, None) => Self::Word(word),
        }
    }
}

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => write!(f, "{word}"),
            Self::Quoted(words, 0) => write!(f, "\"{words}\""),
            Self::Quoted(words, slop) => write!(f, "\"{words}\"~{slop}"),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
            Self::Fuzzy(word, edits) => write!(f, "{word}~{edits}"),
        }
    }
}

/// How many words may stand between those of the phrase before, where what follows it begins with `~2`, and the rest.
fn slop(after: &str) -> (u32, &str) {
    let Some(rest) = after.strip_prefix('~') else { return (0, after) };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    match rest[..digits].parse::<u32>() {
        Ok(words) => (words.min(MOST_SLOP), &rest[digits..]),
        Err(_) => (0, after),
    }
}

/// `word~` or `word~1`, a single word: in how many letters another may differ from it. Short words would mean anything: up to seven letters
/// it is one, and those of one or two letters are taken as they are.
fn fuzzy(word: &str) -> Option<(&str, u8)> {
    let (word, edits) = word.rsplit_once('~')?;
    let letters = word.chars().count();
    let is_word = letters > 0 && word.chars().all(|c| c.is_alphanumeric() && !is_unspaced(c));
    let asked = match edits {
        "" => MOST_EDITS,
        digits => digits.parse().ok()?,
    };
    let most = match letters {
        ..3 => 0,
        3..8 => 1,
        _ => MOST_EDITS,
    };
    is_word.then(|| (word, asked.min(most)))
}

/// What the quotation marks divide the text into; every second piece but the last is quoted. A mark within a Hebrew word is
/// gershayim.
fn pieces(text: &str) -> Vec<&str> {
    let is_hebrew = |c: char| matches!(c, '\u{5d0}'..='\u{5ea}');
    let mut pieces = Vec::new();
    let mut begin = 0;
    for (at, mark) in text.match_indices(['"', '“', '”', '„']) {
        let after = at + mark.len();
        if text[..at].ends_with(is_hebrew) && text[after..].starts_with(is_hebrew) {
            continue;
        }
        pieces.push(&text[begin..at]);
        begin = after;
    }
    pieces.push(&text[begin..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_reads_as_what_it_is() {
        let texts = [
            "gas “well-known ministers”~3 rise*",
            "\"gas prices\" ~3 protesters~ Wałęsa~1 gas~9 \"open",
            "\"a\" \"b\" c",
            "צה\"ל \"צה״ל ב\"",
            "* \"\" AND:(-x)^~ ?!",
        ];
        for text in texts {
            let read = parts(text);
            let shown = read.iter().map(Part::to_string).collect::<Vec<_>>().join(" ");
            assert_eq!(parts(&shown), read, "{text}: {shown}");
        }
    }
}
