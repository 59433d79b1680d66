//! Ways of dividing what matches.

use super::expression::Target;
use super::{Violations, names, query};
use crate::domain::facet::{Facet, FacetField, Interval};
use crate::domain::outlets::MOST_OUTLETS;
use crate::engine::{ComparisonRequest, Position, TimelineRequest};
use crate::transport::status::Failure;
use crate::transport::wire;
use jiff::tz::TimeZone;

/// Most facets of a request.
const MAX_FACETS: usize = 16;
/// Most buckets of a facet, and within each of them.
const MAX_BUCKETS: i32 = 1000;
const MAX_NESTED: i32 = 100;
/// Most buckets of a request, those within others included: that is a second or two of work.
const MAX_IN_ALL: usize = 101_000;
/// Buckets where the request does not say.
const DEFAULT_BUCKETS: i32 = 10;
/// Most bytes of a label's key.
const MAX_KEY_BYTES: usize = 4096;

/// The facets of a request on what is counted.
pub fn facets(violations: &mut Violations, target: Target, facets: Vec<wire::Facet>) -> Vec<Facet> {
    violations.require(
        facets.len() <= MAX_FACETS,
        "facets",
        format!("must have at most {MAX_FACETS} entries"),
    );
    let facets = facets.into_iter().take(MAX_FACETS).enumerate();
    let facets = facets.filter_map(|(at, one)| facet(violations, target, &format!("facets[{at}]"), one));
    let facets: Vec<Facet> = facets.collect();
    let rule = format!("must have at most {MAX_IN_ALL} buckets in all, those within others included");
    violations.require(facets.iter().map(Facet::most_buckets).sum::<usize>() <= MAX_IN_ALL, "facets", rule);
    facets
}

fn facet(violations: &mut Violations, target: Target, at: &str, facet: wire::Facet) -> Option<Facet> {
    let wire::Facet { by, limit, nested, nested_limit } = facet;
    let Some(by) = by else {
        violations.add(format!("{at}.by"), "must be given");
        return None;
    };
    let by = field(violations, target, &format!("{at}.by"), by)?;
    let limit = buckets(violations, &format!("{at}.limit"), limit, &by, MAX_BUCKETS);
    let at_nested = format!("{at}.nested_limit");
    let Some(within) = nested else {
        violations.require(nested_limit == 0, &at_nested, "must not be given without `nested`");
        return Some(Facet { by, limit, nested: None });
    };
    let within = field(violations, target, &format!("{at}.nested"), within)?;
    let most = buckets(violations, &at_nested, nested_limit, &within, MAX_NESTED);
    Some(Facet { by, limit, nested: Some(Box::new(Facet { by: within, limit: most, nested: None })) })
}

/// How many buckets are asked for where nothing else depends on it.
pub fn limit(violations: &mut Violations, at: &str, limit: i32) -> usize {
    buckets(violations, at, limit, &FacetField::Source, MAX_BUCKETS)
}

/// How many buckets are asked for.
fn buckets(violations: &mut Violations, at: &str, limit: i32, by: &FacetField, most: i32) -> usize {
    violations.require((0..=most).contains(&limit), at, format!("must lie between 0 and {most}"));
    let limit = match (limit, by) {
        (0, FacetField::Published { .. }) => most,
        (0, _) => DEFAULT_BUCKETS,
        (limit, _) => limit.clamp(1, most),
    };
    // Clamped to a thousand at most.
    limit.unsigned_abs() as usize
}

fn field(violations: &mut Violations, target: Target, at: &str, by: wire::FacetBy) -> Option<FacetField> {
    use wire::FacetField as Wire;
    let field = by.field();
    let only = |violations: &mut Violations, given: bool, name: &str, of: Wire| {
        let rule = format!("is for {} alone", of.as_str_name());
        violations.require(!given || field == of, &format!("{at}.{name}"), rule);
    };
    only(violations, !by.label_key.is_empty(), "label_key", Wire::Label);
    only(violations, by.interval != 0, "interval", Wire::Published);
    only(violations, !by.time_zone.is_empty(), "time_zone", Wire::Published);
    let of_quotes = matches!(field, Wire::Type | Wire::Kind | Wire::SpeakerKind | Wire::Word | Wire::Variant);
    if of_quotes && target == Target::Documents {
        violations.add(format!("{at}.field"), format!("{} is for quotes alone", field.as_str_name()));
        return None;
    }
    match field {
        Wire::Unspecified => {
            violations.add(format!("{at}.field"), format!("{} is not an allowed value", by.field));
            None
        }
        Wire::Speaker => Some(FacetField::Speaker),
        Wire::Mention => Some(FacetField::Mention),
        Wire::Source => Some(FacetField::Source),
        Wire::Language => Some(FacetField::Language),
        Wire::Type => Some(FacetField::Type),
        Wire::Kind => Some(FacetField::Kind),
        Wire::SpeakerKind => Some(FacetField::SpeakerKind),
        Wire::Word => Some(FacetField::Words),
        Wire::Cluster => Some(FacetField::Cluster),
        Wire::Variant => Some(FacetField::Variant),
        Wire::Label => {
            let fits = (1..=MAX_KEY_BYTES).contains(&by.label_key.len());
            let rule = format!("must have 1 to {MAX_KEY_BYTES} bytes");
            violations.require(fits, &format!("{at}.label_key"), rule);
            Some(FacetField::Label(by.label_key))
        }
        Wire::Published => published(violations, at, &by),
    }
}

