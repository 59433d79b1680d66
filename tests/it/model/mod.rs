//! Random calls of several clients at once against the real service, beside a model that keeps nothing but what each document should
//! be. While calls go on, each client sees its own writes in their order, whatever the others do; when all are quiet, everything that
//! the service says equals what the model says, before and after a restart.
//!
//! All is chosen by a seed, which a failure names, with the fewest steps that still fail. `DICTUM_MODEL_SEED` and
//! `DICTUM_MODEL_STEPS` do one again; `DICTUM_MODEL_SECONDS` goes on with new seeds for that long. `texts` has the documents,
//! `calls` the calls, `client` what a client does and expects, `quiet` what must hold between.

mod calls;
mod client;
mod quiet;
mod searches;
mod texts;

use crate::random::Random;
use crate::server::TestServer;
use calls::Calls;
use client::Client;
use dictum::analysis::roster::Roster;
use dictum::transport::{Gate, TransportConfig};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use texts::Content;

/// Clients that call at once.
const CLIENTS: usize = 4;
/// Times that all become quiet.
const ROUNDS: u64 = 3;
/// Calls of each client between.
const STEPS: usize = 16;
/// The collection that all write to.
const SHARED: &str = "shared";

/// What everybody knows of everybody's documents.
#[derive(Default)]
struct Board {
    /// By name of a document, every text that it may ever have had.
    written: Mutex<BTreeMap<String, Vec<String>>>,
    /// Revisions of the document that all write to, and who made them.
    contest: Mutex<BTreeMap<u32, usize>>,
}

#[derive(Debug, Clone, PartialEq)]
struct Living {
    content: Content,
    revision: u32,
}

/// The documents of one client by collection and id.
type Own = BTreeMap<(String, String), Living>;

#[test]
fn whatever_clients_do_at_once_the_service_says_what_the_model_says() {
    let number = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u64>().expect("a number"));
    let steps = number("DICTUM_MODEL_STEPS").map_or(STEPS, |steps| steps as usize);
    if let Some(seed) = number("DICTUM_MODEL_SEED") {
        return run(seed, steps);
    }
    let until = Instant::now() + Duration::from_secs(number("DICTUM_MODEL_SECONDS").unwrap_or(0));
    for seed in 1.. {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(seed, steps))) {
            eprintln!("with {} steps it fails too", fewest(seed, steps));
            eprintln!("to see it again: DICTUM_MODEL_SEED={seed} DICTUM_MODEL_STEPS={steps}");
            std::panic::resume_unwind(panic);
        }
        if Instant::now() >= until {
            println!("{seed} seeds of {CLIENTS} clients with {ROUNDS} times {steps} steps");
            return;
        }
    }
}

/// The fewest steps with which that seed still fails, as far as a few attempts tell: the clients' calls are the same each time, and
/// what they meet of each other is not.
fn fewest(seed: u64, steps: usize) -> usize {
    let mut failing = steps;
    while failing > 1 && catch_unwind(AssertUnwindSafe(|| run(seed, failing / 2))).is_err() {
        failing /= 2;
    }
    failing
}

fn run(seed: u64, steps: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(play(seed, steps));
}

async fn play(seed: u64, steps: usize) {
    let board = Arc::new(Board::default());
    let mut server = open(Arc::new(tempfile::tempdir().unwrap())).await;
    let calls = Calls::to(&server).await;
    calls.create_collection(SHARED).await.unwrap();
    let contest = Content::first(CLIENTS);
    calls.put(SHARED, "contest", &contest, None).await.unwrap();
    let mut clients: Vec<_> = (0..CLIENTS).map(|number| Client::new(number, Arc::clone(&board))).collect();
    for round in 0..ROUNDS {
        let mut tasks = Vec::new();
        for mut client in clients {
            let calls = Calls::to(&server).await;
            let random = Random::of(seed, round * CLIENTS as u64 + client.number as u64);
            tasks.push(tokio::spawn(async move {
                client.play(&calls, random, steps).await;
                client
            }));
        }
        clients = Vec::new();
        for task in tasks {
            clients.push(task.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())));
        }
        quiet::check(&server, &clients, &board).await;
        if Random::of(seed, u64::MAX - round).below(2) == 0 {
            server = open(server.stop().await).await;
            quiet::check(&server, &clients, &board).await;
        }
    }
    server.stop().await;
}

/// A server whose analyzer is as quick as rules are; the model asks the same analyzer.
async fn open(dir: Arc<TempDir>) -> TestServer {
    let analyzers = Arc::new(Roster::only(crate::by_rules::analyzer()));
    let engine = TestServer::engine_of(dir.path(), analyzers, |_| ()).await;
    let server = TestServer::over(engine, Gate::default(), dir, TransportConfig::default());
    server.ready().await;
    server
}
