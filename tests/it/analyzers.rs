//! Several analyzers in one service: asked for by name, told apart by their stamps.

use crate::cli::{Service, run, text};
use crate::operations::done;
use crate::server::{TestServer, assert_violations, statement};
use dictum::transport::wire::document_service_client::DocumentServiceClient;
use dictum::transport::wire::operation::{Metadata, Result as Outcome};
use dictum::transport::wire::{
    AckLevel, AnalyzeRequest, AnalyzerStamp, Document, GetDocumentRequest, IngestDocumentRequest,
    ListAnalyzersRequest, ReanalyzeDocumentsRequest, UpdateDocumentRequest,
};
use prost_types::FieldMask;
use tonic::transport::Channel;

const ACCURATE: &str = "dictum-en";
const FAST: &str = "dictum-en-fast";

async fn listed(server: &TestServer) -> Vec<AnalyzerStamp> {
    let answer = server.analysis().await.list_analyzers(ListAnalyzersRequest {}).await;
    answer.unwrap().into_inner().analyzers
}

/// Who made the analysis of a stored document.
async fn maker(server: &TestServer, id: &str) -> AnalyzerStamp {
    maker_in(&mut server.documents().await, id).await
}

async fn maker_in(documents: &mut DocumentServiceClient<Channel>, id: &str) -> AnalyzerStamp {
    let name = format!("collections/default/documents/{id}");
    let request = GetDocumentRequest { name, ..Default::default() };
    let answer = documents.get_document(request).await.unwrap().into_inner();
    answer.document.unwrap().analyzer.unwrap()
}

async fn put(server: &TestServer, id: &str, what: &str, analyzer: &str) {
    let document = Document { text: statement("Jane Miller", what), ..Default::default() };
    let request = IngestDocumentRequest {
        document_id: id.into(),
        document: Some(document),
        ack_level: AckLevel::Searchable.into(),
        analyzer: analyzer.into(),
        ..Default::default()
    };
    server.documents().await.ingest_document(request).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_is_analysed_by_the_analyzer_that_is_asked_for() {
    let server = TestServer::start().await;
    let analyzers = listed(&server).await;
    let names: Vec<&str> = analyzers.iter().map(|stamp| stamp.name.as_str()).collect();
    assert_eq!(names, [ACCURATE, FAST]);
    assert_ne!(analyzers[0].hash, analyzers[1].hash);
    let mut client = server.analysis().await;
    for (name, stamp) in [("", &analyzers[0]), (ACCURATE, &analyzers[0]), (FAST, &analyzers[1])] {
        let text = statement("Jane Miller", "We will build the bridge");
        let request = AnalyzeRequest { text, analyzer: name.into(), ..Default::default() };
        let analysis = client.analyze(request).await.unwrap().into_inner().analysis.unwrap();
        assert_eq!(analysis.analyzer.as_ref(), Some(stamp));
        assert_eq!(analysis.quotes[0].speaker.as_ref().unwrap().name, "Jane Miller", "{name}");
    }
    let request = AnalyzeRequest { text: "x".into(), analyzer: "dictum-de".into(), ..Default::default() };
    let status = client.analyze(request).await.unwrap_err();
    assert_violations(&status, &["analyzer"]);
    assert!(status.message().contains(FAST), "{status:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_says_who_analysed_it_and_keeps_that_until_it_is_renewed() {
    let server = TestServer::start().await;
    let [accurate, fast] = <[_; 2]>::try_from(listed(&server).await).unwrap();
    put(&server, "a", "Plan one is good", "").await;
    put(&server, "b", "Plan two is good", FAST).await;
    assert_eq!((maker(&server, "a").await, maker(&server, "b").await), (accurate.clone(), fast.clone()));

    put(&server, "b", "Plan two is good", ACCURATE).await;
    assert_eq!(maker(&server, "b").await, fast, "what is stored already stays as it is");

    let retitled = Document {
        name: "collections/default/documents/b".into(),
        title: "Plans".into(),
        ..Default::default()
    };
    let mut update = UpdateDocumentRequest {
        document: Some(retitled),
        update_mask: Some(FieldMask { paths: vec!["title".into()] }),
        ..Default::default()
    };
    server.documents().await.update_document(update.clone()).await.unwrap();
    assert_eq!(maker(&server, "b").await, fast, "a title needs no new analysis");
    update.document.as_mut().unwrap().title = "Good plans".into();
    update.analyzer = ACCURATE.into();
    server.documents().await.update_document(update).await.unwrap();
    assert_eq!(maker(&server, "b").await, accurate, "it was asked for");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn analyses_are_renewed_by_the_analyzer_that_is_asked_for() {
    let server = TestServer::start().await;
    put(&server, "a", "Plan one is good", FAST).await;
    put(&server, "b", "Plan two is good", ACCURATE).await;
    let request = ReanalyzeDocumentsRequest { only_older: true, analyzer: FAST.into(), ..Default::default() };
    let answer = server.documents().await.reanalyze_documents(request).await.unwrap().into_inner();
    let operation = done(&server, &answer.operation.unwrap()).await;
    let Some(Metadata::ReanalyzeDocuments(metadata)) = &operation.metadata else { panic!("{operation:?}") };
    assert_eq!((metadata.only_older, metadata.analyzer.as_str()), (true, FAST));
    let Some(Outcome::ReanalyzeDocumentsResult(result)) = &operation.result else { panic!("{operation:?}") };
    assert_eq!((result.reanalyzed_count, result.skipped_count), (1, 1));
    assert_eq!((maker(&server, "a").await.name, maker(&server, "b").await.name), (FAST.into(), FAST.into()));
    let wrong = ReanalyzeDocumentsRequest { analyzer: "fast".into(), ..Default::default() };
    let status = server.documents().await.reanalyze_documents(wrong).await.unwrap_err();
    assert_violations(&status, &["analyzer"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_configuration_says_which_analyzer_is_used_where_nobody_asks() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start_with(folder.path(), "127.0.0.1:0", &["--analyzer", FAST]);
    let file = folder.path().join("a.txt");
    std::fs::write(&file, statement("Jane Miller", "Plan one is good")).unwrap();
    let file = file.to_str().unwrap();
    let mut documents = DocumentServiceClient::connect(format!("http://{}", service.address)).await.unwrap();
    assert!(service.run(&["ingest", file]).status.success());
    assert_eq!(maker_in(&mut documents, "a").await.name, FAST);
    assert!(service.run(&["reanalyze", "--older", "--analyzer", ACCURATE]).status.success());
    assert_eq!(maker_in(&mut documents, "a").await.name, ACCURATE);
    drop(documents);
    assert_eq!(service.stop(), Some(0));
    let local = run(&["analyze", "--format", "json", "--analyzer", FAST, file]);
    assert_eq!(crate::cli::json_lines(&local.stdout)[0]["analyzer"]["name"], FAST);
    let wrong = run(&["serve", "--analyzer", "dictum"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("must be dictum-en or dictum-en-fast"), "{wrong:?}");
}
