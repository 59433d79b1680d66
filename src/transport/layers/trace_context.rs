//! Whose part a call is, as W3C Trace Context says it: `traceparent` and `tracestate` of a request make its span a child of the caller's,
//! and what is malformed counts as nothing. Knows nothing of where spans go, and shows none of what is asked or answered. Start at
//! [`Rpc`].
//!
//! The spans of calls and items are for logs as well; what only traces are to know of them is said in OpenTelemetry's own words. All other
//! spans are of the level `trace`, which logs do not show. Logs find their own by what is entered, so whoever goes on in another thread
//! or task takes the current span along, and it must be one of these.

use crate::ports::Note;
use crate::transport::methods;
use crate::transport::status::code_name;
use http::HeaderMap;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{Status as Outcome, TraceContextExt};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use std::fmt;
use std::sync::Arc;
use tonic::{Code, Status};
use tracing::Span;
use tracing::field::{Empty, display};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The header that tells clients of which trace their call was a part.
pub const HEADER: &str = "x-trace-id";

/// The target of spans that are for logs alone; whoever sends traces leaves it out.
const UNTRACED: &str = "dictum::transport::untraced";

/// What a call is about.
const COLLECTION: &str = "dictum.collection";

/// The id of a trace that somebody can look at: one that is sampled, or that the caller began. An extension of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId(opentelemetry::TraceId);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A call as part of a trace.
#[derive(Debug)]
pub struct Rpc {
    /// The call's span in logs and traces.
    pub span: Span,
    /// The trace, where it leads anywhere.
    pub trace: Option<TraceId>,
    is_traced: bool,
    note: Arc<Note>,
}

impl Rpc {
    /// Begins the call to `path`. What comes to light about it is found in `note` at its end.
    pub fn begin(path: &str, headers: &HeaderMap, request_id: Option<&str>, note: Arc<Note>) -> Self {
        let sent = sent(headers);
        let began = sent.as_ref().map(|sent| sent.span().span_context().trace_id());
        let (name, shown) = (methods::label(path), path.trim_start_matches('/'));
        let Some((service, method)) = name.split_once('/').filter(|(service, _)| is_ours(service)) else {
            let span =
                tracing::error_span!(target: UNTRACED, "call", method = shown, request_id, trace_id = Empty);
            return Self { span, trace: None, is_traced: false, note };
        };
        // Of the highest level, since errors are what it is looked for at most.
        let span =
            tracing::error_span!("call", method = shown, request_id, trace_id = Empty, sampled = Empty);
        if let Some(sent) = sent {
            // Fails where nobody traces; then there is nothing to be part of.
            let _ = span.set_parent(sent);
        }
        let context = span.context();
        let own = context.span();
        let is_traced = own.is_recording();
        if is_traced {
            // Whoever makes spans for traces goes by it.
            span.record("sampled", true);
            own.update_name(name);
            own.set_attributes([
                KeyValue::new("rpc.system", "grpc"),
                KeyValue::new("rpc.service", service),
                KeyValue::new("rpc.method", method),
            ]);
        }
        let trace = began.or_else(|| is_traced.then(|| own.span_context().trace_id())).map(TraceId);
        if let Some(trace) = &trace {
            span.record("trace_id", display(trace));
        }
        Self { span, trace, is_traced, note }
    }

    /// The call has ended. What is still done for it in the background does not lengthen its span.
    pub fn end(self, status: &Status) {
        let Self { span, note, is_traced, .. } = self;
        if !is_traced {
            return;
        }
        failed_with(&span, status.code());
        let context = span.context();
        let own = context.span();
        own.set_attribute(KeyValue::new("rpc.grpc.status_code", i64::from(status.code() as i32)));
        if let Some(collection) = note.collection() {
            own.set_attribute(KeyValue::new(COLLECTION, collection.to_owned()));
        }
        own.end();
    }
}

/// Whether calls of the service are traced. Probes would be most of all traces.
fn is_ours(service: &str) -> bool {
    service.starts_with("dictum.v1.")
}

/// A span for one item of the stream whose span is the current one. Streams may go on for days, so each item is a trace of its own that is
/// linked to the stream's; in logs it lies within the call. The stream's own span where nobody traces.
pub fn item(name: &'static str, request_id: &str, collection: Option<&str>) -> Span {
    let stream = Span::current();
    let of_stream = stream.context().span().span_context().clone();
    if !of_stream.is_valid() {
        return stream;
    }
    let span = tracing::error_span!("item", request_id, trace_id = Empty, sampled = Empty);
    // It has just been made.
    let _ = span.set_parent(Context::new());
    let context = span.context();
    let own = context.span();
    if own.is_recording() {
        own.update_name(name);
        if let Some(collection) = collection {
            own.set_attribute(KeyValue::new(COLLECTION, collection.to_owned()));
        }
        if of_stream.is_sampled() {
            own.add_link(of_stream, Vec::new());
        }
        span.record("trace_id", display(own.span_context().trace_id()));
        span.record("sampled", true);
    }
    span
}

/// Marks a span as failed where the code is a fault of the service and not of its caller.
pub fn failed_with(span: &Span, code: Code) {
    if matches!(
        code,
        Code::Unknown
            | Code::DeadlineExceeded
            | Code::Unimplemented
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss
    ) {
        let context = span.context();
        let own = context.span();
        own.set_status(Outcome::error(""));
        own.set_attribute(KeyValue::new("error.type", code_name(code)));
    }
}

/// The span that the caller has begun.
fn sent(headers: &HeaderMap) -> Option<Context> {
    Headers(headers).get("traceparent").filter(|parent| is_whole(parent))?;
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers(headers));
    context.has_active_span().then_some(context)
}

/// Whether the parts have their lengths, which the propagator does not ask for: version, trace, span, flags.
fn is_whole(parent: &str) -> bool {
    let mut lengths = parent.split('-').map(str::len);
    [2, 32, 16, 2].into_iter().all(|length| lengths.next() == Some(length))
}

/// Headers as the propagator reads them.
struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    /// What is there twice is malformed: nobody knows which one is meant.
    fn get(&self, key: &str) -> Option<&str> {
        let mut all = self.0.get_all(key).iter();
        let first = all.next()?;
        all.next().is_none().then(|| first.to_str().ok()).flatten()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn shown(parents: &[&str]) -> Option<String> {
        let header = |value: &&str| {
            (HeaderName::from_static("traceparent"), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        };
        let mut headers = HeaderMap::new();
        headers.extend(parents.iter().map(header).map(|(name, value)| (Some(name), value)));
        for parent in parents.iter().skip(1) {
            headers.append("traceparent", HeaderValue::from_str(parent).unwrap());
        }
        Rpc::begin("/dictum.v1.QuoteService/SearchQuotes", &headers, None, Arc::default())
            .trace
            .map(|trace| trace.to_string())
    }

    #[test]
    fn a_trace_of_the_callers_is_named_even_where_nobody_traces_and_bad_ones_are_as_none() {
        let good = format!("00-{TRACE}-00f067aa0ba902b7-01");
        assert_eq!(shown(&[&good]).as_deref(), Some(TRACE));
        let zero = format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32));
        let upper = good.to_uppercase();
        for bad in ["", "x", "00-1-2-01", &good[..40], &zero, &upper, "ff-a-b-01", "\u{e9}"] {
            assert_eq!(shown(&[bad]), None, "{bad}");
        }
        assert_eq!(shown(&[&good, &good]), None, "two of them");
        assert_eq!(shown(&[]), None);
    }
}
