//! Analysis without storage.

use super::api::{AnalyzeRequest, Lane};
use super::error::{EngineError, Invalid};
use super::{Core, Engine};
use crate::analysis::Input;
use crate::domain::annotation::{Analysis, AnalyzerStamp};
use std::sync::Arc;

impl Engine {
    /// Analyses a text and stores nothing. Dropping the future before the analysis begins saves its cost.
    pub async fn analyze(&self, request: AnalyzeRequest, lane: Lane) -> Result<Analysis, EngineError> {
        self.core.check_text(&request.text)?;
        let permit = self.core.admission.admit(request.text.len(), lane).await?;
        let analyzer = Arc::clone(&self.core.analyzer);
        let work = move || {
            let _permit = permit;
            let AnalyzeRequest { text, published_at, language, options } = &request;
            let input = Input { text, published_at: *published_at, language: language.as_deref() };
            analyzer.analyze(&input, options)
        };
        Ok(self.core.pool.run(lane, work).await?)
    }

    /// The analyzers that this service runs.
    pub fn analyzers(&self) -> Vec<AnalyzerStamp> {
        vec![self.core.analyzer.stamp().clone()]
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