fn published(violations: &mut Violations, at: &str, by: &wire::FacetBy) -> Option<FacetField> {
    let (interval, zone) = calendar(violations, &format!("{at}."), by.interval, &by.time_zone)?;
    Some(FacetField::Published { interval, zone })
}

/// An interval and the name of a time zone, UTC where it is empty; `at` stands before the names of the two fields.
pub fn calendar(
    violations: &mut Violations,
    at: &str,
    interval: i32,
    zone: &str,
) -> Option<(Interval, String)> {
    let zone = if zone.is_empty() { "UTC" } else { zone };
    let known = TimeZone::get(zone).is_ok();
    let rule = "must be the IANA name of a time zone, \"Europe/Berlin\" for one";
    violations.require(known, &format!("{at}time_zone"), rule);
    let interval = self::interval(violations, &format!("{at}interval"), interval)?;
    known.then(|| (interval, zone.to_owned()))
}

/// An interval, in `field`.
pub fn interval(violations: &mut Violations, field: &str, interval: i32) -> Option<Interval> {
    match wire::TimeInterval::try_from(interval) {
        Ok(wire::TimeInterval::Day) => Some(Interval::Day),
        Ok(wire::TimeInterval::Week) => Some(Interval::Week),
        Ok(wire::TimeInterval::Month) => Some(Interval::Month),
        Ok(wire::TimeInterval::Quarter) => Some(Interval::Quarter),
        Ok(wire::TimeInterval::Year) => Some(Interval::Year),
        Ok(wire::TimeInterval::Unspecified) | Err(_) => {
            violations.add(field, format!("{interval} is not an allowed value"));
            None
        }
    }
}

/// How many values of a list are asked for, in `field`.
pub fn values(violations: &mut Violations, field: &str, limit: i32) -> usize {
    let fits = (0..=MAX_NESTED).contains(&limit);
    violations.require(fits, field, format!("must lie between 0 and {MAX_NESTED}"));
    let values = if limit == 0 { DEFAULT_BUCKETS } else { limit };
    // Negative ones are refused.
    values.unsigned_abs() as usize
}

/// Which outlets to compare, in which quotes.
pub fn comparison_request(
    request: wire::CompareOutletsRequest,
    at_least: Option<Position>,
) -> Result<ComparisonRequest, Failure> {
    let mut violations = Violations::default();
    let collection = names::only_parent(&request.parent)?;
    let filter = query::quote_filter(&mut violations, &collection, request.filter);
    let sources = query::strings(&mut violations, "sources", request.sources);
    let fits = sources.is_empty() || (2..=MOST_OUTLETS).contains(&sources.len());
    violations.require(fits, "sources", format!("must have 2 to {MOST_OUTLETS} entries, or none"));
    for (at, source) in sources.iter().enumerate() {
        let is_new = !sources[..at].contains(source);
        violations.require(is_new, &format!("sources[{at}]"), "must not be there twice");
    }
    let values = values(&mut violations, "limit", request.limit);
    violations.finish(Some(ComparisonRequest { collection, filter, sources, values, at_least }))
}

/// Whose timeline, of which quotes, in which stretches.
pub fn timeline_request(
    request: wire::GetSpeakerTimelineRequest,
    at_least: Option<Position>,
) -> Result<TimelineRequest, Failure> {
    let mut violations = Violations::default();
    let collection = names::only_parent(&request.parent)?;
    let speaker = query::speaker(&mut violations, &collection, request.speaker);
    let filter = query::quote_filter(&mut violations, &collection, request.filter);
    let calendar = calendar(&mut violations, "", request.interval, &request.time_zone);
    let words = values(&mut violations, "word_limit", request.word_limit);
    let parsed = speaker.zip(calendar).map(|(speaker, (interval, zone))| TimelineRequest {
        collection,
        speaker,
        filter,
        interval,
        zone,
        words,
        at_least,
    });
    violations.finish(parsed)
}
