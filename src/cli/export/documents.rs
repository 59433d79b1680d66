//! Documents as lines, which `dictum ingest` and `dictum import` read, and as rows.

use super::ExportDocumentsArgs;
use super::table::{Columns, Kind, Row, rfc3339, text, time};
use super::transfer::{Batch, Subject};
use crate::cli::CliError;
use crate::cli::client::{Connection, LONGEST_MESSAGE};
use crate::cli::query::last_segment;
use crate::transport::json::to_json_string;
use crate::transport::wire::{
    AnalyzerStamp, Document, DocumentView, ExportDocumentsRequest, ExportDocumentsResponse,
};
use prost::Message;
use serde::Serialize;
use std::collections::BTreeMap;
use tonic::{Status, Streaming};

const COLUMNS: Columns = &[
    ("id", Kind::Text),
    ("title", Kind::Text),
    ("published_at", Kind::Time),
    ("source", Kind::Text),
    ("url", Kind::Text),
    ("language", Kind::Text),
    ("labels", Kind::Text),
    ("revision", Kind::Integer),
    ("created_at", Kind::Time),
    ("updated_at", Kind::Time),
    ("content_hash", Kind::Text),
    ("quote_count", Kind::Integer),
    ("entity_count", Kind::Integer),
    ("analyzer", Kind::Text),
    ("analyzer_version", Kind::Text),
    ("analyzer_hash", Kind::Text),
    ("text", Kind::Text),
    ("analysis", Kind::Text),
];

/// The documents that flags ask for.
pub struct Documents {
    request: ExportDocumentsRequest,
    /// With analyses.
    whole: bool,
}

impl Documents {
    pub fn of(args: &ExportDocumentsArgs) -> Self {
        let view = if args.analysis { DocumentView::Full } else { DocumentView::Text };
        let request = ExportDocumentsRequest {
            parent: args.target.parent(),
            filter: Some(args.filter.of(&args.narrow)),
            view: view.into(),
            include_evidence: args.analysis,
            ..ExportDocumentsRequest::default()
        };
        Self { request, whole: args.analysis }
    }

    fn analysis(&self, document: &Document) -> Result<Option<String>, CliError> {
        let analysis = document.analysis.as_ref().filter(|_| self.whole);
        Ok(analysis.map(to_json_string).transpose()?)
    }
}

/// All of a line but the analysis.
#[derive(Serialize)]
struct Line<'d> {
    id: &'d str,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'d str,
    #[serde(skip_serializing_if = "String::is_empty")]
    published_at: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    source: &'d str,
    #[serde(skip_serializing_if = "str::is_empty")]
    url: &'d str,
    #[serde(skip_serializing_if = "str::is_empty")]
    language: &'d str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: &'d BTreeMap<String, String>,
    revision: u32,
    created_at: String,
    updated_at: String,
    content_hash: &'d str,
    quote_count: u32,
    entity_count: u32,
    analyzer: Analyzer<'d>,
    text: &'d str,
}

#[derive(Serialize)]
struct Analyzer<'d> {
    name: &'d str,
    version: &'d str,
    hash: &'d str,
}

impl Subject for Documents {
    type Answer = ExportDocumentsResponse;
    type Item = Document;

    const NOUNS: (&'static str, &'static str) = ("document", "documents");

    fn columns(&self) -> Columns {
        // The last column is the analysis.
        if self.whole { COLUMNS } else { &COLUMNS[..COLUMNS.len() - 1] }
    }

    fn request(&self) -> Vec<u8> {
        self.request.encode_to_vec()
    }

    async fn call(&self, connection: &Connection, cursor: String) -> Result<Streaming<Self::Answer>, Status> {
        let max_answer_bytes = i32::try_from(LONGEST_MESSAGE).unwrap_or(i32::MAX);
        let request = ExportDocumentsRequest { cursor, max_answer_bytes, ..self.request.clone() };
        Ok(connection.exports().export_documents(request).await?.into_inner())
    }

    fn open(&self, answer: Self::Answer) -> Batch<Document> {
        let ExportDocumentsResponse { documents, cursor, total_size, left_out_count, .. } = answer;
        Batch { items: documents, cursor, total: total_size, left_out: left_out_count }
    }

    fn is_short(&self, document: &Document) -> bool {
        document.view != self.request.view
    }

    fn line(&self, document: &Document) -> Result<String, CliError> {
        let stamp = stamp(document);
        let line = Line {
            id: last_segment(&document.name),
            title: &document.title,
            published_at: rfc3339(document.publish_time.as_ref()),
            source: &document.source,
            url: &document.url,
            language: &document.language,
            labels: &document.labels,
            revision: document.revision,
            created_at: rfc3339(document.create_time.as_ref()),
            updated_at: rfc3339(document.update_time.as_ref()),
            content_hash: &document.content_hash,
            quote_count: document.quote_count,
            entity_count: document.entity_count,
            analyzer: Analyzer { name: &stamp.name, version: &stamp.version, hash: &stamp.hash },
            text: &document.text,
        };
        let mut line = serde_json::to_string(&line)?;
        if let Some(analysis) = self.analysis(document)? {
            line.truncate(line.len() - "}".len());
            line.push_str(&format!(",\"analysis\":{analysis}}}"));
        }
        Ok(line)
    }

    fn row(&self, document: &Document) -> Result<Row, CliError> {
        let labels = match document.labels.is_empty() {
            true => String::new(),
            false => serde_json::to_string(&document.labels)?,
        };
        let stamp = stamp(document);
        let mut row = vec![
            text(last_segment(&document.name)),
            text(&document.title),
            time(document.publish_time.as_ref()),
            text(&document.source),
            text(&document.url),
            text(&document.language),
            text(&labels),
            document.revision.into(),
            time(document.create_time.as_ref()),
            time(document.update_time.as_ref()),
            text(&document.content_hash),
            document.quote_count.into(),
            document.entity_count.into(),
            text(&stamp.name),
            text(&stamp.version),
            text(&stamp.hash),
            text(&document.text),
        ];
        if self.whole {
            row.push(text(&self.analysis(document)?.unwrap_or_default()));
        }
        Ok(row)
    }
}

fn stamp(document: &Document) -> AnalyzerStamp {
    document.analyzer.clone().unwrap_or_default()
}
