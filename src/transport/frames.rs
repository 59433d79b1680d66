//! The framing of gRPC messages, without anything that waits: a flag, a length in four bytes, the message. DATA
//! frames come in of any size and cut wherever they like; [`Deframer`] puts the messages together again. It stops
//! at each length, before it takes in the message itself, so that whoever feeds it can see to room for it first.

use super::compression::{self, Encoding, Packed};
use super::status::Failure;
use crate::engine::MessageSize;
use prost::bytes::{Buf, BufMut, Bytes, BytesMut};
use tonic::Code;

/// Bytes before each message: the flag and the length.
pub const PREFIX: usize = 5;

/// What a deframer can go on with.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// More bytes of the body: everything fed so far is used up.
    Feed,
    /// Room for a message: [`Deframer::admit`].
    Room(Announced),
    /// Nothing: here is a message.
    Message(Bytes),
    /// Nothing: here is a compressed message.
    Packed(Packed),
}

/// What a prefix says of the message after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announced {
    /// Its bytes on the wire.
    pub length: usize,
    /// How it is compressed.
    pub encoding: Option<Encoding>,
    /// Bytes that it can come to.
    pub most: usize,
}

impl From<Announced> for MessageSize {
    fn from(Announced { length, most, .. }: Announced) -> Self {
        Self { sent: length, most }
    }
}

/// Puts messages together. One frame of the body is held at most, and one message.
#[derive(Debug)]
pub struct Deframer {
    longest: usize,
    /// How those messages are compressed that are.
    encoding: Option<Encoding>,
    fed: Bytes,
    state: State,
}

#[derive(Debug)]
enum State {
    Prefix(BytesMut),
    Announced(Announced),
    Filling { announced: Announced, message: BytesMut },
}

impl Deframer {
    /// A deframer that refuses messages of more than `longest` bytes before it takes them in.
    pub fn new(longest: usize, encoding: Option<Encoding>) -> Self {
        Self { longest, encoding, fed: Bytes::new(), state: State::Prefix(BytesMut::new()) }
    }

    /// Takes in the next bytes of the body. To be called where [`Deframer::advance`] has asked for it.
    pub fn feed(&mut self, bytes: Bytes) {
        debug_assert!(self.fed.is_empty(), "the bytes before are not used up");
        self.fed = bytes;
    }

    /// There is room for the message that was announced.
    pub fn admit(&mut self) {
        if let State::Announced(announced) = self.state {
            self.state = State::Filling { announced, message: BytesMut::new() };
        }
    }

    /// Whether the body may end here: not in the middle of a message.
    pub fn is_between_messages(&self) -> bool {
        self.fed.is_empty() && matches!(&self.state, State::Prefix(prefix) if prefix.is_empty())
    }

    /// Goes as far as it can.
    ///
    /// # Errors
    /// Where the next message is compressed and nobody has said how, or too long. The body cannot be read any further.
    pub fn advance(&mut self) -> Result<Next, Failure> {
        loop {
            match &mut self.state {
                State::Prefix(prefix) => {
                    let missing = (PREFIX - prefix.len()).min(self.fed.len());
                    prefix.extend_from_slice(&self.fed.split_to(missing));
                    if prefix.len() < PREFIX {
                        return Ok(Next::Feed);
                    }
                    self.state = State::Announced(announced(prefix, self.longest, self.encoding)?);
                }
                State::Announced(announced) => return Ok(Next::Room(*announced)),
                State::Filling { announced, message } => {
                    let length = announced.length;
                    let encoding = announced.encoding;
                    let message = if message.is_empty() && self.fed.len() >= length {
                        // The usual case of a short message: it has come in one piece, and nothing is copied.
                        self.fed.split_to(length)
                    } else {
                        // Reserved here and not on admission, so that an announcement alone takes no memory.
                        message.reserve(length - message.len());
                        let missing = (length - message.len()).min(self.fed.len());
                        message.extend_from_slice(&self.fed.split_to(missing));
                        if message.len() < length {
                            return Ok(Next::Feed);
                        }
                        message.split().freeze()
                    };
                    self.state = State::Prefix(BytesMut::new());
                    return Ok(match encoding {
                        None => Next::Message(message),
                        Some(encoding) => Next::Packed(Packed::new(message, encoding, self.longest)),
                    });
                }
            }
        }
    }
}

/// A message with its prefix.
pub fn framed(message: &[u8]) -> Bytes {
    let mut framed = BytesMut::with_capacity(PREFIX + message.len());
    framed.put_u8(0);
    // No message is longer than the longest, which fits.
    framed.put_u32(message.len() as u32);
    framed.extend_from_slice(message);
    framed.freeze()
}

