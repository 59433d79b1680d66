//! What a failed call tells the client. [`Failure`] is the one form on the way out: made of the engine's errors (in
//! one exhaustive match) or of a request's violations, it becomes a gRPC status with google.rpc details, or the
//! error of one item of a stream. Causes of internal errors go to the log alone.

use super::consistency::Tokens;
use super::to_proto::time::duration;
use super::wire::{FieldViolation, ItemError};
use crate::access::{OverQuota, Rejection};
use crate::domain::ids::DocumentName;
use crate::engine::{EngineError, Flaw, Resource};
use crate::ports::{Outage, OutageKind, Over};
use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// The domain of every ErrorInfo.
pub const ERROR_DOMAIN: &str = "dictum.v1";

/// Why a call, or one item of a stream, failed.
#[derive(Debug, Clone)]
pub struct Failure(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    code: Code,
    reason: &'static str,
    message: String,
    violations: Vec<FieldViolation>,
    metadata: Vec<(&'static str, String)>,
    retry_after: Option<Duration>,
    resource: Option<(&'static str, String)>,
    /// Whose limit, and which.
    quota: Option<(String, String)>,
}

impl Failure {
    /// A failure with a code, a reason for programs (UPPER_SNAKE_CASE) and a message for people.
    pub fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code,
            reason,
            message: message.into(),
            violations: Vec::new(),
            metadata: Vec::new(),
            retry_after: None,
            resource: None,
            quota: None,
        }))
    }

    /// What kind of failure it is.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// INVALID_ARGUMENT for fields that break rules; the message names the first.
    pub fn invalid(reason: &'static str, violations: Vec<FieldViolation>) -> Self {
        let message = match violations.first() {
            Some(first) => format!("{}: {}", first.field, first.description),
            None => "the request is invalid".to_owned(),
        };
        let mut failure = Self::new(Code::InvalidArgument, reason, message);
        failure.0.violations = violations;
        failure
    }

    /// INVALID_ARGUMENT for one field.
    pub fn field(reason: &'static str, field: impl Into<String>, description: impl Into<String>) -> Self {
        Self::invalid(reason, vec![FieldViolation { field: field.into(), description: description.into() }])
    }

    /// An answer that is larger than the client can be expected to receive.
    pub fn answer_too_large(bytes: usize, limit: usize) -> Self {
        let message = format!(
            "the answer has {bytes} bytes and this client takes {limit}: ask for less (a smaller view, \
             shorter lists, no evidence), or set max_answer_bytes"
        );
        Self::new(Code::ResourceExhausted, "ANSWER_TOO_LARGE", message)
            .with("bytes", bytes.to_string())
            .with("limit", limit.to_string())
    }

    /// A fault of ours that no engine error describes; the detail goes to the log.
    pub fn internal(detail: &str) -> Self {
        tracing::error!(detail, "internal error");
        Self::new(Code::Internal, "INTERNAL", "internal error")
    }

    /// INVALID_ARGUMENT for what is no message, or none that we know.
    pub fn malformed(cause: &str) -> Self {
        Self::new(Code::InvalidArgument, "MALFORMED_MESSAGE", cause).with("cause", cause)
    }

    /// What became of a request whose body cannot be read to its end: its client has gone, whatever the connection calls that.
    pub fn broken_off(status: Status) -> Status {
        match status.code() {
            Code::Unknown | Code::Internal => {
                Self::new(Code::Cancelled, "CANCELLED", "the client has gone").into()
            }
            _ => status,
        }
    }

    /// A message that has begun and does not end.
    pub fn message_timeout(limit: Duration) -> Self {
        let message = format!("the message was not complete within {} s", limit.as_secs_f32());
        tracing::warn!(limit_ms = limit.as_millis(), "giving up a message that does not come to its end");
        Self::new(Code::DeadlineExceeded, "MESSAGE_TIMEOUT", message)
    }

    /// There are as many streams open as there may be, or as one caller may take of what is left.
    pub fn too_many_streams(open: usize, most: usize) -> Self {
        tracing::warn!(open, most, "a stream was turned away: see limits.streams");
        let message = match open < most {
            true => format!("{open} of {most} streams are open; those that are left are for other callers"),
            false => format!("{most} streams are open, the most that may be"),
        };
        Self::new(Code::Unavailable, "TOO_MANY_STREAMS", message)
            .with("limit", most.to_string())
            .retry_after(RETRY_ELSEWHERE)
    }

    /// Nobody that counts.
    pub fn unauthenticated(rejection: Rejection) -> Self {
        Self::new(Code::Unauthenticated, rejection.answer.reason(), rejection.answer.to_string())
    }

    /// What the caller may know of and may not do.
    pub fn denied(message: impl Into<String>) -> Self {
        Self::new(Code::PermissionDenied, "PERMISSION_DENIED", message)
    }

    /// The engine behind the port is still opening.
    pub fn starting() -> Self {
        Self::new(Code::Unavailable, "STARTING", "the service is starting").retry_after(RETRY_ELSEWHERE)
    }

    /// The failure of a call that may have changed something: what was reached comes with the token that sees it.
    pub fn of(error: EngineError, tokens: &Tokens) -> Self {
        let seq = match &error {
            EngineError::NotYetVisible(receipt) => receipt.seq,
            EngineError::ChangeNotYetVisible(seq) => *seq,
            _ => return error.into(),
        };
        Self::from(error).with("consistency_token", tokens.of(seq))
    }

    /// Adds to the metadata of the ErrorInfo.
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.0.metadata.push((key, value.into()));
        self
    }

    fn retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    fn resource(mut self, resource: &Resource) -> Self {
        self.0.resource = Some((resource_type(resource), resource.to_string()));
        self
    }
}

