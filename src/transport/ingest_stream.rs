//! `DocumentService.IngestStream`: one session per call. The session reads documents while its window has room,
//! hands each to the engine, and answers each when it is done. It never sheds: where the engine is full it tells the
//! client to pause, keeps what it has, and tries again. Start at [`Session::step`].

use super::consistency::Tokens;
use super::documents::ingest_failure;
use super::door::Opened;
use super::from_proto::{self, Violations};
use super::seal::{Purpose, Sealer};
use super::status::Failure;
use super::to_proto::documents::{ack_level, receipt};
use super::to_proto::time::duration;
use super::wire;
use super::wire::ingest_stream_request::Message as Request;
use super::wire::ingest_stream_response::Message as Answer;
use crate::domain::document::{AckLevel, IngestReceipt};
use crate::domain::ids::{CollectionId, collection_name};
use crate::engine::{Draft, Engine, EngineError};
use crate::ports::Caller;
use futures_util::stream::FuturesUnordered;
use futures_util::{Stream, StreamExt, stream};
use std::collections::{HashSet, VecDeque};
use std::pin::Pin;
use std::time::Duration;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::{Status, Streaming};
use tracing::Instrument;

/// Documents of one session in work at once: enough for a full group of a commit.
const WINDOW_DOCUMENTS: usize = 256;
/// Their text, in bytes. One document may exceed it, alone.
const WINDOW_BYTES: usize = 16 << 20;
/// Longest client id, in bytes.
const MAX_CLIENT_ID_BYTES: usize = 128;

/// The answers of one session.
pub type Answers = Pin<Box<dyn Stream<Item = Result<wire::IngestStreamResponse, Status>> + Send>>;

/// One ingest stream.
pub struct Session {
    engine: Engine,
    caller: Caller,
    sealer: Sealer,
    tokens: Tokens,
    shutdown: CancellationToken,
    incoming: Streaming<wire::IngestStreamRequest>,
    /// Set by the first message.
    settings: Option<Settings>,
    /// On tasks of their own: a client that does not read its answers must not hold the engine's permits.
    in_work: FuturesUnordered<AbortOnDropHandle<Done>>,
    /// Client ids in work.
    client_ids: HashSet<String>,
    /// Document ids in work: a second document under one of them waits, so that writes keep their order.
    document_ids: HashSet<String>,
    /// Read, but not in work: its document id still is.
    parked: Option<Work>,
    bytes_in_work: usize,
    /// Documents that the engine had no room for. While there is one, nothing is read.
    waiting: usize,
    acks: u64,
    outbox: VecDeque<wire::IngestStreamResponse>,
    end: Option<End>,
}

/// What holds for all documents of a session.
#[derive(Clone)]
struct Settings {
    collection: CollectionId,
    level: AckLevel,
}

/// A document on its way through the engine.
struct Work {
    client_id: String,
    draft: Draft,
}

/// What became of it.
struct Done {
    work: Work,
    was_waiting: bool,
    result: Result<IngestReceipt, EngineError>,
}

/// How a session ends once everything read is answered.
enum End {
    /// The client has sent everything.
    Finished,
    /// The server shuts down.
    Goodbye,
    /// The client broke the protocol, or is gone.
    Failed(Status),
    /// Nothing more to send.
    Closed,
}

/// What a session waits for.
enum Event {
    Message(Option<Box<Result<wire::IngestStreamRequest, Status>>>),
    Done(Box<Result<Done, JoinError>>),
    Drain,
}

impl Session {
    /// The answers to a stream of documents. Dropping them ends the session; documents that the engine has begun to
    /// analyse are still stored.
    pub fn answers(
        opened: &Opened,
        caller: Caller,
        shutdown: CancellationToken,
        incoming: Streaming<wire::IngestStreamRequest>,
    ) -> Answers {
        let session = Self {
            engine: opened.engine.clone(),
            caller,
            sealer: opened.sealer.clone(),
            tokens: opened.tokens.clone(),
            shutdown,
            incoming,
            settings: None,
            in_work: FuturesUnordered::new(),
            client_ids: HashSet::new(),
            document_ids: HashSet::new(),
            parked: None,
            bytes_in_work: 0,
            waiting: 0,
            acks: 0,
            outbox: VecDeque::new(),
            end: None,
        };
        Box::pin(stream::unfold(session, Self::step))
    }

    /// The next answer.
    async fn step(mut self) -> Option<(Result<wire::IngestStreamResponse, Status>, Self)> {
        loop {
            if let Some(answer) = self.outbox.pop_front() {
                return Some((Ok(answer), self));
            }
            if self.end.is_some() && self.in_work.is_empty() && self.parked.is_none() {
                return self.finish();
            }
            match self.event().await {
                Event::Message(Some(message)) => match *message {
                    Ok(message) => self.receive(message).await,
                    Err(status) => self.end = Some(End::Failed(status)),
                },
                Event::Message(None) => self.end = Some(End::Finished),
                Event::Done(done) => match *done {
                    Ok(done) => self.done(done),
                    Err(error) => self.end = Some(End::Failed(broken(&error))),
                },
                Event::Drain => self.end = Some(End::Goodbye),
            }
        }
    }

