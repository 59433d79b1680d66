//! The port before the engine: open from the first moment, honest about not being ready, and useful at once when
//! the engine comes in.

use crate::server::{SOON, TestServer, assert_error, error};
use dictum::engine::EngineConfig;
use dictum::transport::wire::analysis_service_client::AnalysisServiceClient;
use dictum::transport::wire::collection_service_client::CollectionServiceClient;
use dictum::transport::wire::document_service_client::DocumentServiceClient;
use dictum::transport::wire::{
    AnalyzeStreamRequest, GetCollectionRequest, IngestDocumentRequest, IngestStreamRequest,
    ListAnalyzersRequest,
};
use dictum::transport::{Door, ServeError, TransportConfig, listen, serve};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1;

/// A server whose engine is not there yet.
struct Closed {
    door: Door,
    channel: Channel,
    shutdown: CancellationToken,
    serving: JoinHandle<Result<(), ServeError>>,
}

impl Closed {
    async fn start() -> Self {
        let incoming = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let endpoint = format!("http://{}", incoming.local_addr().unwrap());
        let (door, shutdown) = (Door::default(), CancellationToken::new());
        let serving = tokio::spawn(serve(
            incoming,
            door.clone(),
            Default::default(),
            TransportConfig::default(),
            shutdown.clone(),
        ));
        let channel = Endpoint::from_shared(endpoint).unwrap().connect().await.unwrap();
        Self { door, channel, shutdown, serving }
    }

    async fn stop(self) {
        self.shutdown.cancel();
        tokio::time::timeout(SOON, self.serving).await.unwrap().unwrap().unwrap();
    }

    async fn health(&self) -> ServingStatus {
        let answer = HealthClient::new(self.channel.clone()).check(HealthCheckRequest::default()).await;
        answer.unwrap().into_inner().status()
    }
}

fn assert_starting(status: &Status) {
    assert_error(status, Code::Unavailable, "STARTING");
    let (_, _, details) = error(status);
    assert!(details.retry_info().unwrap().retry_delay.is_some(), "{status:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_engine_is_there_health_says_so_and_calls_are_told_to_come_back() {
    let server = Closed::start().await;
    assert_eq!(server.health().await, ServingStatus::NotServing);
    let channel = || server.channel.clone();
    let mut documents = DocumentServiceClient::new(channel());
    let ingest = documents.ingest_document(IngestDocumentRequest::default()).await;
    assert_starting(&ingest.unwrap_err());
    let stream = documents.ingest_stream(tokio_stream::iter([IngestStreamRequest::default()])).await;
    assert_starting(&stream.unwrap_err());
    let mut analyses = AnalysisServiceClient::new(channel());
    assert_starting(&analyses.list_analyzers(ListAnalyzersRequest {}).await.unwrap_err());
    let stream = analyses.analyze_stream(tokio_stream::iter([AnalyzeStreamRequest::default()])).await;
    assert_starting(&stream.unwrap_err());
    let mut collections = CollectionServiceClient::new(channel());
    assert_starting(&collections.get_collection(GetCollectionRequest::default()).await.unwrap_err());

    let mut reflection = v1::server_reflection_client::ServerReflectionClient::new(channel());
    let list = v1::server_reflection_request::MessageRequest::ListServices(String::new());
    let ask = v1::ServerReflectionRequest { host: String::new(), message_request: Some(list) };
    let answers = reflection.server_reflection_info(tokio_stream::iter([ask])).await;
    assert!(answers.unwrap().into_inner().message().await.unwrap().is_some());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_of_a_closed_door_sees_it_open() {
    let server = Closed::start().await;
    let watch = HealthClient::new(server.channel.clone()).watch(HealthCheckRequest::default()).await;
    let mut watch = watch.unwrap().into_inner();
    let mut next = async || tokio::time::timeout(SOON, watch.message()).await.unwrap().unwrap().unwrap();
    assert_eq!(next().await.status(), ServingStatus::NotServing);
    let dir = tempfile::tempdir().unwrap();
    let engine =
        TestServer::engine(dir.path(), |config: &mut EngineConfig| config.analysis_threads = 1).await;
    server.door.open(engine);
    assert_eq!(next().await.status(), ServingStatus::Serving);
    let mut analyses = AnalysisServiceClient::new(server.channel.clone());
    let listed = analyses.list_analyzers(ListAnalyzersRequest {}).await.unwrap();
    assert_eq!(listed.into_inner().analyzers.len(), 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_can_be_stopped_before_its_engine_comes() {
    let server = Closed::start().await;
    let watch = HealthClient::new(server.channel.clone()).watch(HealthCheckRequest::default()).await;
    let mut watch = watch.unwrap().into_inner();
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    server.stop().await;
    assert!(matches!(watch.message().await, Ok(None)));
}
