//! `ExportService`. A stream is pulled: its next part is asked for when the client has taken the one before, so that a client that does
//! not read costs one part. Everything that an export has to remember is in the cursors that it sends; the engine is asked anew for
//! each part, and a stream that ends early, by a drain say, loses nothing. Start at [`Source::answers`].

use super::context::Context;
use super::door::Opened;
use super::from_proto::{self, Violations};
use super::gate::Gate;
use super::outbound::Answers;
use super::places::Place;
use super::seal::{Purpose, Sealer, context_of};
use super::status::Failure;
use super::to_proto::analysis::Rendering;
use super::to_proto::documents::View;
use super::wire::export_service_server::ExportService;
use super::{answer, caller, to_proto, wire};
use crate::domain::query::Cursor;
use crate::engine::{DocumentExport, EngineError, Part, QuoteExport, Reached};
use crate::ports::{Caller, Lane};
use futures_util::stream;
use prost::Message;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

/// Bytes at which a message is closed: small enough that little is sent again after an interruption.
const MESSAGE_BYTES: usize = 64 << 10;
/// Bytes of a message that are not its items: a cursor and numbers.
const ENVELOPE_BYTES: usize = 2 << 10;

/// Gives collections away.
#[derive(Clone)]
pub struct Exports(pub Arc<Context>);

/// What is exported, and how its parts become messages.
trait Source: Send + Sync + Sized + 'static {
    /// What goes over the wire.
    type Answer: Send + 'static;

    /// The messages of the part after a place; with the place that follows, unless it is the last.
    fn part(
        &self,
        call: &Call,
        after: Option<Cursor>,
    ) -> impl Future<Output = Result<(VecDeque<Self::Answer>, Option<Cursor>), Failure>> + Send;

    /// The whole export, from a place on.
    fn answers(self, call: Call, after: Option<Cursor>) -> Answers<Self::Answer> {
        let begin = (self, call, VecDeque::new(), Some(after));
        Box::pin(stream::try_unfold(begin, |(source, call, mut ready, mut next)| async move {
            loop {
                if call.shutdown.is_cancelled() {
                    return Err(Failure::from(EngineError::Draining).into());
                }
                if let Some(answer) = ready.pop_front() {
                    call.gate.still(&call.caller)?;
                    return Ok(Some((answer, (source, call, ready, next))));
                }
                let Some(after) = next.take() else { return Ok(None) };
                let part = tokio::select! {
                    () = call.shutdown.cancelled() => Err(EngineError::Draining.into()),
                    part = source.part(&call, after) => part,
                };
                let (messages, follows) = part.map_err(Status::from)?;
                (ready, next) = (messages, follows.map(Some));
            }
        }))
    }
}

/// A call that exports.
struct Call {
    opened: Opened,
    caller: Caller,
    shutdown: CancellationToken,
    /// Knows whether the caller still may.
    gate: Arc<Gate>,
    /// Its place among the open streams.
    _place: Place,
    /// What its cursors are bound to.
    context: [u8; 32],
    /// Bytes that the items of a message may have.
    room: usize,
}

impl Call {
    fn token(&self, reached: &Reached) -> String {
        self.opened.sealer.of(&self.caller.principal).seal(Purpose::Export, &self.context, &reached.cursor.0)
    }

    /// A part in messages, each with how far the export is after it. The last one goes as far as the part has looked, and is there even
    /// where nothing matched: an export of little from much goes on from there, too.
    fn messages<T, M: Message, A>(
        &self,
        part: Part<T>,
        render: impl Fn(&T) -> M,
        shorten: impl Fn(&mut M),
        message: impl Fn(Vec<M>, Reached, String) -> A,
    ) -> (VecDeque<A>, Option<Cursor>) {
        let Part { items, reached, is_last } = part;
        let (mut messages, mut group, mut bytes) = (VecDeque::new(), Vec::new(), 0);
        let mut last = None;
        for (item, reached) in items {
            let mut item = render(&item);
            if answer::item_len(&item) > self.room {
                shorten(&mut item);
            }
            let length = answer::item_len(&item);
            if let Some(before) = last.take_if(|_| bytes + length > self.room.min(MESSAGE_BYTES)) {
                let token = self.token(&before);
                messages.push_back(message(std::mem::take(&mut group), before, token));
                bytes = 0;
            }
            bytes += length;
            group.push(item);
            last = Some(reached);
        }
        let follows = (!is_last).then(|| reached.cursor.clone());
        let token = self.token(&reached);
        messages.push_back(message(group, reached, token));
        (messages, follows)
    }
}

/// What a request for an export says beside what it asks for.
struct Terms<'r> {
    context: [u8; 32],
    cursor: &'r str,
    max_answer_bytes: i32,
}

impl Exports {
    /// The call of a request, and where it begins.
    fn call<T>(&self, request: &Request<T>, terms: &Terms<'_>) -> Result<(Call, Option<Cursor>), Failure> {
        let opened = self.0.opened()?.clone();
        let caller = caller::of(request, Lane::Bulk);
        let room = answer::limit(terms.max_answer_bytes)?.saturating_sub(ENVELOPE_BYTES);
        let after = match terms.cursor {
            "" => None,
            token => Some(open(&opened.sealer.of(&caller.principal), &terms.context, token)?),
        };
        let place = self.0.place(&caller)?;
        let call = Call {
            opened,
            caller,
            shutdown: self.0.shutdown.clone(),
            gate: Arc::clone(&self.0.gate),
            _place: place,
            context: terms.context,
            room,
        };
        Ok((call, after))
    }
}

