//! `DocumentService`: getting, listing, deleting and finding documents.

use crate::server::{TestServer, assert_error, assert_violations, statement};
use dictum::transport::wire::{
    AckLevel, BatchGetDocumentsRequest, DeleteDocumentRequest, Document, DocumentFilter, DocumentView,
    GetDocumentRequest, ListDocumentsRequest, SearchDocumentsRequest, TimeRange,
};
use prost_types::Timestamp;
use tonic::Code;

fn get(id: &str, view: DocumentView) -> GetDocumentRequest {
    GetDocumentRequest {
        name: format!("collections/default/documents/{id}"),
        view: view.into(),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_comes_back_as_it_was_sent_in_the_view_asked_for() {
    let server = TestServer::start().await;
    let sent = Document {
        text: statement("Jane Miller", "The harbour stays open"),
        title: "Harbour".into(),
        publish_time: Some(Timestamp { seconds: 1_700_000_000, nanos: 5 }),
        source: "The Daily".into(),
        url: "https://daily.example/harbour".into(),
        language: "en-GB".into(),
        labels: [("desk".to_owned(), "city".to_owned())].into(),
        ..Document::default()
    };
    server.ingest_document("a", sent.clone()).await;
    let mut client = server.documents().await;
    let mut fetch =
        async |view| client.get_document(get("a", view)).await.unwrap().into_inner().document.unwrap();
    let basic = fetch(DocumentView::Unspecified).await;
    assert_eq!(basic.view(), DocumentView::Basic);
    assert_eq!((basic.text.as_str(), basic.analysis.is_none()), ("", true));
    assert_eq!((basic.title, basic.source, basic.url), (sent.title, sent.source, sent.url));
    assert_eq!((basic.language, basic.labels), (sent.language, sent.labels));
    assert_eq!((basic.publish_time, basic.revision, basic.quote_count), (sent.publish_time, 1, 1));
    assert_eq!(basic.content_hash.len(), 64);
    assert!(basic.create_time.is_some() && basic.create_time == basic.update_time);
    assert_eq!(basic.analyzer.unwrap().name, "dictum-en");
    assert_eq!(fetch(DocumentView::Text).await.text, sent.text);
    let full = fetch(DocumentView::Full).await;
    assert_eq!((full.view(), full.text), (DocumentView::Full, sent.text));
    assert_eq!(full.analysis.unwrap().quotes.len(), 1);
    let status = client.get_document(get("b", DocumentView::Basic)).await.unwrap_err();
    assert_error(&status, Code::NotFound, "NOT_FOUND");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_tells_found_from_missing_and_keeps_to_its_collection() {
    let server = TestServer::start().await;
    server.ingest("a", "One text.").await;
    server.ingest("b", "Two texts.").await;
    let name = |id: &str| format!("collections/default/documents/{id}");
    let request = BatchGetDocumentsRequest {
        names: ["b", "none", "a"].map(name).to_vec(),
        view: DocumentView::Text.into(),
        ..Default::default()
    };
    let mut client = server.documents().await;
    let answer = client.batch_get_documents(request.clone()).await.unwrap().into_inner();
    let texts: Vec<&str> = answer.documents.iter().map(|document| document.text.as_str()).collect();
    assert_eq!(texts, ["Two texts.", "One text."]);
    assert_eq!((answer.missing, answer.remaining), (vec![name("none")], vec![]));
    let foreign = BatchGetDocumentsRequest { parent: "collections/x".into(), ..request };
    let status = client.batch_get_documents(foreign).await.unwrap_err();
    assert_violations(&status, &["names[0]", "names[1]", "names[2]"]);
    let status = client.batch_get_documents(BatchGetDocumentsRequest::default()).await.unwrap_err();
    assert_violations(&status, &["names"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_document_is_gone_from_store_and_queries() {
    let server = TestServer::start().await;
    server.ingest("a", &statement("Jane Miller", "The harbour stays open")).await;
    let mut client = server.documents().await;
    let delete = DeleteDocumentRequest {
        name: "collections/default/documents/a".into(),
        ack_level: AckLevel::Durable.into(),
        ..Default::default()
    };
    let token = client.delete_document(delete.clone()).await.unwrap().into_inner().consistency_token;
    assert_eq!(client.get_document(get("a", DocumentView::Basic)).await.unwrap_err().code(), Code::NotFound);
    let search = SearchDocumentsRequest { consistency_token: token, ..Default::default() };
    let found = client.search_documents(search).await.unwrap().into_inner();
    assert_eq!((found.total_size, found.results.len()), (0, 0));
    assert_eq!(client.delete_document(delete.clone()).await.unwrap_err().code(), Code::NotFound);
    let missing = DeleteDocumentRequest { allow_missing: true, ..delete };
    assert_eq!(client.delete_document(missing).await.unwrap().into_inner().consistency_token, "");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_are_listed_by_id() {
    let server = TestServer::start().await;
    for id in ["b", "a", "c"] {
        server.ingest(id, &format!("Text {id}.")).await;
    }
    let request = ListDocumentsRequest { view: DocumentView::Text.into(), ..Default::default() };
    let page = server.documents().await.list_documents(request).await.unwrap().into_inner();
    let texts: Vec<&str> = page.documents.iter().map(|document| document.text.as_str()).collect();
    assert_eq!(texts, ["Text a.", "Text b.", "Text c."]);
    assert_eq!((page.total_size, page.next_page_token.as_str()), (3, ""));
    let unknown = ListDocumentsRequest { parent: "collections/none".into(), ..Default::default() };
    let status = server.documents().await.list_documents(unknown).await.unwrap_err();
    assert_error(&status, Code::NotFound, "NOT_FOUND");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_are_found_by_text_outlet_time_label_and_speaker() {
    let server = TestServer::start().await;
    let document = |what: &str, source: &str, seconds: i64, desk: &str| Document {
        text: statement("Jane Miller", what),
        source: source.into(),
        publish_time: Some(Timestamp { seconds, nanos: 0 }),
        labels: [("desk".to_owned(), desk.to_owned())].into(),
        ..Document::default()
    };
    server.ingest_document("a", document("The harbour stays open", "Daily", 1000, "city")).await;
    server.ingest_document("b", document("The harbour closes", "Weekly", 2000, "port")).await;
    let text = statement("Robert Brown", "Stations close early");
    server.ingest_document("c", Document { text, ..document("", "Daily", 3000, "city") }).await;
    let mut client = server.documents().await;
    let mut ids = async |filter: DocumentFilter| {
        let request = SearchDocumentsRequest { filter: Some(filter), ..Default::default() };
        let found = client.search_documents(request).await.unwrap().into_inner();
        assert_eq!(found.total_size, found.results.len() as u64);
        let name = |result: dictum::transport::wire::DocumentResult| result.document.unwrap().name;
        let mut names: Vec<String> = found.results.into_iter().map(name).collect();
        names.sort();
        names.iter().map(|name| name.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let none = DocumentFilter::default;
    assert_eq!(ids(none()).await, ["a", "b", "c"]);
    assert_eq!(ids(DocumentFilter { text: "harbour".into(), ..none() }).await, ["a", "b"]);
    assert_eq!(ids(DocumentFilter { text: "\"harbour closes\"".into(), ..none() }).await, ["b"]);
    assert_eq!(ids(DocumentFilter { text: "stat*".into(), ..none() }).await, ["c"]);
    assert_eq!(ids(DocumentFilter { sources: vec!["Daily".into()], ..none() }).await, ["a", "c"]);
    let range = TimeRange {
        start_time: Some(Timestamp { seconds: 1500, nanos: 0 }),
        end_time: Some(Timestamp { seconds: 3000, nanos: 0 }),
    };
    assert_eq!(ids(DocumentFilter { published: Some(range), ..none() }).await, ["b"]);
    let labels = [("desk".to_owned(), "city".to_owned())].into();
    assert_eq!(ids(DocumentFilter { labels, ..none() }).await, ["a", "c"]);
    assert_eq!(ids(DocumentFilter { speakers: vec!["robert brown".into()], ..none() }).await, ["c"]);
    assert_eq!(ids(DocumentFilter { mentions: vec!["Jane Miller".into()], ..none() }).await, ["a", "b"]);
    server.stop().await;
}
