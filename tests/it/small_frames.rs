//! Streams of many short texts from clients that send each in a DATA frame of its own, or in smaller ones still. A
//! session that is busy, or whose answers nobody reads, is slow; it never costs the client its connection.

use crate::plain::Plain;
use crate::server::TestServer;
use dictum::transport::wire::analyze_stream_response::Result as Outcome;
use dictum::transport::wire::ingest_stream_request::Message as Ask;
use dictum::transport::wire::ingest_stream_response::Message as Answer;
use dictum::transport::wire::{
    AnalyzeRequest, AnalyzeStreamRequest, AnalyzeStreamResponse, Document, IngestStreamItem,
    IngestStreamOpen, IngestStreamRequest, IngestStreamResponse,
};
use std::collections::BTreeSet;
use std::time::Duration;
use tonic::Code;

/// Bytes of an answer that the client takes before it reads.
const WINDOW: u32 = 500;
/// Long enough for the windows to fill.
const MOMENT: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unread_answers_stop_an_analysis_stream_and_not_its_connection() {
    let server = TestServer::start().await;
    let request = || Some(AnalyzeRequest { text: "x".into(), language: "zz".into(), ..Default::default() });
    let messages: Vec<_> =
        (0..3000).map(|n| AnalyzeStreamRequest { id: n.to_string(), request: request() }).collect();
    for frame in [1, 20, 200] {
        let client = Plain::with_window(&server, WINDOW);
        let reply = client.send("dictum.v1.AnalysisService/AnalyzeStream", &messages, frame).await;
        tokio::time::sleep(MOMENT).await;
        assert!(client.is_alive().await, "frames of {frame}");
        let (answers, status) = reply.read::<AnalyzeStreamResponse>().await;
        assert_eq!(status.code(), Code::Ok, "frames of {frame}: {status:?}");
        assert!(answers.iter().all(|answer| matches!(answer.result, Some(Outcome::Analysis(_)))));
        let ids: BTreeSet<_> = answers.into_iter().map(|answer| answer.id).collect();
        assert_eq!(ids.len(), messages.len(), "frames of {frame}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unread_answers_stop_an_ingest_stream_and_not_its_connection() {
    let server = TestServer::start().await;
    let mut messages = vec![IngestStreamRequest { message: Some(Ask::Open(IngestStreamOpen::default())) }];
    for n in 0..1500 {
        let document =
            Some(Document { text: format!("Text {n}."), language: "zz".into(), ..Default::default() });
        let item = IngestStreamItem {
            client_id: n.to_string(),
            document_id: n.to_string(),
            document,
            expected_revision: None,
            analysis: None,
        };
        messages.push(IngestStreamRequest { message: Some(Ask::Item(item)) });
    }
    for frame in [1, 30] {
        let client = Plain::with_window(&server, WINDOW);
        let reply = client.send("dictum.v1.DocumentService/IngestStream", &messages, frame).await;
        tokio::time::sleep(MOMENT).await;
        assert!(client.is_alive().await, "frames of {frame}");
        let (answers, status) = reply.read::<IngestStreamResponse>().await;
        let acks = answers.iter().filter(|answer| matches!(answer.message, Some(Answer::Ack(_)))).count();
        assert_eq!((acks, status.code()), (1500, Code::Ok), "frames of {frame}: {status:?}");
    }
    server.stop().await;
}
