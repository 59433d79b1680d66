//! A panic while a call is answered is a bug of ours and stays with that call: the client gets INTERNAL, with the
//! request id under which the log has the panic. tonic alone would reset the stream, which clients show as
//! CANCELLED.

use super::{Answer, FrameResult, Request, Response, respond, trailers};
use crate::transport::status::Failure;
use futures_util::FutureExt;
use http_body::SizeHint;
use prost::bytes::Bytes;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct PanicLayer;

impl<S> Layer<S> for PanicLayer {
    type Service = PanicService<S>;

    fn layer(&self, inner: S) -> PanicService<S> {
        PanicService { inner }
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct PanicService<S> {
    inner: S,
}

impl<S> Service<Request> for PanicService<S>
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
        // Unwind safety: what panicked is dropped and never used again; shared state is the engine's, whose own
        // threads do the work.
        let answer = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        Box::pin(async move {
            match answer.await {
                Ok(response) => Ok(response?.map(|inner| Body::new(CaughtBody { inner, panicked: false }))),
                Err(panic) => Ok(respond(internal(&*panic))),
            }
        })
    }
}

fn internal(panic: &(dyn Any + Send)) -> Status {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Failure::internal(&format!("panic: {}", text.unwrap_or("no message"))).into()
}

/// A body that ends with INTERNAL where it panics.
struct CaughtBody {
    inner: Body,
    panicked: bool,
}

impl http_body::Body for CaughtBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<FrameResult>> {
        if self.panicked {
            return Poll::Ready(None);
        }
        match catch_unwind(AssertUnwindSafe(|| Pin::new(&mut self.inner).poll_frame(cx))) {
            Ok(poll) => poll,
            Err(panic) => {
                self.panicked = true;
                Poll::Ready(Some(trailers(&internal(&*panic))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.panicked || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body::Body as _;
    use std::convert::Infallible;
    use std::future::poll_fn;
    use tonic::Code;
    use tower::ServiceExt;

    struct Panics;

    impl http_body::Body for Panics {
        type Data = Bytes;
        type Error = Status;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<FrameResult>> {
            panic!("in the body");
        }
    }

    async fn handler_that_panics(_: Request) -> Result<Response, Infallible> {
        panic!("in the handler");
    }

    async fn body_that_panics(_: Request) -> Result<Response, Infallible> {
        Ok(Response::new(Body::new(Panics)))
    }

    #[tokio::test]
    async fn a_panic_in_a_handler_is_internal() {
        let service = PanicLayer.layer(tower::service_fn(handler_that_panics));
        let response = service.oneshot(Request::default()).await.unwrap();
        assert_eq!(Status::from_header_map(response.headers()).unwrap().code(), Code::Internal);
    }

    #[tokio::test]
    async fn a_panic_in_a_body_ends_it_with_internal() {
        let service = PanicLayer.layer(tower::service_fn(body_that_panics));
        let mut body = service.oneshot(Request::default()).await.unwrap().into_body();
        let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await.unwrap().unwrap();
        let trailers = frame.into_trailers().unwrap();
        assert_eq!(Status::from_header_map(&trailers).unwrap().code(), Code::Internal);
        assert!(poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await.is_none());
    }
}
