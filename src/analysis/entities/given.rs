//! Given names that a detector left out, and what it took along behind a surname: "Rich (Lund) said" is Rich Lund. Reads the
//! words beside a name and the table of given names; refuses to know which names mean the same person.

use super::super::signals::Layout;
use super::lexicon::nouns::{self, NounKind};
use super::lexicon::{given_names, pronouns};
use super::name::Name;
use crate::folding::names::fold;
use std::collections::BTreeSet;

/// Makes one name of an initial and what follows it, where a detector saw two people, or one without it: "R. Quentin Moe". Names
/// are in text order.
pub(super) fn join_initials(layout: &Layout<'_>, names: &mut Vec<Name>) {
    let mut joined: Vec<Name> = Vec::with_capacity(names.len());
    for mut name in names.drain(..) {
        let initial =
            name.words.start.checked_sub(2).filter(|at| name.is_person() && is_initial(layout, *at));
        if let Some(at) = initial {
            match joined.pop_if(|last| last.is_person() && last.words.end == at + 1) {
                Some(last) => name.begin_at(layout, last.words.start),
                None if name.tokens.len() > 1 && joined.last().is_none_or(|last| last.words.end <= at) => {
                    name.begin_at(layout, at);
                }
                None => {}
            }
        }
        joined.push(name);
    }
    *names = joined;
}

/// A letter with its full stop, in the middle of a sentence.
fn is_initial(layout: &Layout<'_>, at: usize) -> bool {
    let sentence = |at: usize| layout.words.get(at).map(|word| layout.sentence_at(word.span.begin));
    layout.word(at).chars().count() == 1 && layout.word(at + 1) == "." && sentence(at) == sentence(at + 2)
}

/// Takes in the given name before a surname that no full name of the text explains.
pub(super) fn complete(layout: &Layout<'_>, names: &mut [Name]) {
    let full = names.iter().filter(|name| name.is_person() && name.tokens.len() > 1);
    let explained: BTreeSet<String> = full.flat_map(|name| name.tokens.iter().cloned()).collect();
    let mut end = 0;
    for name in names.iter_mut() {
        let bare = name.is_person() && name.tokens.len() == 1 && !explained.contains(&name.tokens[0]);
        if bare
            && let Some(at) = name.words.start.checked_sub(1).filter(|at| *at >= end && is_given(layout, *at))
        {
            name.begin_at(layout, at);
        }
        end = end.max(name.words.end);
    }
}

/// Whether the word stands right before the next one, and can be nothing but a given name.
fn is_given(layout: &Layout<'_>, at: usize) -> bool {
    let word = layout.word(at);
    let folded = fold(word);
    let touches = layout.words[at].span.end + 1 == layout.words[at + 1].span.begin;
    touches
        && word.starts_with(char::is_uppercase)
        && word.chars().any(char::is_lowercase)
        && given_names::feminine(&folded).is_some()
        && nouns::kind(&folded) == NounKind::Other
        && !pronouns::is_function_word(&folded)
        && !is_dated(&folded)
}

/// Months and days that are given names as well.
fn is_dated(word: &str) -> bool {
    matches!(word, "april" | "may" | "june" | "july" | "august" | "sunday" | "friday" | "monday")
}
