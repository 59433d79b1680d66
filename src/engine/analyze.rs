//! Analysis: of texts that nobody stores, and of documents on their way in.

use super::admission::Permit;
use super::api::{AnalyzeRequest, Analyzed, Form};
use super::error::{EngineError, Invalid};
use super::observer::Observed;
use super::pages::PageFacts;
use super::pool::Seam;
use super::stages::Stages;
use super::{Core, Engine, pages};
use crate::analysis::job::{Stage, Step};
use crate::analysis::{Analyzer, Input, Options};
use crate::domain::annotation::{Analysis, AnalyzerName, AnalyzerStamp};
use crate::domain::document::{Document, StoredDocument};
use crate::ports::{Caller, Over};
use std::sync::Arc;
use std::time::Instant;

/// What can be analysed: a text, and what else its analysis depends on. Given to the threads that analyse and handed back, so that no
/// text is copied.
pub(super) trait Analysable: Send + 'static {
    /// Everything that the analysis is a function of.
    fn input(&self) -> Input<'_>;
}

impl Analysable for AnalyzeRequest {
    fn input(&self) -> Input<'_> {
        Input { text: &self.text, published_at: self.published_at, language: self.language.as_deref() }
    }
}

impl Analysable for Document {
    fn input(&self) -> Input<'_> {
        Input { text: &self.text, published_at: self.published_at, language: self.language.as_deref() }
    }
}

impl Analysable for StoredDocument {
    fn input(&self) -> Input<'_> {
        let info = &self.info;
        Input { text: &self.text, published_at: info.published_at, language: info.language.as_deref() }
    }
}

impl Engine {
    /// Analyses a text, which `permit` has room for, and stores nothing. Stops between two steps once the caller waits no more.
    pub async fn analyze(
        &self,
        caller: &Caller,
        permit: Permit,
        request: AnalyzeRequest,
    ) -> Result<Analyzed, EngineError> {
        let (request, page) = match request.form {
            Form::Plain => (request, None),
            Form::Page => of_page(request).await?,
        };
        self.core.check_text(&request.text)?;
        let (analyzer, options) = (request.analyzer, request.options);
        let (request, analysis) = self.analysed(caller, request, analyzer, options).await?;
        Ok(Analyzed { text: request.text, page, analysis, permit })
    }

    /// The analyzers that this service has, the one in use first.
    pub fn analyzers(&self) -> Vec<AnalyzerStamp> {
        self.core.analyzers.stamps().cloned().collect()
    }

    /// The analysis that a document is stored with, beside the document.
    pub(super) async fn analysis_of<D: Analysable>(
        &self,
        caller: &Caller,
        document: D,
        analyzer: Option<AnalyzerName>,
    ) -> Result<(D, Analysis), EngineError> {
        self.analysed(caller, document, analyzer, Options::default()).await
    }

    async fn analysed<D: Analysable>(
        &self,
        caller: &Caller,
        what: D,
        analyzer: Option<AnalyzerName>,
        options: Options,
    ) -> Result<(D, Analysis), EngineError> {
        let bytes = what.input().text.len();
        let (analyzers, observed) = (Arc::clone(&self.core.analyzers), self.core.observed.clone());
        let span = tracing::trace_span!("analysis", bytes, analyzer = analyzers.stamp(analyzer).name);
        let waiting = tracing::trace_span!(parent: &span, "analysis.wait");
        let queued = Instant::now();
        let work = move |seam: &Seam<'_>| {
            drop(waiting);
            let _within = span.entered();
            let started = Instant::now();
            observed.tell(|observer| observer.waited(started - queued));
            let analysis = in_stages(analyzers.get(analyzer), &what.input(), &options, seam, &observed)?;
            let name = &analyzers.stamp(analyzer).name;
            observed.tell(|observer| observer.analysed(name, bytes, started.elapsed()));
            Ok((what, analysis))
        };
        self.core.pool.run(caller, bytes, work).await
    }
}

/// The request for the article in the page that it brings. What the client says of it stands.
async fn of_page(request: AnalyzeRequest) -> Result<(AnalyzeRequest, Option<PageFacts>), EngineError> {
    let (text, facts) = pages::article(request.text).await?;
    let published_at = request.published_at.or(facts.published_at);
    let language = request.language.or_else(|| facts.language.clone());
    Ok((AnalyzeRequest { text, published_at, language, ..request }, Some(facts)))
}

/// One analysis, step by step, with a look up at each seam.
fn in_stages(
    analyzer: &Analyzer,
    input: &Input<'_>,
    options: &Options,
    seam: &Seam<'_>,
    observed: &Observed,
) -> Result<Analysis, Over> {
    let mut stages = Stages::default();
    let mut job = stages.step(Stage::Text, || analyzer.begin(input, options));
    loop {
        if let Step::Done(analysis) = stages.step(job.stage(), || job.step()) {
            stages.tell(observed);
            return Ok(*analysis);
        }
        seam.pass()?;
    }
}

impl Core {
    /// Whether a text can be taken at all.
    pub(super) fn check_text(&self, text: &str) -> Result<(), EngineError> {
        if text.is_empty() {
            return Err(EngineError::InvalidArgument { field: "text", reason: Invalid::Empty });
        }
        if text.len() > self.config.max_document_bytes {
            let (bytes, limit) = (text.len() as u64, self.config.max_document_bytes as u64);
            return Err(EngineError::TooLarge { bytes, limit });
        }
        Ok(())
    }
}
