//! Outlets side by side.

use super::documents::freshness;
use super::entities::unknown_name;
use super::facets::{Shown, remarkable_words};
use crate::domain::facet::FacetField;
use crate::domain::ids::CollectionId;
use crate::domain::outlets::Outlet;
use crate::engine::Comparison;
use crate::transport::wire;

/// What the outlets have of the matches.
pub fn response(collection: &CollectionId, found: &Comparison) -> wire::CompareOutletsResponse {
    let shown = Shown { collection, names: &found.names };
    wire::CompareOutletsResponse {
        total_size: found.total,
        outlets: found.outlets.iter().map(|one| outlet(&shown, one, found.total)).collect(),
        freshness: Some(freshness(found.freshness)),
        unknown_names: found.unknown.iter().map(unknown_name).collect(),
    }
}

fn outlet(shown: &Shown<'_>, outlet: &Outlet, total: u64) -> wire::OutletComparison {
    wire::OutletComparison {
        source: outlet.source.clone(),
        quote_count: outlet.quotes,
        // Counts stay below 2^53; of nothing it has nothing.
        share: outlet.quotes as f64 / total.max(1) as f64,
        document_count: outlet.documents,
        speakers: Some(shown.flat(&FacetField::Speaker, &outlet.speakers)),
        mentions: Some(shown.flat(&FacetField::Mention, &outlet.mentions)),
        words: remarkable_words(&outlet.words),
        exclusive_speakers: Some(shown.flat(&FacetField::Speaker, &outlet.exclusive_speakers)),
        quotes: Some(shown.flat(&FacetField::Cluster, &outlet.said)),
        exclusive_quotes: Some(shown.flat(&FacetField::Cluster, &outlet.exclusive_said)),
    }
}
