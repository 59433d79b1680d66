//! Reported speech in one sentence, by word order: subject, verb, clause; clause, verb, subject; "according to".
//! There is no parser: a subject is what stands between the verb and the nearest edge of a phrase. Quotations are
//! opaque, so that nothing inside them reports for the sentence around.

use super::cues::{self, Cue, Frame, Reports};
use super::words::{self, Class, class};
use crate::analysis::signals::Layout;
use crate::domain::span::ByteSpan;
use std::ops::Range;

/// A verb that reports, with what stands around it. Ranges are of word indices.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The subject; absent for a participle without one of its own.
    pub source: Option<Range<usize>>,
    /// Auxiliaries, verb and particle; "according to".
    pub cue: Range<usize>,
    /// What is reported; absent where no clause was found.
    pub content: Option<Range<usize>>,
    /// The verb.
    pub verb: Cue,
    /// Whether "that" introduces the content.
    pub explicit: bool,
}

/// Longest subject, in words.
const SUBJECT: usize = 28;
/// How far an object or an adjunct may push the content from its verb, in words.
const REACH: usize = 14;

/// The reports of one stretch of words, a sentence or a part of one, in text order.
pub fn reports(layout: &Layout<'_>, stretch: Range<usize>) -> Vec<Report> {
    let clause = Stretch::new(layout, stretch.clone());
    let mut found: Vec<Report> = Vec::new();
    let mut at = stretch.start;
    while at < stretch.end {
        let report = match clause.quotation_after(at) {
            Some(end) => {
                at = end;
                continue;
            }
            None => clause.according(at).or_else(|| clause.report(at)),
        };
        at = report.as_ref().map_or(at, |report| report.cue.end.saturating_sub(1).max(at)) + 1;
        found.extend(report);
    }
    found
}

/// The subject of a cue that somebody else has found, where its sentence shows one that can be the source: that of a
/// passive is what the words are about.
pub fn subject(layout: &Layout<'_>, cue: &Range<usize>) -> Option<ByteSpan> {
    let first = layout.words.get(cue.start)?;
    cue.clone().find(|&at| cues::cue(layout.word(at)).is_some())?;
    if hides_source(layout, cue) {
        return None;
    }
    let sentence = layout.sentences.get(layout.sentence_at(first.span.begin))?;
    let clause = Stretch { layout, words: layout.words_of(*sentence), cuts: Vec::new() };
    let inverted = clause.follows_quotation(cue.start) || cue.start == clause.words.start;
    let behind = inverted.then(|| clause.subject_after(cue.end)).flatten();
    let subject = behind.or_else(|| clause.subject_before(clause.adverbs_skipped(cue.start)))?;
    Some(layout.span_of(&last_phrase(layout, subject)))
}

/// "its view of the matter The Board": where a full stop is missing, a capital article opens the subject.
fn last_phrase(layout: &Layout<'_>, subject: Range<usize>) -> Range<usize> {
    let opens = |at: &usize| matches!(layout.word(*at), "The" | "A" | "An");
    let start = subject.clone().skip(1).rev().find(opens).unwrap_or(subject.start);
    start..subject.end
}

/// "was expected", "seemed", "to discuss": whoever expects or discusses is not the subject.
fn hides_source(layout: &Layout<'_>, cue: &Range<usize>) -> bool {
    let be = |at: usize| matches!(layout.word(at), "is" | "are" | "was" | "were" | "be" | "been" | "being");
    let passive = cue.clone().any(be) && has_participle(layout, cue);
    let seems =
        cue.clone().any(|at| matches!(layout.word(at), "seem" | "seems" | "seemed" | "appear" | "appears"));
    passive || seems || layout.word(cue.start) == "to"
}

fn has_participle(layout: &Layout<'_>, cue: &Range<usize>) -> bool {
    cue.clone().any(|at| {
        let word = layout.word(at);
        let irregular = matches!(word, "told" | "known" | "thought" | "seen" | "said" | "held" | "made");
        (word.ends_with("ed") || irregular) && cues::cue(word).is_some()
    })
}

