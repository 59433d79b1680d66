//! A second look at the names of a document, now that all of them are known: an acronym is what its long form is, a
//! forum that is held somewhere is an event, "LEE:" before what somebody says is the person Lee, and "Lee-Okafor" of
//! the persons Lee and Okafor is two names. Knows names and the words around them. Start at [`reconsider`].

use crate::analysis::signals::{Layout, NameSpan};
use crate::domain::annotation::EntityType;
use crate::text::words::Case;
use std::collections::{HashMap, HashSet};

/// Settles types and bounds that one window could not. `names` are disjoint and in text order, before and after.
pub fn reconsider(layout: &Layout<'_>, names: &mut Vec<NameSpan>) {
    for name in names.iter_mut().filter(|name| is_forum_held(layout, name)) {
        name.entity_type = EntityType::Event;
    }
    settle_acronyms(layout, names);
    settle_labels(layout, names);
    split_pairs(layout, names);
}

/// "at the Cernobbio Economic Forum", "the Eastern Economic Forum (EEF) in Vladivostok".
fn is_forum_held(layout: &Layout<'_>, name: &NameSpan) -> bool {
    let (first, end) = (name.words.start, name.words.end);
    if name.entity_type != EntityType::Organization || layout.word(end - 1) != "Forum" {
        return false;
    }
    let before: Vec<&str> = (first.saturating_sub(3)..first).map(|at| layout.word(at)).collect();
    let held_at = matches!(
        before[..],
        [.., "at", "the"] | [.., "during", "the"] | [.., "session" | "sidelines", "of", "the"]
    );
    let after = if acronym_of(layout, name).is_some() { end + 3 } else { end };
    held_at || layout.word(after) == "in"
}

/// The word in parentheses after a name, where it is made of the name's initials.
fn acronym_of<'t>(layout: &Layout<'t>, name: &NameSpan) -> Option<&'t str> {
    let end = name.words.end;
    let acronym = layout.word(end + 1);
    if name.words.len() < 2 || layout.word(end) != "(" || layout.word(end + 2) != ")" {
        return None;
    }
    let capitalised = name.words.clone().filter(|at| layout.words[*at].case.is_capitalised());
    let initials: String = capitalised.filter_map(|at| layout.word(at).chars().next()).collect();
    (initials == acronym).then_some(acronym)
}

fn settle_acronyms(layout: &Layout<'_>, names: &mut [NameSpan]) {
    let long = names.iter().filter_map(|name| Some((acronym_of(layout, name)?, name.entity_type)));
    let types: HashMap<&str, EntityType> = long.collect();
    for name in names.iter_mut().filter(|name| name.words.len() == 1) {
        if let Some(entity_type) = types.get(layout.word(name.words.start)) {
            name.entity_type = *entity_type;
        }
    }
}

/// A surname in capitals before a colon, as transcripts have it, looks like a body's acronym to the network.
fn settle_labels(layout: &Layout<'_>, names: &mut [NameSpan]) {
    let is_label = |name: &NameSpan| {
        name.words.len() == 1
            && layout.words[name.words.start].case == Case::Upper
            && layout.word(name.words.end) == ":"
    };
    let persons = names.iter().filter(|name| name.entity_type == EntityType::Person && !is_label(name));
    let surnames: HashSet<String> =
        persons.map(|name| layout.word(name.words.end - 1).to_uppercase()).collect();
    for name in names.iter_mut().filter(|name| is_label(name)) {
        if surnames.contains(layout.word(name.words.start)) {
            name.entity_type = EntityType::Person;
        }
    }
}