/// How long a client should wait for a server that is starting or stopping.
const RETRY_ELSEWHERE: Duration = Duration::from_secs(1);

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let message = error.to_string();
        match error {
            EngineError::InvalidArgument { field, reason } => {
                Self::field("INVALID_ARGUMENT", wire_field(field), reason.to_string())
            }
            EngineError::NotFound(resource) => {
                Self::new(Code::NotFound, "NOT_FOUND", message).resource(&resource)
            }
            EngineError::QuoteGone { quote, revision } => Self::new(Code::NotFound, "QUOTE_GONE", message)
                .with("last_revision", revision.to_string())
                .resource(&Resource::Quote(quote)),
            EngineError::RevisionNotKept { document, revision } => {
                Self::new(Code::NotFound, "REVISION_NOT_KEPT", message)
                    .with("revision", revision.to_string())
                    .resource(&Resource::Document(document))
            }
            EngineError::OtherRevision { document, current } => {
                Self::new(Code::Aborted, "REVISION_MISMATCH", message)
                    .with("current_revision", current.to_string())
                    .resource(&Resource::Document(document))
            }
            EngineError::Denied(_) => Self::denied(message),
            EngineError::OverQuota(over) => over.into(),
            EngineError::ViewExpired => Self::new(Code::Aborted, "VIEW_EXPIRED", message),
            EngineError::AlreadyExists(resource) => {
                Self::new(Code::AlreadyExists, "ALREADY_EXISTS", message).resource(&resource)
            }
            EngineError::FailedPrecondition(_) => {
                Self::new(Code::FailedPrecondition, "FAILED_PRECONDITION", message)
            }
            EngineError::Overloaded { retry_after } => {
                Self::new(Code::Unavailable, "OVERLOADED", message).retry_after(retry_after)
            }
            EngineError::IndexLagging { retry_after, .. } => {
                Self::new(Code::Unavailable, "INDEX_LAGGING", message).retry_after(retry_after)
            }
            EngineError::BackupUnderWay { retry_after } => {
                Self::new(Code::Unavailable, "BACKUP_UNDER_WAY", message).retry_after(retry_after)
            }
            EngineError::BackupPlace(outage) => backup_failure(&outage),
            EngineError::Unavailable(outage) => outage_failure(&outage),
            EngineError::TooLarge { bytes, limit } => Self::field(
                "DOCUMENT_TOO_LARGE",
                "text",
                format!("has {bytes} bytes; at most {limit} are taken"),
            )
            .with("bytes", bytes.to_string())
            .with("limit", limit.to_string()),
            EngineError::NoArticle(none) => Self::field("NO_ARTICLE", "text", none.to_string()),
            EngineError::NoAnalysis(flaws) => {
                let violation = |flaw: &Flaw| FieldViolation {
                    field: format!("analysis.{}", flaw.field),
                    description: flaw.rule.clone(),
                };
                Self::invalid("INVALID_ARGUMENT", flaws.iter().map(violation).collect())
            }
            EngineError::DeadlineExceeded => Self::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", message),
            EngineError::Over(Over::Expired) => {
                Self::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", message)
            }
            EngineError::Over(Over::Cancelled) => Self::new(Code::Cancelled, "CANCELLED", message),
            EngineError::NotYetVisible(receipt) => {
                let name = DocumentName { collection: receipt.collection, document: receipt.document };
                Self::new(Code::DeadlineExceeded, "NOT_YET_VISIBLE", message)
                    .with("reached", "DURABLE")
                    .with("name", name.to_string())
                    .with("revision", receipt.revision.to_string())
            }
            EngineError::ChangeNotYetVisible(_) => {
                Self::new(Code::DeadlineExceeded, "NOT_YET_VISIBLE", message).with("reached", "DURABLE")
            }
            EngineError::Draining => {
                Self::new(Code::Unavailable, "DRAINING", message).retry_after(RETRY_ELSEWHERE)
            }
            EngineError::Internal(fault) => {
                tracing::error!(error = %chain(&fault), "internal error");
                Self::new(Code::Internal, "INTERNAL", message)
            }
        }
    }
}