fn open(sealer: &Sealer, context: &[u8; 32], token: &str) -> Result<Cursor, Failure> {
    let payload = sealer.open(Purpose::Export, context, token);
    payload.map(Cursor).ok_or_else(|| {
        Failure::field("INVALID_TOKEN", "cursor", "is not the cursor of an export with the same fields")
    })
}

struct Documents {
    export: DocumentExport,
    view: View,
}

impl Source for Documents {
    type Answer = wire::ExportDocumentsResponse;

    async fn part(
        &self,
        call: &Call,
        after: Option<Cursor>,
    ) -> Result<(VecDeque<Self::Answer>, Option<Cursor>), Failure> {
        let part = call.opened.engine.export_documents(&call.caller, &self.export, after.as_ref()).await?;
        let message = |documents, reached: Reached, cursor| wire::ExportDocumentsResponse {
            documents,
            cursor,
            total_size: reached.total,
            sent_count: reached.sent,
            left_out_count: reached.left_out,
        };
        let render = |shown: &_| to_proto::documents::document(shown, self.view);
        Ok(call.messages(part, render, to_proto::documents::shorten, message))
    }
}

struct Quotes {
    export: QuoteExport,
    rendering: Rendering,
}

impl Source for Quotes {
    type Answer = wire::ExportQuotesResponse;

    async fn part(
        &self,
        call: &Call,
        after: Option<Cursor>,
    ) -> Result<(VecDeque<Self::Answer>, Option<Cursor>), Failure> {
        let part = call.opened.engine.export_quotes(&call.caller, &self.export, after.as_ref()).await?;
        let message = |results, reached: Reached, cursor| wire::ExportQuotesResponse {
            results,
            cursor,
            total_size: reached.total,
            sent_count: reached.sent,
            left_out_count: reached.left_out,
        };
        // Scores depend on all that is stored: what is exported must not.
        let render = |hit: &_| wire::QuoteResult {
            score: 0.0,
            highlights: Vec::new(),
            ..to_proto::quotes::result(hit, self.rendering)
        };
        Ok(call.messages(part, render, to_proto::quotes::shorten, message))
    }
}

#[tonic::async_trait]
impl ExportService for Exports {
    type ExportDocumentsStream = Answers<wire::ExportDocumentsResponse>;
    type ExportQuotesStream = Answers<wire::ExportQuotesResponse>;

    async fn export_documents(
        &self,
        request: Request<wire::ExportDocumentsRequest>,
    ) -> Result<Response<Self::ExportDocumentsStream>, Status> {
        let asked = request.get_ref();
        let bound =
            wire::ExportDocumentsRequest { cursor: String::new(), max_answer_bytes: 0, ..asked.clone() };
        let terms = Terms {
            context: context_of(&bound),
            cursor: &asked.cursor,
            max_answer_bytes: asked.max_answer_bytes,
        };
        let (call, after) = self.call(&request, &terms)?;
        let source = documents(bound)?;
        Ok(Response::new(source.answers(call, after)))
    }

    async fn export_quotes(
        &self,
        request: Request<wire::ExportQuotesRequest>,
    ) -> Result<Response<Self::ExportQuotesStream>, Status> {
        let asked = request.get_ref();
        let bound = wire::ExportQuotesRequest { cursor: String::new(), max_answer_bytes: 0, ..asked.clone() };
        let terms = Terms {
            context: context_of(&bound),
            cursor: &asked.cursor,
            max_answer_bytes: asked.max_answer_bytes,
        };
        let (call, after) = self.call(&request, &terms)?;
        let source = quotes(bound)?;
        Ok(Response::new(source.answers(call, after)))
    }
}

fn documents(request: wire::ExportDocumentsRequest) -> Result<Documents, Failure> {
    let collection = from_proto::names::only_parent(&request.parent)?;
    let mut violations = Violations::default();
    let view = from_proto::documents::view(
        &mut violations,
        request.view,
        &request.offset_encodings,
        request.include_evidence,
    );
    let filter = from_proto::query::document_filter(&mut violations, &collection, request.filter);
    let filter = violations.finish(Some(filter))?;
    Ok(Documents { export: DocumentExport { collection, filter, whole: view.is_whole() }, view })
}

fn quotes(request: wire::ExportQuotesRequest) -> Result<Quotes, Failure> {
    let collection = from_proto::names::only_parent(&request.parent)?;
    let mut violations = Violations::default();
    let rendering =
        from_proto::analysis::rendering(&mut violations, &request.offset_encodings, request.include_evidence);
    let filter = from_proto::query::quote_filter(&mut violations, &collection, request.filter);
    let filter = violations.finish(Some(filter))?;
    Ok(Quotes { export: QuoteExport { collection, filter }, rendering })
}
