//! Attributions inside attributions: "he said that the ministry denied that …". What the detector found when it read a content by
//! itself comes first; then the grammar reads each content for what is left. Only what it is sure of counts.

use super::Attribution;
use crate::analysis::entities::lexicon::nouns;
use crate::analysis::grammar::clauses::{Report, reports};
use crate::analysis::grammar::cues::{self, Frame, Reports};
use crate::analysis::grammar::words::{Class, class};
use crate::analysis::signals::Layout;
use crate::domain::span::ByteSpan;
use crate::text::quote_marks::{QuotedRegion, quoted_regions};
use std::collections::BTreeSet;
use std::ops::Range;

/// Confidence of an attribution that the grammar alone has found.
const BY_GRAMMAR: f32 = 0.6;

/// Attributions that the grammar adds inside of one content, at most: each may reach to its end.
const MOST: usize = 8;

/// Words of the shortest content that the detector finds inside of another, a "that" not counted.
const SHORTEST: usize = 3;

/// Adds the attributions of speech inside the contents that are there, and gives cues inside a content their own.
pub(super) fn add(layout: &Layout<'_>, attributions: &mut Vec<Attribution>, inner: Vec<Attribution>) {
    adopt(layout, attributions, inner);
    let owners = owners(attributions);
    let mut found = Vec::new();
    // A stretch may lie in several contents; what is found in one counts once.
    let mut known = BTreeSet::new();
    let contents: Vec<_> = attributions.iter().flat_map(|attribution| attribution.contents.clone()).collect();
    for content in contents {
        let before = known.len();
        for stretch in sentences_in(layout, &layout.words_of(content)) {
            for report in reports(layout, stretch) {
                match owner(&owners, &report.cue) {
                    Some(at)
                        if attributions[at].contents.is_empty()
                            && report.source.as_ref().is_none_or(|source| !is_open(layout, source)) =>
                    {
                        let content = report.content.map(|content| layout.span_of(&clause(layout, content)));
                        attributions[at].contents.extend(content);
                    }
                    None if known.len() < before + MOST
                        && is_sure(layout, &report)
                        && known.insert(report.cue.start) =>
                    {
                        found.extend(attributed(layout, report));
                    }
                    _ => {}
                }
            }
        }
    }
    attributions.extend(found);
}

/// Takes in what the detector found inside of contents, but for cues that have contents already.
fn adopt(layout: &Layout<'_>, attributions: &mut Vec<Attribution>, inner: Vec<Attribution>) {
    let owners = owners(attributions);
    let mut new = Vec::new();
    for mut found in inner.into_iter().filter(|found| !found.contents.is_empty()) {
        let Some(cue) = found.cue.clone() else { continue };
        for content in &mut found.contents {
            *content = within(layout, *content);
        }
        match owner(&owners, &cue) {
            Some(at) if attributions[at].contents.is_empty() && is_told(layout, &found) => {
                let known = &mut attributions[at];
                known.contents = found.contents;
                known.source = known.source.or(found.source);
            }
            Some(_) => {}
            None if is_told(layout, &found) => new.push(found),
            None => {}
        }
    }
    attributions.extend(new);
}

/// A content without the marks at its end, which are those of the content around, but for what closes a quotation of its own.
fn within(layout: &Layout<'_>, content: ByteSpan) -> ByteSpan {
    let bare = layout.span_of(&layout.unmarked(layout.words_of(content)));
    let around =
        layout.quoted_at(content.begin).map_or(content.end, |region| region.span.end.max(content.end));
    let own = quoted_regions(layout.text, &[ByteSpan { begin: content.begin, end: around }]);
    let closes = |region: &&QuotedRegion| {
        let behind = ByteSpan { begin: bare.end, end: region.span.end.max(bare.end) };
        region.closed
            && region.span.begin < bare.end
            && !behind.slice(layout.text).contains(char::is_alphanumeric)
    };
    own.iter().rev().find(closes).map_or(bare, |region| bare.cover(region.span))
}

