//! Names every call. The id is the client's own (`x-request-id`) or a new one; it is in the span of the call, in
//! the answer's metadata, and in the RequestInfo of every error; beside it the id of the trace, where there is one. Errors that tonic makes by itself (a message over
//! the limit, an unknown method) get their ErrorInfo here, so that a client finds one on every error.

use super::trace_context::{self, TraceId};
use super::{Answer, FrameResult, Request, Response};
use crate::transport::status::ERROR_DOMAIN;
use http::{HeaderMap, HeaderValue};
use http_body::{Frame, SizeHint};
use prost::bytes::Bytes;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{SystemTime, UNIX_EPOCH};
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use tower::{Layer, Service};

/// The header, in both directions.
pub const HEADER: &str = "x-request-id";
/// Longest id that is taken from a client, in bytes.
const MAX_BYTES: usize = 128;

/// The id of a call; an extension of its request.
#[derive(Debug, Clone)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The id as text: visible ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id, to be kept.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct RequestIdLayer {
    prefix: Arc<str>,
    count: Arc<AtomicU64>,
}

impl Default for RequestIdLayer {
    /// New ids are unlike those of any other process: they begin with the time at which this one started.
    fn default() -> Self {
        let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { prefix: format!("{:x}", start.as_micros()).into(), count: Arc::default() }
    }
}

impl RequestIdLayer {
    fn of(&self, headers: &HeaderMap) -> RequestId {
        let sent = headers.get(HEADER).and_then(|value| value.to_str().ok());
        match sent.filter(|id| !id.is_empty() && id.len() <= MAX_BYTES) {
            Some(id) => RequestId(id.into()),
            None => {
                let count = self.count.fetch_add(1, Ordering::Relaxed);
                RequestId(format!("{}-{count:x}", self.prefix).into())
            }
        }
    }
}

impl<S> Layer<S> for RequestIdLayer {
    type Service = RequestIdService<S>;

    fn layer(&self, inner: S) -> RequestIdService<S> {
        RequestIdService { inner, ids: self.clone() }
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct RequestIdService<S> {
    inner: S,
    ids: RequestIdLayer,
}

impl<S> Service<Request> for RequestIdService<S>
where
    S: Service<Request, Response = Response>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Answer<S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let id = self.ids.of(request.headers());
        request.extensions_mut().insert(id.clone());
        let answer = self.inner.call(request);
        Box::pin(async move {
            let (mut head, body) = answer.await?.into_parts();
            let name = Name { id, trace: head.extensions.get::<TraceId>().copied() };
            complete(&mut head.headers, &name);
            if let Some(Ok(value)) = name.trace.map(|trace| HeaderValue::try_from(trace.to_string())) {
                head.headers.insert(trace_context::HEADER, value);
            }
            if let Ok(value) = HeaderValue::from_str(name.id.as_str()) {
                head.headers.insert(HEADER, value);
            }
            Ok(Response::from_parts(head, Body::new(NamedBody { inner: body, name })))
        })
    }
}

/// What a call is found by.
struct Name {
    id: RequestId,
    trace: Option<TraceId>,
}

/// Adds what an error lacks to the headers or trailers that carry it.
fn complete(headers: &mut HeaderMap, name: &Name) {
    let Some(status) = Status::from_header_map(headers).filter(|status| status.code() != Code::Ok) else {
        return;
    };
    let mut details = status.get_error_details();
    let trace = name.trace.map(|trace| trace.to_string()).unwrap_or_default();
    details.set_request_info(name.id.as_str(), trace);
    if details.error_info().is_none() {
        details.set_error_info(reason(status.code()), ERROR_DOMAIN, HashMap::new());
    }
    let status = Status::with_error_details(status.code(), status.message(), details);
    let mut completed = HeaderMap::new();
    // What cannot be encoded leaves the error as it was.
    if status.add_header(&mut completed).is_ok() {
        headers.extend(completed);
    }
}

/// The reason of an error that says no more than its code.
fn reason(code: Code) -> &'static str {
    match code {
        // The only error of this code is tonic's, for messages over the limit in either direction.
        Code::OutOfRange => "MESSAGE_TOO_LARGE",
        Code::Unimplemented => "UNKNOWN_METHOD",
        Code::Cancelled => "CANCELLED",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::Unavailable => "UNAVAILABLE",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        _ => "INTERNAL",
    }
}

/// A body whose trailers are completed.
struct NamedBody {
    inner: Body,
    name: Name,
}

impl http_body::Body for NamedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<FrameResult>> {
        let frame = std::task::ready!(Pin::new(&mut self.inner).poll_frame(cx));
        Poll::Ready(frame.map(|frame| frame.map(|frame| complete_trailers(frame, &self.name))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

fn complete_trailers(mut frame: Frame<Bytes>, name: &Name) -> Frame<Bytes> {
    if let Some(trailers) = frame.trailers_mut() {
        complete(trailers, name);
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;
    use tonic_types::ErrorDetails;

    fn named() -> Name {
        Name { id: RequestId("abc".into()), trace: None }
    }

    fn headers(status: Status) -> HeaderMap {
        status.into_http::<()>().into_parts().0.headers
    }

    #[test]
    fn an_error_of_tonics_own_gets_a_reason_and_the_id() {
        let mut headers = headers(Status::out_of_range("too long"));
        complete(&mut headers, &named());
        let status = Status::from_header_map(&headers).unwrap();
        let details = status.get_error_details();
        assert_eq!((status.code(), status.message()), (Code::OutOfRange, "too long"));
        assert_eq!(details.request_info().unwrap().request_id, "abc");
        assert_eq!(details.error_info().unwrap().reason, "MESSAGE_TOO_LARGE");
    }

    #[test]
    fn details_of_ours_are_kept_and_success_is_left_alone() {
        let ours = ErrorDetails::with_error_info("OURS", ERROR_DOMAIN, HashMap::new());
        let mut failed = headers(Status::with_error_details(Code::NotFound, "none", ours));
        complete(&mut failed, &named());
        let details = Status::from_header_map(&failed).unwrap().get_error_details();
        assert_eq!(details.error_info().unwrap().reason, "OURS");
        assert_eq!(details.request_info().unwrap().request_id, "abc");
        let mut fine = HeaderMap::from_iter([(Status::GRPC_STATUS, HeaderValue::from_static("0"))]);
        complete(&mut fine, &named());
        assert_eq!(fine.len(), 1);
    }

    #[test]
    fn the_clients_own_id_is_kept_unless_it_is_absurd() {
        let ids = RequestIdLayer::default();
        let sent = |id: &str| {
            let id = HeaderValue::from_str(id).unwrap();
            ids.of(&HeaderMap::from_iter([(HeaderName::from_static(HEADER), id)]))
        };
        assert_eq!(sent("mine").as_str(), "mine");
        assert_ne!(sent("").as_str(), sent(&"x".repeat(MAX_BYTES + 1)).as_str());
    }
}
