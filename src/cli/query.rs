//! What the query commands share: the flags that narrow and order, following pages, and the two forms of output.

use super::CliError;
use super::client::ServerArgs;
use super::layout::{self, FAINT, count};
use super::record::parse_time;
use crate::config::parse_age;
use crate::domain::ids::CollectionId;
use crate::domain::time::Timestamp;
use crate::transport::json::to_json_string;
use crate::transport::wire::{Explanation, SearchOrder, TimeRange, UnknownName};
use clap::{Args, ValueEnum};
use comfy_table::{ContentArrangement, Table, presets};
use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;
use tonic::Status;

/// The most results that a page holds.
const LARGEST_PAGE: usize = 1000;

/// Flags of every query.
#[derive(Debug, Args)]
pub struct QueryArgs {
    /// Collection to look in, - for every one
    #[arg(long, value_name = "ID", default_value = "default", value_parser = parse_collection)]
    collection: CollectionId,
    /// Most results, 0 for all of them
    #[arg(long, short = 'n', value_name = "N", default_value_t = 20)]
    limit: usize,
    /// One JSON object a line (the proto3 JSON mapping), for scripts
    #[arg(long)]
    json: bool,
    /// See at least the write that gave this consistency token
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    pub consistency_token: String,
}

/// Flags of every command that shows one answer of the service.
#[derive(Debug, Args)]
pub struct AnswerArgs {
    /// The service's answer as JSON (the proto3 JSON mapping), for scripts
    #[arg(long)]
    pub json: bool,
    /// See at least the write that gave this consistency token
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    pub consistency_token: String,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// Flags that narrow by the document: where and when.
#[derive(Debug, Args)]
pub struct NarrowArgs {
    /// Outlet or feed; any of several
    #[arg(long, value_name = "NAME")]
    pub source: Vec<String>,
    /// Published at or after: 2025-09-05 or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    since: Option<Timestamp>,
    /// Published before
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    until: Option<Timestamp>,
    /// A label that the document carries; all of several
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = parse_label)]
    labels: Vec<(String, String)>,
    /// Language of the document; any of several
    #[arg(long, value_name = "TAG")]
    pub language: Vec<String>,
}

/// Flags that narrow by the document, and say what comes first.
#[derive(Debug, Args)]
pub struct DocumentArgs {
    #[command(flatten)]
    pub narrow: NarrowArgs,
    /// What comes first
    #[arg(long, value_enum, default_value_t = OrderArg::Relevance)]
    order: OrderArg,
    /// What is older by this counts half as relevant: 30d, 12h
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    half_life: Option<Duration>,
    /// Show what each score is made of
    #[arg(long)]
    pub explain: bool,
}

/// What comes first.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum OrderArg {
    /// The best match; newest first where no text is searched for
    Relevance,
    /// Newest first
    Newest,
    /// Oldest first
    Oldest,
}

impl NarrowArgs {
    pub fn published(&self) -> Option<TimeRange> {
        let wire = |time: Option<Timestamp>| time.map(crate::transport::to_proto::time::timestamp);
        (self.since.is_some() || self.until.is_some())
            .then(|| TimeRange { start_time: wire(self.since), end_time: wire(self.until) })
    }

    pub fn labels(&self) -> BTreeMap<String, String> {
        self.labels.iter().cloned().collect()
    }
}

impl DocumentArgs {
    pub fn half_life(&self) -> Option<prost_types::Duration> {
        self.half_life.map(crate::transport::to_proto::time::duration)
    }

    pub fn order(&self) -> i32 {
        match self.order {
            OrderArg::Relevance => SearchOrder::Relevance,
            OrderArg::Newest => SearchOrder::NewestFirst,
            OrderArg::Oldest => SearchOrder::OldestFirst,
        }
        .into()
    }
}

/// Reads the id of a collection.
pub fn parse_collection(text: &str) -> Result<CollectionId, String> {
    CollectionId::new(text).map_err(|error| error.to_string())
}

/// Reads `key=value`.
pub fn parse_label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// One page of answers.
pub struct Page<T> {
    /// In the order asked for.
    pub items: Vec<T>,
    /// Token of the page after; empty on the last.
    pub next: String,
    /// All matches, over all pages.
    pub total: u64,
}

impl QueryArgs {
    /// `collections/{c}`.
    pub fn parent(&self) -> String {
        crate::domain::ids::collection_name(&self.collection)
    }

    /// Follows pages until the limit: `fetch` asks for one of a size after a token. Prints each item as JSON, or
    /// all of them as `table` lays them out.
    pub async fn print<T, F>(
        &self,
        nouns: (&str, &str),
        fetch: impl FnMut(i32, String) -> F,
        explain: impl Fn(&Status) -> CliError,
        table: impl Fn(&[T]) -> Table,
    ) -> Result<(), CliError>
    where
        T: prost::Message + prost::Name,
        F: Future<Output = Result<Page<T>, Status>>,
    {
        let mut out = io::BufWriter::new(anstream::stdout().lock());
        let mut items = Vec::new();
        let show = |page: Vec<T>| -> Result<(), CliError> {
            if !self.json {
                items.extend(page);
                return Ok(());
            }
            page.iter().try_for_each(|item| Ok(writeln!(out, "{}", to_json_string(item)?)?))
        };
        let total = each_page(self.limit, fetch, explain, show).await?;
        if !self.json {
            print_table(&mut out, &table(&items), items.len() as u64, total, nouns)?;
        }
        Ok(out.flush()?)
    }
}