/// Whether an attribution that the detector found tells what somebody said.
fn is_told(layout: &Layout<'_>, found: &Attribution) -> bool {
    let (Some(source), Some(cue)) = (found.source, &found.cue) else { return false };
    let lemma = cue.clone().find_map(|at| cues::cue(layout.word(at)).map(|known| known.lemma));
    let words: usize = found.contents.iter().map(|content| layout.words_of(*content).len()).sum();
    let that =
        found.contents.first().is_some_and(|content| layout.word(layout.words_of(*content).start) == "that");
    words >= SHORTEST + usize::from(that) && tells(layout, &layout.words_of(source), cue, lemma)
}

/// Whether source and cue tell that somebody else has said something: not "if they say", "you say", "they would say", nor "we urge
/// you", which does what it says.
fn tells(layout: &Layout<'_>, source: &Range<usize>, cue: &Range<usize>, lemma: Option<&str>) -> bool {
    let hearer = matches!(layout.word(source.start), "You" | "you") && source.len() == 1;
    let fits = |lemma| agrees(layout, source, cue, lemma) && !performs(layout, source, cue, lemma);
    is_asserted(layout, cue) && !is_open(layout, source) && !hearer && lemma.is_none_or(fits)
}

/// "if they say", "did they say": nobody has said it.
fn is_open(layout: &Layout<'_>, source: &Range<usize>) -> bool {
    let before = source.start.checked_sub(1).map_or("", |at| layout.word(at)).to_lowercase();
    matches!(before.as_str(), "if" | "unless" | "whether" | "did" | "does" | "do")
}

/// Cues with the index of their attribution, in text order.
fn owners(attributions: &[Attribution]) -> Vec<(Range<usize>, usize)> {
    let cues =
        attributions.iter().enumerate().filter_map(|(at, attribution)| Some((attribution.cue.clone()?, at)));
    let mut owners: Vec<_> = cues.collect();
    owners.sort_unstable_by_key(|(cue, at)| (cue.start, *at));
    owners
}

fn owner(owners: &[(Range<usize>, usize)], cue: &Range<usize>) -> Option<usize> {
    let first = owners.partition_point(|(other, _)| other.end <= cue.start);
    owners.get(first).filter(|(other, _)| other.start < cue.end).map(|(_, at)| *at)
}

/// The parts of a run of words that lie in one sentence each.
fn sentences_in(layout: &Layout<'_>, words: &Range<usize>) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = words.start;
    while start < words.end {
        let sentence = layout.sentence_at(layout.words[start].span.begin);
        let end = layout.sentences.get(sentence).map_or(words.end, |s| layout.words_of(*s).end);
        let end = end.clamp(start + 1, words.end);
        // Without its opening mark: a quotation as a whole would be opaque.
        let open = usize::from(layout.is_mark(start));
        parts.push((start + open).min(end)..end);
        start = end;
    }
    parts
}

fn is_sure(layout: &Layout<'_>, report: &Report) -> bool {
    let (Some(source), Some(content)) = (&report.source, &report.content) else { return false };
    // Verbs that take things as often as clauses: "found some common ground", "called it a victory".
    const DOUBTFUL: [&str; 8] =
        ["add", "call", "continue", "demand", "find", "project", "recall", "underscore"];
    let doubtful = DOUBTFUL.contains(&report.verb.lemma) && !report.explicit;
    let own = report.verb.lemma == "find" && matches!(layout.word(source.start), "I" | "We" | "we");
    report.verb.reports == Reports::Speech
        && opens_clause(layout, report, content)
        && tells(layout, source, &report.cue, Some(report.verb.lemma))
        && is_phrase(layout, source)
        && !own
        && !doubtful
        && content.len() >= 3
        && source.len() <= 12
}

