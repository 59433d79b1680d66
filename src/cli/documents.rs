//! `dictum documents`: which documents there are, and which of them match.

use super::client::{self, Connection, ServerArgs};
use super::query::{
    DocumentArgs, NarrowArgs, Page, QueryArgs, day, did_you_mean, last_segment, made_of, table,
};
use super::{CliError, CommandResult};
use crate::transport::wire::{DocumentFilter, DocumentResult, Fold, SearchDocumentsRequest};
use clap::Args;
use comfy_table::Table;
use std::process::ExitCode;

/// Flags of `dictum documents`.
#[derive(Debug, Args)]
pub struct DocumentsArgs {
    #[command(flatten)]
    filter: DocumentFilterArgs,
    #[command(flatten)]
    document_filter: DocumentArgs,
    /// One document for all copies of it, or nearly
    #[arg(long)]
    fold: bool,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    server: ServerArgs,
}

/// Flags that say which documents, beside where and when.
#[derive(Debug, Args)]
pub struct DocumentFilterArgs {
    /// Words in text or title: terms, "phrases" and prefix*; all must match
    text: Option<String>,
    /// Who is quoted in it, by any name or resource name; any of several
    #[arg(long, value_name = "NAME")]
    speaker: Vec<String>,
    /// Whom or what it mentions; all of several
    #[arg(long, value_name = "NAME")]
    about: Vec<String>,
    /// What must hold besides: 'published > 2019 AND (article : "refugee*" OR about : Syria)'
    #[arg(long = "filter", value_name = "EXPRESSION")]
    expression: Option<String>,
}

impl DocumentFilterArgs {
    /// The filter.
    pub fn of(&self, narrow: &NarrowArgs) -> DocumentFilter {
        DocumentFilter {
            text: self.text.clone().unwrap_or_default(),
            sources: narrow.source.clone(),
            published: narrow.published(),
            mentions: self.about.clone(),
            speakers: self.speaker.clone(),
            labels: narrow.labels(),
            languages: narrow.language.clone(),
            expression: self.expression.clone().unwrap_or_default(),
            ..DocumentFilter::default()
        }
    }
}

impl DocumentsArgs {
    fn request(&self) -> SearchDocumentsRequest {
        SearchDocumentsRequest {
            parent: self.query.parent(),
            filter: Some(self.filter.of(&self.document_filter.narrow)),
            order: self.document_filter.order(),
            half_life: self.document_filter.half_life(),
            explain: self.document_filter.explain,
            consistency_token: self.query.consistency_token.clone(),
            fold: if self.fold { Fold::Document } else { Fold::Unspecified }.into(),
            ..SearchDocumentsRequest::default()
        }
    }
}

/// Asks and prints.
pub fn run(args: &DocumentsArgs) -> CommandResult {
    client::block_on(async {
        let connection = args.server.connect().await?;
        print(args, &connection).await?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn print(args: &DocumentsArgs, connection: &Connection) -> Result<(), CliError> {
    let fetch = |page_size, page_token| {
        let mut client = connection.documents();
        let request = SearchDocumentsRequest { page_size, page_token, ..args.request() };
        async move {
            let response = client.search_documents(request).await?.into_inner();
            did_you_mean(&response.unknown_names);
            Ok(Page { items: response.results, next: response.next_page_token, total: response.total_size })
        }
    };
    args.query.print(("document", "documents"), fetch, |status| connection.explain(status), rows).await
}

fn rows(results: &[DocumentResult]) -> Table {
    let explains = results.iter().any(|result| result.explanation.is_some());
    let mut columns = vec!["id", "title", "source", "when"];
    columns.extend(explains.then_some("why"));
    let mut table = table(&columns);
    for result in results {
        let Some(document) = &result.document else { continue };
        let mut row = vec![
            last_segment(&document.name).to_owned(),
            document.title.clone(),
            document.source.clone(),
            day(document.publish_time.as_ref()),
        ];
        if explains {
            row.push(result.explanation.as_ref().map(made_of).unwrap_or_default());
        }
        table.add_row(row);
    }
    table
}
