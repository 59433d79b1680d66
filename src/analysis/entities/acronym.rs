//! Acronyms and the names that they stand for: declared in brackets ("Eastern Economic Forum (EEF)") or by initials.

use super::super::signals::Layout;
use super::name::Name;

const SMALL: [&str; 12] = ["of", "the", "and", "for", "in", "on", "to", "de", "la", "del", "du", "at"];

/// Whether `short` stands in brackets right after `long` and shares letters with it, so that the one declares the
/// other.
pub(super) fn declared(layout: &Layout<'_>, long: &Name, short: &Name) -> bool {
    // "the Board's (EB)"
    let possessive =
        matches!(layout.word(long.words.end), "'" | "’") && layout.word(long.words.end + 1) == "s";
    let behind = long.words.end + if possessive { 2 } else { 0 };
    let bracketed = matches!(layout.word(behind), "(" | "[")
        && behind + 1 == short.words.start
        && matches!(layout.word(short.words.end), ")" | "]");
    bracketed && short.tokens.len() == 1 && short.tokens[0].chars().count() <= 10 && plausible(long, short)
}

/// Every initialism of a name of several words: with and without its small words.
pub(super) fn initials(tokens: &[String]) -> Vec<String> {
    if tokens.len() < 2 {
        return Vec::new();
    }
    let all: String = tokens.iter().filter_map(|word| word.chars().next()).collect();
    let large = tokens.iter().filter(|word| !SMALL.contains(&word.as_str()));
    let large: String = large.filter_map(|word| word.chars().next()).collect();
    let mut found = vec![large];
    // "VA" for the Department of Veterans Affairs.
    if let [body, of, rest @ ..] = tokens
        && of == "of"
        && matches!(body.as_str(), "department" | "ministry" | "office" | "bureau" | "university")
        && rest.len() > 1
    {
        found.push(rest.iter().filter_map(|word| word.chars().next()).collect());
    }
    if !found.contains(&all) {
        found.push(all);
    }
    found
}

/// Half of the acronym's letters open a word of the long form, in order, or the first letters agree.
fn plausible(long: &Name, short: &Name) -> bool {
    let acronym = &short.tokens[0];
    let opens: Vec<char> = long.tokens.iter().filter_map(|word| word.chars().next()).collect();
    let mut rest = opens.iter();
    let hits =
        acronym.chars().filter(|c| rest.clone().any(|open| open == c) && rest.any(|open| open == c)).count();
    acronym.chars().next() == opens.first().copied() || hits * 2 >= acronym.chars().count()
}
