//! What clients get wrong: each case has its code and its details, and the server lives on.

use crate::engine::stage::draft;
use crate::raw;
use crate::server::{TestServer, assert_error, assert_violations, error};
use dictum::domain::document::AckLevel;
use dictum::domain::ids::CollectionId;
use dictum::engine::{Draft, MessageSize, Need};
use dictum::ports::{Caller, Lane};
use dictum::transport::wire::{
    DeleteCollectionRequest, DeleteDocumentRequest, Document, GetDocumentRequest, IngestDocumentRequest,
    ListDocumentsRequest, SearchQuotesRequest,
};
use prost::Message;
use tonic::Code;

fn ingest(id: &str, text: &str) -> IngestDocumentRequest {
    IngestDocumentRequest {
        document_id: id.into(),
        document: Some(Document { text: text.into(), ..Document::default() }),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fields_that_break_rules_are_named() {
    let server = TestServer::start().await;
    let mut client = server.documents().await;
    let cases = [
        (ingest("a", ""), vec!["document.text"]),
        (ingest("a/b", "Text."), vec!["document_id"]),
        (ingest("..%2f", "Text."), vec!["document_id"]),
        (ingest(".", "Text."), vec!["document_id"]),
        (ingest("..", "Text."), vec!["document_id"]),
        (ingest("a/b", ""), vec!["document_id", "document.text"]),
        (IngestDocumentRequest::default(), vec!["document"]),
        (IngestDocumentRequest { parent: "documents/x".into(), ..ingest("a", "Text.") }, vec!["parent"]),
        (IngestDocumentRequest { ack_level: 9, ..ingest("a", "Text.") }, vec!["ack_level"]),
    ];
    for (request, fields) in cases {
        assert_violations(&client.ingest_document(request).await.unwrap_err(), &fields);
    }
    for name in ["", "x", "collections/default/documents/a/b", "collections/default/documents/"] {
        let request = GetDocumentRequest { name: name.into(), ..Default::default() };
        assert_violations(&client.get_document(request).await.unwrap_err(), &["name"]);
    }
    let negative = ListDocumentsRequest { page_size: -1, ..Default::default() };
    assert_violations(&client.list_documents(negative).await.unwrap_err(), &["page_size"]);
    let order = SearchQuotesRequest { order: 17, offset_encodings: vec![0], ..Default::default() };
    let status = server.quotes().await.search_quotes(order).await.unwrap_err();
    assert_violations(&status, &["offset_encodings[0]", "order"]);
    assert!(client.ingest_document(ingest("a", "Text.")).await.is_ok());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_collection_is_not_found_and_named() {
    let server = TestServer::start().await;
    let request = IngestDocumentRequest { parent: "collections/none".into(), ..ingest("a", "Text.") };
    let status = server.documents().await.ingest_document(request).await.unwrap_err();
    assert_error(&status, Code::NotFound, "NOT_FOUND");
    let (_, _, details) = error(&status);
    let resource = details.resource_info().unwrap();
    assert_eq!(resource.resource_name, "collections/none");
    assert_eq!(resource.resource_type, "dictum.v1.Collection");
    let search = SearchQuotesRequest { parent: "collections/none".into(), ..Default::default() };
    let status = server.quotes().await.search_quotes(search).await.unwrap_err();
    assert_error(&status, Code::NotFound, "NOT_FOUND");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_that_is_no_utf8_is_the_senders_fault() {
    let server = TestServer::start().await;
    // AnalyzeRequest { text: two bytes that are no UTF-8 }.
    let message = vec![0x0a, 0x02, 0xc3, 0x28];
    let path = "/dictum.v1.AnalysisService/Analyze";
    let status = raw::call(server.channel().await, path, message.clone()).await.unwrap_err();
    assert_error(&status, Code::InvalidArgument, "MALFORMED_MESSAGE");
    assert!(status.message().contains("UTF-8"), "{status:?}");
    // A length that leads out of the message.
    let status = raw::call(server.channel().await, path, vec![0x0a, 0x7f, 0x41]).await.unwrap_err();
    assert_error(&status, Code::InvalidArgument, "MALFORMED_MESSAGE");
    // The same on a stream: AnalyzeStreamRequest { request: … }.
    let nested = [vec![0x12, message.len() as u8], message].concat();
    let path = "/dictum.v1.AnalysisService/AnalyzeStream";
    let status = raw::stream(server.channel().await, path, [nested].into()).await.unwrap_err();
    assert_error(&status, Code::InvalidArgument, "MALFORMED_MESSAGE");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_of_20_megabytes_is_refused_with_its_size_and_the_limit() {
    let server = TestServer::start().await;
    let text = "x".repeat(20 << 20);
    let mut client = server.documents().await;
    let status = client.ingest_document(ingest("big", &text)).await.unwrap_err();
    assert_violations(&status, &["document.text"]);
    let (_, reason, details) = error(&status);
    assert_eq!(reason, "DOCUMENT_TOO_LARGE");
    assert_eq!(details.error_info().unwrap().metadata["bytes"], text.len().to_string());
    let analyze = dictum::transport::wire::AnalyzeRequest { text, ..Default::default() };
    let status = server.analysis().await.analyze(analyze).await.unwrap_err();
    assert_violations(&status, &["text"]);
    // A message over the limit on messages does not even reach the engine.
    let huge = ingest("huge", &"x".repeat(25 << 20)).encode_to_vec();
    let path = "/dictum.v1.DocumentService/IngestDocument";
    let status = raw::call(server.channel().await, path, huge).await.unwrap_err();
    assert_error(&status, Code::OutOfRange, "MESSAGE_TOO_LARGE");
    assert!(client.ingest_document(ingest("a", "Text.")).await.is_ok());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_but_valid_texts_are_taken_as_they_are() {
    let server = TestServer::start().await;
    let mut client = server.documents().await;
    let odd = ["\0", "\u{feff}“", "\r\n\r\n", "\"\"=", "👩‍👩‍👧‍👦", "e\u{301}\u{301}", " ", "\u{202e}“x” he said."];
    for (n, text) in odd.iter().enumerate() {
        client.ingest_document(ingest(&n.to_string(), text)).await.unwrap();
        let request = GetDocumentRequest {
            name: format!("collections/default/documents/{n}"),
            view: dictum::transport::wire::DocumentView::Full.into(),
            ..Default::default()
        };
        let document = client.get_document(request).await.unwrap().into_inner().document.unwrap();
        assert_eq!(document.text, *text);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_method_is_unimplemented() {
    let server = TestServer::start().await;
    let channel = server.channel().await;
    let status = raw::call(channel, "/dictum.v1.QuoteService/Guess", vec![]).await.unwrap_err();
    assert_error(&status, Code::Unimplemented, "UNKNOWN_METHOD");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_older_version_called_dots_can_be_read_and_deleted() {
    let server = TestServer::start().await;
    let collection = CollectionId::new("..").unwrap();
    let caller = Caller::anonymous(Lane::Interactive, "test");
    server.engine.create_collection(&caller, &collection).await.unwrap();
    let draft = Draft { collection, ..draft(".", "A text.") };
    let permit = server.engine.admit(&caller, Need::Text, MessageSize::of(draft.text.len())).await.unwrap();
    server.engine.ingest(&caller, permit, draft, AckLevel::Durable).await.unwrap();
    let mut client = server.documents().await;
    let name = String::from("collections/../documents/.");
    let get = GetDocumentRequest { name: name.clone(), ..Default::default() };
    assert_eq!(client.get_document(get).await.unwrap().into_inner().document.unwrap().name, name);
    client.delete_document(DeleteDocumentRequest { name, ..Default::default() }).await.unwrap();
    let delete = DeleteCollectionRequest { name: "collections/..".into(), allow_missing: false };
    server.collections().await.delete_collection(delete).await.unwrap();
    server.stop().await;
}
