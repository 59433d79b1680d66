//! Phrases that may mean somebody whom the text names elsewhere: pronouns of the third person, and definite descriptions of
//! people ("the Russian leader"). Reads words alone; whom a phrase means is not its business. Start at [`referring`].

use super::words::{Class, class};
use crate::analysis::entities::lexicon::nouns::{self, NounKind};
use crate::analysis::entities::lexicon::{Gender, pronouns};
use crate::analysis::references::Form;
use crate::analysis::signals::Layout;
use crate::folding::names::fold;
use std::ops::Range;

/// Words of a description behind its article, at most.
const LONGEST: usize = 8;

/// A phrase that may refer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// All of its words; a description ends in its head noun.
    pub words: Range<usize>,
    /// How it refers.
    pub form: Form,
}

/// The phrases among these words, in text order, disjoint.
pub fn referring(layout: &Layout<'_>, words: Range<usize>) -> Vec<Phrase> {
    let mut found: Vec<Phrase> = Vec::new();
    let mut at = words.start;
    while at < words.end {
        let phrase = phrase_at(layout, at, words.end);
        at = phrase.as_ref().map_or(at + 1, |phrase| phrase.words.end);
        found.extend(phrase);
    }
    found
}

fn phrase_at(layout: &Layout<'_>, at: usize, end: usize) -> Option<Phrase> {
    let word = layout.word(at);
    if word.eq_ignore_ascii_case("the") {
        let head = description_head(layout, at + 1..end.min(at + 1 + LONGEST))?;
        return Some(Phrase { words: at..head + 1, form: Form::Description });
    }
    form_of(word).map(|form| Phrase { words: at..at + 1, form })
}

/// The form of a pronoun of the third person.
pub fn form_of(word: &str) -> Option<Form> {
    if word.len() > "themselves".len() || !word.is_ascii() {
        return None;
    }
    match pronouns::read(&word.to_ascii_lowercase())? {
        pronouns::Pronoun::Singular(Gender::Masculine) => Some(Form::He),
        pronouns::Pronoun::Singular(Gender::Feminine) => Some(Form::She),
        pronouns::Pronoun::Neuter => Some(Form::It),
        pronouns::Pronoun::Plural => Some(Form::They),
        pronouns::Pronoun::First | pronouns::Pronoun::Second | pronouns::Pronoun::Relative => None,
    }
}

/// The last noun for one person before anything that ends a noun phrase.
fn description_head(layout: &Layout<'_>, words: Range<usize>) -> Option<usize> {
    let inside = words.take_while(|&at| match class(layout, at) {
        Class::Word | Class::Adverb => true,
        Class::Determiner => matches!(layout.word(at), "one" | "other" | "two" | "three" | "four"),
        Class::Edge | Class::Pronoun | Class::Preposition | Class::To | Class::Auxiliary => false,
    });
    inside.filter(|&at| is_person(layout.word(at))).last()
}

fn is_person(word: &str) -> bool {
    word.contains(char::is_alphabetic) && {
        let noun = fold(word);
        nouns::kind(&noun) == NounKind::Person && !nouns::is_plural(&noun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, Form)> {
        let layout = Layout::new(text);
        let phrases = referring(&layout, 0..layout.words.len());
        phrases.into_iter().map(|phrase| (layout.span_of(&phrase.words).slice(text), phrase.form)).collect()
    }

    #[test]
    fn pronouns_and_definite_descriptions_of_people_may_refer() {
        use Form::{Description, He, It, She, They};
        for (text, expected) in [
            ("He told her so himself.", &[("He", He), ("her", She), ("himself", He)][..]),
            ("Its owners said they would sell it.", &[("Its", It), ("they", They), ("it", It)]),
            ("The former prime minister smiled.", &[("The former prime minister", Description)]),
            ("the 44-year-old doctor left", &[("the 44-year-old doctor", Description)]),
            ("the head of the union", &[("the head", Description)]),
            ("the country’s new president", &[("the country’s new president", Description)]),
            ("the ministers met in the house", &[]),
            ("the minister's wife and the river", &[("the minister's wife", Description)]),
            ("you said I should", &[]),
            ("", &[]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }
}
