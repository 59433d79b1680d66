//! What an analysis says about one document: entities with their mentions, quotes with their speakers. Spans are
//! byte ranges of the document's text; the text of a span is added when it leaves the service. Everything here is
//! a pure function of (text, publication time, analyzer).

use super::span::ByteSpan;
use serde::{Deserialize, Serialize};

/// Everything found in one document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// Detected ISO 639-1 code ("en"); "und" where nothing can be said.
    pub language: String,
    /// In order of first mention.
    pub entities: Vec<Entity>,
    /// In order of first content byte.
    pub quotes: Vec<Quote>,
    /// What was looked at, and how.
    pub coverage: Coverage,
    /// Who made this.
    pub analyzer: AnalyzerStamp,
}

impl Analysis {
    /// Every span of entities, quotes and evidence, in no promised order.
    pub fn spans_mut(&mut self) -> impl Iterator<Item = &mut ByteSpan> {
        let mentions = self.entities.iter_mut().flat_map(|entity| &mut entity.mentions);
        let quotes = self.quotes.iter_mut().flat_map(|quote| {
            let speaker = &mut quote.speaker;
            let evidence = speaker.evidence.iter_mut().flat_map(|step| &mut step.spans);
            quote.contents.iter_mut().chain(&mut quote.cue).chain(&mut speaker.mention).chain(evidence)
        });
        mentions.map(|mention| &mut mention.span).chain(quotes)
    }
}

/// Which bytes were analysed, and by which means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Disjoint, ascending.
    pub analyzed: Vec<ByteSpan>,
    /// What the analysis could use.
    pub method: CoverageMethod,
}

/// How much of the analyzer applied to the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CoverageMethod {
    /// Everything: names, quotes of every type, speakers.
    Full,
    /// Quotation marks alone, since the language is not one that the analyzer knows.
    QuotationMarks,
}

/// An analyzer that a request or a configuration may ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AnalyzerName {
    /// The more accurate one.
    #[default]
    #[serde(rename = "dictum-en")]
    Accurate,
    /// The faster one.
    #[serde(rename = "dictum-en-fast")]
    Fast,
}

/// There is no analyzer of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownAnalyzer;

impl std::fmt::Display for UnknownAnalyzer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [accurate, fast] = AnalyzerName::ALL.map(AnalyzerName::as_str);
        write!(f, "must be {accurate} or {fast}")
    }
}

impl std::error::Error for UnknownAnalyzer {}

impl AnalyzerName {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Accurate, Self::Fast];

    /// As it is written: the name in the stamp of its analyses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accurate => "dictum-en",
            Self::Fast => "dictum-en-fast",
        }
    }
}

impl std::str::FromStr for AnalyzerName {
    type Err = UnknownAnalyzer;

    fn from_str(name: &str) -> Result<Self, UnknownAnalyzer> {
        Self::ALL.into_iter().find(|known| known.as_str() == name).ok_or(UnknownAnalyzer)
    }
}

/// Which analyzer made an analysis. Equal stamps and equal texts give byte-equal analyses.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AnalyzerStamp {
    /// "dictum-en", say.
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// Hex digest over model weights and rules.
    pub hash: String,
}

/// The types of entity that the service tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EntityType {
    /// A human being, real or not.
    Person,
    /// Company, party, ministry, team, agency.
    Organization,
    /// Country, state, city: a place that can act.
    Gpe,
    /// Any other place: mountains, seas, regions.
    Location,
    /// Building, airport, road, bridge.
    Facility,
    /// Nationality, religious or political group.
    Norp,
    /// Named event: war, summit, storm, tournament.
    Event,
    /// Named thing that is made or sold.
    Product,
    /// Title of a work, name of a law.
    Work,
    /// Calendar date, absolute or relative.
    Date,
    /// Amount of money.
    Money,
    /// Percentage.
    Percent,
}

impl EntityType {
    /// Every type, in declaration order.
    pub const ALL: [Self; 12] = [
        Self::Person,
        Self::Organization,
        Self::Gpe,
        Self::Location,
        Self::Facility,
        Self::Norp,
        Self::Event,
        Self::Product,
        Self::Work,
        Self::Date,
        Self::Money,
        Self::Percent,
    ];

    /// The name in proto and on the command line, without prefix: `PERSON`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "PERSON",
            Self::Organization => "ORGANIZATION",
            Self::Gpe => "GPE",
            Self::Location => "LOCATION",
            Self::Facility => "FACILITY",
            Self::Norp => "NORP",
            Self::Event => "EVENT",
            Self::Product => "PRODUCT",
            Self::Work => "WORK",
            Self::Date => "DATE",
            Self::Money => "MONEY",
            Self::Percent => "PERCENT",
        }
    }

    /// Whether entities of the type have an identity across documents (dates and amounts have none).
    pub fn is_nameable(self) -> bool {
        !matches!(self, Self::Date | Self::Money | Self::Percent)
    }
}

