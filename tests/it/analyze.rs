//! `AnalysisService`.

use crate::server::{TestServer, assert_violations, statement};
use dictum::transport::wire::analyze_stream_response::Result as Outcome;
use dictum::transport::wire::{
    AnalyzeRequest, AnalyzeStreamRequest, GetCollectionRequest, ListAnalyzersRequest, OffsetEncoding,
};
use std::collections::BTreeMap;

fn request(text: &str) -> AnalyzeRequest {
    AnalyzeRequest { text: text.into(), ..AnalyzeRequest::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn analyze_finds_the_quote_and_stores_nothing() {
    let server = TestServer::start().await;
    let text = statement("Jane Miller", "We will build the bridge");
    let mut client = server.analysis().await;
    let answer = client.analyze(request(&text)).await.unwrap().into_inner();
    let analysis = answer.analysis.unwrap();
    let quote = &analysis.quotes[0];
    assert_eq!(quote.contents[0].text, "“We will build the bridge,”");
    assert_eq!(quote.speaker.as_ref().unwrap().name, "Jane Miller");
    let covered = analysis.coverage.unwrap().analyzed;
    assert_eq!((covered[0].begin, covered[0].end as usize), (0, text.len()));
    let analyzers = client.list_analyzers(ListAnalyzersRequest {}).await.unwrap().into_inner().analyzers;
    assert_eq!(analysis.analyzer.as_ref(), analyzers.first());
    let request = GetCollectionRequest { name: "collections/default".into() };
    let counts = server.collections().await.get_collection(request).await.unwrap().into_inner();
    assert_eq!(counts.collection.unwrap().document_count, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_and_other_offsets_come_on_request() {
    let server = TestServer::start().await;
    let text = statement("Jane Miller", "Schön 👩‍🚀");
    let mut client = server.analysis().await;
    let plain = client.analyze(request(&text)).await.unwrap().into_inner().analysis.unwrap();
    let span = &plain.quotes[0].contents[0];
    assert_eq!((span.utf16, span.code_points), (None, None));
    assert!(plain.quotes[0].speaker.as_ref().unwrap().evidence.is_empty());
    let full = AnalyzeRequest {
        include_evidence: true,
        offset_encodings: vec![OffsetEncoding::CodePoints.into()],
        ..request(&text)
    };
    let full = client.analyze(full).await.unwrap().into_inner().analysis.unwrap();
    let span = &full.quotes[0].contents[0];
    let range = span.code_points.unwrap();
    let slice: String =
        text.chars().skip(range.begin as usize).take((range.end - range.begin) as usize).collect();
    assert_eq!((slice.as_str(), span.utf16), (span.text.as_str(), None));
    assert!(!full.quotes[0].speaker.as_ref().unwrap().evidence.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_answers_every_text_by_its_id_and_survives_bad_ones() {
    let server = TestServer::start().await;
    let texts = (0..40).map(|n| AnalyzeStreamRequest {
        id: n.to_string(),
        request: Some(request(&if n == 7 {
            String::new()
        } else {
            statement(&format!("Anna Smith{n}"), "Yes, we can")
        })),
    });
    let texts: Vec<_> = texts.chain([AnalyzeStreamRequest { id: "none".into(), request: None }]).collect();
    let mut client = server.analysis().await;
    let mut answers = client.analyze_stream(tokio_stream::iter(texts)).await.unwrap().into_inner();
    let mut by_id = BTreeMap::new();
    while let Some(answer) = answers.message().await.unwrap() {
        assert!(by_id.insert(answer.id, answer.result.unwrap()).is_none());
    }
    assert_eq!(by_id.len(), 41);
    for (id, outcome) in by_id {
        match outcome {
            Outcome::Analysis(analysis) => assert_eq!(analysis.quotes.len(), 1, "{id}"),
            Outcome::Error(error) => {
                let field = if id == "none" { "request" } else { "request.text" };
                assert_eq!((error.code, error.field_violations[0].field.as_str()), (3, field));
                assert!(["none", "7"].contains(&id.as_str()));
            }
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thresholds_outside_the_unit_interval_are_refused() {
    let server = TestServer::start().await;
    let bad = AnalyzeRequest { speaker_threshold: Some(-0.1), ..request("Hello.") };
    let status = server.analysis().await.analyze(bad).await.unwrap_err();
    assert_violations(&status, &["speaker_threshold"]);
    server.stop().await;
}
