//! Revisions: permanent links to quotes, expected revisions, and changes of single fields.

use crate::server::{TestServer, assert_error, assert_violations, error, statement};
use dictum::transport::wire::{
    DeleteDocumentRequest, Document, DocumentView, GetDocumentRequest, GetQuoteRequest,
    IngestDocumentRequest, IngestOutcome, IngestReceipt, QuoteFilter, QuoteResult, SearchQuotesRequest,
    UpdateDocumentRequest,
};
use prost_types::{FieldMask, Timestamp};
use tonic::{Code, Status};

const DOCUMENT: &str = "collections/default/documents/a";
const HARBOUR: &str = "The harbour stays open";
const TRAINS: &str = "The trains run again";

async fn quotes(server: &TestServer) -> Vec<QuoteResult> {
    let filter = Some(QuoteFilter { document: DOCUMENT.into(), ..Default::default() });
    let request = SearchQuotesRequest { filter, ..Default::default() };
    server.quotes().await.search_quotes(request).await.unwrap().into_inner().results
}

async fn get(server: &TestServer, name: &str) -> Result<QuoteResult, Status> {
    let request = GetQuoteRequest { name: name.into(), ..Default::default() };
    Ok(server.quotes().await.get_quote(request).await?.into_inner().result.unwrap())
}

fn both() -> String {
    format!("“{HARBOUR},” Jane Miller said on Monday.\n\n“{TRAINS},” Robert Brown said.")
}

