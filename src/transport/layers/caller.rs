//! Makes the caller of a call: under which id, until when, and for how long anybody is there. It becomes an extension of the request,
//! and is over when the client goes away: its answer is dropped then, whether or not it has begun.

use super::access::Known;
use super::deadline::timeout;
use super::request_id::RequestId;
use super::{Answer, FrameResult, Request, Response};
use crate::ports::{Caller, Lane, Note};
use http_body::SizeHint;
use prost::bytes::Bytes;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tokio_util::sync::DropGuard;
use tonic::body::Body;
use tower::{Layer, Service};

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct CallerLayer;

impl<S> Layer<S> for CallerLayer {
    type Service = CallerService<S>;

    fn layer(&self, inner: S) -> CallerService<S> {
        CallerService { inner }
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct CallerService<S> {
    inner: S,
}

impl<S> Service<Request> for CallerService<S>
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
        let id = request.extensions().get::<RequestId>().map(RequestId::as_str).unwrap_or_default();
        let deadline = timeout(request.headers()).and_then(|timeout| Instant::now().checked_add(timeout));
        // The lane is that of the handler, which knows what it is asked.
        let mut caller = Caller { deadline, ..Caller::anonymous(Lane::Interactive, id) };
        if let Some(note) = request.extensions().get::<Arc<Note>>() {
            caller.note = Arc::clone(note);
        }
        if let Some(Known { principal, meter, note }) = request.extensions().get::<Known>() {
            caller.principal = Arc::clone(principal);
            caller.meter = Some(Arc::clone(meter));
            caller.note = Arc::clone(note);
        }
        let gone = caller.cancelled.clone().drop_guard();
        request.extensions_mut().insert(caller);
        let answer = self.inner.call(request);
        Box::pin(async move { Ok(answer.await?.map(|inner| Body::new(GuardedBody { inner, _gone: gone }))) })
    }
}

/// A body whose caller is over when it is dropped.
struct GuardedBody {
    inner: Body,
    _gone: DropGuard,
}

impl http_body::Body for GuardedBody {
    type Data = Bytes;
    type Error = tonic::Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<FrameResult>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
