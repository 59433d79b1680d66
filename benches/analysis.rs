//! How fast the analyzers are, stage by stage, on one thread. In words (separated by white space) a second: layout, word pieces, and
//! for each analyzer detection (network and decoding) and the whole analysis. In word pieces a second: the network alone, in runs of
//! 254, beside onnxruntime on the same graph and the same runs where `DICTUM_BENCH_PYTHON` names a Python that has it
//! (`training/requirements.txt`). Reads the first articles of `DICTUM_BENCH_TEXT` (JSON lines with "text", or one text), or the sample
//! article of the repository.

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dictum::analysis::encoder::pieces::Vocabulary;
use dictum::analysis::encoder::{Encoder, Network, RtenNetwork, embedded};
use dictum::analysis::signals::{Detector, Layout};
use dictum::analysis::{Analyzer, Input, Options};
use dictum::domain::annotation::AnalyzerName;
use std::ffi::OsStr;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const SAMPLE: &str = include_str!("../seeds/000_d53045ff0d7dd2d6.txt");

/// Articles of a larger file that are read.
const ARTICLES: usize = 20;

/// Word pieces in one run of the network, without the special ones, and those.
const RUN: usize = 254;
const START: i32 = 101;
const STOP: i32 = 102;

/// Ids and case classes of an article in runs of equal length.
fn runs(vocabulary: &Vocabulary, layout: &Layout<'_>) -> Vec<(Vec<i32>, Vec<i32>)> {
    let encoded = vocabulary.encode(layout.text, &layout.words);
    let chunks = encoded.pieces.chunks(RUN).zip(encoded.cases.chunks(RUN));
    chunks.map(|(ids, cases)| ([&[START], ids, &[STOP]].concat(), [&[0], cases, &[0]].concat())).collect()
}

fn articles() -> Vec<String> {
    let Some(path) = std::env::var_os("DICTUM_BENCH_TEXT") else { return vec![SAMPLE.to_owned()] };
    let file = std::fs::read_to_string(path).expect("DICTUM_BENCH_TEXT names a readable file");
    let texts = file.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let texts = texts.filter_map(|row| row.get("text")?.as_str().map(str::to_owned));
    let texts: Vec<String> = texts.take(ARTICLES).collect();
    if texts.is_empty() { vec![file] } else { texts }
}

/// What is measured, laid out once.
struct Bench {
    articles: Vec<String>,
    vocabulary: Vocabulary,
    words: u64,
    pieces: u64,
}

type Group<'a> = BenchmarkGroup<'a, WallTime>;

impl Bench {
    fn new() -> Self {
        let articles = articles();
        let vocabulary = Vocabulary::parse(embedded::VOCABULARY).expect("the vocabulary of the model");
        let words = articles.iter().map(|text| text.split_whitespace().count() as u64).sum();
        let encode = |text: &String| vocabulary.encode(text, &Layout::new(text).words).pieces.len() as u64;
        let pieces = articles.iter().map(encode).sum();
        Self { articles, vocabulary, words, pieces }
    }

    fn layouts(&self) -> Vec<Layout<'_>> {
        self.articles.iter().map(|text| Layout::new(text)).collect()
    }

    /// Before the network: the same for every analyzer.
    fn text(&self, group: &mut Group<'_>) {
        group.bench_function("layout", |bencher| {
            bencher.iter(|| {
                self.articles.iter().map(|text| Layout::new(black_box(text)).words.len()).sum::<usize>()
            });
        });
        let layouts = self.layouts();
        let encode = |layout: &Layout<'_>| self.vocabulary.encode(layout.text, &layout.words).pieces.len();
        group.bench_function("word pieces", |bencher| {
            bencher.iter(|| layouts.iter().map(encode).sum::<usize>());
        });
    }

    /// The network alone, and the same graph in onnxruntime where there is a Python for it.
    fn network(&self, group: &mut Group<'_>, name: AnalyzerName) {
        let network = RtenNetwork::load(embedded::model(name).graph).expect("the graph in the binary");
        let windows: Vec<_> =
            self.layouts().iter().flat_map(|layout| runs(&self.vocabulary, layout)).collect();
        group.bench_function(BenchmarkId::new(name.as_str(), "network"), |bencher| {
            bencher.iter(|| {
                windows.iter().map(|(ids, cases)| network.run(ids, cases).keys.len()).sum::<usize>()
            });
        });
        let (Some(python), Some(text)) =
            (std::env::var_os("DICTUM_BENCH_PYTHON"), std::env::var_os("DICTUM_BENCH_TEXT"))
        else {
            return;
        };
        group.bench_function(BenchmarkId::new(name.as_str(), "network in onnxruntime"), |bencher| {
            bencher.iter_custom(|rounds| onnxruntime(&python, &text, name, rounds));
        });
    }

    /// Everything behind the text.
    fn analysis(&self, group: &mut Group<'_>, name: AnalyzerName) {
        let layouts = self.layouts();
        let encoder = Encoder::embedded(name).expect("the model in the binary");
        group.bench_function(BenchmarkId::new(name.as_str(), "detection"), |bencher| {
            bencher.iter(|| layouts.iter().map(|layout| encoder.detect(layout).names.len()).sum::<usize>());
        });
        let analyzer = Analyzer::embedded(name);
        let analyze = |text: &String| {
            let input = Input { text, published_at: None, language: None };
            analyzer.analyze(&input, &Options::default()).quotes.len()
        };
        group.bench_function(BenchmarkId::new(name.as_str(), "whole"), |bencher| {
            bencher.iter(|| self.articles.iter().map(analyze).sum::<usize>());
        });
    }
}

/// How long onnxruntime takes for the same windows, all rounds together.
fn onnxruntime(python: &OsStr, text: &OsStr, name: AnalyzerName, rounds: u64) -> Duration {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let graph = root.join("models").join(name.as_str()).join("dictum-int8.onnx");
    let output = Command::new(python)
        .arg(root.join("training/speed.py"))
        .args([graph.as_os_str(), text])
        .args(["--count", &ARTICLES.to_string(), "--rounds", &rounds.to_string()])
        .output()
        .expect("DICTUM_BENCH_PYTHON names a Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("speed.py prints JSON");
    Duration::from_secs_f64(told["seconds"].as_f64().expect("its seconds"))
}

fn stages(criterion: &mut Criterion) {
    let bench = Bench::new();
    let per_word = bench.pieces as f64 / bench.words as f64;
    eprintln!("{} articles, {} words, {per_word:.3} word pieces each", bench.articles.len(), bench.words);
    let mut words = criterion.benchmark_group("words");
    words.sample_size(10).throughput(Throughput::Elements(bench.words));
    bench.text(&mut words);
    for name in AnalyzerName::ALL {
        bench.analysis(&mut words, name);
    }
    words.finish();
    let mut pieces = criterion.benchmark_group("pieces");
    pieces.sample_size(10).throughput(Throughput::Elements(bench.pieces));
    for name in AnalyzerName::ALL {
        bench.network(&mut pieces, name);
    }
    pieces.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
