//! Analysis: of texts that nobody stores, and of documents on their way in.

use super::api::AnalyzeRequest;
use super::error::{EngineError, Invalid};
use super::pool::Seam;
use super::{Core, Engine};
use crate::analysis::job::Step;
use crate::analysis::{Input, Options};
use crate::domain::annotation::{Analysis, AnalyzerStamp};
use crate::domain::time::Timestamp;
use crate::ports::Caller;
use std::sync::Arc;

impl Engine {
    /// Analyses a text and stores nothing. Stops between two steps once the caller waits no more.
    pub async fn analyze(&self, caller: &Caller, request: AnalyzeRequest) -> Result<Analysis, EngineError> {
        self.core.check_text(&request.text)?;
        let _permit = self.core.admission.admit(request.text.len(), caller.lane).await?;
        let AnalyzeRequest { text, published_at, language, options } = request;
        self.run(caller, text, published_at, language, options).await
    }

    /// The analyzers that this service runs.
    pub fn analyzers(&self) -> Vec<AnalyzerStamp> {
        vec![self.core.analyzer.stamp().clone()]
    }

    /// The analysis that a document is stored with.
    pub(super) async fn analysis_of(
        &self,
        caller: &Caller,
        text: Arc<str>,
        published_at: Option<Timestamp>,
        language: Option<String>,
    ) -> Result<Analysis, EngineError> {
        self.run(caller, text, published_at, language, Options::default()).await
    }

    async fn run(
        &self,
        caller: &Caller,
        text: Arc<str>,
        published_at: Option<Timestamp>,
        language: Option<String>,
        options: Options,
    ) -> Result<Analysis, EngineError> {
        let analyzer = Arc::clone(&self.core.analyzer);
        let bytes = text.len();
        let work = move |seam: &Seam<'_>| {
            let input = Input { text: &text, published_at, language: language.as_deref() };
            let mut job = analyzer.begin(&input, &options);
            loop {
                if let Step::Done(analysis) = job.step() {
                    return Ok(*analysis);
                }
                seam.pass()?;
            }
        };
        self.core.pool.run(caller, bytes, work).await
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