struct Stretch<'a> {
    layout: &'a Layout<'a>,
    words: Range<usize>,
    /// Commas before a participle that reports something else, or before "according to"; ascending.
    cuts: Vec<usize>,
}

impl<'a> Stretch<'a> {
    fn new(layout: &'a Layout<'a>, words: Range<usize>) -> Self {
        let mut stretch = Self { layout, words: words.clone(), cuts: Vec::new() };
        let mut at = words.start;
        while at < words.end {
            match stretch.quotation_after(at) {
                Some(end) => at = end,
                None => {
                    if stretch.is_cut(at) {
                        stretch.cuts.push(at);
                    }
                    at += 1;
                }
            }
        }
        stretch
    }

    fn is_cut(&self, at: usize) -> bool {
        self.layout.word(at) == ","
            && ((self.lower(at + 1).ends_with("ing") && cues::cue(self.layout.word(at + 1)).is_some())
                || (self.lower(at + 1) == "according" && self.lower(at + 2) == "to"))
    }

    fn lower(&self, at: usize) -> String {
        if self.words.contains(&at) { self.layout.word(at).to_lowercase() } else { String::new() }
    }

    fn class(&self, at: usize) -> Class {
        if self.words.contains(&at) { class(self.layout, at) } else { Class::Edge }
    }

    /// The word after a quotation that begins at `at`, where the stretch does not lie inside it.
    fn quotation_after(&self, at: usize) -> Option<usize> {
        let region = self.layout.quoted_at(self.layout.words.get(at)?.span.begin)?;
        let words = self.layout.words_of(region.span);
        (self.words.start <= words.start || self.words.end > words.end).then(|| words.end.max(at + 1))
    }

    /// "according to" and its source.
    fn according(&self, at: usize) -> Option<Report> {
        if self.lower(at) != "according" || self.lower(at + 1) != "to" {
            return None;
        }
        let first = at + 2;
        let end = (first..self.words.end)
            .take(SUBJECT)
            .find(|&i| matches!(self.layout.word(i), "," | ";" | "." | ":" | "—"));
        let end = end.unwrap_or(self.words.end.min(first + SUBJECT));
        let content = if at <= self.words.start + 1 {
            end + 1..self.content_end(end + 1)
        } else {
            self.words.start..self.without_comma(at)
        };
        Some(Report {
            source: (first < end).then_some(first..end),
            cue: at..first,
            content: (content.len() > 2).then_some(content),
            verb: cues::ACCORDING,
            explicit: true,
        })
    }

    /// A finite verb or participle at `at`.
    fn report(&self, at: usize) -> Option<Report> {
        let verb = cues::cue(self.layout.word(at)).filter(|_| at == self.words.start || !self.is_name(at))?;
        let after = at + 1 + usize::from(self.lower(at + 1) == "out");
        let participle = self.lower(at).ends_with("ing");
        let begin = self.auxiliaries_before(at);
        let before = self.class(begin.wrapping_sub(1));
        if begin == at && matches!(before, Class::Determiner | Class::Preposition | Class::To) {
            return None;
        }
        let passive = (begin..at).any(|at| words::is_be(&self.lower(at)));
        if passive && !participle {
            return None;
        }
        let (content, explicit) = self.complement(after, verb);
        if participle && begin == at {
            let opens = begin > self.words.start && self.layout.word(begin - 1) == ",";
            let report = Report { source: None, cue: at..after, content, verb, explicit };
            return (opens && report.content.is_some()).then_some(report);
        }
        if verb.reports == Reports::Thought && !explicit && verb.frame == Frame::Phrase {
            return None;
        }
        let says = verb.frame != Frame::Phrase && verb.reports == Reports::Speech;
        let behind = (says && self.follows_quotation(begin)).then(|| self.subject_after(after)).flatten();
        let source = behind.clone().or_else(|| self.subject_before(begin))?;
        let inverted = self.clause_before(source.start.min(begin));
        let content = match (behind, verb.frame) {
            (Some(_), _) => inverted,
            (None, Frame::Person) if !explicit => inverted.or(content),
            (None, _) => content.or(inverted),
        };
        Some(Report { source: Some(source), cue: begin..after, content, verb, explicit })
    }