async fn each_page<T, F>(
    limit: usize,
    mut fetch: impl FnMut(i32, String) -> F,
    explain: impl Fn(&Status) -> CliError,
    mut show: impl FnMut(Vec<T>) -> Result<(), CliError>,
) -> Result<u64, CliError>
where
    F: Future<Output = Result<Page<T>, Status>>,
{
    let mut left = if limit == 0 { usize::MAX } else { limit };
    let mut token = String::new();
    loop {
        // At most 1000, so that it fits.
        let size = left.min(LARGEST_PAGE) as i32;
        let page = fetch(size, token).await.map_err(|status| explain(&status))?;
        left = left.saturating_sub(page.items.len());
        token = page.next;
        show(page.items)?;
        if left == 0 || token.is_empty() {
            return Ok(page.total);
        }
    }
}

/// Says on standard error which names nobody has, and whom they may have meant.
pub fn did_you_mean(unknown: &[UnknownName]) {
    for UnknownName { name, suggestions } in unknown {
        let meant: Vec<&str> = suggestions.iter().map(|one| one.display_name.as_str()).collect();
        let question = match meant.as_slice() {
            [] => String::new(),
            meant => format!("; did you mean {}?", meant.join(", ")),
        };
        // Where standard error is closed, there is nobody to tell.
        let _ = writeln!(anstream::stderr(), "nobody is called \"{name}\"{question}");
    }
}

fn print_table(
    out: &mut impl Write,
    table: &Table,
    shown: u64,
    total: u64,
    (one, many): (&str, &str),
) -> io::Result<()> {
    if shown > 0 {
        for line in table.lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    let all = count(total, one, many);
    match total {
        0 => writeln!(out, "No {many} match."),
        _ if shown == total => writeln!(out, "{FAINT}{all}{FAINT:#}"),
        _ => {
            writeln!(out, "{FAINT}the first {} of {all}; --limit shows more{FAINT:#}", layout::grouped(shown))
        }
    }
}

/// A table with a heading, as wide as the terminal.
pub fn table(heading: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(if io::stdout().is_terminal() {
        presets::UTF8_HORIZONTAL_ONLY
    } else {
        presets::NOTHING
    });
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(layout::width().try_into().unwrap_or(u16::MAX));
    table.set_header(heading);
    table
}

/// What a score is made of: `harbour 2.31 + ship* 1.00`.
pub fn made_of(explanation: &Explanation) -> String {
    let parts = explanation.parts.iter().map(|part| format!("{} {:.2}", part.words, part.score));
    parts.collect::<Vec<_>>().join(" + ")
}

/// `2025-09-05`, or nothing.
pub fn day(time: Option<&prost_types::Timestamp>) -> String {
    let time = time.and_then(|time| jiff::Timestamp::new(time.seconds, time.nanos).ok());
    time.map(|time| time.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}

/// `2025-09-05 14:02`, or nothing.
pub fn day_and_time(time: Option<&prost_types::Timestamp>) -> String {
    let time = time.and_then(|time| jiff::Timestamp::new(time.seconds, time.nanos).ok());
    time.map(|time| time.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

/// The last segment of a resource name.
pub fn last_segment(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn collect(limit: usize, all: usize) -> (Vec<usize>, Vec<i32>) {
        let (mut seen, mut sizes) = (Vec::new(), Vec::new());
        let fetch = |size: i32, token: String| {
            sizes.push(size);
            let from = token.parse::<usize>().unwrap_or(0);
            // A page may be cut short by bytes.
            let until = all.min(from + (size as usize).min(7));
            let next = if until < all { until.to_string() } else { String::new() };
            async move { Ok(Page { items: (from..until).collect(), next, total: all as u64 }) }
        };
        let show = |page: Vec<usize>| {
            seen.extend(page);
            Ok(())
        };
        let explain = |_: &Status| CliError::usage(anyhow::anyhow!("no"));
        let total = each_page(limit, fetch, explain, show).await;
        assert_eq!(total.ok(), Some(all as u64));
        (seen, sizes)
    }

    #[tokio::test]
    async fn pages_are_followed_to_the_limit_and_not_further() {
        assert_eq!(collect(10, 30).await, ((0..10).collect(), vec![10, 3]));
        assert_eq!(collect(0, 16).await.0, (0..16).collect::<Vec<_>>());
        assert_eq!(collect(5, 0).await, (vec![], vec![5]));
    }

    #[test]
    fn days_and_segments() {
        let time = prost_types::Timestamp { seconds: 86_400, nanos: 0 };
        assert_eq!(day(Some(&time)), "1970-01-02");
        assert_eq!(day(None), "");
        assert_eq!(last_segment("collections/c/documents/d"), "d");
    }
}
