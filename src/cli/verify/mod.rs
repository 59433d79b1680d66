//! `dictum verify`: did somebody say these words? Flags become one `VerifyQuoteRequest`; the exit code tells nothing of the verdict,
//! which is an answer like others.

mod show;

use super::CommandResult;
use super::client;
use super::query::{AnswerArgs, parse_collection};
use super::record::parse_time;
use crate::domain::ids::{CollectionId, collection_name};
use crate::domain::time::Timestamp;
use crate::transport::json::to_json_string;
use crate::transport::to_proto::time::timestamp;
use crate::transport::wire::{TimeRange, VerifyQuoteRequest};
use clap::Args;
use std::io::{self, Write};
use std::process::ExitCode;

/// Flags of `dictum verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The words, with "…" where they leave something out
    text: String,
    /// Who is said to have said them, by any name or resource name
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    speaker: String,
    /// Said at or after: 2025-09-05 or RFC 3339; by the date of publication
    #[arg(long, value_name = "DATE", value_parser = parse_time)]
    from: Option<Timestamp>,
    /// Said before
    #[arg(long, value_name = "DATE", value_parser = parse_time)]
    until: Option<Timestamp>,
    /// Collection to look in, - for every one
    #[arg(long, value_name = "ID", default_value = "default", value_parser = parse_collection)]
    collection: CollectionId,
    /// Most quotes to show
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10,
          value_parser = clap::value_parser!(i32).range(1..=100))]
    limit: i32,
    #[command(flatten)]
    answer: AnswerArgs,
}

impl VerifyArgs {
    fn request(&self) -> VerifyQuoteRequest {
        let range =
            || TimeRange { start_time: self.from.map(timestamp), end_time: self.until.map(timestamp) };
        VerifyQuoteRequest {
            parent: collection_name(&self.collection),
            text: self.text.clone(),
            speaker: self.speaker.clone(),
            published: (self.from.is_some() || self.until.is_some()).then(range),
            match_limit: self.limit,
            consistency_token: self.answer.consistency_token.clone(),
            ..VerifyQuoteRequest::default()
        }
    }
}

/// Asks and prints.
pub fn run(args: &VerifyArgs) -> CommandResult {
    client::block_on(async {
        let connection = args.answer.server.connect().await?;
        let answer = connection.verify().verify_quote(args.request()).await;
        let answer = answer.map_err(|status| connection.explain(&status))?.into_inner();
        let mut out = io::BufWriter::new(anstream::stdout().lock());
        match args.answer.json {
            true => writeln!(out, "{}", to_json_string(&answer)?)?,
            false => show::print(&mut out, &answer)?,
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    })
}
