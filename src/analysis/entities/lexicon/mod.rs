//! The words that news English uses for people, offices, bodies and documents. Small tables with one fact a line;
//! every look-up takes folded words. Nothing here looks at a text.

pub(in crate::analysis) mod given_names;
pub(in crate::analysis) mod nicknames;
pub(in crate::analysis) mod nouns;
pub(in crate::analysis) mod places;
pub(in crate::analysis) mod pronouns;
pub(in crate::analysis) mod titles;

/// Grammatical gender of a person, as far as words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::analysis) enum Gender {
    Feminine,
    Masculine,
}

/// Whether one of the words of a space-separated, unsorted list is `word`.
fn listed(list: &str, word: &str) -> bool {
    list.split(' ').any(|other| other == word)
}
