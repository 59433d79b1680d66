//! A client that speaks HTTP/2 and leaves gRPC to the test: messages in frames of any size, messages that begin and
//! do not end, prefixes that lie, answers that nobody reads.

use crate::server::TestServer;
use http_body::{Body as _, Frame};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use prost::Message;
use prost::bytes::{Buf, BufMut, Bytes, BytesMut};
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;
use tonic::Status;
use tonic::body::Body;
use tonic_health::pb::HealthCheckResponse;

/// A body that comes in frames of a given size.
struct Dribble {
    rest: Bytes,
    frame: usize,
}

impl http_body::Body for Dribble {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let frame = self.frame.min(self.rest.len());
        let next = (frame > 0).then(|| Ok(Frame::data(self.rest.split_to(frame))));
        Poll::Ready(next)
    }
}

/// A body that a test feeds by hand.
struct ByHand(mpsc::Receiver<Bytes>);

impl http_body::Body for ByHand {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// A client with one connection.
#[derive(Clone)]
pub struct Plain {
    client: Client<HttpConnector, Body>,
    server: String,
}

impl Plain {
    pub fn new(server: &TestServer) -> Self {
        Self::with_window(server, 1 << 20)
    }

    /// Takes `window` bytes of each answer before somebody reads them.
    pub fn with_window(server: &TestServer, window: u32) -> Self {
        let mut builder = Client::builder(TokioExecutor::new());
        let client = builder.http2_only(true).http2_initial_stream_window_size(window).build_http();
        Self { client, server: format!("http://127.0.0.1:{}", server.port) }
    }

    /// Sends messages in frames of `frame` bytes.
    pub async fn send<M: Message>(&self, path: &str, messages: &[M], frame: usize) -> Reply {
        let body = Dribble { rest: messages.iter().flat_map(framed).collect(), frame };
        self.request(path, "identity", Body::new(body)).await
    }

    /// Begins a call whose body is fed by hand.
    pub async fn begin(&self, path: &str) -> (mpsc::Sender<Bytes>, impl Future<Output = Reply> + use<>) {
        self.begin_in(path, "identity").await
    }

    /// The same, with messages that may be compressed.
    pub async fn begin_in(
        &self,
        path: &str,
        encoding: &'static str,
    ) -> (mpsc::Sender<Bytes>, impl Future<Output = Reply> + use<>) {
        let (sender, receiver) = mpsc::channel(1);
        let (client, path) = (self.clone(), path.to_owned());
        let request = async move { client.request(&path, encoding, Body::new(ByHand(receiver))).await };
        // At once: what is fed goes out before anybody waits for the reply.
        let reply = tokio::spawn(request);
        (sender, async move { reply.await.unwrap() })
    }

    /// Whether another call on the same connection is answered.
    pub async fn is_alive(&self) -> bool {
        let nothing = Body::new(Dribble { rest: Bytes::from_static(&[0; 5]), frame: 5 });
        let reply = self.request("grpc.health.v1.Health/Check", "identity", nothing).await;
        let (answers, status) = reply.read::<HealthCheckResponse>().await;
        answers.len() == 1 && status.code() == tonic::Code::Ok
    }

    async fn request(&self, path: &str, encoding: &str, body: Body) -> Reply {
        let request = http::Request::post(format!("{}/{path}", self.server))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("grpc-encoding", encoding)
            .body(body);
        let answer = self.client.request(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200);
        Reply(answer.map(Body::new))
    }
}

/// An answer, of which nothing was read.
pub struct Reply(http::Response<Body>);

impl Reply {
    /// Every message, and the status at the end.
    pub async fn read<M: Message + Default>(self) -> (Vec<M>, Status) {
        let mut status = Status::from_header_map(self.0.headers());
        let (mut body, mut bytes) = (self.0.into_body(), BytesMut::new());
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            match frame.unwrap().into_data() {
                Ok(data) => bytes.extend_from_slice(&data),
                Err(trailers) => status = Status::from_header_map(trailers.trailers_ref().unwrap()),
            }
        }
        let mut messages = Vec::new();
        while bytes.has_remaining() {
            bytes.advance(1);
            let length = bytes.get_u32() as usize;
            messages.push(M::decode(bytes.split_to(length)).unwrap());
        }
        (messages, status.expect("every answer ends with a status"))
    }
}

/// A message with its prefix.
pub fn framed<M: Message>(message: &M) -> Bytes {
    let mut frame = prefix(message.encoded_len());
    message.encode(&mut frame).unwrap();
    frame.freeze()
}

/// The prefix of a message of this many bytes.
pub fn prefix(length: usize) -> BytesMut {
    let mut frame = BytesMut::new();
    frame.put_u8(0);
    frame.put_u32(length as u32);
    frame
}
