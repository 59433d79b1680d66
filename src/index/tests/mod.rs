//! Tests of the whole index through its public calls, over small invented documents.

mod damage;
mod following;
mod searching;

use super::*;
use crate::domain::annotation::{
    Analysis, AnalyzerStamp, Coverage, CoverageMethod, EntityType, Quote, QuoteKind, QuoteType, Speaker,
    SpeakerKind,
};
use crate::domain::document::Document;
use crate::domain::entity::Alias;
use crate::domain::query::Cursor;
use crate::domain::span::ByteSpan;
use crate::domain::time::Timestamp;

const STORE: StoreId = [7; 16];

/// An open index in a folder of its own.
struct Fixture {
    index: Index,
    dir: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { index: open(dir.path()), dir }
    }

    /// With these documents as the only ones.
    fn with(documents: &[StoredDocument]) -> Self {
        let fixture = Self::new();
        let ops: Vec<_> = documents.iter().map(IndexOp::PutDocument).collect();
        fixture.apply(&ops, 1).unwrap();
        fixture
    }
}

impl std::ops::Deref for Fixture {
    type Target = Index;

    fn deref(&self) -> &Index {
        &self.index
    }
}

fn config(dir: &std::path::Path) -> IndexConfig {
    IndexConfig { dir: dir.to_owned(), store: STORE, heap_bytes: 0 }
}

fn open(dir: &std::path::Path) -> Index {
    Index::open(&config(dir)).unwrap()
}

fn news() -> CollectionId {
    CollectionId::new("news").unwrap()
}

fn entity(id: &str) -> EntityId {
    EntityId::new(id).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanos: 0 }
}

/// A document of the collection `news` whose text is its quotes, one a line. A quote's speaker is the entity `x` for
/// a text that begins with "x:".
fn document(id: &str, quotes: &[&str]) -> StoredDocument {
    let mut text = String::new();
    let mut found = Vec::new();
    let mut links = std::collections::BTreeMap::new();
    for (n, words) in quotes.iter().enumerate() {
        let (speaker, words) =
            words.split_once(':').map_or((None, *words), |(who, words)| (Some(who), words));
        let begin = text.len();
        text.push_str(words);
        let span = ByteSpan::at(begin, text.len());
        text.push('\n');
        if let Some(who) = speaker {
            links.insert(who.to_owned(), entity(who));
        }
        found.push(quote(n + 1, span, speaker));
    }
    StoredDocument {
        document: Document {
            name: DocumentName { collection: news(), document: DocumentId::new(id).unwrap() },
            text,
            title: None,
            published_at: None,
            source: None,
            url: None,
            language: None,
            labels: Default::default(),
        },
        revision: 1,
        content_hash: [0; 32],
        ingested_at: at(0),
        seq: 1,
        analysis: Analysis {
            language: "en".into(),
            entities: vec![],
            quotes: found,
            coverage: Coverage { analyzed: vec![], method: CoverageMethod::Full },
            analyzer: AnalyzerStamp { name: "test".into(), version: "1".into(), hash: "0".into() },
        },
        links,
    }
}

fn quote(n: usize, content: ByteSpan, speaker: Option<&str>) -> Quote {
    Quote {
        id: format!("q{n}"),
        quote_type: QuoteType::Direct,
        kind: QuoteKind::Statement,
        contents: vec![content],
        cue: None,
        speaker: Speaker {
            mention: None,
            kind: SpeakerKind::Person,
            entity: speaker.map(str::to_owned),
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

fn page(size: usize) -> PageRequest {
    PageRequest { size, after: None }
}

fn text(query: &str) -> QuoteFilter {
    QuoteFilter { text: Some(query.to_owned()), ..QuoteFilter::default() }
}

/// `document/quote` of every hit, in order.
fn quotes(index: &Index, filter: &QuoteFilter, entities: &Resolved, order: Order) -> Vec<String> {
    let found = index.search_quotes(&news(), filter, entities, order, &page(100)).unwrap();
    assert_eq!(found.total, found.hits.len() as u64);
    assert!(!found.more);
    found.hits.into_iter().map(|(hit, _)| short(&hit)).collect()
}

fn short(hit: &QuoteHit) -> String {
    format!("{}/{}", hit.quote.document.document, hit.quote.quote)
}

fn by_text(index: &Index, query: &str) -> Vec<String> {
    let mut found = quotes(index, &text(query), &Resolved::default(), Order::Relevance);
    found.sort();
    found
}