    async fn event(&mut self) -> Event {
        let reading = self.end.is_none();
        let room = self.parked.is_none()
            && self.waiting == 0
            && self.in_work.len() < WINDOW_DOCUMENTS
            && self.bytes_in_work < WINDOW_BYTES;
        tokio::select! {
            // Answers first: they make room. The drain next, so that a client that never stops cannot hold it up.
            biased;
            Some(done) = self.in_work.next() => Event::Done(Box::new(done)),
            () = self.shutdown.cancelled(), if reading => Event::Drain,
            message = self.incoming.next(), if reading && room => Event::Message(message.map(Box::new)),
        }
    }

    async fn receive(&mut self, message: wire::IngestStreamRequest) {
        match (message.message, self.settings.clone()) {
            (Some(Request::Open(open)), None) => match self.open(open).await {
                Ok(opened) => self.send(Answer::Opened(opened)),
                Err(failure) => self.end = Some(End::Failed(failure.under("open").into())),
            },
            (Some(Request::Item(item)), Some(settings)) => self.item(item, &settings),
            (Some(Request::Open(_)), Some(_)) => self.out_of_order("open", "must be the first message only"),
            (Some(Request::Item(_)), None) => self.out_of_order("item", "must come after `open`"),
            (None, _) => self.out_of_order("message", "must be set"),
        }
    }

    fn out_of_order(&mut self, field: &str, description: &str) {
        self.end = Some(End::Failed(Failure::field("STREAM_OUT_OF_ORDER", field, description).into()));
    }

    async fn open(&mut self, open: wire::IngestStreamOpen) -> Result<wire::IngestStreamOpened, Failure> {
        let settings = match open.resume_token.as_str() {
            "" => fresh(&open)?,
            token => self.resume(&open, token)?,
        };
        // Better one error now than one for every document.
        self.engine.get_collection(&self.caller, &settings.collection).await?;
        let opened = wire::IngestStreamOpened {
            parent: collection_name(&settings.collection),
            ack_level: ack_level(settings.level).into(),
            window: WINDOW_DOCUMENTS as u32,
            resumed_acks: self.acks,
        };
        self.settings = Some(settings);
        Ok(opened)
    }

    fn resume(&mut self, open: &wire::IngestStreamOpen, token: &str) -> Result<Settings, Failure> {
        let mut violations = Violations::default();
        violations.require(open.parent.is_empty(), "parent", "must be unset beside `resume_token`");
        violations.require(open.ack_level == 0, "ack_level", "must be unset beside `resume_token`");
        let payload = self.sealer.open(Purpose::Resume, b"", token);
        let resumed = payload.as_deref().and_then(decode_resume);
        violations.require(
            resumed.is_some(),
            "resume_token",
            "is not the token of a goodbye of this server's store",
        );
        let (settings, acks) = violations.finish(resumed)?;
        self.acks = acks;
        Ok(settings)
    }

    fn item(&mut self, item: wire::IngestStreamItem, settings: &Settings) {
        let client_id = item.client_id.clone();
        match self.work(item, settings) {
            Ok(work) => self.park_or_start(work),
            Err(failure) => self.reject(client_id, failure),
        }
    }

    fn work(&mut self, item: wire::IngestStreamItem, settings: &Settings) -> Result<Work, Failure> {
        let wire::IngestStreamItem { client_id, document_id, document, expected_revision } = item;
        if client_id.is_empty() || client_id.len() > MAX_CLIENT_ID_BYTES {
            let rule = format!("must have 1 to {MAX_CLIENT_ID_BYTES} bytes");
            return Err(Failure::field("INVALID_ARGUMENT", "client_id", rule));
        }
        if self.client_ids.contains(&client_id) {
            let rule = "is in use by a document that is not yet answered";
            return Err(Failure::field("DUPLICATE_CLIENT_ID", "client_id", rule));
        }
        let collection = &settings.collection;
        let draft =
            from_proto::documents::ingest_item(collection, &document_id, document, expected_revision)?;
        Ok(Work { client_id, draft })
    }

    fn park_or_start(&mut self, work: Work) {
        self.client_ids.insert(work.client_id.clone());
        match work.draft.id.as_ref().is_some_and(|id| self.document_ids.contains(id.as_str())) {
            true => self.parked = Some(work),
            false => self.start(work, None),
        }
    }

