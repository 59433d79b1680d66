//! Filters beyond plain lists, through the port: each field by itself, and the same as text.

use crate::server::{TestServer, assert_violations, statement};
use dictum::transport::wire::{
    AggregateDocumentsRequest, Document, DocumentFilter, LabelMatch, QuoteFilter, SearchDocumentsRequest,
    SearchOrder, SearchQuotesRequest, SpeakerKind, TextField,
};
use prost_types::Timestamp;

async fn filled() -> TestServer {
    let server = TestServer::start().await;
    let cases = [
        (
            "a",
            statement("Jane Miller", "The harbour stays open for ships"),
            "world",
            "Fees and ferries",
            1_546_300_800,
        ),
        (
            "b",
            statement("Robert Brown", "Harbour fees will rise in Kiruna"),
            "sport",
            "Higher fees",
            1_564_617_600,
        ),
        (
            "c",
            statement("Jane Miller", "Protesters met Robert Brown in Kiruna"),
            "world",
            "A protest",
            1_577_836_800,
        ),
        ("d", "Officials said the mine would close within weeks.".to_owned(), "", "The mine", 1_609_459_200),
    ];
    for (id, text, desk, title, seconds) in cases {
        let labels = if desk.is_empty() { [].into() } else { [("desk".to_owned(), desk.to_owned())].into() };
        let publish_time = Some(Timestamp { seconds, nanos: 0 });
        let document = Document { text, title: title.into(), publish_time, labels, ..Document::default() };
        server.ingest_document(id, document).await;
    }
    server
}

async fn found(server: &TestServer, filter: QuoteFilter) -> Result<Vec<String>, tonic::Status> {
    let request = SearchQuotesRequest {
        filter: Some(filter),
        order: SearchOrder::OldestFirst.into(),
        ..SearchQuotesRequest::default()
    };
    let found = server.quotes().await.search_quotes(request).await?.into_inner();
    assert_eq!(found.total_size, found.results.len() as u64);
    let name = |name: &str| name.split('/').nth(3).unwrap().to_owned();
    Ok(found.results.iter().map(|result| name(&result.name)).collect())
}

