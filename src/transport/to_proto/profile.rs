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
    wire::EntityProfile {
        spoken_count: profile.spoken,
        about_count: profile.about,
        document_count: profile.documents,
        first: quote(&profile.first),
        last: quote(&profile.last),
        sources: flat(&FacetField::Source, &profile.sources),
        mentions: flat(&FacetField::Mention, &profile.mentions),
        speakers_about: flat(&FacetField::Speaker, &profile.speakers_about),
        beside_in_quotes: flat(&FacetField::Mention, &profile.beside_in_quotes),
        beside_in_documents: flat(&FacetField::Mention, &profile.beside_in_documents),
        spoken_periods: flat(&profile.by, &profile.spoken_periods),
        about_periods: flat(&profile.by, &profile.about_periods),
        speaker_kinds: flat(&FacetField::SpeakerKind, &profile.speaker_kinds),
        types: flat(&FacetField::Type, &profile.types),
    }
}
