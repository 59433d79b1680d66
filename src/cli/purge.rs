//! `dictum purge`: deletes stored documents by filter or by age.

use super::client::{self, Connection, ServerArgs};
use super::layout::{FAINT, count};
use super::operations;
use super::query::{NarrowArgs, parse_collection};
use super::reanalyze::filter;
use super::record::parse_time;
use super::{CliError, CommandResult};
use crate::config::parse_age;
use crate::domain::ids::{CollectionId, DocumentId, DocumentName, collection_name};
use crate::domain::time::Timestamp;
use crate::transport::to_proto::time::{duration, timestamp};
use crate::transport::wire::purge_documents_request::Age;
use crate::transport::wire::{DocumentFilter, PurgeDocumentsRequest, PurgeDocumentsResponse};
use clap::Args;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

/// Flags of `dictum purge`.
#[derive(Debug, Args)]
pub struct PurgeArgs {
    /// Words, "phrases", prefix* in title or text
    text: Option<String>,
    /// A document's id; any of several
    #[arg(long = "id", value_name = "ID", value_parser = parse_document)]
    ids: Vec<DocumentId>,
    #[command(flatten)]
    narrow: NarrowArgs,
    /// What must hold besides: 'published < 2019 AND NOT about : Syria'
    #[arg(long = "filter", value_name = "EXPRESSION")]
    expression: Option<String>,
    /// Only documents published (or stored, where that is not known) before this: 2025-09-05 or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = parse_time, conflicts_with = "older_than")]
    before: Option<Timestamp>,
    /// Only documents older than this: 90d, 12h
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    older_than: Option<Duration>,
    /// Leave nothing of them on the service's disk
    #[arg(long)]
    erase: bool,
    /// Only count, and name some of them
    #[arg(long)]
    dry_run: bool,
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
pub fn run(args: &PurgeArgs) -> CommandResult {
    client::block_on(async {
        let connection = args.server.connect().await?;
        let answer = ask(&connection, args).await?;
        if args.dry_run {
            return show_count(&answer);
        }
        operations::follow(&connection, answer.operation.unwrap_or_default(), !args.no_wait, args.json).await
    })
}

async fn ask(connection: &Connection, args: &PurgeArgs) -> Result<PurgeDocumentsResponse, CliError> {
    let name = |document: &DocumentId| {
        let (collection, document) = (args.collection.clone(), document.clone());
        DocumentName { collection, document }.to_string()
    };
    let documents = args.ids.iter().map(name).collect();
    let filter = filter(args.text.as_deref(), &args.narrow, args.expression.as_deref());
    let filter = DocumentFilter { documents, ..filter };
    let before = args.before.map(|time| Age::Before(timestamp(time)));
    let request = PurgeDocumentsRequest {
        parent: collection_name(&args.collection),
        filter: Some(filter),
        age: before.or(args.older_than.map(|age| Age::OlderThan(duration(age)))),
        erase: args.erase,
        validate_only: args.dry_run,
    };
    let answer = connection.documents().purge_documents(request).await;
    Ok(answer.map_err(|status| connection.explain(&status))?.into_inner())
}

fn show_count(answer: &PurgeDocumentsResponse) -> CommandResult {
    let mut out = anstream::stdout().lock();
    for name in &answer.sample {
        writeln!(out, "{name}")?;
    }
    writeln!(
        out,
        "{FAINT}{} would be deleted{FAINT:#}",
        count(answer.document_count, "document", "documents")
    )?;
    Ok(ExitCode::SUCCESS)
}

fn parse_document(text: &str) -> Result<DocumentId, String> {
    DocumentId::new(text).map_err(|error| error.to_string())
}
