//! VerifyQuote against the made test: claims whose verdict is known, on a real server that holds the gold quotes. See `cases.py`.
//!
//!     benches/verify/cases.py GOLD.jsonl OTHER.jsonl > cases.jsonl
//!     DICTUM_VERIFY="GOLD.jsonl cases.jsonl" cargo bench --bench verify
//!
//! GOLD's articles are stored with their annotations in the place of an analysis, so that this measures the verdicts and not the
//! analyzer; everything else is the service as it runs: store, follower, index, engine, gRPC. Prints for each half of the articles
//! and each group of claims how many verdicts are right, which were given instead, whether each claim with every fifth word altered
//! still finds its quote, and how long the calls took. With `DICTUM_VERIFY_WRONG=1` also each claim of the half "tune" that is wrong.

mod gold;

use dictum::analysis::roster::Roster;
use dictum::domain::annotation::AnalyzerName;
use dictum::engine::{Engine, EngineConfig};
use dictum::transport::wire::verify_service_client::VerifyServiceClient;
use dictum::transport::wire::{VerifyQuoteRequest, VerifyQuoteResponse};
use dictum::transport::{Door, TransportConfig, listen, serve};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};

/// A claim of the made test.
#[derive(Deserialize)]
struct Case {
    half: String,
    group: String,
    way: String,
    text: String,
    speaker: Option<String>,
    expected: String,
    document: Option<String>,
}

/// Of one group in one half: right ones, all, and what was said instead.
#[derive(Default)]
struct Tally {
    right: usize,
    all: usize,
    instead: BTreeMap<String, usize>,
}

fn main() {
    let Ok(paths) = std::env::var("DICTUM_VERIFY") else {
        println!("DICTUM_VERIFY=\"GOLD.jsonl cases.jsonl\" is not set: nothing to verify");
        return;
    };
    let (gold, cases) = paths.split_once(' ').expect("two paths");
    let cases: Vec<Case> = std::fs::read_to_string(cases)
        .expect("the cases")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a case on each line"))
        .collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("threads").block_on(run(Path::new(gold), &cases));
}

async fn run(gold: &Path, cases: &[Case]) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let quotes = gold::store(dir.path(), gold).await;
    let channel = server(dir.path()).await;
    println!("{} quotes of {}", quotes.len(), gold.display());
    let mut tallies: BTreeMap<(String, String), Tally> = BTreeMap::new();
    let mut times = Vec::new();
    for case in cases {
        let began = Instant::now();
        let answer = verify(&channel, &case.text, case.speaker.as_deref()).await;
        times.push(began.elapsed());
        let got = answer.verdict().as_str_name().trim_start_matches("VERDICT_").to_owned();
        let right = got == case.expected;
        for group in [&case.group, "all"] {
            let tally = tallies.entry((case.half.clone(), group.to_owned())).or_default();
            tally.all += 1;
            tally.right += usize::from(right);
            if !right {
                *tally.instead.entry(got.clone()).or_default() += 1;
            }
        }
        if !right && case.half == "tune" && std::env::var("DICTUM_VERIFY_WRONG").is_ok() {
            show(case, &got, &answer);
        }
    }
    for ((half, group), Tally { right, all, instead }) in &tallies {
        let share = 100.0 * *right as f64 / *all as f64;
        println!("{half:<6} {group:<14} {right:>4} of {all:>4} right, {share:>5.1} %   {instead:?}");
    }
    report("claims", &mut times);
    altered(&channel, &quotes).await;
}

/// Every fifth word of every quote altered, from each of the first five on in turn: is the quote still among the matches?
async fn altered(channel: &Channel, quotes: &[gold::Stored]) {
    let (mut found, mut all, mut times) = (0, 0, Vec::new());
    for (n, quote) in quotes.iter().filter(|quote| quote.text.split_whitespace().count() >= 5).enumerate() {
        let claim: Vec<&str> = quote
            .text
            .split_whitespace()
            .enumerate()
            .map(|(at, word)| if at % 5 == n % 5 { "zzyzx" } else { word })
            .collect();
        let claim = claim.join(" ");
        if claim.len() > 8000 {
            continue;
        }
        let began = Instant::now();
        let answer = verify(channel, &claim, None).await;
        times.push(began.elapsed());
        all += 1;
        found += usize::from(answer.matches.iter().any(|found| {
            found.result.as_ref().is_some_and(|result| result.name.contains(&format!("/{}/", quote.document)))
        }));
    }
    println!("every fifth word altered: {found} of {all} quotes of five words or more found");
    report("altered", &mut times);
}

async fn verify(channel: &Channel, text: &str, speaker: Option<&str>) -> VerifyQuoteResponse {
    let request = VerifyQuoteRequest {
        text: text.to_owned(),
        speaker: speaker.unwrap_or_default().to_owned(),
        ..VerifyQuoteRequest::default()
    };
    let mut client = VerifyServiceClient::new(channel.clone());
    client.verify_quote(request).await.expect("an answer").into_inner()
}

fn report(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let millis = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    println!("{what}: p50 {:.2} ms, p99 {:.2} ms, most {:.2} ms", millis(50), millis(99), millis(100));
}

fn show(case: &Case, got: &str, answer: &VerifyQuoteResponse) {
    println!("--- {} ({}), not {got}: {:?} by {:?}", case.expected, case.way, case.text, case.speaker);
    println!("    of {:?}", case.document);
    for found in answer.matches.iter().take(3) {
        let result = found.result.clone().unwrap_or_default();
        let speaker = result.quote.and_then(|quote| quote.speaker).unwrap_or_default().name;
        println!("    {:?} {} {:?} {:?}", found.fit(), found.coverage, speaker, found.diff);
    }
}

/// The service over the directory.
async fn server(dir: &Path) -> Channel {
    let analyzers = Arc::new(Roster::embedded(AnalyzerName::Fast));
    let engine = Engine::open(EngineConfig::new(dir), analyzers).await.expect("a store that was just filled");
    let mut readiness = engine.readiness();
    readiness.wait_for(|state| state.is_ready()).await.expect("the engine lives");
    let incoming = listen("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let port = incoming.local_addr().expect("a port").port();
    tokio::spawn(serve(
        incoming,
        Door::from(engine),
        Default::default(),
        TransportConfig::default(),
        CancellationToken::new(),
    ));
    let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{port}")).expect("an address");
    endpoint.tcp_nodelay(true).connect().await.expect("the server listens")
}
