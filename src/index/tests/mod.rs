//! Tests of the whole index through its port, over small invented documents.

mod clusters;
mod damage;
mod erasing;
mod explaining;
mod expressions;
mod following;
mod forgetting;
mod many;
mod paging;
mod recovery;
mod seams;
mod searching;

use super::*;
use crate::domain::annotation::{
    Analysis, AnalyzerStamp, Coverage, CoverageMethod, EntityType, Quote, QuoteKind, QuoteType, Speaker,
    SpeakerKind,
};
use crate::domain::document::{DocumentInfo, StoreId, StoredDocument};
use crate::domain::entity::{Alias, CollectionEntity};
use crate::domain::hit::{DocumentHit, HitPage, QuoteHit};
use crate::domain::ids::{CollectionId, DocumentId, DocumentName, EntityId, EntityName};
use crate::domain::query::{
    Cursor, DocumentFilter, DocumentQuery, EntityFilter, EntityQuery, Fold, Order, PageRequest, QuoteFilter,
    QuoteQuery, Resolved,
};
use crate::domain::span::ByteSpan;
use crate::domain::time::Timestamp;
use crate::ports::{Caller, Entry, Lane, Origin};
use directory::Access;
use std::future::Future;
use std::io;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

const STORE: StoreId = [7; 16];

/// A system that fails when it is told to.
#[derive(Default)]
pub(super) struct System {
    rule: Mutex<Option<Rule>>,
}

/// What happens at an access to a file.
type Rule = Box<dyn FnMut(Access, &Path) -> io::Result<()> + Send>;

impl System {
    pub(super) fn access(&self, access: Access, path: &Path) -> io::Result<()> {
        let mut rule = self.rule.lock().unwrap_or_else(PoisonError::into_inner);
        rule.as_mut().map_or(Ok(()), |rule| rule(access, path))
    }

    fn fail(&self, rule: impl FnMut(Access, &Path) -> io::Result<()> + Send + 'static) {
        *self.rule.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(rule));
    }

    fn heal(&self) {
        *self.rule.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Waits for what the port answers.
fn done<T>(answer: impl Future<Output = T>) -> T {
    static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
    });
    RUNTIME.block_on(answer)
}

fn config(dir: &Path) -> IndexConfig {
    IndexConfig { dir: dir.to_owned(), heap_bytes: 0, threads: 2, queue: 16 }
}

/// The log, at a change that no test reaches.
fn log() -> Followed {
    Followed { store: STORE, last: 1_000_000, floor: 0, anew: false }
}

/// An open index in a folder of its own.
struct Fixture {
    index: Arc<TantivyIndex>,
    opened: Opened,
    dir: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self::at(tempfile::tempdir().unwrap())
    }

    fn at(dir: tempfile::TempDir) -> Self {
        Self::following(dir, &log())
    }

    fn following(dir: tempfile::TempDir, log: &Followed) -> Self {
        let index = TantivyIndex::new(config(dir.path())).unwrap();
        let opened = done(index.open(log)).unwrap();
        Self { index, opened, dir }
    }

    /// On a system that may fail.
    fn under(system: &Arc<System>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let shared = Shared { system: Some(Arc::clone(system)), ..Shared::default() };
        let index = TantivyIndex::with(config(dir.path()), shared).unwrap();
        let opened = done(index.open(&log())).unwrap();
        Self { index, opened, dir }
    }

    /// With these documents as the only ones.
    fn with(documents: &[StoredDocument]) -> Self {
        let fixture = Self::new();
        fixture.put(documents, 1);
        fixture
    }

    /// Closes the index and opens it again.
    fn again(self) -> Self {
        let Self { index, dir, .. } = self;
        drop(index);
        Self::at(dir)
    }

    fn put(&self, documents: &[StoredDocument], up_to: Seq) {
        self.apply(documents.iter().map(put).collect(), up_to);
    }

    fn apply(&self, ops: Vec<IndexOp>, up_to: Seq) {
        done(self.index.apply(ops, up_to)).unwrap();
    }

    fn view(&self) -> Arc<dyn SearchView> {
        done(self.index.open_view()).unwrap()
    }
}

