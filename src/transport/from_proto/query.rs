//! Filters and orders.

mod further;

use super::analysis::rendering;
use super::documents::MAX_BATCH;
use super::expression::Target;
use super::{Violations, facets, names, time};
use crate::domain::annotation::{EntityType, QuoteKind, QuoteType, SpeakerKind};
use crate::domain::entity::FormKind;
use crate::domain::filter::TextField;
use crate::domain::ids::{CollectionId, DocumentName, EntityName, QuoteName};
use crate::domain::query::{DocumentFilter, EntityFilter, EntityRef, Fold, Order, QuoteFilter};
use crate::transport::status::Failure;
use crate::transport::to_proto::analysis::Rendering;
use crate::transport::wire;
use further::Further;
use std::collections::BTreeMap;

/// Most entries of one list in a filter.
pub(super) const MAX_LIST: usize = 100;
/// Most bytes that somebody may have typed, most suggestions for it, and as many as are given where a request does not say.
const MAX_TYPED_BYTES: usize = 256;
const MAX_SUGGESTIONS: i32 = 50;
const DEFAULT_SUGGESTIONS: i32 = 10;
/// What is wrong with a name of elsewhere.
const ELSEWHERE: &str = "is of another collection than `parent`";
/// Most bytes of free text, of a name, of any one string in a filter.
const MAX_STRING_BYTES: usize = 4096;

/// One quote to give, and how it is to be rendered. A single quote is asked for in order to be checked, so its
/// evidence always comes along.
pub fn get_quote_request(
    request: &wire::GetQuoteRequest,
) -> Result<(QuoteName, Option<u32>, Rendering), Failure> {
    let mut violations = Violations::default();
    let name = violations.keep("name", names::of_revision(&request.name, QuoteName::parse));
    let rendering = rendering(&mut violations, &request.offset_encodings, true);
    violations.finish(name.map(|(name, revision)| (name, revision, rendering)))
}

/// Whose cluster to give, with how many variants and outlets, and how its quotes are to be rendered.
pub fn cluster_request(
    request: &wire::GetQuoteClusterRequest,
) -> Result<(QuoteName, usize, Rendering), Failure> {
    let mut violations = Violations::default();
    let name = violations.keep("name", QuoteName::parse(&request.name));
    let rendering = rendering(&mut violations, &request.offset_encodings, false);
    let limit = facets::limit(&mut violations, "bucket_limit", request.bucket_limit);
    violations.finish(name.map(|name| (name, limit, rendering)))
}

/// Whose forms of which sort to list.
pub fn forms_request(request: &wire::ListEntityFormsRequest) -> Result<(EntityName, FormKind), Failure> {
    let mut violations = Violations::default();
    let name = violations.keep("parent", EntityName::parse(&request.parent));
    let kind = match wire::EntityFormKind::try_from(request.kind) {
        Ok(wire::EntityFormKind::Alias) => Some(FormKind::Alias),
        Ok(wire::EntityFormKind::Role) => Some(FormKind::Role),
        Ok(wire::EntityFormKind::Unspecified) | Err(_) => {
            violations.add("kind", "must be ENTITY_FORM_KIND_ALIAS or ENTITY_FORM_KIND_ROLE");
            None
        }
    };
    violations.finish(name.zip(kind))
}

/// A filter on documents.
pub fn document_filter(
    violations: &mut Violations,
    collection: &CollectionId,
    filter: Option<wire::DocumentFilter>,
) -> DocumentFilter {
    let filter = filter.unwrap_or_default();
    let mut all = Further { violations, collection, parts: Vec::new() };
    all.collections(&filter.collections);
    all.mentions(filter.mentions_any, filter.mentions_none);
    all.provenance(filter.label_matches, filter.analyzers);
    let documents = all.documents(&filter.documents);
    all.copies(&filter.copy_of);
    all.text(&filter.expression, Target::Documents);
    let expression = all.finish();
    DocumentFilter {
        expression,
        text: optional(violations, "filter.text", filter.text),
        sources: strings(violations, "filter.sources", filter.sources),
        published: time::range(violations, "filter.published", filter.published),
        mentions: entity_refs(violations, collection, "filter.mentions", filter.mentions),
        speakers: entity_refs(violations, collection, "filter.speakers", filter.speakers),
        labels: labels(violations, filter.labels),
        languages: strings(violations, "filter.languages", filter.languages),
        documents,
    }
}

