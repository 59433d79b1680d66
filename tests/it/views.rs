//! Pages over a view that stays: whatever is written between two pages, they hold what matched at the first one, each once, as it
//! was then; and what is deleted is left out and counted.

use crate::server::{SOON, TestServer, assert_error, statement};
use dictum::engine::{EngineConfig, ViewLimits};
use dictum::transport::wire::{
    DeleteDocumentRequest, Document, DocumentFilter, IngestDocumentRequest, QuoteFilter, QuoteResult,
    SearchDocumentsRequest, SearchEntitiesRequest, SearchOrder, SearchQuotesRequest, SearchQuotesResponse,
    UpdateDocumentRequest,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tonic::Code;

async fn filled(count: usize) -> TestServer {
    let server = TestServer::start().await;
    for n in 0..count {
        put(&server, &format!("d{n:03}"), &statement("Jane Miller", &format!("Plan {n} is good"))).await;
    }
    server.ingest("last", "Nothing is said here.").await;
    server
}

async fn put(server: &TestServer, id: &str, text: &str) {
    let document = Some(Document { text: text.into(), ..Document::default() });
    let request = IngestDocumentRequest { document_id: id.into(), document, ..Default::default() };
    server.documents().await.ingest_document(request).await.unwrap();
}

async fn delete(server: &TestServer, id: &str) {
    let name = format!("collections/default/documents/{id}");
    let request = DeleteDocumentRequest { name, allow_missing: true, ..Default::default() };
    server.documents().await.delete_document(request).await.unwrap();
}

fn plans(order: SearchOrder, page_size: i32) -> SearchQuotesRequest {
    let filter = Some(QuoteFilter { text: "plan".into(), ..Default::default() });
    SearchQuotesRequest { filter, order: order.into(), page_size, ..Default::default() }
}

fn id(result: &QuoteResult) -> String {
    result.name.split('/').nth(3).unwrap().to_owned()
}

/// Waits until a new search sees so many.
async fn followed(server: &TestServer, now: u64, request: SearchQuotesRequest) {
    let until = Instant::now() + SOON;
    while server.quotes().await.search_quotes(request.clone()).await.unwrap().into_inner().total_size != now {
        assert!(Instant::now() < until, "the index does not follow");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unrelated_or_a_matching_document_between_two_pages_changes_no_page() {
    let server = filled(30).await;
    for order in [SearchOrder::Relevance, SearchOrder::NewestFirst, SearchOrder::OldestFirst] {
        let mut request = plans(order, 7);
        let mut seen = Vec::new();
        for n in 0.. {
            let page = server.quotes().await.search_quotes(request.clone()).await.unwrap().into_inner();
            seen.extend(page.results.iter().map(id));
            assert_eq!((page.total_size, page.gone_count), (30, 0), "{order:?}");
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
            let longer =
                "A much longer sentence about harbours and roads and bridges of which a town is made";
            server.ingest(&format!("x{n}"), &statement("Jane Miller", longer)).await;
            server.ingest(&format!("y{n}"), &statement("Jane Miller", "Plan")).await;
        }
        let distinct: BTreeSet<_> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len()), (30, 30), "{order:?}");
        for n in 0..10 {
            delete(&server, &format!("y{n}")).await;
        }
        followed(&server, 30, plans(order, 1)).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revised_document_appears_as_at_the_first_page_and_a_deleted_one_is_counted_as_gone() {
    let server = filled(6).await;
    let first = server.quotes().await.search_quotes(plans(SearchOrder::OldestFirst, 2)).await.unwrap();
    let first = first.into_inner();
    put(&server, "d003", &statement("Jane Miller", "Nothing is as it was")).await;
    delete(&server, "d004").await;
    let mut rest = plans(SearchOrder::OldestFirst, 10);
    rest.page_token = first.next_page_token;
    // At once, and when the index has followed.
    for _ in 0..2 {
        let page = server.quotes().await.search_quotes(rest.clone()).await.unwrap().into_inner();
        let ids: Vec<_> = page.results.iter().map(id).collect();
        assert_eq!(ids, ["d002", "d003", "d005"]);
        assert_eq!((page.total_size, page.gone_count), (6, 1), "results and gone are the total");
        let revised = &page.results[1];
        assert_eq!(revised.quote.as_ref().unwrap().contents[0].text, "“Plan 3 is good,”");
        assert_eq!(revised.document.as_ref().unwrap().revision, 1);
        followed(&server, 4, plans(SearchOrder::OldestFirst, 1)).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_is_revised_all_the_time_is_always_found() {
    let server = TestServer::start().await;
    server.ingest("a", &statement("Jane Miller", "We will keep the harbour open")).await;
    let filter = Some(QuoteFilter { text: "harbour".into(), ..Default::default() });
    let request = SearchQuotesRequest { filter, ..Default::default() };
    let mut documents = server.documents().await;
    let mut quotes = server.quotes().await;
    for n in 0..100 {
        let document = Document {
            name: "collections/default/documents/a".into(),
            title: format!("Title {n}"),
            ..Default::default()
        };
        let update_mask = Some(prost_types::FieldMask { paths: vec!["title".into()] });
        let update = UpdateDocumentRequest { document: Some(document), update_mask, ..Default::default() };
        documents.update_document(update).await.unwrap();
        let found = quotes.search_quotes(request.clone()).await.unwrap().into_inner();
        assert_eq!((found.total_size, found.results.len()), (1, 1), "after {n} revisions");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_view_that_nobody_asks_for_is_given_up_and_its_pages_say_so() {
    let few =
        |config: &mut EngineConfig| config.views = ViewLimits { count: 2, idle: Duration::from_secs(300) };
    let server = TestServer::with(Default::default(), few).await;
    for n in 0..6 {
        put(&server, &format!("d{n}"), &statement("Jane Miller", &format!("Plan {n} is good"))).await;
    }
    server.ingest("last", "Nothing is said here.").await;
    let mut quotes = server.quotes().await;
    let mut page = async |token: &str| {
        let request = SearchQuotesRequest { page_token: token.into(), ..plans(SearchOrder::NewestFirst, 2) };
        quotes.search_quotes(request).await.map(tonic::Response::into_inner)
    };
    let used: SearchQuotesResponse = page("").await.unwrap();
    let used = page(&used.next_page_token).await.unwrap().next_page_token;
    server.ingest("x", "Another text.").await;
    let unused = page("").await.unwrap().next_page_token;
    server.ingest("y", "Another text yet.").await;
    page("").await.unwrap();
    assert!(page(&used).await.is_ok(), "one that was come back to stays before one that was not");
    let status = page(&unused).await.unwrap_err();
    assert_error(&status, Code::Aborted, "VIEW_EXPIRED");

    let short = |config: &mut EngineConfig| config.views.idle = Duration::ZERO;
    let dir = server.stop().await;
    let server = TestServer::open(dir, Default::default(), short).await;
    server.ready().await;
    let mut quotes = server.quotes().await;
    let status =
        quotes.search_quotes(SearchQuotesRequest { page_token: used, ..plans(SearchOrder::NewestFirst, 2) });
    assert_error(&status.await.unwrap_err(), Code::Aborted, "VIEW_EXPIRED");
    let first = quotes.search_quotes(plans(SearchOrder::NewestFirst, 2)).await.unwrap().into_inner();
    let next =
        SearchQuotesRequest { page_token: first.next_page_token, ..plans(SearchOrder::NewestFirst, 2) };
    assert_error(&quotes.search_quotes(next).await.unwrap_err(), Code::Aborted, "VIEW_EXPIRED");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_and_entities_page_over_a_view_too() {
    let server = TestServer::start().await;
    let names = ["Jane Miller", "Robert Brown", "Ada Moreno", "Jonas Weber", "Mary Stone", "Peter Quinn"];
    for (n, name) in names.iter().enumerate() {
        put(&server, &format!("d{n}"), &statement(name, "Plan is good")).await;
    }
    server.ingest("last", "Nothing is said here.").await;
    let filter = Some(DocumentFilter { text: "plan".into(), ..Default::default() });
    let mut texts = SearchDocumentsRequest { filter, page_size: 1, ..Default::default() };
    let mut entities = SearchEntitiesRequest { page_size: 1, ..Default::default() };
    let (mut found, mut named) = (BTreeSet::new(), BTreeSet::new());
    for n in 0..names.len() {
        let page = server.documents().await.search_documents(texts.clone()).await.unwrap().into_inner();
        assert_eq!(page.total_size, names.len() as u64);
        found.insert(page.results[0].document.as_ref().unwrap().name.clone());
        texts.page_token = page.next_page_token;
        let page = server.entities().await.search_entities(entities.clone()).await.unwrap().into_inner();
        assert_eq!(page.total_size, names.len() as u64);
        named.insert(page.entities[0].display_name.clone());
        entities.page_token = page.next_page_token;
        // Moves the most frequent to the front, and the scores of all.
        let last = names[names.len() - 1];
        server.ingest(&format!("x{n}"), &statement(last, &format!("Another plan, number {n}"))).await;
    }
    assert_eq!((found.len(), named.len()), (names.len(), names.len()));
    assert!(texts.page_token.is_empty() && entities.page_token.is_empty());
    server.stop().await;
}

/// What is done between two pages.
#[derive(Debug, Clone)]
enum Act {
    Put(u8, u8),
    Delete(u8),
}

fn acts() -> impl Strategy<Value = Vec<Vec<Act>>> {
    let act = prop_oneof![
        3 => (0..12u8, 0..6u8).prop_map(|(id, words)| Act::Put(id, words)),
        1 => (0..12u8).prop_map(Act::Delete),
    ];
    prop::collection::vec(prop::collection::vec(act, 0..4), 1..6)
}

async fn run(between: &[Vec<Act>], order: SearchOrder, size: i32) {
    let server = TestServer::start().await;
    let text = |id: u8, words: u8| {
        let what = format!("Plan {id} {}is good", "and the harbour ".repeat(words.into()));
        Document { text: statement("Jane Miller", &what), ..Document::default() }
    };
    let mut expected = BTreeSet::new();
    for id in 0..8u8 {
        let request = IngestDocumentRequest {
            document_id: format!("d{id}"),
            document: Some(text(id, id % 3)),
            ..Default::default()
        };
        server.documents().await.ingest_document(request).await.unwrap();
        expected.insert(format!("d{id}"));
    }
    server.ingest("last", "Nothing is said here.").await;
    let mut request = plans(order, size);
    let (mut seen, mut gone) = (Vec::new(), 0);
    let mut deleted = BTreeSet::new();
    let mut acts = between.iter();
    loop {
        let page = server.quotes().await.search_quotes(request.clone()).await.unwrap().into_inner();
        assert_eq!(page.total_size, 8);
        seen.extend(page.results.iter().map(id));
        gone += page.gone_count;
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
        for act in acts.next().into_iter().flatten() {
            match act {
                Act::Put(id, words) => {
                    server.ingest_document(&format!("d{id}"), text(*id, *words)).await;
                }
                Act::Delete(id) => {
                    delete(&server, &format!("d{id}")).await;
                    deleted.insert(format!("d{id}"));
                }
            }
        }
    }
    let distinct: BTreeSet<_> = seen.iter().cloned().collect();
    assert_eq!(seen.len(), distinct.len(), "nothing twice");
    assert_eq!(seen.len() + gone as usize, 8, "results and gone are all");
    assert!(distinct.is_subset(&expected));
    assert!(
        expected.difference(&distinct).all(|missing| deleted.contains(missing)),
        "only the deleted are missing"
    );
    server.stop().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_written_between_pages_they_hold_each_match_of_the_first_once(
        between in acts(), order in 1..4i32, size in 1..4i32,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(run(&between, SearchOrder::try_from(order).unwrap(), size));
    }
}
