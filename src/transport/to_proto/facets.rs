//! What was counted.

use super::analysis::{quote_kind, quote_type, speaker_kind};
use super::time::timestamp;
use crate::domain::facet::{Bucket, Counted, Facet, FacetField, FacetValue};
use crate::domain::ids::{CollectionId, EntityId, EntityName};
use crate::domain::time::Timestamp;
use crate::engine::Divided;
use crate::transport::wire;
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// The results of all facets, in their order.
pub fn results(collection: &CollectionId, facets: &[Facet], divided: &Divided) -> Vec<wire::FacetResult> {
    let shown = Shown { collection, names: &divided.names };
    let counted = facets.iter().zip(&divided.counts.facets);
    counted.map(|(facet, counted)| shown.result(&facet.by, facet.nested.as_deref(), counted)).collect()
}

/// Words, the most remarkable first.
pub fn remarkable_words(counted: &Counted) -> Vec<wire::RemarkableWord> {
    let word = |bucket: &Bucket| match &bucket.value {
        FacetValue::Text(word) => Some(wire::RemarkableWord {
            word: word.clone(),
            quote_count: bucket.count,
            score: bucket.score.into(),
        }),
        _ => None,
    };
    counted.buckets.iter().filter_map(word).collect()
}

/// The stretches of a timeline; `facet` is the one that divides it.
pub fn periods(facet: &FacetField, counted: &Counted) -> Vec<wire::TimelinePeriod> {
    let period = |bucket: &Bucket| match bucket.value {
        FacetValue::Period(from, until) => Some(wire::TimelinePeriod {
            start_time: Some(timestamp(from)),
            end_time: Some(timestamp(until)),
            start_date: day(facet, from),
            quote_count: bucket.count,
            words: bucket.nested.as_ref().map(remarkable_words).unwrap_or_default(),
        }),
        _ => None,
    };
    counted.buckets.iter().filter_map(period).collect()
}

/// Counts of one collection or of every one, shown with the names of the entities there.
pub struct Shown<'d> {
    /// The collection, or what stands for every one.
    pub collection: &'d CollectionId,
    /// Display names of the entities among the values.
    pub names: &'d HashMap<EntityId, String>,
}

impl Shown<'_> {
    /// Matches divided by one field.
    pub fn flat(&self, by: &FacetField, counted: &Counted) -> wire::FacetResult {
        self.result(by, None, counted)
    }

    /// Texts, and each of them over time.
    pub fn over_time(&self, counted: &Counted, by: &FacetField) -> wire::FacetResult {
        let nested = Facet { by: by.clone(), limit: counted.buckets.len(), nested: None };
        // What is text is shown as it is, by whichever field.
        self.result(&FacetField::Source, Some(&nested), counted)
    }

    fn result(&self, by: &FacetField, nested: Option<&Facet>, counted: &Counted) -> wire::FacetResult {
        wire::FacetResult {
            buckets: counted.buckets.iter().map(|bucket| self.bucket(by, nested, bucket)).collect(),
            distinct_count: counted.distinct,
            missing_count: counted.missing,
            other_count: counted.other,
        }
    }

    fn bucket(&self, by: &FacetField, nested: Option<&Facet>, bucket: &Bucket) -> wire::FacetBucket {
        let nested = nested.zip(bucket.nested.as_ref());
        let mut shown = wire::FacetBucket {
            count: bucket.count,
            score: bucket.score.into(),
            nested: nested.map(|(facet, counted)| self.result(&facet.by, facet.nested.as_deref(), counted)),
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
            FacetValue::Document(name, title) => {
                shown.value.clone_from(title);
                shown.first = name.to_string();
            }
            FacetValue::Period(from, until) => {
                shown.value = day(by, *from);
                shown.start_time = Some(timestamp(*from));
                shown.end_time = Some(timestamp(*until));
            }
        }
        shown
    }

    fn name(&self, id: &EntityId) -> String {
        self.names.get(id).cloned().unwrap_or_default()
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
