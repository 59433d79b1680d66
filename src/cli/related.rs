//! `dictum related`: who and what is mentioned together with somebody, and how they speak of each other.

use super::client;
use super::entities::{parse_type, type_name};
use super::layout::{FAINT, STRONG, count, grouped};
use super::lists;
use super::named::NamedArgs;
use super::query::{last_segment, table};
use super::quotes;
use super::record::parse_time;
use super::{CliError, CommandResult};
use crate::domain::time::Timestamp;
use crate::transport::to_proto::time::timestamp;
use crate::transport::wire::{
    EntityType, ListRelatedEntitiesRequest, ListRelatedEntitiesResponse, RelatedEntity, RelatedOrder,
    TimeRange,
};
use clap::{Args, ValueEnum};
use comfy_table::Table;
use std::io::{self, Write};
use std::process::ExitCode;

/// Flags of `dictum related`.
#[derive(Debug, Args)]
pub struct RelatedArgs {
    #[command(flatten)]
    named: NamedArgs,
    /// What the others are (person, organization, gpe, …); any of several
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = parse_type)]
    types: Vec<EntityType>,
    /// In documents published at or after: 2025-09-05 or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    since: Option<Timestamp>,
    /// Published before
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    until: Option<Timestamp>,
    /// What comes first
    #[arg(long, value_enum, default_value_t = OrderArg::Association)]
    order: OrderArg,
    /// Most entities
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(i32).range(1..=100))]
    limit: i32,
    /// Quotes to show for each
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..=3))]
    examples: i32,
}

/// What comes first.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum OrderArg {
    /// Those that go with it more often than their frequency has it
    Association,
    /// Those of most documents that mention both
    Count,
}

impl RelatedArgs {
    fn request(&self, parent: String) -> ListRelatedEntitiesRequest {
        let order = match self.order {
            OrderArg::Association => RelatedOrder::Association,
            OrderArg::Count => RelatedOrder::DocumentCount,
        };
        let range =
            || TimeRange { start_time: self.since.map(timestamp), end_time: self.until.map(timestamp) };
        ListRelatedEntitiesRequest {
            parent,
            types: self.types.iter().map(|&t| t.into()).collect(),
            published: (self.since.is_some() || self.until.is_some()).then(range),
            order: order.into(),
            limit: self.limit,
            example_limit: self.examples,
            consistency_token: self.named.answer.consistency_token.clone(),
            ..ListRelatedEntitiesRequest::default()
        }
    }
}

/// Asks and prints.
pub fn run(args: &RelatedArgs) -> CommandResult {
    client::block_on(async {
        let connection = args.named.answer.server.connect().await?;
        let name = args.named.resource_name(&connection).await?;
        let answer = connection.entities().list_related_entities(args.request(name)).await;
        let answer = answer.map_err(|status| connection.explain(&status))?.into_inner();
        print(args, &answer)?;
        Ok(ExitCode::SUCCESS)
    })
}

fn print(args: &RelatedArgs, answer: &ListRelatedEntitiesResponse) -> Result<(), CliError> {
    lists::print(args.named.answer.json, answer, |out| {
        if !answer.related.is_empty() {
            show(out, &rows(&answer.related))?;
        }
        for related in answer.related.iter().filter(|related| !related.examples.is_empty()) {
            writeln!(out, "\n{STRONG}{}{STRONG:#}", related.display_name)?;
            show(out, &quotes::rows(&related.examples))?;
        }
        let documents = count(answer.document_count, "document", "documents");
        let distinct = count(answer.distinct_count, "other entity", "other entities");
        writeln!(out, "{FAINT}{documents}, which mention {distinct}{FAINT:#}")
    })
}

fn show(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    table.lines().try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}

fn rows(related: &[RelatedEntity]) -> Table {
    let mut table =
        table(&["name", "type", "documents", "quotes", "spoken about", "speaks about", "score", "id"]);
    for one in related {
        table.add_row([
            one.display_name.clone(),
            type_name(one.r#type()).to_lowercase(),
            grouped(one.document_count),
            grouped(one.quote_count),
            grouped(one.spoken_about_count),
            grouped(one.speaks_about_count),
            format!("{:.1}", one.score),
            last_segment(&one.name).to_owned(),
        ]);
    }
    table
}
