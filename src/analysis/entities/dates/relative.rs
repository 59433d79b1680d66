//! Dates that count from the day of writing, by the shape of their words: "yesterday", "last week", "three days ago". A
//! detector leaves them out, since without that day they mean nothing. Knows words, no calendar. Start at [`complete`].

use super::super::patterns;
use crate::analysis::signals::{Layout, NameSpan};
use crate::domain::annotation::EntityType;

const TURNS: &str = "last next this past coming";
const UNITS: &str = "week month year";
const DAYS: &str = "monday tuesday wednesday thursday friday saturday sunday";
const MONTHS: &str = "january february march april may june july august september october november december";
const COUNTS: &str = "a one two three four five six seven eight nine ten";

/// The words that a relative date may begin with, sorted, and the length of the longest.
#[rustfmt::skip]
const OPENERS: [&str; 20] = [
    "a", "coming", "eight", "five", "four", "last", "next", "nine", "one", "past", "seven", "six", "ten", "this",
    "three", "today", "tomorrow", "tonight", "two", "yesterday",
];
const LONGEST_OPENER: usize = 9;

/// Adds the relative dates that the names leave out. `names` are disjoint and in text order, before and after.
pub fn complete(layout: &Layout<'_>, names: &mut Vec<NameSpan>) {
    patterns::complete(layout, names, |free| Some((EntityType::Date, date(layout, free.start)?)));
}

/// The end of the relative date that begins at a word.
fn date(layout: &Layout<'_>, at: usize) -> Option<usize> {
    let word = layout.word(at);
    if word.len() > LONGEST_OPENER || !(word.starts_with(|c: char| c.is_ascii_digit()) || opens(word)) {
        return None;
    }
    let lower = |at: usize| layout.word(at).to_lowercase();
    let (first, second) = (lower(at), lower(at + 1));
    let capital = |at: usize| layout.word(at).starts_with(char::is_uppercase);
    let named = |at: usize| capital(at) && (listed(DAYS, &lower(at)) || listed(MONTHS, &lower(at)));
    if matches!(first.as_str(), "yesterday" | "tomorrow" | "today" | "tonight") {
        let possessive = matches!(second.as_str(), "'" | "’");
        // "USA Today", "Yesterday" as a title.
        let name = capital(at) && at > 0 && capital(at - 1);
        let part = matches!(second.as_str(), "morning" | "afternoon" | "evening" | "night");
        return (!name).then_some(if part && !possessive { at + 2 } else { at + 1 });
    }
    if first == "last" && second == "night" {
        return Some(at + 2);
    }
    if listed(TURNS, &first) && (listed(UNITS, &second) || named(at + 1)) {
        let follows = matches!(lower(at.wrapping_sub(1)).as_str(), "the" | "a") && first != "past";
        return (!follows).then_some(at + 2);
    }
    let counted = listed(COUNTS, &first) || first.len() <= 2 && first.bytes().all(|b| b.is_ascii_digit());
    let unit =
        UNITS.split(' ').chain(["day"]).any(|unit| second.strip_suffix('s').unwrap_or(&second) == unit);
    (counted && !first.is_empty() && unit && lower(at + 2) == "ago").then_some(at + 3)
}

/// Whether a relative date may begin with the word, in whatever case.
fn opens(word: &str) -> bool {
    let lower = || word.bytes().map(|byte| byte.to_ascii_lowercase());
    OPENERS.binary_search_by(|opener| opener.bytes().cmp(lower())).is_ok()
}

fn listed(list: &str, word: &str) -> bool {
    !word.is_empty() && list.split_whitespace().any(|listed| listed == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openers_are_sorted() {
        assert!(OPENERS.is_sorted());
        assert!(OPENERS.iter().all(|opener| opener.len() <= LONGEST_OPENER));
    }

    #[test]
    fn relative_dates_are_found_by_shape() {
        for (text, expected) in [
            ("He left yesterday.", vec!["yesterday"]),
            ("Tomorrow night it ends, and last week it began.", vec!["Tomorrow night", "last week"]),
            (
                "Next month and three days ago and 10 years ago",
                vec!["Next month", "three days ago", "10 years ago"],
            ),
            ("yesterday's vote, last Friday, this May", vec!["yesterday", "last Friday", "this May"]),
            ("USA Today said the last week of May was the past.", vec![]),
            ("He may last years, two weeks or a day.", vec![]),
        ] {
            let layout = Layout::new(text);
            let mut names = Vec::new();
            complete(&layout, &mut names);
            let found: Vec<_> = names.iter().map(|name| layout.span_of(&name.words).slice(text)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
