//! `AnalysisService`: analysis without storage.

use super::analyze_stream::Session;
use super::context::Context;
use super::layers::admission;
use super::outbound::Answers;
use super::status::Failure;
use super::to_proto::analysis::Renderer;
use super::wire::analysis_service_server::AnalysisService;
use super::{answer, caller, from_proto, to_proto, wire};
use crate::engine::{Analyzed, Engine, Need, Permit};
use crate::ports::{Caller, Lane};
use std::sync::Arc;
use tonic::{Request, Response, Status, Streaming};

/// Analyses texts and stores nothing.
#[derive(Clone)]
pub struct Analyses(pub Arc<Context>);

/// Analyses one text that there is room for.
pub async fn analyze(
    engine: &Engine,
    caller: &Caller,
    permit: Permit,
    request: wire::AnalyzeRequest,
) -> Result<wire::Analysis, Failure> {
    let limit = answer::limit(request.max_answer_bytes)?;
    let (request, rendering) = from_proto::analysis::analyze_request(request)?;
    let Analyzed { text, page, analysis, permit: _permit } = engine.analyze(caller, permit, request).await?;
    let _rendering = tracing::trace_span!("render").entered();
    let mut rendered = Renderer::new(&text, rendering).analysis(&analysis);
    rendered.article = page.map(|facts| to_proto::analysis::article(text, facts));
    answer::within(rendered, limit)
}

#[tonic::async_trait]
impl AnalysisService for Analyses {
    type AnalyzeStreamStream = Answers<wire::AnalyzeStreamResponse>;

    async fn analyze(
        &self,
        request: Request<wire::AnalyzeRequest>,
    ) -> Result<Response<wire::AnalyzeResponse>, Status> {
        let engine = &self.0.opened()?.engine;
        let caller = caller::of(&request, Lane::Interactive);
        let permit = admission::take(request.extensions())?;
        let analysis = analyze(engine, &caller, permit, request.into_inner()).await?;
        Ok(Response::new(wire::AnalyzeResponse { analysis: Some(analysis) }))
    }

    async fn analyze_stream(
        &self,
        request: Request<Streaming<wire::AnalyzeStreamRequest>>,
    ) -> Result<Response<Self::AnalyzeStreamStream>, Status> {
        let stream = self.0.stream(request.extensions(), Need::Text)?;
        Ok(Response::new(Session::answers(&self.0.opened()?.engine, stream)))
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
