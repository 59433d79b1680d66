//! Quotes as lines, which are the messages of a query, and as rows.

use super::ExportQuotesArgs;
use super::table::{Columns, Kind, Row, real, short, text, time};
use super::transfer::{Batch, Subject};
use crate::cli::CliError;
use crate::cli::client::{Connection, LONGEST_MESSAGE};
use crate::cli::query::last_segment;
use crate::cli::quotes::said;
use crate::transport::json::to_json;
use crate::transport::wire::{ExportQuotesRequest, ExportQuotesResponse, QuoteResult};
use prost::Message;
use serde_json::Value;
use tonic::{Status, Streaming};

const COLUMNS: Columns = &[
    ("name", Kind::Text),
    ("document", Kind::Text),
    ("revision", Kind::Integer),
    ("title", Kind::Text),
    ("source", Kind::Text),
    ("url", Kind::Text),
    ("published_at", Kind::Time),
    ("labels", Kind::Text),
    ("type", Kind::Text),
    ("kind", Kind::Text),
    ("content", Kind::Text),
    ("begin", Kind::Integer),
    ("end", Kind::Integer),
    ("cue", Kind::Text),
    ("speaker", Kind::Text),
    ("speaker_kind", Kind::Text),
    ("speaker_entity", Kind::Text),
    ("speaker_mention", Kind::Text),
    ("speaker_description", Kind::Text),
    ("speaker_confidence", Kind::Real),
    ("about", Kind::Text),
    ("confidence", Kind::Real),
    ("sentence", Kind::Text),
];

/// The quotes that flags ask for.
pub struct Quotes(ExportQuotesRequest);

impl Quotes {
    pub fn of(args: &ExportQuotesArgs) -> Self {
        let parent = args.target.parent();
        let filter = Some(args.filter.of(&parent, &args.narrow));
        Self(ExportQuotesRequest { parent, filter, ..ExportQuotesRequest::default() })
    }
}

impl Subject for Quotes {
    type Answer = ExportQuotesResponse;
    type Item = QuoteResult;

    const NOUNS: (&'static str, &'static str) = ("quote", "quotes");

    fn columns(&self) -> Columns {
        COLUMNS
    }

    fn request(&self) -> Vec<u8> {
        self.0.encode_to_vec()
    }

    async fn call(&self, connection: &Connection, cursor: String) -> Result<Streaming<Self::Answer>, Status> {
        let max_answer_bytes = i32::try_from(LONGEST_MESSAGE).unwrap_or(i32::MAX);
        let request = ExportQuotesRequest { cursor, max_answer_bytes, ..self.0.clone() };
        Ok(connection.exports().export_quotes(request).await?.into_inner())
    }

    fn open(&self, answer: Self::Answer) -> Batch<QuoteResult> {
        let ExportQuotesResponse { results, cursor, total_size, left_out_count, .. } = answer;
        Batch { items: results, cursor, total: total_size, left_out: left_out_count }
    }

    fn is_short(&self, quote: &QuoteResult) -> bool {
        quote.oversized
    }

    /// By way of a value, which has its keys in order: labels come in none.
    fn line(&self, quote: &QuoteResult) -> Result<String, CliError> {
        let mut value = to_json(quote)?;
        if let Value::Object(fields) = &mut value {
            // They belong to a query.
            fields.remove("score");
            fields.remove("highlights");
        }
        Ok(value.to_string())
    }

    fn row(&self, result: &QuoteResult) -> Result<Row, CliError> {
        let document = result.document.clone().unwrap_or_default();
        let quote = result.quote.clone().unwrap_or_default();
        let speaker = quote.speaker.clone().unwrap_or_default();
        let span =
            |span: Option<&crate::transport::wire::Span>| span.map_or(Value::Null, |span| text(&span.text));
        let labels = match document.labels.is_empty() {
            true => String::new(),
            false => serde_json::to_string(&document.labels)?,
        };
        let (begin, end) = (quote.contents.first(), quote.contents.last());
        Ok(vec![
            text(&result.name),
            text(last_segment(&document.name)),
            document.revision.into(),
            text(&document.title),
            text(&document.source),
            text(&document.url),
            time(document.publish_time.as_ref()),
            text(&labels),
            short(quote.r#type().as_str_name(), "QUOTE_TYPE_"),
            short(quote.kind().as_str_name(), "QUOTE_KIND_"),
            text(&said(&quote)),
            begin.map_or(Value::Null, |span| span.begin.into()),
            end.map_or(Value::Null, |span| span.end.into()),
            span(quote.cue.as_ref()),
            text(&speaker.name),
            short(speaker.kind().as_str_name(), "SPEAKER_KIND_"),
            text(&result.speaker_entity),
            span(speaker.mention.as_ref()),
            text(&speaker.description),
            real(speaker.confidence),
            text(&result.about_entities.join(" ")),
            real(quote.confidence),
            span(result.sentence.as_ref()),
        ])
    }
}
