//! The end of a call, wherever it is told: in the head of an answer without a body, in the trailers, by an error of the body, or by
//! nobody, where the client gives the call up. A layer that wants to know says what it does then, and is told once.

use super::{FrameResult, Response};
use http::HeaderMap;
use http_body::SizeHint;
use prost::bytes::Bytes;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tonic::Status;
use tonic::body::Body;

/// What is done when a call ends.
pub trait Ending: Unpin + Send + 'static {
    /// The call has ended with this status.
    fn ended(self, status: &Status);
}

/// The answer, with `ending` told when the call ends.
pub async fn watched<E>(
    answer: impl Future<Output = Result<Response, E>>,
    ending: impl Ending,
) -> Result<Response, E> {
    let mut end = End(Some(ending));
    let response = answer.await?;
    // An answer without body has its status in the head.
    end.with(response.headers());
    Ok(response.map(|inner| Body::new(WatchedBody { inner, end })))
}

/// An end that is still to come. What is dropped before was given up by the client.
struct End<E: Ending>(Option<E>);

impl<E: Ending> End<E> {
    /// The call has ended, where the headers hold its status.
    fn with(&mut self, headers: &HeaderMap) {
        if let Some(status) = Status::from_header_map(headers) {
            self.tell(&status);
        }
    }

    fn tell(&mut self, status: &Status) {
        if let Some(ending) = self.0.take() {
            ending.ended(status);
        }
    }
}

impl<E: Ending> Drop for End<E> {
    fn drop(&mut self) {
        self.tell(&Status::cancelled("given up by the client"));
    }
}

/// A body whose end is watched.
struct WatchedBody<E: Ending> {
    inner: Body,
    end: End<E>,
}

impl<E: Ending> http_body::Body for WatchedBody<E> {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<FrameResult>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    self.end.with(trailers);
                }
            }
            Some(Err(status)) => self.end.tell(status),
            None => self.end.tell(&Status::ok("")),
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
