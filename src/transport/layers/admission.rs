//! Sees to room before a message is taken in. Of a call with one message only the prefix is read here; where there is
//! room for what it announces, the call goes on with the permit in its extensions, otherwise it is refused without
//! another byte. A stream's body is put aside whole, for the session that reads it through
//! [`Inbound`](crate::transport::inbound::Inbound). Health and reflection pass by: their messages are tiny, by their
//! own limits.

use super::{Answer, FrameResult, Request, Response, respond};
use crate::engine::Permit;
use crate::ports::Lane;
use crate::transport::caller;
use crate::transport::context::Context;
use crate::transport::frames::{Deframer, Next, PREFIX};
use crate::transport::methods::Kind;
use crate::transport::status::Failure;
use http::Extensions;
use http_body::{Body as _, Frame, SizeHint};
use prost::bytes::{Bytes, BytesMut};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{self, Poll, ready};
use std::time::Duration;
use tokio::time::Sleep;
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};
use tracing::Instrument;

/// See the module.
#[derive(Clone)]
pub struct AdmissionLayer(pub Arc<Context>);

impl<S> Layer<S> for AdmissionLayer {
    type Service = AdmissionService<S>;

    fn layer(&self, inner: S) -> AdmissionService<S> {
        AdmissionService { inner, context: Arc::clone(&self.0) }
    }
}

/// See the module.
#[derive(Clone)]
pub struct AdmissionService<S> {
    inner: S,
    context: Arc<Context>,
}

impl<S> Service<Request> for AdmissionService<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Answer<S::Error>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        match Kind::of(request.uri().path()) {
            None => Box::pin(self.inner.call(request)),
            Some(Kind::Stream) => {
                let body = std::mem::replace(request.body_mut(), Body::empty());
                hand(request.extensions_mut(), body);
                Box::pin(self.inner.call(request))
            }
            Some(kind) => {
                // The service that was asked whether it is ready is the one to call.
                let next = self.inner.clone();
                let mut inner = std::mem::replace(&mut self.inner, next);
                let context = Arc::clone(&self.context);
                Box::pin(async move {
                    let (mut head, body) = request.into_parts();
                    let (body, permit) = match admit(&context, kind, &head.extensions, body).await {
                        Ok(admitted) => admitted,
                        Err(status) => return Ok(respond(status)),
                    };
                    // A text takes its permit along; a question keeps it until it is answered.
                    let _permit = match kind {
                        Kind::Question => permit,
                        Kind::Document | Kind::Stream => {
                            if let Some(permit) = permit {
                                hand(&mut head.extensions, permit);
                            }
                            None
                        }
                    };
                    inner.call(Request::from_parts(head, body)).await
                })
            }
        }
    }
}

/// Reads the prefix of the one message and takes room for it. The body that is given back begins with the prefix
/// again, and ends after the message.
async fn admit(
    context: &Context,
    kind: Kind,
    extensions: &Extensions,
    mut body: Body,
) -> Result<(Body, Option<Permit>), Status> {
    let engine = &context.opened()?.engine;
    let limit = context.patience.message;
    let mut late = Box::pin(tokio::time::sleep(limit));
    let mut first = BytesMut::new();
    let mut deframer = Deframer::new(context.longest_message);
    loop {
        match deframer.advance()? {
            Next::Room(bytes) => {
                let caller = caller::within(extensions, Lane::Interactive);
                let admitted = engine.admit(&caller, kind.need(), bytes);
                let permit = admitted.instrument(tracing::trace_span!("admission", bytes)).await;
                let permit = permit.map_err(Failure::from)?;
                let whole = WholeBody { first: first.freeze(), left: PREFIX + bytes, body, late, limit };
                return Ok((Body::new(whole), Some(permit)));
            }
            // The deframer asks for room before it gives a message.
            Next::Message(_) => return Err(Failure::internal("a message without room").into()),
            Next::Feed => {
                let frame = tokio::select! {
                    frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)) => frame,
                    () = &mut late => return Err(Failure::message_timeout(limit).into()),
                };
                match frame.transpose()?.map(Frame::into_data) {
                    Some(Ok(bytes)) => {
                        first.extend_from_slice(&bytes);
                        deframer.feed(bytes);
                    }
                    // An end without a message is tonic's to complain about.
                    Some(Err(_)) | None => return Ok((Body::empty(), None)),
                }
            }
        }
    }
}

/// A body of one message that has been admitted.
struct WholeBody {
    /// What was read to learn the message's length.
    first: Bytes,
    /// Bytes that are still to be given.
    left: usize,
    body: Body,
    late: Pin<Box<Sleep>>,
    limit: Duration,
}

impl WholeBody {
    fn give(&mut self, bytes: Bytes) -> FrameResult {
        self.left = self.left.checked_sub(bytes.len()).ok_or_else(too_many)?;
        Ok(Frame::data(bytes))
    }
}

fn too_many() -> Failure {
    Failure::malformed("more than one message was sent")
}

impl http_body::Body for WholeBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<FrameResult>> {
        if !self.first.is_empty() {
            let first = std::mem::take(&mut self.first);
            return Poll::Ready(Some(self.give(first)));
        }
        loop {
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
                ready!(self.late.as_mut().poll(cx));
                return Poll::Ready(Some(Err(Failure::message_timeout(self.limit).into())));
            };
            match frame.transpose()?.map(Frame::into_data) {
                Some(Ok(bytes)) => return Poll::Ready(Some(self.give(bytes))),
                // A client's trailers mean nothing.
                Some(Err(_)) => {}
                None if self.left > 0 => {
                    let cut = Failure::malformed("the request ends in the middle of its message");
                    return Poll::Ready(Some(Err(cut.into())));
                }
                None => return Poll::Ready(None),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0 && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

/// Something that one handler takes out of the extensions of its request.
struct Handed<T>(Arc<Mutex<Option<T>>>);

impl<T> Clone for Handed<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

fn hand<T: Send + 'static>(extensions: &mut Extensions, value: T) {
    extensions.insert(Handed(Arc::new(Mutex::new(Some(value)))));
}

/// What this layer has put aside for the handler, once: the permit of a message, the body of a stream.
pub fn take<T: Send + 'static>(extensions: &Extensions) -> Result<T, Failure> {
    let handed = extensions.get::<Handed<T>>();
    // Nothing panics while the lock is held.
    let value = handed.and_then(|handed| handed.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    value.ok_or_else(|| Failure::internal("a request came by another way than the layer's"))
}
