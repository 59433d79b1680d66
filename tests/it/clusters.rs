//! What says the same: the cluster of a quote, folded results, counts by cluster, filters; and that none of it depends on how the
//! documents came to be there.

use crate::server::{TestServer, assert_error, assert_violations, delete_index, statement};
use dictum::transport::wire::{
    AggregateDocumentsRequest, AggregateQuotesRequest, CompareOutletsRequest, DeleteDocumentRequest,
    Document, DocumentFilter, Facet, FacetBy, FacetField, FacetResult, Fold, GetQuoteClusterRequest,
    GetQuoteClusterResponse, QuoteFilter, QuoteResult, SearchDocumentsRequest, SearchOrder,
    SearchQuotesRequest, SearchQuotesResponse,
};
use prost_types::Timestamp;
use tonic::{Code, Status};

const FERRY: &str =
    "The ferry will run again in the spring and no islander will pay more than five crowns for it";
/// Two words are others.
const EDITED: &str =
    "The ferry will sail anew in the spring and no islander will pay more than five crowns for it";
/// A part of the first, word for word, and too far from the other.
const PART: &str = "The ferry will run again in the spring";
const BRIDGE: &str = "We close the old bridge to lorries because its northern pillar has moved by an inch";
const SHORT: &str = "We wait for the ship";

fn day(n: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds: n * 86_400, nanos: 0 })
}

async fn put(server: &TestServer, id: &str, what: &str, source: &str, published: i64) {
    let (text, publish_time) = (statement("Jane Miller", what), day(published));
    let document = Document { text, source: source.into(), publish_time, ..Document::default() };
    server.ingest_document(id, document).await;
}

/// Stored in another order than published.
async fn filled() -> TestServer {
    let server = TestServer::start().await;
    put(&server, "late", FERRY, "The Sun", 9).await;
    put(&server, "first", FERRY, "The Wire", 1).await;
    put(&server, "part", PART, "The Post", 5).await;
    put(&server, "edited", EDITED, "The Wire", 3).await;
    put(&server, "bridge", BRIDGE, "The Post", 2).await;
    put(&server, "short", SHORT, "The Post", 4).await;
    put(&server, "short-again", SHORT, "The Sun", 6).await;
    server
}

async fn search(server: &TestServer, request: SearchQuotesRequest) -> SearchQuotesResponse {
    server.quotes().await.search_quotes(request).await.unwrap().into_inner()
}

async fn delete(server: &TestServer, id: &str) {
    let request =
        DeleteDocumentRequest { name: format!("collections/default/documents/{id}"), ..Default::default() };
    let token =
        server.documents().await.delete_document(request).await.unwrap().into_inner().consistency_token;
    search(server, SearchQuotesRequest { consistency_token: token, ..Default::default() }).await;
}

/// Name of the only quote of a document.
async fn quote_of(server: &TestServer, id: &str) -> String {
    let document = format!("collections/default/documents/{id}");
    let filter = Some(QuoteFilter { document, ..QuoteFilter::default() });
    let mut found = search(server, SearchQuotesRequest { filter, ..Default::default() }).await.results;
    assert_eq!(found.len(), 1, "{id}");
    found.remove(0).name
}

async fn ask(
    server: &TestServer,
    request: GetQuoteClusterRequest,
) -> Result<GetQuoteClusterResponse, Status> {
    Ok(server.quotes().await.get_quote_cluster(request).await?.into_inner())
}

async fn cluster_of(server: &TestServer, id: &str) -> GetQuoteClusterResponse {
    let name = quote_of(server, id).await;
    ask(server, GetQuoteClusterRequest { name, ..Default::default() }).await.unwrap()
}

/// Ids of the documents that the results stand in.
fn ids(results: &[QuoteResult]) -> Vec<&str> {
    results.iter().map(|result| result.name.split('/').nth(3).unwrap()).collect()
}

