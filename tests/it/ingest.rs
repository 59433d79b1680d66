//! `DocumentService.IngestDocument`: idempotence, revisions, levels, tokens.

use crate::server::{SOON, TestServer, statement};
use dictum::transport::wire::{
    AckLevel, Document, IngestDocumentRequest, IngestOutcome, QuoteFilter, SearchQuotesRequest,
};

fn ingest(id: &str, text: &str, level: AckLevel) -> IngestDocumentRequest {
    IngestDocumentRequest {
        document_id: id.into(),
        document: Some(Document { text: text.into(), ..Document::default() }),
        ack_level: level.into(),
        ..Default::default()
    }
}

async fn total(server: &TestServer, text: &str, token: String) -> u64 {
    let request = SearchQuotesRequest {
        filter: Some(QuoteFilter { text: text.into(), ..Default::default() }),
        consistency_token: token,
        ..Default::default()
    };
    server.quotes().await.search_quotes(request).await.unwrap().into_inner().total_size
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_content_again_changes_nothing_and_other_content_is_a_new_revision() {
    let server = TestServer::start().await;
    let mut client = server.documents().await;
    let first = statement("Jane Miller", "The harbour stays open");
    let mut send = async |text: &str| {
        let request = ingest("a", text, AckLevel::Durable);
        client.ingest_document(request).await.unwrap().into_inner().receipt.unwrap()
    };
    let created = send(&first).await;
    assert_eq!((created.outcome(), created.revision, created.quote_count), (IngestOutcome::Created, 1, 1));
    assert_eq!(created.ack_level(), AckLevel::Durable);
    let again = send(&first).await;
    assert_eq!((again.outcome(), again.revision), (IngestOutcome::AlreadyCurrent, 1));
    assert_eq!(total(&server, "harbour", again.consistency_token).await, 1);
    let revised = send(&statement("Jane Miller", "The station closes early")).await;
    assert_eq!((revised.outcome(), revised.revision), (IngestOutcome::Revised, 2));
    assert_eq!(total(&server, "harbour", revised.consistency_token.clone()).await, 0);
    assert_eq!(total(&server, "station", revised.consistency_token).await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_is_derived_from_the_content_where_the_client_gives_none() {
    let server = TestServer::start().await;
    let mut client = server.documents().await;
    let mut names = Vec::new();
    for text in ["One text.", "One text.", "Another text."] {
        let request = ingest("", text, AckLevel::Durable);
        let receipt = client.ingest_document(request).await.unwrap().into_inner().receipt.unwrap();
        names.push((receipt.name.clone(), receipt.outcome()));
    }
    assert_eq!(names[0].0, names[1].0);
    assert_ne!(names[0].0, names[2].0);
    assert_eq!(names[1].1, IngestOutcome::AlreadyCurrent);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_with_the_token_of_a_write_sees_it() {
    // An index that would otherwise wait for two seconds.
    let slow = |config: &mut dictum::engine::EngineConfig| {
        config.index_interval = std::time::Duration::from_secs(2);
        config.index_idle = std::time::Duration::from_secs(2);
    };
    let server = TestServer::with(Default::default(), slow).await;
    let mut client = server.documents().await;
    for n in 0..3 {
        let text = statement("Jane Miller", &format!("Number zebra{n} counts"));
        let request = ingest(&n.to_string(), &text, AckLevel::Durable);
        let receipt = client.ingest_document(request).await.unwrap().into_inner().receipt.unwrap();
        assert_eq!(total(&server, &format!("zebra{n}"), receipt.consistency_token).await, 1);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_accepted_document_is_queued_and_appears() {
    let server = TestServer::start().await;
    let request = ingest("a", &statement("Jane Miller", "The gate opens"), AckLevel::Accepted);
    let mut client = server.documents().await;
    let receipt = client.ingest_document(request).await.unwrap().into_inner().receipt.unwrap();
    assert_eq!((receipt.outcome(), receipt.ack_level()), (IngestOutcome::Queued, AckLevel::Accepted));
    assert_eq!(receipt.consistency_token, "");
    let appears = async {
        while total(&server, "gate", String::new()).await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, appears).await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_call_leaves_the_document_whole_or_absent() {
    let server = TestServer::start().await;
    let client = server.documents().await;
    for n in 0..30_u64 {
        let mut client = client.clone();
        let text = statement("Jane Miller", &format!("Dropped call {n}")).repeat(10);
        let request = ingest(&n.to_string(), &text, AckLevel::Durable);
        let call = tokio::spawn(async move { client.ingest_document(request).await.map(drop) });
        tokio::time::sleep(std::time::Duration::from_micros(n * 300)).await;
        call.abort();
    }
    let server = server.restart(|_| ()).await;
    let collection = dictum::domain::ids::CollectionId::default_collection();
    let caller = dictum::ports::Caller::anonymous(dictum::ports::Lane::Interactive, "test");
    let counts = server.engine.get_collection(&caller, &collection).await.unwrap();
    let page = dictum::domain::query::PageRequest { size: 100, bytes: 1 << 20, after: None };
    let listed = server.engine.list_documents(&caller, &collection, &page, false).await.unwrap();
    assert_eq!(listed.hits.len() as u64, counts.documents);
    let quotes: u64 = listed.hits.iter().map(|(document, _)| u64::from(document.info().quotes)).sum();
    assert_eq!(quotes, counts.quotes);
    assert_eq!(total(&server, "dropped", String::new()).await, counts.quotes);
    server.stop().await;
}
