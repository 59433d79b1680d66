//! Counting what matches, through the port.

use crate::server::{TestServer, assert_error, assert_violations, statement};
use dictum::transport::wire::{
    AggregateDocumentsRequest, AggregateQuotesRequest, CompareOutletsRequest, DeleteDocumentRequest,
    Document, DocumentFilter, Facet, FacetBy, FacetField, FacetResult, GetSpeakerTimelineRequest,
    QuoteFilter, TimeInterval,
};
use prost_types::Timestamp;
use tonic::Code;

fn by(field: FacetField) -> Facet {
    Facet { by: Some(FacetBy { field: field.into(), ..FacetBy::default() }), ..Facet::default() }
}

fn every(interval: TimeInterval, zone: &str) -> FacetBy {
    let field = FacetField::Published.into();
    FacetBy { field, interval: interval.into(), time_zone: zone.into(), ..FacetBy::default() }
}

async fn filled() -> TestServer {
    let server = TestServer::start().await;
    // 31 December 2023, 23:30 UTC, is the first of January in Berlin.
    let cases = [
        ("a", "Jane Miller", "Times", "world", Some(1_704_065_400)),
        ("b", "Jane Miller", "Times", "sport", Some(1_711_843_200)),
        ("c", "Robert Brown", "Times", "world", Some(1_711_929_600)),
        ("d", "Robert Brown", "Herald", "", Some(1_719_792_000)),
        ("e", "Jane Miller", "", "world", None),
    ];
    for (id, who, source, desk, seconds) in cases {
        let text = format!(
            "{}\n\nMiller said the port of Kiruna would grow.",
            statement(who, "Kiruna needs a harbour")
        );
        let labels = if desk.is_empty() { [].into() } else { [("desk".to_owned(), desk.to_owned())].into() };
        let publish_time = seconds.map(|seconds| Timestamp { seconds, nanos: 0 });
        let document = Document { text, source: source.into(), publish_time, labels, ..Document::default() };
        server.ingest_document(id, document).await;
    }
    server
}

fn buckets(result: &FacetResult) -> Vec<(&str, u64)> {
    result.buckets.iter().map(|bucket| (bucket.value.as_str(), bucket.count)).collect()
}