fn buckets(result: &FacetResult) -> Vec<(&str, u64)> {
    result.buckets.iter().map(|bucket| (bucket.value.as_str(), bucket.count)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_tells_where_words_were_said_again() {
    let server = filled().await;
    for id in ["late", "first", "part", "edited"] {
        let cluster = cluster_of(&server, id).await;
        assert_eq!(ids(&cluster.results), ["first", "edited", "part", "late"], "the cluster of {id}");
        assert_eq!(cluster.total_size, 4);
        assert_eq!(ids(cluster.first.as_slice()), ["first"]);
        assert_eq!((cluster.first_time, cluster.last_time), (day(1), day(9)));
        let outlets = cluster.outlets.unwrap();
        assert_eq!(buckets(&outlets), [("The Wire", 2), ("The Post", 1), ("The Sun", 1)]);
        let variants = cluster.variants.unwrap();
        assert_eq!((variants.distinct_count, variants.missing_count), (3, 0));
        assert_eq!(variants.buckets[0].count, 2);
        assert!(variants.buckets[0].value.contains(FERRY), "{}", variants.buckets[0].value);
        assert_eq!(variants.buckets[0].first, cluster.results[0].name);
    }
    let alone = cluster_of(&server, "bridge").await;
    assert_eq!((ids(&alone.results), alone.total_size), (vec!["bridge"], 1));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_everybody_says_is_no_cluster() {
    let server = filled().await;
    let short = cluster_of(&server, "short").await;
    assert_eq!((ids(&short.results), short.total_size), (vec!["short"], 1));
    let filter = Some(QuoteFilter { text: "ship".into(), ..QuoteFilter::default() });
    let fold = Fold::Quote.into();
    let found = search(&server, SearchQuotesRequest { filter, fold, ..Default::default() }).await;
    assert_eq!(found.total_size, 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_a_cluster_hold_each_quote_once() {
    let server = filled().await;
    let name = quote_of(&server, "edited").await;
    let mut request = GetQuoteClusterRequest { name, page_size: 1, ..Default::default() };
    let mut seen = Vec::new();
    loop {
        let page = ask(&server, request.clone()).await.unwrap();
        assert_eq!((page.total_size, page.results.len()), (4, 1));
        assert_eq!(ids(page.first.as_slice()), ["first"], "whatever the page");
        seen.extend(ids(&page.results).into_iter().map(str::to_owned));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(seen, ["first", "edited", "part", "late"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_a_cluster_go_on_when_the_quote_that_it_was_asked_for_is_gone() {
    let server = filled().await;
    let name = quote_of(&server, "edited").await;
    let request = GetQuoteClusterRequest { name, page_size: 1, ..Default::default() };
    let first = ask(&server, request.clone()).await.unwrap();
    delete(&server, "edited").await;
    let rest = GetQuoteClusterRequest { page_token: first.next_page_token, page_size: 3, ..request };
    let rest = ask(&server, rest).await.unwrap();
    assert_eq!((ids(&rest.results), rest.gone_count, rest.total_size), (vec!["part", "late"], 1, 4));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_result_stands_for_all_that_say_the_same() {
    let server = filled().await;
    let orders = [
        (SearchOrder::OldestFirst, vec![("first", 3), ("bridge", 0), ("short", 0), ("short-again", 0)]),
        (SearchOrder::NewestFirst, vec![("late", 3), ("short-again", 0), ("short", 0), ("bridge", 0)]),
    ];
    for (order, expected) in orders {
        for page_size in [50, 1, 3] {
            let (order, fold) = (order.into(), Fold::Quote.into());
            let mut request = SearchQuotesRequest { order, fold, page_size, ..Default::default() };
            let mut seen = Vec::new();
            loop {
                let page = search(&server, request.clone()).await;
                assert_eq!(page.total_size, 4, "totals count what is shown");
                let folded = page.results.iter().map(|result| result.folded_count);
                seen.extend(ids(&page.results).into_iter().map(str::to_owned).zip(folded));
                if page.next_page_token.is_empty() {
                    break;
                }
                request.page_token = page.next_page_token;
            }
            let seen: Vec<(&str, u64)> = seen.iter().map(|(id, folded)| (id.as_str(), *folded)).collect();
            assert_eq!(seen, expected, "pages of {page_size}");
        }
    }
    let filter =
        Some(QuoteFilter { sources: vec!["The Sun".into(), "The Post".into()], ..Default::default() });
    let (order, fold) = (SearchOrder::OldestFirst.into(), Fold::Quote.into());
    let found = search(&server, SearchQuotesRequest { filter, order, fold, ..Default::default() }).await;
    assert_eq!(ids(&found.results), ["bridge", "short", "part", "short-again"], "of what matches, the first");
    assert_eq!(found.results[2].folded_count, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clusters_follow_revisions_deletions_restarts_and_rebuilding() {
    let server = filled().await;
    put(&server, "late", BRIDGE, "The Sun", 9).await;
    assert_eq!(ids(&cluster_of(&server, "first").await.results), ["first", "edited", "part"]);
    assert_eq!(ids(&cluster_of(&server, "late").await.results), ["bridge", "late"]);
    // What was alike only by way of the first is so no more.
    delete(&server, "first").await;
    assert_eq!(ids(&cluster_of(&server, "edited").await.results), ["edited"]);
    assert_eq!(ids(&cluster_of(&server, "part").await.results), ["part"]);
    let server = server.restart(|_| ()).await;
    assert_eq!(ids(&cluster_of(&server, "edited").await.results), ["edited"]);
    assert_eq!(ids(&cluster_of(&server, "late").await.results), ["bridge", "late"]);
    put(&server, "first", FERRY, "The Wire", 1).await;
    assert_eq!(ids(&cluster_of(&server, "part").await.results), ["first", "edited", "part"]);
    let server = server.restart(delete_index).await;
    assert_eq!(ids(&cluster_of(&server, "part").await.results), ["first", "edited", "part"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quotes_and_documents_are_counted_by_what_says_the_same() {
    let server = filled().await;
    let by = |field: FacetField| Facet {
        by: Some(FacetBy { field: field.into(), ..FacetBy::default() }),
        ..Facet::default()
    };
    let facets = vec![
        by(FacetField::Cluster),
        by(FacetField::Variant),
        Facet { nested: by(FacetField::Cluster).by, ..by(FacetField::Source) },
    ];
    let request = AggregateQuotesRequest { facets, ..Default::default() };
    let results = server.quotes().await.aggregate_quotes(request).await.unwrap().into_inner().results;
    let cluster = &results[0];
    assert_eq!((cluster.distinct_count, cluster.missing_count), (2, 2), "two are too short");
    assert_eq!(cluster.buckets[0].count, 4);
    assert!(cluster.buckets[0].value.contains(FERRY));
    assert_eq!(cluster.buckets[0].first, quote_of(&server, "first").await);
    assert_eq!((results[1].distinct_count, results[1].buckets[0].count), (4, 2));
    let wire = results[2].buckets.iter().find(|bucket| bucket.value == "The Wire").unwrap();
    assert_eq!(wire.nested.as_ref().unwrap().buckets[0].count, 2);

    let facets = vec![by(FacetField::Variant)];
    let request = AggregateDocumentsRequest { facets, ..Default::default() };
    let refused = server.documents().await.aggregate_documents(request).await.unwrap_err();
    assert_violations(&refused, &["facets[0].by.field"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outlets_are_compared_by_what_they_carry_and_what_one_alone_does() {
    let server = filled().await;
    let request = CompareOutletsRequest::default();
    let outlets = server.quotes().await.compare_outlets(request).await.unwrap().into_inner().outlets;
    let of = |source: &str| outlets.iter().find(|outlet| outlet.source == source).unwrap();
    let counts = |result: &Option<FacetResult>| -> Vec<u64> {
        result.as_ref().unwrap().buckets.iter().map(|bucket| bucket.count).collect()
    };
    let (wire, post) = (of("The Wire"), of("The Post"));
    assert_eq!((counts(&wire.quotes), counts(&wire.exclusive_quotes)), (vec![2], vec![]));
    assert_eq!((counts(&post.quotes), counts(&post.exclusive_quotes)), (vec![1, 1], vec![1]));
    let alone = &post.exclusive_quotes.as_ref().unwrap().buckets[0];
    assert_eq!(alone.first, quote_of(&server, "bridge").await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_find_what_says_the_same() {
    let server = filled().await;
    let name = quote_of(&server, "part").await;
    let expression = format!("same_words_as = \"{name}\" AND source = \"The Wire\"");
    let filters = [
        QuoteFilter { same_words_as: name.clone(), sources: vec!["The Wire".into()], ..Default::default() },
        QuoteFilter { expression, ..Default::default() },
    ];
    for filter in filters {
        let order = SearchOrder::OldestFirst.into();
        let found =
            search(&server, SearchQuotesRequest { filter: Some(filter), order, ..Default::default() });
        assert_eq!(ids(&found.await.results), ["first", "edited"]);
    }
    let others = format!("-same_words_as = \"{name}\"");
    let filter = Some(QuoteFilter { expression: others, ..Default::default() });
    let found = search(&server, SearchQuotesRequest { filter, ..Default::default() }).await;
    assert_eq!(found.total_size, 3);

    let filter = QuoteFilter {
        same_words_as: "nothing".into(),
        copy_of: "collections/other/documents/a".into(),
        ..Default::default()
    };
    let request = SearchQuotesRequest { filter: Some(filter), fold: 99, ..Default::default() };
    let refused = server.quotes().await.search_quotes(request).await.unwrap_err();
    assert_violations(&refused, &["fold", "filter.same_words_as", "filter.copy_of"]);
    server.stop().await;
}

/// A story of some two hundred words that no other number has.
fn story(number: u32) -> String {
    let about = |n: u32| {
        format!(
            "The {number}th report of the harbour office counts {} ships, {} boats and {} rafts in week {n}. ",
            n * 7 + number,
            n * 11 + number,
            n * 13 + number
        )
    };
    (1..=12).map(about).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_document_stands_for_its_copies() {
    let server = TestServer::start().await;
    let stories = [
        ("wire", story(1), 1),
        ("copy", format!("{}\n\nThe paper adds a word of its own.", story(1)), 2),
        ("other", story(2), 3),
    ];
    for (id, text, published) in stories {
        let text = format!("{}\n\n{text}", statement("Jane Miller", &format!("{FERRY}, says {id}")));
        let document = Document { text, publish_time: day(published), ..Document::default() };
        server.ingest_document(id, document).await;
    }
    let (order, fold) = (SearchOrder::OldestFirst.into(), Fold::Document.into());
    let request = SearchDocumentsRequest { order, fold, ..Default::default() };
    let found = server.documents().await.search_documents(request).await.unwrap().into_inner();
    let shown: Vec<(&str, u64)> = found
        .results
        .iter()
        .map(|result| {
            (result.document.as_ref().unwrap().name.rsplit('/').next().unwrap(), result.folded_count)
        })
        .collect();
    assert_eq!((shown, found.total_size), (vec![("wire", 1), ("other", 0)], 2));
    let quotes = search(&server, SearchQuotesRequest { order, fold, ..Default::default() }).await;
    assert_eq!(ids(&quotes.results), ["wire", "other"], "quotes of one of the copies alone");

    let copy_of = "collections/default/documents/copy".to_owned();
    let filter = Some(DocumentFilter { copy_of: copy_of.clone(), ..Default::default() });
    let request = SearchDocumentsRequest { filter, order, ..Default::default() };
    let found = server.documents().await.search_documents(request).await.unwrap().into_inner();
    assert_eq!(found.total_size, 2);
    let filter = Some(QuoteFilter { copy_of, ..Default::default() });
    let quotes = search(&server, SearchQuotesRequest { filter, order, ..Default::default() }).await;
    assert_eq!(ids(&quotes.results), ["wire", "copy"]);

    let fold = Fold::Quote.into();
    let request = SearchDocumentsRequest { fold, ..Default::default() };
    let refused = server.documents().await.search_documents(request).await.unwrap_err();
    assert_violations(&refused, &["fold"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quote_that_is_not_there_has_no_cluster() {
    let server = filled().await;
    let missing = "collections/default/documents/first/quotes/none".to_owned();
    let refused = ask(&server, GetQuoteClusterRequest { name: missing, ..Default::default() }).await;
    assert_error(&refused.unwrap_err(), Code::NotFound, "NOT_FOUND");
    let odd = GetQuoteClusterRequest { name: "first".into(), bucket_limit: -1, ..Default::default() };
    assert_violations(&ask(&server, odd).await.unwrap_err(), &["name", "bucket_limit"]);
    server.stop().await;
}
