//! Sentences, by rules for news English: a final mark ends one, unless an abbreviation, an initial, a number or a
//! small letter says otherwise. Closing quotation marks and brackets go with the sentence that they close. A paragraph
//! ends its last sentence, so headlines and list items need no full stop.
//!
//! Unicode's own rules (UAX 29) break after "Gen." and "U.S.", which news has in every other paragraph; the lists here
//! are what they lack. Every final mark is looked at once, with a bounded look ahead.

use crate::domain::span::ByteSpan;

/// Abbreviations that something always follows: titles, ranks, "vs.". Sorted.
const NEVER_LAST: [&str; 52] = [
    "Adm", "Assn", "Asst", "Atty", "Brig", "Capt", "Cmdr", "Col", "Comdr", "Cpl", "Det", "Dr", "Drs", "Fr",
    "Ft", "Gen", "Gens", "Gov", "Govs", "Hon", "Insp", "Lt", "M", "Maj", "Messrs", "Mlle", "Mme", "Mr",
    "Mrs", "Ms", "Msgr", "Mt", "Mx", "Pfc", "Pres", "Prof", "Profs", "Pvt", "Rep", "Reps", "Rev", "Sen",
    "Sens", "Sgt", "St", "Supt", "Ven", "e.g", "i.e", "v", "viz", "vs",
];

/// Abbreviations that may end a sentence: what follows decides. Sorted; words with a full stop inside count without
/// being listed.
const SOMETIMES_LAST: [&str; 72] = [
    "Ala", "Apr", "Ariz", "Ark", "Aug", "Ave", "Blvd", "Bros", "Calif", "Co", "Colo", "Conn", "Corp", "Dec",
    "Del", "Dept", "Esq", "Feb", "Fla", "Fri", "Ga", "Ill", "Inc", "Ind", "Jan", "Jr", "Jul", "Jun", "Kan",
    "Ky", "La", "Ltd", "Mar", "Mass", "Md", "Mich", "Minn", "Miss", "Mo", "Mon", "Mont", "Neb", "Nev", "No",
    "Nos", "Nov", "Oct", "Okla", "Ore", "Pa", "Ph", "Rd", "Sat", "Sep", "Sept", "Sr", "Sun", "Tenn", "Tex",
    "Thu", "Tue", "Univ", "Va", "Vt", "Wash", "Wed", "Wis", "Wyo", "approx", "est", "etc", "no",
];

/// Words that, with a capital letter, begin a sentence and no name. Sorted.
const STARTERS: [&str; 84] = [
    "A",
    "About",
    "After",
    "All",
    "Although",
    "Among",
    "An",
    "And",
    "Another",
    "Any",
    "As",
    "At",
    "Because",
    "Before",
    "Both",
    "But",
    "By",
    "Despite",
    "During",
    "Each",
    "Even",
    "Every",
    "For",
    "From",
    "He",
    "Her",
    "Here",
    "His",
    "How",
    "However",
    "I",
    "If",
    "In",
    "Instead",
    "Is",
    "It",
    "Its",
    "Last",
    "Later",
    "Like",
    "Many",
    "Meanwhile",
    "More",
    "Most",
    "My",
    "No",
    "Nobody",
    "Nor",
    "Not",
    "Now",
    "On",
    "One",
    "Only",
    "Or",
    "Other",
    "Others",
    "Our",
    "She",
    "Since",
    "So",
    "Some",
    "Still",
    "That",
    "The",
    "Their",
    "Then",
    "There",
    "These",
    "They",
    "This",
    "Those",
    "Though",
    "Through",
    "To",
    "Under",
    "Until",
    "We",
    "What",
    "When",
    "While",
    "Who",
    "Why",
    "With",
    "You",
];

/// How far the first letter of the next sentence may be from the mark, in characters.
const LOOK_AHEAD: usize = 24;

/// The sentences of the paragraphs, in text order, disjoint, without the blanks around them.
pub fn sentences(text: &str, paragraphs: &[ByteSpan]) -> Vec<ByteSpan> {
    let mut sentences = Vec::with_capacity(paragraphs.len() * 2);
    for paragraph in paragraphs {
        split(text, *paragraph, &mut sentences);
    }
    sentences
}

fn split(text: &str, paragraph: ByteSpan, sentences: &mut Vec<ByteSpan>) {
    let mut begin = paragraph.begin as usize;
    let end = paragraph.end as usize;
    let mut at = begin;
    while let Some(found) = text[at..end].find(is_final) {
        let stop = at + found;
        at = after_closers(text, stop, end);
        if at < end && ends_sentence(&text[begin..stop], &text[stop..end], at - stop) {
            sentences.push(ByteSpan::at(begin, at));
            at += text[at..end].len() - text[at..end].trim_start().len();
            begin = at;
        }
    }
    if begin < end {
        sentences.push(ByteSpan::at(begin, end));
    }
}

