//! Compressed messages: gzip and zstd, as gRPC names them. What a compressed message turns into is known only when it has been
//! unpacked, and a few bytes can stand for gigabytes. So one is let in with room for several times its length ([`room`]), which no honest
//! text needs, is unpacked no further than that, and gives back what it did not take. A client that compresses what it asks is answered
//! compressed; others are not, since nearly all clients say that they could. Start at [`taken`].

use super::status::Failure;
use flate2::read::MultiGzDecoder;
use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};
use prost::bytes::Bytes;
use std::io::{self, Read};
use tonic::Code;

/// The encodings that are taken, as `grpc-accept-encoding` tells them.
pub const TAKEN: &str = "gzip,zstd,identity";

const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const ACCEPTED: HeaderName = HeaderName::from_static("grpc-accept-encoding");

/// How many times its length a short message may unpack to, and a long one beyond [`FIRST_ROOM`]. Articles come to two times by
/// gzip, to four at most, pages of HTML to a little more; what repeats itself much is seldom long.
const MOST_TIMES: usize = 32;
const TIMES_OF_LONG: usize = 8;
const FIRST_ROOM: usize = 2 << 20;
/// What any message may unpack to: a short one can be nothing but repetition.
const LEAST_ROOM: usize = 64 << 10;
/// Messages up to this length are unpacked where they are read; longer ones would hold up other calls.
const SHORT: usize = 16 << 10;
/// What may unpack to no more than this is unpacked without being measured.
const MEASURED: usize = 1 << 20;
/// How far back zstd may refer at least, as a power of two: every decoder is to manage 8 MiB (RFC 8878, 3.1.1.1.2).
const LEAST_WINDOW_LOG: u32 = 23;

/// How a message is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

/// A compressed message, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    bytes: Bytes,
    encoding: Encoding,
    /// Bytes that it may unpack to.
    most: usize,
}

impl Encoding {
    fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"gzip" => Some(Self::Gzip),
            b"zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// The encoding that a request's head announces. The head is left without it, and accepts for the answer what the request itself
/// is sent in, if it says so, and nothing else.
///
/// # Errors
/// Where the encoding is none of those that are [`TAKEN`].
pub fn taken(head: &mut HeaderMap) -> Result<Option<Encoding>, Failure> {
    let accepted = head.remove(ACCEPTED);
    let Some(name) = head.remove(ENCODING).filter(|name| name != "identity") else { return Ok(None) };
    let encoding = Encoding::named(name.as_bytes()).ok_or_else(|| unknown(&name))?;
    let names = accepted.iter().filter_map(|names| names.to_str().ok()).flat_map(|names| names.split(','));
    if names.map(str::trim).any(|name| name == encoding.name()) {
        head.insert(ACCEPTED, HeaderValue::from_static(encoding.name()));
    }
    Ok(Some(encoding))
}

/// Tells a client in the head of an answer what it could have sent.
pub fn tell(head: &mut HeaderMap) {
    head.insert(ACCEPTED, HeaderValue::from_static(TAKEN));
}

/// Bytes that a compressed message of this length may unpack to, where none may be longer than `longest`.
pub fn room(length: usize, longest: usize) -> usize {
    let of_long = length.saturating_mul(TIMES_OF_LONG).saturating_add(FIRST_ROOM);
    length.saturating_mul(MOST_TIMES).min(of_long).max(LEAST_ROOM).min(longest)
}

impl Packed {
    /// A message that has come in, where none may be longer than `longest`.
    pub fn new(bytes: Bytes, encoding: Encoding, longest: usize) -> Self {
        let most = room(bytes.len(), longest);
        Self { bytes, encoding, most }
    }

    /// The message itself.
    ///
    /// # Errors
    /// Where the bytes are not what their encoding says, or it is too long.
    pub async fn unpacked(self) -> Result<Bytes, Failure> {
        if self.bytes.len() <= SHORT {
            return self.unpack();
        }
        let unpacked = tokio::task::spawn_blocking(|| self.unpack()).await;
        unpacked.map_err(|error| Failure::internal(&format!("unpacking: {error}")))?
    }

    fn unpack(self) -> Result<Bytes, Failure> {
        // A long one is measured first, so that a bomb takes no memory, and a message what it needs and no more.
        let room = if self.most > MEASURED { self.measured()? } else { 0 };
        let mut message = Vec::with_capacity(room);
        self.reader()?.read_to_end(&mut message).map_err(|error| self.broken(&error))?;
        match message.len() > self.most {
            true => Err(self.too_long()),
            false => Ok(message.into()),
        }
    }

    /// Bytes that it unpacks to.
    fn measured(&self) -> Result<usize, Failure> {
        let length = io::copy(&mut self.reader()?, &mut io::sink()).map_err(|error| self.broken(&error))?;
        usize::try_from(length).ok().filter(|length| *length <= self.most).ok_or_else(|| self.too_long())
    }

    /// What the bytes stand for, no further than is enough to tell that there is too much of it.
    fn reader(&self) -> Result<Box<dyn Read + '_>, Failure> {
        let enough = self.most as u64 + 1;
        match self.encoding {
            Encoding::Gzip => Ok(Box::new(MultiGzDecoder::new(&self.bytes[..]).take(enough))),
            Encoding::Zstd => {
                let decoder = self.zstd().map_err(|error| self.broken(&error))?;
                Ok(Box::new(decoder.take(enough)))
            }
        }
    }

