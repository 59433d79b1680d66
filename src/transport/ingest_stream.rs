//! `DocumentService.IngestStream`: one session per call. The session reads documents while its window has room,
//! hands each to the engine, and answers each when it is done. It never sheds: where there is no room it waits in
//! line and tells the client to pause. What it has read it sees through, whether or not the client stays. Start at
//! [`Session::run`].

use super::context::ClientStream;
use super::documents::ingest_failure;
use super::door::Opened;
use super::from_proto;
use super::inbound::{Arrival, Inbound};
use super::ingest_settings::Settings;
use super::layers::trace_context;
use super::outbound::{Answers, Outbox, Slot};
use super::places::Place;
use super::status::Failure;
use super::to_proto::documents::{ack_level, receipt};
use super::to_proto::time::duration;
use super::wire;
use super::wire::ingest_stream_request::Message as Request;
use super::wire::ingest_stream_response::Message as Answer;
use crate::domain::annotation::Analysis;
use crate::domain::document::IngestReceipt;
use crate::domain::ids::collection_name;
use crate::engine::{Draft, Permit, Terms};
use crate::ports::Caller;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::collections::HashSet;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tracing::Instrument;

/// Documents of one session in work, or answered and not yet received, at once: enough for a full group of a commit.
const WINDOW_DOCUMENTS: usize = 256;
/// Text of those in work, in bytes. One document may exceed it, alone.
const WINDOW_BYTES: usize = 16 << 20;
/// Longest client id, in bytes.
const MAX_CLIENT_ID_BYTES: usize = 128;

/// One ingest stream.
pub struct Session {
    opened: Opened,
    caller: Caller,
    shutdown: CancellationToken,
    inbound: Inbound<wire::IngestStreamRequest>,
    outbox: Outbox<wire::IngestStreamResponse>,
    /// A place for the answer to the next message.
    slot: Option<Slot<wire::IngestStreamResponse>>,
    /// Set by the first message.
    settings: Option<Settings>,
    in_work: FuturesUnordered<JoinHandle<Done>>,
    /// Client ids in work.
    client_ids: HashSet<String>,
    /// Document ids in work: a second document under one of them waits, so that writes keep their order.
    document_ids: HashSet<String>,
    /// Read, but not in work: its document id still is.
    parked: Option<Work>,
    bytes_in_work: usize,
    acks: u64,
    /// Its place among the open streams, until the client has gone: what is still in work then has its own room.
    place: Option<Place>,
    end: Option<End>,
}

/// A document on its way through the engine.
struct Work {
    client_id: String,
    draft: Draft,
    /// Where it came with one.
    analysis: Option<Box<Analysis>>,
    permit: Permit,
    slot: Slot<wire::IngestStreamResponse>,
}

/// A document, and its analysis where it came with one.
type Imported = (Draft, Option<Box<Analysis>>);

/// What became of it.
struct Done {
    client_id: String,
    document_id: Option<String>,
    bytes: usize,
    slot: Slot<wire::IngestStreamResponse>,
    result: Result<IngestReceipt, Failure>,
}

/// How a session ends once everything read is answered.
enum End {
    /// The client has sent everything.
    Finished,
    /// The server shuts down.
    Goodbye,
    /// The client broke the protocol, or the session did.
    Failed(Status),
    /// Nobody is there to answer.
    Gone,
}

/// What a session waits for. Made and taken apart at once, so that its size costs nothing.
#[allow(clippy::large_enum_variant)]
enum Event {
    Slot(Option<Slot<wire::IngestStreamResponse>>),
    Message(Option<Result<Arrival<wire::IngestStreamRequest>, Status>>),
    Done(Result<Done, JoinError>),
    Drain,
    Gone,
}

impl Session {
    /// The answers to a stream of documents. Dropping them ends the session; what it has read is still stored.
    pub fn answers(
        opened: &Opened,
        stream: ClientStream<wire::IngestStreamRequest>,
    ) -> Answers<wire::IngestStreamResponse> {
        let ClientStream { inbound, caller, shutdown, place } = stream;
        let opened = opened.clone();
        Outbox::run(WINDOW_DOCUMENTS, |outbox| async move {
            let session = Self {
                opened,
                // What is read is stored, whatever becomes of the stream.
                caller: caller.detached(),
                shutdown,
                inbound,
                outbox,
                slot: None,
                settings: None,
                in_work: FuturesUnordered::new(),
                client_ids: HashSet::new(),
                document_ids: HashSet::new(),
                parked: None,
                bytes_in_work: 0,
                acks: 0,
                place: Some(place),
                end: None,
            };
            session.run().await;
        })
    }

