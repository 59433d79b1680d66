//! Edges of the wire: deadlines, small answers without delay, request ids, clients that go away.

use crate::ingest_stream::Feed;
use crate::plain::{Plain, prefix};
use crate::server::{SOON, TestServer, assert_error, error, statement};
use dictum::metrics::Sample;
use dictum::transport::wire::analysis_service_client::AnalysisServiceClient;
use dictum::transport::wire::{
    AnalyzeRequest, AnalyzeStreamRequest, Document, IngestDocumentRequest, ListAnalyzersRequest,
};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use prost::bytes::Bytes;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::body::Body;
use tonic::{Code, Request};

/// A text that takes the analyzer far longer than the deadlines below.
fn long_text() -> String {
    statement("Jane Miller", "This takes a while, she thinks, and he fears").repeat(150)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_that_passes_is_deadline_exceeded() {
    let server = TestServer::start().await;
    // Another client than tonic's own, which would give up by itself.
    let plain: Client<HttpConnector, Body> =
        Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    let origin = format!("http://127.0.0.1:{}", server.port).parse().unwrap();
    let mut client = AnalysisServiceClient::with_origin(plain, origin);
    let mut request = Request::new(AnalyzeRequest { text: long_text(), ..Default::default() });
    request.metadata_mut().insert("grpc-timeout", "50m".parse().unwrap());
    let status = client.analyze(request).await.unwrap_err();
    assert_error(&status, Code::DeadlineExceeded, "DEADLINE_EXCEEDED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_ends_at_its_deadline_too() {
    let server = TestServer::start().await;
    let (sender, receiver) = mpsc::channel::<AnalyzeStreamRequest>(1);
    let mut request = Request::new(ReceiverStream::new(receiver));
    request.metadata_mut().insert("grpc-timeout", "200m".parse().unwrap());
    let mut answers = server.analysis().await.analyze_stream(request).await.unwrap().into_inner();
    let status = answers.message().await.unwrap_err();
    assert_error(&status, Code::DeadlineExceeded, "DEADLINE_EXCEEDED");
    drop(sender);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_answers_on_a_stream_come_without_nagles_delay() {
    let server = TestServer::start().await;
    let (sender, receiver) = mpsc::channel(1);
    let request = ReceiverStream::new(receiver);
    let mut answers = server.analysis().await.analyze_stream(request).await.unwrap().into_inner();
    let mut times = Vec::new();
    for n in 0..15 {
        let start = Instant::now();
        let request = Some(AnalyzeRequest { text: "Yes.".into(), ..Default::default() });
        sender.send(AnalyzeStreamRequest { id: n.to_string(), request }).await.unwrap();
        answers.message().await.unwrap().unwrap();
        times.push(start.elapsed());
    }
    times.sort();
    // With Nagle every one of them takes 40 ms or more; the quickest third shows it on a busy machine too.
    assert!(times[4] < Duration::from_millis(30), "{times:?}");
    drop(sender);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_id_is_echoed_or_made() {
    let server = TestServer::start().await;
    let mut client = server.analysis().await;
    let mut request = Request::new(ListAnalyzersRequest {});
    request.metadata_mut().insert("x-request-id", "mine-1".parse().unwrap());
    let answer = client.list_analyzers(request).await.unwrap();
    assert_eq!(answer.metadata().get("x-request-id").unwrap(), "mine-1");
    let answer = client.list_analyzers(ListAnalyzersRequest {}).await.unwrap();
    assert!(!answer.metadata().get("x-request-id").unwrap().is_empty());
    let mut request = Request::new(AnalyzeRequest::default());
    request.metadata_mut().insert("x-request-id", "mine-2".parse().unwrap());
    let (_, _, details) = error(&client.analyze(request).await.unwrap_err());
    assert_eq!(details.request_info().unwrap().request_id, "mine-2");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_do_not_read_their_answers_do_not_hold_up_others() {
    let cramped = |config: &mut dictum::engine::EngineConfig| {
        config.max_document_bytes = 20_000;
        config.max_inflight_bytes = 20_000;
    };
    let server = TestServer::with(Default::default(), cramped).await;
    let text = statement("Jane Miller", "Read me").repeat(100);
    let mut silent = Vec::new();
    for stream in 0..4 {
        let feed = Feed::opened(&server).await;
        for n in 0..8 {
            feed.send_item(&n.to_string(), &format!("{stream}-{n}"), &text).await;
        }
        silent.push(feed);
    }
    let mut client = server.documents().await;
    let document = Some(Document { text: "A text of another client.".into(), ..Document::default() });
    let request = IngestDocumentRequest { document, ..Default::default() };
    let deadline = Instant::now() + Duration::from_secs(120);
    while let Err(status) = client.ingest_document(request.clone()).await {
        assert_eq!(status.code(), Code::Unavailable);
        assert!(Instant::now() < deadline, "{status:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(silent);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_vanishes_in_the_middle_of_its_message_is_no_fault_of_the_service() {
    let server = TestServer::start().await;
    let client = Plain::new(&server);
    // A runtime of its own, whose end closes the connection without a word.
    let vanishing = std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let body = runtime.block_on(async {
            let (body, _reply) = client.begin("dictum.v1.DocumentService/IngestDocument").await;
            body.send(prefix(5000).freeze()).await.unwrap();
            body.send(Bytes::from_static(b"half")).await.unwrap();
            tokio::time::sleep(Duration::from_millis(300)).await;
            body
        });
        runtime.shutdown_background();
        drop(body);
    });
    tokio::task::spawn_blocking(|| vanishing.join().unwrap()).await.unwrap();
    let deadline = Instant::now() + SOON;
    let told = loop {
        let text = server.gate.metrics.text(&Sample::default()).unwrap();
        let told: Vec<String> = text
            .lines()
            .filter(|line| line.starts_with("dictum_requests_total"))
            .map(str::to_owned)
            .collect();
        if !told.is_empty() || Instant::now() > deadline {
            break told;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("code=\"CANCELLED\""), "{told:?}");
    server.stop().await;
}