/// What a prefix announces, where compressed messages are compressed like this.
fn announced(mut prefix: &[u8], longest: usize, encoding: Option<Encoding>) -> Result<Announced, Failure> {
    let encoding = match (prefix.get_u8(), encoding) {
        (0, _) => None,
        (1, Some(encoding)) => Some(encoding),
        (1, None) => {
            return Err(Failure::malformed("a message is compressed, and no grpc-encoding says how"));
        }
        _ => return Err(Failure::malformed("a message begins with a flag that gRPC does not know")),
    };
    match prefix.get_u32() as usize {
        length if length > longest => Err(too_long(length, longest)),
        length => {
            let most = encoding.map_or(length, |_| compression::room(length, longest));
            Ok(Announced { length, encoding, most })
        }
    }
}

fn too_long(length: usize, longest: usize) -> Failure {
    let message = format!("the message has {length} bytes; at most {longest} are taken");
    Failure::new(Code::OutOfRange, "MESSAGE_TOO_LARGE", message)
        .with("bytes", length.to_string())
        .with("limit", longest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn framed(messages: &[Vec<u8>]) -> Vec<u8> {
        let frame = |message: &Vec<u8>| [&[0][..], &(message.len() as u32).to_be_bytes(), message].concat();
        messages.iter().flat_map(frame).collect()
    }

    /// Feeds the pieces; what comes out, and whether the body may end there.
    fn run(deframer: &mut Deframer, pieces: impl IntoIterator<Item = Bytes>) -> (Vec<Vec<u8>>, bool) {
        let (mut pieces, mut messages, mut announced) = (pieces.into_iter(), Vec::new(), None);
        loop {
            match deframer.advance().unwrap() {
                Next::Feed => match pieces.next() {
                    Some(piece) => deframer.feed(piece),
                    None => return (messages, deframer.is_between_messages()),
                },
                Next::Room(Announced { length, .. }) => {
                    announced = Some(length);
                    deframer.admit();
                }
                Next::Packed(_) => panic!("nothing is compressed"),
                Next::Message(message) => {
                    assert_eq!(announced.take(), Some(message.len()), "room first, then the message");
                    messages.push(message.to_vec());
                }
            }
        }
    }

    fn refused(prefix: [u8; PREFIX]) -> (Code, String) {
        let mut deframer = Deframer::new(1000, None);
        deframer.feed(Bytes::copy_from_slice(&prefix));
        let status = tonic::Status::from(deframer.advance().unwrap_err());
        let reason = tonic_types::StatusExt::get_error_details(&status).error_info().unwrap().reason.clone();
        (status.code(), reason)
    }

    #[test]
    fn what_cannot_be_taken_is_refused_by_its_prefix_alone() {
        assert_eq!(refused([1, 0, 0, 0, 1]), (Code::InvalidArgument, "MALFORMED_MESSAGE".into()));
        assert_eq!(refused([7, 0, 0, 0, 1]), (Code::InvalidArgument, "MALFORMED_MESSAGE".into()));
        assert_eq!(refused([0, 0, 0, 3, 233]), (Code::OutOfRange, "MESSAGE_TOO_LARGE".into()));
    }

    #[test]
    fn without_room_nothing_is_taken_in() {
        let mut deframer = Deframer::new(1000, None);
        deframer.feed(framed(&[vec![7; 500]]).into());
        for _ in 0..3 {
            let room = Announced { length: 500, encoding: None, most: 500 };
            assert_eq!(deframer.advance().unwrap(), Next::Room(room));
        }
        deframer.admit();
        assert_eq!(deframer.advance().unwrap(), Next::Message(vec![7; 500].into()));
    }

    proptest! {
        #[test]
        fn any_cut_gives_the_same_messages(
            messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..12),
            cuts in prop::collection::vec(1_usize..90, 1..60),
        ) {
            let mut rest = Bytes::from(framed(&messages));
            let mut pieces = Vec::new();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                pieces.push(rest.split_to((*cut).min(rest.len())));
            }
            prop_assert_eq!(run(&mut Deframer::new(60, None), pieces), (messages, true));
        }

        #[test]
        fn a_body_that_is_cut_short_is_noticed(
            message in prop::collection::vec(any::<u8>(), 0..60),
            keep in any::<prop::sample::Index>(),
        ) {
            let whole = framed(&[message]);
            let keep = keep.index(whole.len() - 1) + 1;
            let (messages, complete) = run(&mut Deframer::new(60, None), [Bytes::copy_from_slice(&whole[..keep])]);
            prop_assert_eq!((messages.len(), complete), (0, false));
        }
    }
}
