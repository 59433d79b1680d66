//! Quotations that a line without a verb of saying introduces: `And from Ada Lund:`, `From the desk of Ada Lund, chief
//! analyst.`, `Here is Ada Lund:`, with the quotation in the next paragraph or behind the colon.

use super::Attribution;
use super::place::Place;
use super::told::Line;
use crate::analysis::entities::lexicon::nouns::{self, NounKind};
use crate::analysis::grammar::cues;
use crate::analysis::signals::{Layout, NameSpan};
use crate::domain::annotation::EntityType;
use crate::folding::names::fold;
use crate::text::quote_marks::QuotedRegion;
use std::ops::Range;

/// Confidence of an attribution that the form alone has told.
const BY_FORM: f32 = 0.8;
/// Longest introduction, in words.
const LONGEST: usize = 24;
/// Words of a title before the name.
const TITLE: usize = 5;

/// The quotations that such a line introduces, in text order.
pub(super) fn quotations(layout: &Layout<'_>, names: &[NameSpan]) -> Vec<Line> {
    layout.quoted.iter().filter_map(|region| introduced(layout, names, region)).collect()
}

fn introduced(layout: &Layout<'_>, names: &[NameSpan], region: &QuotedRegion) -> Option<Line> {
    let place = Place::of(layout, region);
    let line = if place.begins_paragraph {
        layout.words_of(*layout.paragraphs.get(place.paragraph.checked_sub(1)?)?)
    } else {
        let sentence = *layout.sentences.get(layout.sentence_at(region.span.begin))?;
        layout.words_of(sentence).start..layout.words_of(region.span).start
    };
    let alone = place.fills_paragraph || !place.begins_paragraph;
    let introduction =
        Introduction::read(layout, line).filter(|found| alone && (place.begins_paragraph || found.colon))?;
    introduction.names_a_speaker(names).then(|| Line {
        span: layout.span_of(&introduction.line).cover(region.span),
        attribution: Attribution {
            contents: region.pieces.clone(),
            cue: Some(introduction.cue),
            source: Some(layout.span_of(&introduction.source)),
            verbatim: false,
            confidence: BY_FORM,
        },
    })
}

struct Introduction {
    line: Range<usize>,
    /// The colon, or the preposition where there is none.
    cue: Range<usize>,
    source: Range<usize>,
    colon: bool,
}

impl Introduction {
    /// Reads the words of a line. One without a colon must begin with "from".
    fn read(layout: &Layout<'_>, line: Range<usize>) -> Option<Self> {
        if line.len() < 3 || line.len() > LONGEST {
            return None;
        }
        let last = line.end - 1;
        let colon = layout.word(last) == ":";
        let end = if colon || layout.word(last) == "." { last } else { line.end };
        let words = line.start..end;
        let lower = |at: usize| layout.word(at).to_lowercase();
        let reports = |at: usize| {
            cues::cue(layout.word(at)).is_some() && layout.word(at).starts_with(char::is_lowercase)
        };
        if words.clone().any(reports)
            || words.clone().any(|at| layout.quoted_at(layout.words[at].span.begin).is_some())
        {
            return None;
        }
        let from = words.clone().find(|at| lower(*at) == "from");
        let opens = from.is_some_and(|from| {
            (words.start..from)
                .all(|at| matches!(lower(at).as_str(), "and" | "this" | "then" | "also" | "next"))
        });
        let (lead, start) = match from {
            Some(from) if colon || opens => (from, behind_desk(layout, from + 1)),
            _ if colon => shown(layout, &words)?,
            _ => return None,
        };
        let cue = if colon { last..line.end } else { lead..lead + 1 };
        (start < end).then_some(Self { line, cue, source: start..end, colon })
    }

    /// Whether a person or body is named where the source begins, behind a title at most.
    fn names_a_speaker(&self, names: &[NameSpan]) -> bool {
        let at = names.partition_point(|name| name.words.start < self.source.start);
        let can =
            |name: &&NameSpan| matches!(name.entity_type, EntityType::Person | EntityType::Organization);
        names.get(at).filter(can).is_some_and(|name| {
            name.words.end <= self.source.end && name.words.start - self.source.start <= TITLE
        })
    }
}

/// The word behind "the desk of", "the notebook of" and their like, or the word in hand: a thing may stand before who speaks,
/// but no person or body, who would be the one.
fn behind_desk(layout: &Layout<'_>, at: usize) -> usize {
    let noun = layout.word(at + 1);
    let thing = noun.starts_with(char::is_lowercase)
        && (noun == "office" || matches!(nouns::kind(&fold(noun)), NounKind::Document | NounKind::Other));
    let desk = matches!(layout.word(at), "the" | "a") && thing && layout.word(at + 2) == "of";
    if desk { at + 3 } else { at }
}

/// "Here is", "Here's", "This is", "Now": the word and the one behind it.
fn shown(layout: &Layout<'_>, words: &Range<usize>) -> Option<(usize, usize)> {
    let first = layout.word(words.start);
    let next = layout.word(words.start + 1);
    let is = match next {
        "is" => words.start + 2,
        "'" | "’" if layout.word(words.start + 2) == "s" => words.start + 3,
        _ => return None,
    };
    matches!(first, "Here" | "This" | "Next" | "Now").then_some((words.start, is))
}
