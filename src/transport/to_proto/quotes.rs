//! Quotes with where they stand.

use super::analysis::{Renderer, Rendering};
use super::documents::{explanation, summary};
use crate::domain::hit::QuoteHit;
use crate::domain::ids::{EntityId, EntityName};
use crate::transport::wire;

/// A quote with its document in short.
pub fn result(hit: &QuoteHit, rendering: Rendering) -> wire::QuoteResult {
    let renderer = Renderer::of_excerpts(&hit.excerpts, rendering);
    let collection = &hit.name.document.collection;
    let entity_name =
        |id: &EntityId| EntityName { collection: collection.clone(), entity: id.clone() }.to_string();
    wire::QuoteResult {
        name: hit.name.to_string(),
        quote: Some(renderer.quote(&hit.quote)),
        document: Some(summary(collection, &hit.document)),
        speaker_entity: hit.speaker.as_ref().map(entity_name).unwrap_or_default(),
        about_entities: hit.about.iter().map(entity_name).collect(),
        highlights: renderer.spans(&hit.highlights),
        score: hit.score,
        explanation: explanation(&hit.explanation),
        folded_count: hit.folded,
        oversized: false,
        sentence: hit.sentence.map(|sentence| renderer.span(sentence)),
    }
}

/// Leaves of a quote what fits into any answer, and says so.
pub fn shorten(result: &mut wire::QuoteResult) {
    result.quote = None;
    result.highlights.clear();
    result.about_entities.clear();
    result.sentence = None;
    result.explanation = None;
    result.oversized = true;
}
