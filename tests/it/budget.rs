//! Room before bytes: a message is taken in once there is room for what it announces, and never costs others theirs.

use crate::ingest_stream::Feed;
use crate::plain::{Plain, framed, prefix};
use crate::server::{SOON, TestServer, assert_error, delete_index, error, statement};
use dictum::engine::{EngineConfig, MessageSize, Need};
use dictum::ports::{Caller, Lane};
use dictum::transport::TransportConfig;
use dictum::transport::wire::ingest_stream_request::Message as Ask;
use dictum::transport::wire::ingest_stream_response::Message as Answer;
use dictum::transport::wire::{
    AckLevel, DeleteDocumentRequest, Document, GetCollectionRequest, GetDocumentRequest,
    IngestDocumentRequest, IngestDocumentResponse, IngestStreamItem, IngestStreamOpen, IngestStreamRequest,
    IngestStreamResponse,
};
use prost::bytes::Bytes;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::Code;

const INGEST: &str = "dictum.v1.DocumentService/IngestDocument";
const STREAM: &str = "dictum.v1.DocumentService/IngestStream";

/// Of 64 KiB: 44 for streams, 16 for single documents, 4 for questions.
fn cramped(config: &mut EngineConfig) {
    config.max_document_bytes = 40 << 10;
    config.max_inflight_bytes = 64 << 10;
}

fn document(bytes: usize) -> Option<Document> {
    Some(Document { text: "word ".repeat(bytes / 5), language: "zz".into(), ..Document::default() })
}

fn ingest(id: &str, bytes: usize) -> IngestDocumentRequest {
    IngestDocumentRequest { document_id: id.into(), document: document(bytes), ..Default::default() }
}

fn open() -> IngestStreamRequest {
    IngestStreamRequest { message: Some(Ask::Open(IngestStreamOpen::default())) }
}

fn item(id: &str, bytes: usize) -> IngestStreamRequest {
    let item = IngestStreamItem {
        client_id: id.into(),
        document_id: id.into(),
        document: document(bytes),
        expected_revision: None,
        analysis: None,
    };
    IngestStreamRequest { message: Some(Ask::Item(item)) }
}

