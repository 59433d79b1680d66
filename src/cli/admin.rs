//! `dictum admin`: what whoever runs a service asks of it while it goes on.

use super::client::{self, Connection, ServerArgs};
use super::layout::{FAINT, bytes};
use super::{CliError, CommandResult};
use crate::config::parse_duration;
use crate::transport::json::to_json_string;
use crate::transport::wire::{
    CompactStoreRequest, DrainRequest, GetConfigurationRequest, RebuildIndexRequest, SetLogFilterRequest,
};
use anyhow::anyhow;
use clap::{Args, Subcommand};
use indicatif::ProgressBar;
use prost::Name;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Flags of `dictum admin`.
#[derive(Debug, Args)]
pub struct AdminArgs {
    #[command(subcommand)]
    task: Task,
}

/// Which service, and how its answer is shown.
#[derive(Debug, Args)]
struct Common {
    /// The answer as a JSON object, for scripts
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Show the configuration in force, as a file that `dictum serve --config` takes
    Config {
        #[command(flatten)]
        common: Common,
    },
    /// Change what is logged, at once
    Log {
        /// A level or tracing directives, such as debug or info,dictum::engine=debug; that of the configuration where absent
        filter: Option<String>,
        /// Go back to the configuration's after this time
        #[arg(long = "for", value_name = "TIME", value_parser = parse_duration)]
        ttl: Option<Duration>,
        #[command(flatten)]
        common: Common,
    },
    /// Make the store's file as small as what it holds
    Compact {
        #[command(flatten)]
        common: Common,
    },
    /// Make the index anew out of the store, and wait for it
    RebuildIndex {
        #[command(flatten)]
        common: Common,
    },
    /// Stop the service as a signal would
    Drain {
        #[command(flatten)]
        common: Common,
    },
}

/// Asks, and shows the answer.
pub fn run(args: &AdminArgs) -> CommandResult {
    client::block_on(async {
        match &args.task {
            Task::Config { common } => config(common).await,
            Task::Log { filter, ttl, common } => log(common, filter.as_deref(), *ttl).await,
            Task::Compact { common } => compact(common).await,
            Task::RebuildIndex { common } => rebuild(common).await,
            Task::Drain { common } => drain(common).await,
        }?;
        Ok(ExitCode::SUCCESS)
    })
}

impl Common {
    async fn connect(&self) -> Result<Connection, CliError> {
        self.server.connect().await
    }

    /// The answer as JSON, or in these words.
    fn show(&self, answer: &impl Name, words: &str) -> Result<(), CliError> {
        match self.json {
            true => writeln!(io::stdout(), "{}", to_json_string(answer)?)?,
            false => writeln!(anstream::stdout(), "{}", words.trim_end())?,
        }
        Ok(())
    }
}

async fn config(common: &Common) -> Result<(), CliError> {
    let connection = common.connect().await?;
    let answer = connection.admin().get_configuration(GetConfigurationRequest {}).await;
    let answer = answer.map_err(|status| connection.explain(&status))?.into_inner();
    common.show(&answer, &answer.toml)
}

async fn log(common: &Common, filter: Option<&str>, ttl: Option<Duration>) -> Result<(), CliError> {
    let connection = common.connect().await?;
    let ttl = ttl.map(TryInto::try_into).transpose();
    let ttl = ttl.map_err(|_| CliError::usage(anyhow!("--for: no log is kept for so long")))?;
    let request = SetLogFilterRequest { filter: filter.unwrap_or_default().to_owned(), ttl };
    let answer = connection.admin().set_log_filter(request).await;
    let answer = answer.map_err(|status| connection.explain(&status))?.into_inner();
    let words = format!("{} {FAINT}(before: {}){FAINT:#}", answer.filter, answer.previous_filter);
    common.show(&answer, &words)
}

async fn compact(common: &Common) -> Result<(), CliError> {
    let (connection, _busy, started) = (common.connect().await?, busy("compacting"), Instant::now());
    let answer = connection.admin().compact_store(CompactStoreRequest {}).await;
    let answer = answer.map_err(|status| connection.explain(&status))?.into_inner();
    let (before, after) = (bytes(answer.bytes_before), bytes(answer.bytes_after));
    let seconds = started.elapsed().as_secs_f64();
    common.show(&answer, &format!("{before} before, {after} now {FAINT}({seconds:.1} s){FAINT:#}"))
}

async fn rebuild(common: &Common) -> Result<(), CliError> {
    let (connection, _busy, started) = (common.connect().await?, busy("rebuilding"), Instant::now());
    let answer = connection.admin().rebuild_index(RebuildIndexRequest {}).await;
    let answer = answer.map_err(|status| connection.explain(&status))?.into_inner();
    let seconds = started.elapsed().as_secs_f64();
    let words =
        format!("the index is new, up to change {} {FAINT}({seconds:.1} s){FAINT:#}", answer.last_change);
    common.show(&answer, &words)
}

async fn drain(common: &Common) -> Result<(), CliError> {
    let connection = common.connect().await?;
    let answer = connection.admin().drain(DrainRequest {}).await;
    let answer = answer.map_err(|status| connection.explain(&status))?.into_inner();
    let most = answer.drain_timeout.as_ref().map_or(0, |most| most.seconds);
    common.show(&answer, &format!("stopping; calls that are under way have {most} s"))
}

/// Shows on a terminal that something goes on, until it is dropped.
struct Busy(ProgressBar);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn busy(what: &'static str) -> Busy {
    let bar = if io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    bar.set_message(what);
    bar.enable_steady_tick(Duration::from_millis(200));
    Busy(bar)
}
