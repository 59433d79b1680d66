//! Documents that come with an analysis.

use super::{documents_of, everything, id, import, made, text};
use crate::operations::done;
use crate::server::{TestServer, assert_violations, sample};
use dictum::transport::wire::ingest_stream_request::Message as Ask;
use dictum::transport::wire::ingest_stream_response::Message as Answer;
use dictum::transport::wire::operation::Result as Outcome;
use dictum::transport::wire::{
    Analysis, AnalyzerStamp, Document, DocumentView, GetDocumentRequest, IngestOutcome, IngestStreamItem,
    IngestStreamOpen, IngestStreamRequest, ListAnalyzersRequest, QuoteFilter, ReanalyzeDocumentsRequest,
    SearchQuotesRequest, Span, SpeakerAlternative, UpdateDocumentRequest,
};
use prost_types::{FieldMask, Timestamp};
use std::collections::BTreeMap;

/// What is exported, without what the service says of its own.
async fn exported(server: &TestServer) -> Vec<Document> {
    let messages = documents_of(server, everything()).await.unwrap();
    let own = |document: Document| Document { create_time: None, update_time: None, ..document };
    messages.into_iter().flat_map(|message| message.documents).map(own).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_exported_and_imported_elsewhere_is_the_same_there() {
    let (from, to) = (TestServer::start().await, TestServer::start().await);
    let labels =
        BTreeMap::from([("desk".to_owned(), "home".to_owned()), ("lang".to_owned(), "en".to_owned())]);
    let document = Document {
        text: sample(),
        title: "An article".into(),
        publish_time: Some(Timestamp { seconds: 1_757_030_400, nanos: 0 }),
        source: "The Wire".into(),
        url: "https://example.org/a".into(),
        language: "en".into(),
        labels,
        ..Document::default()
    };
    from.ingest_document("article", document).await;
    for (n, odd) in
        ["Ünïcødé 👩‍🚀: “Ja,” sagte Jonas Weber.", "Q: Who?\nA: “Me.”", "Nothing."].iter().enumerate()
    {
        from.ingest(&format!("odd{n}"), odd).await;
    }
    let sent = exported(&from).await;
    assert!(sent.iter().map(|document| document.quote_count).sum::<u32>() > 10);
    for document in sent.clone() {
        let analysis = document.analysis.clone().unwrap();
        let name = id(&document.name).to_owned();
        let receipt = import(&to, &name, document, analysis).await;
        assert_eq!(receipt.map(|receipt| receipt.outcome()).ok(), Some(IngestOutcome::Created), "{name}");
    }
    let there = exported(&to).await;
    for (sent, got) in sent.iter().zip(&there) {
        assert!(sent == got, "{} differs", sent.name);
    }
    assert_eq!(sent.len(), there.len());
    // Sent again, it changes nothing.
    let first = there[0].clone();
    let analysis = first.analysis.clone().unwrap();
    let again = import(&to, id(&first.name.clone()), first, analysis).await.unwrap();
    assert_eq!(again.outcome(), IngestOutcome::AlreadyCurrent);
    to.ingest("last", "Nothing is said here.").await;
    let filter = Some(QuoteFilter { speakers: vec!["Vladimir Putin".into()], ..Default::default() });
    let search = SearchQuotesRequest { filter, ..Default::default() };
    let found = to.quotes().await.search_quotes(search).await.unwrap().into_inner();
    assert!(found.total_size > 0, "what was imported is found");
    from.stop().await;
    to.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_imported_analysis_stays_where_an_update_changes_nothing_that_it_depends_on() {
    let server = TestServer::start().await;
    let text = text("Plan is good", 1);
    let analysis = made(&text);
    let stamp = analysis.analyzer.clone();
    import(&server, "a", Document { text, ..Document::default() }, analysis).await.unwrap();
    let name = "collections/default/documents/a";
    for (path, changed, stays) in [
        ("title", Document { title: "A plan".into(), ..Document::default() }, true),
        ("source", Document { source: "The Wire".into(), ..Document::default() }, true),
        ("language", Document { language: "en-GB".into(), ..Document::default() }, false),
    ] {
        let request = UpdateDocumentRequest {
            document: Some(Document { name: name.into(), ..changed }),
            update_mask: Some(FieldMask { paths: vec![path.into()] }),
            ..Default::default()
        };
        server.documents().await.update_document(request).await.unwrap();
        let view = DocumentView::Full.into();
        let request = GetDocumentRequest { name: name.into(), view, ..Default::default() };
        let stored = server.documents().await.get_document(request).await.unwrap().into_inner();
        let made_by = stored.document.unwrap().analysis.unwrap().analyzer;
        assert_eq!(made_by == stamp, stays, "after {path}: {made_by:?}");
    }
    server.stop().await;
}

/// How one analysis is broken.
type Break = fn(&mut Analysis);

#[rustfmt::skip]
const BROKEN: [(&str, Break); 22] = [
    ("analysis.quotes[0].contents[0]", |made| made.quotes[0].contents[0].end = 1 << 20),
    // In the middle of the first quotation mark.
    ("analysis.quotes[0].contents[0]", |made| made.quotes[0].contents[0].begin = 1),
    ("analysis.quotes[0].cue", |made| made.quotes[0].cue = Some(Span { begin: 9, end: 4, ..Span::default() })),
    ("analysis.quotes[0].cue.text", |made| made.quotes[0].cue.as_mut().unwrap().text = "wrote".into()),
    ("analysis.quotes[0].contents", |made| made.quotes[0].contents.clear()),
    ("analysis.quotes[0].contents", |made| { let span = made.quotes[0].contents[0].clone(); made.quotes[0].contents.push(span) }),
    ("analysis.quotes[0].speaker.entity", |made| made.quotes[0].speaker.as_mut().unwrap().entity = "e9".into()),
    ("analysis.quotes[0].speaker.name", |made| made.quotes[0].speaker.as_mut().unwrap().name = "Somebody Else".into()),
    ("analysis.quotes[0].about[0]", |made| made.quotes[0].about = vec!["e9".into()]),
    ("analysis.quotes[0].about[1]", |made| made.quotes[0].about = vec!["e1".into(), "e1".into()]),
    ("analysis.quotes[0].speaker.alternatives[0].entity", |made| {
        made.quotes[0].speaker.as_mut().unwrap().alternatives = vec![SpeakerAlternative { entity: "e2".into(), ..Default::default() }];
    }),
    ("analysis.quotes[0].id", |made| made.quotes[0].id = "qmine".into()),
    ("analysis.quotes[0].type", |made| made.quotes[0].r#type = 0),
    ("analysis.quotes[0].confidence", |made| made.quotes[0].confidence = f32::NAN),
    ("analysis.quotes[0].speaker", |made| made.quotes[0].speaker = None),
    ("analysis.entities[0].mentions", |made| made.entities[0].mentions.clear()),
    ("analysis.entities[0].type", |made| made.entities[0].r#type = 99),
    ("analysis.entities[0].name", |made| made.entities[0].name = "x".repeat(20_000)),
    ("analysis.entities[1].id", |made| { let entity = made.entities[0].clone(); made.entities.push(entity) }),
    ("analysis.analyzer.name", |made| made.analyzer = Some(AnalyzerStamp { name: String::new(), ..made.analyzer.clone().unwrap() })),
    ("analysis.coverage.method", |made| made.coverage = None),
    ("analysis.language", |made| made.language = "no language".into()),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_broken_analysis_is_told_by_its_field_and_the_rest_goes_on() {
    let server = TestServer::start().await;
    let text = text("Plan is good", 1);
    let open = IngestStreamOpen::default();
    let mut messages = vec![IngestStreamRequest { message: Some(Ask::Open(open)) }];
    let item = |n: usize, analysis| {
        let document = Some(Document { text: text.clone(), ..Document::default() });
        let item = IngestStreamItem {
            client_id: n.to_string(),
            document_id: format!("d{n}"),
            document,
            expected_revision: None,
            analysis: Some(analysis),
        };
        IngestStreamRequest { message: Some(Ask::Item(item)) }
    };
    for (n, (_, break_it)) in BROKEN.iter().enumerate() {
        let mut analysis = made(&text);
        break_it(&mut analysis);
        messages.push(item(n, analysis));
    }
    messages.push(item(99, made(&text)));
    let stream = tokio_stream::iter(messages);
    let mut answers = server.documents().await.ingest_stream(stream).await.unwrap().into_inner();
    let (mut acked, mut rejected) = (Vec::new(), BTreeMap::new());
    while let Some(answer) = answers.message().await.unwrap() {
        match answer.message.unwrap() {
            Answer::Ack(ack) => acked.push(ack.client_id),
            Answer::Reject(reject) => {
                rejected.insert(reject.client_id.parse::<usize>().unwrap(), reject.error.unwrap());
            }
            _ => {}
        }
    }
    assert_eq!(acked, ["99"]);
    for (n, (field, _)) in BROKEN.iter().enumerate() {
        let error = rejected.get(&n).unwrap_or_else(|| panic!("{field} was let in"));
        let fields: Vec<_> =
            error.field_violations.iter().map(|violation| violation.field.as_str()).collect();
        // What is wrong with a name shows where it is referred to, too.
        assert!(error.code == 3 && fields.contains(field), "{field}: {error:?}");
    }
    let listed = exported(&server).await;
    assert_eq!(listed.iter().map(|document| id(&document.name)).collect::<Vec<_>>(), ["d99"]);
    assert!(
        listed[0].analysis.as_ref().unwrap().quotes[0].id.starts_with('q'),
        "it got the id that it lacked"
    );
    let empty = import(&server, "e", Document::default(), made(&text)).await.unwrap_err();
    assert_violations(&empty, &["document.text"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_is_of_its_analyzer_for_what_renews_analyses_and_for_what_keeps_them() {
    let server = TestServer::start().await;
    let analyzers =
        server.analysis().await.list_analyzers(ListAnalyzersRequest {}).await.unwrap().into_inner();
    let here = analyzers.analyzers[0].clone();
    let text = text("Plan is good", 1);
    let document = Document { text: text.clone(), ..Document::default() };
    let of_here = Analysis { analyzer: Some(here.clone()), ..made(&text) };
    import(&server, "elsewhere", document.clone(), made(&text)).await.unwrap();
    import(&server, "here", document.clone(), of_here.clone()).await.unwrap();
    // Stored already: an import does not take the place of an analysis.
    let kept = import(&server, "elsewhere", document, of_here).await.unwrap();
    assert_eq!((kept.outcome(), kept.revision), (IngestOutcome::AlreadyCurrent, 1));
    let analyzer = async |id: &str| {
        let name = format!("collections/default/documents/{id}");
        let get = GetDocumentRequest { name, view: DocumentView::Basic.into(), ..Default::default() };
        server
            .documents()
            .await
            .get_document(get)
            .await
            .unwrap()
            .into_inner()
            .document
            .unwrap()
            .analyzer
            .unwrap()
    };
    assert_eq!(
        (analyzer("elsewhere").await.name.as_str(), analyzer("here").await),
        ("elsewhere", here.clone())
    );
    let older = ReanalyzeDocumentsRequest { only_older: true, ..Default::default() };
    let started = server.documents().await.reanalyze_documents(older).await.unwrap().into_inner();
    let operation = done(&server, &started.operation.unwrap()).await;
    let Some(Outcome::ReanalyzeDocumentsResult(result)) = operation.result else { panic!("{operation:?}") };
    assert_eq!((result.reanalyzed_count, result.skipped_count), (1, 1));
    assert_eq!(analyzer("elsewhere").await, here);
    server.stop().await;
}
