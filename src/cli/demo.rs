//! `dictum demo`: a whole service for a minute. Starts one on a free port with a data directory that is thrown away,
//! puts the sample article in over gRPC, asks who said what, and shows the answers. Nothing here knows more than a
//! client would.

mod show;

use super::client::{Connection, ServerArgs};
use super::{CliError, CommandResult, service};
use crate::config::{LogFormat, LogSettings, Settings, TraceSettings};
use crate::shutdown;
use crate::transport::Gate;
use crate::transport::wire::{
    AckLevel, CollectionEntity, Document, IngestDocumentRequest, IngestReceipt, QuoteResult,
    SearchEntitiesRequest, SearchQuotesRequest,
};
use anyhow::{Context, anyhow};
use clap::Args;
use show::Shown;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

const ARTICLE: &str = include_str!("../../seeds/000_d53045ff0d7dd2d6.txt");
const ARTICLE_ID: &str = "000_d53045ff0d7dd2d6";

/// 2025-09-05, the day of the article.
const PUBLISHED: prost_types::Timestamp = prost_types::Timestamp { seconds: 1_757_030_400, nanos: 0 };

/// Longest time until an empty service is ready.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// Flags of `dictum demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Leave the service running until Ctrl-C, to ask it more
    #[arg(long)]
    keep: bool,
    /// What to log, as a level or `tracing` directives
    #[arg(long, value_name = "FILTER", env = "DICTUM_LOG", default_value = "warn")]
    log: String,
}

/// Runs the demonstration.
pub fn run(args: &DemoArgs) -> CommandResult {
    let log = LogSettings { filter: args.log.clone(), format: LogFormat::Human };
    // It lasts a minute, and nobody looks for its traces.
    crate::telemetry::init(&log, &TraceSettings::default()).context("starting the log")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let result = runtime.block_on(demo(args));
    runtime.shutdown_background();
    result
}

async fn demo(args: &DemoArgs) -> CommandResult {
    let data = tempfile::tempdir().context("making a temporary data directory")?;
    let settings = Settings {
        data_dir: data.path().to_owned(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        ..Settings::default()
    };
    let stop = shutdown::on_signal()?;
    let config = settings.check().map_err(CliError::usage)?;
    let (bound, address) = oneshot::channel();
    let serving = service::run(config, Gate::default(), stop.clone(), |address| {
        bound.send(address).map_err(|_| anyhow!("the demonstration has ended"))
    });
    let asking = async {
        // Where the service ends before it is bound, its own error says why.
        let Ok(address) = address.await else { return Ok(()) };
        let result = show_and_tell(address, args.keep, &stop).await;
        stop.cancel();
        result
    };
    let (served, asked) = tokio::join!(serving, asking);
    served?;
    asked?;
    Ok(ExitCode::SUCCESS)
}

async fn show_and_tell(address: SocketAddr, keep: bool, stop: &CancellationToken) -> Result<(), CliError> {
    let connection = ServerArgs::at(address.to_string()).connect().await?;
    let started = Instant::now();
    let receipt = ingest(&connection).await?;
    let took = started.elapsed();
    let shown = Shown {
        address,
        took,
        quotes: quotes(&connection, &receipt).await?,
        entities: entities(&connection, &receipt).await?,
        receipt,
        keep,
    };
    show::print(&mut anstream::stdout().lock(), &shown)?;
    if keep {
        stop.cancelled().await;
    }
    Ok(())
}

/// Puts the article in, as soon as the service takes it.
async fn ingest(connection: &Connection) -> Result<IngestReceipt, CliError> {
    let request = IngestDocumentRequest {
        document_id: ARTICLE_ID.into(),
        document: Some(Document {
            text: ARTICLE.into(),
            title: ARTICLE.lines().next().unwrap_or_default().into(),
            publish_time: Some(PUBLISHED),
            source: "sample".into(),
            ..Document::default()
        }),
        ack_level: AckLevel::Searchable.into(),
        ..IngestDocumentRequest::default()
    };
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        match connection.documents().ingest_document(request.clone()).await {
            Ok(response) => return Ok(response.into_inner().receipt.unwrap_or_default()),
            Err(status) if is_starting(&status) && Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(status) => return Err(connection.explain(&status)),
        }
    }
}

fn is_starting(status: &Status) -> bool {
    status.code() == Code::Unavailable
}

/// Every statement of the article, in text order.
async fn quotes(connection: &Connection, receipt: &IngestReceipt) -> Result<Vec<QuoteResult>, CliError> {
    let request = SearchQuotesRequest {
        page_size: 1000,
        consistency_token: receipt.consistency_token.clone(),
        ..SearchQuotesRequest::default()
    };
    let response = connection.quotes().search_quotes(request).await;
    let mut quotes = response.map_err(|status| connection.explain(&status))?.into_inner().results;
    quotes.sort_by_key(show::begin);
    Ok(quotes)
}

async fn entities(
    connection: &Connection,
    receipt: &IngestReceipt,
) -> Result<Vec<CollectionEntity>, CliError> {
    let request = SearchEntitiesRequest {
        page_size: 1000,
        consistency_token: receipt.consistency_token.clone(),
        ..SearchEntitiesRequest::default()
    };
    let response = connection.entities().search_entities(request).await;
    Ok(response.map_err(|status| connection.explain(&status))?.into_inner().entities)
}
