//! `AnalysisService.AnalyzeStream`: one session per call. The session reads texts while there is room for their
//! answers, has each analysed, and answers each when it is done. Nothing is stored, so that a client that goes takes
//! its texts with it. Start at [`Session::run`].

use super::context::ClientStream;
use super::inbound::{Arrival, Inbound};
use super::layers::trace_context;
use super::outbound::{Answers, Outbox, Slot};
use super::status::Failure;
use super::wire::analyze_stream_response::Result as Outcome;
use super::{analysis, wire};
use crate::engine::{Engine, EngineError, Permit};
use crate::ports::Caller;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::Status;
use tracing::{Instrument, Span};

/// Texts of one stream that are in work, or answered and not yet received, at once.
const WINDOW: usize = 64;
/// Their length, in bytes: an answer is as long as what was said and named in its text. One text may exceed it.
const WINDOW_BYTES: usize = 1 << 20;
/// Longest id of a text, in bytes.
const MAX_ID_BYTES: usize = 128;

/// One analysis stream.
pub struct Session {
    engine: Engine,
    caller: Caller,
    shutdown: CancellationToken,
    inbound: Inbound<wire::AnalyzeStreamRequest>,
    outbox: Outbox<wire::AnalyzeStreamResponse>,
    /// A place for the answer to the next text.
    slot: Option<Slot<wire::AnalyzeStreamResponse>>,
    /// What is left of the window's bytes.
    weights: Arc<Semaphore>,
    in_work: FuturesUnordered<AbortOnDropHandle<()>>,
    end: Option<End>,
}

/// How a session ends once everything read is answered.
enum End {
    Finished,
    Failed(Status),
}

/// What comes in; nothing at the end.
type Next = Option<Result<Arrival<wire::AnalyzeStreamRequest>, Status>>;

/// What a session waits for.
enum Event {
    Slot(Option<Slot<wire::AnalyzeStreamResponse>>),
    Arrival(Box<Next>),
    Done(Result<(), JoinError>),
    Drain,
    Gone,
}

impl Session {
    /// The answers to a stream of texts. Dropping them ends the session and what it has in work.
    pub fn answers(
        engine: &Engine,
        stream: ClientStream<wire::AnalyzeStreamRequest>,
    ) -> Answers<wire::AnalyzeStreamResponse> {
        let ClientStream { inbound, caller, shutdown, place } = stream;
        let engine = engine.clone();
        Outbox::run(WINDOW, |outbox| async move {
            let session = Self {
                engine,
                caller,
                shutdown,
                inbound,
                outbox,
                slot: None,
                weights: Arc::new(Semaphore::new(WINDOW_BYTES)),
                in_work: FuturesUnordered::new(),
                end: None,
            };
            session.run().await;
            drop(place);
        })
    }

    /// The whole session, from the first text to the last answer.
    async fn run(mut self) {
        while self.end.is_none() || !self.in_work.is_empty() {
            match self.event().await {
                Event::Slot(Some(slot)) => self.slot = Some(slot),
                Event::Slot(None) | Event::Gone => return,
                Event::Arrival(arrival) => self.arrived(*arrival),
                Event::Done(Ok(())) => {}
                Event::Done(Err(error)) => self.end = Some(End::Failed(broken(&error))),
                Event::Drain => self.end = Some(End::Failed(Failure::from(EngineError::Draining).into())),
            }
        }
        self.finish().await;
    }

    async fn event(&mut self) -> Event {
        let (reading, has_slot) = (self.end.is_none(), self.slot.is_some());
        tokio::select! {
            biased;
            Some(done) = self.in_work.next() => Event::Done(done),
            () = self.outbox.gone() => Event::Gone,
            () = self.shutdown.cancelled(), if reading => Event::Drain,
            slot = place(&self.outbox, &self.weights), if reading && !has_slot => Event::Slot(slot),
            arrival = self.inbound.next(), if reading && has_slot => Event::Arrival(Box::new(arrival)),
        }
    }

    fn arrived(&mut self, arrival: Next) {
        match arrival {
            Some(Ok(Arrival::Message(text, permit))) => self.start(text, permit),
            Some(Ok(Arrival::InLine)) => {}
            Some(Err(status)) => self.end = Some(End::Failed(status)),
            None => self.end = Some(End::Finished),
        }
    }

    fn start(&mut self, text: wire::AnalyzeStreamRequest, permit: Permit) {
        // Nothing is read without a place for its answer.
        let Some(slot) = self.slot.take() else { return };
        let bytes = text.request.as_ref().map_or(0, |request| request.text.len());
        let weight = weigh(&self.weights, bytes);
        let (engine, caller) = (self.engine.clone(), self.caller.clone());
        let span = trace_context::item("AnalyzeStream item", &caller.request_id, None);
        let work = async move {
            let answer = item(&engine, &caller, permit, text).await;
            slot.send(answer, weight);
        };
        self.in_work.push(AbortOnDropHandle::new(tokio::spawn(work.instrument(span))));
    }

    async fn finish(mut self) {
        self.slot = None;
        if let Some(End::Failed(status)) = self.end {
            self.outbox.end(Err(status)).await;
            self.inbound.let_go();
        }
    }
}

/// Waits until an answer has a place and its text some of the window's bytes.
async fn place(
    outbox: &Outbox<wire::AnalyzeStreamResponse>,
    weights: &Semaphore,
) -> Option<Slot<wire::AnalyzeStreamResponse>> {
    // Never closed. Given back at once: only this session takes any, and not before it has read the text.
    let _some = weights.acquire().await.ok()?;
    outbox.slot().await
}

/// Takes as much of the window as there is of `bytes`.
fn weigh(weights: &Arc<Semaphore>, bytes: usize) -> Option<OwnedSemaphorePermit> {
    let weight = u32::try_from(bytes.min(weights.available_permits())).ok()?;
    Arc::clone(weights).try_acquire_many_owned(weight).ok()
}

async fn item(
    engine: &Engine,
    caller: &Caller,
    permit: Permit,
    text: wire::AnalyzeStreamRequest,
) -> wire::AnalyzeStreamResponse {
    let analysis = match (text.id.len() <= MAX_ID_BYTES, text.request) {
        (false, _) => {
            let rule = format!("must have at most {MAX_ID_BYTES} bytes");
            Err(Failure::field("INVALID_ARGUMENT", "id", rule))
        }
        (true, None) => Err(Failure::field("INVALID_ARGUMENT", "request", "must be set")),
        (true, Some(request)) => {
            let analysis = analysis::analyze(engine, caller, permit, request).await;
            analysis.map_err(|failure| failure.under("request"))
        }
    };
    let result = match analysis {
        Ok(analysis) => Outcome::Analysis(analysis),
        Err(failure) => {
            trace_context::failed_with(&Span::current(), failure.code());
            Outcome::Error(failure.into())
        }
    };
    wire::AnalyzeStreamResponse { id: text.id, result: Some(result) }
}

/// A text's task that ended without an answer: it has panicked, or the runtime is going.
fn broken(error: &JoinError) -> Status {
    Failure::internal(&format!("analysis: {error}")).into()
}
