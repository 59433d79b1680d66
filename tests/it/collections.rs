//! `CollectionService`.

use crate::server::{TestServer, assert_error, assert_violations, statement};
use dictum::transport::wire::{
    AckLevel, CreateCollectionRequest, DeleteCollectionRequest, Document, GetCollectionRequest,
    GetDocumentRequest, IngestDocumentRequest, ListCollectionsRequest, SearchQuotesRequest,
};
use tonic::Code;

fn create(id: &str) -> CreateCollectionRequest {
    CreateCollectionRequest { collection_id: id.into() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collection_lives_from_create_to_delete_with_everything_in_it() {
    let server = TestServer::start().await;
    let mut client = server.collections().await;
    let created = client.create_collection(create("news")).await.unwrap().into_inner().collection.unwrap();
    assert_eq!((created.name.as_str(), created.document_count), ("collections/news", 0));
    assert!(created.create_time.is_some());
    let status = client.create_collection(create("news")).await.unwrap_err();
    assert_error(&status, Code::AlreadyExists, "ALREADY_EXISTS");

    let document = Document { text: statement("Jane Miller", "We will wait"), ..Document::default() };
    let ingest = IngestDocumentRequest {
        parent: "collections/news".into(),
        document_id: "a".into(),
        document: Some(document),
        ack_level: AckLevel::Searchable.into(),
        ..Default::default()
    };
    server.documents().await.ingest_document(ingest).await.unwrap();
    let get = GetCollectionRequest { name: "collections/news".into() };
    let counts = client.get_collection(get.clone()).await.unwrap().into_inner().collection.unwrap();
    assert_eq!((counts.document_count, counts.quote_count), (1, 1));
    assert!(counts.entity_count >= 1);

    let delete = DeleteCollectionRequest { name: "collections/news".into(), allow_missing: false };
    let token = client.delete_collection(delete.clone()).await.unwrap().into_inner().consistency_token;
    assert!(!token.is_empty());
    assert_error(&client.get_collection(get).await.unwrap_err(), Code::NotFound, "NOT_FOUND");
    let document = GetDocumentRequest { name: "collections/news/documents/a".into(), ..Default::default() };
    let status = server.documents().await.get_document(document).await.unwrap_err();
    assert_error(&status, Code::NotFound, "NOT_FOUND");

    assert_eq!(client.delete_collection(delete.clone()).await.unwrap_err().code(), Code::NotFound);
    let missing = DeleteCollectionRequest { allow_missing: true, ..delete };
    let answer = client.delete_collection(missing).await.unwrap().into_inner();
    assert_eq!(answer.consistency_token, "");

    // The same name again is another collection: nothing of the old one shows.
    client.create_collection(create("news")).await.unwrap();
    let search = SearchQuotesRequest {
        parent: "collections/news".into(),
        consistency_token: token,
        ..Default::default()
    };
    let found = server.quotes().await.search_quotes(search).await.unwrap().into_inner();
    assert_eq!(found.total_size, 0, "{found:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_default_collection_is_always_there() {
    let server = TestServer::start().await;
    let mut client = server.collections().await;
    let delete = DeleteCollectionRequest { name: "collections/default".into(), allow_missing: true };
    let status = client.delete_collection(delete).await.unwrap_err();
    assert_error(&status, Code::FailedPrecondition, "FAILED_PRECONDITION");
    let list = client.list_collections(ListCollectionsRequest::default()).await.unwrap().into_inner();
    let names: Vec<&str> = list.collections.iter().map(|collection| collection.name.as_str()).collect();
    assert_eq!((names, list.total_size), (vec!["collections/default"], 1));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn collections_are_listed_page_by_page_and_their_ids_are_checked() {
    let server = TestServer::start().await;
    let mut client = server.collections().await;
    for id in ["a", "b", "c"] {
        client.create_collection(create(id)).await.unwrap();
    }
    let mut names = Vec::new();
    let mut request = ListCollectionsRequest { page_size: 3, ..Default::default() };
    loop {
        let page = client.list_collections(request.clone()).await.unwrap().into_inner();
        assert_eq!(page.total_size, 4);
        names.extend(page.collections.into_iter().map(|collection| collection.name));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(names, ["collections/a", "collections/b", "collections/c", "collections/default"]);
    for id in ["", ".", "..", "a/b", "a b", "é", &"x".repeat(129)] {
        let status = client.create_collection(create(id)).await.unwrap_err();
        assert_violations(&status, &["collection_id"]);
    }
    server.stop().await;
}