    /// Hands a document to the engine, after a pause where the engine has asked for one.
    fn start(&mut self, work: Work, pause: Option<Duration>) {
        let Some(Settings { level, .. }) = self.settings else { return };
        if let Some(id) = &work.draft.id {
            self.document_ids.insert(id.as_str().to_owned());
        }
        self.bytes_in_work += work.draft.text.len();
        self.waiting += usize::from(pause.is_some());
        let (engine, caller) = (self.engine.clone(), self.caller.clone());
        let done = async move {
            if let Some(pause) = pause {
                tokio::time::sleep(pause).await;
            }
            let result = engine.ingest(&caller, work.draft.clone(), level).await;
            Done { work, was_waiting: pause.is_some(), result }
        };
        self.in_work.push(AbortOnDropHandle::new(tokio::spawn(done.in_current_span())));
    }

    fn done(&mut self, done: Done) {
        let Done { work, was_waiting, result } = done;
        if let Some(id) = &work.draft.id {
            self.document_ids.remove(id.as_str());
        }
        self.bytes_in_work -= work.draft.text.len();
        self.waiting -= usize::from(was_waiting);
        match result {
            Err(EngineError::Overloaded { retry_after }) if !self.is_cut_short() => {
                self.send(Answer::Backoff(wire::IngestStreamBackoff { pause: Some(duration(retry_after)) }));
                self.start(work, Some(retry_after));
                return;
            }
            Ok(receipt) => self.ack(&work.client_id, receipt),
            Err(error) => self.reject(work.client_id.clone(), ingest_failure(error, &self.tokens)),
        }
        self.client_ids.remove(&work.client_id);
        if let Some(parked) = self.parked.take() {
            self.client_ids.remove(&parked.client_id);
            self.park_or_start(parked);
        }
    }

    /// Whether nobody waits for the answers any more, or the engine is going.
    fn is_cut_short(&self) -> bool {
        matches!(self.end, Some(End::Goodbye | End::Failed(_)))
    }

    fn ack(&mut self, client_id: &str, got: IngestReceipt) {
        self.acks += 1;
        let receipt = Some(receipt(&self.tokens, got));
        self.send(Answer::Ack(wire::IngestStreamAck { client_id: client_id.to_owned(), receipt }));
    }

    fn reject(&mut self, client_id: String, failure: Failure) {
        self.send(Answer::Reject(wire::IngestStreamReject { client_id, error: Some(failure.into()) }));
    }

    fn send(&mut self, answer: Answer) {
        self.outbox.push_back(wire::IngestStreamResponse { message: Some(answer) });
    }

    fn finish(mut self) -> Option<(Result<wire::IngestStreamResponse, Status>, Self)> {
        match self.end.replace(End::Closed)? {
            End::Finished | End::Closed => None,
            End::Failed(status) => Some((Err(status), self)),
            End::Goodbye => {
                let goodbye = wire::IngestStreamGoodbye {
                    reason: "DRAINING".to_owned(),
                    resume_token: self.resume_token(),
                };
                let answer = wire::IngestStreamResponse { message: Some(Answer::Goodbye(goodbye)) };
                Some((Ok(answer), self))
            }
        }
    }

    /// Empty where the stream was not opened: then there is nothing to go on from.
    fn resume_token(&self) -> String {
        match &self.settings {
            Some(settings) => self.sealer.seal(Purpose::Resume, b"", &encode_resume(settings, self.acks)),
            None => String::new(),
        }
    }
}

/// A document's task that ended without a result: it has panicked, or the runtime is going.
fn broken(error: &JoinError) -> Status {
    Failure::internal(&format!("ingest: {error}")).into()
}

fn fresh(open: &wire::IngestStreamOpen) -> Result<Settings, Failure> {
    let mut violations = Violations::default();
    let collection = violations.keep("parent", from_proto::names::parent(&open.parent));
    let level = from_proto::documents::ack_level(&mut violations, open.ack_level);
    violations.finish(collection.zip(level).map(|(collection, level)| Settings { collection, level }))
}

/// Level, acks, collection.
fn encode_resume(settings: &Settings, acks: u64) -> Vec<u8> {
    let mut payload = vec![ack_level(settings.level) as u8];
    payload.extend_from_slice(&acks.to_le_bytes());
    payload.extend_from_slice(settings.collection.as_str().as_bytes());
    payload
}

fn decode_resume(payload: &[u8]) -> Option<(Settings, u64)> {
    let (&level, rest) = payload.split_first()?;
    let (acks, collection) = rest.split_first_chunk::<8>()?;
    let collection = CollectionId::new(std::str::from_utf8(collection).ok()?).ok()?;
    let level = from_proto::documents::ack_level(&mut Violations::default(), i32::from(level))?;
    Some((Settings { collection, level }, u64::from_le_bytes(*acks)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resume_token_keeps_collection_level_and_acks() {
        let settings =
            Settings { collection: CollectionId::new("news").unwrap(), level: AckLevel::Searchable };
        let (resumed, acks) = decode_resume(&encode_resume(&settings, 7)).unwrap();
        assert_eq!((resumed.collection, resumed.level, acks), (settings.collection, AckLevel::Searchable, 7));
        assert!(decode_resume(b"").is_none());
    }
}
