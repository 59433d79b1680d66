//! One call of `DocumentService.IngestStream`. Answers are read at all times, since a service that cannot get rid of
//! its answers reads no further; documents go out as far as the service's window allows. What is to be sent, and
//! what is still unanswered, is the [`Delivery`]'s to know.

use super::ahead;
use super::delivery::Delivery;
use super::read::Found;
use crate::cli::CliError;
use crate::cli::client::is_transient;
use crate::transport::wire::ingest_stream_request::Message as Request;
use crate::transport::wire::ingest_stream_response::Message as Answer;
use crate::transport::wire::{IngestStreamRequest, IngestStreamResponse, ItemError};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

/// Documents under way until the service says how many it works on.
const FIRST_WINDOW: usize = 64;

/// Bytes under way at once; one document may exceed it, alone.
const WINDOW_BYTES: u64 = 32 << 20;

/// How a stream ended.
pub enum End {
    /// Everything was read and answered.
    Finished,
    /// The service asked for a new stream, or broke off; what is unanswered has to go again.
    Again(Status),
    /// The service will not have it, whatever we do.
    Refused(Status),
    /// Something in what we sent made the service end the stream.
    Offended(Status),
}

/// Sends what is unanswered, then what comes in, until everything is answered or the stream ends.
///
/// # Errors
/// Where our own output fails.
pub async fn run(delivery: &mut Delivery<'_>, incoming: &mut ahead::Receiver) -> Result<End, CliError> {
    let (sender, receiver) = mpsc::channel(1);
    // The channel holds one message and is empty.
    let _ = sender.try_send(request(Request::Open(delivery.open())));
    let answers = match delivery.call(ReceiverStream::new(receiver)).await {
        Ok(answers) => answers,
        Err(status) if is_transient(status.code()) => return Ok(End::Again(status)),
        Err(status) => return Ok(End::Refused(status)),
    };
    let again = delivery.unanswered_ids().collect();
    let mut stream =
        Stream { answers, sender: Some(sender), again, next: None, window: None, paused_until: None };
    loop {
        stream.choose(delivery);
        match stream.event(delivery, incoming).await {
            Event::PauseOver => stream.paused_until = None,
            Event::Found(None) => stream.sender = None,
            Event::Found(Some(found)) => stream.again.extend(delivery.found(found)),
            Event::Taken => {}
            Event::Answer(answer) => {
                if let Some(end) = stream.answer(delivery, answer)? {
                    return Ok(end);
                }
            }
        }
    }
}

struct Stream {
    answers: Streaming<IngestStreamResponse>,
    /// Dropped once everything is sent: that tells the service.
    sender: Option<mpsc::Sender<IngestStreamRequest>>,
    /// Documents that are not under way on this stream yet.
    again: VecDeque<u64>,
    /// The message to send next.
    next: Option<IngestStreamRequest>,
    /// Known once the service has opened the stream.
    window: Option<usize>,
    paused_until: Option<Instant>,
}

/// What a stream waits for.
enum Event {
    Answer(Result<Option<IngestStreamResponse>, Status>),
    /// The connection took a message.
    Taken,
    Found(Option<Found>),
    PauseOver,
}

impl Stream {
    /// Makes the next message, where there is a document for it and room.
    fn choose(&mut self, delivery: &Delivery<'_>) {
        let under_way = delivery.unanswered_ids().len() - self.again.len();
        if self.next.is_none() && under_way < self.window.unwrap_or(FIRST_WINDOW) {
            let id = self.again.pop_front();
            let item = id.and_then(|id| delivery.item(id));
            self.next = item.map(|item| request(Request::Item(item)));
        }
    }

