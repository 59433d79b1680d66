//! A span per call, with its method, request id and trace, around handler and body; and one line of log at its end with
//! code and duration.

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
        let note = Arc::<Note>::default();
        request.extensions_mut().insert(Arc::clone(&note));
        let id = request.extensions().get::<RequestId>().map(RequestId::as_str);
        let rpc = Rpc::begin(request.uri().path(), request.headers(), id, note);
        let (span, trace) = (rpc.span.clone(), rpc.trace);
        let call = Call { rpc, start: Instant::now() };
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

/// A call that goes on.
struct Call {
    rpc: Rpc,
    start: Instant,
}

impl Ending for Call {
    fn ended(self, status: &Status) {
        let entered = self.rpc.span.clone().entered();
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
        drop(entered);
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
