//! Long texts beside short ones: nobody waits for the end of a book, and a book that nobody waits for is put away.

use crate::server::{SOON, TestServer, sample};
use dictum::transport::TransportConfig;
use dictum::transport::wire::{
    AckLevel, AnalyzeRequest, Document, GetDocumentRequest, IngestDocumentRequest, ListDocumentsRequest,
};
use std::time::Duration;
use tonic::Request;

/// A text of at least so many bytes.
fn book(bytes: usize) -> String {
    let chapter = sample() + "\n\n";
    chapter.repeat(bytes.div_ceil(chapter.len()))
}

fn analyze(text: &str) -> AnalyzeRequest {
    AnalyzeRequest { text: text.into(), ..AnalyzeRequest::default() }
}

fn ingest(id: &str, text: &str) -> IngestDocumentRequest {
    IngestDocumentRequest {
        document_id: id.into(),
        document: Some(Document { text: text.into(), ..Document::default() }),
        ..IngestDocumentRequest::default()
    }
}

/// One thread, and minutes of work for it.
async fn busy() -> (TestServer, String) {
    let server = TestServer::with(TransportConfig::default(), |config| config.analysis_threads = 1).await;
    (server, book(1 << 20))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_is_analysed_and_stored_while_books_are_at_work() {
    let (server, long) = busy().await;
    let mut calls = Vec::new();
    for id in ["one", "two"] {
        let (mut client, request) = (server.documents().await, ingest(id, &long));
        calls.push(tokio::spawn(async move { client.ingest_document(request).await }));
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut analysis = server.analysis().await;
    let line = analysis.analyze(analyze("“Yes,” Jane Miller said."));
    let line = tokio::time::timeout(2 * SOON, line).await.unwrap().unwrap().into_inner();
    assert_eq!(line.analysis.unwrap().quotes.len(), 1);
    let mut documents = server.documents().await;
    let stored = documents.ingest_document(ingest("line", "“Yes,” Jane Miller said."));
    tokio::time::timeout(2 * SOON, stored).await.unwrap().unwrap();
    let name = String::from("collections/default/documents/line");
    documents.get_document(GetDocumentRequest { name, ..Default::default() }).await.unwrap();
    assert!(calls.iter().all(|call| !call.is_finished()), "the books were too short for this test");
    calls.iter().for_each(tokio::task::JoinHandle::abort);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_book_whose_caller_has_gone_or_has_no_time_left_is_put_away_and_leaves_nothing() {
    let (server, long) = busy().await;
    let mut documents = server.documents().await;
    let mut late =
        Request::new(IngestDocumentRequest { ack_level: AckLevel::Durable.into(), ..ingest("late", &long) });
    late.set_timeout(Duration::from_millis(500));
    // Which of the two says so, the client or the server, is for chance to decide.
    documents.ingest_document(late).await.unwrap_err();
    let mut analysis = server.analysis().await;
    let dropped = tokio::time::timeout(Duration::from_millis(500), analysis.analyze(analyze(&long))).await;
    assert!(dropped.is_err(), "the book was too short for this test");
    // One text of this length is at work at a time: this one would wait for the others.
    let next = documents.ingest_document(ingest("next", &book(70 << 10)));
    tokio::time::timeout(6 * SOON, next).await.expect("the books are still at work").unwrap();
    let list = documents.list_documents(ListDocumentsRequest::default()).await.unwrap().into_inner();
    assert_eq!(
        list.documents.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(),
        ["collections/default/documents/next"]
    );
    server.stop().await;
}
