//! `dictum bench`: sends a service a load, and tells how it took it. Refuses to know how the service works: what it asks for are words and
//! names that the service gives. Start at [`run`]: `prepare` sees to what must be there, `workload` makes requests of numbers, `drive`
//! says when the next one is sent, `send` sends it, `tally` counts what became of it, and `report` puts that together.

mod args;
mod articles;
mod corpus;
mod drive;
mod given;
mod made;
mod prepare;
mod progress;
mod questions;
mod report;
mod schedule;
mod send;
mod table;
mod tally;
mod vocabulary;
mod workload;

pub use args::BenchArgs;

use super::client::Connection;
use super::{CliError, CommandResult};
use crate::domain::ids::collection_name;
use crate::shutdown;
use anyhow::{Context, anyhow};
use args::WorkloadArg;
use articles::Articles;
use corpus::{Corpus, Target};
use drive::{Course, drive};
use progress::Progress;
use questions::{Mix, Sorts};
use report::{Plan, Report};
use send::{Lanes, Prepared};
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tally::Tally;
use vocabulary::Vocabulary;
use workload::{Questions, Workload};

/// Documents that are stored for --workload mixed where there is nothing to ask for.
const FIRST_DOCUMENTS: usize = 100;

/// How long answers are waited for after Ctrl-C.
const STOPPED_PATIENCE: Duration = Duration::from_secs(2);

/// What is to be asked, as far as the command line tells.
enum Asked {
    Given(Vec<Prepared>),
    Made(Sorts),
}

/// Sends, and reports.
pub fn run(args: &BenchArgs) -> CommandResult {
    args.check()?;
    let sorts = Sorts::new(&args.ask.methods, args.store.keep.is_some());
    let sorts = sorts.map_err(|error| CliError::usage(anyhow!(error)))?;
    // What is wrong with the files is said before anybody is called.
    let asked = match &args.ask.queries {
        Some(path) => Asked::Given(given::read(path)?),
        None => Asked::Made(sorts),
    };
    let articles = Articles::new(&args.store.documents, &args.store.read, args.seed)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(bench(args, asked, articles));
    // What was given up is not waited for.
    runtime.shutdown_background();
    result
}

async fn bench(args: &BenchArgs, asked: Asked, articles: Articles) -> CommandResult {
    let stop = shutdown::on_signal()?;
    let opened = async {
        let (lanes, connection) = Lanes::open(&args.server, args.connections(), args.timeout).await?;
        let (corpus, questions) = prepared(args, &connection, asked, articles).await?;
        Ok::<_, CliError>((lanes, corpus, questions))
    };
    let (lanes, corpus, questions) = tokio::select! {
        opened = opened => opened?,
        () = stop.cancelled() => return Err(anyhow!("stopped before anything was measured").into()),
    };
    let plan = Plan {
        workload: args.workload.name(),
        open: args.open(),
        at_once: args.at_once(),
        connections: lanes.count(),
        warmup: args.warmup,
        seed: args.seed,
    };
    let start = Instant::now();
    let from = start + args.warmup;
    let course = Course {
        start,
        end: from + args.duration,
        patience: args.timeout + Duration::from_secs(1),
        stopped_patience: STOPPED_PATIENCE,
    };
    let (tally, writes, seed) = (Tally::new(from), args.store.writes, args.seed);
    let workload = Arc::new(Workload { lanes, tally, corpus, questions, writes, seed });
    let progress = Progress::start(Arc::clone(&workload), course);
    let sender = Arc::clone(&workload);
    let send = move |turn| {
        let workload = Arc::clone(&sender);
        async move { workload.turn(turn).await }
    };
    let driven = drive(&args.pacing(), course, &stop, send).await;
    progress.finish();
    let report = Report::new(plan, from, &driven, workload.tally.rows());
    show(args, &report)?;
    Ok(if report.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(args: &BenchArgs, report: &Report) -> Result<(), CliError> {
    let mut out = anstream::stdout().lock();
    match args.json {
        true => writeln!(out, "{}", report.json())?,
        false => table::print(&mut out, report)?,
    }
    Ok(())
}

/// Sees to what must be there: documents, where they are stored, and what is asked.
async fn prepared(
    args: &BenchArgs,
    connection: &Connection,
    asked: Asked,
    articles: Articles,
) -> Result<(Option<Corpus>, Questions), CliError> {
    if args.workload == WorkloadArg::Check {
        return Ok((None, Questions::Given(vec![workload::health()])));
    }
    let corpus = corpus(args, articles)?;
    let mut token = String::new();
    if let Some(corpus) = &corpus {
        let there = prepare::collection(connection, &args.collection()).await?;
        token = filled(args, connection, corpus, there).await?;
    }
    let questions = match asked {
        Asked::Given(given) => Questions::Given(given),
        Asked::Made(sorts) if args.workload != WorkloadArg::Ingest => {
            Questions::Mix(Mix::new(vocabulary(args, connection, &token).await?, sorts))
        }
        Asked::Made(_) => Questions::None,
    };
    Ok((corpus, questions))
}

fn corpus(args: &BenchArgs, articles: Articles) -> Result<Option<Corpus>, CliError> {
    if !args.workload.stores() {
        return Ok(None);
    }
    let began = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    let target = Target {
        parent: collection_name(&args.collection()),
        ack: args.store.ack,
        analyzer: args.store.analyzer,
        keep: args.store.keep.map(|keep| keep as usize),
    };
    // Milliseconds fit for half a billion years.
    Ok(Some(Corpus::new(target, articles, began.as_millis() as u64)))
}

/// Fills the collection, which holds so many documents, up to what it is to hold, or so far that there is something to ask for.
async fn filled(
    args: &BenchArgs,
    connection: &Connection,
    corpus: &Corpus,
    there: u64,
) -> Result<String, CliError> {
    prepare::take_over(connection, corpus).await?;
    let many = match corpus.keep() {
        Some(keep) => keep.saturating_sub(corpus.len()),
        None if args.workload == WorkloadArg::Mixed && there == 0 => FIRST_DOCUMENTS,
        None => 0,
    };
    prepare::fill(connection, corpus, many).await
}

async fn vocabulary(args: &BenchArgs, connection: &Connection, token: &str) -> Result<Vocabulary, CliError> {
    let parent = collection_name(&args.collection());
    let vocabulary = Vocabulary::ask(connection, &parent, token).await?;
    if vocabulary.is_empty() {
        return Err(anyhow!(
            "{parent} holds no quotes to ask for; name another with --collection, or fill it: \
             dictum bench --workload ingest --collection {}",
            args.collection()
        )
        .into());
    }
    Ok(vocabulary)
}
