//! Counts calls, by method and how they end. What is no method of the service is counted as one, whatever it is called.

use super::{Answer, FrameResult, Request, Response};
use crate::metrics::Metrics;
use crate::transport::methods;
use crate::transport::status::code_name;
use http::HeaderMap;
use http_body::SizeHint;
use prost::bytes::Bytes;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use tower::{Layer, Service};

/// See the module.
#[derive(Debug, Clone)]
pub struct MetricsLayer(pub Arc<Metrics>);

impl<S> Layer<S> for MetricsLayer {
    type Service = MetricsService<S>;

    fn layer(&self, inner: S) -> MetricsService<S> {
        MetricsService { inner, metrics: Arc::clone(&self.0) }
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct MetricsService<S> {
    inner: S,
    metrics: Arc<Metrics>,
}

impl<S> Service<Request> for MetricsService<S>
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

    fn call(&mut self, request: Request) -> Self::Future {
        self.metrics.begun();
        let method = methods::label(request.uri().path()).to_owned();
        let mut call =
            Call { metrics: Arc::clone(&self.metrics), method, start: Instant::now(), ended: false };
        let answer = self.inner.call(request);
        Box::pin(async move {
            let response = answer.await?;
            // An answer without body has its status in the head.
            call.end_with(response.headers());
            Ok(response.map(|inner| Body::new(CountedBody { inner, call })))
        })
    }
}

/// A call that goes on. One that is dropped before its end was given up by the client.
struct Call {
    metrics: Arc<Metrics>,
    method: String,
    start: Instant,
    ended: bool,
}

impl Call {
    fn end_with(&mut self, headers: &HeaderMap) {
        if let Some(status) = Status::from_header_map(headers) {
            let details = (status.code() != Code::Ok).then(|| status.get_error_details());
            let info = details.as_ref().and_then(|details| details.error_info());
            if let Some(quota) = info.and_then(|info| info.metadata.get("quota")) {
                self.metrics.over_quota(quota);
            }
            self.end(status.code(), info.map_or("", |info| info.reason.as_str()));
        }
    }

    fn end(&mut self, code: Code, reason: &str) {
        if !std::mem::replace(&mut self.ended, true) {
            self.metrics.ended(&self.method, code_name(code), reason, self.start.elapsed());
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.end(Code::Cancelled, "");
    }
}

/// A body whose end is counted.
struct CountedBody {
    inner: Body,
    call: Call,
}

impl http_body::Body for CountedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<FrameResult>> {
        let frame = std::task::ready!(Pin::new(&mut self.inner).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    self.call.end_with(trailers);
                }
            }
            Some(Err(status)) => self.call.end(status.code(), ""),
            None => self.call.end(Code::Ok, ""),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
