//! From the source of a quote to the entity that speaks.

use super::Options;
use super::quotes::DraftQuote;
use super::signals::Layout;
use crate::domain::annotation::{AbstainReason, Entity, Speaker, SpeakerKind};

/// One speaker for each draft, in the same order.
pub fn resolve(
    layout: &Layout<'_>,
    entities: &mut [Entity],
    drafts: &[DraftQuote],
    _options: &Options,
) -> Vec<Speaker> {
    let speaker = |draft: &DraftQuote| {
        let named = draft.source.and_then(|source| {
            entities.iter().find(|entity| entity.mentions.iter().any(|mention| source.contains(mention.span)))
        });
        Speaker {
            mention: draft.source,
            kind: SpeakerKind::Unknown,
            entity: named.map(|entity| entity.id.clone()),
            name: named.map(|entity| entity.name.clone()),
            description: draft
                .source
                .filter(|_| named.is_none())
                .map(|source| source.slice(layout.text).into()),
            evidence: Vec::new(),
            alternatives: Vec::new(),
            abstained: (named.is_none() && draft.source.is_none()).then_some(AbstainReason::NoSource),
            confidence: 0.0,
        }
    };
    drafts.iter().map(speaker).collect()
}
