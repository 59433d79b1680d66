//! What goes with an entity.

use super::analysis::{Rendering, entity_type};
use super::documents::freshness;
use super::quotes;
use crate::engine::{RelatedEntities, RelatedEntity};
use crate::transport::wire;
use prost::Message;

/// The whole answer, however long.
pub fn response(found: &RelatedEntities, rendering: Rendering) -> wire::ListRelatedEntitiesResponse {
    wire::ListRelatedEntitiesResponse {
        related: found.related.iter().map(|one| related(one, rendering)).collect(),
        document_count: found.documents,
        distinct_count: found.distinct,
        freshness: Some(freshness(found.freshness)),
    }
}

fn related(one: &RelatedEntity, rendering: Rendering) -> wire::RelatedEntity {
    let RelatedEntity { entity, relation, examples } = one;
    wire::RelatedEntity {
        name: entity.name.to_string(),
        display_name: entity.display_name.clone(),
        r#type: entity_type(entity.entity_type).into(),
        document_count: relation.documents,
        quote_count: relation.quotes,
        spoken_about_count: relation.spoken_about,
        speaks_about_count: relation.speaks_about,
        score: relation.score,
        examples: examples.iter().map(|hit| quotes::result(hit, rendering)).collect(),
    }
}

/// Gives examples in short, the longest first, until the answer fits.
pub fn fit(response: &mut wire::ListRelatedEntitiesResponse, limit: usize) {
    let over = response.encoded_len().saturating_sub(limit);
    if over == 0 {
        return;
    }
    let mut examples: Vec<_> = response.related.iter_mut().flat_map(|one| &mut one.examples).collect();
    examples.sort_by_cached_key(|example| std::cmp::Reverse(example.encoded_len()));
    let mut saved = 0;
    for example in examples {
        if saved >= over {
            break;
        }
        let whole = example.encoded_len();
        quotes::shorten(example);
        saved += whole - example.encoded_len();
    }
}
