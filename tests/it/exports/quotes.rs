//! Exports of quotes.

use super::{all, delete, exports, id, import, made, put, text};
use crate::server::{TestServer, assert_error, assert_violations};
use dictum::transport::wire::{
    Document, ExportQuotesRequest, ExportQuotesResponse, QuoteFilter, QuoteType, SearchOrder,
    SearchQuotesRequest,
};
use tonic::{Code, Status};

async fn quotes_of(
    server: &TestServer,
    request: ExportQuotesRequest,
) -> Result<Vec<ExportQuotesResponse>, Status> {
    all(exports(server).await.export_quotes(request).await?.into_inner()).await
}

/// Documents of the quotes.
fn documents(messages: &[ExportQuotesResponse]) -> Vec<String> {
    let results = messages.iter().flat_map(|message| &message.results);
    results.map(|result| id(&result.document.as_ref().unwrap().name).to_owned()).collect()
}

/// Little room, so that there are many messages.
fn small() -> ExportQuotesRequest {
    ExportQuotesRequest { max_answer_bytes: 6_000, ..Default::default() }
}

async fn filled(count: usize) -> TestServer {
    let server = TestServer::start().await;
    for n in 0..count {
        put(&server, &format!("d{n:04}"), &format!("Plan {n} is good"), 1).await;
    }
    server.ingest("last", "Nothing is said here.").await;
    server
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quotes_come_in_the_order_in_which_they_were_stored_and_every_cursor_goes_on() {
    // More than one part.
    let server = filled(700).await;
    let whole = quotes_of(&server, small()).await.unwrap();
    assert_eq!(documents(&whole), (0..700).map(|n| format!("d{n:04}")).collect::<Vec<_>>());
    let last = whole.last().unwrap();
    assert_eq!((whole[0].total_size, last.sent_count, last.left_out_count), (700, 700, 0));
    let result = &whole[0].results[0];
    assert!(result.score == 0.0 && result.sentence.is_some() && !result.speaker_entity.is_empty());
    let server = server.restart(|_| ()).await;
    for (at, message) in whole.iter().enumerate().step_by(9) {
        let rest = ExportQuotesRequest { cursor: message.cursor.clone(), ..small() };
        let rest = quotes_of(&server, rest).await.unwrap();
        assert!(documents(&rest) == documents(&whole[at + 1..]), "after message {at}");
        assert_eq!(rest.last().unwrap().sent_count, 700);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_shows_one_moment_as_long_as_its_view_is_kept_and_what_is_left_of_it_afterwards() {
    let server = filled(600).await;
    let whole = quotes_of(&server, small()).await.unwrap();
    let cursor = whole[3].cursor.clone();
    let text = text("Plan 580 is bad", 1);
    let analysis = made(&text);
    import(&server, "d0580", Document { text, ..Document::default() }, analysis).await.unwrap();
    delete(&server, "d0590").await;
    put(&server, "new", "Plan is new", 1).await;
    let rest = ExportQuotesRequest { cursor, ..small() };
    let kept = quotes_of(&server, rest.clone()).await.unwrap();
    let expected = documents(&whole[4..]);
    let without = |gone: &[&str]| -> Vec<String> {
        expected.iter().filter(|document| !gone.contains(&document.as_str())).cloned().collect()
    };
    assert_eq!(documents(&kept), without(&["d0590"]));
    let last = kept.last().unwrap();
    assert_eq!((last.sent_count, last.left_out_count), (599, 1));
    let shown = kept.iter().flat_map(|message| &message.results);
    let shown = shown.filter(|result| result.document.as_ref().unwrap().name.ends_with("d0580"));
    assert_eq!(shown.map(|result| result.document.as_ref().unwrap().revision).collect::<Vec<_>>(), [1]);

    let server = server.restart(|_| ()).await;
    let left = quotes_of(&server, rest).await.unwrap();
    assert_eq!(documents(&left), without(&["d0580", "d0590"]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_mean_what_they_mean_in_queries_and_bad_requests_are_told_by_field() {
    let server = filled(60).await;
    let filters = [
        QuoteFilter { text: "\"plan 7\"".into(), ..Default::default() },
        QuoteFilter { speakers: vec!["jane miller".into()], min_confidence: 0.5, ..Default::default() },
        QuoteFilter { document: "collections/default/documents/d0012".into(), ..Default::default() },
        QuoteFilter { types: vec![QuoteType::Indirect.into()], ..Default::default() },
    ];
    for (filter, count) in filters.into_iter().zip([1, 60, 1, 0]) {
        let search = SearchQuotesRequest {
            filter: Some(filter.clone()),
            order: SearchOrder::OldestFirst.into(),
            page_size: 1000,
            ..Default::default()
        };
        let found = server.quotes().await.search_quotes(search).await.unwrap().into_inner();
        let found: Vec<_> = found.results.into_iter().map(|result| result.name).collect();
        let request = ExportQuotesRequest { filter: Some(filter.clone()), ..small() };
        let exported = quotes_of(&server, request).await.unwrap();
        let names: Vec<_> =
            exported.iter().flat_map(|message| &message.results).map(|result| result.name.clone()).collect();
        assert_eq!((names.len(), &names), (count, &found), "{filter:?}");
    }
    let filter = Some(QuoteFilter { min_confidence: 2.0, document: "x".into(), ..Default::default() });
    let status = quotes_of(&server, ExportQuotesRequest { filter, ..small() }).await.unwrap_err();
    assert_violations(&status, &["filter.min_confidence", "filter.document"]);
    let forged = ExportQuotesRequest { cursor: "forged".into(), ..small() };
    assert_violations(&quotes_of(&server, forged).await.unwrap_err(), &["cursor"]);
    let nowhere = ExportQuotesRequest { parent: "collections/none".into(), ..small() };
    assert_error(&quotes_of(&server, nowhere).await.unwrap_err(), Code::NotFound, "NOT_FOUND");
    server.stop().await;
}
