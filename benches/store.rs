//! What a group of documents costs to store, synced to the disk that holds the temporary directory, for groups of
//! 1, 16 and 64: the price of a commit, and what grouping saves. Then what reading costs, through the port with its
//! threads: what a page of ten shows, the beginnings of ten texts, a document whole; and erasing.
//!
//! Each document is new: 600 invented words, 30 persons drawn with Zipf's frequencies from 20,000 names (so that
//! frequent ones are touched by every group, as they are in the news), 12 quotes. Run it with
//! `cargo bench --bench store`.

mod corpus;

use corpus::{Numbers, Zipf, word};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dictum::domain::annotation::{
    Analysis, AnalyzerStamp, Coverage, CoverageMethod, Entity, EntityType, Mention, MentionForm, Quote,
    QuoteKind, QuoteType, Speaker, SpeakerKind,
};
use dictum::domain::document::Document;
use dictum::domain::ids::{CollectionId, DocumentId, DocumentName};
use dictum::domain::span::ByteSpan;
use dictum::domain::time::Timestamp;
use dictum::ports::{DocumentLog, Write};
use dictum::store::{Store, StoreConfig};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

const NOW: Timestamp = Timestamp { seconds: 1_700_000_000, nanos: 0 };

/// Makes one document after another.
struct Press {
    numbers: Numbers,
    words: Zipf,
    persons: Zipf,
    made: usize,
}

impl Press {
    fn new() -> Self {
        Self { numbers: Numbers(42), words: Zipf::new(20_000), persons: Zipf::new(20_000), made: 0 }
    }

    fn document(&mut self) -> Write {
        self.made += 1;
        let (mut text, mut entities, mut quotes) = (String::new(), Vec::new(), Vec::new());
        for n in 0..30 {
            let rank = self.persons.draw(&mut self.numbers);
            let name = format!("{} {}", word(rank + 400), word(rank % 2000 + 400));
            let begin = text.len();
            text.push_str(&name);
            entities.push(person(n + 1, name, ByteSpan::at(begin, text.len())));
            let begin = text.len();
            for _ in 0..10 + self.numbers.below(21) {
                text.push(' ');
                text.push_str(&word(self.words.draw(&mut self.numbers)));
            }
            if n < 12 {
                quotes.push(quote(n + 1, ByteSpan::at(begin, text.len())));
            }
            text.push_str(".\n");
        }
        let name = DocumentName {
            collection: CollectionId::default_collection(),
            document: DocumentId::new(format!("d{}", self.made)).expect("letters and digits"),
        };
        let (title, source, url, language, labels) = (None, None, None, None, BTreeMap::new());
        let document = Document {
            name,
            text,
            title,
            published_at: Some(NOW),
            source,
            url,
            language,
            labels,
            page: None,
        };
        let analysis = Analysis {
            language: "en".into(),
            entities,
            quotes,
            coverage: Coverage { analyzed: vec![], method: CoverageMethod::Full },
            analyzer: AnalyzerStamp { name: "bench".into(), version: "1".into(), hash: "0".into() },
        };
        Write::Put { document: Box::new(document), analysis: Some(Box::new(analysis)), expected: None }
    }
}

fn person(n: usize, name: String, span: ByteSpan) -> Entity {
    Entity {
        id: format!("e{n}"),
        entity_type: EntityType::Person,
        name,
        mentions: vec![Mention { span, form: MentionForm::Name, confidence: 0.9 }],
        normalized: None,
        roles: vec![],
    }
}

fn quote(n: usize, content: ByteSpan) -> Quote {
    Quote {
        id: format!("q{n}"),
        quote_type: QuoteType::Indirect,
        kind: QuoteKind::Statement,
        contents: vec![content],
        cue: None,
        speaker: Speaker {
            mention: None,
            kind: SpeakerKind::Person,
            entity: Some(format!("e{n}")),
            name: None,
            description: None,
            evidence: vec![],
            alternatives: vec![],
            abstained: None,
            confidence: 0.9,
        },
        confidence: 0.9,
        about: vec![],
    }
}

/// The store and something to wait with.
struct Desk {
    store: Arc<Store>,
    runtime: Runtime,
}

impl Desk {
    fn open(dir: &Path) -> Self {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        Self { store: Store::open(dir, &StoreConfig::default(), NOW).expect("an empty directory"), runtime }
    }

    fn apply(&self, writes: Vec<Write>) {
        self.runtime.block_on(self.store.apply(writes.into(), NOW)).expect("a disk with space");
    }
}

fn filled(dir: &Path, press: &mut Press) -> Desk {
    let desk = Desk::open(dir);
    for _ in 0..40 {
        desk.apply((0..50).map(|_| press.document()).collect());
    }
    desk
}

fn apply(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut press = Press::new();
    let desk = filled(dir.path(), &mut press);
    let mut group = criterion.benchmark_group("put documents into a store of 2,000 and more");
    group.sample_size(20);
    for size in [1, 16, 64] {
        group.throughput(Throughput::Elements(size));
        group.bench_function(BenchmarkId::new("group of", size), |bencher| {
            bencher.iter_batched(
                || (0..size).map(|_| press.document()).collect::<Vec<_>>(),
                |writes| desk.apply(writes),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
    let (file, made) =
        (std::fs::metadata(dir.path().join("store.redb")).expect("the store's file"), press.made as u64);
    println!("{} bytes a document in a file of {made} documents", file.len() / made);
}

fn read(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let desk = filled(dir.path(), &mut Press::new());
    let mut numbers = Numbers(7);
    let mut draw = || DocumentName {
        collection: CollectionId::default_collection(),
        document: DocumentId::new(format!("d{}", 1 + numbers.below(2_000))).expect("letters and digits"),
    };
    let mut group = criterion.benchmark_group("read from a store of 2,000 documents");
    group.bench_function("ten without text and analysis", |bencher| {
        let names = || (0..10).map(|_| draw()).collect::<Vec<_>>();
        let read = |names: Vec<_>| desk.runtime.block_on(desk.store.infos(&names)).expect("a readable store");
        bencher.iter_batched(names, read, BatchSize::SmallInput);
    });
    group.bench_function("ten beginnings of 300 bytes", |bencher| {
        let of = || (0..10).map(|_| (draw(), 1)).collect::<Vec<_>>();
        let read =
            |of: Vec<_>| desk.runtime.block_on(desk.store.beginnings(&of, 300)).expect("a readable store");
        bencher.iter_batched(of, read, BatchSize::SmallInput);
    });
    group.bench_function("one whole", |bencher| {
        let name = || [(draw(), None)];
        let read =
            |name: [_; 1]| desk.runtime.block_on(desk.store.documents(&name)).expect("a readable store");
        bencher.iter_batched(name, read, BatchSize::SmallInput);
    });
    group.finish();
    let mut group = criterion.benchmark_group("erase what was deleted");
    group.sample_size(10).throughput(Throughput::Elements(2_000));
    group.bench_function("from a store of 2,000 documents", |bencher| {
        bencher.iter(|| desk.runtime.block_on(desk.store.erase()).expect("a disk with space"));
    });
    group.finish();
}

criterion_group!(benches, apply, read);
criterion_main!(benches);
