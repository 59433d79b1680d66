//! Messages of millions of items of next to nothing, which would take a hundred times their length in memory.

use crate::raw;
use crate::server::{SOON, TestServer, assert_error, error};
use prost::encoding::{WireType, encode_key, encode_varint};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

const INGEST: &str = "/dictum.v1.DocumentService/IngestDocument";

/// A field of a message within which others are.
fn within(number: u32, inner: &[u8]) -> Vec<u8> {
    let mut field = Vec::new();
    encode_key(number, WireType::LengthDelimited, &mut field);
    encode_varint(inner.len() as u64, &mut field);
    field.extend_from_slice(inner);
    field
}

/// As many empty items of a field as a message can have.
fn nothing(number: u32) -> Vec<u8> {
    within(number, &[]).repeat(11_900_000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn are_refused_before_they_are_decoded_while_others_are_answered() {
    let server = TestServer::start().await;
    let channel = server.channel().await;
    let attack = tokio::spawn(async move {
        let calls = [
            (INGEST, within(7, &nothing(3))),
            (INGEST, within(7, &nothing(2))),
            ("/dictum.v1.QuoteService/SearchQuotes", within(2, &nothing(2))),
            ("/dictum.v1.QuoteService/AggregateQuotes", nothing(3)),
            ("/dictum.v1.DocumentService/BatchGetDocuments", nothing(2)),
        ];
        for (path, message) in calls {
            let length = message.len().to_string();
            let status = raw::call(channel.clone(), path, message).await.unwrap_err();
            assert_error(&status, Code::OutOfRange, "MESSAGE_TOO_LARGE");
            assert!(status.message().contains("more items than its length allows"), "{path}: {status:?}");
            assert_eq!(error(&status).2.error_info().unwrap().metadata["bytes"], length);
        }
        let item = within(2, &within(5, &nothing(3)));
        let path = "/dictum.v1.DocumentService/IngestStream";
        let status = raw::stream(channel, path, [item].into()).await.unwrap_err();
        assert_error(&status, Code::OutOfRange, "MESSAGE_TOO_LARGE");
    });
    let mut health = HealthClient::new(server.channel().await);
    while !attack.is_finished() {
        let check = health.check(HealthCheckRequest::default());
        tokio::time::timeout(SOON, check).await.unwrap().unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    attack.await.unwrap();
    server.stop().await;
}
