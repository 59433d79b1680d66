//! From ranked readings to what the analysis says of a speaker: an entity, or nobody who is named, or an abstention with
//! its reason; the evidence in order; the alternatives. The one place that makes a [`Speaker`], so that mention,
//! resolution and entity cannot disagree.

use super::candidates::Candidate;
use super::scorer::{Kind, Scorer};
use crate::analysis::rounded;
use crate::domain::annotation::{
    AbstainReason, Alternative, Entity, EntityType, EvidenceStep, Speaker, SpeakerKind,
};
use crate::domain::span::ByteSpan;

/// Alternatives told.
const ALTERNATIVES: usize = 4;

/// Rules told of one candidate.
const STEPS: usize = 5;

/// Two readings closer than this are ambiguous.
const CLOSE: f32 = 0.1;

/// Who speaks, before it is put into words.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    /// Index of the entity.
    pub entity: Option<usize>,
    pub confidence: f32,
    pub kind: SpeakerKind,
    pub evidence: Vec<EvidenceStep>,
    /// Other entities with their probabilities, most probable first.
    pub others: Vec<(usize, f32)>,
    pub abstained: Option<AbstainReason>,
    /// Whether the source's words describe someone without a name.
    pub describes: bool,
}

impl Verdict {
    /// An entity that the source names, or that one rule gives.
    pub fn certain(entity: usize, confidence: f32, step: EvidenceStep) -> Self {
        Self {
            entity: Some(entity),
            confidence,
            kind: SpeakerKind::Unknown,
            evidence: vec![step],
            others: Vec::new(),
            abstained: None,
            describes: false,
        }
    }

    /// Nobody with a name.
    pub fn unnamed(kind: SpeakerKind, confidence: f32, step: EvidenceStep) -> Self {
        Self { entity: None, kind, describes: true, ..Self::certain(0, confidence, step) }
    }

    /// Nothing can be said.
    pub fn open(reason: AbstainReason) -> Self {
        Self {
            entity: None,
            confidence: 0.0,
            kind: SpeakerKind::Unknown,
            evidence: Vec::new(),
            others: Vec::new(),
            abstained: Some(reason),
            describes: false,
        }
    }

    /// One of several people, and nothing tells which.
    pub fn ambiguous(people: &[usize]) -> Self {
        let chance = 1.0 / people.len().max(1) as f32;
        let others = people.iter().take(ALTERNATIVES).map(|&entity| (entity, chance)).collect();
        Self { kind: SpeakerKind::Person, others, ..Self::open(AbstainReason::Ambiguous) }
    }

    /// The best of ranked candidates. `kind` is what the source is where nobody fits.
    pub fn ranked(scorer: &Scorer, of: Kind, candidates: &[Candidate], kind: SpeakerKind) -> Self {
        let chances = scorer.probabilities(of, candidates);
        let mut order: Vec<usize> = (0..candidates.len()).collect();
        order.sort_by(|a, b| chances[*b].total_cmp(&chances[*a]).then(a.cmp(b)));
        let Some(&best) = order.first() else { return Self::open(AbstainReason::NoCandidate) };
        let others = order[1..].iter().filter_map(|&at| Some((candidates[at].entity?, chances[at])));
        Self {
            entity: candidates[best].entity,
            confidence: chances[best],
            kind,
            evidence: evidence(scorer, of, &candidates[best], chances[best]),
            others: others.take(ALTERNATIVES).collect(),
            abstained: None,
            describes: candidates[best].entity.is_none(),
        }
    }

    /// Puts the verdict into words. Below the threshold an entity becomes an abstention, with the entity first among
    /// the alternatives.
    pub fn speaker(
        mut self,
        text: &str,
        mention: Option<ByteSpan>,
        entities: &[Entity],
        threshold: f32,
    ) -> Speaker {
        if let Some(entity) = self.entity.filter(|_| self.confidence < threshold) {
            let close = self.others.first().is_some_and(|other| self.confidence - other.1 < CLOSE);
            self.abstained =
                Some(if close { AbstainReason::Ambiguous } else { AbstainReason::BelowThreshold });
            self.others.insert(0, (entity, self.confidence));
            self.others.truncate(ALTERNATIVES);
            self.entity = None;
            self.kind = SpeakerKind::Unknown;
            let left: f32 = self.others.iter().map(|(_, chance)| chance).sum();
            self.confidence = 1.0 - left.min(1.0);
        }
        let chosen = self.entity.map(|entity| &entities[entity]);
        let told = |(entity, chance): &(usize, f32)| Alternative {
            entity: entities[*entity].id.clone(),
            name: entities[*entity].name.clone(),
            // Rounded down, so that the sum stays within 1.
            probability: (chance * 100.0).floor() / 100.0,
        };
        Speaker {
            mention,
            kind: chosen.map_or(self.kind, |entity| kind_of(entity.entity_type)),
            entity: chosen.map(|entity| entity.id.clone()),
            name: chosen.map(|entity| entity.name.clone()),
            description: mention.filter(|_| self.describes).map(|span| one_line(span.slice(text))),
            evidence: self.evidence,
            alternatives: self.others.iter().map(told).filter(|other| other.probability > 0.0).collect(),
            abstained: self.abstained,
            confidence: rounded(self.confidence),
        }
    }
}

/// One step of evidence.
pub(super) fn step(rule: &str, score: f32, mut spans: Vec<ByteSpan>) -> EvidenceStep {
    spans.sort();
    spans.dedup();
    EvidenceStep { rule: rule.to_owned(), score: rounded(score), spans }
}

/// The rules that spoke loudest for the choice, then the scorer's own probability.
fn evidence(scorer: &Scorer, kind: Kind, chosen: &Candidate, chance: f32) -> Vec<EvidenceStep> {
    let mut reasons = scorer.contributions(kind, chosen);
    reasons.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let told = reasons.iter().filter(|(_, weight)| *weight > 0.0).take(STEPS);
    let mut steps: Vec<EvidenceStep> =
        told.map(|(rule, weight)| step(rule, 1.0 / (1.0 + (-weight).exp()), chosen.spans.clone())).collect();
    steps.push(step("scorer", chance, chosen.spans.clone()));
    steps
}

fn kind_of(entity_type: EntityType) -> SpeakerKind {
    match entity_type {
        EntityType::Person => SpeakerKind::Person,
        EntityType::Organization | EntityType::Facility => SpeakerKind::Organization,
        EntityType::Gpe | EntityType::Location => SpeakerKind::Place,
        EntityType::Norp => SpeakerKind::Group,
        EntityType::Work => SpeakerKind::Document,
        EntityType::Event
        | EntityType::Product
        | EntityType::Date
        | EntityType::Money
        | EntityType::Percent => SpeakerKind::Unknown,
    }
}

fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
