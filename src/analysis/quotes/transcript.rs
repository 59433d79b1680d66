//! Transcripts: lines that begin with who speaks and a colon, `LUND: We lost everything.` A text counts as one when it
//! has two such lines and one of the labels is a person's name; lines without a label between two others go on with
//! the turn before them.

use super::Attribution;
use super::told::Line;
use crate::analysis::entities::lexicon::nouns::{self, NounKind};
use crate::analysis::signals::{Layout, NameSpan};
use crate::domain::annotation::EntityType;
use crate::domain::span::ByteSpan;
use crate::folding::names::fold;
use crate::text::words::Case;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

/// Confidence of an attribution that the form alone has told.
const BY_FORM: f32 = 0.8;
/// Longest label, in words; a full stop is one.
const LONGEST: usize = 5;
/// Lines without a label that go on with one turn, at most.
const TURN: usize = 12;

/// The turns of a transcript, in text order; none where the text is something else.
pub(super) fn turns(layout: &Layout<'_>, names: &[NameSpan]) -> Vec<Line> {
    let labels: Vec<(usize, Label)> =
        (0..layout.paragraphs.len()).filter_map(|at| Some((at, Label::of(layout, at)?))).collect();
    let known = Known::new(layout, names, &labels);
    let labels: Vec<(usize, Label)> =
        labels.into_iter().filter(|(_, label)| known.speaks(layout, label)).collect();
    if labels.len() < 2 {
        return Vec::new();
    }
    let next = labels.iter().skip(1).map(|(at, _)| Some(*at)).chain([None]);
    labels.iter().zip(next).filter_map(|((at, label), next)| turn(layout, *at, label, next)).collect()
}

/// What stands before the colon that begins a line, and the words behind it. A quotation mark may open the line.
struct Label {
    words: Range<usize>,
    colon: usize,
    line: Range<usize>,
}

impl Label {
    fn of(layout: &Layout<'_>, paragraph: usize) -> Option<Self> {
        let line = layout.words_of(layout.paragraphs[paragraph]);
        let start = line.start + usize::from(matches!(layout.word(line.start), "\"" | "“" | "”"));
        let colon = (start + 1..line.end.min(start + LONGEST + 1)).find(|at| layout.word(*at) == ":")?;
        let spaced =
            layout.words.get(colon + 1).is_some_and(|next| next.span.begin > layout.words[colon].span.end);
        let words = start..colon;
        let capital = words.clone().all(|at| layout.words[at].case != Case::Lower);
        (spaced && capital && colon + 1 < line.end).then_some(Self { words, colon, line })
    }

    fn key(&self, layout: &Layout<'_>) -> String {
        fold(layout.span_of(&self.words).slice(layout.text))
    }

    /// "LUND", "MR. LUND", "ADA LUND".
    fn shouts(&self, layout: &Layout<'_>) -> bool {
        let cases = || self.words.clone().map(|at| layout.words[at].case);
        layout.span_of(&self.words).len() > 2
            && cases().any(|case| case == Case::Upper)
            && cases().all(|case| matches!(case, Case::Upper | Case::None))
    }
}

/// Who can stand on a label.
struct Known {
    surnames: HashSet<String>,
    /// Lines by label.
    counts: BTreeMap<String, usize>,
    /// Whether a person has several lines.
    returns: bool,
    /// Whether, besides, another has some, and no label is written in capitals.
    dialogue: bool,
}

impl Known {
    fn new(layout: &Layout<'_>, names: &[NameSpan], labels: &[(usize, Label)]) -> Self {
        let persons = names.iter().filter(|name| name.entity_type == EntityType::Person);
        let surnames = persons.map(|name| fold(layout.word(name.words.end - 1))).collect();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for (_, label) in labels {
            *counts.entry(label.key(layout)).or_default() += 1;
        }
        let mut known = Self { surnames, counts, returns: false, dialogue: false };
        let people = labels.iter().filter(|(_, label)| known.is_person(layout, label));
        let keys: HashSet<String> = people.map(|(_, label)| label.key(layout)).collect();
        known.returns = keys.iter().any(|key| known.counts[key] > 1);
        let capitals = labels.iter().any(|(_, label)| label.shouts(layout) && known.is_person(layout, label));
        known.dialogue = known.returns && keys.len() > 1 && !capitals;
        known
    }

    fn is_person(&self, layout: &Layout<'_>, label: &Label) -> bool {
        self.surnames.contains(&fold(layout.word(label.words.end - 1)))
    }

    /// Whether the label says who speaks. Names in ordinary letters begin lists as well ("Lund: 7 points"), so that they
    /// count only where several people take turns.
    fn speaks(&self, layout: &Layout<'_>, label: &Label) -> bool {
        let person = self.is_person(layout, label);
        if !label.shouts(layout) {
            return self.dialogue && person;
        }
        let role = nouns::kind(&fold(layout.word(label.words.end - 1))) == NounKind::Person;
        person || self.returns && (role || self.counts[&label.key(layout)] > 1)
    }
}

/// The turn of a label: the rest of its line, and the lines up to the next label.
fn turn(layout: &Layout<'_>, at: usize, label: &Label, next: Option<usize>) -> Option<Line> {
    let first = layout.span_of(&(label.colon + 1..label.line.end));
    let more = next.filter(|next| next - at <= TURN).map_or(0..0, |next| at + 1..next);
    let more = more.map(|at| layout.paragraphs[at]).filter(|line| !is_aside(line.slice(layout.text)));
    let contents: Vec<ByteSpan> = std::iter::once(first).chain(more).collect();
    let end = contents.iter().map(|content| content.end).max()?;
    Some(Line {
        span: ByteSpan { begin: layout.paragraphs[at].begin, end },
        attribution: Attribution {
            contents,
            cue: Some(label.colon..label.colon + 1),
            source: Some(layout.span_of(&label.words)),
            verbatim: true,
            confidence: BY_FORM,
        },
    })
}

/// "(CROSSTALK)", "[laughter]".
fn is_aside(line: &str) -> bool {
    line.trim_start_matches(['"', '“', '”']).starts_with(['(', '['])
}
