//! What becomes of a claim that somebody said certain words: the verdict, the quotes that it rests on, and how each of them
//! compares with the claim, word by word. Where one verdict ends and the next begins is decided in `wording::rules`.

use super::hit::QuoteHit;
use super::ids::{EntityId, QuoteName};
use super::query::EntityRef;
use super::span::ByteSpan;
use super::time::{TimeRange, Timestamp};

/// What somebody is said to have said.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The words, as they were handed in; not empty.
    pub text: String,
    /// Who is said to have said them.
    pub speaker: Option<EntityRef>,
    /// When: what was published outside of it supports nothing.
    pub published: TimeRange,
}

/// What becomes of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// These words, all of them and no more.
    Exact,
    /// These words but for small differences.
    Near,
    /// These words, and more that the claim leaves out.
    Partial,
    /// Parts that do not stand together in any quote.
    Stitched,
    /// These words, by somebody else.
    Misattributed,
    /// No quote has these words.
    NotFound,
}

/// How the words of one quote and those of the claim compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fit {
    /// Word for word.
    Exact,
    /// Word for word, but the quote has more.
    Partial,
    /// With small differences.
    Near,
    /// A part of the claim is word for word in the quote.
    Part,
    /// Too little of the claim is in it.
    Far,
}

impl Fit {
    /// Whether the quote has the words of the claim.
    pub fn holds(self) -> bool {
        matches!(self, Self::Exact | Self::Partial | Self::Near)
    }
}

/// Whether the speaker of a quote is the one that the claim names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// The claim names nobody.
    NotAsked,
    /// The same.
    Same,
    /// Somebody else.
    Other,
    /// The document does not tell, or the analysis leaves it open.
    Unknown,
}

/// Where the words of a segment stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// In both.
    Both,
    /// In the claim alone.
    Claim,
    /// In the quote alone.
    Quote,
}

/// A stretch of words of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Where they stand.
    pub side: Side,
    /// The words; where they stand in both, as the quote has them.
    pub text: String,
}

/// Where the claim leaves something out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CutPlace {
    /// In front of what it has.
    Before,
    /// Between two parts, at an ellipsis.
    Inside,
    /// Behind what it has.
    After,
}

/// Words of the quote that the claim leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Where.
    pub place: CutPlace,
    /// The words.
    pub text: String,
}

/// A quote beside the claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// The quote with its document.
    pub hit: QuoteHit,
    /// How the words compare.
    pub fit: Fit,
    /// How the speakers compare.
    pub standing: Standing,
    /// Whether it was published in the claim's range of time.
    pub in_range: bool,
    /// The share of the claim's words that stand in the quote, 0 to 1.
    pub coverage: f32,
    /// Claim and quote, word by word.
    pub diff: Vec<Segment>,
    /// What of the quote the claim leaves out; none unless the words are in it.
    pub cuts: Vec<Cut>,
    /// Of a part of a stitched claim: which words of it, in bytes of its text.
    pub part: Option<ByteSpan>,
}

/// Who said the words, and in how many of the quotes that were compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidBy {
    /// Name or description; empty where nobody is known.
    pub speaker: String,
    /// The collection's entity.
    pub entity: Option<EntityId>,
    /// Quotes.
    pub quotes: u32,
}

/// An outlet that has the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlet {
    /// The outlet; empty where a document names none.
    pub source: String,
    /// Quotes.
    pub quotes: u32,
    /// When it first had them.
    pub first: Option<Timestamp>,
}

/// Where and when the words were found, over all quotes that have them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spread {
    /// Quotes that have them.
    pub quotes: u32,
    /// By number of quotes, most first.
    pub outlets: Vec<Outlet>,
    /// The eldest quote that has a date.
    pub first: Option<(QuoteName, Timestamp)>,
    /// The date of the latest.
    pub last: Option<Timestamp>,
}

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Verification {
    /// The verdict.
    pub verdict: Verdict,
    /// Whether the verdict's quotes are by the speaker that the claim names.
    pub standing: Standing,
    /// What it rests on first, then all others that were compared and are worth showing.
    pub matches: Vec<Match>,
    /// Who said the words.
    pub said_by: Vec<SaidBy>,
    /// Whether the words were found outside of the claim's range of time.
    pub outside_range: bool,
    /// Where and when.
    pub spread: Spread,
    /// Whether more quotes resemble the claim than were compared with it.
    pub bounded: bool,
}