fn split_pairs(layout: &Layout<'_>, names: &mut Vec<NameSpan>) {
    let is_joint = |at: usize| matches!(layout.word(at), "-" | "–" | "/");
    // A name with a joint proves no surname: it may be the very pair in question.
    let persons = names.iter().filter(|name| name.entity_type == EntityType::Person);
    let plain = persons.filter(|name| !name.words.clone().any(is_joint));
    let surnames: HashSet<&str> = plain.map(|name| layout.word(name.words.end - 1)).collect();
    let is_surname = |at: usize| layout.words[at].case != Case::Lower && surnames.contains(layout.word(at));
    let is_pair = |name: &NameSpan| {
        let first = name.words.start;
        name.words.len() == 3 && is_joint(first + 1) && is_surname(first) && is_surname(first + 2)
    };
    if !names.iter().any(is_pair) {
        return;
    }
    let halves = |name: NameSpan| {
        if !is_pair(&name) {
            return vec![name];
        }
        let half = |at| NameSpan { words: at..at + 1, entity_type: EntityType::Person, ..name.clone() };
        vec![half(name.words.start), half(name.words.start + 2)]
    };
    *names = std::mem::take(names).into_iter().flat_map(halves).collect();
}

#[cfg(test)]
mod tests {
    use super::*;
    use EntityType::{Event, Organization, Person, Work};

    /// The names of a text by their words, reconsidered.
    fn look(text: &str, names: &[(&str, EntityType)]) -> Vec<(String, EntityType)> {
        let layout = Layout::new(text);
        let mut from = 0;
        let span = |(name, entity_type): &(&str, EntityType)| {
            let begin = from + text[from..].find(name).unwrap();
            from = begin + name.len();
            let span = crate::domain::span::ByteSpan::at(begin, from);
            NameSpan { words: layout.words_of(span), entity_type: *entity_type, confidence: 0.9 }
        };
        let mut names: Vec<NameSpan> = names.iter().map(span).collect();
        reconsider(&layout, &mut names);
        let shown = |name: &NameSpan| (layout.span_of(&name.words).slice(text).to_owned(), name.entity_type);
        names.iter().map(shown).collect()
    }

    #[test]
    fn a_forum_that_is_held_is_an_event_and_so_is_its_acronym() {
        let names = [("Northern Grain Forum", Organization), ("NGF", Organization)];
        let found = look("He spoke at a session of the Northern Grain Forum (NGF) in Oslo.", &names);
        assert_eq!(found, [("Northern Grain Forum".to_owned(), Event), ("NGF".to_owned(), Event)]);
        let found = look("The Northern Grain Forum sued the state.", &names[..1]);
        assert_eq!(found[0].1, Organization);
    }

    #[test]
    fn acronyms_take_the_type_of_their_long_form_everywhere() {
        let names = [("World Goat Union", Organization), ("WGU", Work), ("WGU", Work)];
        let found = look("The World Goat Union (WGU) met. WGU left.", &names);
        assert!(found.iter().all(|(_, entity_type)| *entity_type == Organization), "{found:?}");
        let other =
            look("The World Goat Union (XYZ) met.", &[("World Goat Union", Organization), ("XYZ", Work)]);
        assert_eq!(other[1].1, Work);
    }

    #[test]
    fn a_surname_in_capitals_before_a_colon_is_the_person() {
        let names = [("Ann Lee", Person), ("LEE", Organization), ("LEE", Organization)];
        let found = look("Ann Lee came.\nLEE: It rained. The LEE Group paid.", &names);
        assert_eq!(found.iter().map(|(_, t)| *t).collect::<Vec<_>>(), [Person, Person, Organization]);
    }

    #[test]
    fn two_known_surnames_with_a_hyphen_are_two_persons() {
        let names = [("Ann Lee", Person), ("Bo Okafor", Person), ("Lee-Okafor", Work), ("Lee-Jones", Person)];
        let found = look("Ann Lee met Bo Okafor. The Lee-Okafor talks bored Lee-Jones.", &names);
        let expected = ["Ann Lee", "Bo Okafor", "Lee", "Okafor", "Lee-Jones"];
        assert_eq!(found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), expected);
        assert_eq!(found[2].1, Person);
    }
}
