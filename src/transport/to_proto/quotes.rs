//! Quotes with where they stand.

use super::analysis::{Renderer, Renderers, Rendering};
use super::documents::summary;
use crate::domain::ids::{EntityId, EntityName};
use crate::engine::QuoteResult;
use crate::transport::wire;

/// Quotes with their documents. What is needed for each text is made once, however many of its quotes are here.
pub fn results(results: &[QuoteResult], rendering: Rendering) -> Vec<wire::QuoteResult> {
    let mut renderers = Renderers::new(rendering);
    results.iter().map(|found| result(found, renderers.of(&found.document))).collect()
}

/// A quote with its document, whose text `renderer` renders.
pub fn result(result: &QuoteResult, renderer: &Renderer<'_>) -> wire::QuoteResult {
    let collection = &result.name.document.collection;
    let entity_name =
        |id: &EntityId| EntityName { collection: collection.clone(), entity: id.clone() }.to_string();
    wire::QuoteResult {
        name: result.name.to_string(),
        quote: Some(renderer.quote(&result.quote)),
        document: Some(summary(&result.document)),
        speaker_entity: result.speaker.as_ref().map(entity_name).unwrap_or_default(),
        about_entities: result.about.iter().map(entity_name).collect(),
        highlights: renderer.spans(&result.highlights),
        score: result.score,
        oversized: false,
    }
}

/// Leaves of a quote what fits into any answer, and says so.
pub fn shorten(result: &mut wire::QuoteResult) {
    result.quote = None;
    result.highlights.clear();
    result.about_entities.clear();
    result.oversized = true;
}
