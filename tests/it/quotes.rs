//! `QuoteService`.

use crate::server::{TestServer, assert_error, assert_violations, statement};
use dictum::transport::wire::{
    Document, GetQuoteRequest, QuoteFilter, QuoteKind, QuoteType, SearchOrder, SearchQuotesRequest,
    SearchQuotesResponse,
};
use prost_types::Timestamp;
use tonic::Code;

async fn search(server: &TestServer, filter: QuoteFilter, order: SearchOrder) -> SearchQuotesResponse {
    let request = SearchQuotesRequest { filter: Some(filter), order: order.into(), ..Default::default() };
    let found = server.quotes().await.search_quotes(request).await.unwrap().into_inner();
    assert_eq!(found.total_size, found.results.len() as u64);
    found
}

fn documents(found: &SearchQuotesResponse) -> Vec<&str> {
    let names = found.results.iter().map(|result| result.document.as_ref().unwrap().name.as_str());
    names.map(|name| name.rsplit('/').next().unwrap()).collect()
}

async fn three(server: &TestServer) {
    let cases = [
        ("a", "Jane Miller", "The harbour stays open for ships", 1000),
        ("b", "Robert Brown", "Harbour fees will rise", 3000),
        ("c", "Jane Miller", "Trains run late", 2000),
    ];
    for (id, name, what, seconds) in cases {
        let document = Document {
            text: statement(name, what),
            title: format!("Title {id}"),
            source: format!("Source {id}"),
            publish_time: Some(Timestamp { seconds, nanos: 0 }),
            ..Document::default()
        };
        server.ingest_document(id, document).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quotes_are_found_by_every_part_of_the_filter() {
    let server = TestServer::start().await;
    three(&server).await;
    let none = QuoteFilter::default;
    let newest = SearchOrder::NewestFirst;
    let cases = [
        (none(), vec!["b", "c", "a"]),
        (QuoteFilter { speakers: vec!["jane MILLER".into()], ..none() }, vec!["c", "a"]),
        (QuoteFilter { speakers: vec!["Nobody Known".into()], ..none() }, vec![]),
        (QuoteFilter { text: "harbour".into(), ..none() }, vec!["b", "a"]),
        (QuoteFilter { text: "\"stays open\"".into(), ..none() }, vec!["a"]),
        (QuoteFilter { text: "\"open stays\"".into(), ..none() }, vec![]),
        (QuoteFilter { text: "trai*".into(), ..none() }, vec!["c"]),
        (QuoteFilter { text: "council".into(), ..none() }, vec![]),
        (QuoteFilter { document: "collections/default/documents/a".into(), ..none() }, vec!["a"]),
        (QuoteFilter { sources: vec!["Source b".into(), "Source c".into()], ..none() }, vec!["b", "c"]),
        (QuoteFilter { types: vec![QuoteType::Direct.into()], ..none() }, vec!["b", "c", "a"]),
        (QuoteFilter { types: vec![QuoteType::Mixed.into()], ..none() }, vec![]),
        (QuoteFilter { kinds: vec![QuoteKind::Thought.into()], ..none() }, vec![]),
        (QuoteFilter { min_confidence: 1.0, text: "nothing*".into(), ..none() }, vec![]),
    ];
    for (filter, expected) in cases {
        let found = search(&server, filter.clone(), newest).await;
        assert_eq!(documents(&found), expected, "{filter:?}");
    }
    let oldest = search(&server, none(), SearchOrder::OldestFirst).await;
    assert_eq!(documents(&oldest), ["a", "c", "b"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_shows_where_the_quote_stands_and_what_matched() {
    let server = TestServer::start().await;
    three(&server).await;
    let filter = QuoteFilter { text: "harbour ships".into(), ..Default::default() };
    let found = search(&server, filter, SearchOrder::Relevance).await;
    let result = &found.results[0];
    assert!(result.score > 0.0);
    let matched: Vec<&str> = result.highlights.iter().map(|span| span.text.as_str()).collect();
    assert_eq!(matched, ["harbour", "ships"]);
    let document = result.document.as_ref().unwrap();
    assert_eq!((document.title.as_str(), document.source.as_str()), ("Title a", "Source a"));
    assert_eq!(document.publish_time.unwrap().seconds, 1000);
    assert!(result.name.starts_with("collections/default/documents/a/quotes/q"), "{}", result.name);
    let sentence = &result.sentence.as_ref().unwrap().text;
    assert_eq!(sentence, "“The harbour stays open for ships,” Jane Miller said on Monday.");
    // The speaker's resource name finds the same quotes as the name does.
    assert!(result.speaker_entity.starts_with("collections/default/entities/"));
    let filter = QuoteFilter { speakers: vec![result.speaker_entity.clone()], ..Default::default() };
    assert_eq!(documents(&search(&server, filter, SearchOrder::NewestFirst).await), ["c", "a"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quote_that_is_not_there_or_has_no_name_is_refused() {
    let server = TestServer::start().await;
    three(&server).await;
    let mut client = server.quotes().await;
    let mut get = async |name: &str| {
        let request = GetQuoteRequest { name: name.into(), ..Default::default() };
        client.get_quote(request).await
    };
    let status = get("collections/default/documents/a/quotes/q99").await.unwrap_err();
    assert_error(&status, Code::NotFound, "NOT_FOUND");
    let status = get("collections/default/documents/zzz/quotes/q1").await.unwrap_err();
    assert_error(&status, Code::NotFound, "NOT_FOUND");
    assert_violations(&get("q1").await.unwrap_err(), &["name"]);
    server.stop().await;
}
