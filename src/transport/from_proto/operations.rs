//! Requests for long-running operations.

use super::analysis::analyzer;
use super::names::{number, parent};
use super::query::document_filter;
use super::{Violations, time};
use crate::domain::ids::CollectionId;
use crate::domain::operation::{OperationId, Renewal};
use crate::domain::query::DocumentFilter;
use crate::engine::{Cutoff, Purge};
use crate::transport::status::Failure;
use crate::transport::wire;
use crate::transport::wire::purge_documents_request::Age;
use std::time::Duration;

/// The operation that a request names.
pub fn name(name: &str) -> Result<OperationId, Failure> {
    let mut violations = Violations::default();
    let id = violations.keep("name", parsed(name));
    violations.finish(id)
}

fn parsed(name: &str) -> Result<OperationId, &'static str> {
    let id = name.strip_prefix("operations/").and_then(number);
    id.map(OperationId).ok_or("must look like operations/{operation}")
}

/// Which operation to wait for, and how long.
pub fn wait_request(
    request: &wire::WaitOperationRequest,
) -> Result<(OperationId, Option<Duration>), Failure> {
    let mut violations = Violations::default();
    let id = violations.keep("name", parsed(&request.name));
    let most = match request.timeout {
        None => Some(None),
        Some(timeout) => violations.keep("timeout", duration(timeout)).map(Some),
    };
    violations.finish(id.zip(most))
}

/// Which analyses to renew, and by which analyzer.
pub fn reanalyze_request(
    request: wire::ReanalyzeDocumentsRequest,
) -> Result<(CollectionId, DocumentFilter, Renewal), Failure> {
    let mut violations = Violations::default();
    let renewal = Renewal::of(request.only_older, analyzer(&mut violations, &request.analyzer));
    let parsed = violations.keep("parent", parent(&request.parent)).map(|collection| {
        let filter = document_filter(&mut violations, &collection, request.filter);
        (collection, filter, renewal)
    });
    violations.finish(parsed)
}

/// Which documents to delete.
pub fn purge_request(request: wire::PurgeDocumentsRequest) -> Result<Purge, Failure> {
    let mut violations = Violations::default();
    let before = match request.age {
        None => None,
        Some(Age::Before(time)) => time::timestamp(&mut violations, "before", Some(time)).map(Cutoff::At),
        Some(Age::OlderThan(age)) => violations.keep("older_than", duration(age)).map(Cutoff::Ago),
    };
    let parsed = violations.keep("parent", parent(&request.parent)).map(|collection| {
        let filter = document_filter(&mut violations, &collection, request.filter);
        Purge { collection, filter, before, erase: request.erase }
    });
    violations.finish(parsed)
}

/// Most seconds of a duration, as its definition has it: some 10,000 years.
const MOST_SECONDS: u64 = 315_576_000_000;

fn duration(duration: prost_types::Duration) -> Result<Duration, &'static str> {
    let prost_types::Duration { seconds, nanos } = duration;
    let negative = seconds < 0 || nanos < 0;
    match (u64::try_from(seconds), u32::try_from(nanos)) {
        (Ok(seconds @ 0..=MOST_SECONDS), Ok(nanos @ 0..=999_999_999)) => Ok(Duration::new(seconds, nanos)),
        _ if negative => Err("must not be negative"),
        _ => Err("must have at most 315576000000 seconds and 999999999 nanos"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_what_their_definition_says() {
        let of = |seconds, nanos| duration(prost_types::Duration { seconds, nanos });
        assert_eq!(of(1, 5), Ok(Duration::new(1, 5)));
        for (seconds, nanos) in [(-1, 0), (0, -1), (1, -5), (-1, 5), (0, 1_000_000_000), (1 << 62, 0)] {
            assert!(of(seconds, nanos).is_err(), "{seconds} {nanos}");
        }
    }

    #[test]
    fn names_of_operations_are_numbers() {
        assert_eq!(name("operations/17").unwrap(), OperationId(17));
        for wrong in [
            "",
            "17",
            "operations/",
            "operations/0",
            "operations/01",
            "operations/+1",
            "operations/x",
            "operations/1/2",
        ] {
            assert!(name(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_age_is_a_time_or_counted_from_now() {
        let day = prost_types::Duration { seconds: 86_400, nanos: 0 };
        let request = wire::PurgeDocumentsRequest { age: Some(Age::OlderThan(day)), ..Default::default() };
        assert_eq!(purge_request(request).unwrap().before, Some(Cutoff::Ago(Duration::from_secs(86_400))));
        let past = prost_types::Duration { seconds: -1, nanos: 0 };
        let request = wire::PurgeDocumentsRequest { age: Some(Age::OlderThan(past)), ..Default::default() };
        assert!(purge_request(request).is_err());
    }
}