    async fn event(&mut self, delivery: &Delivery<'_>, incoming: &mut ahead::Receiver) -> Event {
        let paused = self.paused_until;
        let room = delivery.unanswered_bytes() < WINDOW_BYTES;
        let reading = self.sender.is_some() && self.again.is_empty() && self.next.is_none() && room;
        let sending = self.next.is_some() && paused.is_none();
        tokio::select! {
            // Answers first: they make room.
            biased;
            answer = self.answers.message() => Event::Answer(answer),
            () = wait_until(paused), if paused.is_some() => Event::PauseOver,
            taken = take(&mut self.sender, &mut self.next), if sending => taken,
            found = incoming.recv(), if reading => Event::Found(found),
        }
    }

    fn answer(
        &mut self,
        delivery: &mut Delivery<'_>,
        answer: Result<Option<IngestStreamResponse>, Status>,
    ) -> Result<Option<End>, CliError> {
        let answer = match answer {
            Err(status) => return Ok(Some(self.failed(status))),
            Ok(None) if self.sender.is_none() && delivery.unanswered_ids().len() == 0 => {
                return Ok(Some(End::Finished));
            }
            Ok(None) => return Ok(Some(End::Again(Status::unavailable("it was ended early")))),
            Ok(Some(response)) => response.message,
        };
        match answer {
            Some(Answer::Opened(opened)) => self.window = Some(opened.window.max(1) as usize),
            Some(Answer::Ack(ack)) => {
                let receipt = ack.receipt.unwrap_or_default();
                delivery.acknowledged(parse_id(&ack.client_id), &receipt)?;
            }
            Some(Answer::Reject(reject)) => return Ok(rejected(delivery, &reject.client_id, reject.error)),
            Some(Answer::Backoff(backoff)) => {
                let pause =
                    backoff.pause.and_then(|pause| Duration::try_from(pause).ok()).unwrap_or_default();
                self.paused_until = Some(Instant::now() + pause);
            }
            Some(Answer::Goodbye(goodbye)) => {
                delivery.resume_with(goodbye.resume_token);
                return Ok(Some(End::Again(Status::unavailable(format!("goodbye: {}", goodbye.reason)))));
            }
            // Of a later version of the service, and not for us.
            None => {}
        }
        Ok(None)
    }

    fn failed(&self, status: Status) -> End {
        match (is_transient(status.code()), self.window) {
            (true, _) => End::Again(status),
            (false, None) => End::Refused(status),
            (false, Some(_)) => End::Offended(status),
        }
    }
}

async fn wait_until(instant: Option<Instant>) {
    if let Some(instant) = instant {
        sleep_until(instant).await;
    }
}

/// Hands the next message to the connection when that takes it. A call that has ended takes nothing more; its
/// answers say why, and the document stays unanswered.
async fn take(
    sender: &mut Option<mpsc::Sender<IngestStreamRequest>>,
    next: &mut Option<IngestStreamRequest>,
) -> Event {
    if let Some(open) = sender
        && let Ok(permit) = open.reserve().await
    {
        if let Some(message) = next.take() {
            permit.send(message);
        }
    } else {
        *sender = None;
        *next = None;
    }
    Event::Taken
}

/// A document that was refused for good is reported; one that was not taken for the moment goes again.
fn rejected(delivery: &mut Delivery<'_>, client_id: &str, error: Option<ItemError>) -> Option<End> {
    let error = error.unwrap_or_default();
    if Code::from(error.code) == Code::Unavailable {
        return Some(End::Again(Status::unavailable(error.message)));
    }
    // The message has the first violation already.
    let violations = error.field_violations.iter().skip(1);
    let violations = violations.map(|violation| format!("; {}: {}", violation.field, violation.description));
    let reason = error.message.clone() + &violations.collect::<String>();
    delivery.refused(parse_id(client_id), &reason);
    None
}

/// Ids are numbers of ours; another's matches nothing that is unanswered.
fn parse_id(client_id: &str) -> u64 {
    client_id.parse().unwrap_or(u64::MAX)
}

fn request(message: Request) -> IngestStreamRequest {
    IngestStreamRequest { message: Some(message) }
}
