//! `AnalysisService`: analysis without storage.

use super::context::Context;
use super::status::Failure;
use super::to_proto::analysis::Renderer;
use super::wire::analysis_service_server::AnalysisService;
use super::wire::analyze_stream_response::Result as Outcome;
use super::{answer, caller, from_proto, to_proto, wire};
use crate::engine::EngineError;
use crate::ports::{Caller, Lane};
use futures_util::{FutureExt, Stream, StreamExt};
use std::pin::Pin;
use std::sync::Arc;
use tokio_util::task::AbortOnDropHandle;
use tonic::{Request, Response, Status, Streaming};
use tracing::Instrument;

/// Texts of one stream that are in work, or answered and not yet received, at once.
const WINDOW: usize = 8;
/// Longest id of a text on a stream, in bytes.
const MAX_ID_BYTES: usize = 128;

/// Analyses texts and stores nothing.
#[derive(Clone)]
pub struct Analyses(pub Arc<Context>);

impl Analyses {
    async fn analysis(
        &self,
        caller: &Caller,
        request: wire::AnalyzeRequest,
    ) -> Result<wire::Analysis, Failure> {
        let opened = self.0.opened()?;
        let limit = answer::limit(request.max_answer_bytes)?;
        let (request, rendering) = from_proto::analysis::analyze_request(request)?;
        // Kept for rendering: shared, not copied.
        let text = Arc::clone(&request.text);
        let analysis = opened.engine.analyze(caller, request).await?;
        answer::within(Renderer::new(&text, rendering).analysis(&analysis), limit)
    }

    /// Answers one text of a stream on a task of its own, so that a client that does not read its answers does not
    /// hold the engine's permits.
    async fn on_task(
        self,
        caller: Caller,
        message: wire::AnalyzeStreamRequest,
    ) -> Result<wire::AnalyzeStreamResponse, Status> {
        let task = tokio::spawn(async move { self.item(&caller, message).await }.in_current_span());
        let answer = AbortOnDropHandle::new(task).await;
        answer.map_err(|error| Failure::internal(&format!("analysis: {error}")).into())
    }

    async fn item(
        &self,
        caller: &Caller,
        message: wire::AnalyzeStreamRequest,
    ) -> wire::AnalyzeStreamResponse {
        let analysis = match (message.id.len() <= MAX_ID_BYTES, message.request) {
            (false, _) => Err(Failure::field(
                "INVALID_ARGUMENT",
                "id",
                format!("must have at most {MAX_ID_BYTES} bytes"),
            )),
            (true, None) => Err(Failure::field("INVALID_ARGUMENT", "request", "must be set")),
            (true, Some(request)) => {
                self.analysis(caller, request).await.map_err(|failure| failure.under("request"))
            }
        };
        let result = match analysis {
            Ok(analysis) => Outcome::Analysis(analysis),
            Err(failure) => Outcome::Error(failure.into()),
        };
        wire::AnalyzeStreamResponse { id: message.id, result: Some(result) }
    }
}

#[tonic::async_trait]
impl AnalysisService for Analyses {
    type AnalyzeStreamStream =
        Pin<Box<dyn Stream<Item = Result<wire::AnalyzeStreamResponse, Status>> + Send>>;

    async fn analyze(
        &self,
        request: Request<wire::AnalyzeRequest>,
    ) -> Result<Response<wire::AnalyzeResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        let analysis = self.analysis(&caller, request.into_inner()).await?;
        Ok(Response::new(wire::AnalyzeResponse { analysis: Some(analysis) }))
    }

    async fn analyze_stream(
        &self,
        request: Request<Streaming<wire::AnalyzeStreamRequest>>,
    ) -> Result<Response<Self::AnalyzeStreamStream>, Status> {
        self.0.opened()?;
        let caller = caller::of(&request, Lane::Bulk);
        let service = self.clone();
        let shutdown = self.0.shutdown.clone();
        let answers = request
            .into_inner()
            .take_until(shutdown.clone().cancelled_owned())
            .map(move |message| {
                let (service, caller) = (service.clone(), caller.clone());
                async move { service.on_task(caller, message?).await }
            })
            .buffer_unordered(WINDOW);
        // A drain ends the stream after what was read is answered, with an error that says so.
        let end =
            async move { shutdown.is_cancelled().then(|| Err(Failure::from(EngineError::Draining).into())) };
        let end = end.into_stream().filter_map(std::future::ready);
        Ok(Response::new(Box::pin(answers.chain(end))))
    }

    async fn list_analyzers(
        &self,
        _request: Request<wire::ListAnalyzersRequest>,
    ) -> Result<Response<wire::ListAnalyzersResponse>, Status> {
        let stamps = self.0.opened()?.engine.analyzers();
        let analyzers = stamps.iter().map(to_proto::analysis::analyzer_stamp).collect();
        Ok(Response::new(wire::ListAnalyzersResponse { analyzers }))
    }
}