fn acks(answers: &[IngestStreamResponse]) -> usize {
    answers.iter().filter(|answer| matches!(answer.message, Some(Answer::Ack(_)))).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_room_a_document_is_refused_by_its_announcement_and_questions_are_answered() {
    // A deletion takes room for its message and for its commit.
    let server = TestServer::with(TransportConfig::default(), |config| {
        cramped(config);
        config.max_inflight_bytes *= 2;
    })
    .await;
    let single = Caller::anonymous(Lane::Interactive, "test");
    let all = server.engine.admit(&single, Need::Text, MessageSize::of(1 << 20)).await.unwrap();
    let client = Plain::new(&server);
    let (body, reply) = client.begin(INGEST).await;
    body.send(prefix(9000).freeze()).await.unwrap();
    let (_, status) = tokio::time::timeout(SOON, reply).await.unwrap().read::<IngestDocumentResponse>().await;
    assert_error(&status, Code::Unavailable, "OVERLOADED");
    assert!(error(&status).2.retry_info().unwrap().retry_delay.is_some());

    let name = "collections/default".to_owned();
    server.collections().await.get_collection(GetCollectionRequest { name }).await.unwrap();
    let name = "collections/default/documents/none".to_owned();
    let delete = DeleteDocumentRequest { name, allow_missing: true, ..Default::default() };
    server.documents().await.delete_document(delete).await.unwrap();
    assert!(client.is_alive().await);
    let mut feed = Feed::opened(&server).await;
    feed.send(item("a", 5000)).await;
    assert!(matches!(feed.next().await, Ok(Some(Answer::Ack(_)))));
    drop(all);
    server.documents().await.ingest_document(ingest("b", 9000)).await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_room_a_stream_waits_and_all_else_goes_on() {
    let impatient = TransportConfig { backoff_after: Duration::from_millis(20), ..Default::default() };
    let server = TestServer::with(impatient, cramped).await;
    let mut feed = Feed::opened(&server).await;
    let bulk = Caller::anonymous(Lane::Bulk, "test");
    let all = server.engine.admit(&bulk, Need::Text, MessageSize::of(1 << 20)).await.unwrap();
    feed.send(item("a", 5000)).await;
    let Ok(Some(Answer::Backoff(backoff))) = feed.next().await else { panic!("no pause") };
    assert!(backoff.pause.is_some());
    server.documents().await.ingest_document(ingest("b", 9000)).await.unwrap();
    let name = "collections/default".to_owned();
    server.collections().await.get_collection(GetCollectionRequest { name }).await.unwrap();
    drop(all);
    loop {
        match feed.next().await {
            Ok(Some(Answer::Backoff(_))) => {}
            Ok(Some(Answer::Ack(ack))) => break assert_eq!(ack.client_id, "a"),
            other => panic!("{other:?}"),
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_have_come_in_halfway_do_not_wait_for_each_other() {
    let server = TestServer::with(TransportConfig::default(), cramped).await;
    let client = Plain::new(&server);
    let mut halves = Vec::new();
    for id in ["a", "b", "c"] {
        let (body, reply) = client.begin(STREAM).await;
        body.send(framed(&open())).await.unwrap();
        let mut message = framed(&item(id, 30 << 10));
        let rest = message.split_off(message.len() / 2);
        body.send(message).await.unwrap();
        halves.push((
            body,
            rest,
            tokio::spawn(async move { reply.await.read::<IngestStreamResponse>().await }),
        ));
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    for (body, rest, _) in &halves {
        // Those in line read nothing: the rest waits in their windows.
        body.send(rest.clone()).await.unwrap();
    }
    for (body, _, reply) in halves {
        drop(body);
        let (answers, status) = tokio::time::timeout(SOON, reply).await.unwrap().unwrap();
        assert_eq!((acks(&answers), status.code()), (1, Code::Ok), "{status:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_does_not_come_to_its_end_gives_its_room_back() {
    let hasty = TransportConfig { message_timeout: Duration::from_millis(300), ..Default::default() };
    let server = TestServer::with(hasty, cramped).await;
    let client = Plain::new(&server);
    let (stalled, reply) = client.begin(STREAM).await;
    stalled.send(framed(&open())).await.unwrap();
    stalled.send(prefix(40 << 10).freeze()).await.unwrap();
    stalled.send(Bytes::from_static(b"and no more")).await.unwrap();
    let mut feed = Feed::opened(&server).await;
    feed.send(item("b", 30 << 10)).await;
    let answer = feed.next().await;
    assert!(matches!(answer, Ok(Some(Answer::Ack(_)))), "{answer:?}");
    let (_, status) = reply.await.read::<IngestStreamResponse>().await;
    assert_error(&status, Code::DeadlineExceeded, "MESSAGE_TIMEOUT");

    for begins in [prefix(9000).freeze(), Bytes::from_static(&[0, 0])] {
        let (body, reply) = client.begin(INGEST).await;
        body.send(begins).await.unwrap();
        let (_, status) = reply.await.read::<IngestDocumentResponse>().await;
        assert_error(&status, Code::DeadlineExceeded, "MESSAGE_TIMEOUT");
    }
    server.documents().await.ingest_document(ingest("c", 9000)).await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_message_is_refused_on_calls_and_streams_alike() {
    let server = TestServer::start().await;
    let client = Plain::new(&server);
    let mut compressed = prefix(10);
    compressed[0] = 1;
    let two = [framed(&ingest("a", 10)), framed(&ingest("b", 10))].concat();
    let cases = [
        (INGEST, prefix(25 << 20).to_vec(), Code::OutOfRange, "MESSAGE_TOO_LARGE"),
        (STREAM, prefix(25 << 20).to_vec(), Code::OutOfRange, "MESSAGE_TOO_LARGE"),
        (INGEST, compressed.to_vec(), Code::InvalidArgument, "MALFORMED_MESSAGE"),
        (STREAM, compressed.to_vec(), Code::InvalidArgument, "MALFORMED_MESSAGE"),
        (INGEST, [&prefix(10)[..], b"half"].concat(), Code::InvalidArgument, "MALFORMED_MESSAGE"),
        (STREAM, [&prefix(10)[..], b"half"].concat(), Code::InvalidArgument, "MALFORMED_MESSAGE"),
        (STREAM, [&prefix(3)[..], b"\xff\xff\xff"].concat(), Code::InvalidArgument, "MALFORMED_MESSAGE"),
        (INGEST, two, Code::InvalidArgument, "MALFORMED_MESSAGE"),
    ];
    for (path, bytes, code, reason) in cases {
        let (body, reply) = client.begin(path).await;
        body.send(bytes.into()).await.unwrap();
        drop(body);
        let (_, status) = reply.await.read::<IngestDocumentResponse>().await;
        assert_error(&status, code, reason);
    }
    assert!(client.is_alive().await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_beyond_the_limit_are_told_to_come_back() {
    let one = TransportConfig { max_streams: 1, ..Default::default() };
    let server = TestServer::with(one, |_| ()).await;
    let first = Feed::opened(&server).await;
    let refused = server.documents().await.ingest_stream(tokio_stream::iter([open()])).await.unwrap_err();
    assert_error(&refused, Code::Unavailable, "TOO_MANY_STREAMS");
    assert!(error(&refused).2.retry_info().unwrap().retry_delay.is_some());
    drop(first);
    let again = async {
        while server.documents().await.ingest_stream(tokio_stream::iter([open()])).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, again).await.expect("a stream that has ended makes place");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_broke_off_makes_place_before_what_it_sent_is_done() {
    let one = TransportConfig { max_streams: 1, ..Default::default() };
    let server = TestServer::with(one, |_| ()).await;
    let mut first = Feed::opened(&server).await;
    first.send_item("slow", "slow", &statement("Jane Miller", "Take your time").repeat(400)).await;
    // What comes behind it is refused at once, which says that it has been read.
    first.send_item("", "refused", "No client id.").await;
    assert!(matches!(first.next().await, Ok(Some(_))));
    drop(first);
    let again = async {
        while server.documents().await.ingest_stream(tokio_stream::iter([open()])).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, again).await.expect("the place is free");
    let get = || async {
        let name = "collections/default/documents/slow".into();
        server.documents().await.get_document(GetDocumentRequest { name, ..Default::default() }).await
    };
    assert!(get().await.is_err(), "the test needs a document that takes longer");
    let stored = async {
        while get().await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), stored).await.expect("what was read is stored");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_connection_is_asked_to_go_and_what_is_under_way_on_it_goes_on() {
    let short = TransportConfig { max_connection_age: Some(Duration::from_secs(1)), ..Default::default() };
    let server = TestServer::with(short, |_| ()).await;
    let mut feed = Feed::opened(&server).await;
    let mut idle = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    idle.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let goodbye = async {
        loop {
            let mut header = [0; 9];
            idle.read_exact(&mut header).await.unwrap();
            let mut payload = vec![0; usize::from(header[2]) + (usize::from(header[1]) << 8)];
            idle.read_exact(&mut payload).await.unwrap();
            const GOAWAY: u8 = 7;
            if header[3] == GOAWAY {
                return payload[4..8].to_vec();
            }
        }
    };
    let code = tokio::time::timeout(SOON, goodbye).await.expect("a connection that is old is told so");
    assert_eq!(code, [0; 4], "nothing is wrong with it");
    feed.send_item("1", "a", "Yes.").await;
    assert!(matches!(feed.next().await, Ok(Some(Answer::Ack(_)))));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_beyond_the_limit_are_closed_at_once() {
    let two = TransportConfig { max_connections: 2, ..Default::default() };
    let server = TestServer::with(two, |_| ()).await;
    let client = Plain::new(&server);
    assert!(client.is_alive().await);
    let silent = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    let mut third = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    let closed = async { matches!(third.read(&mut [0; 1]).await, Ok(0) | Err(_)) };
    assert!(tokio::time::timeout(SOON, closed).await.unwrap());
    assert!(client.is_alive().await);
    drop(silent);
    let again = async {
        loop {
            let mut third = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
            // A server that keeps a connection begins with its settings.
            third.set_nodelay(true).unwrap();
            third.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
            if matches!(third.read(&mut [0; 9]).await, Ok(9)) {
                return;
            }
        }
    };
    tokio::time::timeout(SOON, again).await.expect("a connection that has ended makes place");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_from_a_stream_is_stored_even_if_its_client_goes() {
    const DOCUMENTS: u64 = 40;
    let server = TestServer::with(TransportConfig::default(), |config| config.analysis_threads = 1).await;
    let mut feed = Feed::opened(&server).await;
    let text = statement("Jane Miller", "Keep this").repeat(3);
    for n in 0..DOCUMENTS {
        feed.send_item(&n.to_string(), &n.to_string(), &text).await;
    }
    assert!(matches!(feed.next().await, Ok(Some(Answer::Ack(_)))));
    // All of it fits into the session's window, and is there by now.
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(feed);
    let mut collections = server.collections().await;
    let stored = async {
        let request = GetCollectionRequest { name: "collections/default".into() };
        while collections
            .get_collection(request.clone())
            .await
            .unwrap()
            .into_inner()
            .collection
            .unwrap()
            .document_count
            < DOCUMENTS
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(2 * SOON, stored).await.expect("all are stored");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_is_not_searchable_by_its_deadline_says_what_was_reached() {
    let server = TestServer::start().await;
    let receipt = server.ingest("a", "One text.").await;
    delete_index(server.data_dir());
    let mut request = tonic::Request::new(IngestDocumentRequest {
        ack_level: AckLevel::Searchable.into(),
        ..ingest("a", 50)
    });
    request.set_timeout(Duration::from_secs(2));
    let status = server.documents().await.ingest_document(request).await.unwrap_err();
    assert_error(&status, Code::DeadlineExceeded, "NOT_YET_VISIBLE");
    let metadata = error(&status).2.error_info().unwrap().metadata.clone();
    assert_eq!(metadata["reached"], "DURABLE");
    assert_eq!((metadata["name"].as_str(), metadata["revision"].as_str()), (receipt.name.as_str(), "2"));
    assert_ne!(metadata["consistency_token"], receipt.consistency_token);
    assert!(!metadata["consistency_token"].is_empty());
    server.shutdown.cancel();
    server.ended().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peers_that_say_nothing_keep_others_out_for_a_moment_only() {
    let four = TransportConfig { max_connections: 4, ..Default::default() };
    let server = TestServer::with(four, |_| ()).await;
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(TcpStream::connect(("127.0.0.1", server.port)).await.unwrap());
    }
    let last = silent.last_mut().unwrap();
    // Whether it ends or is reset.
    let closed = async { drop(last.read_to_end(&mut Vec::new()).await) };
    tokio::time::timeout(SOON, closed).await.expect("the last that came hold no places for long");
    assert!(Plain::new(&server).is_alive().await);
    server.stop().await;
}