async fn count(server: &TestServer, expression: &str, facets: Vec<Facet>) -> (u64, Vec<FacetResult>) {
    let filter = Some(QuoteFilter { expression: expression.into(), ..QuoteFilter::default() });
    let request = AggregateQuotesRequest { filter, facets, ..AggregateQuotesRequest::default() };
    let answer = server.quotes().await.aggregate_quotes(request).await.unwrap().into_inner();
    (answer.total_size, answer.results)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn matches_are_counted_by_every_field_in_one_call() {
    let server = filled().await;
    let label = FacetBy { field: FacetField::Label.into(), label_key: "desk".into(), ..FacetBy::default() };
    let facets = vec![
        by(FacetField::Source),
        by(FacetField::Type),
        by(FacetField::Kind),
        by(FacetField::Language),
        Facet { by: Some(label), ..Facet::default() },
        by(FacetField::SpeakerKind),
        by(FacetField::Mention),
    ];
    let (total, results) = count(&server, "harbour", facets).await;
    assert_eq!(total, 5);
    assert_eq!(buckets(&results[0]), [("Times", 3), ("Herald", 1)]);
    assert_eq!((results[0].missing_count, results[0].distinct_count, results[0].other_count), (1, 2, 0));
    assert_eq!(buckets(&results[1]), [("DIRECT", 5)]);
    assert_eq!(buckets(&results[2]), [("STATEMENT", 5)]);
    assert_eq!(buckets(&results[3]), [("en", 5)]);
    assert_eq!(buckets(&results[4]), [("world", 3), ("sport", 1)]);
    assert_eq!(results[4].missing_count, 1);
    assert_eq!(buckets(&results[5]), [("PERSON", 5)]);
    assert_eq!(buckets(&results[6]), [("Kiruna", 5)]);
    server.stop().await;
}

/// A facet's count is what a search for its value finds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bare_surname_counts_as_the_name_that_it_is_taken_for() {
    let server = filled().await;
    let (total, results) = count(&server, "", vec![by(FacetField::Speaker)]).await;
    for bucket in &results[0].buckets {
        let (found, _) = count(&server, &format!("speaker = \"{}\"", bucket.entity), vec![]).await;
        assert_eq!(bucket.count, found, "{}", bucket.value);
    }
    let names: Vec<&str> = results[0].buckets.iter().map(|bucket| bucket.value.as_str()).collect();
    assert!(names.contains(&"Jane Miller") && names.contains(&"Robert Brown"), "{names:?}");
    let counted: u64 = results[0].buckets.iter().map(|bucket| bucket.count).sum();
    assert_eq!(counted + results[0].missing_count, total);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_divides_at_the_midnights_of_the_zone() {
    let server = filled().await;
    let month = |zone: &str| Facet { by: Some(every(TimeInterval::Month, zone)), ..Facet::default() };
    let latest = Facet { limit: 2, ..month("") };
    let (_, results) = count(&server, "harbour", vec![month(""), month("Europe/Berlin"), latest]).await;
    assert_eq!(
        buckets(&results[0]),
        [("2023-12-01", 1), ("2024-03-01", 1), ("2024-04-01", 1), ("2024-07-01", 1)]
    );
    assert_eq!(results[0].missing_count, 1);
    assert_eq!(
        buckets(&results[1]),
        [("2024-01-01", 1), ("2024-03-01", 1), ("2024-04-01", 1), ("2024-07-01", 1)]
    );
    let march = &results[1].buckets[1];
    // From midnight in winter time to midnight in summer time.
    assert_eq!(
        (march.start_time.unwrap().seconds, march.end_time.unwrap().seconds),
        (1_709_247_600, 1_711_922_400)
    );
    assert_eq!(buckets(&results[2]), [("2024-04-01", 1), ("2024-07-01", 1)]);
    assert_eq!((results[2].other_count, results[2].distinct_count), (2, 4));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_field_divides_within_another() {
    let server = filled().await;
    let nested = |by: FacetField, within: FacetBy| Facet { nested: Some(within), ..self::by(by) };
    let speaker = FacetBy { field: FacetField::Speaker.into(), ..FacetBy::default() };
    let facets = vec![
        nested(FacetField::Source, speaker.clone()),
        Facet { by: Some(every(TimeInterval::Year, "")), nested: Some(speaker), ..Facet::default() },
        nested(FacetField::Source, every(TimeInterval::Quarter, "")),
    ];
    let (_, results) = count(&server, "harbour", facets).await;
    let within = |result: &FacetResult, n: usize| {
        let nested = result.buckets[n].nested.as_ref().unwrap();
        buckets(nested).into_iter().map(|(value, count)| (value.to_owned(), count)).collect::<Vec<_>>()
    };
    let pairs = |pairs: &[(&str, u64)]| pairs.iter().map(|(v, c)| (v.to_string(), *c)).collect::<Vec<_>>();
    assert_eq!(within(&results[0], 0), pairs(&[("Jane Miller", 2), ("Robert Brown", 1)]));
    assert_eq!(within(&results[0], 1), pairs(&[("Robert Brown", 1)]));
    assert_eq!(within(&results[1], 1), pairs(&[("Robert Brown", 2), ("Jane Miller", 1)]));
    assert_eq!(within(&results[2], 0), pairs(&[("2023-10-01", 1), ("2024-01-01", 1), ("2024-04-01", 1)]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_are_counted_too_and_deleted_ones_are_not() {
    let server = filled().await;
    let request = |facets| AggregateDocumentsRequest {
        filter: Some(DocumentFilter { text: "harbour".into(), ..DocumentFilter::default() }),
        facets,
        ..AggregateDocumentsRequest::default()
    };
    let mut client = server.documents().await;
    let facets = vec![by(FacetField::Speaker), by(FacetField::Source)];
    let answer = client.aggregate_documents(request(facets.clone())).await.unwrap().into_inner();
    assert_eq!((answer.total_size, buckets(&answer.results[1])), (5, vec![("Times", 3), ("Herald", 1)]));
    let delete =
        DeleteDocumentRequest { name: "collections/default/documents/a".into(), ..Default::default() };
    let token = client.delete_document(delete).await.unwrap().into_inner().consistency_token;
    let after = AggregateDocumentsRequest { consistency_token: token, ..request(facets) };
    let answer = client.aggregate_documents(after).await.unwrap().into_inner();
    assert_eq!((answer.total_size, buckets(&answer.results[1])), (4, vec![("Times", 2), ("Herald", 1)]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn facets_that_make_no_sense_are_refused_field_by_field() {
    let server = TestServer::start().await;
    let mut client = server.quotes().await;
    let mut refused = async |facet: Facet, fields: &[&str]| {
        let request = AggregateQuotesRequest { facets: vec![facet], ..AggregateQuotesRequest::default() };
        assert_violations(&client.aggregate_quotes(request).await.unwrap_err(), fields);
    };
    refused(Facet::default(), &["facets[0].by"]).await;
    refused(by(FacetField::Unspecified), &["facets[0].by.field"]).await;
    refused(by(FacetField::Label), &["facets[0].by.label_key"]).await;
    refused(by(FacetField::Published), &["facets[0].by.interval"]).await;
    refused(Facet { limit: 1001, ..by(FacetField::Source) }, &["facets[0].limit"]).await;
    refused(Facet { limit: -1, ..by(FacetField::Source) }, &["facets[0].limit"]).await;
    refused(Facet { nested_limit: 5, ..by(FacetField::Source) }, &["facets[0].nested_limit"]).await;
    let nowhere = Facet { by: Some(every(TimeInterval::Day, "Europe/Nowhere")), ..Facet::default() };
    refused(nowhere, &["facets[0].by.time_zone"]).await;
    let stray = FacetBy { time_zone: "UTC".into(), ..by(FacetField::Source).by.unwrap() };
    refused(Facet { by: Some(stray), ..Facet::default() }, &["facets[0].by.time_zone"]).await;
    let request = |facets| AggregateQuotesRequest { facets, ..Default::default() };
    let many = request(vec![by(FacetField::Source); 17]);
    assert_violations(&client.aggregate_quotes(many).await.unwrap_err(), &["facets"]);
    let full = Facet {
        limit: 1000,
        nested: by(FacetField::Speaker).by,
        nested_limit: 100,
        ..by(FacetField::Source)
    };
    client.aggregate_quotes(request(vec![full.clone()])).await.unwrap();
    let too_many = request(vec![full, by(FacetField::Source)]);
    assert_violations(&client.aggregate_quotes(too_many).await.unwrap_err(), &["facets"]);
    let request = AggregateDocumentsRequest { facets: vec![by(FacetField::Type)], ..Default::default() };
    let status = server.documents().await.aggregate_documents(request).await.unwrap_err();
    assert_violations(&status, &["facets[0].by.field"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_longer_than_its_client_takes_is_refused() {
    let server = filled().await;
    let (mut quotes, mut documents) = (server.quotes().await, server.documents().await);
    let max_answer_bytes = 20;
    let speaker = "Jane Miller".into();
    let timeline = GetSpeakerTimelineRequest {
        speaker,
        interval: TimeInterval::Year.into(),
        max_answer_bytes,
        ..Default::default()
    };
    let facets = vec![by(FacetField::Source)];
    let of_quotes = AggregateQuotesRequest { facets: facets.clone(), max_answer_bytes, ..Default::default() };
    let of_documents = AggregateDocumentsRequest { facets, max_answer_bytes, ..Default::default() };
    let compare = CompareOutletsRequest { max_answer_bytes, ..Default::default() };
    let refused = [
        quotes.aggregate_quotes(of_quotes).await.err(),
        quotes.get_speaker_timeline(timeline).await.err(),
        quotes.compare_outlets(compare).await.err(),
        documents.aggregate_documents(of_documents).await.err(),
    ];
    for status in refused {
        assert_error(&status.unwrap(), Code::ResourceExhausted, "ANSWER_TOO_LARGE");
    }
    server.stop().await;
}

/// Twelve documents a year on the harbour, and in the second year some on ferries.
async fn over_years() -> TestServer {
    let server = TestServer::start().await;
    for n in 0..8 {
        let what = if n % 4 == 3 { "The ferries need ice breakers" } else { "The harbour needs a bridge" };
        let year = if n < 4 { 1_577_880_000 } else { 1_609_502_400 };
        let what = if n < 4 { "The harbour needs a bridge" } else { what };
        let who = if n % 2 == 0 { "Robert Brown" } else { "Jane Miller" };
        let publish_time = Some(Timestamp { seconds: year + n * 86_400 * 20, nanos: 0 });
        let text = format!("{}\n\nNumber {n}.", statement(who, what));
        server
            .ingest_document(&format!("d{n}"), Document { text, publish_time, ..Document::default() })
            .await;
    }
    server
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_that_are_more_frequent_than_elsewhere_are_told() {
    let server = over_years().await;
    let word = FacetBy { field: FacetField::Word.into(), ..FacetBy::default() };
    let facets = vec![
        by(FacetField::Word),
        Facet { by: Some(every(TimeInterval::Year, "")), nested: Some(word), ..Facet::default() },
    ];
    let (total, results) = count(&server, "ferries", facets.clone()).await;
    assert_eq!(total, 1);
    let words: Vec<&str> = results[0].buckets.iter().map(|bucket| bucket.value.as_str()).collect();
    assert_eq!(words, ["breakers", "ferries", "ice", "need"], "and not what all quotes have");
    assert!(results[0].buckets.windows(2).all(|pair| pair[0].score >= pair[1].score));
    let (_, results) = count(&server, "", facets).await;
    assert!(results[0].buckets.is_empty(), "nothing stands out of everything");
    let within = |n: usize| results[1].buckets[n].nested.as_ref().unwrap().buckets.iter();
    assert!(
        within(0).any(|bucket| bucket.value == "harbour") && !within(0).any(|bucket| bucket.value == "ice")
    );
    assert!(
        within(1).any(|bucket| bucket.value == "ice") && !within(1).any(|bucket| bucket.value == "harbour")
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timeline_shows_what_one_speaker_said_when() {
    let server = over_years().await;
    let request = |speaker: &str| GetSpeakerTimelineRequest {
        speaker: speaker.into(),
        interval: TimeInterval::Year.into(),
        ..GetSpeakerTimelineRequest::default()
    };
    let mut client = server.quotes().await;
    let line = client.get_speaker_timeline(request("Jane Miller")).await.unwrap().into_inner();
    assert_eq!((line.total_size, line.undated_count), (4, 0));
    let periods: Vec<(&str, u64)> =
        line.periods.iter().map(|period| (period.start_date.as_str(), period.quote_count)).collect();
    assert_eq!(periods, [("2020-01-01", 2), ("2021-01-01", 2)]);
    let words = |n: usize| line.periods[n].words.iter().map(|word| word.word.as_str()).collect::<Vec<_>>();
    assert!(words(1).contains(&"ferries") && !words(1).contains(&"the"), "{:?}", words(1));
    assert!(!words(0).contains(&"ferries"), "{:?}", words(0));
    let name = |result: &Option<dictum::transport::wire::QuoteResult>| {
        result.as_ref().unwrap().name.split('/').nth(3).unwrap().to_owned()
    };
    assert_eq!((name(&line.first), name(&line.last)), ("d1".into(), "d7".into()));
    let filter = Some(QuoteFilter { text: "bridge".into(), ..QuoteFilter::default() });
    let on_topic = GetSpeakerTimelineRequest { filter, ..request("Jane Miller") };
    let line = client.get_speaker_timeline(on_topic).await.unwrap().into_inner();
    assert_eq!((line.total_size, name(&line.last)), (3, "d5".into()));
    let line = client.get_speaker_timeline(request("Jane Miler")).await.unwrap().into_inner();
    assert_eq!((line.total_size, line.first), (0, None));
    assert_eq!(line.unknown_names[0].suggestions[0].display_name, "Jane Miller");
    let wrong = GetSpeakerTimelineRequest { word_limit: 101, time_zone: "x".into(), ..Default::default() };
    let status = client.get_speaker_timeline(wrong).await.unwrap_err();
    assert_violations(&status, &["speaker", "time_zone", "interval", "word_limit"]);
    server.stop().await;
}
