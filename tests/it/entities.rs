//! `EntityService`.

use crate::server::{TestServer, assert_error, assert_violations, statement};
use dictum::transport::wire::{
    Document, EntityFilter, EntityType, GetEntityRequest, ListMentionsRequest, QuoteFilter,
    SearchEntitiesRequest, SearchQuotesRequest, SuggestEntitiesRequest,
};
use tonic::Code;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entity_gathers_what_its_documents_say() {
    let server = TestServer::start().await;
    server.ingest("a", &statement("Jane Miller", "The harbour stays open")).await;
    server.ingest("b", &statement("Jane Miller", "The trains run")).await;
    server.ingest("c", &statement("Robert Brown", "Fees will rise")).await;
    let mut client = server.entities().await;
    let search = SearchEntitiesRequest {
        filter: Some(EntityFilter { name_prefix: "mil".into(), types: vec![EntityType::Person.into()] }),
        ..Default::default()
    };
    let found = client.search_entities(search).await.unwrap().into_inner();
    assert_eq!((found.total_size, found.entities.len()), (1, 1), "{found:?}");
    let entity = &found.entities[0];
    assert_eq!((entity.display_name.as_str(), entity.r#type()), ("Jane Miller", EntityType::Person));
    assert_eq!((entity.document_count, entity.quote_count), (2, 2));
    assert_eq!(entity.aliases[0].text, "Jane Miller");
    let get = GetEntityRequest { name: entity.name.clone(), ..Default::default() };
    assert_eq!(client.get_entity(get).await.unwrap().into_inner().entity.as_ref(), Some(entity));

    let mentions = ListMentionsRequest { parent: entity.name.clone(), page_size: 1, ..Default::default() };
    let first = client.list_mentions(mentions.clone()).await.unwrap().into_inner();
    assert_eq!((first.mentions.len(), first.total_documents), (1, 2));
    let next = ListMentionsRequest { page_token: first.next_page_token.clone(), ..mentions };
    let second = client.list_mentions(next).await.unwrap().into_inner();
    let mut names = Vec::new();
    for result in first.mentions.iter().chain(&second.mentions) {
        let span = result.mention.as_ref().unwrap().span.as_ref().unwrap();
        assert_eq!(span.text, "Jane Miller");
        assert!(result.sentence.as_ref().unwrap().text.contains("said on Monday"));
        names.push(result.document.as_ref().unwrap().name.clone());
    }
    names.sort();
    assert_eq!(names, ["collections/default/documents/a", "collections/default/documents/b"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entities_that_are_not_there_or_have_no_name_are_refused() {
    let server = TestServer::start().await;
    let mut client = server.entities().await;
    let get = |name: &str| GetEntityRequest { name: name.into(), ..Default::default() };
    let status = client.get_entity(get("collections/default/entities/none")).await.unwrap_err();
    assert_error(&status, Code::NotFound, "NOT_FOUND");
    assert_violations(&client.get_entity(get("Jane Miller")).await.unwrap_err(), &["name"]);
    let list = ListMentionsRequest { parent: "collections/default".into(), ..Default::default() };
    assert_violations(&client.list_mentions(list).await.unwrap_err(), &["parent"]);
    let types = vec![EntityType::Unspecified.into(), 99];
    let search = SearchEntitiesRequest {
        filter: Some(EntityFilter { types, ..Default::default() }),
        ..Default::default()
    };
    let status = client.search_entities(search).await.unwrap_err();
    assert_violations(&status, &["filter.types[0]", "filter.types[1]"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_of_an_entity_agree_with_what_queries_for_it_find() {
    let server = TestServer::start().await;
    server.ingest("a", &statement("Jane Miller", "The harbour stays open")).await;
    server.ingest("b", &statement("Miller", "The trains run")).await;
    server.ingest("c", &statement("Miller", "The trains do not run")).await;
    let search = SearchEntitiesRequest {
        filter: Some(EntityFilter { name_prefix: "jane".into(), ..Default::default() }),
        ..Default::default()
    };
    let found = server.entities().await.search_entities(search).await.unwrap().into_inner();
    let entity = &found.entities[0];
    let list = ListMentionsRequest { parent: entity.name.clone(), ..Default::default() };
    let listed = server.entities().await.list_mentions(list).await.unwrap().into_inner();
    let mut documents: Vec<_> =
        listed.mentions.iter().map(|mention| mention.document.as_ref().unwrap().name.clone()).collect();
    documents.sort();
    documents.dedup();
    assert_eq!((listed.total_documents, documents.len()), (3, 3));
    assert_eq!(entity.document_count, 3);

    let filter = QuoteFilter { speakers: vec!["Jane Miller".into()], ..Default::default() };
    let search = SearchQuotesRequest { filter: Some(filter), ..Default::default() };
    let quotes = server.quotes().await.search_quotes(search).await.unwrap().into_inner();
    assert_eq!((quotes.total_size, quotes.results.len()), (3, 3));
    assert_eq!((entity.quote_count, entity.statement_count), (3, 3));
    server.stop().await;
}

async fn suggested(server: &TestServer, text: &str) -> Vec<(String, String, bool)> {
    let request = SuggestEntitiesRequest { text: text.into(), ..Default::default() };
    let answer = server.entities().await.suggest_entities(request).await.unwrap().into_inner();
    answer.suggestions.into_iter().map(|one| (one.display_name, one.matched, one.corrected)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entities_are_proposed_for_what_is_typed_and_mistyped() {
    let server = TestServer::start().await;
    for (id, name) in [("a", "Jane Millerton"), ("b", "Jane Millerton"), ("c", "Robert Milburn")] {
        let text = statement(name, "The harbour stays open");
        server.ingest_document(id, Document { text, ..Document::default() }).await;
    }
    let row = |name: &str, corrected| (name.to_owned(), name.to_owned(), corrected);
    assert_eq!(suggested(&server, "mil").await, [row("Jane Millerton", false), row("Robert Milburn", false)]);
    assert_eq!(suggested(&server, "mill jan").await, [row("Jane Millerton", false)]);
    assert_eq!(suggested(&server, "Milerton").await, [row("Jane Millerton", true)]);
    assert_eq!(suggested(&server, "jnae milert").await, [row("Jane Millerton", true)]);
    assert_eq!(suggested(&server, "Robret Mil").await, [row("Robert Milburn", true)]);
    assert_eq!(suggested(&server, "zzz").await, []);
    assert_eq!(suggested(&server, "…").await, []);
    let mut client = server.entities().await;
    for (text, limit, fields) in [("", 0, vec!["text"]), ("x", 51, vec!["limit"]), ("x", -1, vec!["limit"])] {
        let request = SuggestEntitiesRequest { text: text.into(), limit, ..Default::default() };
        assert_violations(&client.suggest_entities(request).await.unwrap_err(), &fields);
    }
    let request =
        SuggestEntitiesRequest { text: "x".into(), parent: "collections/none".into(), ..Default::default() };
    assert_eq!(client.suggest_entities(request).await.unwrap_err().code(), tonic::Code::NotFound);
    server.stop().await;
}

/// The document says "Miller" alone, which is taken for the one Miller that the collection knows by a full name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_surname_proposes_the_full_name_that_it_is_taken_for() {
    let server = TestServer::start().await;
    for (id, name) in [("a", "Jane Millerton"), ("b", "Millerton")] {
        let text = statement(name, "The harbour stays open");
        server.ingest_document(id, Document { text, ..Document::default() }).await;
    }
    assert_eq!(
        suggested(&server, "miller").await,
        [("Jane Millerton".into(), "Jane Millerton".into(), false)]
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_for_a_name_that_nobody_has_says_whom_it_may_have_meant() {
    let server = TestServer::start().await;
    let text = statement("Jane Millerton", "The harbour stays open");
    server.ingest_document("a", Document { text, ..Document::default() }).await;
    let unknown = async |filter: QuoteFilter| {
        let request = SearchQuotesRequest { filter: Some(filter), ..Default::default() };
        let answer = server.quotes().await.search_quotes(request).await.unwrap().into_inner();
        let names = answer.unknown_names.into_iter();
        names
            .map(|one| {
                (one.name, one.suggestions.into_iter().map(|one| one.display_name).collect::<Vec<_>>())
            })
            .collect::<Vec<_>>()
    };
    let millerton = |name: &str| vec![(name.to_owned(), vec!["Jane Millerton".to_owned()])];
    let filter = QuoteFilter { speakers: vec!["Jane Milerton".into()], ..Default::default() };
    assert_eq!(unknown(filter).await, millerton("Jane Milerton"));
    let filter =
        QuoteFilter { expression: "speaker = Milertonn OR about : Zyx".into(), ..Default::default() };
    assert_eq!(unknown(filter).await, [millerton("Milertonn"), vec![("Zyx".to_owned(), vec![])]].concat());
    let filter =
        QuoteFilter { speakers: vec!["Jane Millerton".into()], text: "absent".into(), ..Default::default() };
    assert_eq!(unknown(filter).await, [], "the name is known");
    server.stop().await;
}
