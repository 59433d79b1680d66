//! `dictum quotes`: who said what. Flags become one `QuoteFilter`; the service does the rest.

use super::analyze::parse_probability;
use super::client::{self, Connection, ServerArgs};
use super::layout::grouped;
use super::query::{
    DocumentArgs, NarrowArgs, Page, QueryArgs, day, did_you_mean, last_segment, made_of, table,
};
use super::{CliError, CommandResult};
use crate::transport::wire::{
    Fold, Quote, QuoteFilter, QuoteKind, QuoteResult, QuoteType, SearchQuotesRequest, Speaker,
};
use clap::{Args, ValueEnum};
use comfy_table::Table;
use std::process::ExitCode;

/// Flags of `dictum quotes`.
#[derive(Debug, Args)]
pub struct QuotesArgs {
    #[command(flatten)]
    filter: QuoteFilterArgs,
    #[command(flatten)]
    document_filter: DocumentArgs,
    /// One result for all that say the same words, or for all copies of a document
    #[arg(long, value_enum)]
    fold: Option<FoldArg>,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    server: ServerArgs,
}

/// Flags that say which quotes, beside those about their documents.
#[derive(Debug, Args)]
pub struct QuoteFilterArgs {
    /// Words within the quote: terms, "phrases" and prefix*; all must match
    text: Option<String>,
    /// Who said it, by any name or resource name; any of several
    #[arg(long, value_name = "NAME")]
    speaker: Vec<String>,
    /// Whom or what the quote mentions; all of several
    #[arg(long, value_name = "NAME")]
    about: Vec<String>,
    /// Within one document, by id
    #[arg(long, value_name = "ID")]
    document: Option<String>,
    /// How much of it stands in quotation marks; any of several
    #[arg(long = "type", value_enum, value_delimiter = ',')]
    types: Vec<TypeArg>,
    /// Statements unless thoughts are asked for too
    #[arg(long = "kind", value_enum, value_delimiter = ',')]
    kinds: Vec<KindArg>,
    /// Least confidence of the quote
    #[arg(long, value_name = "0..1", value_parser = parse_probability, default_value = "0")]
    min_confidence: f32,
    /// What must hold besides: 'published > 2019 AND (text : "refugee*" OR about : Syria)'
    #[arg(long = "filter", value_name = "EXPRESSION")]
    expression: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TypeArg {
    /// All of it
    Direct,
    /// None of it
    Indirect,
    /// Some of it
    Mixed,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FoldArg {
    /// The same words, or nearly
    Quote,
    /// Copies of one document, or nearly
    Document,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum KindArg {
    /// Speech or writing
    Statement,
    /// Belief, wish or feeling
    Thought,
}

impl From<TypeArg> for i32 {
    fn from(value: TypeArg) -> Self {
        match value {
            TypeArg::Direct => QuoteType::Direct,
            TypeArg::Indirect => QuoteType::Indirect,
            TypeArg::Mixed => QuoteType::Mixed,
        }
        .into()
    }
}

impl From<FoldArg> for i32 {
    fn from(value: FoldArg) -> Self {
        match value {
            FoldArg::Quote => Fold::Quote,
            FoldArg::Document => Fold::Document,
        }
        .into()
    }
}

impl From<KindArg> for i32 {
    fn from(value: KindArg) -> Self {
        match value {
            KindArg::Statement => QuoteKind::Statement,
            KindArg::Thought => QuoteKind::Thought,
        }
        .into()
    }
}

impl QuotesArgs {
    fn request(&self) -> SearchQuotesRequest {
        let parent = self.query.parent();
        let filter = self.filter.of(&parent, &self.document_filter.narrow);
        SearchQuotesRequest {
            parent,
            filter: Some(filter),
            order: self.document_filter.order(),
            half_life: self.document_filter.half_life(),
            explain: self.document_filter.explain,
            consistency_token: self.query.consistency_token.clone(),
            fold: self.fold.map(Into::into).unwrap_or_default(),
            ..SearchQuotesRequest::default()
        }
    }
}

impl QuoteFilterArgs {
    /// The filter in a collection.
    pub fn of(&self, parent: &str, narrow: &NarrowArgs) -> QuoteFilter {
        QuoteFilter {
            text: self.text.clone().unwrap_or_default(),
            speakers: self.speaker.clone(),
            mentions: self.about.clone(),
            document: self.document.as_ref().map(|id| format!("{parent}/documents/{id}")).unwrap_or_default(),
            sources: narrow.source.clone(),
            published: narrow.published(),
            types: self.types.iter().map(|&t| t.into()).collect(),
            kinds: self.kinds.iter().map(|&k| k.into()).collect(),
            min_confidence: self.min_confidence,
            labels: narrow.labels(),
            languages: narrow.language.clone(),
            expression: self.expression.clone().unwrap_or_default(),
            ..QuoteFilter::default()
        }
    }
}

/// Asks and prints.
pub fn run(args: &QuotesArgs) -> CommandResult {
    client::block_on(async {
        let connection = args.server.connect().await?;
        print(args, &connection).await?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn print(args: &QuotesArgs, connection: &Connection) -> Result<(), CliError> {
    let fetch = |page_size, page_token| {
        let mut client = connection.quotes();
        let request = SearchQuotesRequest { page_size, page_token, ..args.request() };
        async move {
            let response = client.search_quotes(request).await?.into_inner();
            did_you_mean(&response.unknown_names);
            Ok(Page { items: response.results, next: response.next_page_token, total: response.total_size })
        }
    };
    args.query.print(("quote", "quotes"), fetch, |status| connection.explain(status), rows).await
}

/// Quotes as people read them; beside one that stands for others, how many, and what scores are made of where they say it.
pub fn rows(results: &[QuoteResult]) -> Table {
    let folds = results.iter().any(|result| result.folded_count > 0);
    let explains = results.iter().any(|result| result.explanation.is_some());
    let mut columns = vec!["who", "said", "where", "when"];
    columns.extend(folds.then_some("again"));
    columns.extend(explains.then_some("why"));
    let mut table = table(&columns);
    for result in results {
        let document = result.document.clone().unwrap_or_default();
        let quote = result.quote.clone().unwrap_or_default();
        let place = [&*document.source, &document.title].into_iter().find(|text| !text.is_empty());
        let mut row = vec![
            speaker_label(quote.speaker.as_ref()).to_owned(),
            said(&quote),
            place.unwrap_or_else(|| last_segment(&document.name)).to_owned(),
            day(document.publish_time.as_ref()),
        ];
        if folds {
            row.push(format!("+ {}", grouped(result.folded_count)));
        }
        if explains {
            row.push(result.explanation.as_ref().map(made_of).unwrap_or_default());
        }
        table.add_row(row);
    }
    table
}

/// The words of a quote on one line, `…` where the writer breaks in.
pub fn said(quote: &Quote) -> String {
    quote.contents.iter().map(|span| &*span.text).collect::<Vec<_>>().join(" … ")
}

/// What to call a speaker: the name, else the description, never an invention.
pub fn speaker_label(speaker: Option<&Speaker>) -> &str {
    let labels = speaker.map(|speaker| [&*speaker.name, &speaker.description]).unwrap_or_default();
    labels.into_iter().find(|label| !label.is_empty()).unwrap_or("(not known)")
}
