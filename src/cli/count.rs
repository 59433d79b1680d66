//! `dictum count`: how many quotes or documents match, by speaker, outlet, month and more.

use super::client::{self, Connection};
use super::layout::grouped;
use super::query::{AnswerArgs, did_you_mean, parse_collection, table};
use super::{CliError, CommandResult};
use crate::domain::ids::CollectionId;
use crate::transport::json::to_json_string;
use crate::transport::wire::{
    AggregateDocumentsRequest, AggregateQuotesRequest, DocumentFilter, Facet, FacetBucket, FacetBy,
    FacetField, FacetResult, QuoteFilter, TimeInterval,
};
use clap::Args;
use std::io::Write;
use std::process::ExitCode;

/// Flags of `dictum count`.
#[derive(Debug, Args)]
pub struct CountArgs {
    /// What must match: 'speaker = "Jane Miller" AND published > 2019'; everything without it
    filter: Option<String>,
    /// By what: speaker, about, source, language, label:KEY, type, kind, speaker-kind, word, cluster
    /// (what says the same, or nearly), variant, day, week, month, quarter or year; one
    /// within another by a slash (source/speaker); any number of times
    #[arg(long, value_name = "FIELD[/FIELD]", value_parser = parse_facet)]
    by: Vec<Facet>,
    /// Whose midnights divide days, months and years
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
    /// Count documents, not quotes
    #[arg(long)]
    documents: bool,
    /// Most values of each field, 0 for as many as the service gives of its own accord
    #[arg(long, short = 'n', value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..=1000))]
    limit: i32,
    /// Collection to look in, - for every one
    #[arg(long, value_name = "ID", default_value = "default", value_parser = parse_collection)]
    collection: CollectionId,
    #[command(flatten)]
    answer: AnswerArgs,
}

fn parse_facet(text: &str) -> Result<Facet, String> {
    let (by, nested) = match text.split_once('/') {
        Some((by, nested)) => (by, Some(parse_field(nested)?)),
        None => (text, None),
    };
    Ok(Facet { by: Some(parse_field(by)?), nested, ..Facet::default() })
}

fn parse_field(text: &str) -> Result<FacetBy, String> {
    let of = |field: FacetField| Ok(FacetBy { field: field.into(), ..FacetBy::default() });
    let every = |interval: TimeInterval| {
        let field = FacetField::Published.into();
        Ok(FacetBy { field, interval: interval.into(), ..FacetBy::default() })
    };
    if let Some(key) = text.strip_prefix("label:").filter(|key| !key.is_empty()) {
        let field = FacetField::Label.into();
        return Ok(FacetBy { field, label_key: key.to_owned(), ..FacetBy::default() });
    }
    match text {
        "speaker" => of(FacetField::Speaker),
        "about" => of(FacetField::Mention),
        "source" => of(FacetField::Source),
        "language" => of(FacetField::Language),
        "type" => of(FacetField::Type),
        "kind" => of(FacetField::Kind),
        "speaker-kind" => of(FacetField::SpeakerKind),
        "word" => of(FacetField::Word),
        "cluster" => of(FacetField::Cluster),
        "variant" => of(FacetField::Variant),
        "day" => every(TimeInterval::Day),
        "week" => every(TimeInterval::Week),
        "month" => every(TimeInterval::Month),
        "quarter" => every(TimeInterval::Quarter),
        "year" => every(TimeInterval::Year),
        _ => Err("must be speaker, about, source, language, label:KEY, type, kind, speaker-kind, word, cluster, variant, day, week, \
                  month, quarter or year"
            .to_owned()),
    }
}

impl CountArgs {
    /// The facets, with limit and time zone.
    fn facets(&self) -> Vec<Facet> {
        let zoned = |by: FacetBy| {
            let dated = by.field() == FacetField::Published;
            FacetBy { time_zone: if dated { self.time_zone.clone() } else { String::new() }, ..by }
        };
        let facets = self.by.iter().cloned().map(|facet| Facet {
            by: facet.by.map(zoned),
            limit: self.limit,
            nested: facet.nested.map(zoned),
            ..Facet::default()
        });
        facets.collect()
    }
}

