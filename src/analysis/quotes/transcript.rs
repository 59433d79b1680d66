//! Transcripts: lines that begin with who speaks and a colon, `LUND: We lost everything.`, perhaps with an office or a
//! stage direction, `ADA LUND, MAYOR (voice-over):`. A text counts as one when it has two such lines and one of the
//! labels is a person's name, or when labels in capitals take turns; lines without a label between two others go on
//! with the turn before them. Interviews whose lines begin with `Q:` and `A:` are transcripts too.

use super::Attribution;
use super::told::Line;
use crate::analysis::entities::lexicon::nouns::{self, NounKind};
use crate::analysis::signals::{Layout, NameSpan};
use crate::domain::annotation::EntityType;
use crate::domain::span::ByteSpan;
use crate::folding::names::{fold, is_title};
use crate::text::words::Case;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

/// Confidence of an attribution that the form alone has told.
const BY_FORM: f32 = 0.8;
/// Longest name on a label, in words; a full stop is one.
const LONGEST: usize = 5;
/// The same with what stands between the name and the colon.
const LONGEST_LABEL: usize = 20;
/// Changes from one label in capitals to another on the next line, from which on a text counts as a transcript.
const CHANGES: usize = 2;

/// Labels in capitals that lead to another page.
const LINKS: &str = "also breaking listen live more photos read related see source update video watch";
/// Lines without a label that go on with one turn, at most.
const TURN: usize = 12;

/// The turns of a transcript, in text order; none where the text is something else.
pub(super) fn turns(layout: &Layout<'_>, names: &[NameSpan]) -> Vec<Line> {
    let labels = speaking(layout, names);
    let next = labels.iter().skip(1).map(|(at, _)| Some(*at)).chain([None]);
    labels.iter().zip(next).filter_map(|((at, label), next)| turn(layout, *at, label, next)).collect()
}

/// The labels that say who speaks, with their paragraphs: two or more, or none.
fn speaking(layout: &Layout<'_>, names: &[NameSpan]) -> Vec<(usize, Label)> {
    let labels = (0..layout.paragraphs.len()).filter_map(|at| Some((at, Label::of(layout, at)?)));
    let mut labels: Vec<(usize, Label)> = labels.collect();
    let known = Known::new(layout, names, &labels);
    labels.retain(|(_, label)| known.speaks(layout, label));
    if labels.len() < 2 { Vec::new() } else { labels }
}

/// Makes people of the names in capitals that take turns: they look like acronyms of bodies. `names` are disjoint and in
/// text order, before and after.
pub(super) fn name_labels(layout: &Layout<'_>, names: &mut Vec<NameSpan>) {
    let labels = speaking(layout, names);
    let mut rest = std::mem::take(names).into_iter().peekable();
    for (_, label) in labels.iter().filter(|(_, label)| label.names_a_person(layout)) {
        while let Some(before) = rest.next_if(|name| name.words.end <= label.name.start) {
            names.push(before);
        }
        let mut inside = Vec::new();
        while let Some(name) = rest.next_if(|name| name.words.start < label.name.end) {
            inside.push(name);
        }
        if inside.iter().all(|name| name.words.end <= label.name.end) {
            let words = without_title(layout, &label.name);
            inside = vec![NameSpan { words, entity_type: EntityType::Person, confidence: BY_FORM }];
        }
        names.append(&mut inside);
    }
    names.extend(rest);
}

/// "MR. LUND" without its title.
fn without_title(layout: &Layout<'_>, name: &Range<usize>) -> Range<usize> {
    let title = is_title(&fold(layout.word(name.start))) && name.len() > 1;
    let stop = usize::from(title && layout.word(name.start + 1) == ".");
    if title && name.len() > 1 + stop { name.start + 1 + stop..name.end } else { name.clone() }
}

/// What stands before the colon that begins a line, and the words behind it. A quotation mark may open the line.
struct Label {
    /// The name alone.
    name: Range<usize>,
    /// The name with an office behind it.
    words: Range<usize>,
    colon: usize,
    line: Range<usize>,
    /// Whether a stage direction stands before the colon.
    directed: bool,
}

impl Label {
    fn of(layout: &Layout<'_>, paragraph: usize) -> Option<Self> {
        let line = layout.words_of(layout.paragraphs[paragraph]);
        let start = line.start + usize::from(matches!(layout.word(line.start), "\"" | "“" | "”"));
        let mut reach = start + 1..line.end.min(start + LONGEST_LABEL + 1);
        let is_letter = matches!(layout.word(start), "Q" | "A");
        let colon = reach
            .find(|at| layout.word(*at) == ":" || is_letter && *at == start + 1 && layout.word(*at) == ".")?;
        let spaced =
            layout.words.get(colon + 1).is_some_and(|next| next.span.begin > layout.words[colon].span.end);
        let direction = (start + 1..colon).find(|at| matches!(layout.word(*at), "(" | "["));
        let directed = direction.is_some() && matches!(layout.word(colon - 1), ")" | "]");
        let words = start..direction.filter(|_| directed).unwrap_or(colon);
        let comma = words.clone().find(|at| layout.word(*at) == ",");
        let name = start..comma.unwrap_or(words.end);
        let capital = words.clone().all(|at| layout.words[at].case != Case::Lower);
        let fits = (1..=LONGEST).contains(&name.len()) && spaced && capital && colon + 1 < line.end;
        fits.then_some(Self { name, words, colon, line, directed })
    }

