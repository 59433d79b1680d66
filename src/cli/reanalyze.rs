//! `dictum reanalyze`: renews the analyses of stored documents.

use super::CommandResult;
use super::client::{self, ServerArgs};
use super::operations;
use super::query::{NarrowArgs, parse_collection};
use crate::domain::annotation::AnalyzerName;
use crate::domain::ids::{CollectionId, collection_name};
use crate::transport::wire::{DocumentFilter, ReanalyzeDocumentsRequest};
use clap::Args;

/// Flags of `dictum reanalyze`.
#[derive(Debug, Args)]
pub struct ReanalyzeArgs {
    /// Words, "phrases", prefix* in title or text; all documents where absent
    text: Option<String>,
    /// Only documents that another analyzer has analysed than the one that would do it now
    #[arg(long)]
    older: bool,
    /// Analyzer, dictum-en or dictum-en-fast; the service's own where absent
    #[arg(long, value_name = "NAME")]
    analyzer: Option<AnalyzerName>,
    #[command(flatten)]
    narrow: NarrowArgs,
    /// What must hold besides: 'published < 2019 AND NOT about : Syria'
    #[arg(long = "filter", value_name = "EXPRESSION")]
    expression: Option<String>,
    /// Collection to work on
    #[arg(long, value_name = "ID", default_value = "default", value_parser = parse_collection)]
    collection: CollectionId,
    /// Print the operation's name and go; `dictum operations` tells how it is getting on
    #[arg(long)]
    no_wait: bool,
    /// The operation as a JSON object, for scripts
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

/// Asks for it, and waits until it is done.
pub fn run(args: &ReanalyzeArgs) -> CommandResult {
    client::block_on(async {
        let connection = args.server.connect().await?;
        let request = ReanalyzeDocumentsRequest {
            parent: collection_name(&args.collection),
            filter: Some(filter(args.text.as_deref(), &args.narrow, args.expression.as_deref())),
            only_older: args.older,
            analyzer: args.analyzer.map(AnalyzerName::as_str).unwrap_or_default().to_owned(),
        };
        let answer = connection.documents().reanalyze_documents(request).await;
        let answer = answer.map_err(|status| connection.explain(&status))?.into_inner();
        operations::follow(&connection, answer.operation.unwrap_or_default(), !args.no_wait, args.json).await
    })
}

/// A filter on documents as the flags say it.
pub fn filter(text: Option<&str>, narrow: &NarrowArgs, expression: Option<&str>) -> DocumentFilter {
    DocumentFilter {
        text: text.unwrap_or_default().to_owned(),
        sources: narrow.source.clone(),
        published: narrow.published(),
        labels: narrow.labels(),
        languages: narrow.language.clone(),
        expression: expression.unwrap_or_default().to_owned(),
        ..DocumentFilter::default()
    }
}