async fn expression(server: &TestServer, expression: &str) -> Vec<String> {
    let filter = QuoteFilter { expression: expression.into(), ..QuoteFilter::default() };
    found(server, filter).await.unwrap_or_else(|status| panic!("{expression}: {status:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expressions_find_what_they_say() {
    let server = filled().await;
    let cases = [
        ("harbour", vec!["a", "b"]),
        ("\"harbour fees\"", vec!["b"]),
        ("text : \"open harbour\"", vec!["a"]),
        ("text = \"open harbour\"", vec![]),
        ("text : '\"harbour open\"~1'", vec!["a"]),
        ("text : '\"harbour ships\"~1'", vec![]),
        ("protestors~", vec!["c"]),
        ("protestors", vec![]),
        ("text : harb*", vec!["a", "b"]),
        ("harbour OR protesters", vec!["a", "b", "c"]),
        ("harbour AND NOT text : fees", vec!["a"]),
        ("-harbour", vec!["c", "d"]),
        ("harbour OR protesters AND speaker = \"Jane Miller\"", vec!["a", "c"]),
        ("(harbour AND speaker = \"Robert Brown\") OR protesters", vec!["b", "c"]),
        ("sentence : ferries", vec!["a"]),
        ("sentence : Monday", vec!["a", "b", "c"]),
        ("article : mine", vec!["d"]),
        ("article : \"Monday fees\" OR article : mine", vec!["a", "b", "d"]),
        ("speaker = \"jane MILLER\"", vec!["a", "c"]),
        ("speaker != \"Jane Miller\"", vec!["b", "d"]),
        ("speaker = (\"Jane Miller\" OR \"Robert Brown\")", vec!["a", "b", "c"]),
        ("speaker = \"Nobody Known\"", vec![]),
        ("NOT speaker = \"Nobody Known\"", vec!["a", "b", "c", "d"]),
        ("speaker : *", vec!["a", "b", "c"]),
        ("-speaker:*", vec!["d"]),
        ("speaker_kind = GROUP", vec!["d"]),
        ("about : \"Robert Brown\"", vec!["c"]),
        ("about : \"Robert Brown\" OR text : ships", vec!["a", "c"]),
        ("label.desk = world", vec!["a", "c"]),
        ("labels : desk", vec!["a", "b", "c"]),
        ("label.desk != world", vec!["b", "d"]),
        ("published >= 2019-08", vec!["b", "c", "d"]),
        ("published > 2019-08", vec!["c", "d"]),
        ("published < 2019-08-01T00:00:00Z", vec!["a"]),
        ("published = 2020-01-01T01:00:00+01:00", vec!["c"]),
        ("published != 2020-01-01T00:00:00Z", vec!["a", "b", "d"]),
        ("published < 2020-01-01T00:00:00Z", vec!["a", "b"]),
        ("published <= 2020-01-01T00:00:00Z", vec!["a", "b", "c"]),
        ("published > 2020-01-01T00:00:00Z", vec!["d"]),
        ("published >= 2020-01-01T00:00:00.000001Z", vec!["d"]),
        ("published = 2020", vec!["c"]),
        ("published = 2019 OR published = 2021", vec!["a", "b", "d"]),
        ("published : *", vec!["a", "b", "c", "d"]),
        ("document = c", vec!["c"]),
        ("type = DIRECT", vec!["a", "b", "c"]),
        ("type != DIRECT", vec!["d"]),
        ("kind = THOUGHT", vec![]),
        ("kind = (THOUGHT OR STATEMENT) AND harbour", vec!["a", "b"]),
        ("confidence >= 0", vec!["a", "b", "c", "d"]),
        ("confidence > 1", vec![]),
        ("confidence <= 1", vec!["a", "b", "c", "d"]),
        ("analyzer = dictum-en", vec!["a", "b", "c", "d"]),
        ("analyzer = dictum-en-fast", vec![]),
        ("source : \"*\"", vec![]),
    ];
    for (text, expected) in cases {
        assert_eq!(expression(&server, text).await, expected, "{text}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fields_say_the_same_as_expressions() {
    let server = filled().await;
    let none = QuoteFilter::default;
    let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
    let label = |key: &str, values: &[&str]| vec![LabelMatch { key: key.into(), values: names(values) }];
    let cases = [
        (QuoteFilter { text: "ferries".into(), text_field: TextField::Sentence.into(), ..none() }, vec!["a"]),
        (QuoteFilter { text: "mine".into(), text_field: TextField::Article.into(), ..none() }, vec!["d"]),
        (QuoteFilter { mentions_any: names(&["Robert Brown", "Nobody"]), ..none() }, vec!["c"]),
        (QuoteFilter { mentions_none: names(&["Robert Brown"]), ..none() }, vec!["a", "b", "d"]),
        (QuoteFilter { speakers_none: names(&["Jane Miller"]), ..none() }, vec!["b", "d"]),
        (QuoteFilter { speaker_kinds: vec![SpeakerKind::Group.into()], ..none() }, vec!["d"]),
        (QuoteFilter { speaker_named: Some(false), ..none() }, vec!["d"]),
        (QuoteFilter { speaker_named: Some(true), ..none() }, vec!["a", "b", "c"]),
        (QuoteFilter { label_matches: label("desk", &[]), ..none() }, vec!["a", "b", "c"]),
        (QuoteFilter { label_matches: label("desk", &["sport", "x"]), ..none() }, vec!["b"]),
        (QuoteFilter { analyzers: names(&["dictum-en"]), ..none() }, vec!["a", "b", "c", "d"]),
        (
            QuoteFilter { text: "harbour".into(), expression: "published > 2019-02".into(), ..none() },
            vec!["b"],
        ),
    ];
    for (filter, expected) in cases {
        assert_eq!(found(&server, filter.clone()).await.unwrap(), expected, "{filter:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_know_the_fields_that_are_theirs() {
    let server = filled().await;
    let mut client = server.documents().await;
    let mut search = async |expression: &str| {
        let filter = Some(DocumentFilter { expression: expression.into(), ..DocumentFilter::default() });
        let order = SearchOrder::OldestFirst.into();
        let request = SearchDocumentsRequest { filter, order, ..SearchDocumentsRequest::default() };
        let found = client.search_documents(request).await?.into_inner().results;
        let name = |name: &str| name.rsplit('/').next().unwrap().to_owned();
        Ok::<_, tonic::Status>(
            found.iter().map(|r| name(&r.document.as_ref().unwrap().name)).collect::<Vec<_>>(),
        )
    };
    assert_eq!(search("ferries OR article : mine").await.unwrap(), ["a", "d"]);
    assert_eq!(search("speaker = \"Jane Miller\" AND about : \"Robert Brown\"").await.unwrap(), ["c"]);
    assert_eq!(search("speaker : *").await.unwrap(), ["a", "b", "c"]);
    assert_eq!(search("-speaker : *").await.unwrap(), ["d"]);
    assert_violations(&search("-source : *").await.unwrap_err(), &["filter.expression"]);
    assert_violations(&search("type = DIRECT").await.unwrap_err(), &["filter.expression"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_matched_is_marked_and_what_is_wrong_is_pointed_at() {
    let server = filled().await;
    let filter = QuoteFilter { expression: "protestors~ -harbour".into(), ..QuoteFilter::default() };
    let request = SearchQuotesRequest { filter: Some(filter), ..SearchQuotesRequest::default() };
    let found = server.quotes().await.search_quotes(request).await.unwrap().into_inner();
    assert_eq!(found.results[0].highlights[0].text, "Protesters");
    let wrong = QuoteFilter { expression: "speaker = ".into(), ..QuoteFilter::default() };
    let status = self::found(&server, wrong).await.unwrap_err();
    assert_violations(&status, &["filter.expression"]);
    assert!(status.message().contains("at character 11: expected a value"), "{}", status.message());
    let many = vec!["x"; 65].join(" OR ");
    let many = QuoteFilter { expression: many, ..QuoteFilter::default() };
    assert!(self::found(&server, many).await.unwrap_err().message().contains("at most 64"));
    let long = QuoteFilter { expression: "(".repeat(5000), ..QuoteFilter::default() };
    assert_violations(&self::found(&server, long).await.unwrap_err(), &["filter.expression"]);
    let count = AggregateDocumentsRequest { parent: "collections/none".into(), ..Default::default() };
    let status = server.documents().await.aggregate_documents(count).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::NotFound);
    server.stop().await;
}
