//! Documents and what became of them.

use super::analysis::{Renderer, Rendering, analyzer_stamp};
use super::time::timestamp;
use crate::domain::document::{AckLevel, IngestOutcome, IngestReceipt};
use crate::domain::hit::{DocumentHit, ScorePart, Summary};
use crate::domain::ids::{CollectionId, DocumentName};
use crate::engine::{Freshness, Shown};
use crate::transport::consistency::Tokens;
use crate::transport::wire;
use data_encoding::HEXLOWER;

/// Which parts of a document an answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// The text.
    pub text: bool,
    /// The analysis.
    pub analysis: bool,
    /// How the analysis is rendered.
    pub rendering: Rendering,
}

impl View {
    /// Whether more is needed than what there is without text and analysis.
    pub fn is_whole(self) -> bool {
        self.text || self.analysis
    }

    fn name(self) -> wire::DocumentView {
        match (self.text, self.analysis) {
            (false, false) => wire::DocumentView::Basic,
            (true, false) => wire::DocumentView::Text,
            (false, true) => wire::DocumentView::Analysis,
            (true, true) => wire::DocumentView::Full,
        }
    }
}

/// A document in the view asked for.
pub fn document(shown: &Shown, view: View) -> wire::Document {
    let info = shown.info();
    let whole = match shown {
        Shown::Info(_) => None,
        Shown::Whole(document) => Some(document),
    };
    let text = whole.filter(|_| view.text).map(|whole| whole.text.clone());
    let analysis = whole
        .filter(|_| view.analysis)
        .map(|whole| Renderer::new(&whole.text, view.rendering).analysis(&whole.analysis));
    wire::Document {
        name: info.name.to_string(),
        text: text.unwrap_or_default(),
        title: info.title.clone().unwrap_or_default(),
        publish_time: info.published_at.map(timestamp),
        source: info.source.clone().unwrap_or_default(),
        url: info.url.clone().unwrap_or_default(),
        language: info.language.clone().unwrap_or_default(),
        labels: info.labels.clone(),
        revision: info.revision,
        create_time: Some(timestamp(info.created_at)),
        update_time: Some(timestamp(info.updated_at)),
        content_hash: HEXLOWER.encode(&info.content_hash),
        quote_count: info.quotes,
        entity_count: info.entities,
        analyzer: Some(analyzer_stamp(&info.analyzer)),
        analysis,
        view: view.name().into(),
        content_type: String::new(),
    }
}

/// Leaves of a document what fits into any answer, and says so.
pub fn shorten(document: &mut wire::Document) {
    document.text = String::new();
    document.analysis = None;
    document.view = wire::DocumentView::Basic.into();
}

/// A document in short.
pub fn summary(collection: &CollectionId, summary: &Summary) -> wire::DocumentSummary {
    let name = DocumentName { collection: collection.clone(), document: summary.id.clone() };
    wire::DocumentSummary {
        name: name.to_string(),
        title: summary.title.clone().unwrap_or_default(),
        source: summary.source.clone().unwrap_or_default(),
        url: summary.url.clone().unwrap_or_default(),
        publish_time: summary.published_at.map(timestamp),
        revision: summary.revision,
        labels: summary.labels.clone(),
    }
}

/// A document that matched.
pub fn result(hit: &DocumentHit, rendering: Rendering) -> wire::DocumentResult {
    wire::DocumentResult {
        document: Some(summary(&hit.name.collection, &hit.document)),
        highlights: Renderer::of_excerpts(&hit.excerpts, rendering).spans(&hit.highlights),
        score: hit.score,
        folded_count: hit.folded,
        explanation: explanation(&hit.explanation),
    }
}

/// Leaves of a document that matched what fits into any answer.
pub fn shorten_result(result: &mut wire::DocumentResult) {
    result.highlights.clear();
    result.explanation = None;
}

/// What a score is made of, where that was asked for.
pub fn explanation(parts: &[ScorePart]) -> Option<wire::Explanation> {
    let part = |part: &ScorePart| wire::ScorePart { words: part.words.clone(), score: part.score };
    (!parts.is_empty()).then(|| wire::Explanation { parts: parts.iter().map(part).collect() })
}

/// How far an answer follows what is stored.
pub fn freshness(freshness: Freshness) -> wire::IndexFreshness {
    wire::IndexFreshness { changes_behind: freshness.behind, recovering: freshness.recovering }
}

/// What became of a document.
pub fn receipt(tokens: &Tokens, receipt: IngestReceipt) -> wire::IngestReceipt {
    let name = DocumentName { collection: receipt.collection, document: receipt.document };
    wire::IngestReceipt {
        name: name.to_string(),
        outcome: outcome(receipt.outcome).into(),
        ack_level: ack_level(receipt.level).into(),
        revision: receipt.revision,
        quote_count: receipt.quotes,
        entity_count: receipt.entities,
        consistency_token: tokens.of(receipt.seq),
    }
}

fn outcome(outcome: IngestOutcome) -> wire::IngestOutcome {
    match outcome {
        IngestOutcome::Created => wire::IngestOutcome::Created,
        IngestOutcome::Revised => wire::IngestOutcome::Revised,
        IngestOutcome::AlreadyCurrent => wire::IngestOutcome::AlreadyCurrent,
        IngestOutcome::Queued => wire::IngestOutcome::Queued,
    }
}

/// How far a write has got.
pub fn ack_level(level: AckLevel) -> wire::AckLevel {
    match level {
        AckLevel::Accepted => wire::AckLevel::Accepted,
        AckLevel::Durable => wire::AckLevel::Durable,
        AckLevel::Searchable => wire::AckLevel::Searchable,
    }
}