    /// The whole session, from the first message to the last answer.
    async fn run(mut self) {
        while self.end.is_none() || !self.in_work.is_empty() || self.parked.is_some() {
            match self.event().await {
                Event::Slot(Some(slot)) => self.slot = Some(slot),
                Event::Slot(None) | Event::Gone => {
                    self.end = Some(End::Gone);
                    self.place = None;
                }
                Event::Message(Some(Ok(Arrival::Message(message, permit)))) => {
                    self.receive(message, permit).await
                }
                Event::Message(Some(Ok(Arrival::InLine))) => self.ask_for_a_pause(),
                Event::Message(Some(Err(status))) => self.end = Some(End::Failed(status)),
                Event::Message(None) => self.end = Some(End::Finished),
                Event::Done(Ok(done)) => self.done(done),
                Event::Done(Err(error)) => self.end = Some(End::Failed(broken(&error))),
                Event::Drain => self.end = Some(End::Goodbye),
            }
        }
        self.finish().await;
    }

    async fn event(&mut self) -> Event {
        let reading = self.end.is_none();
        let room = self.parked.is_none()
            && self.in_work.len() < WINDOW_DOCUMENTS
            && self.bytes_in_work < WINDOW_BYTES;
        let (here, has_slot) = (!matches!(self.end, Some(End::Gone)), self.slot.is_some());
        tokio::select! {
            // Answers first: they make room. The drain next, so that a client that never stops cannot hold it up.
            biased;
            Some(done) = self.in_work.next() => Event::Done(done),
            () = self.outbox.gone(), if here => Event::Gone,
            () = self.shutdown.cancelled(), if reading => Event::Drain,
            slot = self.outbox.slot(), if reading && !has_slot => Event::Slot(slot),
            message = self.inbound.next(), if reading && room && has_slot => Event::Message(message),
        }
    }

    async fn receive(&mut self, message: wire::IngestStreamRequest, permit: Permit) {
        // Nothing is read without a place for its answer.
        let Some(slot) = self.slot.take() else { return };
        match (message.message, self.settings.clone()) {
            (Some(Request::Open(open)), None) => match self.open(open).await {
                Ok(opened) => slot.send(answer(Answer::Opened(opened)), None),
                Err(failure) => self.end = Some(End::Failed(failure.under("open").into())),
            },
            (Some(Request::Item(item)), Some(settings)) => self.item(item, &settings, permit, slot),
            (Some(Request::Open(_)), Some(_)) => self.out_of_order("open", "must be the first message only"),
            (Some(Request::Item(_)), None) => self.out_of_order("item", "must come after `open`"),
            (None, _) => self.out_of_order("message", "must be set"),
        }
    }

    fn out_of_order(&mut self, field: &str, description: &str) {
        self.end = Some(End::Failed(Failure::field("STREAM_OUT_OF_ORDER", field, description).into()));
    }

    async fn open(&mut self, open: wire::IngestStreamOpen) -> Result<wire::IngestStreamOpened, Failure> {
        let (settings, acks) = Settings::of(&open, &self.opened.sealer.of(&self.caller.principal))?;
        // Better one error now than one for every document.
        self.opened.engine.get_collection(&self.caller, &settings.collection).await?;
        let opened = wire::IngestStreamOpened {
            parent: collection_name(&settings.collection),
            ack_level: ack_level(settings.level).into(),
            window: WINDOW_DOCUMENTS as u32,
            resumed_acks: acks,
        };
        (self.settings, self.acks) = (Some(settings), acks);
        Ok(opened)
    }

    fn item(
        &mut self,
        item: wire::IngestStreamItem,
        settings: &Settings,
        permit: Permit,
        slot: Slot<wire::IngestStreamResponse>,
    ) {
        let client_id = item.client_id.clone();
        match self.draft(item, settings) {
            Ok((draft, analysis)) => {
                self.park_or_start(Work { client_id, draft, analysis, permit, slot });
            }
            Err(failure) => slot.send(reject(client_id, failure), None),
        }
    }

    fn draft(&self, item: wire::IngestStreamItem, settings: &Settings) -> Result<Imported, Failure> {
        let wire::IngestStreamItem { client_id, document_id, document, expected_revision, analysis } = item;
        if client_id.is_empty() || client_id.len() > MAX_CLIENT_ID_BYTES {
            let rule = format!("must have 1 to {MAX_CLIENT_ID_BYTES} bytes");
            return Err(Failure::field("INVALID_ARGUMENT", "client_id", rule));
        }
        if self.client_ids.contains(&client_id) {
            let rule = "is in use by a document that is not yet answered";
            return Err(Failure::field("DUPLICATE_CLIENT_ID", "client_id", rule));
        }
        let terms = Terms { expected: expected_revision, analyzer: settings.analyzer, ..Terms::default() };
        let draft = from_proto::documents::ingest_item(&settings.collection, &document_id, document, terms)?;
        let analysis = from_proto::documents::analysis(&draft, analysis)?;
        Ok((draft, analysis))
    }