/// Asks and prints.
pub fn run(args: &CountArgs) -> CommandResult {
    client::block_on(async {
        let connection = args.answer.server.connect().await?;
        print(args, &connection).await?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn print(args: &CountArgs, connection: &Connection) -> Result<(), CliError> {
    let parent = format!("collections/{}", args.collection);
    let expression = args.filter.clone().unwrap_or_default();
    let (consistency_token, facets) = (args.answer.consistency_token.clone(), args.facets());
    let (total, results, json) = if args.documents {
        let filter = Some(DocumentFilter { expression, ..DocumentFilter::default() });
        let request =
            AggregateDocumentsRequest { parent, filter, facets, consistency_token, ..Default::default() };
        let answer = connection.documents().aggregate_documents(request).await;
        let answer = answer.map_err(|status| connection.explain(&status))?.into_inner();
        did_you_mean(&answer.unknown_names);
        (answer.total_size, answer.results.clone(), args.answer.json.then(|| to_json_string(&answer)))
    } else {
        let filter = Some(QuoteFilter { expression, ..QuoteFilter::default() });
        let request =
            AggregateQuotesRequest { parent, filter, facets, consistency_token, ..Default::default() };
        let answer = connection.quotes().aggregate_quotes(request).await;
        let answer = answer.map_err(|status| connection.explain(&status))?.into_inner();
        did_you_mean(&answer.unknown_names);
        (answer.total_size, answer.results.clone(), args.answer.json.then(|| to_json_string(&answer)))
    };
    let mut out = anstream::stdout().lock();
    if let Some(json) = json {
        writeln!(out, "{}", json?)?;
        return Ok(());
    }
    for (facet, result) in args.by.iter().zip(&results) {
        show(&mut out, facet, result)?;
    }
    let nouns = if args.documents { ("document", "documents") } else { ("quote", "quotes") };
    writeln!(out, "{}", super::layout::count(total, nouns.0, nouns.1))?;
    Ok(())
}

fn show(out: &mut impl Write, facet: &Facet, result: &FacetResult) -> Result<(), CliError> {
    let heading = |by: Option<&FacetBy>| by.map(name).unwrap_or_default();
    let by = heading(facet.by.as_ref());
    let mut rows = match &facet.nested {
        Some(nested) => table(&[&by, &heading(Some(nested)), "count"]),
        None => table(&[&by, "count"]),
    };
    for bucket in &result.buckets {
        match &bucket.nested {
            None => _ = rows.add_row([value(bucket), grouped(bucket.count)]),
            Some(nested) => {
                rows.add_row([value(bucket), String::new(), grouped(bucket.count)]);
                for inner in &nested.buckets {
                    rows.add_row([String::new(), value(inner), grouped(inner.count)]);
                }
            }
        }
    }
    for line in rows.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    let distinct = super::layout::count(result.distinct_count, "value", "values");
    writeln!(
        out,
        "{distinct}; {} in those not shown, {} without one\n",
        grouped(result.other_count),
        grouped(result.missing_count)
    )?;
    Ok(())
}

fn value(bucket: &FacetBucket) -> String {
    match bucket.value.as_str() {
        "" => bucket.entity.clone(),
        value => value.to_owned(),
    }
}

/// What a field is called in a heading.
fn name(by: &FacetBy) -> String {
    match by.field() {
        FacetField::Label => by.label_key.clone(),
        FacetField::Published => {
            by.interval().as_str_name().trim_start_matches("TIME_INTERVAL_").to_lowercase()
        }
        field => field.as_str_name().trim_start_matches("FACET_FIELD_").to_lowercase().replace('_', " "),
    }
}
