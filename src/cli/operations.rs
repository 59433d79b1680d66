//! `dictum operations`: the long-running operations of a service, and what the commands that start one share: following it to its
//! end, with its progress on a terminal.

use super::client::{self, Connection, ServerArgs};
use super::layout::{FAINT, count};
use super::query::{day_and_time, table};
use super::{CliError, CommandResult};
use crate::config::parse_duration;
use crate::transport::json::to_json_string;
use crate::transport::wire::operation::{Metadata, Result as Outcome};
use crate::transport::wire::{
    CancelOperationRequest, DeleteOperationRequest, GetOperationRequest, ListOperationsRequest, Operation,
    OperationProgress, WaitOperationRequest,
};
use anyhow::anyhow;
use clap::{Args, Subcommand};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

/// How often a followed operation is asked how it is.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// Operations in one page.
const PAGE: i32 = 1000;

/// Flags of `dictum operations`.
#[derive(Debug, Args)]
pub struct OperationsArgs {
    #[command(subcommand)]
    action: Option<Action>,
    /// One JSON object an operation (the proto3 JSON mapping), for scripts
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List them, the latest first
    List {
        /// Leave out those that have ended
        #[arg(long)]
        active: bool,
    },
    /// Show one
    Show {
        /// Its number, or operations/NUMBER
        name: String,
    },
    /// Wait until one has ended; the exit code says how
    Wait {
        /// Its number, or operations/NUMBER
        name: String,
        /// Wait no longer than this
        #[arg(long, value_name = "TIME", value_parser = parse_duration)]
        timeout: Option<Duration>,
    },
    /// Call one off; what was done stays done
    Cancel {
        /// Its number, or operations/NUMBER
        name: String,
    },
    /// Forget one that has ended
    Delete {
        /// Its number, or operations/NUMBER
        name: String,
    },
}

/// Does what the subcommand says; lists where it says nothing.
pub fn run(args: &OperationsArgs) -> CommandResult {
    client::block_on(async {
        let connection = args.server.connect().await?;
        match &args.action {
            None => list(args, &connection, false).await,
            Some(Action::List { active }) => list(args, &connection, *active).await,
            Some(Action::Show { name }) => {
                let request = GetOperationRequest { name: full(name) };
                let answer = connection.operations().get_operation(request).await;
                let operation = answer.map_err(|status| connection.explain(&status))?.into_inner().operation;
                show(args.json, operation)
            }
            Some(Action::Wait { name, timeout }) => wait(args, &connection, name, *timeout).await,
            Some(Action::Cancel { name }) => {
                let request = CancelOperationRequest { name: full(name) };
                let answer = connection.operations().cancel_operation(request).await;
                let operation = answer.map_err(|status| connection.explain(&status))?.into_inner().operation;
                show(args.json, operation)
            }
            Some(Action::Delete { name }) => {
                let request = DeleteOperationRequest { name: full(name) };
                let answer = connection.operations().delete_operation(request).await;
                answer.map_err(|status| connection.explain(&status))?;
                Ok(ExitCode::SUCCESS)
            }
        }
    })
}

/// Follows an operation to its end, shows how it is getting on, and says how it ended; or, where nobody wants to wait, says its name.
pub async fn follow(connection: &Connection, operation: Operation, wait: bool, json: bool) -> CommandResult {
    if !wait {
        match json {
            true => writeln!(anstream::stdout(), "{}", to_json_string(&operation)?)?,
            false => writeln!(anstream::stdout(), "{}", operation.name)?,
        }
        return Ok(ExitCode::SUCCESS);
    }
    let bar = std::io::stderr().is_terminal().then(indicatif::ProgressBar::no_length);
    let ended = follow_to_end(connection, operation, bar.as_ref()).await;
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let operation = ended?;
    let code = exit_code(&operation);
    match json {
        true => writeln!(anstream::stdout(), "{}", to_json_string(&operation)?)?,
        false => writeln!(anstream::stdout(), "{}", in_words(&operation))?,
    }
    Ok(code)
}

