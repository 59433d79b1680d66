//! How long a search takes, from the call to the hits with all that an answer shows of them: 70,000 quotes of 5,833
//! documents, two clients at a time.
//!
//! The corpus is invented (see `corpus`): 20,000 words drawn with Zipf's frequencies, twelve quotes of 8 to 40 words
//! a document, 800 speakers drawn the same way, one publication time an hour. The mix of queries is that of a service
//! that looks for what people said about something: one word, or one of a frequent speaker, or two words of one; some
//! with a first date. Run it with `cargo bench --bench index`; it prints the 50th and 99th percentile of each row.

mod corpus;

use corpus::{Numbers, Zipf, word};
use dictum::domain::annotation::{
    Analysis, AnalyzerStamp, Coverage, CoverageMethod, EvidenceStep, Quote, QuoteKind, QuoteType, Speaker,
    SpeakerKind,
};
use dictum::domain::document::{DocumentInfo, StoredDocument};
use dictum::domain::facet::{Facet, FacetField, Interval};
use dictum::domain::ids::{CollectionId, DocumentId, DocumentName, EntityId};
use dictum::domain::query::{
    DocumentFilter, DocumentQuery, Fold, Order, PageRequest, QuoteFilter, QuoteQuery, Resolved,
};
use dictum::domain::related::{RelatedOrder, RelatedQuery};
use dictum::domain::span::ByteSpan;
use dictum::domain::time::{TimeRange, Timestamp};
use dictum::index::{IndexConfig, TantivyIndex};
use dictum::ports::{Caller, Entry, Followed, IndexOp, Lane, SearchIndex, SearchView};
use std::collections::BTreeMap;
use std::future::Future;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

const DOCUMENTS: usize = 5_833;
const QUOTES: usize = 12;
const WORDS: usize = 20_000;
const SPEAKERS: usize = 800;

/// Searches of each row, and how many run at a time.
const SEARCHES: usize = 2_000;
const CLIENTS: usize = 2;

fn speaker(rank: usize) -> EntityId {
    EntityId::new(format!("speaker{rank}")).expect("letters and digits")
}

fn document(n: usize, numbers: &mut Numbers, words: &Zipf, speakers: &Zipf) -> Entry {
    let mut text = String::new();
    let (mut quotes, mut sentences, mut links) = (Vec::new(), Vec::new(), BTreeMap::new());
    for q in 0..QUOTES {
        let who = speaker(speakers.draw(numbers));
        let begin = text.len();
        text.push_str(who.as_str());
        let mention = ByteSpan::at(begin, text.len());
        text.push_str(" said that ");
        let cue = ByteSpan::at(text.len() - 10, text.len() - 6);
        let content = text.len() - 5;
        for _ in 0..8 + numbers.below(33) {
            text.push_str(&word(words.draw(numbers)));
            text.push(' ');
        }
        let content = ByteSpan::at(content, text.len() - 1);
        quotes.push(quote(q, content, cue, mention, who.as_str()));
        sentences.push(Some(ByteSpan::at(begin, text.len() - 1)));
        links.insert(who.to_string(), who);
    }
    let name = DocumentName {
        collection: CollectionId::default_collection(),
        document: DocumentId::new(format!("d{n}")).expect("letters and digits"),
    };
    let analyzer = AnalyzerStamp { name: "bench".into(), version: "1".into(), hash: "0".into() };
    let never = Timestamp { seconds: 0, nanos: 0 };
    let info = DocumentInfo {
        name,
        title: Some(format!("{} {} {}", word(n % 7000), word(n % 600), word(n % 50))),
        published_at: Some(Timestamp { seconds: n as i64 * 3600, nanos: 0 }),
        source: Some(format!("outlet {}", n % 40)),
        url: Some(format!("https://outlet{}.example/news/{n}", n % 40)),
        language: None,
        labels: [("desk".to_owned(), format!("desk {}", n % 5))].into(),
        revision: 1,
        content_hash: [0; 32],
        created_at: never,
        updated_at: never,
        seq: n as u64 + 1,
        analyzer: analyzer.clone(),
        detected_language: "en".into(),
        quotes: QUOTES as u32,
        entities: 0,
    };
    let coverage = Coverage { analyzed: vec![], method: CoverageMethod::Full };
    let analysis = Analysis { language: "en".into(), entities: vec![], quotes, coverage, analyzer };
    Entry { document: StoredDocument { info, text, analysis, links }, sentences }
}

