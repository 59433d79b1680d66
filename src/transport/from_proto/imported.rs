//! Analyses that come with their documents. Everything that a single field can get wrong is found here: a span that is none of the text,
//! or whose words are others, an enum value that is none, a confidence that is no probability, a string that is too long. How the parts
//! must fit together is the engine's to say.

use super::Violations;
use super::query::entity_type;
use crate::domain::annotation::{
    AbstainReason, Alternative, Analysis, AnalyzerStamp, Coverage, CoverageMethod, Entity, EntityType,
    EvidenceStep, Mention, MentionForm, Quote, QuoteKind, QuoteType, Speaker, SpeakerKind,
};
use crate::domain::span::ByteSpan;
use crate::transport::status::Failure;
use crate::transport::wire;

/// Most bytes of a name, a role, a description.
const MAX_STRING_BYTES: usize = 16 << 10;
/// Violations that are told of one analysis.
const MOST_VIOLATIONS: usize = 20;

/// The analysis that came with a document of this text.
pub fn analysis(text: &str, analysis: wire::Analysis) -> Result<Analysis, Failure> {
    let mut reader = Reader { text, violations: Violations::default(), told: 0 };
    let read = Analysis {
        language: reader.language(analysis.language),
        entities: each(analysis.entities, |at, entity| {
            reader.entity(&format!("analysis.entities[{at}]"), entity)
        }),
        quotes: each(analysis.quotes, |at, quote| reader.quote(&format!("analysis.quotes[{at}]"), quote)),
        coverage: reader.coverage(analysis.coverage),
        analyzer: reader.stamp(analysis.analyzer),
    };
    reader.violations.finish(Some(read))
}

struct Reader<'t> {
    text: &'t str,
    violations: Violations,
    told: usize,
}

/// Stands for what could not be read; an analysis with a violation is never stored.
const NOWHERE: ByteSpan = ByteSpan { begin: 0, end: 0 };

