//! A span per call, with its method, request id and trace, around handler and body; and one line of log at its end with
//! code and duration. Within it the span that goes into the trace, where anybody traces.

use super::ended::{Ending, watched};
use super::request_id::RequestId;
use super::trace_context::Rpc;
use super::{Answer, FrameResult, Request, Response};
use crate::ports::Note;
use http_body::SizeHint;
use prost::bytes::Bytes;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::field::{Empty, display};
use tracing::{Instrument, Span};

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct TraceLayer;

impl<S> Layer<S> for TraceLayer {
    type Service = TraceService<S>;

    fn layer(&self, inner: S) -> TraceService<S> {
        TraceService { inner }
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct TraceService<S> {
    inner: S,
}

impl<S> Service<Request> for TraceService<S>
where
    S: Service<Request, Response = Response>,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Answer<S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let (span, rpc) = begin(&mut request);
        let trace = rpc.trace;
        let call = Call { span: span.clone(), rpc, start: Instant::now() };
        let within = span.clone();
        let answer = span.in_scope(|| self.inner.call(request)).instrument(span);
        let answer = async move {
            let mut answer = answer.await?;
            if let Some(trace) = trace {
                answer.extensions_mut().insert(trace);
            }
            Ok(answer.map(|inner| Body::new(TracedBody { inner, span: within })))
        };
        Box::pin(watched(answer, call))
    }
}

/// The span that the call is answered in, and its part of a trace.
fn begin(request: &mut Request) -> (Span, Rpc) {
    let note = Arc::<Note>::default();
    request.extensions_mut().insert(Arc::clone(&note));
    let id = request.extensions().get::<RequestId>().map(RequestId::as_str);
    let path = request.uri().path();
    // Of the highest level, since errors are what it is looked for at most.
    let call = tracing::error_span!(
        "call",
        method = path.trim_start_matches('/'),
        request_id = id,
        trace_id = Empty
    );
    let rpc = call.in_scope(|| Rpc::begin(path, request.headers(), id, note));
    if let Some(trace) = &rpc.trace {
        call.record("trace_id", display(trace));
    }
    // The trace's span is within the log's, so that whoever is in it is in both.
    let span = if rpc.span.is_disabled() { call } else { rpc.span.clone() };
    (span, rpc)
}

/// A call that goes on.
struct Call {
    span: Span,
    rpc: Rpc,
    start: Instant,
}

impl Ending for Call {
    fn ended(self, status: &Status) {
        let _entered = self.span.enter();
        let milliseconds = self.start.elapsed().as_secs_f64() * 1000.0;
        let (code, message) = (status.code(), status.message());
        match code {
            // The client went away before it had said what it wants.
            Code::Internal if message == "Missing request message." => {
                tracing::debug!(?code, milliseconds, message, "given up");
            }
            Code::Internal | Code::Unknown | Code::DataLoss => {
                tracing::error!(?code, milliseconds, message, "failed");
            }
            _ => tracing::debug!(?code, milliseconds, message, "answered"),
        }
        self.rpc.end(status);
    }
}

/// A body within its call's span.
struct TracedBody {
    inner: Body,
    span: Span,
}

impl http_body::Body for TracedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<FrameResult>> {
        let Self { inner, span } = &mut *self;
        span.in_scope(|| Pin::new(inner).poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
