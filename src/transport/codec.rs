//! The protobuf codec of all services and clients. It differs from tonic's own in two points. A message that does
//! not decode (a string that is no UTF-8, a truncated field) is the sender's fault and answered by
//! INVALID_ARGUMENT with an ErrorInfo, where tonic would say INTERNAL and so look like a bug of the server. And a
//! request that would take many times its length in memory is refused before it is decoded, see [`weight`].

use super::aside::aside;
use super::status::Failure;
use super::weight;
use prost::Name;
use prost::bytes::{Buf, Bytes};
use std::marker::PhantomData;
use tonic::Status;
use tonic::codec::{BufferSettings, Codec, DecodeBuf, Decoder};
use tonic_prost::{ProstCodec, ProstEncoder};

/// Encodes `T`, decodes `U`.
#[derive(Debug, Clone)]
pub struct StrictCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for StrictCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for StrictCodec<T, U>
where
    T: prost::Message + Send + 'static,
    U: prost::Message + Name + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = StrictDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<T, U>::raw_encoder(BufferSettings::default())
    }

    fn decoder(&mut self) -> Self::Decoder {
        StrictDecoder(PhantomData)
    }
}

/// Decodes `U`; see the module.
#[derive(Debug, Clone)]
pub struct StrictDecoder<U>(PhantomData<U>);

impl<U: prost::Message + Name + Default> Decoder for StrictDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buf: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        // Nothing is copied: the bytes are handed over.
        decode(buf.copy_to_bytes(buf.remaining())).map(Some)
    }
}

/// The message in these bytes.
pub fn decode<M: prost::Message + Name + Default>(bytes: Bytes) -> Result<M, Status> {
    aside(bytes.len(), || {
        weight::check::<M>(&bytes)?;
        M::decode(bytes.as_ref()).map_err(|error| Failure::malformed(&error.to_string()).into())
    })
}
