//! The command line of `dictum bench`, and what it comes to. Start at [`BenchArgs`].

use super::drive::Pacing;
use super::schedule::{Arrivals, Schedule};
use crate::cli::CliError;
use crate::cli::client::ServerArgs;
use crate::cli::ingest::{AckArg, ReadArgs};
use crate::cli::query::parse_collection;
use crate::config::parse_duration;
use crate::domain::annotation::AnalyzerName;
use crate::domain::ids::CollectionId;
use anyhow::anyhow;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// The highest rate that is taken: one request a microsecond.
const MOST_PER_SECOND: f64 = 1e6;

/// Calls that a service lets be open on a connection, as it comes.
const CALLS_PER_CONNECTION: usize = 128;

/// Flags of `dictum bench`.
#[derive(Debug, Args)]
#[command(
    after_help = "With --rate, requests are sent on a schedule, whether or not earlier ones were answered, and a latency \
                        counts from when a request was due (an open loop). Without it, each of --concurrency workers sends \
                        its next request once the one before is answered (a closed loop), which hides how long others would \
                        have waited. Requests that are turned away (RESOURCE_EXHAUSTED, UNAVAILABLE) are counted apart; \
                        the exit code is 1 where any other request failed. Ctrl-C ends the run with its report. Documents \
                        are stored one by one, with ids that begin with `bench-`, and stay."
)]
pub struct BenchArgs {
    /// What is sent
    #[arg(long, value_enum, default_value_t = WorkloadArg::Query)]
    pub workload: WorkloadArg,
    /// Requests a second, on a schedule; a closed loop where absent
    #[arg(long, value_name = "N", value_parser = parse_rate)]
    rate: Option<f64>,
    /// How requests on a schedule are spaced
    #[arg(long, value_enum, default_value_t = Arrivals::Even, requires = "rate")]
    arrivals: Arrivals,
    /// Most requests under way of those on a schedule; 128 for each connection where absent
    #[arg(long, value_name = "N", requires = "rate", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    in_flight: Option<u32>,
    /// Workers of a closed loop
    #[arg(long, value_name = "N", default_value_t = 8, conflicts_with = "rate", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    concurrency: u32,
    /// Connections, which requests take in turns
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: u32,
    /// How long is measured
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_duration)]
    pub duration: Duration,
    /// How long requests are sent before that, and counted nowhere
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = parse_duration)]
    pub warmup: Duration,
    /// How long an answer may take before its request has failed
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_duration)]
    pub timeout: Duration,
    /// What chance follows from: the same requests in the same order for the same service
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub ask: AskArgs,
    #[command(flatten)]
    pub store: StoreArgs,
    /// Collection to ask and to store in; where absent `bench`, which is created, or for --workload query `default`
    #[arg(long, value_name = "ID", value_parser = parse_collection)]
    collection: Option<CollectionId>,
    /// The report as one JSON object, for scripts
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// What is asked.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// JSONL file with the requests to send in the place of made questions, over and over (`-` for standard input): {"method":
    /// "dictum.v1.QuoteService/SearchQuotes", "request": {…}} a line, the request as proto3 JSON
    #[arg(long, value_name = "FILE", required_if_eq("workload", "file"))]
    pub queries: Option<PathBuf>,
    /// Ask only this method of the made questions, such as VerifyQuote; any of several
    #[arg(long = "method", value_name = "NAME", conflicts_with = "queries")]
    pub methods: Vec<String>,
}

