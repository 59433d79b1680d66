//! Words that stand for each other, as somebody writes them down: a group a line, its members separated by commas, comments after `#`.
//! Which files hold them is not known here, and what the index makes of a word neither: see `thesaurus`.

use crate::folding::free_text::MOST_WORDS;
use crate::folding::search;
use std::str;

/// Most groups of a collection.
const MOST_GROUPS: usize = 10_000;

/// What means something in a search, and so nothing in a member: they are words and phrases as they are.
const MARKS: [char; 6] = ['"', '“', '”', '„', '*', '~'];

/// The synonyms of one collection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Synonyms {
    /// The members of each group: folded words with a space between two.
    pub(super) groups: Vec<Vec<String>>,
}

/// What is wrong with a file of synonyms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {flaw}")]
pub struct SynonymFault {
    /// Where, from 1.
    pub line: usize,
    /// What.
    pub flaw: SynonymFlaw,
}

/// See [`SynonymFault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SynonymFlaw {
    /// The bytes are not UTF-8.
    #[error("is no UTF-8")]
    Encoding,
    /// Nothing between two commas that can be searched for.
    #[error("a member has no word; write members with a comma between two: nhs, national health service")]
    NoWord,
    /// A member with quotation marks, `*` or `~`.
    #[error(
        "a member holds {0:?}; members are words and phrases as they are, without quotation marks, * and ~"
    )]
    Mark(char),
    /// All members are one to the search.
    #[error("a group has at least two members that differ in more than case and accents")]
    Alone,
    /// No search could ask for the group.
    #[error("a group has at most {MOST_WORDS} words in all, as many as a search may ask for")]
    TooManyWords,
    /// Too many groups.
    #[error("a file has at most {MOST_GROUPS} groups")]
    TooManyGroups,
}

impl Synonyms {
    /// Reads a file.
    pub fn parse(bytes: &[u8]) -> Result<Self, SynonymFault> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut groups = Vec::new();
        for (n, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let fault = |flaw| SynonymFault { line: n + 1, flaw };
            groups.extend(group(line).map_err(fault)?);
            if groups.len() > MOST_GROUPS {
                return Err(fault(SynonymFlaw::TooManyGroups));
            }
        }
        Ok(Self { groups })
    }
}

/// The group of a line; nothing where it is empty but for a comment.
fn group(line: &[u8]) -> Result<Option<Vec<String>>, SynonymFlaw> {
    let line = str::from_utf8(line).map_err(|_| SynonymFlaw::Encoding)?;
    let line = line.split('#').next().unwrap_or_default();
    if line.trim().is_empty() {
        return Ok(None);
    }
    let mut members: Vec<String> = line.split(',').map(member).collect::<Result<_, _>>()?;
    members.sort_unstable();
    members.dedup();
    if members.len() < 2 {
        return Err(SynonymFlaw::Alone);
    }
    let words: usize = members.iter().map(|member| member.split(' ').count()).sum();
    if words > MOST_WORDS {
        return Err(SynonymFlaw::TooManyWords);
    }
    Ok(Some(members))
}

/// A member's words, folded.
fn member(written: &str) -> Result<String, SynonymFlaw> {
    if let Some(mark) = written.chars().find(|c| MARKS.contains(c)) {
        return Err(SynonymFlaw::Mark(mark));
    }
    let folded = |word: &str| {
        let mut folded = String::new();
        search::fold_into(search::without_possessive(word), &mut folded);
        folded
    };
    let words = search::words(written).map(|(_, word)| folded(word)).filter(|word| !word.is_empty());
    let member = words.collect::<Vec<_>>().join(" ");
    if member.is_empty() { Err(SynonymFlaw::NoWord) } else { Ok(member) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_group_and_comments_are_none() {
        let text = "\u{feff}# health\r\nNHS, National  Health-Service # of Britain\r\n\n  \nŁódź,Lodsch, łodz\n日本, Japan";
        let read = Synonyms::parse(text.as_bytes()).unwrap();
        let groups: Vec<String> = read.groups.iter().map(|members| members.join("|")).collect();
        assert_eq!(groups, ["national health service|nhs", "lodsch|lodz", "japan|日 本"]);
        assert_eq!(Synonyms::parse(b"").unwrap(), Synonyms::default());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let many_words = format!("a, {}", "b ".repeat(MOST_WORDS));
        let many_groups = "a, b\n".repeat(MOST_GROUPS + 1);
        let cases: [(&[u8], usize, SynonymFlaw); 7] = [
            (b"a, b\n\nc, \xff", 3, SynonymFlaw::Encoding),
            (b"a, b,", 1, SynonymFlaw::NoWord),
            (b"\na, ?", 2, SynonymFlaw::NoWord),
            (b"ship*, boat", 1, SynonymFlaw::Mark('*')),
            (b"# one\nNHS, nhs", 2, SynonymFlaw::Alone),
            (many_words.as_bytes(), 1, SynonymFlaw::TooManyWords),
            (many_groups.as_bytes(), MOST_GROUPS + 1, SynonymFlaw::TooManyGroups),
        ];
        for (bytes, line, flaw) in cases {
            assert_eq!(Synonyms::parse(bytes), Err(SynonymFault { line, flaw }));
        }
    }
}