fn is_final(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '‽' | '؟' | '।')
}

/// The byte after a run of final marks and the closing quotation marks and brackets behind it.
fn after_closers(text: &str, stop: usize, end: usize) -> usize {
    let run = &text[stop..end];
    let closers = run.trim_start_matches(is_final);
    let after = closers.trim_start_matches(['"', '”', '’', '\'', ')', ']', '»', '›', '」', '』']);
    stop + run.len() - after.len()
}

/// Whether the final mark that `rest` begins with ends the sentence `before` it. `marks` is the length of the mark
/// with the others of its run and its closers.
fn ends_sentence(before: &str, rest: &str, marks: usize) -> bool {
    let after = &rest[marks..];
    if !after.starts_with(char::is_whitespace) {
        // East Asian text puts no space there.
        return rest.starts_with(['。', '！', '？']);
    }
    let after = after.trim_start();
    let Some((at, first)) = after.char_indices().take(LOOK_AHEAD).find(|(_, c)| c.is_alphanumeric()) else {
        return true;
    };
    if first.is_lowercase() {
        return false;
    }
    let next: &str = after[at..].split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let full_stop = rest.starts_with('.') && !rest[1..].starts_with(is_final);
    if rest.starts_with('…') || (rest.starts_with('.') && !full_stop) {
        return next != "I" && next.chars().count() > 0;
    }
    !full_stop || marks > 1 || !is_abbreviated(before, next)
}

/// Whether a full stop after `before` belongs to an abbreviation with `next` going on.
fn is_abbreviated(before: &str, next: &str) -> bool {
    let word = last_word(before);
    if NEVER_LAST.binary_search(&word).is_ok() {
        return true;
    }
    let starts = STARTERS.binary_search(&next).is_ok();
    let numbers = next.starts_with(|c: char| c.is_numeric());
    let is_list_number = word.len() == before.len() && word.len() <= 3 && word.chars().all(char::is_numeric);
    let is_initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    if matches!(word, "No" | "Nos" | "no") {
        return numbers;
    }
    is_list_number
        || ((is_initial || word.contains('.') || SOMETIMES_LAST.binary_search(&word).is_ok()) && !starts)
}

fn last_word(text: &str) -> &str {
    let is_edge = |c: char| {
        c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '‘' | '\'' | '—' | '–' | '-' | '/' | ',')
    };
    text.rsplit(is_edge).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::paragraphs::paragraphs;

    /// Sentences are written with a bar between them.
    #[track_caller]
    fn check(marked: &str) {
        let text = marked.replace('|', "");
        let found: Vec<_> =
            sentences(&text, &paragraphs(&text)).iter().map(|s| s.slice(&text).to_owned()).collect();
        let expected: Vec<_> =
            marked.split(['|', '\n']).map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn final_marks_end_sentences() {
        check("One came. |Two went! |Did three? |Four… |Five.");
        check("It cost 4.5 million. |It fell 3.2% at 10.30 on Monday.");
        check("\"We won.\" |\"Did you?\" |(They did.) |Yes.");
        check("He said: “We won. |We did.” |She left.");
        check("“Why?” he asked. |“Because.”");
        check("Wait... |What now? |Well... I see.");
    }

    #[test]
    fn abbreviations_do_not_end_sentences() {
        check("Mr. Ames met Gen. Bell and Sens. Cole and Dorn at St. Mary. |They left.");
        check("The U.S. Senate met at 9 a.m. Monday. |It ended at 5 p.m. |The U.S. |He went home.");
        check("J. K. Ames and George W. Bell came. |So did Plan B. |The end.");
        check(
            "On Sept. 5 and Jan. 7, Acme Inc. Chief Ann Ames spoke. |Acme Inc. |In all, No. 5 won. |No. |Never.",
        );
        check(
            "Ames v. Bell was heard in D.C. Superior Court. |He lives in Washington, D.C. |The rest do not.",
        );
    }

    #[test]
    fn headlines_and_lists_need_no_full_stop() {
        check(
            "Council: no new taxes\nThe mayor spoke. |She left\n- First point\n1. Second point. |More\n• Third",
        );
    }

    #[test]
    fn lists_are_sorted() {
        assert!(NEVER_LAST.is_sorted() && SOMETIMES_LAST.is_sorted() && STARTERS.is_sorted());
    }
}
