//! A body of compressed messages as one of plain messages, for services whose messages are tiny: health and reflection.

use super::FrameResult;
use crate::transport::compression::Encoding;
use crate::transport::frames::{self, Deframer, Next};
use crate::transport::status::Failure;
use http_body::Frame;
use prost::bytes::Bytes;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tonic::Status;
use tonic::body::Body;

/// Longest message, in bytes, on the wire and unpacked: above what those services take, whose own complaint says more.
const LONGEST: usize = 8 << 10;

type Unpacked = Pin<Box<dyn Future<Output = Result<Bytes, Failure>> + Send>>;

/// See the module.
pub struct PlainBody {
    body: Body,
    deframer: Deframer,
    unpacking: Option<Unpacked>,
}

impl PlainBody {
    /// The messages in `body`, some of which are compressed like this.
    pub fn new(body: Body, encoding: Encoding) -> Self {
        Self { body, deframer: Deframer::new(LONGEST, Some(encoding)), unpacking: None }
    }
}

impl http_body::Body for PlainBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<FrameResult>> {
        loop {
            if let Some(unpacking) = &mut self.unpacking {
                let message = ready!(unpacking.as_mut().poll(cx));
                self.unpacking = None;
                return Poll::Ready(Some(Ok(Frame::data(frames::framed(&message?)))));
            }
            match self.deframer.advance()? {
                Next::Room(_) => self.deframer.admit(),
                Next::Message(message) => {
                    return Poll::Ready(Some(Ok(Frame::data(frames::framed(&message)))));
                }
                Next::Packed(packed) => self.unpacking = Some(Box::pin(packed.unpacked())),
                Next::Feed => match ready!(Pin::new(&mut self.body).poll_frame(cx)).transpose()? {
                    None => return Poll::Ready(None),
                    Some(frame) => {
                        // A client's trailers mean nothing.
                        if let Ok(bytes) = frame.into_data() {
                            self.deframer.feed(bytes);
                        }
                    }
                },
            }
        }
    }
}
