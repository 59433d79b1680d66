//! Whose part a call is, as W3C Trace Context says it: `traceparent` and `tracestate` of a request make its span a child of the caller's,
//! and what is malformed counts as nothing. Spans for traces are of the level `trace`, which logs do not show. Knows nothing of where
//! spans go, and shows none of what is asked or answered. Start at [`Rpc`].

use crate::ports::Note;
use crate::transport::methods;
use crate::transport::status::code_name;
use http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use std::fmt;
use std::sync::Arc;
use tonic::{Code, Status};
use tracing::Span;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The header that tells clients of which trace their call was a part.
pub const HEADER: &str = "x-trace-id";

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
    /// Disabled where nobody traces, and for what is none of the service's own methods: probes would be most of all traces.
    pub span: Span,
    /// The trace, where it leads anywhere.
    pub trace: Option<TraceId>,
    note: Arc<Note>,
}

impl Rpc {
    /// Begins the span of the call to `path`. What comes to light about the call is found in `note` at its end.
    pub fn begin(path: &str, headers: &HeaderMap, request_id: Option<&str>, note: Arc<Note>) -> Self {
        let sent = sent(headers);
        let span = span(path, request_id);
        let mut shown = sent.as_ref().map(|sent| sent.span().span_context().trace_id());
        if !span.is_disabled() {
            if let Some(sent) = sent {
                // Fails where nobody traces; then there is nothing to be part of.
                let _ = span.set_parent(sent);
            }
            let context = span.context();
            let own = context.span();
            shown = shown.or_else(|| own.span_context().is_sampled().then(|| own.span_context().trace_id()));
        }
        Self { span, trace: shown.map(TraceId), note }
    }

    /// The call has ended. What is still done for it in the background does not lengthen its span.
    pub fn end(self, status: &Status) {
        let Self { span, note, .. } = self;
        if span.is_disabled() {
            return;
        }
        span.record("rpc.grpc.status_code", status.code() as i32);
        if let Some(collection) = note.collection() {
            span.record("dictum.collection", collection);
        }
        failed_with(&span, status.code());
        span.context().span().end();
    }
}

fn span(path: &str, request_id: Option<&str>) -> Span {
    let name = methods::label(path);
    match name.split_once('/') {
        Some((service, method)) if service.starts_with("dictum.v1.") => tracing::trace_span!(
            "rpc",
            otel.name = name,
            otel.kind = "server",
            otel.status_code = Empty,
            rpc.system = "grpc",
            rpc.service = service,
            rpc.method = method,
            rpc.grpc.status_code = Empty,
            error.r#type = Empty,
            dictum.request_id = request_id,
            dictum.collection = Empty,
        ),
        _ => Span::none(),
    }
}

/// A span for one item of the stream whose span is the current one. Streams may go on for days, so each item is a trace of its own that is
/// linked to the stream's; in logs it stays within the call.
pub fn item(name: &'static str) -> Span {
    let span = tracing::trace_span!(
        "item",
        otel.name = name,
        otel.status_code = Empty,
        error.r#type = Empty,
        dictum.collection = Empty
    );
    if !span.is_disabled() {
        let stream = Span::current().context().span().span_context().clone();
        // As above.
        let _ = span.set_parent(Context::new());
        if stream.is_sampled() {
            span.add_link(stream);
        }
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
        span.record("otel.status_code", "ERROR");
        span.record("error.type", code_name(code));
    }
}

/// The span that the caller has begun.
fn sent(headers: &HeaderMap) -> Option<Context> {
    headers.contains_key("traceparent").then_some(())?;
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers(headers));
    context.has_active_span().then_some(context)
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