    /// First of the auxiliaries and adverbs right before a verb.
    fn auxiliaries_before(&self, at: usize) -> usize {
        let mut begin = at;
        let mut cue = at;
        while begin > self.words.start {
            match self.class(begin - 1) {
                Class::Auxiliary => {
                    begin -= 1;
                    cue = begin;
                }
                Class::Adverb => begin -= 1,
                _ => break,
            }
        }
        // Adverbs count only between auxiliary and verb.
        if cue == at { self.adverbs_skipped(at) } else { cue }
    }

    fn adverbs_skipped(&self, at: usize) -> usize {
        let mut begin = at;
        while begin > self.words.start && self.class(begin - 1) == Class::Adverb {
            begin -= 1;
        }
        begin
    }

    fn follows_quotation(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else { return false };
        let ends = |i: usize| {
            self.layout.words.get(i).is_some_and(|word| {
                self.layout.quoted_at(word.span.begin).is_some_and(|region| region.span.end == word.span.end)
            })
        };
        ends(before) || (self.layout.word(before) == "," && before > 0 && ends(before - 1))
    }

    /// The phrase that ends right before `end`, an apposition between commas included.
    fn subject_before(&self, end: usize) -> Option<Range<usize>> {
        let before = end.checked_sub(1)?;
        if self.class(before) == Class::Pronoun {
            return Some(before..end);
        }
        let mut last = end;
        if self.layout.word(before) == ")" {
            // "the Department of Roads (DOR) said": the short name goes with the long one.
            let open = (before.saturating_sub(6)..before).rev().find(|&at| self.layout.word(at) == "(")?;
            let phrase = self.phrase_start(open, self.words.start.max(open.saturating_sub(SUBJECT)));
            return self.tidy(phrase..end);
        }
        let mut limit = self.words.start.max(end.saturating_sub(SUBJECT));
        if end > limit && self.layout.word(end - 1) == "," {
            last = end - 1;
            let open = (limit..last).rev().find(|&i| self.layout.word(i) == ",")?;
            limit = limit.max(self.phrase_start(open, limit));
            return self.tidy(limit..last);
        }
        self.tidy(self.phrase_start(last, limit)..last)
    }

    /// Goes back from `end` to the edge of the phrase.
    fn phrase_start(&self, end: usize, limit: usize) -> usize {
        let mut start = end;
        while start > limit {
            let at = start - 1;
            let joins = self.lower(at) == "and" && self.is_name(at + 1) && at > limit && self.is_name(at - 1);
            if !joins
                && (self.class(at) == Class::Edge || self.in_quotation(at) || self.is_verb_before(at, end))
            {
                break;
            }
            start = at;
        }
        start
    }

    fn is_name(&self, at: usize) -> bool {
        self.words.contains(&at) && self.layout.word(at).starts_with(char::is_uppercase)
    }

    fn in_quotation(&self, at: usize) -> bool {
        self.quotation_after(at).is_some()
    }

    /// A finite reporting verb ends the phrase: "he said officials believe".
    fn is_verb_before(&self, at: usize, end: usize) -> bool {
        at + 1 < end && self.class(at) == Class::Word && {
            let word = self.lower(at);
            (word.ends_with("ed") || word.ends_with("id") || word.ends_with("ays"))
                && cues::cue(&word).is_some()
        }
    }

    /// Drops what cannot begin a subject, such as a leading time or linking word.
    fn tidy(&self, mut phrase: Range<usize>) -> Option<Range<usize>> {
        while phrase.start < phrase.end {
            let word = self.lower(phrase.start);
            let class = self.class(phrase.start);
            let plural = phrase.len() == 1 && (word.ends_with('s') || word == "police" || word == "people");
            let starts =
                matches!(class, Class::Determiner | Class::Pronoun) || self.is_name(phrase.start) || plural;
            if starts && !(class == Class::Preposition) {
                break;
            }
            phrase.start += 1;
        }
        (!phrase.is_empty() && self.class(phrase.end - 1) != Class::Preposition).then_some(phrase)
    }

