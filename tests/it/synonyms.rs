//! Words that stand for each other in searches of a collection, through the port.

use crate::server::{TestServer, assert_violations, statement};
use dictum::domain::ids::CollectionId;
use dictum::engine::Synonyms;
use dictum::transport::TransportConfig;
use dictum::transport::wire::export_service_client::ExportServiceClient;
use dictum::transport::wire::{
    AckLevel, AggregateDocumentsRequest, AggregateQuotesRequest, CreateCollectionRequest, Document,
    DocumentFilter, ExportDocumentsRequest, ExportQuotesRequest, IngestDocumentRequest, QuoteFilter,
    QuoteResult, SearchDocumentsRequest, SearchQuotesRequest, TextField,
};

const FILE: &str = "
# health
nhs, National Health Service, sjukvård
doctor, physician # who works there
";

async fn server() -> TestServer {
    let mut text = FILE.to_owned();
    for line in 0..8 {
        text.push_str(&format!(
            "many{line}, {}\n",
            (0..9).map(|n| format!("w{line}{n}")).collect::<Vec<_>>().join(", ")
        ));
    }
    let synonyms = Synonyms::parse(text.as_bytes()).unwrap();
    let server = TestServer::with(TransportConfig::default(), |config| {
        config.synonyms = [(CollectionId::default_collection(), synonyms)].into();
    })
    .await;
    let said = [
        ("a", "The National Health Services need more physicians in the north"),
        ("b", "The NHS is there for doctors and patients alike, and the NHS is us"),
        ("c", "A national service for our health must be paid for by all"),
        ("d", "Sjukvård is a word that every Swede knows by heart"),
    ];
    for (id, what) in said {
        server.ingest(id, &statement("Jane Miller", what)).await;
    }
    server
}

fn quotes(text: &str) -> QuoteFilter {
    QuoteFilter { text: text.into(), ..QuoteFilter::default() }
}

fn documents(text: &str) -> DocumentFilter {
    DocumentFilter { text: text.into(), ..DocumentFilter::default() }
}

async fn results(server: &TestServer, filter: QuoteFilter) -> Vec<QuoteResult> {
    let request = SearchQuotesRequest { filter: Some(filter), explain: true, ..Default::default() };
    server.quotes().await.search_quotes(request).await.unwrap().into_inner().results
}

fn document_of(name: &str) -> String {
    name.split('/').nth(3).unwrap().to_owned()
}

