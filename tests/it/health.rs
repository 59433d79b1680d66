//! `grpc.health.v1`: the truth, before readiness, while serving and from the first moment of a drain.

use crate::server::{SOON, TestServer, delete_index, sample};
use std::sync::Arc;
use tonic::transport::Channel;
use tonic::{Code, Streaming};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

const SERVICES: [&str; 10] = [
    "",
    "dictum.v1.AnalysisService",
    "dictum.v1.DocumentService",
    "dictum.v1.CollectionService",
    "dictum.v1.QuoteService",
    "dictum.v1.VerifyService",
    "dictum.v1.EntityService",
    "dictum.v1.OperationService",
    "dictum.v1.ExportService",
    "dictum.v1.AdminService",
];

fn of(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.into() }
}

async fn next(watch: &mut Streaming<HealthCheckResponse>) -> Option<ServingStatus> {
    let answer = tokio::time::timeout(SOON, watch.message()).await.unwrap().unwrap();
    answer.map(|answer| answer.status())
}

async fn client(server: &TestServer) -> HealthClient<Channel> {
    HealthClient::new(server.channel().await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_service_is_serving_once_the_engine_is_ready() {
    let server = TestServer::start().await;
    let mut client = client(&server).await;
    for service in SERVICES {
        let answer = client.check(of(service)).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service}");
    }
    assert_eq!(client.check(of("dictum.v1.Nothing")).await.unwrap_err().code(), Code::NotFound);
    let mut unknown = client.watch(of("dictum.v1.Nothing")).await.unwrap().into_inner();
    assert_eq!(next(&mut unknown).await, Some(ServingStatus::ServiceUnknown));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_sees_recovery_readiness_and_drain_in_order() {
    // A store whose index is gone, and cannot be made anew as long as something else stands in its place.
    let server = TestServer::start().await;
    server.ingest("sample", &sample()).await;
    let dir = server.stop().await;
    delete_index(dir.path());
    let obstacle = dir.path().join("index");
    std::fs::write(&obstacle, "in the way").unwrap();
    let server = TestServer::open(Arc::clone(&dir), Default::default(), |_| ()).await;
    let mut client = client(&server).await;
    let mut watches = Vec::new();
    for service in ["", "dictum.v1.QuoteService", "dictum.v1.EntityService"] {
        let mut watch = client.watch(of(service)).await.unwrap().into_inner();
        assert_eq!(next(&mut watch).await, Some(ServingStatus::NotServing), "{service}");
        watches.push(watch);
    }
    for service in ["dictum.v1.AnalysisService", "dictum.v1.DocumentService", "dictum.v1.CollectionService"] {
        let answer = client.check(of(service)).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service}");
    }
    std::fs::remove_file(&obstacle).unwrap();
    for watch in &mut watches {
        assert_eq!(next(watch).await, Some(ServingStatus::Serving));
    }
    server.shutdown.cancel();
    for watch in &mut watches {
        assert_eq!(next(watch).await, Some(ServingStatus::NotServing));
        assert_eq!(next(watch).await, None);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draining_engine_is_not_serving() {
    let server = TestServer::start().await;
    let mut client = client(&server).await;
    server.engine.drain(SOON).await.unwrap();
    for service in SERVICES {
        let answer = client.check(of(service)).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::NotServing, "{service}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_answers_is_alive_whatever_else_it_is() {
    let server = TestServer::start().await;
    let mut health = HealthClient::new(server.channel().await);
    let alive = HealthCheckRequest { service: "liveness".into() };
    let status = health.check(alive.clone()).await.unwrap().into_inner().status();
    assert_eq!(status, ServingStatus::Serving);
    server.engine.drain(SOON).await.unwrap();
    let status = health.check(alive).await.unwrap().into_inner().status();
    assert_eq!(status, ServingStatus::Serving);
    let whole = health.check(HealthCheckRequest::default()).await.unwrap().into_inner().status();
    assert_eq!(whole, ServingStatus::NotServing);
    server.stop().await;
}
