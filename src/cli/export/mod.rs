//! `dictum export`: documents or quotes into a file, whatever happens on the way. What has come is on the disk together with the place
//! where the export is, so that the same command goes on after any interruption and the file is the same as without one. Start at
//! [`run`]; `transfer` follows the stream, `output` is the file, `documents` and `quotes` say how each becomes a line or a row.

mod documents;
mod output;
mod parquet;
mod quotes;
mod table;
mod transfer;

use super::client::{self, ServerArgs};
use super::documents::DocumentFilterArgs;
use super::query::{NarrowArgs, parse_collection};
use super::quotes::QuoteFilterArgs;
use super::{CliError, CommandResult};
use crate::domain::ids::{CollectionId, collection_name};
use anyhow::anyhow;
use clap::{Args, Subcommand, ValueEnum};
use std::path::{Path, PathBuf};

/// Flags of `dictum export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// What to export.
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Quotes: who said what
    Quotes(ExportQuotesArgs),
    /// Documents with their texts
    Documents(ExportDocumentsArgs),
}

/// Flags of `dictum export quotes`.
#[derive(Debug, Args)]
struct ExportQuotesArgs {
    #[command(flatten)]
    filter: QuoteFilterArgs,
    #[command(flatten)]
    narrow: NarrowArgs,
    #[command(flatten)]
    target: TargetArgs,
}

/// Flags of `dictum export documents`.
#[derive(Debug, Args)]
struct ExportDocumentsArgs {
    #[command(flatten)]
    filter: DocumentFilterArgs,
    #[command(flatten)]
    narrow: NarrowArgs,
    /// With everything that was found in them, so that `dictum import` can take them in elsewhere
    #[arg(long)]
    analysis: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// Where it goes, and from where.
#[derive(Debug, Args)]
struct TargetArgs {
    /// Form of the file
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// The file, or `-` for standard output. An export that broke off leaves FILE.part and FILE.resume beside it, and the same command
    /// goes on with them
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Replace the file where it is there already
    #[arg(long)]
    overwrite: bool,
    /// Put an apostrophe before cells of a CSV file that a spreadsheet would take for formulas
    #[arg(long)]
    escape_formulas: bool,
    /// Collection to export
    #[arg(long, value_name = "ID", default_value = "default", value_parser = parse_collection)]
    collection: CollectionId,
    #[command(flatten)]
    server: ServerArgs,
}

/// Form of an exported file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON object a line
    Jsonl,
    /// A table whose first line names the columns
    Csv,
    /// A columnar file, for analytics
    Parquet,
}

impl TargetArgs {
    fn parent(&self) -> String {
        collection_name(&self.collection)
    }

    fn is_stdout(&self) -> bool {
        self.output == Path::new("-")
    }

    fn check(&self) -> Result<(), CliError> {
        if self.is_stdout() && self.format == Format::Parquet {
            return Err(CliError::usage(anyhow!("--format parquet needs a file: its end is written last")));
        }
        if self.escape_formulas && self.format != Format::Csv {
            return Err(CliError::usage(anyhow!("--escape-formulas is for --format csv")));
        }
        Ok(())
    }
}

/// Exports, going on where an earlier run of the same command broke off.
pub fn run(args: &ExportArgs) -> CommandResult {
    client::block_on(async {
        match &args.what {
            What::Quotes(args) => {
                args.target.check()?;
                let connection = args.target.server.connect().await?;
                transfer::run(&quotes::Quotes::of(args), &args.target, &connection).await
            }
            What::Documents(args) => {
                args.target.check()?;
                let connection = args.target.server.connect().await?;
                transfer::run(&documents::Documents::of(args), &args.target, &connection).await
            }
        }
    })
}
