//! The last stage: drafts and their speakers become quotes, with the entities that they are about. It decides nothing.

use super::quotes::DraftQuote;
use crate::domain::annotation::{Coverage, CoverageMethod, Entity, Quote, Speaker};
use crate::domain::ids::QuoteId;
use crate::domain::span::ByteSpan;
use crate::folding::quote_id::quote_ids;
use std::collections::BTreeSet;

/// Drafts and their speakers, one for each, become quotes with ids that last.
pub(super) fn quotes(
    text: &str,
    drafts: &[DraftQuote],
    speakers: Vec<Speaker>,
    entities: &[Entity],
) -> Vec<Quote> {
    debug_assert_eq!(drafts.len(), speakers.len());
    let ids = quote_ids(drafts.iter().map(|draft| draft.contents.iter().map(|content| content.slice(text))));
    let mentions = mentions(entities);
    let finish = |(id, (draft, speaker)): (QuoteId, (&DraftQuote, Speaker))| Quote {
        id: id.as_str().to_owned(),
        quote_type: draft.quote_type,
        kind: draft.kind,
        about: about(&draft.contents, &mentions, entities),
        contents: draft.contents.clone(),
        cue: draft.cue,
        speaker,
        confidence: rounded(draft.confidence),
    };
    ids.into_iter().zip(drafts.iter().zip(speakers)).map(finish).collect()
}

/// Every mention of a text, in text order, with the number of its entity.
fn mentions(entities: &[Entity]) -> Vec<(ByteSpan, usize)> {
    let of_entity = |(at, entity): (usize, &Entity)| -> Vec<(ByteSpan, usize)> {
        entity.mentions.iter().map(|mention| (mention.span, at)).collect()
    };
    let mut mentions: Vec<_> = entities.iter().enumerate().flat_map(of_entity).collect();
    mentions.sort_unstable();
    mentions
}

/// Ids of the entities that a content mentions, in their own order. Looks at the mentions inside alone.
fn about(contents: &[ByteSpan], mentions: &[(ByteSpan, usize)], entities: &[Entity]) -> Vec<String> {
    let inside = |content: &ByteSpan| {
        let content = *content;
        let from = mentions.partition_point(|(span, _)| span.begin < content.begin);
        let within = mentions[from..].iter().take_while(move |(span, _)| span.begin < content.end);
        within.filter(move |(span, _)| content.contains(*span)).map(|(_, entity)| *entity)
    };
    let mentioned: BTreeSet<usize> = contents.iter().flat_map(inside).collect();
    mentioned.into_iter().map(|at| entities[at].id.clone()).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::annotation::{EntityType, Mention, MentionForm};

    fn entity(id: &str, spans: &[(usize, usize)]) -> Entity {
        let mention = |&(begin, end): &(usize, usize)| Mention {
            span: ByteSpan::at(begin, end),
            form: MentionForm::Name,
            confidence: 1.0,
        };
        Entity {
            id: id.into(),
            entity_type: EntityType::Person,
            name: id.into(),
            mentions: spans.iter().map(mention).collect(),
            normalized: None,
            roles: Vec::new(),
        }
    }

    #[test]
    fn a_quote_is_about_whom_its_contents_hold_whole() {
        let entities = [
            entity("e1", &[(0, 4), (50, 54)]),
            entity("e2", &[(12, 16)]),
            entity("e3", &[(18, 24), (60, 64)]),
        ];
        let about = |contents: &[(usize, usize)]| {
            let contents: Vec<_> = contents.iter().map(|&(begin, end)| ByteSpan::at(begin, end)).collect();
            about(&contents, &mentions(&entities), &entities)
        };
        assert_eq!(about(&[(10, 20)]), ["e2"]);
        assert_eq!(about(&[(10, 20), (40, 70)]), ["e1", "e2", "e3"]);
        assert_eq!(about(&[(1, 12)]), [""; 0]);
        assert_eq!(about(&[]), [""; 0]);
    }
}
