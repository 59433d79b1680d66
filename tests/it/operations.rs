//! Long-running operations: purges, renewed analyses, and looking after them.

use crate::server::{SOON, TestServer, assert_error, assert_violations, statement};
use dictum::transport::wire::operation::Result as Outcome;
use dictum::transport::wire::purge_documents_request::Age;
use dictum::transport::wire::{
    CancelOperationRequest, CreateCollectionRequest, DeleteOperationRequest, Document, DocumentFilter,
    GetOperationRequest, IngestDocumentRequest, ListDocumentsRequest, ListOperationsRequest, Operation,
    OperationState, PurgeDocumentsRequest, ReanalyzeDocumentsRequest, SearchQuotesRequest,
    WaitOperationRequest,
};
use prost_types::{Duration, Timestamp};
use tonic::Code;

async fn put(server: &TestServer, id: &str, document: Document) {
    let request =
        IngestDocumentRequest { document_id: id.into(), document: Some(document), ..Default::default() };
    server.documents().await.ingest_document(request).await.unwrap();
}

async fn dated(server: &TestServer, id: &str, what: &str, seconds: i64) {
    let publish_time = (seconds > 0).then_some(Timestamp { seconds, nanos: 0 });
    put(server, id, Document { text: statement("Jane Miller", what), publish_time, ..Default::default() })
        .await;
}

async fn ids(server: &TestServer) -> Vec<String> {
    let listed = server.documents().await.list_documents(ListDocumentsRequest::default()).await.unwrap();
    let name = |document: Document| document.name.rsplit('/').next().unwrap().to_owned();
    listed.into_inner().documents.into_iter().map(name).collect()
}

/// The operation when it is over. A re-analysis gives way to everything else, so that it may take its time.
pub async fn done(server: &TestServer, operation: &Operation) -> Operation {
    for _ in 0..12 {
        let timeout = Some(Duration { seconds: SOON.as_secs() as i64, nanos: 0 });
        let request = WaitOperationRequest { name: operation.name.clone(), timeout };
        let answer = server.operations().await.wait_operation(request).await.unwrap();
        let operation = answer.into_inner().operation.unwrap();
        if operation.done {
            return operation;
        }
    }
    panic!("{} does not end", operation.name);
}

async fn purge(server: &TestServer, request: PurgeDocumentsRequest) -> Operation {
    let answer = server.documents().await.purge_documents(request).await.unwrap().into_inner();
    answer.operation.unwrap()
}