/// A filter on quotes.
pub fn quote_filter(
    violations: &mut Violations,
    collection: &CollectionId,
    filter: Option<wire::QuoteFilter>,
) -> QuoteFilter {
    let filter = filter.unwrap_or_default();
    violations.require(
        (0.0..=1.0).contains(&filter.min_confidence),
        "filter.min_confidence",
        "must lie between 0 and 1",
    );
    let text_field = text_field(violations, filter.text_field);
    let mut all = Further { violations, collection, parts: Vec::new() };
    all.collections(&filter.collections);
    all.mentions(filter.mentions_any, filter.mentions_none);
    let document = all.document(&filter.document);
    all.speakers(filter.speakers_none, &filter.speaker_kinds, filter.speaker_named, filter.abstained);
    all.provenance(filter.label_matches, filter.analyzers);
    all.same_words(&filter.same_words_as);
    all.copies(&filter.copy_of);
    all.text(&filter.expression, Target::Quotes);
    let expression = all.finish();
    QuoteFilter {
        expression,
        text: optional(violations, "filter.text", filter.text),
        text_field,
        speakers: entity_refs(violations, collection, "filter.speakers", filter.speakers),
        mentions: entity_refs(violations, collection, "filter.mentions", filter.mentions),
        document,
        sources: strings(violations, "filter.sources", filter.sources),
        published: time::range(violations, "filter.published", filter.published),
        types: enums(violations, "filter.types", &filter.types, quote_type),
        kinds: enums(violations, "filter.kinds", &filter.kinds, quote_kind),
        min_confidence: filter.min_confidence,
        labels: labels(violations, filter.labels),
        languages: strings(violations, "filter.languages", filter.languages),
    }
}

fn text_field(violations: &mut Violations, field: i32) -> TextField {
    match wire::TextField::try_from(field) {
        Ok(wire::TextField::Unspecified | wire::TextField::Content) => TextField::Content,
        Ok(wire::TextField::Sentence) => TextField::Context,
        Ok(wire::TextField::Article) => TextField::Article,
        Err(_) => {
            violations.add("filter.text_field", format!("{field} is no TextField"));
            TextField::Content
        }
    }
}

/// A filter on entities.
pub fn entity_filter(violations: &mut Violations, filter: Option<wire::EntityFilter>) -> EntityFilter {
    let filter = filter.unwrap_or_default();
    EntityFilter {
        name_prefix: optional(violations, "filter.name_prefix", filter.name_prefix),
        forgiving: false,
        types: enums(violations, "filter.types", &filter.types, entity_type),
    }
}

/// What to propose entities for: collection, text, types, most of them.
pub fn suggest_request(
    request: &wire::SuggestEntitiesRequest,
) -> Result<(CollectionId, String, Vec<EntityType>, usize), Failure> {
    let mut violations = Violations::default();
    let collection = violations.keep("parent", names::parent(&request.parent));
    let fits = (1..=MAX_TYPED_BYTES).contains(&request.text.len());
    violations.require(fits, "text", format!("must have 1 to {MAX_TYPED_BYTES} bytes"));
    let types = enums(&mut violations, "types", &request.types, entity_type);
    let fits = (0..=MAX_SUGGESTIONS).contains(&request.limit);
    violations.require(fits, "limit", format!("must lie between 0 and {MAX_SUGGESTIONS}"));
    let limit = if request.limit == 0 { DEFAULT_SUGGESTIONS } else { request.limit };
    // Negative ones have been refused.
    let limit = limit.unsigned_abs() as usize;
    violations.finish(collection.map(|collection| (collection, request.text.clone(), types, limit)))
}

/// The order of results, of relevance with the time after which it is half.
pub fn order(violations: &mut Violations, order: i32, half_life: Option<prost_types::Duration>) -> Order {
    let half_life = half_life.and_then(|time| violations.keep("half_life", time::duration(time)));
    let half_life = half_life.map(|time| time.as_secs());
    violations.require(half_life != Some(0), "half_life", "must be at least a second");
    let order = match (wire::SearchOrder::try_from(order), half_life) {
        (Ok(wire::SearchOrder::Unspecified | wire::SearchOrder::Relevance), None) => return Order::Relevance,
        (Ok(wire::SearchOrder::Unspecified | wire::SearchOrder::Relevance), Some(half_life)) => {
            return Order::Recent { half_life };
        }
        (Ok(wire::SearchOrder::NewestFirst), _) => Order::NewestFirst,
        (Ok(wire::SearchOrder::OldestFirst), _) => Order::OldestFirst,
        (Err(_), _) => {
            violations.add("order", format!("{order} is no SearchOrder"));
            return Order::Relevance;
        }
    };
    violations.require(half_life.is_none(), "half_life", "is for the order of relevance alone");
    order
}

