//! An analysis as wire messages. The [`Renderer`] gives every span its text and the offsets that were asked for.

use crate::domain::annotation::{
    AbstainReason, Alternative, Analysis, AnalyzerStamp, Coverage, CoverageMethod, Entity, EntityType,
    EvidenceStep, Mention, MentionForm, Quote, QuoteKind, QuoteType, Speaker, SpeakerKind,
};
use crate::domain::document::StoredDocument;
use crate::domain::excerpt::Excerpts;
use crate::domain::ids::DocumentName;
use crate::domain::span::{ByteSpan, OffsetMap, Position};
use crate::engine::PageFacts;
use crate::transport::to_proto::time::timestamp;
use crate::transport::wire;
use std::collections::HashMap;

/// What goes into the answer beside the minimum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rendering {
    /// UTF-16 offsets for every span.
    pub utf16: bool,
    /// Code point offsets for every span.
    pub code_points: bool,
    /// Evidence and alternatives for every speaker.
    pub evidence: bool,
}

impl Rendering {
    /// Whether any offsets are wanted beside those in UTF-8.
    fn encodes(self) -> bool {
        self.utf16 || self.code_points
    }
}

/// Renders what refers to one text, the whole of which or some stretches of which are at hand.
pub struct Renderer<'t> {
    source: Source<'t>,
    rendering: Rendering,
}

enum Source<'t> {
    /// The map is absent where UTF-8 is enough: making it walks the whole text.
    Text {
        text: &'t str,
        map: Option<OffsetMap<'t>>,
    },
    Excerpts(&'t Excerpts),
}

impl<'t> Source<'t> {
    fn slice(&self, span: ByteSpan) -> &'t str {
        match self {
            Self::Text { text, .. } => span.slice(text),
            Self::Excerpts(excerpts) => excerpts.slice(span),
        }
    }

    fn position(&self, byte: u32) -> Option<Position> {
        match self {
            Self::Text { map, .. } => map.as_ref().map(|map| map.position(byte)),
            Self::Excerpts(excerpts) => excerpts.position(byte),
        }
    }
}

impl<'t> Renderer<'t> {
    /// A renderer for spans of `text`.
    pub fn new(text: &'t str, rendering: Rendering) -> Self {
        let map = rendering.encodes().then(|| OffsetMap::new(text));
        Self { source: Source::Text { text, map }, rendering }
    }

    /// A renderer for spans that lie in `excerpts`.
    pub fn of_excerpts(excerpts: &'t Excerpts, rendering: Rendering) -> Self {
        Self { source: Source::Excerpts(excerpts), rendering }
    }

    /// A whole analysis.
    pub fn analysis(&self, analysis: &Analysis) -> wire::Analysis {
        wire::Analysis {
            language: analysis.language.clone(),
            entities: analysis.entities.iter().map(|entity| self.entity(entity)).collect(),
            quotes: analysis.quotes.iter().map(|quote| self.quote(quote)).collect(),
            coverage: Some(coverage(&analysis.coverage)),
            analyzer: Some(analyzer_stamp(&analysis.analyzer)),
            article: None,
        }
    }

    /// A span with its text and the offsets that were asked for.
    pub fn span(&self, span: ByteSpan) -> wire::Span {
        let mut out = wire::Span {
            begin: span.begin,
            end: span.end,
            text: self.source.slice(span).to_owned(),
            utf16: None,
            code_points: None,
        };
        if !self.rendering.encodes() {
            return out;
        }
        if let (Some(begin), Some(end)) = (self.source.position(span.begin), self.source.position(span.end)) {
            let range = |unit: fn(Position) -> u32| wire::Range { begin: unit(begin), end: unit(end) };
            out.utf16 = self.rendering.utf16.then(|| range(|position| position.utf16));
            out.code_points = self.rendering.code_points.then(|| range(|position| position.code_points));
        }
        out
    }

    /// Several spans.
    pub fn spans(&self, spans: &[ByteSpan]) -> Vec<wire::Span> {
        spans.iter().map(|&span| self.span(span)).collect()
    }

