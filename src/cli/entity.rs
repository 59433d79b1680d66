//! `dictum entity`: one person, organisation or place, with all its names, and with `--full` what the collection tells about it.

use super::client;
use super::entities::type_name;
use super::layout::{STRONG, count};
use super::lists::{self, labelled, line, lower_line};
use super::named::NamedArgs;
use super::query::day;
use super::quotes::said;
use super::{CliError, CommandResult};
use crate::transport::wire::{
    Alias, CollectionEntity, EntityProfile, EntityView, GetEntityRequest, GetEntityResponse, QuoteResult,
    TimeInterval,
};
use clap::{Args, ValueEnum};
use std::io::{self, Write};
use std::process::ExitCode;

/// Flags of `dictum entity`.
#[derive(Debug, Args)]
pub struct EntityArgs {
    #[command(flatten)]
    named: NamedArgs,
    /// What it says, what is said about it, beside whom it stands
    #[arg(long)]
    full: bool,
    /// How long the stretches of time are that the profile counts in
    #[arg(long, value_enum, default_value_t = Every::Year)]
    every: Every,
    /// Most values of each list of the profile, 0 for as many as the service gives of its own accord
    #[arg(long, short = 'n', value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..=100))]
    limit: i32,
}

/// Stretches of a calendar.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Every {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl From<Every> for i32 {
    fn from(every: Every) -> Self {
        match every {
            Every::Day => TimeInterval::Day,
            Every::Week => TimeInterval::Week,
            Every::Month => TimeInterval::Month,
            Every::Quarter => TimeInterval::Quarter,
            Every::Year => TimeInterval::Year,
        }
        .into()
    }
}

impl EntityArgs {
    fn request(&self, name: String) -> GetEntityRequest {
        let view = if self.full { EntityView::Full } else { EntityView::Basic };
        GetEntityRequest {
            name,
            view: view.into(),
            consistency_token: self.named.answer.consistency_token.clone(),
            interval: self.every.into(),
            limit: self.limit,
            ..GetEntityRequest::default()
        }
    }
}

/// Asks and prints.
pub fn run(args: &EntityArgs) -> CommandResult {
    client::block_on(async {
        let connection = args.named.answer.server.connect().await?;
        let name = args.named.resource_name(&connection).await?;
        let answer = connection.entities().get_entity(args.request(name)).await;
        let answer = answer.map_err(|status| connection.explain(&status))?.into_inner();
        print(args, &answer)?;
        Ok(ExitCode::SUCCESS)
    })
}

fn print(args: &EntityArgs, answer: &GetEntityResponse) -> Result<(), CliError> {
    lists::print(args.named.answer.json, answer, |out| {
        if let Some(entity) = &answer.entity {
            show_entity(out, entity)?;
        }
        answer.profile.iter().try_for_each(|profile| show_profile(out, profile))
    })
}

fn show_entity(out: &mut dyn Write, entity: &CollectionEntity) -> io::Result<()> {
    let kind = type_name(entity.r#type()).to_lowercase();
    writeln!(out, "{STRONG}{}{STRONG:#}  {kind}", entity.display_name)?;
    labelled(out, "names", &forms(&entity.aliases, entity.alias_count))?;
    labelled(out, "roles", &forms(&entity.roles, entity.role_count))?;
    labelled(out, "documents", &count(entity.document_count, "document", "documents"))?;
    let statements = count(entity.statement_count, "statement", "statements");
    labelled(out, "quotes", &format!("{}, {statements}", count(entity.quote_count, "quote", "quotes")))?;
    let seen = [&entity.first_seen, &entity.last_seen].map(|time| day(time.as_ref()));
    labelled(out, "seen", &seen.join(" to "))?;
    labelled(out, "taken for", &entity.inferred_as)?;
    labelled(out, "resource name", &entity.name)
}

fn forms(forms: &[Alias], all: u64) -> String {
    let mut shown: Vec<String> = forms.iter().map(|form| form.text.clone()).collect();
    let others = all.saturating_sub(forms.len() as u64);
    if others > 0 {
        shown.push(format!("and {}", count(others, "other", "others")));
    }
    shown.join(", ")
}

fn show_profile(out: &mut dyn Write, profile: &EntityProfile) -> io::Result<()> {
    writeln!(out, "\n{STRONG}{} by it{STRONG:#}", count(profile.spoken_count, "statement", "statements"))?;
    labelled(out, "first", &quote(profile.first.as_ref()))?;
    labelled(out, "last", &quote(profile.last.as_ref()))?;
    labelled(out, "outlets", &line(profile.sources.as_ref()))?;
    labelled(out, "about", &line(profile.mentions.as_ref()))?;
    labelled(out, "as", &lower_line(profile.speaker_kinds.as_ref()))?;
    labelled(out, "in quotation marks", &lower_line(profile.types.as_ref()))?;
    labelled(out, "over time", &line(profile.spoken_periods.as_ref()))?;
    writeln!(out, "\n{STRONG}{} about it{STRONG:#}", count(profile.about_count, "statement", "statements"))?;
    labelled(out, "by", &line(profile.speakers_about.as_ref()))?;
    labelled(out, "beside it", &line(profile.beside_in_quotes.as_ref()))?;
    labelled(out, "over time", &line(profile.about_periods.as_ref()))?;
    writeln!(out, "\n{STRONG}{}{STRONG:#}", count(profile.document_count, "document", "documents"))?;
    labelled(out, "beside it", &line(profile.beside_in_documents.as_ref()))?;
    labelled(out, "called", &lists::spans(profile.roles.as_ref()))
}

fn quote(result: Option<&QuoteResult>) -> String {
    let Some(result) = result else { return String::new() };
    let published = result.document.as_ref().and_then(|document| document.publish_time.as_ref());
    let words = result.quote.as_ref().map(said).unwrap_or_default();
    format!("{}  {words}", day(published))
}