fn by_text(text: &str) -> Option<DocumentFilter> {
    Some(DocumentFilter { text: text.into(), ..Default::default() })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purge_deletes_what_its_filter_and_its_age_mean_and_nothing_else() {
    let server = TestServer::start().await;
    dated(&server, "old", "The harbour stays open", 1_000_000_000).await;
    dated(&server, "older", "The harbour closes", 900_000_000).await;
    dated(&server, "other", "Trains run late", 900_000_000).await;
    dated(&server, "new", "The harbour is new", 0).await;
    let request = PurgeDocumentsRequest {
        filter: by_text("harbour"),
        age: Some(Age::Before(Timestamp { seconds: 950_000_000, nanos: 0 })),
        ..Default::default()
    };
    let mut documents = server.documents().await;
    let count = PurgeDocumentsRequest { validate_only: true, ..request.clone() };
    let counted = documents.purge_documents(count).await.unwrap().into_inner();
    assert_eq!((counted.document_count, counted.operation), (1, None));
    assert_eq!(counted.sample, ["collections/default/documents/older"]);
    assert_eq!(ids(&server).await.len(), 4, "counting deletes nothing");

    let operation = done(&server, &purge(&server, request).await).await;
    assert_eq!(operation.state(), OperationState::Succeeded);
    let Some(Outcome::PurgeDocumentsResult(result)) = operation.result else { panic!("{operation:?}") };
    assert_eq!((result.deleted_count, result.erased), (1, false));
    assert_eq!(ids(&server).await, ["new", "old", "other"]);

    let year = Some(Age::OlderThan(Duration { seconds: 365 * 86_400, nanos: 0 }));
    done(&server, &purge(&server, PurgeDocumentsRequest { age: year, ..Default::default() }).await).await;
    assert_eq!(ids(&server).await, ["new"], "a document without a time is as old as its ingest");

    let status = documents.purge_documents(PurgeDocumentsRequest::default()).await.unwrap_err();
    assert_violations(&status, &["filter"]);
    assert_eq!(ids(&server).await, ["new"], "a purge of everything is nobody's wish");
    let by_name =
        DocumentFilter { documents: vec!["collections/default/documents/new".into()], ..Default::default() };
    let named = PurgeDocumentsRequest { filter: Some(by_name), ..Default::default() };
    done(&server, &purge(&server, named).await).await;
    assert!(ids(&server).await.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operations_take_every_filter_that_searches_take() {
    let server = TestServer::start().await;
    dated(&server, "keep", "The harbour stays open", 1_000_000_000).await;
    dated(&server, "go", "The harbour closes", 900_000_000).await;
    dated(&server, "other", "Trains run late", 900_000_000).await;
    let expression = "article : harbour AND NOT published > 2000".to_owned();
    let filter = Some(DocumentFilter { expression, ..Default::default() });
    let reanalyze = ReanalyzeDocumentsRequest { filter: filter.clone(), ..Default::default() };
    let answer = server.documents().await.reanalyze_documents(reanalyze).await.unwrap().into_inner();
    let operation = done(&server, &answer.operation.unwrap()).await;
    let Some(Outcome::ReanalyzeDocumentsResult(result)) = operation.result else { panic!("{operation:?}") };
    assert_eq!((result.reanalyzed_count, result.skipped_count), (1, 0));
    done(&server, &purge(&server, PurgeDocumentsRequest { filter, ..Default::default() }).await).await;
    assert_eq!(ids(&server).await, ["keep", "other"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn analyses_are_renewed_without_a_new_revision_and_only_once() {
    let server = TestServer::start().await;
    for n in 0..5 {
        server.ingest(&format!("d{n}"), &statement("Jane Miller", &format!("Plan {n} is good"))).await;
    }
    let request = ReanalyzeDocumentsRequest::default();
    let mut documents = server.documents().await;
    let operation =
        documents.reanalyze_documents(request.clone()).await.unwrap().into_inner().operation.unwrap();
    let operation = done(&server, &operation).await;
    let Some(Outcome::ReanalyzeDocumentsResult(result)) = operation.result else { panic!("{operation:?}") };
    assert_eq!((result.reanalyzed_count, result.skipped_count, result.failed_count), (5, 0, 0));
    let older = ReanalyzeDocumentsRequest { only_older: true, ..request };
    let operation = documents.reanalyze_documents(older).await.unwrap().into_inner().operation.unwrap();
    let operation = done(&server, &operation).await;
    let Some(Outcome::ReanalyzeDocumentsResult(result)) = operation.result else { panic!("{operation:?}") };
    assert_eq!((result.reanalyzed_count, result.skipped_count), (0, 5), "no analysis is older");
    let listed =
        documents.list_documents(ListDocumentsRequest::default()).await.unwrap().into_inner().documents;
    assert!(listed.iter().all(|document| document.revision == 1 && document.quote_count == 1));
    let found = server.quotes().await.search_quotes(SearchQuotesRequest::default()).await.unwrap();
    assert_eq!(found.into_inner().total_size, 5);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operations_are_listed_waited_for_called_off_and_forgotten() {
    let server = TestServer::start().await;
    dated(&server, "a", "Plan is good", 0).await;
    let mut names = Vec::new();
    for _ in 0..3 {
        let operation =
            purge(&server, PurgeDocumentsRequest { filter: by_text("nothing"), ..Default::default() });
        names.push(done(&server, &operation.await).await.name);
    }
    let mut operations = server.operations().await;
    let list = ListOperationsRequest { page_size: 2, ..Default::default() };
    let first = operations.list_operations(list.clone()).await.unwrap().into_inner();
    assert_eq!((first.operations.len(), first.total_size), (2, 3));
    let rest = ListOperationsRequest { page_token: first.next_page_token, ..list };
    let rest = operations.list_operations(rest).await.unwrap().into_inner();
    let listed = first.operations.iter().chain(&rest.operations).map(|operation| operation.name.clone());
    assert!(listed.eq(names.iter().rev().cloned()), "the latest first");
    let active = ListOperationsRequest { only_active: true, ..Default::default() };
    assert_eq!(operations.list_operations(active).await.unwrap().into_inner().total_size, 0);

    let name = names[0].clone();
    let cancel = CancelOperationRequest { name: name.clone() };
    let cancelled = operations.cancel_operation(cancel).await.unwrap().into_inner().operation.unwrap();
    assert_eq!(cancelled.state(), OperationState::Succeeded, "what has ended stays as it is");
    operations.delete_operation(DeleteOperationRequest { name: name.clone() }).await.unwrap();
    let get = operations.get_operation(GetOperationRequest { name }).await.unwrap_err();
    assert_error(&get, Code::NotFound, "NOT_FOUND");
    let wrong =
        operations.get_operation(GetOperationRequest { name: "operations/x".into() }).await.unwrap_err();
    assert_violations(&wrong, &["name"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_goes_on_after_a_restart_and_can_be_called_off() {
    let server = TestServer::start().await;
    for n in 0..30 {
        dated(&server, &format!("d{n:02}"), &format!("Plan {n} is good"), 0).await;
    }
    let start = async |server: &TestServer| {
        let request = ReanalyzeDocumentsRequest::default();
        let answer = server.documents().await.reanalyze_documents(request).await.unwrap().into_inner();
        answer.operation.unwrap()
    };
    let begun = start(&server).await;
    let server = server.restart(|_| ()).await;
    let ended = done(&server, &begun).await;
    assert_eq!(ended.state(), OperationState::Succeeded, "{ended:?}");

    let (one, two) = (start(&server).await, start(&server).await);
    for operation in [&two, &one] {
        let cancel = CancelOperationRequest { name: operation.name.clone() };
        let operation =
            server.operations().await.cancel_operation(cancel).await.unwrap().into_inner().operation.unwrap();
        assert!(operation.done);
        if operation.state() == OperationState::Cancelled {
            assert!(
                matches!(&operation.result, Some(Outcome::Error(error)) if error.code == 1),
                "{operation:?}"
            );
        }
    }
    server.stop().await;
}

/// Whether any file under the data directory holds these bytes.
fn on_disk(dir: &std::path::Path, needle: &[u8]) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![dir.to_owned()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if memchr::memmem::find(&std::fs::read(&path).unwrap(), needle).is_some() {
            found.push(path);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_leaves_nothing_of_a_document_on_the_disk() {
    let server = TestServer::start().await;
    // A word that compression cannot hide, in a document, in its revision, in a quote and in the name of an entity.
    let secret = "Qxzvkwjylp";
    let text = |n: u8| {
        format!("“The {secret} plan {n} is good,” {secret} Moreno said on Monday.\n\nIt rained for days.")
    };
    for n in 0..20 {
        dated(&server, &format!("d{n}"), &format!("Plan {n} is good"), 0).await;
    }
    for n in 0..3 {
        server.ingest("secret", &text(n)).await;
    }
    server.ingest("also", &text(9)).await;
    let path = server.path().to_owned();
    assert!(!on_disk(&path, secret.as_bytes()).is_empty(), "the test sees what is there");
    let open = SearchQuotesRequest { page_size: 1, ..Default::default() };
    let first = server.quotes().await.search_quotes(open.clone()).await.unwrap().into_inner();
    let request = PurgeDocumentsRequest { filter: by_text(secret), erase: true, ..Default::default() };
    let operation = done(&server, &purge(&server, request).await).await;
    let Some(Outcome::PurgeDocumentsResult(result)) = operation.result else { panic!("{operation:?}") };
    assert_eq!((result.deleted_count, result.erased), (2, true));
    for part in [secret, &secret.to_lowercase()] {
        let found = on_disk(&path, part.as_bytes());
        assert!(found.is_empty(), "{found:?} hold {part}");
    }
    let next = SearchQuotesRequest { page_token: first.next_page_token, ..open };
    let status = server.quotes().await.search_quotes(next).await.unwrap_err();
    assert_error(&status, Code::Aborted, "VIEW_EXPIRED");
    let found =
        server.quotes().await.search_quotes(SearchQuotesRequest::default()).await.unwrap().into_inner();
    assert_eq!(found.total_size, 20, "the others are there");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_needs_a_collection_that_exists_and_keeps_to_it() {
    let server = TestServer::start().await;
    let create = CreateCollectionRequest { collection_id: "news".into() };
    server.collections().await.create_collection(create).await.unwrap();
    dated(&server, "a", "Plan is good", 0).await;
    let request = |parent: &str| PurgeDocumentsRequest {
        parent: parent.into(),
        age: Some(Age::OlderThan(Duration { seconds: 0, nanos: 0 })),
        ..Default::default()
    };
    let status = server.documents().await.purge_documents(request("collections/none")).await.unwrap_err();
    assert_error(&status, Code::NotFound, "NOT_FOUND");
    done(&server, &purge(&server, request("collections/news")).await).await;
    assert_eq!(ids(&server).await, ["a"]);
    server.stop().await;
}
