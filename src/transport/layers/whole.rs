//! The body of a call with one message, which has been let in: that message and no more, in time. Why it did not come to its end is told
//! to whoever answers the call, since the library takes some of the reasons for a fault of the handler.

use super::FrameResult;
use crate::transport::frames::{self, PREFIX};
use crate::transport::status::Failure;
use http_body::{Body as _, Frame, SizeHint};
use prost::bytes::Bytes;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{self, Poll, ready};
use std::time::Duration;
use tokio::time::Sleep;
use tonic::Status;
use tonic::body::Body;

/// See the module.
pub struct WholeBody {
    /// What was read of the message before.
    first: Bytes,
    /// Bytes that are still to be given.
    left: usize,
    body: Body,
    late: Late,
    failure: BodyFailure,
}

/// Why a body did not come to its end, once that has happened.
#[derive(Clone, Default)]
pub struct BodyFailure(Arc<OnceLock<Status>>);

impl BodyFailure {
    /// The reason.
    pub fn status(&self) -> Option<&Status> {
        self.0.get()
    }
}

/// When a message must have come.
pub struct Late {
    at: Pin<Box<Sleep>>,
    limit: Duration,
}

impl Late {
    /// After so long.
    pub fn after(limit: Duration) -> Self {
        Self { at: Box::pin(tokio::time::sleep(limit)), limit }
    }

    /// What to tell a client that is too late, once it is.
    pub fn poll(&mut self, cx: &mut task::Context<'_>) -> Poll<Status> {
        ready!(self.at.as_mut().poll(cx));
        Poll::Ready(Failure::message_timeout(self.limit).into())
    }
}

impl WholeBody {
    /// A message of `length` bytes, of which `first` was read with its prefix; the rest of it is in `body`.
    pub fn arriving(first: Bytes, length: usize, body: Body, late: Late) -> Self {
        Self { first, left: PREFIX + length, body, late, failure: BodyFailure::default() }
    }

    /// A message that is there; `body` should be at its end.
    pub fn arrived(message: &[u8], body: Body, late: Late) -> Self {
        let first = frames::framed(message);
        Self { left: first.len(), first, body, late, failure: BodyFailure::default() }
    }

    /// Tells why it did not come to its end.
    pub fn failure(&self) -> BodyFailure {
        self.failure.clone()
    }

    fn poll_next(&mut self, cx: &mut task::Context<'_>) -> Poll<Option<FrameResult>> {
        if !self.first.is_empty() {
            let first = std::mem::take(&mut self.first);
            return Poll::Ready(Some(self.give(first)));
        }
        loop {
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
                return self.late.poll(cx).map(|status| Some(Err(status)));
            };
            match frame.transpose().map_err(Failure::broken_off)?.map(Frame::into_data) {
                Some(Ok(bytes)) => return Poll::Ready(Some(self.give(bytes))),
                // A client's trailers mean nothing.
                Some(Err(_)) => {}
                None if self.left > 0 => return Poll::Ready(Some(Err(cut().into()))),
                None => return Poll::Ready(None),
            }
        }
    }

    fn give(&mut self, bytes: Bytes) -> FrameResult {
        self.left = self.left.checked_sub(bytes.len()).ok_or_else(too_many)?;
        Ok(Frame::data(bytes))
    }
}

/// What is told to a client that sends more.
pub fn too_many() -> Failure {
    Failure::malformed("more than one message was sent")
}

/// What is told to a client that sends none.
pub fn none() -> Failure {
    Failure::malformed("no message was sent")
}

/// What is told to a client that sends less.
pub fn cut() -> Failure {
    Failure::malformed("the request ends in the middle of its message")
}

impl http_body::Body for WholeBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<FrameResult>> {
        let frame = ready!(self.poll_next(cx));
        if let Some(Err(status)) = &frame {
            // The first reason stands.
            let _ = self.failure.0.set(status.clone());
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0 && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