fn quote(n: usize, content: ByteSpan, cue: ByteSpan, mention: ByteSpan, who: &str) -> Quote {
    let evidence = |rule: &str, spans| EvidenceStep { rule: rule.into(), score: 0.9, spans };
    Quote {
        id: format!("q{n}"),
        quote_type: QuoteType::Indirect,
        kind: QuoteKind::Statement,
        contents: vec![content],
        cue: Some(cue),
        speaker: Speaker {
            mention: Some(mention),
            kind: SpeakerKind::Person,
            entity: Some(who.to_owned()),
            name: Some(who.to_owned()),
            description: None,
            evidence: vec![evidence("name", vec![mention]), evidence("subject-of-cue", vec![mention, cue])],
            alternatives: vec![],
            abstained: None,
            confidence: 0.9,
        },
        confidence: 0.9,
        about: vec![],
    }
}

/// The whole corpus, in commits of 200 documents, as a busy follower would make them; then the rest that merges take.
async fn filled(dir: &std::path::Path) -> Arc<TantivyIndex> {
    let config = IndexConfig { dir: dir.to_owned(), heap_bytes: 50_000_000, threads: 2, queue: 64 };
    let index = TantivyIndex::new(config).expect("threads");
    let log = Followed { store: [0; 16], last: DOCUMENTS as u64, floor: 0, anew: false };
    index.open(&log).await.expect("an empty directory");
    let (words, speakers, mut numbers) = (Zipf::new(WORDS), Zipf::new(SPEAKERS), Numbers(42));
    let began = Instant::now();
    for n in (0..DOCUMENTS).step_by(200) {
        let documents = n..DOCUMENTS.min(n + 200);
        let up_to = documents.end as u64;
        let put = |n| IndexOp::PutDocument(Box::new(document(n, &mut numbers, &words, &speakers)));
        index.apply(documents.map(put).collect(), up_to).await.expect("a disk with space");
    }
    println!(
        "{} documents a second are made and indexed",
        DOCUMENTS as u64 * 1000 / began.elapsed().as_millis() as u64
    );
    tokio::time::sleep(Duration::from_secs(8)).await;
    index
}

/// What a client asks for.
#[derive(Clone, Default)]
struct Question {
    text: Option<String>,
    who: Option<usize>,
    from: Option<i64>,
    order: Option<Order>,
}

/// The mix of a service.
fn mixed(numbers: &mut Numbers) -> Question {
    let (kind, frequent) = (numbers.next(), |numbers: &mut Numbers| word(10 + numbers.below(3000)));
    let words = if kind < 0.4 {
        1
    } else if kind < 0.7 {
        2
    } else {
        0
    };
    let text: Vec<String> = (0..words).map(|_| frequent(numbers)).collect();
    Question {
        text: (words > 0).then(|| text.join(" ")),
        who: (kind > 0.4).then(|| numbers.below(11)),
        from: (numbers.next() < 0.3).then_some(DOCUMENTS as i64 * 1800),
        order: None,
    }
}

fn cases() -> Vec<(&'static str, Question)> {
    let [first, tenth, rare] = [word(0), word(9), word(3000)];
    let text = |text: String| Question { text: Some(text), ..Question::default() };
    let phrase: Vec<String> = (0..64).map(|n| word(n % 3)).collect();
    vec![
        ("newest of all", Question { order: Some(Order::NewestFirst), ..Question::default() }),
        ("most frequent word", text(first.clone())),
        ("frequent word", text(tenth.clone())),
        ("rare word", text(rare.clone())),
        ("three words", text(format!("{first} {tenth} {rare}"))),
        ("phrase of frequent words", text(format!("\"{first} {tenth}\""))),
        ("phrase of 64 frequent words", text(format!("\"{}\"", phrase.join(" ")))),
        ("prefix", text("hab*".into())),
        ("prefix of one letter", text("h*".into())),
        ("64 prefixes of one letter", text("h* b* c* d* f* g* j* k* l* m* n* p* r* s* t* v* ".repeat(4))),
        ("most frequent speaker", Question { who: Some(0), ..Question::default() }),
        ("rare speaker and a word", Question { text: Some(tenth), who: Some(500), ..Question::default() }),
    ]
}

