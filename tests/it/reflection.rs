//! Reflection, in both versions.

use crate::server::TestServer;
use std::collections::BTreeSet;
use tonic_reflection::pb::{v1, v1alpha};

const EXPECTED: [&str; 7] = [
    "dictum.v1.AnalysisService",
    "dictum.v1.CollectionService",
    "dictum.v1.DocumentService",
    "dictum.v1.EntityService",
    "dictum.v1.QuoteService",
    "dictum.v1.VerifyService",
    "grpc.health.v1.Health",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_1_lists_and_describes_every_service() {
    use v1::server_reflection_request::MessageRequest;
    use v1::server_reflection_response::MessageResponse;
    let server = TestServer::start().await;
    let mut client = v1::server_reflection_client::ServerReflectionClient::new(server.channel().await);
    let ask = |message_request| v1::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(message_request),
    };
    let requests = [
        ask(MessageRequest::ListServices(String::new())),
        ask(MessageRequest::FileContainingSymbol("dictum.v1.QuoteService.SearchQuotes".into())),
    ];
    let stream = client.server_reflection_info(tokio_stream::iter(requests)).await;
    let mut answers = stream.unwrap().into_inner();
    let mut next = async || answers.message().await.unwrap().unwrap().message_response.unwrap();
    let MessageResponse::ListServicesResponse(list) = next().await else { panic!("no list") };
    let names: BTreeSet<&str> = list.service.iter().map(|service| service.name.as_str()).collect();
    assert!(names.is_superset(&BTreeSet::from(EXPECTED)), "{names:?}");
    let MessageResponse::FileDescriptorResponse(files) = next().await else { panic!("no file") };
    assert_eq!(files.file_descriptor_proto.len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_1_alpha_lists_every_service() {
    use v1alpha::server_reflection_request::MessageRequest;
    use v1alpha::server_reflection_response::MessageResponse;
    let server = TestServer::start().await;
    let mut client = v1alpha::server_reflection_client::ServerReflectionClient::new(server.channel().await);
    let request = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let stream = client.server_reflection_info(tokio_stream::iter([request])).await;
    let answer = stream.unwrap().into_inner().message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("no list")
    };
    let names: BTreeSet<&str> = list.service.iter().map(|service| service.name.as_str()).collect();
    assert!(names.is_superset(&BTreeSet::from(EXPECTED)), "{names:?}");
    server.stop().await;
}
