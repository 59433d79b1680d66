//! The messages of a client's stream, one at a time, each with the room that it takes. The body is read by us and
//! not by tonic, for two reasons: tonic takes a message in before anybody can say whether there is room for it, and
//! keeps a buffer as long as the longest message for as long as the stream lives.
//!
//! Nothing is read while a message waits in line for room, which the client feels as slowness (see
//! [`super::windows`]). One that was let in has to arrive in time: its room belongs to others too.

use super::codec;
use super::frames::{Announced, Deframer, Next};
use super::gate::Gate;
use super::status::Failure;
use crate::engine::{Engine, EngineError, Need, Permit};
use crate::ports::Caller;
use http_body::Body as _;
use prost::bytes::Bytes;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};
use tonic::Status;
use tonic::body::Body;

/// How long a body that nobody wants any more is still read and thrown away.
const LINGER: Duration = Duration::from_secs(1);

/// What a stream has to tell.
pub enum Arrival<M> {
    /// A message, and the room that it takes.
    Message(M, Permit),
    /// The next message has been waiting in line for a while, and goes on waiting.
    InLine,
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// A message from its first byte to its last.
    pub message: Duration,
    /// Waiting in line until it is told.
    pub line: Duration,
}

/// A client's stream of `M`.
pub struct Inbound<M> {
    body: Body,
    deframer: Deframer,
    asker: Asker,
    need: Need,
    patience: Patience,
    room: Room,
    message: PhantomData<fn() -> M>,
}

/// Who sends messages, and whom to ask about them.
pub struct Asker {
    /// Has room for them.
    pub engine: Engine,
    /// Who sends them.
    pub caller: Caller,
    /// Knows whether they still may.
    pub gate: Arc<Gate>,
}

/// The room for the message that is on its way.
enum Room {
    None,
    InLine { line: Pin<Box<dyn Future<Output = Result<Permit, EngineError>> + Send>>, tell: Pin<Box<Sleep>> },
    Taken { permit: Permit, late: Pin<Box<Sleep>> },
    Unpacking(Pin<Box<dyn Future<Output = Unpacked> + Send>>),
}

/// A message as it was before it was compressed, and the room that it takes.
type Unpacked = Result<(Bytes, Permit), Failure>;

impl<M: prost::Message + prost::Name + Default> Inbound<M> {
    /// The messages in `body`, which need room of this kind.
    pub fn new(body: Body, deframer: Deframer, asker: Asker, need: Need, patience: Patience) -> Self {
        Self { body, deframer, asker, need, patience, room: Room::None, message: PhantomData }
    }

    /// The next message; `None` once the client has sent all. May be dropped and called again: nothing is lost, and
    /// no place in line.
    ///
    /// # Errors
    /// Where the client breaks the protocol, is too slow or gone, or the server stops. There are no more messages.
    pub async fn next(&mut self) -> Option<Result<Arrival<M>, Status>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// Ends the stream from our side: for a moment, what still comes is read and thrown away. The library charges a
    /// connection for frames that come in after their reader has gone, and never takes that back.
    pub fn let_go(self) {
        let mut body = self.body;
        let rest =
            async move { while let Some(Ok(_)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {} };
        tokio::spawn(tokio::time::timeout(LINGER, rest));
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Arrival<M>, Status>>> {
        loop {
            if let Room::InLine { line, tell } = &mut self.room {
                let Poll::Ready(permit) = line.as_mut().poll(cx) else {
                    ready!(tell.as_mut().poll(cx));
                    tell.as_mut().reset(Instant::now() + self.patience.line);
                    return Poll::Ready(Some(Ok(Arrival::InLine)));
                };
                let permit = permit.map_err(Failure::from)?;
                let late = Box::pin(tokio::time::sleep(self.patience.message));
                self.room = Room::Taken { permit, late };
                self.deframer.admit();
            }
            if let Room::Unpacking(unpacked) = &mut self.room {
                let unpacked = ready!(unpacked.as_mut().poll(cx));
                self.room = Room::None;
                let (bytes, permit) = unpacked?;
                return Poll::Ready(Some(self.arrived(bytes, permit)));
            }
            match self.deframer.advance()? {
                Next::Room(announced) => self.join_line(announced),
                Next::Message(bytes) => {
                    let permit = self.permit()?;
                    return Poll::Ready(Some(self.arrived(bytes, permit)));
                }
                Next::Packed(packed) => {
                    let mut permit = self.permit()?;
                    self.room = Room::Unpacking(Box::pin(async move {
                        let bytes = packed.unpacked().await?;
                        permit.shrink(bytes.len());
                        Ok((bytes, permit))
                    }));
                }
                Next::Feed => match ready!(self.poll_feed(cx)) {
                    Some(Ok(())) => {}
                    Some(Err(status)) => return Poll::Ready(Some(Err(status))),
                    None => return Poll::Ready(self.end()),
                },
            }
        }
    }

    /// The room that the message which has come was let in with.
    fn permit(&mut self) -> Result<Permit, Failure> {
        match std::mem::replace(&mut self.room, Room::None) {
            Room::Taken { permit, .. } => Ok(permit),
            _ => Err(Failure::internal("a message without room")),
        }
    }

    fn arrived(&self, bytes: Bytes, permit: Permit) -> Result<Arrival<M>, Status> {
        self.asker.gate.still(&self.asker.caller)?;
        codec::decode(bytes).map(|message| Arrival::Message(message, permit))
    }

    fn join_line(&mut self, announced: Announced) {
        let (engine, caller, need) = (self.asker.engine.clone(), self.asker.caller.clone(), self.need);
        let line = Box::pin(async move { engine.admit(&caller, need, announced.into()).await });
        self.room = Room::InLine { line, tell: Box::pin(tokio::time::sleep(self.patience.line)) };
    }

    /// Takes in the next frame of the body.
    fn poll_feed(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<(), Status>>> {
        loop {
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
                let Room::Taken { late, .. } = &mut self.room else { return Poll::Pending };
                ready!(late.as_mut().poll(cx));
                return Poll::Ready(Some(Err(Failure::message_timeout(self.patience.message).into())));
            };
            match frame {
                None => return Poll::Ready(None),
                Some(Err(status)) => return Poll::Ready(Some(Err(Failure::broken_off(status)))),
                Some(Ok(frame)) => {
                    // A client's trailers mean nothing.
                    if let Ok(bytes) = frame.into_data() {
                        self.deframer.feed(bytes);
                        return Poll::Ready(Some(Ok(())));
                    }
                }
            }
        }
    }

    fn end(&self) -> Option<Result<Arrival<M>, Status>> {
        let cut = !self.deframer.is_between_messages();
        cut.then(|| Err(Failure::malformed("the stream ends in the middle of a message").into()))
    }
}
