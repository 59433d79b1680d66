//! Classes of the words that hold an English sentence together. Everything that is not listed is a content word.

use crate::analysis::signals::Layout;

/// What a word does in a sentence, as far as lists of closed classes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Ends any phrase: punctuation, conjunctions, relative words.
    Edge,
    /// "the", "his", "some", numbers in words.
    Determiner,
    /// Personal pronouns in subject form.
    Pronoun,
    /// "of", "in", "for".
    Preposition,
    /// "to".
    To,
    /// Forms of be, have, do and the modal verbs, with "not".
    Auxiliary,
    /// "also", "later", words in -ly.
    Adverb,
    /// Everything else.
    Word,
}

const DETERMINERS: &[&str] = &[
    "a", "an", "another", "any", "both", "each", "every", "four", "her", "his", "its", "many", "most", "my",
    "one", "other", "our", "several", "some", "that", "the", "their", "these", "this", "those", "three",
    "two", "your",
];
const PRONOUNS: &[&str] = &["everyone", "he", "i", "it", "nobody", "she", "there", "they", "we", "you"];
const PREPOSITIONS: &[&str] = &[
    "about", "across", "against", "along", "among", "around", "at", "by", "despite", "during", "for", "from",
    "in", "into", "of", "off", "on", "over", "through", "under", "upon", "via", "with", "within", "without",
];
const EDGES: &[&str] = &[
    "after", "although", "and", "as", "because", "before", "but", "how", "if", "nor", "or", "since", "so",
    "than", "that", "though", "unless", "until", "what", "when", "where", "whether", "which", "while", "who",
    "whom", "whose", "why", "yet",
];
const AUXILIARIES: &[&str] = &[
    "are", "be", "been", "being", "can", "could", "did", "do", "does", "had", "has", "have", "is", "may",
    "might", "must", "not", "shall", "should", "was", "were", "will", "would",
];
const ADVERBS: &[&str] = &[
    "again",
    "all",
    "already",
    "also",
    "always",
    "ever",
    "further",
    "just",
    "later",
    "meanwhile",
    "never",
    "now",
    "often",
    "once",
    "only",
    "reportedly",
    "soon",
    "still",
    "then",
    "thus",
    "too",
];
const DAYS: &[&str] =
    &["friday", "monday", "saturday", "sunday", "thursday", "today", "tuesday", "wednesday", "yesterday"];

/// The class of a word of the layout.
pub fn class(layout: &Layout<'_>, at: usize) -> Class {
    let word = layout.word(at);
    if !word.contains(char::is_alphanumeric) {
        // An apostrophe or a hyphen inside a word is punctuation to the tokenizer alone.
        let inside = matches!(word, "'" | "’" | "-" | "." | "&" | "/");
        return if inside && touches(layout, at) { Class::Word } else { Class::Edge };
    }
    let word = word.to_lowercase();
    let is = |list: &[&str]| list.binary_search(&word.as_str()).is_ok();
    match () {
        () if word == "to" => Class::To,
        () if word == "that" || is(EDGES) => Class::Edge,
        () if is(DETERMINERS) => Class::Determiner,
        () if is(PRONOUNS) => Class::Pronoun,
        () if is(PREPOSITIONS) => Class::Preposition,
        () if is(AUXILIARIES) => Class::Auxiliary,
        () if is(ADVERBS) || (word.ends_with("ly") && word.len() > 4) => Class::Adverb,
        () => Class::Word,
    }
}

/// Whether a mark stands against the word before it and the word after it, or ends an abbreviation.
fn touches(layout: &Layout<'_>, at: usize) -> bool {
    let (Some(mark), Some(before)) =
        (layout.words.get(at), at.checked_sub(1).and_then(|i| layout.words.get(i)))
    else {
        return false;
    };
    let next = layout.words.get(at + 1);
    before.span.end == mark.span.begin
        && (next.is_some_and(|next| next.span.begin == mark.span.end)
            || layout.word(at) == "’"
            || layout.word(at) == "'"
            || (layout.word(at) == "."
                && layout.sentence_at(mark.span.begin)
                    == layout.sentence_at(next.map_or(u32::MAX, |n| n.span.begin))))
}

/// Forms of "be" that make a passive of the verb behind them, in lower case.
pub fn is_be(word: &str) -> bool {
    matches!(word, "am" | "are" | "be" | "been" | "being" | "is" | "was" | "were")
}

/// Names of days, "today" and "yesterday", in lower case.
pub fn is_day(word: &str) -> bool {
    DAYS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        for list in [DETERMINERS, PRONOUNS, PREPOSITIONS, EDGES, AUXILIARIES, ADVERBS, DAYS] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }
}