/// All mentions of one thing in the document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// `e1`, `e2`, … in order of first mention; unique in the analysis.
    pub id: String,
    /// What it is.
    pub entity_type: EntityType,
    /// Canonical name: the longest proper form in the document, without titles. For a DATE the text.
    pub name: String,
    /// In text order; never empty.
    pub mentions: Vec<Mention>,
    /// For DATE the ISO 8601 date (`2025-09-05`, `2025-W36`, `2025-09`, `2025`); for MONEY and PERCENT absent.
    pub normalized: Option<String>,
    /// Roles and descriptions that the document itself gives ("Kremlin spokesperson"), in text order, distinct.
    pub roles: Vec<String>,
}

/// One span that refers to an entity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    /// Without title and without possessive 's.
    pub span: ByteSpan,
    /// Name, nominal or pronoun.
    pub form: MentionForm,
    /// 0 to 1, rounded to two decimals.
    pub confidence: f32,
}

/// How a mention refers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MentionForm {
    /// "Vladimir Putin", "Putin".
    Name,
    /// "the Russian leader".
    Nominal,
    /// "he".
    Pronoun,
}

/// One attribution: what was said, by whom, signalled by what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quote {
    /// Made of the content's words and their occurrence (see `folding::quote_id`), so that the same quotation keeps it over
    /// revisions and analyzers; unique in the analysis.
    pub id: String,
    /// How much of the content stands inside quotation marks.
    pub quote_type: QuoteType,
    /// Speech or thought.
    pub kind: QuoteKind,
    /// Ascending, disjoint, never empty. Quotation marks and an introducing "that" are inside, a final full stop
    /// outside.
    pub contents: Vec<ByteSpan>,
    /// The words that signal the attribution.
    pub cue: Option<ByteSpan>,
    /// Who.
    pub speaker: Speaker,
    /// 0 to 1, rounded to two decimals.
    pub confidence: f32,
    /// Ids of the analysis' entities (in order of first mention) that the content mentions: about whom.
    pub about: Vec<String>,
}

/// How much of a quote's content stands inside quotation marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum QuoteType {
    /// All of it.
    Direct,
    /// None of it.
    Indirect,
    /// Some of it.
    Mixed,
}

/// Speech against thought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum QuoteKind {
    /// Speech or writing.
    Statement,
    /// Belief, wish or feeling attributed to a source.
    Thought,
}

/// The source of a quote: the mention beside the cue, and whom it resolves to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Speaker {
    /// The words that name the source; absent for an unattributed continuation.
    pub mention: Option<ByteSpan>,
    /// What kind of thing speaks.
    pub kind: SpeakerKind,
    /// Id of the analysis' entity, where the source resolves to one.
    pub entity: Option<String>,
    /// Canonical name of that entity. Never invented: absent for an unnamed source.
    pub name: Option<String>,
    /// The words of the text that describe an unnamed source.
    pub description: Option<String>,
    /// Why: in the order in which the steps were taken.
    pub evidence: Vec<EvidenceStep>,
    /// Other candidates, most probable first; their probabilities and the chosen one's sum to at most 1.
    pub alternatives: Vec<Alternative>,
    /// Why no entity was chosen, where none was though the source has one to be found.
    pub abstained: Option<AbstainReason>,
    /// Calibrated probability that `entity` (or the absence of one) is right; 0 to 1, two decimals.
    pub confidence: f32,
}

/// What kind of thing speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SpeakerKind {
    /// One human being.
    Person,
    /// Company, party, government body.
    Organization,
    /// A place that stands for who governs it ("Moscow").
    Place,
    /// Several people ("officials", "residents").
    Group,
    /// Report, statement, letter, law.
    Document,
    /// Cannot be told.
    Unknown,
}

impl SpeakerKind {
    /// Every kind, in declaration order.
    pub const ALL: [Self; 6] =
        [Self::Person, Self::Organization, Self::Place, Self::Group, Self::Document, Self::Unknown];
}

/// One step on the way from the source's words to an entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvidenceStep {
    /// Name of the rule or model, in kebab case ("surname", "role-apposition", "subject-pronoun").
    pub rule: String,
    /// The rule's own score, 0 to 1, two decimals.
    pub score: f32,
    /// What the step looked at, in text order.
    pub spans: Vec<ByteSpan>,
}

/// Another candidate for a speaker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// Id of the analysis' entity.
    pub entity: String,
    /// Its canonical name.
    pub name: String,
    /// 0 to 1, two decimals.
    pub probability: f32,
}

/// Why a speaker was left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AbstainReason {
    /// Two or more candidates are too close to each other.
    Ambiguous,
    /// Nothing in the document fits.
    NoCandidate,
    /// The best candidate's probability is below the threshold in force.
    BelowThreshold,
    /// The quote has no source in the text.
    NoSource,
}
