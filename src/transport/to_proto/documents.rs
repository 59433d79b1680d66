//! Documents and what became of them.

use super::analysis::{Renderer, Rendering};
use super::time::timestamp;
use crate::domain::document::{AckLevel, IngestOutcome, IngestReceipt, StoredDocument};
use crate::domain::ids::DocumentName;
use crate::engine::DocumentResult;
use crate::transport::consistency;
use crate::transport::seal::Sealer;
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
pub fn document(stored: &StoredDocument, view: View) -> wire::Document {
    let document = &stored.document;
    wire::Document {
        name: document.name.to_string(),
        text: if view.text { document.text.clone() } else { String::new() },
        title: document.title.clone().unwrap_or_default(),
        published_at: document.published_at.map(timestamp),
        source: document.source.clone().unwrap_or_default(),
        url: document.url.clone().unwrap_or_default(),
        language: document.language.clone().unwrap_or_default(),
        labels: document.labels.clone(),
        revision: stored.revision,
        ingested_at: Some(timestamp(stored.ingested_at)),
        content_hash: HEXLOWER.encode(&stored.content_hash),
        quote_count: count(stored.analysis.quotes.len()),
        entity_count: count(stored.analysis.entities.len()),
        analysis: view
            .analysis
            .then(|| Renderer::new(&document.text, view.rendering).analysis(&stored.analysis)),
        view: view.name().into(),
    }
}

/// Leaves of a document what fits into any answer, and says so.
pub fn shorten(document: &mut wire::Document) {
    document.text = String::new();
    document.analysis = None;
    document.view = wire::DocumentView::Basic.into();
}

/// A document in short.
pub fn summary(stored: &StoredDocument) -> wire::DocumentSummary {
    let document = &stored.document;
    wire::DocumentSummary {
        name: document.name.to_string(),
        title: document.title.clone().unwrap_or_default(),
        source: document.source.clone().unwrap_or_default(),
        url: document.url.clone().unwrap_or_default(),
        published_at: document.published_at.map(timestamp),
        revision: stored.revision,
    }
}

/// A document that matched.
pub fn result(result: &DocumentResult, rendering: Rendering) -> wire::DocumentResult {
    let renderer = Renderer::new(&result.document.document.text, rendering);
    wire::DocumentResult {
        document: Some(summary(&result.document)),
        highlights: renderer.spans(&result.highlights),
        score: result.score,
    }
}

/// What became of a document.
pub fn receipt(sealer: &Sealer, receipt: IngestReceipt) -> wire::IngestReceipt {
    let name = DocumentName { collection: receipt.collection, document: receipt.document };
    wire::IngestReceipt {
        name: name.to_string(),
        outcome: outcome(receipt.outcome).into(),
        ack_level: ack_level(receipt.level).into(),
        revision: receipt.revision,
        quote_count: receipt.quotes,
        entity_count: receipt.entities,
        consistency_token: consistency::token(sealer, receipt.seq),
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

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