/// What is stored.
#[derive(Debug, Args)]
pub struct StoreArgs {
    /// Files or folders with the documents to store, over and over, as `dictum ingest` reads them; made articles where absent
    #[arg(long, value_name = "PATH")]
    pub documents: Vec<PathBuf>,
    #[command(flatten)]
    pub read: ReadArgs,
    /// Keep so many documents of runs in the collection: fill it up before, delete the oldest for each new one after
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: Option<u32>,
    /// Of a hundred requests of --workload mixed, so many store a document
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=99))]
    pub writes: u8,
    /// How far a document must have got before it counts as stored
    #[arg(long, value_enum, default_value_t = AckArg::Durable)]
    pub ack: AckArg,
    /// Analyzer of the documents, dictum-en or dictum-en-fast; the service's own where absent
    #[arg(long, value_name = "NAME")]
    pub analyzer: Option<AnalyzerName>,
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WorkloadArg {
    /// Documents
    Ingest,
    /// Questions of all sorts, with words and names that the service has
    Query,
    /// Questions, and among them documents
    Mixed,
    /// Health checks, which cost nothing but the way
    Check,
    /// The requests of --queries
    File,
}

impl WorkloadArg {
    /// Whether documents are stored.
    pub fn stores(self) -> bool {
        matches!(self, Self::Ingest | Self::Mixed)
    }

    /// As the command line has it.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

impl BenchArgs {
    /// What the command line alone cannot tell apart.
    ///
    /// # Errors
    /// Flags that mean nothing for the workload, so that nobody believes that they did.
    pub fn check(&self) -> Result<(), CliError> {
        let (work, ask, store) = (self.workload, &self.ask, &self.store);
        let asks = matches!(work, WorkloadArg::Query | WorkloadArg::Mixed);
        let stores = store.keep.is_some() || !store.documents.is_empty() || store.analyzer.is_some();
        let idle = [
            (ask.queries.is_some() && !asks && work != WorkloadArg::File, "--queries"),
            (!ask.methods.is_empty() && !asks, "--method"),
            (stores && !work.stores(), "--keep, --documents and --analyzer"),
            (self.duration.is_zero(), "--duration 0s"),
        ];
        match idle.into_iter().find(|(is_idle, _)| *is_idle) {
            Some((_, flag)) => {
                Err(CliError::usage(anyhow!("{flag}: means nothing with --workload {}", work.name())))
            }
            None => Ok(()),
        }
    }

    /// Where documents go and questions are asked.
    pub fn collection(&self) -> CollectionId {
        let own = || match self.workload {
            WorkloadArg::Query => CollectionId::default_collection(),
            // A constant that is one.
            _ => CollectionId::new("bench").unwrap_or_else(|_| CollectionId::default_collection()),
        };
        self.collection.clone().unwrap_or_else(own)
    }

    /// How many connections.
    pub fn connections(&self) -> usize {
        self.connections as usize
    }

    /// When requests are sent.
    pub fn pacing(&self) -> Pacing {
        match self.rate {
            Some(rate) => Pacing::Open {
                schedule: Schedule::new(rate, self.arrivals, self.seed),
                in_flight: self.at_once(),
            },
            None => Pacing::Closed { workers: self.at_once() },
        }
    }

    /// How many may be under way.
    pub fn at_once(&self) -> usize {
        match self.rate {
            None => self.concurrency as usize,
            Some(_) => self.in_flight.map_or(self.connections() * CALLS_PER_CONNECTION, |most| most as usize),
        }
    }

    /// The rate and the arrivals, where there is a schedule.
    pub fn open(&self) -> Option<(f64, String)> {
        let arrivals = self.arrivals.to_possible_value();
        let name = arrivals.map(|value| value.get_name().to_owned()).unwrap_or_default();
        self.rate.map(|rate| (rate, name))
    }
}

fn parse_rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "write a number, such as 50 or 0.5".to_owned())?;
    // Neither is more than the other where it is no number.
    match rate > 0.0 && rate <= MOST_PER_SECOND {
        true => Ok(rate),
        false => Err(format!("must be more than 0, and at most {MOST_PER_SECOND}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_numbers_that_a_schedule_can_have() {
        assert_eq!(parse_rate("0.5"), Ok(0.5));
        for wrong in ["0", "-1", "NaN", "inf", "2e6", "fast", ""] {
            assert!(parse_rate(wrong).is_err(), "{wrong}");
        }
    }
}
