//! Sees to room before a message is taken in. Of a call with one message only the prefix is read here; where there is
//! room for what it announces, the call goes on with the permit in its extensions, otherwise it is refused without
//! another byte. One that is compressed is read and unpacked here too, so that nothing behind this layer knows of it. A stream's body
//! is put aside whole, for the session that reads it through [`Inbound`](crate::transport::inbound::Inbound). Health and reflection
//! pass by: their messages are tiny, by their own limits.

use super::plain::PlainBody;
use super::whole::{self, Late, WholeBody};
use super::{Answer, Request, Response, respond};
use crate::engine::Permit;
use crate::ports::Lane;
use crate::transport::caller;
use crate::transport::compression::{self, Encoding};
use crate::transport::context::Context;
use crate::transport::frames::{Deframer, Next};
use crate::transport::methods::Kind;
use crate::transport::status::Failure;
use http::Extensions;
use http_body::Body as _;
use prost::bytes::{Bytes, BytesMut};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{self, Poll};
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
        let encoding = match compression::taken(request.headers_mut()) {
            Ok(encoding) => encoding,
            Err(failure) => {
                let mut answer = respond(failure.into());
                compression::tell(answer.headers_mut());
                return Box::pin(async move { Ok(answer) });
            }
        };
        match Kind::of(request.uri().path()) {
            None => {
                let request = match encoding {
                    Some(encoding) => request.map(|body| Body::new(PlainBody::new(body, encoding))),
                    None => request,
                };
                Box::pin(self.inner.call(request))
            }
            Some(Kind::Stream) => {
                let body = std::mem::replace(request.body_mut(), Body::empty());
                hand(request.extensions_mut(), StreamBody { body, encoding });
                Box::pin(self.inner.call(request))
            }
            Some(kind) => {
                // The service that was asked whether it is ready is the one to call.
                let next = self.inner.clone();
                let mut inner = std::mem::replace(&mut self.inner, next);
                let context = Arc::clone(&self.context);
                Box::pin(async move {
                    let (mut head, body) = request.into_parts();
                    let admitted = admit(&context, kind, encoding, &head.extensions, body).await;
                    let (body, permit) = match admitted {
                        Ok(admitted) => admitted,
                        Err(status) => return Ok(respond(status)),
                    };
                    let failure = body.failure();
                    // A text takes its permit along; a question keeps it until it is answered.
                    let _permit = match kind {
                        Kind::Question => Some(permit),
                        Kind::Document | Kind::Stream => {
                            hand(&mut head.extensions, permit);
                            None
                        }
                    };
                    let answer = inner.call(Request::from_parts(head, Body::new(body))).await;
                    match failure.status() {
                        Some(status) => Ok(respond(status.clone())),
                        None => answer,
                    }
                })
            }
        }
    }
}

/// Reads the prefix of the one message and takes room for it. The body that is given back begins with the prefix
/// again, and ends after the message; a compressed one is unpacked by then.
async fn admit(
    context: &Context,
    kind: Kind,
    encoding: Option<Encoding>,
    extensions: &Extensions,
    mut body: Body,
) -> Result<(WholeBody, Permit), Status> {
    let engine = &context.opened()?.engine;
    let mut late = Late::after(context.patience.message);
    let mut first = BytesMut::new();
    let mut deframer = Deframer::new(context.longest_message, encoding);
    let announced = loop {
        match deframer.advance()? {
            Next::Room(announced) => break announced,
            // The deframer asks for room before it gives a message.
            Next::Message(_) | Next::Packed(_) => return Err(without_room().into()),
            Next::Feed => {
                let bytes = feed(&mut body, &mut late).await?.ok_or_else(whole::none)?;
                first.extend_from_slice(&bytes);
                deframer.feed(bytes);
            }
        }
    };
    let caller = caller::within(extensions, Lane::Interactive);
    let admitted = engine.admit(&caller, kind.need(), announced.into());
    let span = tracing::trace_span!("admission", bytes = announced.most);
    let mut permit = admitted.instrument(span).await.map_err(Failure::from)?;
    if announced.encoding.is_none() {
        return Ok((WholeBody::arriving(first.freeze(), announced.length, body, late), permit));
    }
    deframer.admit();
    loop {
        match deframer.advance()? {
            Next::Packed(packed) if deframer.is_between_messages() => {
                let message = packed.unpacked().await?;
                permit.shrink(message.len());
                return Ok((WholeBody::arrived(&message, body, late), permit));
            }
            Next::Packed(_) => return Err(whole::too_many().into()),
            Next::Room(_) | Next::Message(_) => return Err(without_room().into()),
            Next::Feed => {
                let bytes = feed(&mut body, &mut late).await?.ok_or_else(whole::cut)?;
                deframer.feed(bytes);
            }
        }
    }
}

fn without_room() -> Failure {
    Failure::internal("a message without room")
}

/// The next bytes of the body, in time; `None` at its end.
async fn feed(body: &mut Body, late: &mut Late) -> Result<Option<Bytes>, Status> {
    let frame = tokio::select! {
        frame = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)) => frame,
        status = poll_fn(|cx| late.poll(cx)) => return Err(status),
    };
    let frame = frame.transpose().map_err(Failure::broken_off)?;
    Ok(frame.and_then(|frame| frame.into_data().ok()))
}

/// The body of a stream, for the session that reads it.
pub struct StreamBody {
    /// All messages.
    pub body: Body,
    /// How those are compressed that are.
    pub encoding: Option<Encoding>,
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