    /// A mention.
    pub fn mention(&self, mention: &Mention) -> wire::Mention {
        wire::Mention {
            span: Some(self.span(mention.span)),
            form: mention_form(mention.form).into(),
            confidence: mention.confidence,
        }
    }

    /// A quote with its speaker.
    pub fn quote(&self, quote: &Quote) -> wire::Quote {
        wire::Quote {
            id: quote.id.clone(),
            r#type: quote_type(quote.quote_type).into(),
            kind: quote_kind(quote.kind).into(),
            contents: self.spans(&quote.contents),
            cue: quote.cue.map(|cue| self.span(cue)),
            speaker: Some(self.speaker(&quote.speaker)),
            confidence: quote.confidence,
            about: quote.about.clone(),
        }
    }

    fn entity(&self, entity: &Entity) -> wire::Entity {
        wire::Entity {
            id: entity.id.clone(),
            r#type: entity_type(entity.entity_type).into(),
            name: entity.name.clone(),
            mentions: entity.mentions.iter().map(|mention| self.mention(mention)).collect(),
            normalized: entity.normalized.clone().unwrap_or_default(),
            roles: entity.roles.clone(),
        }
    }

    fn speaker(&self, speaker: &Speaker) -> wire::Speaker {
        let (evidence, alternatives) = match self.rendering.evidence {
            true => (
                speaker.evidence.iter().map(|step| self.evidence_step(step)).collect(),
                speaker.alternatives.iter().map(alternative).collect(),
            ),
            false => Default::default(),
        };
        wire::Speaker {
            mention: speaker.mention.map(|mention| self.span(mention)),
            kind: speaker_kind(speaker.kind).into(),
            entity: speaker.entity.clone().unwrap_or_default(),
            name: speaker.name.clone().unwrap_or_default(),
            description: speaker.description.clone().unwrap_or_default(),
            evidence,
            alternatives,
            abstain_reason: speaker.abstained.map(abstain_reason).unwrap_or_default().into(),
            confidence: speaker.confidence,
        }
    }

    fn evidence_step(&self, step: &EvidenceStep) -> wire::EvidenceStep {
        wire::EvidenceStep { rule: step.rule.clone(), score: step.score, spans: self.spans(&step.spans) }
    }
}

/// A renderer for each of several documents, made when it is first needed.
pub struct Renderers<'t> {
    rendering: Rendering,
    by_document: HashMap<&'t DocumentName, Renderer<'t>>,
}

impl<'t> Renderers<'t> {
    /// None yet.
    pub fn new(rendering: Rendering) -> Self {
        Self { rendering, by_document: HashMap::new() }
    }

