//! What a collection tells about entities and outlets, through the port.

use crate::server::{TestServer, assert_error, assert_violations, statement};
use dictum::transport::wire::{
    CompareOutletsRequest, Document, EntityFilter, EntityType, EntityView, FacetResult, GetEntityRequest,
    ListRelatedEntitiesRequest, ListRelatedEntitiesResponse, OutletComparison, QuoteFilter, QuoteResult,
    RelatedOrder, SearchEntitiesRequest, TimeInterval, TimeRange,
};
use prost::Message;
use prost_types::Timestamp;
use tonic::Code;

const JANUARY_2020: i64 = 1_579_046_400;
const MARCH_2021: i64 = 1_615_766_400;
const JUNE_2021: i64 = 1_623_715_200;
const FEBRUARY_2022: i64 = 1_644_883_200;
const MAY_2022: i64 = 1_652_572_800;

/// Six documents of two outlets and of none. Miller and Brown are also called by their surnames alone.
async fn filled() -> TestServer {
    let server = TestServer::start().await;
    let ferry =
        format!("{}\n\nBrown said the port of Lund would grow.", statement("Brown", "Lund needs a ferry"));
    let stories = [
        ("a", "Times", Some(JANUARY_2020), statement("Jane Miller", "Kiruna needs a harbour")),
        ("b", "Times", Some(MARCH_2021), statement("Miller", "Kiruna needs a bridge")),
        ("c", "Herald", Some(JUNE_2021), statement("Robert Brown", "Jane Miller must come back to Kiruna")),
        ("d", "Herald", Some(FEBRUARY_2022), ferry),
        ("e", "Herald", Some(MAY_2022), statement("Jane Miller", "Kiruna is safe")),
        ("f", "", None, statement("Mary Stone", "Lund needs a school")),
    ];
    for (id, source, seconds, text) in stories {
        let publish_time = seconds.map(|seconds| Timestamp { seconds, nanos: 0 });
        let document = Document { text, source: source.into(), publish_time, ..Document::default() };
        server.ingest_document(id, document).await;
    }
    server
}

/// Resource names of the entities of which a name begins so, those of most documents first.
async fn named(server: &TestServer, prefix: &str) -> Vec<String> {
    let filter = Some(EntityFilter { name_prefix: prefix.into(), ..EntityFilter::default() });
    let request = SearchEntitiesRequest { filter, ..SearchEntitiesRequest::default() };
    let found = server.entities().await.search_entities(request).await.unwrap().into_inner();
    found.entities.into_iter().map(|entity| entity.name).collect()
}

fn full(name: &str) -> GetEntityRequest {
    GetEntityRequest { name: name.into(), view: EntityView::Full.into(), ..GetEntityRequest::default() }
}

fn buckets(result: &Option<FacetResult>) -> Vec<(&str, u64)> {
    let buckets = &result.as_ref().unwrap().buckets;
    buckets.iter().map(|bucket| (bucket.value.as_str(), bucket.count)).collect()
}