async fn follow_to_end(
    connection: &Connection,
    mut operation: Operation,
    bar: Option<&indicatif::ProgressBar>,
) -> Result<Operation, CliError> {
    while !operation.done {
        let timeout = Some(crate::transport::to_proto::time::duration(ASK_EVERY));
        let request = WaitOperationRequest { name: operation.name.clone(), timeout };
        let answer = connection.operations().wait_operation(request).await;
        let answer = answer.map_err(|status| connection.explain(&status))?.into_inner();
        operation = answer.operation.ok_or_else(nothing)?;
        if let (Some(bar), Some(progress)) = (bar, progress(&operation)) {
            bar.set_length(progress.total_count);
            bar.set_position(progress.done_count + progress.skipped_count + progress.failed_count);
        }
    }
    Ok(operation)
}

async fn list(args: &OperationsArgs, connection: &Connection, only_active: bool) -> CommandResult {
    let request = ListOperationsRequest { page_size: PAGE, only_active, ..Default::default() };
    let answer = connection.operations().list_operations(request).await;
    let operations = answer.map_err(|status| connection.explain(&status))?.into_inner().operations;
    let mut out = anstream::stdout().lock();
    if args.json {
        for operation in &operations {
            writeln!(out, "{}", to_json_string(operation)?)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = table(&["operation", "what", "state", "done", "since"]);
    for operation in &operations {
        let progress = progress(operation).unwrap_or_default();
        rows.add_row([
            operation.name.clone(),
            what(operation).to_owned(),
            state(operation),
            format!("{} of {}", progress.done_count, progress.total_count),
            day_and_time(operation.create_time.as_ref()),
        ]);
    }
    if !operations.is_empty() {
        writeln!(out, "{rows}")?;
    }
    writeln!(out, "{FAINT}{}{FAINT:#}", count(operations.len() as u64, "operation", "operations"))?;
    Ok(ExitCode::SUCCESS)
}

async fn wait(
    args: &OperationsArgs,
    connection: &Connection,
    name: &str,
    timeout: Option<Duration>,
) -> CommandResult {
    let timeout = timeout.map(crate::transport::to_proto::time::duration);
    let answer =
        connection.operations().wait_operation(WaitOperationRequest { name: full(name), timeout }).await;
    let operation = answer.map_err(|status| connection.explain(&status))?.into_inner().operation;
    let operation = operation.ok_or_else(nothing)?;
    let code = exit_code(&operation);
    show(args.json, Some(operation))?;
    Ok(code)
}

fn show(json: bool, operation: Option<Operation>) -> CommandResult {
    let operation = operation.ok_or_else(nothing)?;
    match json {
        true => writeln!(anstream::stdout(), "{}", to_json_string(&operation)?)?,
        false => writeln!(anstream::stdout(), "{}", in_words(&operation))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Success only for an operation that has done everything it was asked.
fn exit_code(operation: &Operation) -> ExitCode {
    let failed = progress(operation).unwrap_or_default().failed_count;
    let succeeded = operation.done && !matches!(operation.result, Some(Outcome::Error(_)) | None);
    if succeeded && failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn in_words(operation: &Operation) -> String {
    let progress = progress(operation).unwrap_or_default();
    let mut words = format!("{}, {}: {}", operation.name, what(operation), state(operation));
    words += &format!(", {} of {} documents", progress.done_count, progress.total_count);
    for (count, what) in [(progress.skipped_count, "needed nothing"), (progress.failed_count, "failed")] {
        if count > 0 {
            words += &format!(", {count} {what}");
        }
    }
    if let Some(Outcome::Error(error)) = &operation.result {
        words += &format!(": {}", error.message);
    }
    words
}

fn what(operation: &Operation) -> &'static str {
    match &operation.metadata {
        Some(Metadata::ReanalyzeDocuments(_)) => "reanalyze",
        Some(Metadata::PurgeDocuments(purge)) if purge.erase => "purge and erase",
        Some(Metadata::PurgeDocuments(_)) => "purge",
        None => "unknown",
    }
}

fn state(operation: &Operation) -> String {
    operation.state().as_str_name().trim_start_matches("OPERATION_STATE_").to_lowercase()
}

fn progress(operation: &Operation) -> Option<OperationProgress> {
    match &operation.metadata {
        Some(Metadata::ReanalyzeDocuments(metadata)) => metadata.progress,
        Some(Metadata::PurgeDocuments(metadata)) => metadata.progress,
        None => None,
    }
}

/// `17` is short for `operations/17`.
fn full(name: &str) -> String {
    if name.contains('/') { name.to_owned() } else { format!("operations/{name}") }
}

fn nothing() -> CliError {
    anyhow!("the service answered without an operation").into()
}
