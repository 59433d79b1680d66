//! Exports of documents.

use super::{all, delete, documents_of, everything, exports, id, import, made, put, text};
use crate::access::{self, Guarded};
use crate::server::{SOON, TestServer, assert_error, assert_violations};
use dictum::access::Scope;
use dictum::transport::TransportConfig;
use dictum::transport::wire::{
    Document, DocumentFilter, DocumentView, ExportDocumentsRequest, ExportDocumentsResponse,
    ExportQuotesRequest, SearchDocumentsRequest, UpdateDocumentRequest,
};
use prost_types::FieldMask;
use std::time::Instant;
use tonic::Code;

/// Far more than any buffer between the server and a client that does not read.
const PADDING: usize = 1200;

fn ids(messages: &[ExportDocumentsResponse]) -> Vec<String> {
    let documents = messages.iter().flat_map(|message| &message.documents);
    documents.map(|document| id(&document.name).to_owned()).collect()
}

async fn retitle(server: &TestServer, id: &str, title: &str) {
    let name = format!("collections/default/documents/{id}");
    let request = UpdateDocumentRequest {
        document: Some(Document { name, title: title.into(), ..Document::default() }),
        update_mask: Some(FieldMask { paths: vec!["title".into()] }),
        // Kept, since the title is no part of what an analysis is made of; otherwise an analyzer would run.
        ..Default::default()
    };
    server.documents().await.update_document(request).await.unwrap();
}

