//! Analysis without storage.

use super::admission::Permit;
use super::api::{AnalyzeRequest, Analyzed};
use super::caller::Caller;
use super::error::{EngineError, Invalid};
use super::{Core, Engine};
use crate::analysis::job::Step;
use crate::analysis::{Analyzer, Input, Options};
use crate::domain::annotation::{Analysis, AnalyzerStamp};
use std::sync::Arc;

impl Engine {
    /// Analyses a text, which `permit` has room for, and stores nothing. Ends early where its caller is over.
    pub async fn analyze(
        &self,
        caller: &Caller,
        permit: Permit,
        request: AnalyzeRequest,
    ) -> Result<Analyzed, EngineError> {
        self.core.check_text(&request.text)?;
        let share = self.core.admission.share(caller, request.text.len()).await?;
        let (analyzer, waiting) = (Arc::clone(&self.core.analyzer), caller.clone());
        let work = move || {
            let _share = share;
            let AnalyzeRequest { text, published_at, language, options } = request;
            let input = Input { text: &text, published_at, language: language.as_deref() };
            let analysis = analysed(&analyzer, &input, &options, &waiting)?;
            Ok(Analyzed { text, analysis, permit })
        };
        self.core.pool.run(caller, work).await
    }

    /// The analyzers that this service runs.
    pub fn analyzers(&self) -> Vec<AnalyzerStamp> {
        vec![self.core.analyzer.stamp().clone()]
    }
}

/// The analysis of a text, for as long as somebody waits for it.
pub(super) fn analysed(
    analyzer: &Analyzer,
    input: &Input<'_>,
    options: &Options,
    caller: &Caller,
) -> Result<Analysis, EngineError> {
    let mut job = analyzer.begin(input, options);
    loop {
        caller.check()?;
        if let Step::Done(analysis) = job.step() {
            return Ok(*analysis);
        }
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