/// Whether the content is a clause: behind "that", a pronoun or a name, or a determiner with a finite verb to come,
/// which "a loss of nine million" has not.
fn opens_clause(layout: &Layout<'_>, report: &Report, content: &Range<usize>) -> bool {
    let finite = || content.clone().any(|at| class(layout, at) == Class::Auxiliary);
    // "has said that for years", "wrote it on a train": an object, and no subject.
    let subject = || content.clone().skip(1).any(|at| class(layout, at) == Class::Pronoun);
    let object = class(layout, content.start + 1) == Class::Preposition && !finite() && !subject();
    if object && (report.explicit || class(layout, content.start) == Class::Pronoun) {
        return false;
    }
    let opens = match class(layout, content.start) {
        Class::Pronoun => true,
        Class::Determiner => finite(),
        _ => layout.word(content.start).starts_with(char::is_uppercase),
    };
    report.explicit || report.verb.frame == Frame::Clause && opens
}

/// Whether somebody did say it: who "would order" it has not yet, and who "did not mention" it never has.
fn is_asserted(layout: &Layout<'_>, cue: &Range<usize>) -> bool {
    const UNREAL: [&str; 8] = ["can", "could", "may", "might", "never", "not", "should", "would"];
    !cue.clone().any(|at| UNREAL.contains(&layout.word(at)))
}

/// Whether the words are one noun phrase, with nothing finite in it but behind a relative pronoun: not "Lund has a
/// similar", nor "they hear a candidate".
fn is_phrase(layout: &Layout<'_>, source: &Range<usize>) -> bool {
    let main =
        source.clone().take_while(|at| !matches!(layout.word(*at), "who" | "which" | "whose" | "that"));
    let finite = main.skip(1).any(|at| class(layout, at) == Class::Auxiliary);
    let clause = class(layout, source.start) == Class::Pronoun && source.len() > 1;
    let last = layout.word(source.end - 1);
    !finite && !clause && (last == ")" || last.ends_with(char::is_alphabetic))
}

/// Whether a verb in the present can have this subject: "competitive state" and "the protests demands" are no clauses.
fn agrees(layout: &Layout<'_>, source: &Range<usize>, cue: &Range<usize>, lemma: &str) -> bool {
    let one_phrase = !source.clone().any(|at| matches!(class(layout, at), Class::Preposition | Class::Edge));
    if cue.len() > 1 || !one_phrase {
        return true;
    }
    let (verb, last) = (layout.word(cue.start), layout.word(source.end - 1));
    let pronoun = matches!(last, "I" | "we" | "We" | "you" | "You" | "they" | "They");
    let plural = pronoun || nouns::is_plural(&last.to_lowercase());
    // A name may end like a plural: "Reuters says".
    let name = !pronoun && last.starts_with(char::is_uppercase);
    if verb == lemma { plural } else { name || !plural || !verb.ends_with('s') }
}

/// "I swear that …", "we must tell you …": who says so does what the verb says, and quotes nobody.
fn performs(layout: &Layout<'_>, source: &Range<usize>, cue: &Range<usize>, lemma: &str) -> bool {
    let first = matches!(layout.word(source.start), "I" | "we" | "We") && source.len() == 1;
    first && cue.clone().any(|at| layout.word(at) == lemma)
}

/// The content up to a comma behind which a new clause begins: what the inner source said is short.
fn clause(layout: &Layout<'_>, content: Range<usize>) -> Range<usize> {
    let ends = |at: &usize| {
        layout.word(*at) == "," && matches!(class(layout, at + 1), Class::Pronoun) || is_joined(layout, *at)
    };
    let end = content.clone().skip(2).find(ends).unwrap_or(content.end);
    // The marks behind its last word are those of the content around.
    layout.unmarked(content.start..end)
}

fn is_joined(layout: &Layout<'_>, comma: usize) -> bool {
    layout.word(comma) == "," && matches!(layout.word(comma + 1), "and" | "but" | "so" | "or" | "yet")
}

fn attributed(layout: &Layout<'_>, report: Report) -> Option<Attribution> {
    Some(Attribution {
        contents: vec![layout.span_of(&clause(layout, report.content?))],
        source: report.source.map(|source| layout.span_of(&source)),
        cue: Some(report.cue),
        verbatim: false,
        confidence: BY_GRAMMAR,
    })
}
