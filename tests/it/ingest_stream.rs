//! `DocumentService.IngestStream`.

use crate::server::{SOON, TestServer, assert_error, assert_violations, statement};
use dictum::transport::TransportConfig;
use dictum::transport::wire::ingest_stream_request::Message as Ask;
use dictum::transport::wire::ingest_stream_response::Message as Answer;
use dictum::transport::wire::{
    AckLevel, Document, GetDocumentRequest, IngestOutcome, IngestStreamItem, IngestStreamOpen,
    IngestStreamRequest, IngestStreamResponse,
};
use std::collections::BTreeSet;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

pub fn open() -> IngestStreamRequest {
    open_with(IngestStreamOpen::default())
}

fn open_with(open: IngestStreamOpen) -> IngestStreamRequest {
    IngestStreamRequest { message: Some(Ask::Open(open)) }
}

pub fn item(client_id: &str, document_id: &str, text: &str) -> IngestStreamRequest {
    let document = Some(Document { text: text.into(), ..Document::default() });
    let item = IngestStreamItem {
        client_id: client_id.into(),
        document_id: document_id.into(),
        document,
        expected_revision: None,
        analysis: None,
    };
    IngestStreamRequest { message: Some(Ask::Item(item)) }
}

/// An open stream, fed by hand.
pub struct Feed {
    pub sender: mpsc::Sender<IngestStreamRequest>,
    pub answers: Streaming<IngestStreamResponse>,
}

impl Feed {
    pub async fn new(server: &TestServer) -> Self {
        let (sender, receiver) = mpsc::channel(64);
        let stream = server.documents().await.ingest_stream(ReceiverStream::new(receiver)).await.unwrap();
        Self { sender, answers: stream.into_inner() }
    }

    pub async fn opened(server: &TestServer) -> Self {
        let mut feed = Self::new(server).await;
        feed.send(open()).await;
        let answer = feed.next().await;
        assert!(matches!(answer, Ok(Some(Answer::Opened(_)))), "{answer:?}");
        feed
    }

    pub async fn send(&self, message: IngestStreamRequest) {
        self.sender.send(message).await.unwrap();
    }

    pub async fn send_item(&self, client_id: &str, document_id: &str, text: &str) {
        self.send(item(client_id, document_id, text)).await;
    }

    pub async fn next(&mut self) -> Result<Option<Answer>, Status> {
        let answer = tokio::time::timeout(SOON, self.answers.message()).await.unwrap()?;
        Ok(answer.map(|answer| answer.message.unwrap()))
    }
}

