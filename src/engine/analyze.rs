//! Analysis without storage.

use super::admission::Permit;
use super::api::{AnalyzeRequest, Analyzed};
use super::caller::Caller;
use super::error::{EngineError, Invalid};
use super::{Core, Engine};
use crate::analysis::Input;
use crate::domain::annotation::AnalyzerStamp;
use std::sync::Arc;

impl Engine {
    /// Analyses a text, which `permit` has room for, and stores nothing. A caller that is over before the analysis
    /// begins saves its cost.
    pub async fn analyze(
        &self,
        caller: &Caller,
        permit: Permit,
        request: AnalyzeRequest,
    ) -> Result<Analyzed, EngineError> {
        self.core.check_text(&request.text)?;
        let share = self.core.admission.share(caller, request.text.len()).await?;
        let analyzer = Arc::clone(&self.core.analyzer);
        let work = move || {
            let _share = share;
            let AnalyzeRequest { text, published_at, language, options } = request;
            let input = Input { text: &text, published_at, language: language.as_deref() };
            let analysis = analyzer.analyze(&input, &options);
            Ok(Analyzed { text, analysis, permit })
        };
        self.core.pool.run(caller, work).await
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
