//! What a collection tells about an entity.

use super::analysis::Rendering;
use super::facets::Shown;
use super::quotes;
use crate::domain::facet::{Counted, FacetField};
use crate::domain::hit::QuoteHit;
use crate::domain::ids::CollectionId;
use crate::engine::Profile;
use crate::transport::wire;

/// The profile of an entity of the collection.
pub fn profile(collection: &CollectionId, profile: &Profile, rendering: Rendering) -> wire::EntityProfile {
    let shown = Shown { collection, names: &profile.names };
    let flat = |by: &FacetField, counted: &Counted| Some(shown.flat(by, counted));
    let quote = |hit: &Option<QuoteHit>| hit.as_ref().map(|hit| quotes::result(hit, rendering));
    let Profile { spoken, about, documents, beside, roles, by, .. } = profile;
    wire::EntityProfile {
        spoken_count: spoken.total,
        about_count: about.total,
        document_count: *documents,
        first: quote(&spoken.first),
        last: quote(&spoken.last),
        sources: flat(&FacetField::Source, &spoken.sources),
        mentions: flat(&FacetField::Mention, &spoken.mentions),
        speakers_about: flat(&FacetField::Speaker, &about.speakers),
        beside_in_quotes: flat(&FacetField::Mention, &about.beside),
        beside_in_documents: flat(&FacetField::Mention, beside),
        spoken_periods: flat(by, &spoken.periods),
        about_periods: flat(by, &about.periods),
        speaker_kinds: flat(&FacetField::SpeakerKind, &spoken.speaker_kinds),
        types: flat(&FacetField::Type, &spoken.types),
        roles: Some(shown.over_time(roles, by)),
    }
}
