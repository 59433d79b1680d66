//! How fast the analyzers are, stage by stage, on one thread: layout, word pieces, and for each analyzer the network alone (in runs
//! of 254 word pieces, as `training/speed.py` gives them to onnxruntime), detection (network and decoding) and the whole analysis.
//! Reads the articles of `DICTUM_BENCH_TEXT` (a text file, or JSON lines with "text"), or the sample article of the
//! repository. Throughput is in words (separated by white space); what makes word pieces and articles of them is printed
//! at the start.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dictum::analysis::encoder::pieces::Vocabulary;
use dictum::analysis::encoder::{Encoder, Network, RtenNetwork, embedded};
use dictum::analysis::signals::{Detector, Layout};
use dictum::analysis::{Analyzer, Input, Options};
use dictum::domain::annotation::AnalyzerName;
use std::hint::black_box;

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

fn stages(criterion: &mut Criterion) {
    let articles = articles();
    let layouts: Vec<Layout<'_>> = articles.iter().map(|text| Layout::new(text)).collect();
    let vocabulary = Vocabulary::parse(embedded::VOCABULARY).expect("the vocabulary of the model");
    let encode = |layout: &Layout<'_>| vocabulary.encode(layout.text, &layout.words).pieces.len();
    let words: usize = articles.iter().map(|text| text.split_whitespace().count()).sum();
    let pieces: usize = layouts.iter().map(encode).sum();
    let (each, per_word) = (words as f64 / articles.len() as f64, pieces as f64 / words as f64);
    eprintln!("{} articles of {each:.0} words, {per_word:.3} word pieces to a word", articles.len());

    let mut group = criterion.benchmark_group("analysis");
    group.sample_size(10).throughput(Throughput::Elements(words as u64));
    group.bench_function("layout", |bencher| {
        bencher.iter(|| articles.iter().map(|text| Layout::new(black_box(text)).words.len()).sum::<usize>());
    });
    group.bench_function("word pieces", |bencher| {
        bencher.iter(|| layouts.iter().map(encode).sum::<usize>());
    });
    let windows: Vec<_> = layouts.iter().flat_map(|layout| runs(&vocabulary, layout)).collect();
    for name in AnalyzerName::ALL {
        let of = |stage| BenchmarkId::new(name.as_str(), stage);
        let network = RtenNetwork::load(embedded::model(name).graph).expect("the graph in the binary");
        group.bench_function(of("network"), |bencher| {
            bencher.iter(|| {
                windows.iter().map(|(ids, cases)| network.run(ids, cases).keys.len()).sum::<usize>()
            });
        });
        let encoder = Encoder::embedded(name).expect("the model in the binary");
        group.bench_function(of("detection"), |bencher| {
            bencher.iter(|| layouts.iter().map(|layout| encoder.detect(layout).names.len()).sum::<usize>());
        });
        let analyzer = Analyzer::embedded(name);
        group.bench_function(of("whole"), |bencher| {
            bencher.iter(|| {
                let analyze = |text: &String| {
                    let input = Input { text, published_at: None, language: None };
                    analyzer.analyze(&input, &Options::default()).quotes.len()
                };
                articles.iter().map(analyze).sum::<usize>()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
