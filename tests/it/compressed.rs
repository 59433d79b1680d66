//! Messages that are compressed, by gzip and zstd: taken and answered alike, and no way to fill the memory.

use crate::ingest_stream::{item, open};
use crate::plain::{Plain, prefix};
use crate::server::{TestServer, assert_error, statement};
use dictum::transport::wire::analysis_service_client::AnalysisServiceClient;
use dictum::transport::wire::document_service_client::DocumentServiceClient;
use dictum::transport::wire::ingest_stream_response::Message as Answer;
use dictum::transport::wire::quote_service_client::QuoteServiceClient;
use dictum::transport::wire::{
    AnalyzeRequest, Document, IngestDocumentRequest, IngestDocumentResponse, SearchQuotesRequest,
};
use std::time::Duration;
use tonic::codec::CompressionEncoding::{self, Gzip, Zstd};
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

const INGEST: &str = "dictum.v1.DocumentService/IngestDocument";

fn name(encoding: CompressionEncoding) -> &'static str {
    if encoding == Gzip { "gzip" } else { "zstd" }
}

fn ingest(id: &str, text: String) -> IngestDocumentRequest {
    let document = Some(Document { text, ..Document::default() });
    IngestDocumentRequest { document_id: id.into(), document, ..Default::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_compressed_messages_is_answered_by_compressed_ones() {
    let server = TestServer::start().await;
    for encoding in [Gzip, Zstd] {
        let channel = server.channel().await;
        let mut documents =
            DocumentServiceClient::new(channel.clone()).send_compressed(encoding).accept_compressed(encoding);
        // Digits that do not compress well: longer than one frame, and than what is unpacked at once.
        let digits = (1_u64..4000).map(|n| format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let long = digits.chain([format!(". {}", statement("Ann Lee", "We will see"))]).collect();
        let stored = documents.ingest_document(ingest(name(encoding), long)).await.unwrap();
        assert_eq!(stored.metadata().get("grpc-encoding").unwrap(), name(encoding));
        let receipt = stored.into_inner().receipt.unwrap();

        let items = (0..20).map(move |n| {
            item(&n.to_string(), &format!("{}-{n}", name(encoding)), &statement("Ann Lee", "Yes"))
        });
        let stream = tokio_stream::iter([open()].into_iter().chain(items));
        let mut answers = documents.ingest_stream(stream).await.unwrap().into_inner();
        let mut acknowledged = 0;
        while let Some(answer) = answers.message().await.unwrap() {
            acknowledged += usize::from(matches!(answer.message, Some(Answer::Ack(_))));
        }
        assert_eq!(acknowledged, 20);

        let mut quotes =
            QuoteServiceClient::new(channel.clone()).send_compressed(encoding).accept_compressed(encoding);
        let search = SearchQuotesRequest {
            parent: "collections/default".into(),
            consistency_token: receipt.consistency_token,
            ..Default::default()
        };
        let found = quotes.search_quotes(search).await.unwrap();
        assert_eq!(found.metadata().get("grpc-encoding").unwrap(), name(encoding));
        assert!(!found.into_inner().results.is_empty());

        let mut health = HealthClient::new(channel).send_compressed(encoding);
        health.check(HealthCheckRequest::default()).await.unwrap();
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_plain_messages_is_answered_by_plain_ones() {
    let server = TestServer::start().await;
    let mut client = AnalysisServiceClient::new(server.channel().await).accept_compressed(Gzip);
    let answer = client.analyze(AnalyzeRequest { text: "Yes.".into(), ..Default::default() }).await.unwrap();
    assert!(answer.metadata().get("grpc-encoding").is_none());
    let mut one_way = AnalysisServiceClient::new(server.channel().await).send_compressed(Zstd);
    one_way.analyze(AnalyzeRequest { text: "Yes.".into(), ..Default::default() }).await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bombs_are_refused_and_cost_no_more_than_the_room_they_were_let_in_with() {
    let server = TestServer::start().await;
    let bomb = "a".repeat(7 << 20);
    for encoding in [Gzip, Zstd] {
        let mut documents = DocumentServiceClient::new(server.channel().await).send_compressed(encoding);
        let refused = documents.ingest_document(ingest("bomb", bomb.clone())).await.unwrap_err();
        assert_error(&refused, Code::OutOfRange, "MESSAGE_TOO_LARGE");
        let stream = tokio_stream::iter([open(), item("1", "bomb", &bomb)]);
        let mut answers = documents.ingest_stream(stream).await.unwrap().into_inner();
        let refused = loop {
            match answers.message().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the stream ends well"),
                Err(status) => break status,
            }
        };
        assert_error(&refused, Code::OutOfRange, "MESSAGE_TOO_LARGE");
        documents.ingest_document(ingest("after", statement("Ann Lee", "Yes"))).await.unwrap();
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_room_of_compressed_messages_comes_back() {
    let tight = |config: &mut dictum::engine::EngineConfig| {
        config.max_document_bytes = 1 << 20;
        config.max_inflight_bytes = 1 << 20;
    };
    let server = TestServer::with(Default::default(), tight).await;
    let mut documents = DocumentServiceClient::new(server.channel().await).send_compressed(Gzip);
    for n in 0..40 {
        documents.ingest_document(ingest(&format!("d{n}"), statement("Ann Lee", "Yes"))).await.unwrap();
    }
    server.engine.drain(Duration::from_secs(20)).await.expect("every permit is back");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_encodings_and_what_is_none_are_refused() {
    let server = TestServer::start().await;
    let mut request = Request::new(ingest("a", "Yes.".into()));
    request.metadata_mut().insert("grpc-encoding", "br".parse().unwrap());
    let refused = server.documents().await.ingest_document(request).await.unwrap_err();
    assert_error(&refused, Code::Unimplemented, "UNKNOWN_ENCODING");
    assert_eq!(refused.metadata().get("grpc-accept-encoding").unwrap(), "gzip,zstd,identity");

    let client = Plain::new(&server);
    let mut garbage = prefix(9);
    garbage[0] = 1;
    garbage.extend_from_slice(b"no gzip!!");
    for encoding in ["gzip", "zstd"] {
        let (body, reply) = client.begin_in(INGEST, encoding).await;
        body.send(garbage.clone().freeze()).await.unwrap();
        drop(body);
        let (_, status) = reply.await.read::<IngestDocumentResponse>().await;
        assert_error(&status, Code::InvalidArgument, "MALFORMED_MESSAGE");
    }
    server.stop().await;
}
