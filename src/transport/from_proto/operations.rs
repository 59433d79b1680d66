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
        Some(timeout) => violations.keep("timeout", time::duration(timeout)).map(Some),
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
        Some(Age::OlderThan(age)) => violations.keep("older_than", time::duration(age)).map(Cutoff::Ago),
    };
    let parsed = violations.keep("parent", parent(&request.parent)).map(|collection| {
        let filter = document_filter(&mut violations, &collection, request.filter);
        Purge { collection, filter, before, erase: request.erase }
    });
    violations.finish(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

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