/// What of the results that say the same is shown.
pub fn fold(violations: &mut Violations, fold: i32, target: Target) -> Fold {
    match (wire::Fold::try_from(fold), target) {
        (Ok(wire::Fold::Unspecified), _) => return Fold::Nothing,
        (Ok(wire::Fold::Quote), Target::Quotes) => return Fold::Quotes,
        (Ok(wire::Fold::Document), _) => return Fold::Documents,
        (Ok(wire::Fold::Quote), Target::Documents) => {
            violations.add("fold", "FOLD_QUOTE is for quotes alone")
        }
        (Err(_), _) => violations.add("fold", format!("{fold} is no Fold")),
    }
    Fold::Nothing
}

pub(super) fn optional(violations: &mut Violations, field: &str, text: String) -> Option<String> {
    bounded(violations, field, &text);
    (!text.is_empty()).then_some(text)
}

fn bounded(violations: &mut Violations, field: &str, text: &str) {
    violations.require(
        text.len() <= MAX_STRING_BYTES,
        field,
        format!("must have at most {MAX_STRING_BYTES} bytes"),
    );
}

pub(super) fn strings(violations: &mut Violations, field: &str, mut values: Vec<String>) -> Vec<String> {
    listed(violations, field, values.len());
    values.truncate(MAX_LIST);
    for (at, value) in values.iter().enumerate() {
        violations.require(!value.is_empty(), &format!("{field}[{at}]"), "must not be empty");
        bounded(violations, &format!("{field}[{at}]"), value);
    }
    values
}

/// That a list has no more entries than are looked at.
pub(super) fn listed(violations: &mut Violations, field: &str, entries: usize) {
    violations.require(entries <= MAX_LIST, field, format!("must have at most {MAX_LIST} entries"));
}

fn labels(violations: &mut Violations, labels: BTreeMap<String, String>) -> Vec<(String, String)> {
    listed(violations, "filter.labels", labels.len());
    labels.into_iter().collect()
}

/// Names as they are, and resource names, which must be of the same collection.
fn entity_refs(
    violations: &mut Violations,
    collection: &CollectionId,
    field: &str,
    values: Vec<String>,
) -> Vec<EntityRef> {
    let values = strings(violations, field, values).into_iter().enumerate();
    values
        .filter_map(|(at, value)| entity_ref(violations, collection, &format!("{field}[{at}]"), value))
        .collect()
}

/// A speaker that must be given.
pub fn speaker(violations: &mut Violations, collection: &CollectionId, name: String) -> Option<EntityRef> {
    violations.require(!name.is_empty(), "speaker", "must not be empty");
    bounded(violations, "speaker", &name);
    entity_ref(violations, collection, "speaker", name)
}

pub(super) fn entity_ref(
    violations: &mut Violations,
    collection: &CollectionId,
    field: &str,
    value: String,
) -> Option<EntityRef> {
    if !value.starts_with("collections/") {
        return Some(EntityRef::Name(value));
    }
    let name = violations.keep(field, EntityName::parse(&value))?;
    let of_every = collection.is_every() && name.collection.is_every();
    let ours = of_every || names::is_within(&name.collection, collection);
    violations.require(ours, field, ELSEWHERE);
    Some(EntityRef::Id(name.entity))
}

fn documents(violations: &mut Violations, collection: &CollectionId, names: &[String]) -> Vec<DocumentName> {
    let field = "filter.documents";
    violations.require(names.len() <= MAX_BATCH, field, format!("must have at most {MAX_BATCH} entries"));
    let names = names.iter().take(MAX_BATCH).enumerate();
    names.filter_map(|(at, name)| document(violations, collection, &format!("{field}[{at}]"), name)).collect()
}

fn document(
    violations: &mut Violations,
    collection: &CollectionId,
    field: &str,
    name: &str,
) -> Option<DocumentName> {
    if name.is_empty() {
        return None;
    }
    let name = violations.keep(field, DocumentName::parse(name))?;
    violations.require(names::is_within(&name.collection, collection), field, ELSEWHERE);
    Some(name)
}

pub(super) fn enums<T>(
    violations: &mut Violations,
    field: &str,
    values: &[i32],
    convert: fn(i32) -> Option<T>,
) -> Vec<T> {
    listed(violations, field, values.len());
    let mut converted = Vec::new();
    for (at, &value) in values.iter().take(MAX_LIST).enumerate() {
        match convert(value) {
            Some(value) => converted.push(value),
            None => violations.add(format!("{field}[{at}]"), format!("{value} is not an allowed value")),
        }
    }
    converted
}

pub(super) fn quote_type(value: i32) -> Option<QuoteType> {
    match wire::QuoteType::try_from(value).ok()? {
        wire::QuoteType::Unspecified => None,
        wire::QuoteType::Direct => Some(QuoteType::Direct),
        wire::QuoteType::Indirect => Some(QuoteType::Indirect),
        wire::QuoteType::Mixed => Some(QuoteType::Mixed),
    }
}