    fn park_or_start(&mut self, work: Work) {
        self.client_ids.insert(work.client_id.clone());
        match work.draft.id.as_ref().is_some_and(|id| self.document_ids.contains(id.as_str())) {
            true => self.parked = Some(work),
            false => self.start(work),
        }
    }

    /// Hands a document to the engine, on a task of its own: what is read is stored, whatever becomes of the stream.
    fn start(&mut self, work: Work) {
        let Some(Settings { level, .. }) = self.settings else { return };
        let Work { client_id, draft, analysis, permit, slot } = work;
        let document_id = draft.id.as_ref().map(|id| id.as_str().to_owned());
        self.document_ids.extend(document_id.clone());
        let bytes = draft.text.len();
        self.bytes_in_work += bytes;
        let (opened, caller) = (self.opened.clone(), self.caller.clone());
        let collection = Some(draft.collection.as_str());
        let span = trace_context::item("IngestStream item", &caller.request_id, collection);
        let within = span.clone();
        let done = async move {
            let result = match analysis {
                None => opened.engine.ingest(&caller, permit, draft, level).await,
                Some(analysis) => opened.engine.import(&caller, permit, draft, *analysis, level).await,
            };
            let result = result.map_err(|error| ingest_failure(error, &opened.tokens));
            if let Err(failure) = &result {
                trace_context::failed_with(&span, failure.code());
            }
            Done { client_id, document_id, bytes, slot, result }
        };
        self.in_work.push(tokio::spawn(done.instrument(within)));
    }

    fn done(&mut self, done: Done) {
        let Done { client_id, document_id, bytes, slot, result } = done;
        if let Some(id) = &document_id {
            self.document_ids.remove(id);
        }
        self.bytes_in_work -= bytes;
        self.client_ids.remove(&client_id);
        let answer = match result {
            Ok(receipt) => self.ack(client_id, receipt),
            Err(failure) => reject(client_id, failure),
        };
        slot.send(answer, None);
        if let Some(parked) = self.parked.take() {
            self.client_ids.remove(&parked.client_id);
            self.park_or_start(parked);
        }
    }

    fn ack(&mut self, client_id: String, got: IngestReceipt) -> wire::IngestStreamResponse {
        self.acks += 1;
        let receipt = Some(receipt(&self.opened.tokens, got));
        answer(Answer::Ack(wire::IngestStreamAck { client_id, receipt }))
    }

    /// Not before the stream is open: the client waits for that as it is.
    fn ask_for_a_pause(&self) {
        if self.settings.is_none() {
            return;
        }
        let pause = Some(duration(self.opened.engine.retry_after()));
        self.outbox.mention(answer(Answer::Backoff(wire::IngestStreamBackoff { pause })));
    }

    async fn finish(mut self) {
        self.slot = None;
        match self.end.take() {
            None | Some(End::Finished | End::Gone) => return,
            Some(End::Failed(status)) => self.outbox.end(Err(status)).await,
            Some(End::Goodbye) => {
                let goodbye = wire::IngestStreamGoodbye {
                    reason: "DRAINING".to_owned(),
                    resume_token: self.resume_token(),
                };
                self.outbox.end(Ok(answer(Answer::Goodbye(goodbye)))).await;
            }
        }
        self.inbound.let_go();
    }

    /// Empty where the stream was not opened: then there is nothing to go on from.
    fn resume_token(&self) -> String {
        let settings = self.settings.as_ref();
        settings
            .map(|settings| settings.token(&self.opened.sealer.of(&self.caller.principal), self.acks))
            .unwrap_or_default()
    }
}

fn answer(message: Answer) -> wire::IngestStreamResponse {
    wire::IngestStreamResponse { message: Some(message) }
}

fn reject(client_id: String, failure: Failure) -> wire::IngestStreamResponse {
    answer(Answer::Reject(wire::IngestStreamReject { client_id, error: Some(failure.into()) }))
}

/// A document's task that ended without a result: it has panicked, or the runtime is going.
fn broken(error: &JoinError) -> Status {
    Failure::internal(&format!("ingest: {error}")).into()
}
