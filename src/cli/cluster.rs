//! `dictum cluster`: where the words of a quote were said again, by whom it was carried, in which variants.

use super::client::{self, Connection};
use super::layout::{count, grouped};
use super::query::{AnswerArgs, day, table};
use super::quotes::rows;
use super::{CliError, CommandResult};
use crate::transport::json::to_json_string;
use crate::transport::wire::{FacetResult, GetQuoteClusterRequest, GetQuoteClusterResponse};
use clap::Args;
use std::io::Write;
use std::process::ExitCode;

/// Flags of `dictum cluster`.
#[derive(Debug, Args)]
pub struct ClusterArgs {
    /// Any quote of the cluster: collections/…/documents/…/quotes/…, as `dictum quotes --json` gives it
    name: String,
    /// Most quotes
    #[arg(long, short = 'n', value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(i32).range(1..=1000))]
    limit: i32,
    #[command(flatten)]
    answer: AnswerArgs,
}

/// Asks and prints.
pub fn run(args: &ClusterArgs) -> CommandResult {
    client::block_on(async {
        let connection = args.answer.server.connect().await?;
        let answer = ask(args, &connection).await?;
        let mut out = anstream::stdout().lock();
        if args.answer.json {
            writeln!(out, "{}", to_json_string(&answer)?)?;
        } else {
            show(&mut out, &answer)?;
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn ask(args: &ClusterArgs, connection: &Connection) -> Result<GetQuoteClusterResponse, CliError> {
    let request = GetQuoteClusterRequest {
        name: args.name.clone(),
        page_size: args.limit,
        consistency_token: args.answer.consistency_token.clone(),
        ..GetQuoteClusterRequest::default()
    };
    let answer = connection.quotes().get_quote_cluster(request).await;
    Ok(answer.map_err(|status| connection.explain(&status))?.into_inner())
}

fn show(out: &mut impl Write, answer: &GetQuoteClusterResponse) -> Result<(), CliError> {
    lines(out, &rows(&answer.results))?;
    let shown = answer.results.len() as u64;
    if answer.total_size > shown {
        writeln!(out, "… and {} more", grouped(answer.total_size - shown))?;
    }
    let divided = [("variant", &answer.variants), ("outlet", &answer.outlets)];
    for (heading, result) in divided {
        if let Some(result) = result.as_ref().filter(|result| !result.buckets.is_empty()) {
            writeln!(out)?;
            lines(out, &buckets(heading, result))?;
        }
    }
    let (first, last) = (day(answer.first_time.as_ref()), day(answer.last_time.as_ref()));
    let quotes = count(answer.total_size, "quote", "quotes");
    match (first.as_str(), last.as_str()) {
        ("", _) | (_, "") => writeln!(out, "\n{quotes}")?,
        (first, last) if first == last => writeln!(out, "\n{quotes}, {first}")?,
        (first, last) => writeln!(out, "\n{quotes}, {first} to {last}")?,
    }
    Ok(())
}

fn buckets(heading: &str, result: &FacetResult) -> comfy_table::Table {
    let mut table = table(&[heading, "quotes"]);
    for bucket in &result.buckets {
        table.add_row([bucket.value.clone(), grouped(bucket.count)]);
    }
    table
}

fn lines(out: &mut impl Write, table: &comfy_table::Table) -> Result<(), CliError> {
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