fn document_of(result: &QuoteResult) -> &str {
    result.name.split('/').nth(3).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_tells_what_somebody_says_what_is_said_of_them_and_beside_whom_they_stand() {
    let server = filled().await;
    let miller = named(&server, "jane").await.remove(0);
    let mut client = server.entities().await;
    let answer = client.get_entity(full(&miller)).await.unwrap().into_inner();
    let (entity, profile) = (answer.entity.unwrap(), answer.profile.unwrap());
    assert_eq!((profile.spoken_count, profile.about_count, profile.document_count), (3, 1, 4));
    assert_eq!((entity.statement_count, entity.document_count), (3, 4), "as the entity has it");
    let ends = [&profile.first, &profile.last].map(|end| document_of(end.as_ref().unwrap()));
    assert_eq!(ends, ["a", "e"]);
    assert_eq!(buckets(&profile.sources), [("Times", 2), ("Herald", 1)]);
    assert_eq!(buckets(&profile.mentions), [("Kiruna", 3)]);
    assert_eq!(buckets(&profile.speakers_about), [("Robert Brown", 1)]);
    assert_eq!(buckets(&profile.beside_in_quotes), [("Kiruna", 1)]);
    assert_eq!(buckets(&profile.beside_in_documents), [("Kiruna", 4), ("Robert Brown", 1)]);
    assert_eq!(profile.beside_in_documents.as_ref().unwrap().distinct_count, 2, "she is not beside herself");
    assert_eq!(buckets(&profile.spoken_periods), [("2020-01-01", 1), ("2021-01-01", 1), ("2022-01-01", 1)]);
    assert_eq!(buckets(&profile.about_periods), [("2021-01-01", 1)]);
    assert_eq!(buckets(&profile.speaker_kinds), [("PERSON", 3)]);
    assert_eq!(buckets(&profile.types), [("DIRECT", 3)]);
    assert_eq!(answer.freshness.unwrap().changes_behind, 0);

    let monthly = GetEntityRequest { interval: TimeInterval::Month.into(), limit: 1, ..full(&miller) };
    let profile = client.get_entity(monthly).await.unwrap().into_inner().profile.unwrap();
    assert_eq!(buckets(&profile.about_periods), [("2021-06-01", 1)]);
    assert_eq!(buckets(&profile.beside_in_documents), [("Kiruna", 4)]);
    let beside = profile.beside_in_documents.unwrap();
    assert_eq!((beside.distinct_count, beside.other_count), (2, 1));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_tells_in_which_roles_somebody_was_and_when() {
    let server = TestServer::start().await;
    let said = |who: &str| format!("\"The port will grow,\" {who} said on Monday. Nobody disagreed.");
    let stories = [
        ("a", Some(JANUARY_2020), said("Mayor Jane Miller")),
        ("b", Some(MARCH_2021), said("Mayor Jane Miller")),
        ("c", Some(JUNE_2021), said("Senator Jane Miller")),
        ("d", Some(MAY_2022), said("Senator Jane Miller")),
        ("e", None, said("Jane Miller")),
        ("f", Some(MAY_2022), said("Mayor Robert Brown")),
    ];
    for (id, seconds, text) in stories {
        let publish_time = seconds.map(|seconds| Timestamp { seconds, nanos: 0 });
        server.ingest_document(id, Document { text, publish_time, ..Document::default() }).await;
    }
    let miller = named(&server, "jane").await.remove(0);
    let mut client = server.entities().await;
    let profile = client.get_entity(full(&miller)).await.unwrap().into_inner().profile.unwrap();
    let roles = profile.roles.as_ref().unwrap();
    let over_time: Vec<(&str, Vec<(&str, u64)>)> =
        roles.buckets.iter().map(|role| (role.value.as_str(), buckets(&role.nested))).collect();
    let (mayor, senator) =
        (vec![("2020-01-01", 1), ("2021-01-01", 1)], vec![("2021-01-01", 1), ("2022-01-01", 1)]);
    assert_eq!(over_time, [("Mayor", mayor), ("Senator", senator)]);
    assert_eq!((roles.missing_count, roles.distinct_count), (1, 2));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_comes_on_request_and_only_of_what_is_there() {
    let server = filled().await;
    let mut client = server.entities().await;
    let basic =
        GetEntityRequest { view: EntityView::Basic.into(), ..full(&named(&server, "kiruna").await[0]) };
    let answer = client.get_entity(basic).await.unwrap().into_inner();
    assert!(answer.entity.is_some() && answer.profile.is_none());
    let silent = client.get_entity(full(&named(&server, "kiruna").await[0])).await.unwrap().into_inner();
    let profile = silent.profile.unwrap();
    assert_eq!((profile.spoken_count, profile.first, profile.about_count), (0, None, 4));
    let status = client.get_entity(full("collections/default/entities/none")).await.unwrap_err();
    assert_error(&status, Code::NotFound, "NOT_FOUND");
    let wrong = GetEntityRequest { view: 7, interval: 9, limit: 101, ..full("Jane Miller") };
    assert_violations(&client.get_entity(wrong).await.unwrap_err(), &["name", "view", "interval", "limit"]);
    server.stop().await;
}

async fn related(server: &TestServer, request: ListRelatedEntitiesRequest) -> ListRelatedEntitiesResponse {
    server.entities().await.list_related_entities(request).await.unwrap().into_inner()
}

fn names(answer: &ListRelatedEntitiesResponse) -> Vec<(&str, u64)> {
    answer.related.iter().map(|one| (one.display_name.as_str(), one.document_count)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn related_entities_are_those_that_go_together_more_often_than_chance_has_it() {
    let server = filled().await;
    let miller = named(&server, "jane").await.remove(0);
    let request = ListRelatedEntitiesRequest { parent: miller.clone(), ..Default::default() };
    let answer = related(&server, request.clone()).await;
    // One of her four documents mentions Brown, and one of the two others does.
    assert_eq!(names(&answer), [("Kiruna", 4)]);
    assert_eq!((answer.document_count, answer.distinct_count), (4, 2));
    let kiruna = &answer.related[0];
    assert_eq!(kiruna.r#type(), EntityType::Gpe);
    assert_eq!((kiruna.quote_count, kiruna.spoken_about_count, kiruna.speaks_about_count), (1, 3, 0));
    assert!((kiruna.score - 7.638).abs() < 0.001, "worked out by hand: {}", kiruna.score);
    assert!(kiruna.examples.is_empty());

    let by_count =
        ListRelatedEntitiesRequest { order: RelatedOrder::DocumentCount.into(), ..request.clone() };
    let answer = related(&server, by_count.clone()).await;
    assert_eq!(names(&answer), [("Kiruna", 4), ("Robert Brown", 1)]);
    let brown = &answer.related[1];
    assert_eq!((brown.quote_count, brown.spoken_about_count, brown.speaks_about_count), (0, 0, 1));
    assert_eq!(brown.score, 0.0);
    let first = ListRelatedEntitiesRequest { limit: 1, ..by_count.clone() };
    assert_eq!(names(&related(&server, first).await), [("Kiruna", 4)]);
    let people = ListRelatedEntitiesRequest { types: vec![EntityType::Person.into()], ..by_count.clone() };
    assert_eq!(names(&related(&server, people).await), [("Robert Brown", 1)]);
    let range = TimeRange { start_time: None, end_time: Some(Timestamp { seconds: JUNE_2021, nanos: 0 }) };
    let early = ListRelatedEntitiesRequest { published: Some(range), ..by_count };
    assert_eq!(names(&related(&server, early).await), [("Kiruna", 2)]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn examples_are_the_latest_quotes_that_connect_two_entities() {
    let server = filled().await;
    let parent = named(&server, "jane").await.remove(0);
    let request = ListRelatedEntitiesRequest {
        parent,
        order: RelatedOrder::DocumentCount.into(),
        example_limit: 2,
        ..Default::default()
    };
    let answer = related(&server, request.clone()).await;
    let documents = |n: usize| answer.related[n].examples.iter().map(document_of).collect::<Vec<_>>();
    assert_eq!((documents(0), documents(1)), (vec!["e", "c"], vec!["c"]));
    assert!(answer.related[0].examples[0].sentence.as_ref().unwrap().text.contains("Kiruna is safe"));
    let max_answer_bytes = answer.encoded_len() as i32 - 1;
    let short = ListRelatedEntitiesRequest { max_answer_bytes, ..request };
    let answer = related(&server, short).await;
    let examples = || answer.related.iter().flat_map(|one| &one.examples);
    assert_eq!(examples().count(), 3, "all are named");
    assert!(examples().any(|example| example.oversized), "and not all are whole");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bare_surname_is_not_related_to_the_name_that_it_is_taken_for() {
    let server = filled().await;
    let surname = named(&server, "miller").await.remove(1);
    let order = RelatedOrder::DocumentCount.into();
    let request = ListRelatedEntitiesRequest { parent: surname, order, ..Default::default() };
    let answer = related(&server, request).await;
    assert_eq!((names(&answer), answer.document_count), (vec![("Kiruna", 1)], 1));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_for_related_entities_that_make_no_sense_are_refused() {
    let server = TestServer::start().await;
    let mut client = server.entities().await;
    let parent = "collections/default/entities/none".to_owned();
    let request = ListRelatedEntitiesRequest { parent, ..Default::default() };
    let status = client.list_related_entities(request).await.unwrap_err();
    assert_error(&status, Code::NotFound, "NOT_FOUND");
    let wrong = ListRelatedEntitiesRequest {
        parent: "Jane Miller".into(),
        types: vec![0],
        order: 9,
        limit: -1,
        example_limit: 4,
        ..Default::default()
    };
    let status = client.list_related_entities(wrong).await.unwrap_err();
    assert_violations(&status, &["parent", "types[0]", "order", "limit", "example_limit"]);
    server.stop().await;
}

fn side_by_side(outlets: &[OutletComparison]) -> Vec<(&str, u64, u64)> {
    outlets.iter().map(|one| (one.source.as_str(), one.quote_count, one.document_count)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outlets_differ_in_how_much_by_whom_and_in_which_words() {
    let server = filled().await;
    let mut client = server.quotes().await;
    let all = CompareOutletsRequest { limit: 100, ..CompareOutletsRequest::default() };
    let answer = client.compare_outlets(all).await.unwrap().into_inner();
    assert_eq!(answer.total_size, 7);
    assert_eq!(side_by_side(&answer.outlets), [("Herald", 4, 3), ("Times", 2, 2)]);
    let [herald, times] = answer.outlets.as_slice() else { panic!("two outlets") };
    assert!((herald.share - 4.0 / 7.0).abs() < 1e-9);
    assert_eq!(buckets(&herald.speakers), [("Robert Brown", 3), ("Jane Miller", 1)]);
    assert_eq!(buckets(&times.speakers), [("Jane Miller", 2)]);
    assert_eq!(buckets(&herald.exclusive_speakers), [("Robert Brown", 3)]);
    assert_eq!(buckets(&times.exclusive_speakers), []);
    assert_eq!(buckets(&times.mentions), [("Kiruna", 2)]);
    let has = |outlet: &OutletComparison, word: &str| outlet.words.iter().any(|one| one.word == word);
    assert!(has(times, "harbour") && !has(times, "ferry"), "{:?}", times.words);
    assert!(has(herald, "ferry") && !has(herald, "harbour"), "{:?}", herald.words);

    let sources = vec!["Tribune".to_owned(), "Times".to_owned()];
    let request = CompareOutletsRequest { sources, limit: 1, ..Default::default() };
    let answer = client.compare_outlets(request.clone()).await.unwrap().into_inner();
    assert_eq!(
        (answer.total_size, side_by_side(&answer.outlets)),
        (7, vec![("Times", 2, 2), ("Tribune", 0, 0)])
    );
    assert_eq!(buckets(&answer.outlets[0].exclusive_speakers), [("Jane Miller", 2)]);
    assert!(answer.outlets[0].words.is_empty(), "there is nothing that the other one has less often");

    let elsewhere = Some(QuoteFilter { sources: vec!["Herald".into()], ..QuoteFilter::default() });
    let answer = client.compare_outlets(CompareOutletsRequest { filter: elsewhere, ..request }).await;
    let outlets = answer.unwrap().into_inner().outlets;
    assert_eq!(
        side_by_side(&outlets),
        [("Tribune", 0, 0), ("Times", 0, 0)],
        "of other outlets' quotes they have none"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn comparisons_that_make_no_sense_are_refused_and_unknown_names_are_told() {
    let server = filled().await;
    let mut client = server.quotes().await;
    let mut refused = async |sources: &[&str], limit: i32, fields: &[&str]| {
        let sources = sources.iter().map(|source| source.to_string()).collect();
        let request = CompareOutletsRequest { sources, limit, ..CompareOutletsRequest::default() };
        assert_violations(&client.compare_outlets(request).await.unwrap_err(), fields);
    };
    refused(&["Times"], 0, &["sources"]).await;
    refused(&["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K"], 0, &["sources"]).await;
    refused(&["Times", "Herald", "Times"], 0, &["sources[2]"]).await;
    refused(&["Times", ""], 101, &["sources[1]", "limit"]).await;
    let expression = "speaker = \"Jane Miler\"".to_owned();
    let filter = Some(QuoteFilter { expression, ..QuoteFilter::default() });
    let request = CompareOutletsRequest { filter, ..CompareOutletsRequest::default() };
    let answer = client.compare_outlets(request).await.unwrap().into_inner();
    assert_eq!((answer.total_size, answer.outlets), (0, vec![]));
    assert_eq!(answer.unknown_names[0].suggestions[0].display_name, "Jane Miller");
    let parent = "collections/none".into();
    let request = CompareOutletsRequest { parent, ..CompareOutletsRequest::default() };
    assert_eq!(client.compare_outlets(request).await.unwrap_err().code(), Code::NotFound);
    server.stop().await;
}
