//! What was counted.

use super::analysis::{quote_kind, quote_type, speaker_kind};
use super::time::timestamp;
use crate::domain::facet::{Bucket, Counted, Facet, FacetField, FacetValue};
use crate::domain::ids::{CollectionId, DocumentName, EntityId, EntityName};
use crate::domain::time::Timestamp;
use crate::engine::Divided;
use crate::transport::wire;
use jiff::tz::TimeZone;

/// The results of all facets, in their order.
pub fn results(collection: &CollectionId, facets: &[Facet], divided: &Divided) -> Vec<wire::FacetResult> {
    let shown = Shown { collection, divided };
    facets.iter().zip(&divided.counts.facets).map(|(facet, counted)| shown.result(facet, counted)).collect()
}

/// The stretches of a timeline; `facet` is the one that divides it.
pub fn periods(facet: &FacetField, counted: &Counted) -> Vec<wire::TimelinePeriod> {
    let word = |bucket: &Bucket| match &bucket.value {
        FacetValue::Text(word) => Some(wire::RemarkableWord {
            word: word.clone(),
            quote_count: bucket.count,
            score: bucket.score.into(),
        }),
        _ => None,
    };
    let period = |bucket: &Bucket| match bucket.value {
        FacetValue::Period(from, until) => Some(wire::TimelinePeriod {
            start_time: Some(timestamp(from)),
            end_time: Some(timestamp(until)),
            start_date: day(facet, from),
            quote_count: bucket.count,
            words: bucket.nested.iter().flat_map(|nested| nested.buckets.iter().filter_map(word)).collect(),
        }),
        _ => None,
    };
    counted.buckets.iter().filter_map(period).collect()
}

struct Shown<'d> {
    collection: &'d CollectionId,
    divided: &'d Divided,
}

impl Shown<'_> {
    fn result(&self, facet: &Facet, counted: &Counted) -> wire::FacetResult {
        wire::FacetResult {
            buckets: counted.buckets.iter().map(|bucket| self.bucket(facet, bucket)).collect(),
            distinct_count: counted.distinct,
            missing_count: counted.missing,
            other_count: counted.other,
        }
    }

    fn bucket(&self, facet: &Facet, bucket: &Bucket) -> wire::FacetBucket {
        let nested = facet.nested.as_ref().zip(bucket.nested.as_ref());
        let mut shown = wire::FacetBucket {
            count: bucket.count,
            score: bucket.score.into(),
            nested: nested.map(|(facet, counted)| self.result(facet, counted)),
            ..wire::FacetBucket::default()
        };
        match &bucket.value {
            FacetValue::Entity(id) => {
                shown.value = self.name(id);
                shown.entity =
                    EntityName { collection: self.collection.clone(), entity: id.clone() }.to_string();
            }
            FacetValue::Text(text) => shown.value.clone_from(text),
            FacetValue::Type(value) => shown.value = short(quote_type(*value).as_str_name(), "QUOTE_TYPE_"),
            FacetValue::Kind(value) => shown.value = short(quote_kind(*value).as_str_name(), "QUOTE_KIND_"),
            FacetValue::SpeakerKind(value) => {
                shown.value = short(speaker_kind(*value).as_str_name(), "SPEAKER_KIND_");
            }
            FacetValue::Quote(name, text) => {
                shown.value.clone_from(text);
                shown.first = name.to_string();
            }
            FacetValue::Document(id, title) => {
                shown.value.clone_from(title);
                shown.first =
                    DocumentName { collection: self.collection.clone(), document: id.clone() }.to_string();
            }
            FacetValue::Period(from, until) => {
                shown.value = day(&facet.by, *from);
                shown.start_time = Some(timestamp(*from));
                shown.end_time = Some(timestamp(*until));
            }
        }
        shown
    }

    fn name(&self, id: &EntityId) -> String {
        self.divided.names.get(id).cloned().unwrap_or_default()
    }
}

/// `DIRECT` for `QUOTE_TYPE_DIRECT`.
fn short(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_owned()
}

/// The day in the facet's time zone.
fn day(by: &FacetField, time: Timestamp) -> String {
    let FacetField::Published { zone, .. } = by else { return String::new() };
    let instant = jiff::Timestamp::new(time.seconds, i32::try_from(time.nanos).unwrap_or_default());
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    instant.map(|instant| instant.to_zoned(zone).date().to_string()).unwrap_or_default()
}
