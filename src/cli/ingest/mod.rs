//! `dictum ingest`: documents from files, folders and standard input into a service, over one stream. A document
//! that fails is reported with its reason and the rest go on. Start at [`run`]: `files` finds what there is, `read`
//! makes documents of it on a thread of its own, a little `ahead`; `delivery` keeps them until they are answered,
//! and `stream` is one call. `import` is `dictum import`, which sends documents with their analyses the same way.

mod ahead;
mod delivery;
mod files;
mod import;
mod progress;
mod read;
mod stream;

pub use files::Files;
pub use import::{ImportArgs, run as import};
pub use read::{Found, all as read_documents};

use super::client::{self, Connection, ServerArgs};
use super::input::{EncodingArgs, Shape, TableArgs};
use super::query::{parse_collection, parse_label};
use super::record::parse_time;
use super::{CliError, CommandResult};
use crate::domain::annotation::AnalyzerName;
use crate::domain::ids::{CollectionId, collection_name};
use crate::domain::time::Timestamp;
use crate::transport::wire::{AckLevel, CreateCollectionRequest};
use clap::{Args, ValueEnum};
use delivery::{Delivery, Target};
use progress::Progress;
use std::path::PathBuf;
use std::process::ExitCode;
use tonic::Code;

/// Flags of `dictum ingest`.
#[derive(Debug, Args)]
#[command(
    after_help = "Folders are walked for *.txt, *.jsonl, *.ndjson, *.csv and *.tsv. A text file is one document, and its \
                        name without extension (for folders: its path below the folder, with dots) is the document's \
                        id. Each line of a JSONL file is a document: {\"text\", \"id\"?, \"title\"?, \
                        \"published_at\"?, \"source\"?, \"url\"?, \"language\"?, \"labels\"?}; so is each row of a \
                        CSV file, whose first line names the same fields. What other names and standard input (`-`) \
                        hold is JSONL where it begins with `{`, and one text otherwise. All of it may be UTF-8, UTF-16 \
                        or an older encoding. Sending the same content again changes nothing."
)]
pub struct IngestArgs {
    /// Files, folders, or `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    to: ToArgs,
    /// Analyzer, dictum-en or dictum-en-fast; the service's own where absent
    #[arg(long, value_name = "NAME")]
    analyzer: Option<AnalyzerName>,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    defaults: Defaults,
}

/// Where documents go, and how far they must get.
#[derive(Debug, Args)]
struct ToArgs {
    /// Collection to put the documents in
    #[arg(long, value_name = "ID", default_value = "default", value_parser = parse_collection)]
    collection: CollectionId,
    /// Create the collection where it does not exist
    #[arg(long)]
    create_collection: bool,
    /// How far a document must have got before it counts as done
    #[arg(long, value_enum, default_value_t = AckArg::Durable)]
    ack: AckArg,
    /// One JSON object a document on standard output (the IngestReceipt), for scripts
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

/// How the input is to be read, where it does not say so itself.
#[derive(Debug, Clone, Default, Args)]
pub struct ReadArgs {
    /// What all files and standard input hold, whatever they are called
    #[arg(long, value_enum, alias = "input-format")]
    pub format: Option<Shape>,
    #[command(flatten)]
    pub encoding: EncodingArgs,
    #[command(flatten)]
    pub tables: TableArgs,
}

/// What documents get that do not say otherwise themselves.
#[derive(Debug, Clone, Default, Args)]
pub struct Defaults {
    /// Outlet or feed of documents that name none
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// A label that documents get beside their own
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = parse_label)]
    pub labels: Vec<(String, String)>,
    /// Language of documents that name none (BCP-47)
    #[arg(long, value_name = "TAG")]
    pub language: Option<String>,
    /// Publication time of documents that name none: 2025-09-05 or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub published_at: Option<Timestamp>,
}

/// How far a document must have got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AckArg {
    /// In the service's queue; lost if the service dies
    Accepted,
    /// Synced to disk
    Durable,
    /// Found by every query from then on
    Searchable,
}

impl From<AckArg> for AckLevel {
    fn from(value: AckArg) -> Self {
        match value {
            AckArg::Accepted => Self::Accepted,
            AckArg::Durable => Self::Durable,
            AckArg::Searchable => Self::Searchable,
        }
    }
}

/// Sends everything and reports.
pub fn run(args: IngestArgs) -> CommandResult {
    let (read, defaults) = (args.read, args.defaults);
    let analyzer = args.analyzer.map(AnalyzerName::as_str).unwrap_or_default();
    let files = Files::find(&args.paths);
    deliver(&args.to, analyzer, files, move |files, documents| {
        read::all(files, &read, &defaults, |found| documents.send(found));
    })
}

/// Sends what `read` finds in the files, and reports.
fn deliver(
    to: &ToArgs,
    analyzer: &'static str,
    files: Files,
    read: impl FnOnce(&Files, &ahead::Sender) + Send + 'static,
) -> CommandResult {
    client::block_on(async {
        let connection = to.server.connect().await?;
        if to.create_collection {
            ensure_collection(&connection, &to.collection).await?;
        }
        let progress = Progress::new(files.bytes());
        let (documents, incoming) = ahead::channel();
        // The thread ends with its channel; where we end early, nobody waits for it.
        std::thread::spawn(move || read(&files, &documents));
        let target = Target { parent: collection_name(&to.collection), ack: to.ack.into(), analyzer };
        let report = Delivery::new(&connection, target, progress, to.json).run(incoming).await?;
        report.print(to.json)?;
        Ok(if report.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// Makes the collection where there is none of that id.
pub async fn ensure_collection(connection: &Connection, id: &CollectionId) -> Result<(), CliError> {
    let request = CreateCollectionRequest { collection_id: id.to_string() };
    match connection.collections().create_collection(request).await {
        Ok(_) => Ok(()),
        Err(status) if status.code() == Code::AlreadyExists => Ok(()),
        Err(status) => Err(connection.explain(&status)),
    }
}
