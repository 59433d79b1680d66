//! A client without generated code: sends any bytes as a message, for requests that no generated client can make.

use prost::bytes::{Buf, BufMut, Bytes};
use std::collections::VecDeque;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

/// Calls a unary method with these bytes as its message.
pub async fn call(channel: Channel, path: &'static str, message: Vec<u8>) -> Result<Response<Bytes>, Status> {
    let mut client = Grpc::new(channel).max_decoding_message_size(usize::MAX);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = http::uri::PathAndQuery::from_static(path);
    client.unary(Request::new(message), path, BytesCodec).await
}

/// Calls a bidirectional method with these messages and gives what it answers first.
pub async fn stream(
    channel: Channel,
    path: &'static str,
    messages: VecDeque<Vec<u8>>,
) -> Result<Option<Bytes>, Status> {
    let mut client = Grpc::new(channel);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = http::uri::PathAndQuery::from_static(path);
    let request = Request::new(tokio_stream::iter(messages));
    client.streaming(request, path, BytesCodec).await?.into_inner().message().await
}

/// Bytes in, bytes out.
#[derive(Clone, Copy, Default)]
struct BytesCodec;

impl Codec for BytesCodec {
    type Encode = Vec<u8>;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for BytesCodec {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buf: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buf.put_slice(&item);
        Ok(())
    }
}

impl Decoder for BytesCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buf: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buf.copy_to_bytes(buf.remaining())))
    }
}

/// Calls a method by its path and gives what it answers first, whichever kind of method it is.
pub async fn first(
    channel: Channel,
    path: String,
    request: Request<impl tokio_stream::Stream<Item = Vec<u8>> + Send + 'static>,
) -> Result<Option<Bytes>, Status> {
    let mut client = Grpc::new(channel);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = path.parse().map_err(|error| Status::internal(format!("{error}")))?;
    client.streaming(request, path, BytesCodec).await?.into_inner().message().await
}
