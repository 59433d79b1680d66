//! The command line: one file a command, and here what all of them share, the errors and the exit codes. Commands
//! talk to people and scripts; they refuse to know how anything is stored or found, and reach a service only
//! through its gRPC port like any other client. Start at [`Cli`].

mod admin;
mod analyze;
mod backup;
mod bench;
mod check;
mod client;
mod cluster;
mod compact;
mod count;
mod demo;
mod documents;
mod entities;
mod entity;
mod eval;
mod export;
mod gate;
mod ingest;
pub mod input;
mod keys;
mod layout;
mod lists;
mod named;
mod operations;
mod outlets;
mod probe;
mod purge;
mod query;
mod quotes;
mod reanalyze;
mod record;
mod related;
mod restore;
mod serve;
mod service;
mod verify;
mod watch;

use clap::{Parser, Subcommand};
use std::fmt;
use std::io::Write;
use std::process::ExitCode;

const RED: anstyle::Style = anstyle::AnsiColor::Red.on_default().bold();

/// Who said what, about whom, where and when: a quote database as one gRPC service
#[derive(Debug, Parser)]
#[command(name = "dictum", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 all went well, 1 something failed (the reason is on standard error), \
                          2 the command line or the configuration is wrong.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the service
    Serve(serve::ServeArgs),
    /// Analyse a text here and now, without a service
    Analyze(analyze::AnalyzeArgs),
    /// Put documents into a service
    Ingest(ingest::IngestArgs),
    /// Put documents with analyses that were made elsewhere into a service
    Import(ingest::ImportArgs),
    /// Write everything, or what matches, into a file
    Export(export::ExportArgs),
    /// Find quotes: who said what
    Quotes(quotes::QuotesArgs),
    /// See where the words of a quote were said again
    Cluster(cluster::ClusterArgs),
    /// Check whether somebody said certain words
    Verify(verify::VerifyArgs),
    /// Find documents
    Documents(documents::DocumentsArgs),
    /// Count quotes or documents, by speaker, outlet, month and more
    Count(count::CountArgs),
    /// Find people, organisations, places
    Entities(entities::EntitiesArgs),
    /// Show one of them: names and roles, and with --full a profile
    Entity(entity::EntityArgs),
    /// Find who and what is mentioned together with somebody
    Related(related::RelatedArgs),
    /// Compare what outlets have of the same story
    Outlets(outlets::OutletsArgs),
    /// Renew analyses, after a better analyzer has come
    Reanalyze(reanalyze::ReanalyzeArgs),
    /// Delete documents by filter or by age, if need be without a trace
    Purge(purge::PurgeArgs),
    /// Copy everything that a service has into one file, while it goes on
    Backup(backup::BackupArgs),
    /// Make a data directory out of a backup, without a service
    Restore(restore::RestoreArgs),
    /// See whether a data directory is sound, without a service
    Check(check::CheckArgs),
    /// Make the store's file as small as what it holds, without a service
    Compact(compact::CompactArgs),
    /// Look after a service while it goes on: configuration, log, compaction, index, end
    Admin(admin::AdminArgs),
    /// Look after the long-running operations of a service
    Operations(operations::OperationsArgs),
    /// Make, list and revoke the keys that callers show
    Keys(keys::KeysArgs),
    /// See it work: a service for a minute, and who said what in a sample article
    Demo(demo::DemoArgs),
    /// Score the analyzer on annotated text
    Eval(eval::EvalArgs),
    /// Send a service a load, and see how it takes it
    Bench(bench::BenchArgs),
    /// Ask whether a service is ready; the exit code is the answer
    Probe(probe::ProbeArgs),
}

/// Why a command ended before its work was done.
#[derive(Debug)]
pub enum CliError {
    /// The command line or the configuration asks for something that cannot be.
    Usage(anyhow::Error),
    /// Something failed along the way.
    Failed(anyhow::Error),
}

impl CliError {
    /// Wraps what is wrong with the command line or the configuration.
    pub fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self::Usage(error.into())
    }

    /// The exit code that scripts see. A reader that closed the pipe (`dictum quotes | head`) is no failure.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Failed(_) if self.is_broken_pipe() => ExitCode::SUCCESS,
            Self::Failed(_) => ExitCode::FAILURE,
        }
    }

    /// Whether whoever read our output has gone.
    pub fn is_broken_pipe(&self) -> bool {
        let (Self::Usage(error) | Self::Failed(error)) = self;
        error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>()).any(is_broken_pipe)
    }
}

fn is_broken_pipe(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::BrokenPipe
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(error) | Self::Failed(error)) = self;
        write!(f, "{error:#}")
    }
}

impl<E: Into<anyhow::Error>> From<E> for CliError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Tells people on standard error what went wrong.
pub fn report(error: &CliError) {
    // Where standard error is closed as well, the exit code is all that is left to say.
    let _ = writeln!(anstream::stderr(), "{RED}error:{RED:#} {error}");
}

/// How a command ends.
pub type CommandResult = Result<ExitCode, CliError>;

/// Runs the command to its end.
///
/// # Errors
/// Where the command could not do its work; single documents that failed are reported as they come and show in
/// the exit code instead.
pub fn run(cli: Cli) -> CommandResult {
    match cli.command {
        Command::Serve(args) => serve::run(&args),
        Command::Analyze(args) => analyze::run(&args),
        Command::Ingest(args) => ingest::run(args),
        Command::Import(args) => ingest::import(args),
        Command::Export(args) => export::run(&args),
        Command::Quotes(args) => quotes::run(&args),
        Command::Cluster(args) => cluster::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Documents(args) => documents::run(&args),
        Command::Count(args) => count::run(&args),
        Command::Entities(args) => entities::run(&args),
        Command::Entity(args) => entity::run(&args),
        Command::Related(args) => related::run(&args),
        Command::Outlets(args) => outlets::run(&args),
        Command::Reanalyze(args) => reanalyze::run(&args),
        Command::Purge(args) => purge::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Admin(args) => admin::run(&args),
        Command::Restore(args) => restore::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Compact(args) => compact::run(&args),
        Command::Operations(args) => operations::run(&args),
        Command::Keys(args) => keys::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Probe(args) => probe::run(&args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_reader_that_has_gone_is_no_failure() {
        let gone = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        let error = CliError::from(anyhow::Error::from(gone).context("writing results"));
        assert_eq!(error.exit_code(), ExitCode::SUCCESS);
        assert_eq!(CliError::from(anyhow::anyhow!("no")).exit_code(), ExitCode::FAILURE);
        assert_eq!(CliError::usage(anyhow::anyhow!("no")).exit_code(), ExitCode::from(2));
    }
}
