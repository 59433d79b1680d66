//! Ends a call at its caller's deadline, streams included, with DEADLINE_EXCEEDED.
//! tonic alone would say CANCELLED, and would let a stream that has begun go on. Dropping the handler tears no
//! write: those run on tasks of the engine.

use super::{Answer, FrameResult, Request, Response, caller, respond, trailers};
use crate::transport::status::Failure;
use http_body::SizeHint;
use prost::bytes::Bytes;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::time::{Instant, Sleep};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct DeadlineLayer;

impl<S> Layer<S> for DeadlineLayer {
    type Service = DeadlineService<S>;

    fn layer(&self, inner: S) -> DeadlineService<S> {
        DeadlineService { inner }
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct DeadlineService<S> {
    inner: S,
}

impl<S> Service<Request> for DeadlineService<S>
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

    fn call(&mut self, request: Request) -> Self::Future {
        let deadline = caller::of(request.extensions()).deadline.map(Instant::from_std);
        let answer = self.inner.call(request);
        let Some(deadline) = deadline else { return Box::pin(answer) };
        Box::pin(async move {
            match tokio::time::timeout_at(deadline, answer).await {
                Ok(response) => {
                    let sleep = Box::pin(tokio::time::sleep_until(deadline));
                    Ok(response?.map(|inner| Body::new(TimedBody { inner, sleep, late: false })))
                }
                Err(_) => Ok(respond(exceeded())),
            }
        })
    }
}

fn exceeded() -> Status {
    Failure::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", "the call's deadline has passed").into()
}

/// A body that ends at a deadline.
struct TimedBody {
    inner: Body,
    sleep: Pin<Box<Sleep>>,
    late: bool,
}

impl http_body::Body for TimedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<FrameResult>> {
        if self.late {
            return Poll::Ready(None);
        }
        if let ready @ Poll::Ready(_) = Pin::new(&mut self.inner).poll_frame(cx) {
            return ready;
        }
        std::task::ready!(self.sleep.as_mut().poll(cx));
        self.late = true;
        Poll::Ready(Some(trailers(&exceeded())))
    }

    fn is_end_stream(&self) -> bool {
        self.late || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