/// Sends everything, then reads every answer.
async fn run(server: &TestServer, messages: Vec<IngestStreamRequest>) -> (Vec<Answer>, Option<Status>) {
    let stream = tokio_stream::iter(messages);
    let mut answers = server.documents().await.ingest_stream(stream).await.unwrap().into_inner();
    let mut got = Vec::new();
    loop {
        match answers.message().await {
            Ok(Some(answer)) => got.push(answer.message.unwrap()),
            Ok(None) => return (got, None),
            Err(status) => return (got, Some(status)),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_document_is_answered_once_by_its_client_id() {
    let server = TestServer::start().await;
    let mut messages =
        vec![open_with(IngestStreamOpen { ack_level: AckLevel::Searchable.into(), ..Default::default() })];
    for n in 0..400 {
        let text = if n % 50 == 3 { String::new() } else { statement("Jane Miller", &format!("Item {n}")) };
        messages.push(item(&format!("c{n}"), &format!("d{n}"), &text));
    }
    let (answers, end) = run(&server, messages).await;
    assert!(end.is_none(), "{end:?}");
    let Answer::Opened(opened) = &answers[0] else { panic!("{:?}", answers[0]) };
    assert_eq!((opened.parent.as_str(), opened.ack_level()), ("collections/default", AckLevel::Searchable));
    assert!(opened.window > 0);
    let (mut acked, mut rejected) = (BTreeSet::new(), BTreeSet::new());
    for answer in &answers[1..] {
        match answer {
            Answer::Ack(ack) => {
                let receipt = ack.receipt.as_ref().unwrap();
                assert_eq!(receipt.outcome(), IngestOutcome::Created);
                assert_eq!(receipt.name, format!("collections/default/documents/d{}", &ack.client_id[1..]));
                assert!(acked.insert(ack.client_id.clone()));
            }
            Answer::Reject(reject) => {
                let error = reject.error.as_ref().unwrap();
                assert_eq!((error.code, error.field_violations[0].field.as_str()), (3, "document.text"));
                assert!(rejected.insert(reject.client_id.clone()));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((acked.len(), rejected.len()), (392, 8));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_out_of_order_end_the_stream_after_what_was_read_is_answered() {
    let server = TestServer::start().await;
    let (answers, end) = run(&server, vec![item("c", "d", "Text.")]).await;
    assert_eq!(answers, []);
    assert_violations(&end.unwrap(), &["item"]);

    let (answers, end) = run(&server, vec![open(), item("c", "d", "Text."), open()]).await;
    assert!(matches!(&answers[..], [Answer::Opened(_), Answer::Ack(_)]), "{answers:?}");
    let status = end.unwrap();
    assert_violations(&status, &["open"]);
    assert_error(&status, Code::InvalidArgument, "STREAM_OUT_OF_ORDER");

    let (_, end) = run(&server, vec![IngestStreamRequest { message: None }]).await;
    assert_violations(&end.unwrap(), &["message"]);
    let (answers, end) = run(&server, vec![]).await;
    assert!(answers.is_empty() && end.is_none());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_that_cannot_work_is_refused_at_once() {
    let server = TestServer::start().await;
    let open = |parent: &str, level, token: &str| {
        open_with(IngestStreamOpen {
            parent: parent.into(),
            ack_level: level,
            resume_token: token.into(),
            analyzer: "nobody".into(),
        })
    };
    let (_, end) = run(&server, vec![open("nonsense", 77, "")]).await;
    assert_violations(&end.unwrap(), &["open.parent", "open.ack_level", "open.analyzer"]);
    let nowhere = IngestStreamOpen { parent: "collections/none".into(), ..Default::default() };
    let (_, end) = run(&server, vec![open_with(nowhere)]).await;
    assert_error(&end.unwrap(), Code::NotFound, "NOT_FOUND");
    let (_, end) = run(&server, vec![open("collections/default", 2, "forged")]).await;
    assert_violations(
        &end.unwrap(),
        &["open.parent", "open.ack_level", "open.analyzer", "open.resume_token"],
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn client_ids_are_needed_and_told_apart() {
    let server = TestServer::start().await;
    let long = "x".repeat(129);
    let slow = statement("Jane Miller", "Take your time").repeat(200);
    let messages = vec![
        open(),
        item("", "a", "Text."),
        item(&long, "b", "Text."),
        item("c", "c", &slow),
        item("c", "d", "T."),
    ];
    let (answers, end) = run(&server, messages).await;
    assert!(end.is_none());
    let reasons: Vec<_> = answers
        .iter()
        .filter_map(|answer| match answer {
            Answer::Reject(reject) => Some(reject.error.as_ref().unwrap().reason.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(reasons, ["INVALID_ARGUMENT", "INVALID_ARGUMENT", "DUPLICATE_CLIENT_ID"]);
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Answer::Ack(_))).count(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_under_one_id_keep_their_order() {
    let server = TestServer::start().await;
    let mut messages = vec![open()];
    // Long, short, long, short …: without an order the short ones would win.
    for n in 0..20 {
        let text = statement("Jane Miller", &format!("Version {n}")).repeat(if n % 2 == 0 { 50 } else { 1 });
        messages.push(item(&n.to_string(), "same", &text));
    }
    let (answers, end) = run(&server, messages).await;
    assert!(end.is_none());
    let revisions: Vec<_> = answers
        .iter()
        .filter_map(|answer| match answer {
            Answer::Ack(ack) => Some((ack.client_id.clone(), ack.receipt.as_ref().unwrap().revision)),
            _ => None,
        })
        .collect();
    assert_eq!(revisions, (0..20).map(|n| (n.to_string(), n + 1)).collect::<Vec<_>>());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_says_goodbye_and_its_token_goes_on_after_the_restart() {
    let server = TestServer::start().await;
    let mut feed = Feed::new(&server).await;
    feed.send(open_with(IngestStreamOpen { analyzer: "dictum-en-fast".into(), ..Default::default() })).await;
    assert!(matches!(feed.next().await, Ok(Some(Answer::Opened(_)))));
    feed.send_item("c1", "d1", "Text one.").await;
    assert!(matches!(feed.next().await, Ok(Some(Answer::Ack(_)))));
    server.shutdown.cancel();
    let goodbye = match feed.next().await {
        Ok(Some(Answer::Goodbye(goodbye))) => goodbye,
        other => panic!("{other:?}"),
    };
    assert_eq!(goodbye.reason, "DRAINING");
    assert!(matches!(feed.next().await, Ok(None)));
    drop(feed);
    let server = server.restart(|_| ()).await;
    let resume = IngestStreamOpen { resume_token: goodbye.resume_token, ..Default::default() };
    let messages = vec![open_with(resume), item("c1", "d1", "Text one."), item("c2", "d2", "Text two.")];
    let (answers, end) = run(&server, messages).await;
    assert!(end.is_none());
    let [Answer::Opened(opened), Answer::Ack(ack), Answer::Ack(_)] = &answers[..] else {
        panic!("{answers:?}")
    };
    assert_eq!((opened.resumed_acks, opened.ack_level()), (1, AckLevel::Durable));
    assert_eq!(ack.receipt.as_ref().unwrap().outcome(), IngestOutcome::AlreadyCurrent);
    for id in ["d1", "d2"] {
        let name = format!("collections/default/documents/{id}");
        let request = GetDocumentRequest { name, ..Default::default() };
        let document = server.documents().await.get_document(request).await.unwrap().into_inner().document;
        assert_eq!(document.unwrap().analyzer.unwrap().name, "dictum-en-fast", "the stream's analyzer");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_engine_asks_for_a_pause_and_answers_everything_in_the_end() {
    let cramped = |config: &mut dictum::engine::EngineConfig| {
        config.max_document_bytes = 10_000;
        config.max_inflight_bytes = 10_000;
        config.analysis_threads = 1;
    };
    let impatient =
        TransportConfig { backoff_after: std::time::Duration::from_millis(1), ..Default::default() };
    let server = TestServer::with(impatient, cramped).await;
    let mut messages = vec![open()];
    for n in 0..30 {
        let text = statement("Jane Miller", &format!("Heavy {n}")).repeat(90);
        messages.push(item(&n.to_string(), &n.to_string(), &text));
    }
    let (answers, end) = run(&server, messages).await;
    assert!(end.is_none(), "{end:?}");
    let acks = answers.iter().filter(|answer| matches!(answer, Answer::Ack(_))).count();
    let pauses = answers.iter().filter(|answer| matches!(answer, Answer::Backoff(_))).count();
    assert_eq!(acks, 30);
    assert!(pauses > 0, "the engine was never full");
    server.stop().await;
}
