//! What writers feel of an index that is too far behind: streams slow down, single writes are told to come back.

use crate::ingest_stream::Feed;
use crate::server::{TestServer, assert_error, error};
use dictum::engine::{EngineConfig, MaxLag};
use dictum::transport::TransportConfig;
use dictum::transport::wire::ingest_stream_response::Message as Answer;
use dictum::transport::wire::{
    DeleteDocumentRequest, Document, IngestDocumentRequest, IngestDocumentResponse, SearchQuotesRequest,
    UpdateDocumentRequest,
};
use std::time::Duration;
use tonic::{Code, Status};

/// An index that does nothing until somebody waits for it, and may be two changes behind.
fn lazy(config: &mut EngineConfig) {
    let hour = Duration::from_secs(3600);
    (config.index_idle, config.index_interval) = (hour, hour);
    config.max_lag = MaxLag { changes: 2, age: hour };
}

async fn ingest(server: &TestServer, id: &str) -> Result<IngestDocumentResponse, Status> {
    let document = Some(Document { text: "A short text.".into(), ..Document::default() });
    let request = IngestDocumentRequest { document_id: id.into(), document, ..Default::default() };
    Ok(server.documents().await.ingest_document(request).await?.into_inner())
}

fn assert_lagging(status: &Status) {
    assert_error(status, Code::Unavailable, "INDEX_LAGGING");
    let (_, _, details) = error(status);
    assert!(details.retry_info().unwrap().retry_delay.is_some(), "{status:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beyond_the_bound_streams_pause_and_single_writes_are_refused_until_the_index_has_caught_up() {
    let impatient = TransportConfig { backoff_after: Duration::from_millis(20), ..Default::default() };
    let server = TestServer::with(impatient, lazy).await;
    let mut feed = Feed::opened(&server).await;
    let mut last = None;
    for id in ["a", "b", "c"] {
        last = ingest(&server, id).await.unwrap().receipt;
    }
    assert_lagging(&ingest(&server, "d").await.unwrap_err());
    let name = String::from("collections/default/documents/a");
    let delete = DeleteDocumentRequest { name: name.clone(), ..Default::default() };
    assert_lagging(&server.documents().await.delete_document(delete).await.unwrap_err());
    let update = UpdateDocumentRequest {
        document: Some(Document { name, title: "Other".into(), ..Document::default() }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["title".into()] }),
        ..Default::default()
    };
    assert_lagging(&server.documents().await.update_document(update).await.unwrap_err());

    feed.send_item("e", "e", "Another short text.").await;
    let Ok(Some(Answer::Backoff(backoff))) = feed.next().await else { panic!("no pause") };
    assert!(backoff.pause.is_some());

    // Whoever waits for the index makes it catch up.
    let consistency_token = last.unwrap().consistency_token;
    let query = SearchQuotesRequest { consistency_token, ..Default::default() };
    server.quotes().await.search_quotes(query).await.unwrap();
    loop {
        match feed.next().await {
            Ok(Some(Answer::Backoff(_))) => {}
            Ok(Some(Answer::Ack(ack))) => break assert_eq!(ack.client_id, "e"),
            other => panic!("{other:?}"),
        }
    }
    ingest(&server, "d").await.unwrap();
    server.stop().await;
}
