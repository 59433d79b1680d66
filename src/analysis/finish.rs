//! The last stage: drafts and their speakers become quotes, with the entities that they are about. It decides nothing.

use super::quotes::DraftQuote;
use crate::domain::annotation::{Coverage, CoverageMethod, Entity, Quote, Speaker};
use crate::domain::ids::QuoteId;
use crate::domain::span::ByteSpan;
use crate::folding::quote_id::quote_ids;

/// Drafts and their speakers, one for each, become quotes with ids that last.
pub(super) fn quotes(
    text: &str,
    drafts: &[DraftQuote],
    speakers: Vec<Speaker>,
    entities: &[Entity],
) -> Vec<Quote> {
    debug_assert_eq!(drafts.len(), speakers.len());
    let ids = quote_ids(drafts.iter().map(|draft| draft.contents.iter().map(|content| content.slice(text))));
    let finish = |(id, (draft, speaker)): (QuoteId, (&DraftQuote, Speaker))| Quote {
        id: id.as_str().to_owned(),
        quote_type: draft.quote_type,
        kind: draft.kind,
        about: about(&draft.contents, entities),
        contents: draft.contents.clone(),
        cue: draft.cue,
        speaker,
        confidence: rounded(draft.confidence),
    };
    ids.into_iter().zip(drafts.iter().zip(speakers)).map(finish).collect()
}

/// Ids of the entities that a content mentions, in their own order.
fn about(contents: &[ByteSpan], entities: &[Entity]) -> Vec<String> {
    let mentioned = |entity: &&Entity| {
        contents.iter().any(|content| {
            let from = entity.mentions.partition_point(|mention| mention.span.begin < content.begin);
            entity.mentions.get(from).is_some_and(|mention| content.contains(mention.span))
        })
    };
    entities.iter().filter(mentioned).map(|entity| entity.id.clone()).collect()
}

/// All of the text, whatever it holds.
pub(super) fn coverage(text: &str, method: CoverageMethod) -> Coverage {
    let analyzed = if text.is_empty() { Vec::new() } else { vec![ByteSpan::at(0, text.len())] };
    Coverage { analyzed, method }
}

/// Two decimals: what leaves the analyzer must not depend on the last bits of a sum.
pub(super) fn rounded(confidence: f32) -> f32 {
    (confidence.clamp(0.0, 1.0) * 100.0).round() / 100.0
}
