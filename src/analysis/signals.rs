//! The seam between detection and everything after it: what a detector is given (a text laid out in paragraphs,
//! sentences, words and quoted regions), and what it answers (names, attribution roles and links, all by word index).
//! Whatever finds them stays behind [`Detector`].

use super::references::References;
use crate::domain::annotation::EntityType;
use crate::domain::span::ByteSpan;
use crate::text::paragraphs::paragraphs;
use crate::text::quote_marks::{QuotedRegion, quoted_regions, region_at};
use crate::text::sentences::sentences;
use crate::text::words::{Word, words};
use std::ops::Range;

/// A text with its parts, all in text order.
#[derive(Debug, Default)]
pub struct Layout<'t> {
    /// What is analysed: a document's text put right. All spans refer to it.
    pub text: &'t str,
    /// Disjoint.
    pub paragraphs: Vec<ByteSpan>,
    /// Disjoint, each within a paragraph.
    pub sentences: Vec<ByteSpan>,
    /// Disjoint; punctuation marks are words of their own.
    pub words: Vec<Word>,
    /// Disjoint, outermost, marks included.
    pub quoted: Vec<QuotedRegion>,
}

impl<'t> Layout<'t> {
    /// Lays a text out. Linear in its length.
    pub fn new(text: &'t str) -> Self {
        let paragraphs = paragraphs(text);
        let sentences = sentences(text, &paragraphs);
        let quoted = quoted_regions(text, &paragraphs);
        Self { text, paragraphs, sentences, words: words(text), quoted }
    }

    /// The same parts over another borrow of the same text, or over none while nobody reads them.
    pub fn over<'n>(self, text: &'n str) -> Layout<'n> {
        let Self { text: _, paragraphs, sentences, words, quoted } = self;
        Layout { text, paragraphs, sentences, words, quoted }
    }

    /// The text of a word; empty past the last.
    pub fn word(&self, at: usize) -> &'t str {
        self.words.get(at).map_or("", |word| word.span.slice(self.text))
    }

    /// From the first word's begin to the last word's end. Empty where the range is.
    pub fn span_of(&self, words: &Range<usize>) -> ByteSpan {
        match (self.words.get(words.start), words.end.checked_sub(1).and_then(|last| self.words.get(last))) {
            (Some(first), Some(last)) if words.start < words.end => first.span.cover(last.span),
            _ => ByteSpan::at(0, 0),
        }
    }

    /// The words that touch a span.
    pub fn words_of(&self, span: ByteSpan) -> Range<usize> {
        let start = self.words.partition_point(|word| word.span.end <= span.begin);
        let end = self.words.partition_point(|word| word.span.begin < span.end);
        start..end.max(start)
    }

    /// Index of the sentence that holds a byte, or of the last one that begins before it.
    pub fn sentence_at(&self, byte: u32) -> usize {
        holder(&self.sentences, byte)
    }

    /// Index of the paragraph that holds a byte, or of the last one that begins before it.
    pub fn paragraph_at(&self, byte: u32) -> usize {
        holder(&self.paragraphs, byte)
    }

    /// The outermost quoted region that holds a byte between or on its marks.
    pub fn quoted_at(&self, byte: u32) -> Option<&QuotedRegion> {
        region_at(&self.quoted, byte)
    }

    /// Whether a word has neither letter nor digit; past the last, too.
    pub fn is_mark(&self, at: usize) -> bool {
        !self.word(at).contains(char::is_alphanumeric)
    }

    /// Words without the marks behind the last.
    pub fn unmarked(&self, words: Range<usize>) -> Range<usize> {
        let marks = words.clone().rev().take_while(|at| self.is_mark(*at)).count();
        words.start..words.end - marks
    }
}

fn holder(spans: &[ByteSpan], byte: u32) -> usize {
    spans.partition_point(|span| span.begin <= byte).saturating_sub(1)
}

/// What a detector found. Ranges are of word indices, within the layout's words, never empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Signals {
    /// In text order, disjoint.
    pub names: Vec<NameSpan>,
    /// The roles of statements. In text order; spans of one role are disjoint, spans of different roles may overlap.
    pub roles: Vec<RoleSpan>,
    /// Any number for each piece, any order. Empty where the detector scores no links.
    pub links: Vec<Link>,
    /// Statements inside of contents, by what a content says when it stands alone.
    pub inner: Attributed,
    /// Attributions of every kind, thoughts among them, as another convention sees them.
    pub attributed: Attributed,
    /// Whom phrases may mean.
    pub references: References,
}

/// Roles with their links.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attributed {
    /// As in [`Signals::roles`].
    pub roles: Vec<RoleSpan>,
    /// As in [`Signals::links`].
    pub links: Vec<Link>,
}

/// A proper name, without title and possessive 's.
#[derive(Debug, Clone, PartialEq)]
pub struct NameSpan {
    /// The words it covers.
    pub words: Range<usize>,
    /// What it names.
    pub entity_type: EntityType,
    /// 0 to 1.
    pub confidence: f32,
}

/// One span that plays a part in an attribution.
#[derive(Debug, Clone, PartialEq)]
pub struct RoleSpan {
    /// Which part.
    pub role: Role,
    /// The words it covers.
    pub words: Range<usize>,
    /// 0 to 1.
    pub confidence: f32,
}

/// The parts of an attribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Whose words or thoughts they are.
    Source,
    /// What signals the attribution.
    Cue,
    /// What is said or thought.
    Content,
}

/// A guess that a piece of content or source belongs to a cue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// The piece's part; a source and a content may begin at one word.
    pub role: Role,
    /// Word at which the piece begins.
    pub from: usize,
    /// Word at which its cue begins; absent for "it has none".
    pub cue: Option<usize>,
    /// Logit; comparable among the links of one piece (equal `role` and `from`).
    pub score: f32,
}

/// Finds names and attribution roles. Deterministic: equal layouts give equal signals, on any thread.
pub trait Detector: Send + Sync {
    /// Looks at the whole text. Total: odd input gives few signals, never a panic.
    fn detect(&self, layout: &Layout<'_>) -> Signals;

    /// Begins to look at a text, step by step. A detector without steps does everything in one.
    fn begin(&self, _layout: &Layout<'_>) -> Box<dyn Detection + '_> {
        Box::new(AtOnce(self))
    }
}

/// A detector at work on one text.
pub trait Detection: Send {
    /// Goes on by about one window; the signals of the whole text where that was the last one. To be given the layout that it
    /// began with, and not to be asked again after its answer.
    fn step(&mut self, layout: &Layout<'_>) -> Option<Signals>;
}

struct AtOnce<'d, D: ?Sized>(&'d D);

impl<D: Detector + ?Sized> Detection for AtOnce<'_, D> {
    fn step(&mut self, layout: &Layout<'_>) -> Option<Signals> {
        Some(self.0.detect(layout))
    }
}
