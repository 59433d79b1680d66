//! `EntityService`.

use crate::server::{TestServer, assert_error, assert_violations, statement};
use dictum::transport::wire::{
    EntityFilter, EntityType, GetEntityRequest, ListMentionsRequest, QuoteFilter, SearchEntitiesRequest,
    SearchQuotesRequest,
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
    let get = GetEntityRequest { name: entity.name.clone() };
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
    let get = |name: &str| GetEntityRequest { name: name.into() };
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
