//! Follows an export's stream into its file. A stream that breaks, or a service that restarts, costs a pause: the next call goes on with the
//! last cursor. Knows neither quotes nor documents; see [`Subject`].

use super::output::Output;
use super::table::{self, Columns, Row};
use super::{Format, TargetArgs, parquet};
use crate::cli::client::{Connection, explain, is_transient};
use crate::cli::layout::{FAINT, STRONG, count, grouped};
use crate::cli::{CliError, CommandResult};
use anyhow::anyhow;
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tonic::{Status, Streaming};

/// Streams that may break in a row without one message, before the command gives up.
const MOST_ATTEMPTS: u32 = 8;

/// What is exported.
pub trait Subject {
    /// A message of the stream.
    type Answer;
    /// What a message holds many of.
    type Item;

    /// What one and many are called.
    const NOUNS: (&'static str, &'static str);

    /// The columns of its tables.
    fn columns(&self) -> Columns;

    /// The request without a cursor, as bytes: what makes the file what it is.
    fn request(&self) -> Vec<u8>;

    /// Calls the service.
    async fn call(&self, connection: &Connection, cursor: String) -> Result<Streaming<Self::Answer>, Status>;

    /// Takes a message apart.
    fn open(&self, answer: Self::Answer) -> Batch<Self::Item>;

    /// Whether an item has not come whole.
    fn is_short(&self, item: &Self::Item) -> bool;

    /// An item as a JSON object on one line, without its end.
    fn line(&self, item: &Self::Item) -> Result<String, CliError>;

    /// An item as a row.
    fn row(&self, item: &Self::Item) -> Result<Row, CliError>;
}

/// A message of an export.
pub struct Batch<T> {
    /// In order.
    pub items: Vec<T>,
    /// What to go on with after them.
    pub cursor: String,
    /// All items, as far as that is known.
    pub total: u64,
    /// Items that were left out up to here.
    pub left_out: u64,
}

/// Exports, going on where an earlier run broke off.
pub async fn run<S: Subject>(subject: &S, args: &TargetArgs, connection: &Connection) -> CommandResult {
    let mut output = Output::open(args, digest(subject, args))?;
    let (one, many) = S::NOUNS;
    let begun = output.place().items;
    if begun > 0 {
        say(&format!("{FAINT}going on after {}{FAINT:#}", count(begun, one, many)));
    }
    if output.is_empty() && args.format == Format::Csv {
        output.begin(&table::heading(subject.columns())?)?;
    }
    let started = Instant::now();
    let bar = bar();
    let followed = follow(subject, args, connection, &mut output, &bar).await;
    bar.finish_and_clear();
    if let Err(error) = followed {
        // What has come is worth keeping.
        output.make_certain()?;
        return Err(error);
    }
    let place = output.place().clone();
    let convert = |rows: File, file: &mut File| parquet::convert(subject.columns(), rows, file);
    output.finish((args.format == Format::Parquet).then_some(convert))?;
    let seconds = started.elapsed().as_secs_f64();
    let all = count(place.items, one, many);
    let left_out = match place.left_out {
        0 => String::new(),
        left_out => format!(", {} left out since they have changed meanwhile", grouped(left_out)),
    };
    say(&format!("{STRONG}{all}{STRONG:#}{left_out} {FAINT}({seconds:.1} s){FAINT:#}"));
    if place.short > 0 {
        let short = count(place.short, one, many);
        return Err(anyhow!("{short} did not come whole, being longer than one message may be").into());
    }
    Ok(ExitCode::SUCCESS)
}

/// Follows streams until one has ended well.
async fn follow<S: Subject>(
    subject: &S,
    args: &TargetArgs,
    connection: &Connection,
    output: &mut Output,
    bar: &ProgressBar,
) -> Result<(), CliError> {
    let mut attempts = 0;
    loop {
        let before = output.place().cursor.clone();
        let status = match stream(subject, args, connection, output, bar).await? {
            Ok(()) => return Ok(()),
            Err(status) => status,
        };
        attempts = if output.place().cursor == before { attempts + 1 } else { 1 };
        if !is_transient(status.code()) || attempts >= MOST_ATTEMPTS {
            return Err(connection.explain(&status));
        }
        let pause = Duration::from_millis(250 << attempts.min(5));
        let line = format!("the stream ended ({}); going on in {pause:?}", explain(&status));
        bar.suspend(|| say(&line));
        tokio::time::sleep(pause).await;
    }
}

/// Follows one stream; how it ended.
async fn stream<S: Subject>(
    subject: &S,
    args: &TargetArgs,
    connection: &Connection,
    output: &mut Output,
    bar: &ProgressBar,
) -> Result<Result<(), Status>, CliError> {
    let mut answers = match subject.call(connection, output.place().cursor.clone()).await {
        Ok(answers) => answers,
        Err(status) => return Ok(Err(status)),
    };
    let mut bytes = Vec::new();
    loop {
        let answer = match answers.message().await {
            Ok(Some(answer)) => answer,
            Ok(None) => return Ok(Ok(())),
            Err(status) => return Ok(Err(status)),
        };
        let Batch { items, cursor, total, left_out } = subject.open(answer);
        bytes.clear();
        for item in &items {
            write(subject, args, item, &mut bytes)?;
        }
        let short = items.iter().filter(|item| subject.is_short(item)).count() as u64;
        output.append(&bytes, |place| {
            place.cursor = cursor;
            place.items += items.len() as u64;
            place.left_out = left_out;
            place.short += short;
        })?;
        bar.set_length(total.max(output.place().items));
        bar.set_position(output.place().items);
    }
}

fn write<S: Subject>(
    subject: &S,
    args: &TargetArgs,
    item: &S::Item,
    bytes: &mut Vec<u8>,
) -> Result<(), CliError> {
    match args.format {
        Format::Jsonl => bytes.extend(subject.line(item)?.into_bytes()),
        Format::Csv => {
            return table::csv_row(subject.columns(), &subject.row(item)?, args.escape_formulas, bytes);
        }
        Format::Parquet => serde_json::to_writer(&mut *bytes, &subject.row(item)?)?,
    }
    bytes.push(b'\n');
    Ok(())
}

/// Of all that makes the file what it is.
fn digest<S: Subject>(subject: &S, args: &TargetArgs) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("dictum export file v1");
    hasher.update(format!("{} {:?} {}\n", S::NOUNS.1, args.format, args.escape_formulas).as_bytes());
    hasher.update(&subject.request());
    hasher.finalize().to_hex().to_string()
}

/// A bar where standard error is a terminal; otherwise nothing moves.
fn bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    let template = "{bar:32.cyan/dim} {human_pos}/{human_len} ({per_sec}, {eta} left)";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn say(line: &str) {
    // Where standard error is closed, the exit code still tells.
    let _ = writeln!(anstream::stderr(), "{line}");
}
