//! One line of the log of decisions. Texts of documents, queries and credentials have no field here.

use crate::access::{Lack, OverQuota, Principal, Rejection};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;

/// What was decided about one call.
#[derive(Debug, Clone, Serialize)]
pub struct AuditEvent {
    /// When, in UTC.
    pub time: Timestamp,
    /// Who called; nobody where it was not found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<Who>,
    /// The id of the key that somebody claimed to hold, who could not show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Box<str>>,
    /// From where, as the service sees it: behind a proxy, the proxy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<SocketAddr>,
    /// The request's id, as in the service's log.
    #[serde(serialize_with = "text")]
    pub request: Arc<str>,
    /// The call: `dictum.v1.QuoteService/SearchQuotes`.
    pub rpc: Cow<'static, str>,
    /// What it was about, as a resource name; a list or search over all has `collections/-`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What was decided.
    pub outcome: Outcome,
    /// The status that the client got: `OK`, `PERMISSION_DENIED`.
    pub code: Cow<'static, str>,
    /// Why, where it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Cow<'static, str>>,
}

/// A principal, for a line.
#[derive(Debug, Clone, Serialize)]
pub struct Who {
    /// Unique and lasting.
    #[serde(serialize_with = "text")]
    pub id: Arc<str>,
    /// For people.
    #[serde(serialize_with = "text")]
    pub name: Arc<str>,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The call might go on; whether it succeeded says the code.
    Ok,
    /// A scope was missing.
    Denied,
    /// The collection was out of reach; the client was told that there is none.
    Hidden,
    /// Nobody that counts.
    Unauthenticated,
    /// A limit was reached.
    Quota,
}

/// Shared texts are written as any other.
fn text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

impl From<&Principal> for Who {
    fn from(principal: &Principal) -> Self {
        Self { id: Arc::clone(&principal.id), name: Arc::clone(&principal.name) }
    }
}

impl AuditEvent {
    /// A call that might go on, by nobody so far.
    pub fn new(time: Timestamp, request: Arc<str>, rpc: impl Into<Cow<'static, str>>) -> Self {
        Self {
            time,
            principal: None,
            claimed: None,
            peer: None,
            request,
            rpc: rpc.into(),
            resource: None,
            outcome: Outcome::Ok,
            code: "OK".into(),
            reason: None,
        }
    }

    /// The caller is known.
    pub fn by(mut self, principal: &Principal) -> Self {
        self.principal = Some(principal.into());
        self
    }

    /// The caller is nobody that counts.
    pub fn rejected(mut self, rejection: &Rejection) -> Self {
        self.claimed.clone_from(&rejection.claimed);
        self.refused(Outcome::Unauthenticated, "UNAUTHENTICATED", rejection.cause)
    }

    /// The caller lacks a scope.
    pub fn denied(self, lack: Lack) -> Self {
        self.refused(Outcome::Denied, "PERMISSION_DENIED", lack.to_string())
    }

    /// The collection is out of the caller's reach.
    pub fn hidden(self) -> Self {
        self.refused(Outcome::Hidden, "NOT_FOUND", "the collection is out of reach")
    }

    /// A limit was reached.
    pub fn over(self, over: &OverQuota) -> Self {
        self.refused(Outcome::Quota, "RESOURCE_EXHAUSTED", over.to_string())
    }

    fn refused(self, outcome: Outcome, code: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { outcome, code: code.into(), reason: Some(reason.into()), ..self }
    }
}
