//! How long one search takes over 60,000 quotes of 5,000 documents, for the kinds of query that services ask.
//!
//! The corpus is invented (see `corpus`): 20,000 words drawn with Zipf's frequencies, twelve quotes of 8 to 40 words
//! a document, 800 speakers drawn the same way, one publication time an hour. Run it with `cargo bench --bench index`.

mod corpus;

use corpus::{Numbers, Zipf, word};
use criterion::{Criterion, criterion_group, criterion_main};
use dictum::domain::annotation::{
    Analysis, AnalyzerStamp, Coverage, CoverageMethod, Quote, QuoteKind, QuoteType, Speaker, SpeakerKind,
};
use dictum::domain::document::{Document, StoredDocument};
use dictum::domain::ids::{CollectionId, DocumentId, DocumentName, EntityId};
use dictum::domain::query::{Order, PageRequest, QuoteFilter};
use dictum::domain::span::ByteSpan;
use dictum::domain::time::Timestamp;
use dictum::index::{Index, IndexConfig, IndexOp, Resolved};
use std::collections::BTreeMap;
use std::hint::black_box;

const DOCUMENTS: usize = 5_000;
const QUOTES: usize = 12;
const WORDS: usize = 20_000;
const SPEAKERS: usize = 800;

fn speaker(rank: usize) -> EntityId {
    EntityId::new(format!("speaker{rank}")).expect("letters and digits")
}

fn document(n: usize, numbers: &mut Numbers, words: &Zipf, speakers: &Zipf) -> StoredDocument {
    let mut text = String::new();
    let (mut quotes, mut links) = (Vec::new(), BTreeMap::new());
    for q in 0..QUOTES {
        let begin = text.len();
        for _ in 0..8 + numbers.below(33) {
            text.push_str(&word(words.draw(numbers)));
            text.push(' ');
        }
        let who = speaker(speakers.draw(numbers));
        quotes.push(quote(q + 1, ByteSpan::at(begin, text.len() - 1), who.as_str()));
        links.insert(who.to_string(), who);
    }
    let name = DocumentName {
        collection: CollectionId::default_collection(),
        document: DocumentId::new(format!("d{n}")).expect("letters and digits"),
    };
    let published_at = Some(Timestamp { seconds: n as i64 * 3600, nanos: 0 });
    let (title, url, language, labels) = (None, None, None, BTreeMap::new());
    let source = Some(format!("outlet {}", n % 40));
    StoredDocument {
        document: Document { name, text, title, published_at, source, url, language, labels },
        revision: 1,
        content_hash: [0; 32],
        ingested_at: Timestamp { seconds: 0, nanos: 0 },
        seq: 1,
        analysis: Analysis {
            language: "en".into(),
            entities: vec![],
            quotes,
            coverage: Coverage { analyzed: vec![], method: CoverageMethod::Full },
            analyzer: AnalyzerStamp { name: "bench".into(), version: "1".into(), hash: "0".into() },
        },
        links,
    }
}

fn quote(n: usize, content: ByteSpan, who: &str) -> Quote {
    Quote {
        id: format!("q{n}"),
        quote_type: QuoteType::Direct,
        kind: QuoteKind::Statement,
        contents: vec![content],
        cue: None,
        speaker: Speaker {
            mention: None,
            kind: SpeakerKind::Person,
            entity: Some(who.to_owned()),
            name: None,
            description: None,
            evidence: vec![],
            alternatives: vec![],
            abstained: None,
            confidence: 1.0,
        },
        confidence: 0.9,
        about: vec![],
    }
}

/// The whole corpus, in commits of 500 documents, as a busy indexer would make them.
fn filled(dir: &std::path::Path) -> Index {
    let config = IndexConfig { dir: dir.to_owned(), store: [0; 16], heap_bytes: 50_000_000 };
    let index = Index::open(&config).expect("an empty directory");
    let (words, speakers, mut numbers) = (Zipf::new(WORDS), Zipf::new(SPEAKERS), Numbers(42));
    let documents: Vec<_> = (0..DOCUMENTS).map(|n| document(n, &mut numbers, &words, &speakers)).collect();
    for (n, batch) in documents.chunks(500).enumerate() {
        let ops: Vec<_> = batch.iter().map(IndexOp::PutDocument).collect();
        index.apply(&ops, n as u64 + 1).expect("a disk with space");
    }
    index
}

/// What is measured: a name, the free text, the rank of a speaker, the order.
type Case = (&'static str, Option<String>, Option<usize>, Order);

fn cases() -> Vec<Case> {
    let [first, tenth, rare] = [word(0), word(9), word(3000)];
    vec![
        ("newest of all", None, None, Order::NewestFirst),
        ("frequent word", Some(tenth.clone()), None, Order::Relevance),
        ("rare word", Some(rare.clone()), None, Order::Relevance),
        ("three words", Some(format!("{first} {tenth} {rare}")), None, Order::Relevance),
        ("phrase of frequent words", Some(format!("\"{first} {tenth}\"")), None, Order::Relevance),
        ("prefix", Some("hab*".into()), None, Order::Relevance),
        ("frequent speaker", None, Some(0), Order::NewestFirst),
        ("rare speaker and a word", Some(tenth), Some(500), Order::Relevance),
    ]
}

fn search(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let index = filled(dir.path());
    let mut group = criterion.benchmark_group("search quotes, page of 20");
    for (name, text, who, order) in cases() {
        let filter = QuoteFilter { text, ..QuoteFilter::default() };
        let speakers = who.map(|rank| vec![speaker(rank)]).into_iter().collect();
        let entities = Resolved { speakers, mentions: vec![] };
        let page = PageRequest { size: 20, after: None };
        let collection = CollectionId::default_collection();
        let found = || index.search_quotes(&collection, &filter, &entities, order, &page).expect("a search");
        println!("{name}: {} of {} quotes match", found().total, DOCUMENTS * QUOTES);
        group.bench_function(name, |bencher| bencher.iter(|| black_box(found())));
    }
    group.finish();
}

criterion_group!(benches, search);
criterion_main!(benches);
