//! Streams of many short texts from clients that send each in a DATA frame of its own, or in smaller ones still. A
//! session that is busy, or whose answers nobody reads, is slow; it never costs the client its connection.

use crate::server::{SOON, TestServer};
use dictum::transport::wire::analyze_stream_response::Result as Outcome;
use dictum::transport::wire::ingest_stream_request::Message as Ask;
use dictum::transport::wire::ingest_stream_response::Message as Answer;
use dictum::transport::wire::{
    AnalyzeRequest, AnalyzeStreamRequest, AnalyzeStreamResponse, Document, IngestStreamItem,
    IngestStreamOpen, IngestStreamRequest, IngestStreamResponse,
};
use http_body::{Body as _, Frame};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use prost::Message;
use prost::bytes::{Buf, BufMut, Bytes, BytesMut};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
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

/// A client with one connection.
struct Plain {
    client: Client<HttpConnector, Body>,
    server: String,
}

impl Plain {
    /// Takes `window` bytes of each answer before somebody reads them.
    fn new(server: &TestServer, window: u32) -> Self {
        let mut builder = Client::builder(TokioExecutor::new());
        let client = builder.http2_only(true).http2_initial_stream_window_size(window).build_http();
        Self { client, server: format!("http://127.0.0.1:{}", server.port) }
    }

    /// Sends messages in frames of `frame` bytes; the answer's body, of which nothing was read.
    async fn send<M: Message>(&self, path: &str, messages: &[M], frame: usize) -> Body {
        let mut rest = BytesMut::new();
        for message in messages {
            rest.put_u8(0);
            rest.put_u32(message.encoded_len() as u32);
            message.encode(&mut rest).unwrap();
        }
        let request = http::Request::post(format!("{}/dictum.v1.{path}", self.server))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(Body::new(Dribble { rest: rest.freeze(), frame }));
        let answer = self.client.request(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200);
        Body::new(answer.into_body())
    }
}

/// Every message of an answer, and whether it ended well.
async fn read<M: Message + Default>(mut body: Body) -> (Vec<M>, String) {
    let (mut bytes, mut status) = (BytesMut::new(), String::from("none"));
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        match frame.unwrap().into_data() {
            Ok(data) => bytes.extend_from_slice(&data),
            Err(trailers) => {
                status = trailers.trailers_ref().unwrap()["grpc-status"].to_str().unwrap().to_owned();
            }
        }
    }
    let mut messages = Vec::new();
    while bytes.has_remaining() {
        bytes.advance(1);
        let length = bytes.get_u32() as usize;
        messages.push(M::decode(bytes.split_to(length)).unwrap());
    }
    (messages, status)
}

/// Whether another call on the same connection is answered.
async fn is_alive(client: &Plain) -> bool {
    let check = client.client.request(
        http::Request::post(format!("{}/grpc.health.v1.Health/Check", client.server))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(Body::new(Dribble { rest: Bytes::from_static(&[0; 5]), frame: 5 }))
            .unwrap(),
    );
    let answer = tokio::time::timeout(SOON, check).await.unwrap().unwrap();
    let (answers, status) = read::<HealthCheckResponse>(Body::new(answer.into_body())).await;
    (answers.len(), status.as_str()) == (1, "0")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unread_answers_stop_an_analysis_stream_and_not_its_connection() {
    let server = TestServer::start().await;
    let request = || Some(AnalyzeRequest { text: "x".into(), language: "zz".into(), ..Default::default() });
    let messages: Vec<_> =
        (0..4000).map(|n| AnalyzeStreamRequest { id: n.to_string(), request: request() }).collect();
    for frame in [1, 20, 200] {
        let client = Plain::new(&server, 500);
        let answers = client.send("AnalysisService/AnalyzeStream", &messages, frame).await;
        // Long enough for the windows to fill.
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(is_alive(&client).await, "frames of {frame}");
        let (answers, status) = read::<AnalyzeStreamResponse>(answers).await;
        assert_eq!(status, "0", "frames of {frame}");
        assert!(answers.iter().all(|answer| matches!(answer.result, Some(Outcome::Analysis(_)))));
        let ids: BTreeSet<_> = answers.into_iter().map(|answer| answer.id).collect();
        assert_eq!(ids.len(), messages.len(), "frames of {frame}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_ingest_stream_keeps_its_connection() {
    let server = TestServer::start().await;
    let mut messages = vec![IngestStreamRequest { message: Some(Ask::Open(IngestStreamOpen::default())) }];
    for n in 0..3000 {
        let document =
            Some(Document { text: format!("Text {n}."), language: "zz".into(), ..Default::default() });
        let item = IngestStreamItem {
            client_id: n.to_string(),
            document_id: n.to_string(),
            document,
            expected_revision: None,
        };
        messages.push(IngestStreamRequest { message: Some(Ask::Item(item)) });
    }
    for frame in [1, 30] {
        let client = Plain::new(&server, 500);
        let answers = client.send("DocumentService/IngestStream", &messages, frame).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(is_alive(&client).await, "frames of {frame}");
        let (answers, status) = read::<IngestStreamResponse>(answers).await;
        let acks = answers.iter().filter(|answer| matches!(answer.message, Some(Answer::Ack(_)))).count();
        assert_eq!((acks, status.as_str()), (3000, "0"), "frames of {frame}");
    }
    server.stop().await;
}