    /// The phrase that begins at `first`, up to a mark or the sentence's end.
    fn subject_after(&self, first: usize) -> Option<Range<usize>> {
        let stop = (first..self.words.end).take(SUBJECT).find(|&at| {
            matches!(self.layout.word(at), "," | "." | ";" | ":" | "—" | "“" | "\"")
                || matches!(
                    self.lower(at).as_str(),
                    "in" | "on" | "at" | "during" | "after" | "when" | "as" | "while"
                )
        });
        let end = stop.unwrap_or(self.words.end.min(first + SUBJECT));
        self.tidy(first..end).filter(|phrase| phrase.start == first)
    }

    /// What follows a verb, and whether "that" introduces it.
    fn complement(&self, first: usize, verb: Cue) -> (Option<Range<usize>>, bool) {
        if let Some(that) = self.that_after(first, verb) {
            return (self.content(that), true);
        }
        let next = self.class(first);
        let mark = self.layout.word(first);
        if mark == ":" || (mark == "," && self.in_quotation(first + 1)) {
            return (self.content(first + 1), true);
        }
        if self.in_quotation(first) {
            return (self.content(first), true);
        }
        let begins = match verb.frame {
            Frame::Clause => {
                let first = if words::is_day(&self.lower(first)) { first + 1 } else { first };
                let opens = matches!(self.class(first), Class::Determiner | Class::Pronoun | Class::Word);
                (opens && !matches!(next, Class::Preposition | Class::Edge)).then_some(first)
            }
            Frame::Person => {
                let object = (first..self.words.end).take(REACH).skip(1);
                let mut subject =
                    object.skip_while(|&at| !matches!(self.class(at), Class::Pronoun | Class::Determiner));
                subject.next()
            }
            Frame::Phrase => None,
        };
        (begins.and_then(|begin| self.content(begin)), false)
    }

    /// The "that" which introduces the content: right behind the verb, or behind the hearer or an adjunct. One before a
    /// finite verb is a relative pronoun.
    fn that_after(&self, first: usize, verb: Cue) -> Option<usize> {
        let adjunct =
            matches!(self.class(first), Class::Preposition | Class::To) || words::is_day(&self.lower(first));
        let reach = match verb.frame {
            Frame::Person => REACH,
            Frame::Clause if adjunct => REACH,
            Frame::Clause | Frame::Phrase => 1,
        };
        let near = (first..self.words.end).take(reach);
        let mut near = near.take_while(|&at| !matches!(self.layout.word(at), "," | ";" | "."));
        let introduces = |word: &str| matches!(word, "that" | "what" | "how" | "why" | "whether");
        let that = near.find(|&at| introduces(&self.lower(at)))?;
        (self.lower(that) != "that" || self.class(that + 1) != Class::Auxiliary).then_some(that)
    }

    fn content(&self, begin: usize) -> Option<Range<usize>> {
        let content = begin..self.content_end(begin);
        (content.len() > 1).then_some(content)
    }

    /// The stretch's end without its final mark, or the comma before a participle that reports something else.
    fn content_end(&self, begin: usize) -> usize {
        if let Some(cut) = self.cuts.get(self.cuts.partition_point(|cut| *cut < begin)) {
            return *cut;
        }
        let last = self.words.end;
        let stopped = last > begin && matches!(self.layout.word(last - 1), "." | "!" | "?");
        if stopped { last - 1 } else { last.max(begin) }
    }

    fn without_comma(&self, end: usize) -> usize {
        if end > self.words.start && self.layout.word(end - 1) == "," { end - 1 } else { end }
    }

    /// The clause before an attribution at the end of the sentence: `…, he said.`
    fn clause_before(&self, end: usize) -> Option<Range<usize>> {
        let stop = self.without_comma(end);
        let follows = stop < end || self.follows_quotation(end);
        let opener = self.class(self.words.start);
        let adjunct = matches!(opener, Class::Preposition | Class::Edge | Class::Adverb | Class::To)
            || self.lower(self.words.start).ends_with("ing")
            || words::is_day(&self.lower(self.words.start));
        let quoted = self.in_quotation(self.words.start);
        let clause = self.words.start..stop;
        (follows && (quoted || !adjunct) && clause.len() > 2).then_some(clause)
    }
}