    /// The renderer of the document's text.
    pub fn of(&mut self, stored: &'t StoredDocument) -> &Renderer<'t> {
        let make = || Renderer::new(&stored.text, self.rendering);
        self.by_document.entry(&stored.info.name).or_insert_with(make)
    }
}

/// Who made an analysis.
pub fn analyzer_stamp(stamp: &AnalyzerStamp) -> wire::AnalyzerStamp {
    wire::AnalyzerStamp { name: stamp.name.clone(), version: stamp.version.clone(), hash: stamp.hash.clone() }
}

fn alternative(alternative: &Alternative) -> wire::SpeakerAlternative {
    wire::SpeakerAlternative {
        entity: alternative.entity.clone(),
        name: alternative.name.clone(),
        probability: alternative.probability,
    }
}

fn coverage(coverage: &Coverage) -> wire::Coverage {
    let method = match coverage.method {
        CoverageMethod::Full => wire::CoverageMethod::Full,
        CoverageMethod::QuotationMarks => wire::CoverageMethod::QuotationMarks,
    };
    let range = |span: &ByteSpan| wire::Range { begin: span.begin, end: span.end };
    wire::Coverage { analyzed: coverage.analyzed.iter().map(range).collect(), method: method.into() }
}

/// The type of an entity.
pub fn entity_type(entity_type: EntityType) -> wire::EntityType {
    match entity_type {
        EntityType::Person => wire::EntityType::Person,
        EntityType::Organization => wire::EntityType::Organization,
        EntityType::Gpe => wire::EntityType::Gpe,
        EntityType::Location => wire::EntityType::Location,
        EntityType::Facility => wire::EntityType::Facility,
        EntityType::Norp => wire::EntityType::Norp,
        EntityType::Event => wire::EntityType::Event,
        EntityType::Product => wire::EntityType::Product,
        EntityType::Work => wire::EntityType::Work,
        EntityType::Date => wire::EntityType::Date,
        EntityType::Money => wire::EntityType::Money,
        EntityType::Percent => wire::EntityType::Percent,
    }
}

fn mention_form(form: MentionForm) -> wire::MentionForm {
    match form {
        MentionForm::Name => wire::MentionForm::Name,
        MentionForm::Nominal => wire::MentionForm::Nominal,
        MentionForm::Pronoun => wire::MentionForm::Pronoun,
    }
}

pub(super) fn quote_type(quote_type: QuoteType) -> wire::QuoteType {
    match quote_type {
        QuoteType::Direct => wire::QuoteType::Direct,
        QuoteType::Indirect => wire::QuoteType::Indirect,
        QuoteType::Mixed => wire::QuoteType::Mixed,
    }
}

pub(super) fn quote_kind(kind: QuoteKind) -> wire::QuoteKind {
    match kind {
        QuoteKind::Statement => wire::QuoteKind::Statement,
        QuoteKind::Thought => wire::QuoteKind::Thought,
    }
}

pub(super) fn speaker_kind(kind: SpeakerKind) -> wire::SpeakerKind {
    match kind {
        SpeakerKind::Person => wire::SpeakerKind::Person,
        SpeakerKind::Organization => wire::SpeakerKind::Organization,
        SpeakerKind::Place => wire::SpeakerKind::Place,
        SpeakerKind::Group => wire::SpeakerKind::Group,
        SpeakerKind::Document => wire::SpeakerKind::Document,
        SpeakerKind::Unknown => wire::SpeakerKind::Unknown,
    }
}

fn abstain_reason(reason: AbstainReason) -> wire::AbstainReason {
    match reason {
        AbstainReason::Ambiguous => wire::AbstainReason::Ambiguous,
        AbstainReason::NoCandidate => wire::AbstainReason::NoCandidate,
        AbstainReason::BelowThreshold => wire::AbstainReason::BelowThreshold,
        AbstainReason::NoSource => wire::AbstainReason::NoSource,
    }
}

/// The article that was taken out of a page.
pub fn article(text: String, facts: PageFacts) -> wire::ExtractedArticle {
    wire::ExtractedArticle {
        text,
        title: facts.title.unwrap_or_default(),
        publish_time: facts.published_at.map(timestamp),
        source: facts.source.unwrap_or_default(),
        url: facts.url.unwrap_or_default(),
        language: facts.language.unwrap_or_default(),
        authors: facts.authors,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_slices_to_its_text_in_every_encoding_that_was_asked_for() {
        let text = "👩‍🚀 said: “Ça va.”\r\n";
        let rendering = Rendering { utf16: true, code_points: true, evidence: false };
        let begin = text.find('“').unwrap();
        let end = text.find('.').unwrap();
        let span = Renderer::new(text, rendering).span(ByteSpan::at(begin, end));
        assert_eq!(span.text, "“Ça va");
        let utf16: Vec<u16> = text.encode_utf16().collect();
        let range = span.utf16.unwrap();
        assert_eq!(String::from_utf16_lossy(&utf16[range.begin as usize..range.end as usize]), span.text);
        let range = span.code_points.unwrap();
        let by_chars = text.chars().skip(range.begin as usize).take((range.end - range.begin) as usize);
        assert_eq!(by_chars.collect::<String>(), span.text);
        let plain = Renderer::new(text, Rendering::default()).span(ByteSpan::at(begin, end));
        assert_eq!((plain.utf16, plain.code_points), (None, None));
    }
}