/// Revises a document by way of an import.
async fn revise(server: &TestServer, id: &str, what: &str, title: &str) {
    let text = text(what, PADDING);
    let analysis = made(&text);
    let document = Document { text, title: title.into(), ..Document::default() };
    import(server, id, document, analysis).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_shows_one_moment_however_it_is_read_while_writes_go_on() {
    let server = TestServer::start().await;
    for n in 0..200 {
        put(&server, &format!("d{n:03}"), &format!("Plan {n} is good"), PADDING).await;
    }
    let before = documents_of(&server, everything()).await.unwrap();
    assert_eq!(ids(&before).len(), 200);
    assert_eq!((before[0].total_size, before.last().unwrap().sent_count), (200, 200));
    assert!(before.len() > 50, "a message holds little: {}", before.len());

    let mut open = exports(&server).await.export_documents(everything()).await.unwrap().into_inner();
    let first = open.message().await.unwrap().unwrap();
    revise(&server, "d190", "Plan 190 is bad", "").await;
    revise(&server, "d191", "Plan 191 is good", "Title").await;
    delete(&server, "d192").await;
    put(&server, "d192b", "A new plan is good", PADDING).await;
    revise(&server, "d193", "Plan 193 is bad", "").await;
    revise(&server, "d193", "Plan 193 is worse", "").await;
    delete(&server, "d194").await;
    put(&server, "d194", "Plan 194 is back", PADDING).await;

    let resumed = ExportDocumentsRequest { cursor: first.cursor.clone(), ..everything() };
    let resumed = documents_of(&server, resumed).await.unwrap();
    let live = all(open).await.unwrap();
    let expected: Vec<Document> = before
        .iter()
        .flat_map(|message| message.documents.clone())
        .filter(|document| !["d192", "d193", "d194"].contains(&id(&document.name)))
        .collect();
    for (how, rest) in [("read on", live), ("gone on with", resumed)] {
        let last = rest.last().unwrap();
        assert_eq!((last.sent_count, last.left_out_count), (197, 1), "{how}: d193 is not kept any more");
        let documents: Vec<_> = first
            .documents
            .iter()
            .cloned()
            .chain(rest.into_iter().flat_map(|message| message.documents))
            .collect();
        assert!(documents == expected, "{how}: {} documents", documents.len());
    }
    let now = documents_of(&server, everything()).await.unwrap();
    assert_eq!(ids(&now).len(), 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_cursor_goes_on_to_the_same_end_also_after_a_restart() {
    let server = TestServer::start().await;
    for n in 0..150 {
        put(&server, &format!("d{n:03}"), &format!("Plan {n} is good"), n % 7).await;
    }
    // Little room, so that there are many messages.
    let request = ExportDocumentsRequest { max_answer_bytes: 8_000, ..everything() };
    let whole = documents_of(&server, request.clone()).await.unwrap();
    assert!(whole.len() > 10 && whole.iter().all(|message| !message.cursor.is_empty()), "{}", whole.len());
    let server = server.restart(|_| ()).await;
    for (at, message) in whole.iter().enumerate() {
        let rest = ExportDocumentsRequest { cursor: message.cursor.clone(), ..request.clone() };
        let rest = documents_of(&server, rest).await.unwrap();
        assert_eq!(ids(&rest), ids(&whole[at + 1..]), "after message {at}");
        assert_eq!(rest.last().unwrap().sent_count, 150);
    }
    server.stop().await;
}

/// Everything in short, with a filter.
fn filtered(filter: DocumentFilter) -> ExportDocumentsRequest {
    ExportDocumentsRequest { filter: Some(filter), ..Default::default() }
}

async fn filled() -> TestServer {
    let server = TestServer::start().await;
    for n in 0..150 {
        let (what, place) = if n % 10 == 3 { ("harbour", "Port") } else { ("plan", "Wire") };
        let text = text(&format!("The {what} number {n} is good"), 1);
        let analysis = made(&text);
        let labels = [("desk".to_owned(), (n % 4).to_string())].into();
        let document = Document { text, source: place.into(), labels, ..Document::default() };
        import(&server, &format!("d{n:03}"), document, analysis).await.unwrap();
    }
    server.ingest("last", "Nothing is said here.").await;
    server
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_mean_what_they_mean_in_queries() {
    let server = filled().await;
    let name = |n: usize| format!("collections/default/documents/d{n:03}");
    let filters = [
        DocumentFilter { text: "harbour".into(), ..Default::default() },
        DocumentFilter { sources: vec!["Port".into()], ..Default::default() },
        DocumentFilter { labels: [("desk".into(), "2".into())].into(), ..Default::default() },
        DocumentFilter { speakers: vec!["jane miller".into()], text: "plan".into(), ..Default::default() },
        DocumentFilter { mentions: vec!["Nobody Atall".into()], ..Default::default() },
        DocumentFilter { documents: vec![name(3), name(149), name(400)], ..Default::default() },
    ];
    for filter in filters {
        let search =
            SearchDocumentsRequest { filter: Some(filter.clone()), page_size: 1000, ..Default::default() };
        let found = server.documents().await.search_documents(search).await.unwrap().into_inner();
        let mut found: Vec<_> =
            found.results.iter().map(|hit| id(&hit.document.as_ref().unwrap().name).to_owned()).collect();
        found.sort_unstable();
        let exported = documents_of(&server, filtered(filter.clone())).await.unwrap();
        assert_eq!(ids(&exported), found, "{filter:?}");
        assert_eq!(exported[0].total_size, found.len() as u64);
        assert!(
            exported.iter().flat_map(|message| &message.documents).all(|document| document.text.is_empty())
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filtered_export_goes_on_without_its_view_and_counts_what_nobody_can_judge_any_more() {
    let server = filled().await;
    let request = ExportDocumentsRequest {
        view: DocumentView::Text.into(),
        max_answer_bytes: 4_000,
        ..filtered(DocumentFilter { text: "harbour".into(), ..Default::default() })
    };
    let whole = documents_of(&server, request.clone()).await.unwrap();
    assert_eq!(ids(&whole).len(), 15);
    let first = whole.iter().find(|message| !message.documents.is_empty()).unwrap();
    assert!(first.sent_count < 10, "{}", first.sent_count);
    // In the view of the moment it still shows as it was.
    retitle(&server, "d123", "New").await;
    let rest = ExportDocumentsRequest { cursor: first.cursor.clone(), ..request };
    let kept = documents_of(&server, rest.clone()).await.unwrap();
    assert_eq!((kept.last().unwrap().sent_count, kept.last().unwrap().left_out_count), (15, 0));
    let shown =
        kept.iter().flat_map(|message| &message.documents).find(|document| id(&document.name) == "d123");
    assert_eq!(shown.map(|document| (document.revision, document.title.as_str())), Some((1, "")));

    let server = server.restart(|_| ()).await;
    let gone_on = documents_of(&server, rest).await.unwrap();
    let last = gone_on.last().unwrap();
    assert_eq!((last.sent_count, last.left_out_count), (14, 1));
    assert!(!ids(&gone_on).contains(&"d123".to_owned()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cursors_open_for_their_own_request_and_store_alone() {
    let server = TestServer::start().await;
    put(&server, "a", "Plan is good", 1).await;
    let mut client = exports(&server).await;
    let cursor = documents_of(&server, everything()).await.unwrap()[0].cursor.clone();
    let quotes = client.export_quotes(ExportQuotesRequest::default()).await.unwrap().into_inner();
    let of_quotes = all(quotes).await.unwrap()[0].cursor.clone();
    let other = TestServer::start().await;
    put(&other, "a", "Plan is good", 1).await;
    let foreign = documents_of(&other, everything()).await.unwrap()[0].cursor.clone();
    let wrong = [
        ExportDocumentsRequest { cursor: "forged".into(), ..everything() },
        ExportDocumentsRequest { cursor: of_quotes, ..everything() },
        ExportDocumentsRequest { cursor: foreign, ..everything() },
        ExportDocumentsRequest { cursor: cursor.clone(), include_evidence: false, ..everything() },
        ExportDocumentsRequest { cursor: cursor[..cursor.len() - 1].into(), ..everything() },
    ];
    for request in wrong {
        let status = documents_of(&server, request).await.unwrap_err();
        assert_violations(&status, &["cursor"]);
        assert_error(&status, Code::InvalidArgument, "INVALID_TOKEN");
    }
    let nonsense = ExportDocumentsRequest { view: 77, offset_encodings: vec![0], ..Default::default() };
    assert_violations(&documents_of(&server, nonsense).await.unwrap_err(), &["offset_encodings[0]", "view"]);
    let negative = ExportDocumentsRequest { max_answer_bytes: -1, ..Default::default() };
    assert_violations(&documents_of(&server, negative).await.unwrap_err(), &["max_answer_bytes"]);
    let nowhere = ExportDocumentsRequest { parent: "collections/none".into(), ..Default::default() };
    assert_error(&documents_of(&server, nowhere).await.unwrap_err(), Code::NotFound, "NOT_FOUND");
    other.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_gives_its_place_back_and_one_that_stays_holds_nobody_up() {
    let config = TransportConfig { max_streams: 1, ..TransportConfig::default() };
    let server = TestServer::with(config, |_| ()).await;
    for n in 0..150 {
        put(&server, &format!("d{n:03}"), &format!("Plan {n} is good"), PADDING).await;
    }
    let mut stays = exports(&server).await.export_documents(everything()).await.unwrap().into_inner();
    stays.message().await.unwrap();
    let status = exports(&server).await.export_documents(everything()).await.unwrap_err();
    assert_error(&status, Code::Unavailable, "TOO_MANY_STREAMS");
    // Others write and read while nobody reads the stream.
    put(&server, "new", "Plan is new", 1).await;
    server.ingest("last", "Nothing is said here.").await;
    drop(stays);
    let start = Instant::now();
    while let Err(status) = documents_of(&server, ExportDocumentsRequest::default()).await {
        assert!(start.elapsed() < SOON, "{status:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_ends_an_export_at_once_and_its_cursor_goes_on_after_the_restart() {
    let server = TestServer::start().await;
    for n in 0..150 {
        put(&server, &format!("d{n:03}"), &format!("Plan {n} is good"), PADDING).await;
    }
    let mut stream = exports(&server).await.export_documents(everything()).await.unwrap().into_inner();
    let mut got = vec![stream.message().await.unwrap().unwrap()];
    server.shutdown.cancel();
    let status = loop {
        match stream.message().await {
            Ok(Some(message)) => got.push(message),
            Ok(None) => panic!("the export ended as if it were whole, after {}", ids(&got).len()),
            Err(status) => break status,
        }
    };
    assert_error(&status, Code::Unavailable, "DRAINING");
    drop(stream);
    let server = server.restart(|_| ()).await;
    let rest = ExportDocumentsRequest { cursor: got.last().unwrap().cursor.clone(), ..everything() };
    got.extend(documents_of(&server, rest).await.unwrap());
    assert_eq!(ids(&got), (0..150).map(|n| format!("d{n:03}")).collect::<Vec<_>>());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_ends_with_the_key_that_it_was_begun_with() {
    let server = TestServer::start().await;
    for n in 0..150 {
        put(&server, &format!("d{n:03}"), &format!("Plan {n} is good"), PADDING).await;
    }
    let guarded = Guarded::over(server.stop().await).await;
    let (key, record) =
        guarded.book().create(access::key("feed", &[Scope::Read], "*"), jiff::Timestamp::now()).unwrap();
    guarded.reload();
    let request = access::shown(&key.to_string(), everything());
    let mut stream = exports(&guarded.server).await.export_documents(request).await.unwrap().into_inner();
    assert!(stream.message().await.unwrap().is_some());
    guarded.book().revoke(&record.id, jiff::Timestamp::now()).unwrap();
    guarded.reload();
    let status = loop {
        match stream.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the export ended as if it were whole"),
            Err(status) => break status,
        }
    };
    assert_error(&status, Code::Unauthenticated, "CREDENTIAL_REFUSED");
    guarded.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_is_longer_than_a_message_comes_in_short_and_says_so() {
    let server = TestServer::start().await;
    put(&server, "long", "Plan is good", PADDING).await;
    put(&server, "short", "Plan is good", 1).await;
    let request = ExportDocumentsRequest { max_answer_bytes: 10_000, ..everything() };
    let exported = documents_of(&server, request).await.unwrap();
    let views: Vec<_> = exported
        .iter()
        .flat_map(|message| &message.documents)
        .map(|document| (document.view(), document.text.is_empty()))
        .collect();
    assert_eq!(views, [(DocumentView::Basic, true), (DocumentView::Full, false)]);
    server.stop().await;
}