fn put(document: &StoredDocument) -> IndexOp {
    let sentences = document.analysis.quotes.iter().map(|quote| quote.contents.first().copied());
    IndexOp::PutDocument(Box::new(Entry { document: document.clone(), sentences: sentences.collect() }))
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

fn caller() -> Caller {
    Caller::anonymous(Lane::Interactive, "test")
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
    let analyzer = AnalyzerStamp { name: "test".into(), version: "1".into(), hash: "0".into() };
    StoredDocument {
        info: DocumentInfo {
            name: DocumentName { collection: news(), document: DocumentId::new(id).unwrap() },
            title: None,
            published_at: None,
            source: None,
            url: None,
            language: None,
            labels: Default::default(),
            revision: 1,
            content_hash: [0; 32],
            created_at: at(0),
            updated_at: at(0),
            seq: 1,
            analyzer: analyzer.clone(),
            detected_language: "en".into(),
            quotes: found.len() as u32,
            entities: 0,
        },
        text,
        analysis: Analysis {
            language: "en".into(),
            entities: vec![],
            quotes: found,
            coverage: Coverage { analyzed: vec![], method: CoverageMethod::Full },
            analyzer,
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

/// The same documents, put by changes one after the other.
fn in_turn(documents: impl IntoIterator<Item = StoredDocument>) -> Vec<StoredDocument> {
    let mut documents: Vec<StoredDocument> = documents.into_iter().collect();
    for (n, document) in documents.iter_mut().enumerate() {
        document.info.seq = n as Seq + 1;
    }
    documents
}

fn page(size: usize) -> PageRequest {
    PageRequest { size, bytes: usize::MAX, after: None }
}

fn text(query: &str) -> QuoteFilter {
    QuoteFilter { text: Some(query.to_owned()), ..QuoteFilter::default() }
}

fn ask_quotes(
    view: &dyn SearchView,
    filter: &QuoteFilter,
    entities: &Resolved,
    order: Order,
    page: &PageRequest,
) -> Result<HitPage<QuoteHit>, PortError> {
    let (filter, entities) = (filter.clone(), entities.clone());
    let query =
        QuoteQuery { within: news().into(), filter, entities, order, fold: Fold::Nothing, explain: false };
    done(view.quotes(&query, page, &caller()))
}

fn ask_documents(
    view: &dyn SearchView,
    filter: &DocumentFilter,
    entities: &Resolved,
    order: Order,
    page: &PageRequest,
) -> Result<HitPage<DocumentHit>, PortError> {
    let (filter, entities) = (filter.clone(), entities.clone());
    let query =
        DocumentQuery { within: news().into(), filter, entities, order, fold: Fold::Nothing, explain: false };
    done(view.documents(&query, page, &caller()))
}

fn ask_entities(
    view: &dyn SearchView,
    filter: &EntityFilter,
    page: &PageRequest,
) -> Result<HitPage<CollectionEntity>, PortError> {
    let query = EntityQuery { within: news().into(), filter: filter.clone() };
    done(view.entities(&query, page, &caller()))
}

/// `document/quote` of every hit, in order.
fn quotes(view: &dyn SearchView, filter: &QuoteFilter, entities: &Resolved, order: Order) -> Vec<String> {
    let found = ask_quotes(view, filter, entities, order, &page(100)).unwrap();
    assert_eq!(found.total, found.hits.len() as u64);
    assert!(!found.more);
    found.hits.into_iter().map(|(hit, _)| short(&hit)).collect()
}

fn short(hit: &QuoteHit) -> String {
    assert_eq!(hit.name.document.document, hit.document.id);
    format!("{}/{}", hit.document.id, hit.name.quote)
}

fn by_text(view: &dyn SearchView, query: &str) -> Vec<String> {
    let mut found = quotes(view, &text(query), &Resolved::default(), Order::Relevance);
    found.sort();
    found
}

/// Ids of all documents, eldest publication first.
fn documents(view: &dyn SearchView, collection: &CollectionId) -> Vec<String> {
    let query = DocumentQuery {
        within: collection.clone().into(),
        filter: DocumentFilter::default(),
        entities: Resolved::default(),
        order: Order::OldestFirst,
        fold: Fold::Nothing,
        explain: false,
    };
    let found = done(view.documents(&query, &page(99), &caller())).unwrap();
    found.hits.into_iter().map(|(hit, _)| hit.document.id.to_string()).collect()
}

fn collection_entity(
    id: &str,
    entity_type: EntityType,
    aliases: &[&str],
    documents: u64,
) -> CollectionEntity {
    CollectionEntity {
        name: EntityName { collection: news(), entity: entity(id) },
        entity_type,
        display_name: aliases[0].to_owned(),
        aliases: aliases.iter().map(|alias| Alias { text: alias.to_string(), documents }).collect(),
        alias_count: aliases.len() as u64,
        roles: vec![],
        role_count: 0,
        documents,
        quotes: 0,
        statements: 0,
        first_seen: None,
        last_seen: None,
        inferred_as: None,
        seq: 1,
    }
}
