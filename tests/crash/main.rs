//! What was acknowledged survives `kill -9`: here a stream of new documents, in `mixed.rs` every kind of write, in `points.rs` at each
//! point where it could hurt, in `cut_short.rs` what runs beside the service or instead of it. The real binary is killed in the middle
//! of a stream of ingests, again and again over one data directory; after each restart every acknowledged document must be there
//! exactly once, unchanged, and searchable.

mod crew;
// Those that go by failpoints, which only a debug build has.
#[cfg(debug_assertions)]
mod cut_short;
#[cfg(debug_assertions)]
mod keeper;
mod mixed;
#[cfg(debug_assertions)]
mod points;
#[cfg_attr(not(debug_assertions), allow(dead_code))]
mod process;
#[cfg(debug_assertions)]
mod stop;
mod truth;

use dictum::transport::wire::document_service_client::DocumentServiceClient;
use dictum::transport::wire::ingest_stream_request::Message as Ask;
use dictum::transport::wire::ingest_stream_response::Message as Answer;
use dictum::transport::wire::quote_service_client::QuoteServiceClient;
use dictum::transport::wire::{
    AckLevel, Document, IngestOutcome, IngestStreamItem, IngestStreamOpen, IngestStreamRequest, QuoteFilter,
    SearchQuotesRequest,
};
use process::Process;
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

const ROUNDS: u64 = 50;

/// How many kills: those of the sample, or as many as `DICTUM_CRASH_ROUNDS` asks for.
fn rounds(sample: u64) -> u64 {
    std::env::var("DICTUM_CRASH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(sample)
}

/// More than a round gets through before it is killed.
const DOCUMENTS: u64 = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_document_survives_fifty_kills() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    for round in 0..ROUNDS {
        let server = Process::start(dir.path()).await;
        if let Some((last, documents)) = acknowledged.last_key_value() {
            check(&server, *last, documents).await;
        }
        // Between one ack and a hundred: killed in every stage of group, commit and index step.
        let kill_after = 1 + (round * 37) % 101;
        acknowledged.insert(round, ingest_until_killed(server, round, kill_after).await);
    }
    let server = Process::start(dir.path()).await;
    for (round, documents) in &acknowledged {
        check(&server, *round, documents).await;
    }
    let all: usize = acknowledged.values().map(BTreeSet::len).sum();
    println!("{all} documents acknowledged over {ROUNDS} kills, none lost");
    assert!(all as u64 > ROUNDS * 20, "too few acknowledgements to mean anything: {all}");
}

/// Streams documents, kills the server after so many acks, and returns all that were acknowledged: those whose ack
/// was on its way count too.
async fn ingest_until_killed(server: Process, round: u64, kill_after: u64) -> BTreeSet<u64> {
    let messages = (0..DOCUMENTS).map(move |n| item(round, n));
    let request = tokio_stream::iter([open()].into_iter().chain(messages));
    let mut client = DocumentServiceClient::new(server.channel());
    let mut answers = client.ingest_stream(request).await.unwrap().into_inner();
    let mut server = Some(server);
    let mut acknowledged = BTreeSet::new();
    while let Ok(Some(answer)) = answers.message().await {
        if let Some(Answer::Ack(ack)) = answer.message {
            assert_eq!(ack.receipt.unwrap().ack_level(), AckLevel::Durable);
            assert!(acknowledged.insert(ack.client_id.parse().unwrap()), "acknowledged twice");
        }
        if acknowledged.len() as u64 >= kill_after
            && let Some(server) = server.take()
        {
            server.kill();
        }
    }
    assert!(server.is_none(), "the stream ended before the kill, with {} acks", acknowledged.len());
    acknowledged
}

/// Every acknowledged document of the round is current with the same content, and found exactly once.
async fn check(server: &Process, round: u64, acknowledged: &BTreeSet<u64>) {
    let token = send_again(server, round, acknowledged).await;
    let found = found(server, round, token).await;
    for n in acknowledged {
        assert_eq!(found.get(&name(round, *n)), Some(&1), "round {round}, document {n}");
    }
    assert!(found.values().all(|times| *times == 1), "{found:?}");
}

/// Sends acknowledged documents once more: the store must know each with its content. Gives a consistency token.
async fn send_again(server: &Process, round: u64, acknowledged: &BTreeSet<u64>) -> String {
    let (sender, receiver) = mpsc::channel(64);
    let ids: Vec<u64> = acknowledged.iter().copied().collect();
    tokio::spawn(async move {
        let messages = [open()].into_iter().chain(ids.into_iter().map(|n| item(round, n)));
        for message in messages {
            if sender.send(message).await.is_err() {
                return;
            }
        }
    });
    let mut client = DocumentServiceClient::new(server.channel());
    let mut answers = client.ingest_stream(ReceiverStream::new(receiver)).await.unwrap().into_inner();
    let (mut count, mut token) = (0, String::new());
    while let Some(answer) = answers.message().await.unwrap() {
        if let Some(Answer::Ack(ack)) = answer.message {
            let receipt = ack.receipt.unwrap();
            assert_eq!(
                (receipt.outcome(), receipt.revision),
                (IngestOutcome::AlreadyCurrent, 1),
                "round {round}, document {}",
                ack.client_id
            );
            count += 1;
            token = receipt.consistency_token;
        }
    }
    assert_eq!(count, acknowledged.len());
    token
}

/// How often a search finds each document of the round.
async fn found(server: &Process, round: u64, consistency_token: String) -> BTreeMap<String, u32> {
    let filter = QuoteFilter { text: marker(round), ..QuoteFilter::default() };
    let mut request = SearchQuotesRequest {
        filter: Some(filter),
        page_size: 1000,
        consistency_token,
        ..SearchQuotesRequest::default()
    };
    let mut client = QuoteServiceClient::new(server.channel());
    let mut times = BTreeMap::new();
    loop {
        let page = client.search_quotes(request.clone()).await.unwrap().into_inner();
        for result in page.results {
            *times.entry(result.document.unwrap().name).or_insert(0) += 1;
        }
        if page.next_page_token.is_empty() {
            return times;
        }
        request.page_token = page.next_page_token;
    }
}

fn open() -> IngestStreamRequest {
    let open = IngestStreamOpen { ack_level: AckLevel::Durable.into(), ..IngestStreamOpen::default() };
    IngestStreamRequest { message: Some(Ask::Open(open)) }
}

fn item(round: u64, n: u64) -> IngestStreamRequest {
    let text = format!("“We keep {} number {n},” Jane Miller said on Monday.", marker(round));
    let item = IngestStreamItem {
        client_id: n.to_string(),
        document_id: format!("{}-{n}", marker(round)),
        document: Some(Document { text, ..Document::default() }),
        expected_revision: None,
        analysis: None,
    };
    IngestStreamRequest { message: Some(Ask::Item(item)) }
}

fn marker(round: u64) -> String {
    format!("round{round}")
}

fn name(round: u64, n: u64) -> String {
    format!("collections/default/documents/{}-{n}", marker(round))
}