    fn key(&self, layout: &Layout<'_>) -> String {
        fold(layout.span_of(&self.name).slice(layout.text))
    }

    /// "Q" or "A".
    fn is_letter(&self, layout: &Layout<'_>) -> bool {
        self.words.len() == 1 && matches!(layout.word(self.words.start), "Q" | "A")
    }

    /// "LUND", but not "MODERATOR".
    fn names_a_person(&self, layout: &Layout<'_>) -> bool {
        let role = nouns::kind(&fold(layout.word(self.name.end - 1))) == NounKind::Person;
        self.shouts(layout) && !role
    }

    /// "LUND", "MR. LUND", "ADA LUND, MAYOR".
    fn shouts(&self, layout: &Layout<'_>) -> bool {
        let cases = || self.name.clone().map(|at| layout.words[at].case);
        layout.span_of(&self.name).len() > 2
            && cases().any(|case| case == Case::Upper)
            && cases().all(|case| matches!(case, Case::Upper | Case::None))
            && !LINKS.split(' ').any(|link| link.eq_ignore_ascii_case(layout.word(self.name.start)))
    }
}

/// Who can stand on a label.
struct Known {
    surnames: HashSet<String>,
    /// Lines by label.
    counts: BTreeMap<String, usize>,
    /// Whether a person has several lines, or one beside a label in capitals that has.
    returns: bool,
    /// Whether, besides, another has some, and no label is written in capitals.
    dialogue: bool,
    /// Whether labels in capitals take turns, whoever they name.
    alternate: bool,
    /// Whether lines begin with "Q:" and with "A:".
    interview: bool,
}

impl Known {
    fn new(layout: &Layout<'_>, names: &[NameSpan], labels: &[(usize, Label)]) -> Self {
        let persons = names.iter().filter(|name| name.entity_type == EntityType::Person);
        let surnames = persons.map(|name| fold(layout.word(name.words.end - 1))).collect();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for (_, label) in labels {
            *counts.entry(label.key(layout)).or_default() += 1;
        }
        let alternate = alternate(layout, labels);
        let letter = |letter| {
            labels.iter().any(|(_, label)| label.is_letter(layout) && layout.word(label.name.start) == letter)
        };
        let interview = letter("Q") && letter("A");
        let mut known = Self { surnames, counts, returns: false, dialogue: false, alternate, interview };
        let people = labels.iter().filter(|(_, label)| known.is_person(layout, label));
        let keys: HashSet<String> = people.map(|(_, label)| label.key(layout)).collect();
        let loud =
            || labels.iter().filter(|(_, label)| label.shouts(layout)).map(|(_, label)| label.key(layout));
        let beside = loud().any(|key| keys.contains(&key)) && loud().any(|key| known.counts[&key] > 1);
        known.returns = beside || keys.iter().any(|key| known.counts[key] > 1);
        let capitals = labels.iter().any(|(_, label)| label.shouts(layout) && known.is_person(layout, label));
        known.dialogue = known.returns && keys.len() > 1 && !capitals;
        known
    }

    fn is_person(&self, layout: &Layout<'_>, label: &Label) -> bool {
        self.surnames.contains(&fold(layout.word(label.name.end - 1)))
    }

    /// Whether the label says who speaks. Names in ordinary letters begin lists as well ("Lund: 7 points"), so that they
    /// count only where several people take turns.
    fn speaks(&self, layout: &Layout<'_>, label: &Label) -> bool {
        if label.is_letter(layout) {
            return self.interview;
        }
        let person = self.is_person(layout, label);
        if !label.shouts(layout) {
            return self.dialogue && person;
        }
        let role = nouns::kind(&fold(layout.word(label.name.end - 1))) == NounKind::Person;
        person || self.alternate || self.returns && (role || self.counts[&label.key(layout)] > 1)
    }
}

/// Whether labels in capitals follow on each other, change and come back, or carry stage directions.
fn alternate(layout: &Layout<'_>, labels: &[(usize, Label)]) -> bool {
    let loud: Vec<(usize, String, bool)> = labels
        .iter()
        .filter(|(_, label)| label.shouts(layout))
        .map(|(at, label)| (*at, label.key(layout), label.directed))
        .collect();
    let change = |pair: &&[(usize, String, bool)]| pair[0].0 + 1 == pair[1].0 && pair[0].1 != pair[1].1;
    let changes = loud.windows(2).filter(change).count();
    let distinct: HashSet<&str> = loud.iter().map(|(_, key, _)| key.as_str()).collect();
    let directions = loud.iter().filter(|(_, _, directed)| *directed).count();
    distinct.len() < loud.len() && changes >= CHANGES || directions >= CHANGES
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