impl Reader<'_> {
    fn add(&mut self, field: &str, description: impl Into<String>) {
        if self.told < MOST_VIOLATIONS {
            self.told += 1;
            self.violations.add(field, description);
        }
    }

    fn language(&mut self, language: String) -> String {
        let holds = (1..=64).contains(&language.len())
            && language.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !holds {
            self.add("analysis.language", "must be a language code such as \"en\", or \"und\"");
        }
        language
    }

    fn entity(&mut self, field: &str, entity: wire::Entity) -> Entity {
        let mentions =
            each(entity.mentions, |at, mention| self.mention(&format!("{field}.mentions[{at}]"), mention));
        let roles = each(entity.roles, |at, role| self.string(&format!("{field}.roles[{at}]"), role));
        Entity {
            id: self.string(&format!("{field}.id"), entity.id),
            entity_type: self.kind(&format!("{field}.type"), entity_type(entity.r#type), EntityType::Work),
            name: self.string(&format!("{field}.name"), entity.name),
            mentions,
            normalized: self.optional(&format!("{field}.normalized"), entity.normalized),
            roles,
        }
    }

    fn mention(&mut self, field: &str, mention: wire::Mention) -> Mention {
        let form = match wire::MentionForm::try_from(mention.form) {
            Ok(wire::MentionForm::Name) => Some(MentionForm::Name),
            Ok(wire::MentionForm::Nominal) => Some(MentionForm::Nominal),
            Ok(wire::MentionForm::Pronoun) => Some(MentionForm::Pronoun),
            Ok(wire::MentionForm::Unspecified) | Err(_) => None,
        };
        Mention {
            span: self.required(&format!("{field}.span"), mention.span),
            form: self.kind(&format!("{field}.form"), form, MentionForm::Name),
            confidence: self.probability(&format!("{field}.confidence"), mention.confidence),
        }
    }

    fn quote(&mut self, field: &str, quote: wire::Quote) -> Quote {
        let quote_type = super::query::quote_type(quote.r#type);
        let kind = super::query::quote_kind(quote.kind);
        let contents = each(quote.contents, |at, span| self.span(&format!("{field}.contents[{at}]"), &span));
        let about = each(quote.about, |at, id| self.string(&format!("{field}.about[{at}]"), id));
        if quote.speaker.is_none() {
            self.add(&format!("{field}.speaker"), "must be set; its kind may be UNKNOWN");
        }
        Quote {
            id: self.string(&format!("{field}.id"), quote.id),
            quote_type: self.kind(&format!("{field}.type"), quote_type, QuoteType::Mixed),
            kind: self.kind(&format!("{field}.kind"), kind, QuoteKind::Thought),
            contents,
            cue: quote.cue.map(|span| self.span(&format!("{field}.cue"), &span)),
            speaker: self.speaker(&format!("{field}.speaker"), quote.speaker.unwrap_or_default()),
            confidence: self.probability(&format!("{field}.confidence"), quote.confidence),
            about,
        }
    }

    fn speaker(&mut self, field: &str, speaker: wire::Speaker) -> Speaker {
        let kind = super::query::speaker_kind(speaker.kind);
        let evidence =
            each(speaker.evidence, |at, step| self.evidence(&format!("{field}.evidence[{at}]"), step));
        let alternatives = each(speaker.alternatives, |at, other| {
            self.alternative(&format!("{field}.alternatives[{at}]"), other)
        });
        Speaker {
            mention: speaker.mention.map(|span| self.span(&format!("{field}.mention"), &span)),
            kind: self.kind(&format!("{field}.kind"), kind, SpeakerKind::Unknown),
            entity: self.optional(&format!("{field}.entity"), speaker.entity),
            name: self.optional(&format!("{field}.name"), speaker.name),
            description: self.optional(&format!("{field}.description"), speaker.description),
            evidence,
            alternatives,
            abstained: self.abstained(&format!("{field}.abstain_reason"), speaker.abstain_reason),
            confidence: self.probability(&format!("{field}.confidence"), speaker.confidence),
        }
    }

    fn abstained(&mut self, field: &str, reason: i32) -> Option<AbstainReason> {
        match wire::AbstainReason::try_from(reason) {
            Ok(wire::AbstainReason::Unspecified) => None,
            Ok(wire::AbstainReason::Ambiguous) => Some(AbstainReason::Ambiguous),
            Ok(wire::AbstainReason::NoCandidate) => Some(AbstainReason::NoCandidate),
            Ok(wire::AbstainReason::BelowThreshold) => Some(AbstainReason::BelowThreshold),
            Ok(wire::AbstainReason::NoSource) => Some(AbstainReason::NoSource),
            Err(_) => {
                self.add(field, format!("{reason} is not an allowed value"));
                None
            }
        }
    }

    fn evidence(&mut self, field: &str, step: wire::EvidenceStep) -> EvidenceStep {
        let spans = each(step.spans, |at, span| self.span(&format!("{field}.spans[{at}]"), &span));
        EvidenceStep {
            rule: self.string(&format!("{field}.rule"), step.rule),
            score: self.probability(&format!("{field}.score"), step.score),
            spans,
        }
    }

    fn alternative(&mut self, field: &str, other: wire::SpeakerAlternative) -> Alternative {
        Alternative {
            entity: self.string(&format!("{field}.entity"), other.entity),
            name: self.string(&format!("{field}.name"), other.name),
            probability: self.probability(&format!("{field}.probability"), other.probability),
        }
    }

    fn coverage(&mut self, coverage: Option<wire::Coverage>) -> Coverage {
        let field = "analysis.coverage";
        let coverage = coverage.unwrap_or_default();
        let method = match wire::CoverageMethod::try_from(coverage.method) {
            Ok(wire::CoverageMethod::Full) => Some(CoverageMethod::Full),
            Ok(wire::CoverageMethod::QuotationMarks) => Some(CoverageMethod::QuotationMarks),
            Ok(wire::CoverageMethod::Unspecified) | Err(_) => None,
        };
        let analyzed = each(coverage.analyzed, |at, range| {
            let span = wire::Span { begin: range.begin, end: range.end, ..Default::default() };
            self.span(&format!("{field}.analyzed[{at}]"), &span)
        });
        let method = self.kind(&format!("{field}.method"), method, CoverageMethod::Full);
        Coverage { analyzed, method }
    }

    fn stamp(&mut self, stamp: Option<wire::AnalyzerStamp>) -> AnalyzerStamp {
        let wire::AnalyzerStamp { name, version, hash } = stamp.unwrap_or_default();
        AnalyzerStamp { name, version, hash }
    }

    /// A span of the text that covers something, with the words that it says it has.
    fn span(&mut self, field: &str, span: &wire::Span) -> ByteSpan {
        let found = ByteSpan::new(self.text, span.begin as usize, span.end as usize);
        let Some(found) = found.filter(|found| !found.is_empty()) else {
            let (begin, end, bytes) = (span.begin, span.end, self.text.len());
            let rule = "must cover whole characters of the text";
            self.add(field, format!("{rule}, which has {bytes} bytes; {begin} to {end} does not"));
            return NOWHERE;
        };
        if !span.text.is_empty() && found.slice(self.text) != span.text {
            self.add(&format!("{field}.text"), "must be what the document's text has there, or empty");
        }
        found
    }

    fn required(&mut self, field: &str, span: Option<wire::Span>) -> ByteSpan {
        match span {
            Some(span) => self.span(field, &span),
            None => {
                self.add(field, "must be set");
                NOWHERE
            }
        }
    }

    fn kind<T>(&mut self, field: &str, value: Option<T>, instead: T) -> T {
        if value.is_none() {
            self.add(field, "is not set, or not an allowed value");
        }
        value.unwrap_or(instead)
    }

    fn probability(&mut self, field: &str, value: f32) -> f32 {
        if !(0.0..=1.0).contains(&value) {
            self.add(field, "must lie between 0 and 1");
        }
        value
    }

    fn string(&mut self, field: &str, value: String) -> String {
        if value.len() > MAX_STRING_BYTES {
            self.add(field, format!("must have at most {MAX_STRING_BYTES} bytes"));
        }
        value
    }

    fn optional(&mut self, field: &str, value: String) -> Option<String> {
        Some(self.string(field, value)).filter(|value| !value.is_empty())
    }
}

fn each<W, D>(values: Vec<W>, mut read: impl FnMut(usize, W) -> D) -> Vec<D> {
    values.into_iter().enumerate().map(|(at, value)| read(at, value)).collect()
}
