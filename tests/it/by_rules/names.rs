//! Names by shape and context: runs of capitalised words, typed by the words inside and before them.

use dictum::analysis::signals::{Layout, NameSpan};
use dictum::domain::annotation::EntityType;
use dictum::text::words::Case;
use std::collections::HashMap;
use std::ops::Range;

const BY_SHAPE: f32 = 0.5;

const TITLES: &[&str] = &[
    "ambassador",
    "captain",
    "chancellor",
    "colonel",
    "doctor",
    "dr",
    "general",
    "governor",
    "judge",
    "justice",
    "king",
    "lady",
    "lord",
    "madam",
    "minister",
    "miss",
    "mr",
    "mrs",
    "ms",
    "pope",
    "president",
    "prince",
    "princess",
    "prof",
    "professor",
    "queen",
    "rep",
    "representative",
    "secretary",
    "sen",
    "senator",
    "sir",
    "spokesman",
    "spokesperson",
    "spokeswoman",
];
const BODIES: &[&str] = &[
    "agency",
    "army",
    "assembly",
    "association",
    "authority",
    "bank",
    "board",
    "bureau",
    "centre",
    "center",
    "club",
    "coalition",
    "college",
    "commission",
    "committee",
    "company",
    "congress",
    "corp",
    "corporation",
    "council",
    "court",
    "department",
    "federation",
    "foundation",
    "fund",
    "group",
    "house",
    "inc",
    "institute",
    "ltd",
    "ministry",
    "nations",
    "news",
    "organisation",
    "organization",
    "parliament",
    "party",
    "police",
    "post",
    "press",
    "school",
    "senate",
    "service",
    "society",
    "times",
    "tribunal",
    "union",
    "university",
];
const OCCASIONS: &[&str] =
    &["championship", "conference", "cup", "festival", "forum", "games", "olympics", "summit", "war"];
const WHERE: &[&str] = &["across", "at", "from", "in", "near", "outside", "to", "within"];

/// The names of a text, in text order, disjoint.
pub(super) fn names(layout: &Layout<'_>) -> Vec<NameSpan> {
    let mut people = HashMap::new();
    // Twice, since a headline names people by what the text calls them only later.
    run_once(layout, &mut people);
    run_once(layout, &mut people)
}

fn run_once<'t>(layout: &Layout<'t>, people: &mut HashMap<&'t str, ()>) -> Vec<NameSpan> {
    let mut names = Vec::new();
    let mut at = 0;
    while at < layout.words.len() {
        let end = run(layout, at);
        // "Russian President Vladimir Putin": the name begins after the title, wherever in the run that is.
        let title = (at..end.saturating_sub(1)).rev().find(|&i| is_title(layout, i));
        let start = title.map_or(at, |title| title + 1);
        let start = if start + 1 == end && is_title(layout, start) { end } else { start };
        let words = start..end;
        let opener = begins_sentence(layout, words.start) && words.len() == 1;
        if !words.is_empty()
            && (!opener || people.contains_key(layout.word(start)))
            && !is_common(layout, &words)
        {
            let entity_type = entity_type(layout, &words, start > at, people);
            if entity_type == EntityType::Person {
                people.insert(layout.word(end - 1), ());
            }
            names.push(NameSpan { words, entity_type, confidence: BY_SHAPE });
        }
        at = end.max(at + 1);
    }
    names
}

/// The end of the run of capitalised words that begins at `at`.
fn run(layout: &Layout<'_>, at: usize) -> usize {
    let mut end = at;
    while end < layout.words.len() && is_capitalised(layout, end) && (end == at || joins(layout, end - 1)) {
        end += 1;
        let small = matches!(layout.word(end), "of" | "for" | "de" | "van" | "bin" | "al" | "-" | "the");
        if small && is_capitalised(layout, end + 1) && layout.word(end) != "the" && joins(layout, end) {
            end += 1;
        }
    }
    end
}

fn joins(layout: &Layout<'_>, at: usize) -> bool {
    let (Some(word), Some(next)) = (layout.words.get(at), layout.words.get(at + 1)) else { return false };
    !next.after_break && next.span.begin <= word.span.end + 1
}

fn is_capitalised(layout: &Layout<'_>, at: usize) -> bool {
    layout
        .words
        .get(at)
        .is_some_and(|word| matches!(word.case, Case::Capitalised | Case::Upper | Case::Mixed))
        && layout.word(at).starts_with(char::is_uppercase)
        && !matches!(layout.word(at), "I" | "The" | "A" | "An")
}

/// Whether nothing but a few marks stands before the word in its sentence.
fn begins_sentence(layout: &Layout<'_>, at: usize) -> bool {
    const MARKS: usize = 8;
    let Some(word) = layout.words.get(at) else { return false };
    let sentence = layout.sentences.get(layout.sentence_at(word.span.begin));
    sentence.is_some_and(|sentence| {
        let mut before = layout.words_of(*sentence).start..at;
        before.len() <= MARKS && before.all(|at| !layout.word(at).contains(char::is_alphanumeric))
    })
}

fn is_title(layout: &Layout<'_>, at: usize) -> bool {
    TITLES.binary_search(&layout.word(at).to_lowercase().as_str()).is_ok()
}

/// Days and months are capitalised and name nothing.
fn is_common(layout: &Layout<'_>, words: &Range<usize>) -> bool {
    const CALENDAR: [&str; 19] = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    words.len() == 1 && CALENDAR.contains(&layout.word(words.start))
}

fn entity_type(
    layout: &Layout<'_>,
    words: &Range<usize>,
    titled: bool,
    people: &HashMap<&str, ()>,
) -> EntityType {
    let has = |list: &[&str]| words.clone().any(|at| list.contains(&layout.word(at).to_lowercase().as_str()));
    let first = layout.word(words.start);
    let before = words.start.checked_sub(1).map_or(String::new(), |at| layout.word(at).to_lowercase());
    let upper = words.len() == 1 && first.len() > 1 && layout.words[words.start].case == Case::Upper;
    match () {
        () if titled || people.contains_key(layout.word(words.end - 1)) => EntityType::Person,
        () if has(BODIES) || upper => EntityType::Organization,
        () if has(OCCASIONS) => EntityType::Event,
        () if words.len() == 1
            && ["ian", "ese", "ish", "ans", "can"].iter().any(|end| first.ends_with(end)) =>
        {
            EntityType::Norp
        }
        () if WHERE.contains(&before.as_str()) => EntityType::Gpe,
        () if words.len() >= 2 => EntityType::Person,
        () => EntityType::Gpe,
    }
}

#[test]
fn the_list_of_titles_is_sorted() {
    assert!(TITLES.is_sorted());
}