    fn zstd(&self) -> io::Result<impl Read + '_> {
        let mut decoder = zstd::stream::read::Decoder::with_buffer(&self.bytes[..])?;
        decoder.window_log_max(self.most.next_power_of_two().ilog2().max(LEAST_WINDOW_LOG))?;
        Ok(decoder)
    }

    fn broken(&self, error: &io::Error) -> Failure {
        Failure::malformed(&format!("the message is no {}: {error}", self.encoding.name()))
    }

    fn too_long(&self) -> Failure {
        let message = format!(
            "the message has {} bytes and unpacks to more than {}, the most that is taken of one of its length",
            self.bytes.len(),
            self.most
        );
        Failure::new(Code::OutOfRange, "MESSAGE_TOO_LARGE", message)
            .with("compressed_bytes", self.bytes.len().to_string())
            .with("limit", self.most.to_string())
    }
}

fn unknown(name: &HeaderValue) -> Failure {
    let name = String::from_utf8_lossy(name.as_bytes()).into_owned();
    let message = format!("messages are taken as {TAKEN}, not as {name:?}");
    Failure::new(Code::Unimplemented, "UNKNOWN_ENCODING", message).with("accepted", TAKEN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, read::GzEncoder};
    use proptest::prelude::*;

    const LONGEST: usize = 1 << 20;

    fn packed(encoding: Encoding, message: &[u8]) -> Packed {
        let bytes = match encoding {
            Encoding::Gzip => {
                let mut bytes = Vec::new();
                GzEncoder::new(message, Compression::default()).read_to_end(&mut bytes).unwrap();
                bytes
            }
            Encoding::Zstd => zstd::encode_all(message, 3).unwrap(),
        };
        Packed::new(bytes.into(), encoding, LONGEST)
    }

    fn head(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn who_sends_compressed_is_answered_so_and_nobody_else() {
        let asked = [("grpc-accept-encoding", "identity, deflate, gzip")];
        let mut plain = head(&asked);
        assert_eq!(taken(&mut plain).unwrap(), None);
        assert!(plain.is_empty());
        let mut both = head(&[("grpc-encoding", "gzip"), asked[0]]);
        assert_eq!(taken(&mut both).unwrap(), Some(Encoding::Gzip));
        assert_eq!(both, head(&[("grpc-accept-encoding", "gzip")]));
        let mut one_way = head(&[("grpc-encoding", "zstd"), asked[0]]);
        assert_eq!(taken(&mut one_way).unwrap(), Some(Encoding::Zstd));
        assert!(one_way.is_empty());
        let unknown = tonic::Status::from(taken(&mut head(&[("grpc-encoding", "br")])).unwrap_err());
        assert_eq!(unknown.code(), Code::Unimplemented);
    }

    #[tokio::test]
    async fn a_bomb_is_unpacked_no_further_than_its_length_allows() {
        for encoding in [Encoding::Gzip, Encoding::Zstd] {
            let bomb = packed(encoding, &vec![0; 200_000]);
            assert!(bomb.bytes.len() < 1000);
            let refused = tonic::Status::from(bomb.unpacked().await.unwrap_err());
            assert_eq!(refused.code(), Code::OutOfRange, "{encoding:?}");
            let short = packed(encoding, &vec![0; LEAST_ROOM]);
            assert_eq!(short.unpacked().await.unwrap().len(), LEAST_ROOM, "{encoding:?}");
        }
    }

    #[tokio::test]
    async fn a_long_message_is_measured_and_then_unpacked_or_refused() {
        // What does not compress, and after it what does.
        let noise = (0_u64..12_500).flat_map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        let noise: Vec<u8> = noise.collect();
        for encoding in [Encoding::Gzip, Encoding::Zstd] {
            for (zeros, fits) in [(MEASURED, true), (8 << 20, false)] {
                let message = [&noise[..], &vec![0; zeros]].concat();
                let Packed { bytes, .. } = packed(encoding, &message);
                let packed = Packed::new(bytes, encoding, 16 << 20);
                assert!(packed.most > MEASURED && (packed.most >= message.len()) == fits, "{encoding:?}");
                let unpacked = packed.unpacked().await;
                assert_eq!(unpacked.is_ok_and(|unpacked| unpacked == message), fits, "{encoding:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_out_and_what_was_cut_or_changed_does_no_harm(
            message in prop::collection::vec(0_u8..40, 0..3000),
            keep in any::<prop::sample::Index>(),
            flip in any::<prop::sample::Index>(),
        ) {
            for encoding in [Encoding::Gzip, Encoding::Zstd] {
                let whole = packed(encoding, &message);
                prop_assert_eq!(whole.clone().unpack().unwrap(), message.clone());
                let cut = Packed { bytes: whole.bytes.slice(..keep.index(whole.bytes.len())), ..whole.clone() };
                prop_assert!(cut.bytes.is_empty() || cut.unpack().is_err());
                let mut changed = whole.bytes.to_vec();
                changed[flip.index(whole.bytes.len())] ^= 0x55;
                let _ = Packed { bytes: changed.into(), ..whole }.unpack();
            }
        }
    }
}
