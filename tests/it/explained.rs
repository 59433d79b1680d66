//! Searches that say what their scores are made of, through the port.

use crate::server::{TestServer, statement};
use dictum::transport::wire::{
    DocumentFilter, Explanation, Fold, QuoteFilter, SearchDocumentsRequest, SearchQuotesRequest,
};

async fn server() -> TestServer {
    let server = TestServer::start().await;
    server.ingest("a", &statement("Jane Miller", "The harbour stays open for ships of every kind")).await;
    server.ingest("b", &statement("Robert Brown", "Harbour fees for shipping will rise in Kiruna")).await;
    server
}

/// What a score is made of, in words.
#[track_caller]
fn parts(explanation: Option<Explanation>, score: f32) -> Vec<String> {
    let parts = explanation.unwrap_or_default().parts;
    let total: f32 = parts.iter().map(|part| part.score).sum();
    assert!((total - score).abs() <= score * 1e-5, "{parts:?} {score}");
    parts.into_iter().map(|part| part.words).collect()
}

async fn explained(server: &TestServer, request: SearchQuotesRequest) -> Vec<Vec<String>> {
    let request = SearchQuotesRequest { explain: true, ..request };
    let found = server.quotes().await.search_quotes(request).await.unwrap().into_inner().results;
    found.into_iter().map(|result| parts(result.explanation, result.score)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn searches_say_what_scores_are_made_of() {
    let server = server().await;
    let words = |text: &str| SearchQuotesRequest {
        filter: Some(QuoteFilter { text: text.into(), ..Default::default() }),
        ..Default::default()
    };
    assert_eq!(
        explained(&server, words("Harbour ship*")).await,
        [["harbour", "ship*"], ["harbour", "ship*"]]
    );
    let recent = SearchQuotesRequest {
        half_life: Some(prost_types::Duration { seconds: 86_400, nanos: 0 }),
        fold: Fold::Quote.into(),
        ..words("\"harbour fees\" kirnua~")
    };
    assert_eq!(explained(&server, recent).await, [["\"harbour fee\"", "kirnua~1"]]);
    let either = QuoteFilter { expression: "text : fees OR text : ships".into(), ..Default::default() };
    let either = SearchQuotesRequest { filter: Some(either), ..Default::default() };
    let mut found = explained(&server, either).await;
    found.sort();
    assert_eq!(found, [["fee"], ["ship"]]);
    let all = server.quotes().await.search_quotes(words("harbour")).await.unwrap().into_inner().results;
    assert!(all.iter().all(|result| result.explanation.is_none()), "nobody asked");

    let filter = DocumentFilter { text: "council harbour".into(), ..Default::default() };
    let request = SearchDocumentsRequest { filter: Some(filter), explain: true, ..Default::default() };
    let found = server.documents().await.search_documents(request).await.unwrap().into_inner().results;
    assert_eq!(found.len(), 2);
    for result in found {
        assert_eq!(parts(result.explanation, result.score), ["council", "harbour"]);
    }
    server.stop().await;
}
