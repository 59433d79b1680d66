//! A stop ends, whatever clients hold open, and no longer than it was given.

use crate::ingest_stream::Feed;
use crate::server::{TestServer, assert_error, statement};
use dictum::transport::TransportConfig;
use dictum::transport::wire::{
    AckLevel, AnalyzeRequest, AnalyzeStreamRequest, Document, IngestDocumentRequest,
};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tonic::Code;

fn config(drain: Duration) -> TransportConfig {
    TransportConfig { drain_timeout: drain, ..TransportConfig::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_waits_for_calls_and_ends_with_an_open_stream() {
    let server = TestServer::with(config(Duration::from_secs(20)), |_| ()).await;
    let feed = Feed::opened(&server).await;
    let mut client = server.documents().await;
    let call = tokio::spawn(async move {
        let document =
            Document { text: statement("Jane Miller", "Finish this").repeat(60), ..Document::default() };
        let request = IngestDocumentRequest {
            document: Some(document),
            ack_level: AckLevel::Durable.into(),
            ..Default::default()
        };
        client.ingest_document(request).await
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let start = Instant::now();
    server.shutdown.cancel();
    call.await.unwrap().unwrap();
    server.ended().await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(19), "the stream held the drain: {:?}", start.elapsed());
    drop(feed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_says_nothing_is_closed_at_the_end_of_the_drain() {
    let server = TestServer::with(config(Duration::from_millis(300)), |_| ()).await;
    let mut silent = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    // Once this answers, the silent connection before it was accepted too.
    server.analysis().await.list_analyzers(dictum::transport::wire::ListAnalyzersRequest {}).await.unwrap();
    let start = Instant::now();
    server.shutdown.cancel();
    server.ended().await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    let mut rest = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), silent.read_to_end(&mut rest)).await;
    assert!(read.is_ok(), "the connection is still open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draining_engine_answers_unavailable_with_a_hint_to_retry() {
    let server = TestServer::start().await;
    let mut client = server.documents().await;
    server.engine.drain(Duration::from_secs(10)).await.unwrap();
    let document = Some(Document { text: "Text.".into(), ..Document::default() });
    let request = IngestDocumentRequest { document, ..Default::default() };
    let status = client.ingest_document(request).await.unwrap_err();
    assert_error(&status, Code::Unavailable, "DRAINING");
    let (_, _, details) = crate::server::error(&status);
    assert!(details.retry_info().unwrap().retry_delay.is_some());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_analysis_stream_ends_with_unavailable_once_what_it_read_is_answered() {
    let server = TestServer::start().await;
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    let request = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let mut answers = server.analysis().await.analyze_stream(request).await.unwrap().into_inner();
    let text = statement("Jane Miller", "Answer this");
    let request = Some(AnalyzeRequest { text, ..Default::default() });
    sender.send(AnalyzeStreamRequest { id: "a".into(), request }).await.unwrap();
    assert_eq!(answers.message().await.unwrap().unwrap().id, "a");
    server.shutdown.cancel();
    let status = answers.message().await.unwrap_err();
    assert_error(&status, Code::Unavailable, "DRAINING");
    drop(sender);
    server.stop().await;
}