/// Runs the searches and prints how long the 50th and the 99th percentile took.
async fn measure<F, T>(name: &str, searches: usize, search: impl Fn(usize) -> F + Clone + Send + 'static)
where
    F: Future<Output = T> + Send,
{
    let client = |client: usize| {
        let search = search.clone();
        tokio::spawn(async move {
            let mut times = Vec::with_capacity(searches / CLIENTS);
            for n in (client..searches).step_by(CLIENTS) {
                let began = Instant::now();
                black_box(search(n).await);
                times.push(began.elapsed());
            }
            times
        })
    };
    let clients: Vec<_> = (0..CLIENTS).map(client).collect();
    let mut times = Vec::with_capacity(searches);
    for client in clients {
        times.extend(client.await.expect("no panic"));
    }
    times.sort_unstable();
    let micros = |share: usize| times[(times.len() - 1) * share / 100].as_nanos() as f64 / 1000.0;
    println!("{name:<42} p50 {:>8.1} µs   p99 {:>8.1} µs", micros(50), micros(99));
}

fn quote_query(question: &Question) -> QuoteQuery {
    let from = question.from.map(|seconds| Timestamp { seconds, nanos: 0 });
    QuoteQuery {
        within: CollectionId::default_collection().into(),
        filter: QuoteFilter {
            text: question.text.clone(),
            published: TimeRange { from, until: None },
            ..QuoteFilter::default()
        },
        entities: Resolved {
            expression: None,
            speakers: question.who.map(|rank| vec![speaker(rank)]).into_iter().collect(),
            mentions: vec![],
        },
        order: question.order.unwrap_or(Order::Relevance),
        fold: Fold::Nothing,
        explain: false,
    }
}

async fn quotes(
    name: &str,
    view: &Arc<dyn SearchView>,
    questions: &[Question],
    searches: usize,
    size: usize,
) {
    let queries: Arc<Vec<QuoteQuery>> = Arc::new(questions.iter().map(quote_query).collect());
    let view = Arc::clone(view);
    measure(name, searches, move |n| {
        let (view, queries) = (Arc::clone(&view), Arc::clone(&queries));
        async move {
            let caller = Caller::anonymous(Lane::Interactive, "bench");
            let page = PageRequest { size, bytes: usize::MAX, after: None };
            view.quotes(&queries[n % queries.len()], &page, &caller).await.expect("a search")
        }
    })
    .await;
}

async fn documents(view: &Arc<dyn SearchView>, words: &[String]) {
    let query = |word: &String| DocumentQuery {
        within: CollectionId::default_collection().into(),
        filter: DocumentFilter { text: Some(word.clone()), ..DocumentFilter::default() },
        entities: Resolved::default(),
        order: Order::Relevance,
        fold: Fold::Nothing,
        explain: false,
    };
    let queries: Arc<Vec<DocumentQuery>> = Arc::new(words.iter().map(query).collect());
    let view = Arc::clone(view);
    measure("documents of a word, page of 10", SEARCHES, move |n| {
        let (view, queries) = (Arc::clone(&view), Arc::clone(&queries));
        async move {
            let caller = Caller::anonymous(Lane::Interactive, "bench");
            let page = PageRequest { size: 10, bytes: usize::MAX, after: None };
            view.documents(&queries[n % queries.len()], &page, &caller).await.expect("a search")
        }
    })
    .await;
}

/// Counts of the matches of a question, divided in some ways.
async fn counts(name: &str, view: &Arc<dyn SearchView>, question: &Question, facets: Vec<Facet>) {
    let (view, query) = (Arc::clone(view), Arc::new(quote_query(question)));
    measure(name, 200, move |_| {
        let (view, query, facets) = (Arc::clone(&view), Arc::clone(&query), facets.clone());
        async move {
            let caller = Caller::anonymous(Lane::Interactive, "bench");
            view.count_quotes(&query, &facets, &caller).await.expect("a count")
        }
    })
    .await;
}

fn by(by: FacetField) -> Facet {
    Facet { by, limit: 10, nested: None }
}

fn monthly() -> Facet {
    let by = FacetField::Published { interval: Interval::Month, zone: "Europe/Berlin".into() };
    Facet { by, limit: 1000, nested: None }
}

/// Facets over a word's quotes, and over all.
async fn divided(view: &Arc<dyn SearchView>) {
    let all = Question::default();
    let word = Question { text: Some(word(30)), ..Question::default() };
    for (of, question) in [("a word", &word), ("everything", &all)] {
        let nested = Facet { nested: Some(Box::new(monthly())), ..by(FacetField::Speaker) };
        let words = Facet { nested: Some(Box::new(by(FacetField::Words))), ..monthly() };
        counts(&format!("counted: {of}"), view, question, vec![]).await;
        counts(&format!("by speaker: {of}"), view, question, vec![by(FacetField::Speaker)]).await;
        counts(&format!("by month: {of}"), view, question, vec![monthly()]).await;
        counts(&format!("by speaker and month: {of}"), view, question, vec![nested]).await;
        counts(&format!("by remarkable word: {of}"), view, question, vec![by(FacetField::Words)]).await;
        counts(&format!("by month and remarkable word: {of}"), view, question, vec![words]).await;
    }
}

/// Outlets over a word's quotes and over all, and who stands beside a frequent and a rare speaker.
async fn together(view: &Arc<dyn SearchView>) {
    let all = Question::default();
    let word = Question { text: Some(word(30)), ..Question::default() };
    for (of, question) in [("a word", &word), ("everything", &all)] {
        let (view, query) = (Arc::clone(view), Arc::new(quote_query(question)));
        measure(&format!("outlets side by side: {of}"), 100, move |_| {
            let (view, query) = (Arc::clone(&view), Arc::clone(&query));
            async move {
                let caller = Caller::anonymous(Lane::Interactive, "bench");
                view.compare_outlets(&query, 10, &caller).await.expect("a comparison")
            }
        })
        .await;
    }
    for (of, rank) in [("the most frequent speaker", 0), ("a rare speaker", 500)] {
        let query = Arc::new(RelatedQuery {
            collection: CollectionId::default_collection(),
            group: vec![speaker(rank)],
            taken_for: None,
            types: vec![],
            published: TimeRange::default(),
            order: RelatedOrder::Association,
            most: 10,
        });
        let view = Arc::clone(view);
        measure(&format!("related to {of}"), 200, move |_| {
            let (view, query) = (Arc::clone(&view), Arc::clone(&query));
            async move {
                let caller = Caller::anonymous(Lane::Interactive, "bench");
                view.related(&query, &caller).await.expect("related entities")
            }
        })
        .await;
    }
}

fn size_of(dir: &std::path::Path) -> u64 {
    let files = std::fs::read_dir(dir).expect("the index");
    files.filter_map(|file| Some(file.ok()?.metadata().ok()?.len())).sum()
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("threads").block_on(async {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let index = filled(dir.path()).await;
        let view = index.open_view().await.expect("an open index");
        println!("{} quotes in {} MB", DOCUMENTS * QUOTES, size_of(dir.path()) / 1_000_000);
        let mut numbers = Numbers(7);
        let mix: Vec<Question> = (0..SEARCHES).map(|_| mixed(&mut numbers)).collect();
        for size in [10, 1, 10, 100, 1000] {
            quotes(&format!("mixed, page of {size}"), &view, &mix, SEARCHES, size).await;
        }
        let words: Vec<String> = mix.iter().filter_map(|question| question.text.clone()).collect();
        let words: Vec<String> =
            words.iter().filter_map(|text| Some(text.split(' ').next()?.to_owned())).collect();
        documents(&view, &words).await;
        divided(&view).await;
        together(&view).await;
        for (name, question) in cases() {
            quotes(&format!("{name}, page of 10"), &view, &[question], 300, 10).await;
        }
    });
}
