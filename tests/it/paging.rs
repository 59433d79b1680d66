//! Pages: by count, by bytes, and tokens that fit their own query only.

use crate::server::{TestServer, assert_violations, statement};
use dictum::transport::wire::{
    BatchGetDocumentsRequest, DocumentView, GetDocumentRequest, ListDocumentsRequest, QuoteFilter,
    SearchQuotesRequest,
};
use prost::Message;
use tonic::Code;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_give_every_result_once_in_a_stable_order() {
    let server = TestServer::start().await;
    for n in 0..23 {
        server.ingest(&format!("d{n:02}"), &statement("Jane Miller", &format!("Plan {n} is good"))).await;
    }
    let filter = QuoteFilter { text: "plan".into(), ..Default::default() };
    let mut request =
        SearchQuotesRequest { filter: Some(filter), page_size: 5, ..SearchQuotesRequest::default() };
    let mut client = server.quotes().await;
    let (mut names, mut pages) = (Vec::new(), 0);
    loop {
        let page = client.search_quotes(request.clone()).await.unwrap().into_inner();
        assert_eq!(page.total_size, 23);
        pages += 1;
        names.extend(page.results.into_iter().map(|result| result.name));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!((pages, names.len()), (5, 23));
    let mut distinct = names.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), 23);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tampered_borrowed_and_foreign_tokens_are_refused() {
    let server = TestServer::start().await;
    let other = TestServer::start().await;
    for server in [&server, &other] {
        for id in ["a", "b", "c"] {
            server.ingest(id, &statement("Jane Miller", "We wait")).await;
        }
    }
    let request = SearchQuotesRequest { page_size: 1, ..Default::default() };
    let mut client = server.quotes().await;
    let token = client.search_quotes(request.clone()).await.unwrap().into_inner().next_page_token;
    let with = |token: &str| SearchQuotesRequest { page_token: token.into(), ..request.clone() };
    let mut tampered = token.clone().into_bytes();
    tampered[2] = if tampered[2] == b'A' { b'B' } else { b'A' };
    for bad in [String::from_utf8(tampered).unwrap(), token[1..].to_owned(), "x".to_owned(), "é".to_owned()]
    {
        assert_violations(&client.search_quotes(with(&bad)).await.unwrap_err(), &["page_token"]);
    }
    let filter = Some(QuoteFilter { text: "wait".into(), ..Default::default() });
    let other_query = SearchQuotesRequest { filter, ..with(&token) };
    assert_violations(&client.search_quotes(other_query).await.unwrap_err(), &["page_token"]);
    let status = other.quotes().await.search_quotes(with(&token)).await.unwrap_err();
    assert_violations(&status, &["page_token"]);
    assert!(client.search_quotes(with(&token)).await.is_ok());

    let consistency = server.ingest("d", "Text.").await.consistency_token;
    let query = |token: &str| SearchQuotesRequest { consistency_token: token.into(), ..Default::default() };
    assert!(client.search_quotes(query(&consistency)).await.is_ok());
    let status = other.quotes().await.search_quotes(query(&consistency)).await.unwrap_err();
    assert_violations(&status, &["consistency_token"]);
    other.stop().await;
    server.stop().await;
}

/// Bytes of a document that no default client receives.
const LARGE: usize = 4_200_000;

/// What a gRPC client receives unless it is told otherwise, less the room that we leave.
const LIMIT: usize = 3_670_016;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_passes_what_a_default_client_receives() {
    let server = TestServer::start().await;
    // One long word: large, and quick to analyse.
    let megabyte = "x".repeat(1_050_000);
    for n in 0..5 {
        server.ingest(&n.to_string(), &format!("{n} {megabyte}")).await;
    }
    let mut client = server.documents().await;
    let mut request = ListDocumentsRequest { view: DocumentView::Text.into(), ..Default::default() };
    let mut sizes = Vec::new();
    loop {
        let page = client.list_documents(request.clone()).await.unwrap().into_inner();
        assert!(page.encoded_len() <= LIMIT, "{}", page.encoded_len());
        assert_eq!(page.total_size, 5);
        sizes.push(page.documents.len());
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(sizes, [3, 2]);
    let names = (0..5).map(|n| format!("collections/default/documents/{n}")).collect();
    let batch = BatchGetDocumentsRequest { names, view: DocumentView::Text.into(), ..Default::default() };
    let answer = client.batch_get_documents(batch).await.unwrap().into_inner();
    assert!(answer.encoded_len() <= LIMIT);
    assert_eq!((answer.documents.len(), answer.remaining.len()), (3, 2));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_no_default_client_receives_is_refused_or_shortened_and_says_so() {
    let server = TestServer::start().await;
    server.ingest("big", &"x".repeat(LARGE)).await;
    let mut client = server.documents().await;
    let get = GetDocumentRequest {
        name: "collections/default/documents/big".into(),
        view: DocumentView::Text.into(),
        ..Default::default()
    };
    let status = client.get_document(get.clone()).await.unwrap_err();
    crate::server::assert_error(&status, Code::ResourceExhausted, "ANSWER_TOO_LARGE");
    let list = ListDocumentsRequest { view: DocumentView::Text.into(), ..Default::default() };
    let page = client.list_documents(list).await.unwrap().into_inner();
    assert_eq!((page.documents[0].view(), page.documents[0].text.as_str()), (DocumentView::Basic, ""));
    let mut roomy = client.max_decoding_message_size(16 << 20);
    let request = GetDocumentRequest { max_answer_bytes: 16 << 20, ..get };
    let document = roomy.get_document(request).await.unwrap().into_inner().document.unwrap();
    assert_eq!(document.text.len(), LARGE);
    server.stop().await;
}