/// The documents whose quotes are found, in the order of their ids.
async fn found(server: &TestServer, text: &str) -> Vec<String> {
    let results = results(server, quotes(text)).await;
    assert!(results.iter().all(|result| result.score > 0.0), "{text}: {results:?}");
    let mut found: Vec<String> = results.iter().map(|result| document_of(&result.name)).collect();
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_member_stands_for_every_other() {
    let server = server().await;
    let cases: [(&str, &[&str]); 11] = [
        ("nhs", &["a", "b", "d"]),
        ("N.H.S.", &["a", "b", "d"]),
        ("national health SERVICES", &["a", "b", "d"]),
        ("sjukvard", &["a", "b", "d"]),
        ("nhs doctors", &["a", "b"]),
        ("nhs physician north", &["a"]),
        ("nhs pati*", &["b"]),
        ("\"nhs\"", &["b"]),
        ("\"national health service\"", &["a"]),
        ("national service", &["a", "c"]),
        ("nh*", &["b"]),
    ];
    for (text, expected) in cases {
        assert_eq!(found(&server, text).await, expected, "{text}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_matches_by_a_synonym_is_marked_and_scores() {
    let server = server().await;
    let results = results(&server, quotes("physician nhs")).await;
    let shown: Vec<(String, Vec<&str>, Vec<&str>)> = results
        .iter()
        .map(|result| {
            let parts = &result.explanation.as_ref().unwrap().parts;
            let total: f32 = parts.iter().map(|part| part.score).sum();
            assert!((total - result.score).abs() < 1e-4);
            let marked = result.highlights.iter().map(|span| span.text.as_str()).collect();
            (document_of(&result.name), marked, parts.iter().map(|part| part.words.as_str()).collect())
        })
        .collect();
    let by_phrase = (
        "a".to_owned(),
        vec!["National Health Services", "physicians"],
        vec!["physician", "\"nation health servic\""],
    );
    let by_word = ("b".to_owned(), vec!["NHS", "doctors", "NHS"], vec!["doctor", "nhs"]);
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert!(shown.contains(&by_phrase) && shown.contains(&by_word), "{shown:?}");

    let in_article = QuoteFilter { text_field: TextField::Article.into(), ..quotes("nhs") };
    let results = self::results(&server, in_article).await;
    assert_eq!(results.len(), 3);
    assert!(results.iter().all(|result| !result.highlights.is_empty()), "{results:?}");

    let request = SearchDocumentsRequest { filter: Some(documents("nhs council")), ..Default::default() };
    let results = server.documents().await.search_documents(request).await.unwrap().into_inner().results;
    assert_eq!(results.len(), 3);
    for result in results {
        let marked: Vec<&str> = result.highlights.iter().map(|span| span.text.as_str()).collect();
        assert!(marked.len() >= 2 && marked.contains(&"council"), "{marked:?}");
        assert!(result.score > 0.0);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_and_exports_hold_what_searches_find() {
    let server = server().await;
    let count = AggregateQuotesRequest { filter: Some(quotes("nhs")), ..Default::default() };
    assert_eq!(server.quotes().await.aggregate_quotes(count).await.unwrap().into_inner().total_size, 3);
    let count = AggregateDocumentsRequest { filter: Some(documents("nhs")), ..Default::default() };
    assert_eq!(server.documents().await.aggregate_documents(count).await.unwrap().into_inner().total_size, 3);
    let mut exports = ExportServiceClient::new(server.channel().await);
    let export = ExportQuotesRequest { filter: Some(quotes("nhs")), ..Default::default() };
    let mut sent = exports.export_quotes(export).await.unwrap().into_inner();
    assert_eq!(sent.message().await.unwrap().unwrap().total_size, 3);
    let export = ExportDocumentsRequest { filter: Some(documents("nhs")), ..Default::default() };
    let mut sent = exports.export_documents(export).await.unwrap().into_inner();
    assert_eq!(sent.message().await.unwrap().unwrap().documents.len(), 3);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_collections_have_no_synonyms() {
    let server = server().await;
    let parent = "collections/plain".to_owned();
    let create = CreateCollectionRequest { collection_id: "plain".into() };
    server.collections().await.create_collection(create).await.unwrap();
    for (id, what) in
        [("a", "The National Health Service needs physicians"), ("b", "The NHS is there for all")]
    {
        let request = IngestDocumentRequest {
            parent: parent.clone(),
            document_id: id.into(),
            document: Some(Document { text: statement("Jane Miller", what), ..Document::default() }),
            ack_level: AckLevel::Searchable.into(),
            ..Default::default()
        };
        server.documents().await.ingest_document(request).await.unwrap();
    }
    let request = SearchQuotesRequest { parent, filter: Some(quotes("nhs")), ..Default::default() };
    let results = server.quotes().await.search_quotes(request).await.unwrap().into_inner().results;
    let names: Vec<&str> = results.iter().map(|result| result.name.as_str()).collect();
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(names[0].starts_with("collections/plain/documents/b/"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn synonyms_count_as_words_of_the_query() {
    let server = server().await;
    let many = |groups: usize| (0..groups).map(|n| format!("many{n}")).collect::<Vec<_>>().join(" ");
    assert!(results(&server, quotes(&many(6))).await.is_empty());
    for text in [many(7), format!("{} a b c d e", many(6))] {
        let request = SearchQuotesRequest { filter: Some(quotes(&text)), ..Default::default() };
        assert_violations(&server.quotes().await.search_quotes(request).await.unwrap_err(), &["filter.text"]);
        let request = SearchDocumentsRequest { filter: Some(documents(&text)), ..Default::default() };
        let refused = server.documents().await.search_documents(request).await.unwrap_err();
        assert_violations(&refused, &["filter.text"]);
    }
    server.stop().await;
}
