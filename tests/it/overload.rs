//! More calls than can be served, for longer than a burst lasts: some are served soon, the others are told when to come back.

use crate::server::{TestServer, error, statement};
use dictum::transport::TransportConfig;
use dictum::transport::wire::{
    AckLevel, AnalyzeRequest, Document, GetDocumentRequest, IngestDocumentRequest,
};
use std::time::{Duration, Instant};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

/// For how long: many times what counts as a burst.
const LONG: Duration = Duration::from_secs(4);
/// Calls under way at any time.
const CALLERS: usize = 64;

async fn server() -> TestServer {
    TestServer::with(TransportConfig::default(), |config| config.analysis_threads = 1).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cannot_be_served_soon_is_told_when_to_come_back() {
    let server = server().await;
    let channel = server.channel().await;
    let until = Instant::now() + LONG;
    let callers: Vec<_> = (0..CALLERS)
        .map(|n| {
            let mut client =
                dictum::transport::wire::analysis_service_client::AnalysisServiceClient::new(channel.clone());
            tokio::spawn(async move {
                let (mut served, mut refusals) = (0, Vec::new());
                let text = statement("Jane Miller", &format!("This is number {n}"));
                while Instant::now() < until {
                    let request = AnalyzeRequest { text: text.clone(), ..Default::default() };
                    match client.analyze(request).await {
                        Ok(_) => served += 1,
                        Err(status) => refusals.push(status),
                    }
                }
                (served, refusals)
            })
        })
        .collect();
    let mut health = HealthClient::new(channel.clone());
    while Instant::now() < until {
        let request = HealthCheckRequest { service: "liveness".into() };
        let state = health.check(request).await.unwrap().into_inner().status();
        assert_eq!(state, ServingStatus::Serving);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (mut served, mut refused) = (0, 0);
    for caller in callers {
        let (of_caller, refusals) = caller.await.unwrap();
        served += of_caller;
        refused += refusals.len();
        for status in refusals {
            let (code, reason, details) = error(&status);
            assert_eq!((code, reason.as_str()), (Code::Unavailable, "OVERLOADED"), "{status:?}");
            assert!(details.retry_info().unwrap().retry_delay.is_some());
        }
    }
    assert!(served > 0 && refused > 0, "{served} served, {refused} refused");
    server
        .analysis()
        .await
        .analyze(AnalyzeRequest { text: "Yes.".into(), ..Default::default() })
        .await
        .unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_accepted_is_stored_however_long_the_line() {
    const DOCUMENTS: usize = 150;
    let server = server().await;
    let mut documents = server.documents().await;
    let text = statement("Jane Miller", "This takes its time").repeat(4);
    for n in 0..DOCUMENTS {
        let document = Some(Document { text: format!("{text}{n}"), ..Document::default() });
        let request = IngestDocumentRequest {
            document_id: format!("d{n}"),
            document,
            ack_level: AckLevel::Accepted.into(),
            ..Default::default()
        };
        documents.ingest_document(request).await.unwrap();
    }
    let all_there = async {
        for n in 0..DOCUMENTS {
            let name = format!("collections/default/documents/d{n}");
            let request = GetDocumentRequest { name, ..Default::default() };
            while documents.get_document(request.clone()).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(300), all_there)
        .await
        .expect("what was accepted is there in time");
    server.stop().await;
}