impl From<OverQuota> for Failure {
    fn from(over: OverQuota) -> Self {
        let mut failure = Self::new(Code::ResourceExhausted, "QUOTA_EXCEEDED", over.to_string())
            .with("quota", over.quota.as_str())
            .with("limit", over.limit.to_string());
        failure.0.quota = Some((over.quota.as_str().to_owned(), over.to_string()));
        failure.0.retry_after = over.retry_after;
        failure
    }
}

/// A code as the protocol's documentation writes it.
pub fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Self {
        let parts = *failure.0;
        let metadata: HashMap<String, String> =
            parts.metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let mut details = ErrorDetails::with_error_info(parts.reason, ERROR_DOMAIN, metadata);
        for violation in parts.violations {
            details.add_bad_request_violation(violation.field, violation.description);
        }
        if parts.retry_after.is_some() {
            details.set_retry_info(parts.retry_after);
        }
        if let Some((subject, description)) = parts.quota {
            details.add_quota_failure_violation(subject, description);
        }
        if let Some((kind, name)) = parts.resource {
            details.set_resource_info(kind, name, "", "");
        }
        Status::with_error_details(parts.code, parts.message, details)
    }
}

impl From<Failure> for ItemError {
    fn from(failure: Failure) -> Self {
        let parts = *failure.0;
        Self {
            code: parts.code as i32,
            reason: parts.reason.to_owned(),
            message: parts.message,
            field_violations: parts.violations,
            retry_after: parts.retry_after.map(duration),
            metadata: parts.metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        }
    }
}

impl Failure {
    /// The failure as seen from a message that holds the failing one in `field`: paths of violations are prefixed.
    pub fn under(mut self, field: &str) -> Self {
        for violation in &mut self.0.violations {
            violation.field = format!("{field}.{}", violation.field);
        }
        self
    }
}

fn resource_type(resource: &Resource) -> &'static str {
    match resource {
        Resource::Collection(_) => "dictum.v1.Collection",
        Resource::Document(_) => "dictum.v1.Document",
        Resource::Quote(_) => "dictum.v1.Quote",
        Resource::Entity(_) => "dictum.v1.CollectionEntity",
        Resource::Operation(_) => "dictum.v1.Operation",
        Resource::Backup(_) => "dictum.v1.Backup",
    }
}

/// The store or the index cannot work now. What the disk said is for the log, which has it already.
fn outage_failure(outage: &Outage) -> Failure {
    let (reason, message) = match outage.kind {
        OutageKind::Full => ("STORE_FULL", "the service's disk is full; what is stored can be read"),
        OutageKind::ReadOnly => {
            ("STORE_READ_ONLY", "the service's disk has failed; what is stored can be read")
        }
        OutageKind::Closed => ("STORE_CLOSED", "the service's disk has failed"),
        OutageKind::Busy => ("OVERLOADED", "too many calls at once"),
    };
    Failure::new(Code::Unavailable, reason, message).retry_after(outage.retry_after)
}

/// A backup cannot be written. What the disk said is for the log, which has it already.
fn backup_failure(outage: &Outage) -> Failure {
    let failure = match outage.kind {
        OutageKind::Full => Failure::new(
            Code::ResourceExhausted,
            "BACKUP_DISK_FULL",
            "too little room is left where backups are written; nothing is left of this one",
        ),
        OutageKind::ReadOnly | OutageKind::Closed | OutageKind::Busy => Failure::new(
            Code::Unavailable,
            "BACKUP_DISK_FAILED",
            "backups cannot be written to their folder; the service's log says why",
        ),
    };
    failure.retry_after(outage.retry_after)
}

/// The request's name for a field of the vocabulary.
fn wire_field(field: &'static str) -> &'static str {
    match field {
        "page.after" => "page_token",
        "page.size" => "page_size",
        "at_least" => "consistency_token",
        other => other,
    }
}

/// An error with its causes, on one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
