//! `dictum outlets`: what outlets have of the same story, side by side.

use super::client;
use super::layout::{FAINT, STRONG, count, grouped};
use super::lists::{self, labelled, line};
use super::query::{AnswerArgs, did_you_mean, parse_collection};
use super::{CliError, CommandResult};
use crate::domain::ids::{CollectionId, collection_name};
use crate::transport::wire::{
    CompareOutletsRequest, CompareOutletsResponse, FacetResult, OutletComparison, QuoteFilter, RemarkableWord,
};
use clap::Args;
use std::io::{self, Write};
use std::process::ExitCode;

/// Flags of `dictum outlets`.
#[derive(Debug, Args)]
pub struct OutletsArgs {
    /// In which quotes: 'about : Syria AND published > 2019'; in all without it
    filter: Option<String>,
    /// Outlet; 2 to 10 of them, those of most quotes without any
    #[arg(long, value_name = "NAME")]
    source: Vec<String>,
    /// Most values of each list, 0 for as many as the service gives of its own accord
    #[arg(long, short = 'n', value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..=100))]
    limit: i32,
    /// Collection to look in, - for every one
    #[arg(long, value_name = "ID", default_value = "default", value_parser = parse_collection)]
    collection: CollectionId,
    #[command(flatten)]
    answer: AnswerArgs,
}

impl OutletsArgs {
    fn request(&self) -> CompareOutletsRequest {
        let expression = self.filter.clone().unwrap_or_default();
        CompareOutletsRequest {
            parent: collection_name(&self.collection),
            filter: Some(QuoteFilter { expression, ..QuoteFilter::default() }),
            sources: self.source.clone(),
            limit: self.limit,
            consistency_token: self.answer.consistency_token.clone(),
            ..CompareOutletsRequest::default()
        }
    }
}

/// Asks and prints.
pub fn run(args: &OutletsArgs) -> CommandResult {
    client::block_on(async {
        let connection = args.answer.server.connect().await?;
        let answer = connection.quotes().compare_outlets(args.request()).await;
        let answer = answer.map_err(|status| connection.explain(&status))?.into_inner();
        did_you_mean(&answer.unknown_names);
        print(args, &answer)?;
        Ok(ExitCode::SUCCESS)
    })
}

fn print(args: &OutletsArgs, answer: &CompareOutletsResponse) -> Result<(), CliError> {
    lists::print(args.answer.json, answer, |out| {
        answer.outlets.iter().try_for_each(|outlet| show(out, outlet))?;
        writeln!(out, "{FAINT}{} in all{FAINT:#}", count(answer.total_size, "quote", "quotes"))
    })
}

fn show(out: &mut dyn Write, outlet: &OutletComparison) -> io::Result<()> {
    let quotes = count(outlet.quote_count, "quote", "quotes");
    let documents = count(outlet.document_count, "document", "documents");
    let share = outlet.share * 100.0;
    writeln!(out, "{STRONG}{}{STRONG:#}  {quotes} ({share:.1} %) in {documents}", outlet.source)?;
    labelled(out, "by", &line(outlet.speakers.as_ref()))?;
    labelled(out, "by nowhere else", &line(outlet.exclusive_speakers.as_ref()))?;
    labelled(out, "about", &line(outlet.mentions.as_ref()))?;
    labelled(out, "in words of its own", &words(&outlet.words))?;
    let distinct = |counted: Option<&FacetResult>| counted.map_or(0, |counted| counted.distinct_count);
    let (said, alone) = (distinct(outlet.quotes.as_ref()), distinct(outlet.exclusive_quotes.as_ref()));
    if said > 0 {
        labelled(out, "nowhere else", &format!("{} of {} that it carries", grouped(alone), grouped(said)))?;
    }
    writeln!(out)
}

fn words(words: &[RemarkableWord]) -> String {
    words.iter().map(|word| &*word.word).collect::<Vec<_>>().join(", ")
}
