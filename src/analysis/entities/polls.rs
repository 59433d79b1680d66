//! Opinion polls by their names: "a new Harper/Lund national poll", "the Harper/Lund poll". News lets polls speak, and
//! calls each by who took it. The capitals before the noun are the name; shorter forms join the longest that holds
//! their words. A poll's mentions are descriptions that contain names, so that the pollsters stay entities of their own.

use super::super::signals::Layout;
use crate::domain::annotation::{Entity, EntityType, Mention, MentionForm};
use crate::folding::names::fold;
use std::ops::Range;

/// What is taken by asking many people, or from several such.
const POLLS: [&str; 3] = ["poll", "survey", "average"];

/// Words between the pollster and the noun.
const KINDS: [&str; 12] = [
    "opinion",
    "national",
    "tracking",
    "online",
    "exit",
    "weekly",
    "monthly",
    "daily",
    "telephone",
    "state",
    "voter",
    "polling",
];

/// Words before the noun that are read, at most.
const LONGEST: usize = 14;

/// Most polls told apart in one text, and most forms of each that a new one is compared with: the cost stays linear.
const MOST: usize = 24;
const FORMS: usize = 2;

/// Confidence of a mention that its form alone has told.
const BY_FORM: f32 = 0.8;

/// Whether a noun means a poll.
pub(in crate::analysis) fn is_poll(noun: &str) -> bool {
    POLLS.contains(&noun)
}

/// Adds the polls that have a name, and restores the order of first mentions.
pub(super) fn add(layout: &Layout<'_>, entities: &mut Vec<Entity>) {
    let mut found: Vec<Vec<Range<usize>>> = Vec::new();
    for head in (0..layout.words.len()).filter(|at| is_poll(layout.word(*at))) {
        let Some(words) = name_before(layout, head) else { continue };
        let known =
            found.iter().position(|known| known.iter().take(FORMS).any(|other| same(layout, other, &words)));
        match known {
            Some(known) => found[known].push(words),
            None if found.len() < MOST => found.push(vec![words]),
            None => {}
        }
    }
    if found.is_empty() {
        return;
    }
    entities.extend(found.into_iter().map(|mentions| entity(layout, &mentions)));
    entities.sort_by_key(|entity| entity.mentions.first().map(|mention| mention.span));
    for (at, entity) in entities.iter_mut().enumerate() {
        entity.id = format!("e{}", at + 1);
    }
}

/// From the first capital of the pollster to the noun.
fn name_before(layout: &Layout<'_>, head: usize) -> Option<Range<usize>> {
    let sentence = layout.sentence_at(layout.words[head].span.begin);
    let begin = layout.sentences.get(sentence).map_or(0, |sentence| sentence.begin);
    let opens = |at: usize| layout.words[at].span.begin == begin;
    let mut start = head;
    let mut capitals = 0;
    for at in (head.saturating_sub(LONGEST)..head).rev() {
        let word = layout.word(at);
        let capital = word.starts_with(char::is_uppercase) && !(opens(at) && is_opening(word));
        let joint = matches!(word, "/" | "-" | "–" | "&") && start < head;
        if layout.words[at].span.begin < begin || !(capital || joint || KINDS.contains(&word)) {
            break;
        }
        if capital {
            capitals += 1;
            start = at;
        }
    }
    (capitals > 0).then_some(start..head + 1)
}

/// Words whose capital is that of a sentence.
fn is_opening(word: &str) -> bool {
    matches!(
        word,
        "A" | "An" | "Another" | "Each" | "Every" | "In" | "New" | "No" | "One" | "That" | "The" | "This"
    )
}

/// Whether one name's words are all in the other.
fn same(layout: &Layout<'_>, a: &Range<usize>, b: &Range<usize>) -> bool {
    let words = |range: &Range<usize>| -> Vec<String> {
        let named = range.clone().filter(|at| !KINDS.contains(&layout.word(*at)));
        named.map(|at| fold(layout.word(at))).filter(|word| !word.is_empty()).collect()
    };
    let (a, b) = (words(a), words(b));
    a.iter().all(|word| b.contains(word)) || b.iter().all(|word| a.contains(word))
}

fn entity(layout: &Layout<'_>, mentions: &[Range<usize>]) -> Entity {
    let spans: Vec<_> = mentions.iter().map(|words| layout.span_of(words)).collect();
    let longest = spans.iter().max_by_key(|span| (span.len(), std::cmp::Reverse(span.begin)));
    let name = longest.map_or("", |span| span.slice(layout.text));
    let mention = |span: &_| Mention { span: *span, form: MentionForm::Nominal, confidence: BY_FORM };
    Entity {
        id: String::new(),
        entity_type: EntityType::Work,
        name: name.split_whitespace().collect::<Vec<_>>().join(" "),
        mentions: spans.iter().map(mention).collect(),
        normalized: None,
        roles: Vec::new(),
    }
}