pub(super) fn speaker_kind(value: i32) -> Option<SpeakerKind> {
    match wire::SpeakerKind::try_from(value).ok()? {
        wire::SpeakerKind::Unspecified => None,
        wire::SpeakerKind::Person => Some(SpeakerKind::Person),
        wire::SpeakerKind::Organization => Some(SpeakerKind::Organization),
        wire::SpeakerKind::Place => Some(SpeakerKind::Place),
        wire::SpeakerKind::Group => Some(SpeakerKind::Group),
        wire::SpeakerKind::Document => Some(SpeakerKind::Document),
        wire::SpeakerKind::Unknown => Some(SpeakerKind::Unknown),
    }
}

pub(super) fn quote_kind(value: i32) -> Option<QuoteKind> {
    match wire::QuoteKind::try_from(value).ok()? {
        wire::QuoteKind::Unspecified => None,
        wire::QuoteKind::Statement => Some(QuoteKind::Statement),
        wire::QuoteKind::Thought => Some(QuoteKind::Thought),
    }
}

pub(super) fn entity_type(value: i32) -> Option<EntityType> {
    match wire::EntityType::try_from(value).ok()? {
        wire::EntityType::Unspecified => None,
        wire::EntityType::Person => Some(EntityType::Person),
        wire::EntityType::Organization => Some(EntityType::Organization),
        wire::EntityType::Gpe => Some(EntityType::Gpe),
        wire::EntityType::Location => Some(EntityType::Location),
        wire::EntityType::Facility => Some(EntityType::Facility),
        wire::EntityType::Norp => Some(EntityType::Norp),
        wire::EntityType::Event => Some(EntityType::Event),
        wire::EntityType::Product => Some(EntityType::Product),
        wire::EntityType::Work => Some(EntityType::Work),
        wire::EntityType::Date => Some(EntityType::Date),
        wire::EntityType::Money => Some(EntityType::Money),
        wire::EntityType::Percent => Some(EntityType::Percent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(filter: wire::QuoteFilter) -> Result<QuoteFilter, Vec<String>> {
        let mut violations = Violations::default();
        let filter = quote_filter(&mut violations, &CollectionId::default_collection(), Some(filter));
        let finished = violations.finish(Some(filter)).map_err(wire::ItemError::from);
        finished.map_err(|error| error.field_violations.into_iter().map(|v| v.field).collect())
    }

    #[test]
    fn speakers_are_names_or_resource_names_of_the_same_collection() {
        let filter = wire::QuoteFilter {
            speakers: vec!["Jane Doe".into(), "collections/default/entities/ab12".into()],
            ..Default::default()
        };
        let speakers = check(filter).unwrap().speakers;
        assert_eq!(speakers[0], EntityRef::Name("Jane Doe".into()));
        assert!(matches!(&speakers[1], EntityRef::Id(id) if id.as_str() == "ab12"));
        let foreign =
            wire::QuoteFilter { speakers: vec!["collections/x/entities/ab".into()], ..Default::default() };
        assert_eq!(check(foreign), Err(vec!["filter.speakers[0]".into()]));
    }

    #[test]
    fn a_list_that_is_too_long_is_looked_at_no_further() {
        let filter = wire::QuoteFilter {
            speakers: vec![String::new(); MAX_LIST + 1],
            types: vec![0; MAX_LIST + 1],
            ..Default::default()
        };
        let fields = check(filter).unwrap_err();
        assert_eq!(fields[..2], ["filter.speakers", "filter.speakers[0]"]);
        let types = wire::QuoteFilter { types: vec![1; MAX_LIST + 1], ..Default::default() };
        assert_eq!(check(types).unwrap_err(), ["filter.types"]);
    }

    #[test]
    fn every_broken_rule_is_named_by_its_field() {
        let filter = wire::QuoteFilter {
            speakers: vec![String::new()],
            document: "documents/x".into(),
            min_confidence: f32::NAN,
            types: vec![wire::QuoteType::Direct.into(), 0],
            published: Some(wire::TimeRange {
                start_time: Some(prost_types::Timestamp { seconds: 5, nanos: 0 }),
                end_time: Some(prost_types::Timestamp { seconds: 4, nanos: -1 }),
            }),
            ..Default::default()
        };
        let mut fields = check(filter).unwrap_err();
        fields.sort();
        assert_eq!(
            fields,
            [
                "filter.document",
                "filter.min_confidence",
                "filter.published.end_time",
                "filter.speakers[0]",
                "filter.types[1]"
            ]
        );
    }
}