fn content(result: &QuoteResult) -> &str {
    &result.quote.as_ref().unwrap().contents[0].text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_quotation_keeps_its_name_over_revisions_and_restarts() {
    let server = TestServer::start().await;
    server.ingest("a", &both()).await;
    let before = quotes(&server).await;
    assert_eq!(before.len(), 2);
    let revised = format!("An introduction that was not there.\n\n{}", both().replace(['“', '”'], "\""));
    server.ingest("a", &revised).await;
    let after = quotes(&server).await;
    let names =
        |results: &[QuoteResult]| results.iter().map(|result| result.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&after), names(&before), "other marks and another place are the same words");
    assert_ne!(before[0].name, before[1].name);
    let server = server.restart(|_| ()).await;
    assert_eq!(content(&get(&server, &before[0].name).await.unwrap()), format!("\"{HARBOUR},\""));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_words_twice_in_a_document_are_two_quotes() {
    let server = TestServer::start().await;
    let text = "“No,” Jane Miller said on Monday.\n\n“No,” Robert Brown said on Tuesday.";
    server.ingest("a", text).await;
    let found = quotes(&server).await;
    assert_eq!(found.len(), 2);
    assert_ne!(found[0].name, found[1].name);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quote_that_is_gone_says_where_it_was_last_and_is_still_there() {
    let server = TestServer::start().await;
    server.ingest("a", &both()).await;
    let gone = quotes(&server).await[0].name.clone();
    server.ingest("a", &statement("Robert Brown", TRAINS)).await;
    let status = get(&server, &gone).await.unwrap_err();
    let (code, reason, details) = error(&status);
    assert_eq!((code, reason.as_str()), (Code::NotFound, "QUOTE_GONE"));
    assert_eq!(details.error_info().unwrap().metadata["last_revision"], "1");
    let (_, reason, _) = error(&get(&server, &format!("{gone}@2")).await.unwrap_err());
    assert_eq!(reason, "QUOTE_GONE", "it is not in that revision, but in the one before");
    let kept = get(&server, &format!("{gone}@1")).await.unwrap();
    assert_eq!((content(&kept), kept.document.as_ref().unwrap().revision), ("“The harbour stays open,”", 1));

    server.ingest("a", &statement("Jane Miller", "Something else")).await;
    let status = get(&server, &format!("{gone}@1")).await.unwrap_err();
    assert_error(&status, Code::NotFound, "REVISION_NOT_KEPT");
    let (_, reason, details) = error(&get(&server, &gone).await.unwrap_err());
    assert_eq!(
        (reason.as_str(), details.error_info().unwrap().metadata["last_revision"].as_str()),
        ("QUOTE_GONE", "1")
    );

    server.ingest("a", &both()).await;
    assert_eq!(content(&get(&server, &gone).await.unwrap()), "“The harbour stays open,”", "it has come back");
    for wrong in ["@0", "@01", "@+1", "@x", "@"] {
        assert_violations(&get(&server, &format!("{gone}{wrong}")).await.unwrap_err(), &["name"]);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_revision_before_the_current_one_is_kept_whole() {
    let server = TestServer::start().await;
    for n in 1..=3 {
        server.ingest("a", &statement("Jane Miller", &format!("Version {n}"))).await;
    }
    let get = async |revision: &str| {
        let name = format!("{DOCUMENT}{revision}");
        let request = GetDocumentRequest { name, view: DocumentView::Full.into(), ..Default::default() };
        server
            .documents()
            .await
            .get_document(request)
            .await
            .map(|answer| answer.into_inner().document.unwrap())
    };
    for (revision, n) in [("", 3), ("@3", 3), ("@2", 2)] {
        let document = get(revision).await.unwrap();
        assert_eq!(document.revision, n);
        assert!(document.text.contains(&format!("Version {n}")) && document.analysis.is_some());
    }
    assert_error(&get("@1").await.unwrap_err(), Code::NotFound, "REVISION_NOT_KEPT");
    server.stop().await;
}

async fn ingest(server: &TestServer, text: &str, expected: Option<u32>) -> Result<IngestReceipt, Status> {
    let request = IngestDocumentRequest {
        document_id: "a".into(),
        document: Some(Document { text: text.into(), ..Default::default() }),
        expected_revision: expected,
        ..Default::default()
    };
    Ok(server.documents().await.ingest_document(request).await?.into_inner().receipt.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_expects_another_revision_changes_nothing_and_names_the_current_one() {
    let server = TestServer::start().await;
    assert_eq!(ingest(&server, "One.", Some(0)).await.unwrap().revision, 1);
    assert_eq!(ingest(&server, "Two.", Some(1)).await.unwrap().revision, 2);
    let stale = [ingest(&server, "Three.", Some(1)).await, ingest(&server, "Three.", Some(0)).await];
    let delete = |expected| DeleteDocumentRequest {
        name: DOCUMENT.into(),
        expected_revision: Some(expected),
        ..Default::default()
    };
    let mut documents = server.documents().await;
    let deleted = documents.delete_document(delete(1)).await.map(|_| IngestReceipt::default());
    for status in stale.into_iter().chain([deleted]) {
        let (code, reason, details) = error(&status.unwrap_err());
        assert_eq!((code, reason.as_str()), (Code::Aborted, "REVISION_MISMATCH"));
        assert_eq!(details.error_info().unwrap().metadata["current_revision"], "2");
    }
    documents.delete_document(delete(2)).await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_changes_what_it_names_without_a_new_analysis_where_none_is_needed() {
    let server = TestServer::start().await;
    let sent = Document {
        text: statement("Jane Miller", HARBOUR),
        title: "Old".into(),
        source: "Daily".into(),
        labels: [("desk".to_owned(), "city".to_owned()), ("kept".to_owned(), "yes".to_owned())].into(),
        ..Default::default()
    };
    server.ingest_document("a", sent.clone()).await;
    let before = quotes(&server).await;
    let mut documents = server.documents().await;
    let update = |document: Document, paths: &[&str], expected: Option<u32>| UpdateDocumentRequest {
        document: Some(Document { name: DOCUMENT.into(), ..document }),
        update_mask: Some(FieldMask { paths: paths.iter().map(|path| path.to_string()).collect() }),
        expected_revision: expected,
        ack_level: dictum::transport::wire::AckLevel::Searchable.into(),
        ..Default::default()
    };
    let new = Document {
        title: "New".into(),
        labels: [("desk".to_owned(), "port".to_owned())].into(),
        ..Default::default()
    };
    let receipt = documents.update_document(update(new, &["title", "source", "labels.desk"], Some(1))).await;
    let receipt = receipt.unwrap().into_inner().receipt.unwrap();
    assert_eq!((receipt.outcome(), receipt.revision, receipt.quote_count), (IngestOutcome::Revised, 2, 1));
    let found = quotes(&server).await;
    let summary = found[0].document.as_ref().unwrap();
    assert_eq!((summary.title.as_str(), summary.source.as_str()), ("New", ""));
    assert_eq!((summary.labels["desk"].as_str(), summary.labels["kept"].as_str()), ("port", "yes"));
    assert_eq!((&found[0].name, &found[0].quote), (&before[0].name, &before[0].quote));

    let dated =
        Document { publish_time: Some(Timestamp { seconds: 1_700_000_000, nanos: 0 }), ..Default::default() };
    let receipt = documents.update_document(update(dated.clone(), &["publish_time"], None)).await.unwrap();
    assert_eq!(receipt.into_inner().receipt.unwrap().revision, 3);
    let again = documents.update_document(update(dated, &["publish_time"], None)).await.unwrap();
    assert_eq!(again.into_inner().receipt.unwrap().outcome(), IngestOutcome::AlreadyCurrent);

    let stale =
        documents.update_document(update(Document::default(), &["title"], Some(1))).await.unwrap_err();
    assert_error(&stale, Code::Aborted, "REVISION_MISMATCH");
    let status =
        documents.update_document(update(Document::default(), &["revision"], None)).await.unwrap_err();
    assert_violations(&status, &["update_mask.paths[0]"]);
    let status = documents.update_document(update(Document::default(), &[], None)).await.unwrap_err();
    assert_violations(&status, &["update_mask"]);
    let nobody = Document { name: "collections/default/documents/zzz".into(), ..Default::default() };
    let request =
        UpdateDocumentRequest { document: Some(nobody), ..update(Document::default(), &["title"], None) };
    assert_error(&documents.update_document(request).await.unwrap_err(), Code::NotFound, "NOT_FOUND");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collection_that_is_not_there_is_told_before_any_revision() {
    let server = TestServer::start().await;
    for expected_revision in [None, Some(0), Some(5)] {
        let request = IngestDocumentRequest {
            parent: "collections/none".into(),
            document_id: "a".into(),
            document: Some(Document { text: both(), ..Document::default() }),
            expected_revision,
            ..Default::default()
        };
        let status = server.documents().await.ingest_document(request).await.unwrap_err();
        assert_error(&status, Code::NotFound, "NOT_FOUND");
    }
    server.stop().await;
}
