//! What the engine's tests have in common: a data directory with an engine over it, documents, and a detector that
//! finds `"…" said First Last` and nothing else, so that no test depends on how good the analyzer is.

use dictum::analysis::Analyzer;
use dictum::analysis::roster::Roster;
use dictum::analysis::signals::{Detector, Layout, Link, NameSpan, Role, RoleSpan, Signals};
use dictum::domain::annotation::{Analysis, AnalyzerStamp, EntityType};
use dictum::domain::document::{AckLevel, IngestReceipt, Seq};
use dictum::domain::hit::QuoteHit;
use dictum::domain::ids::{CollectionId, DocumentId, DocumentName};
use dictum::domain::query::{DocumentFilter, EntityRef, Fold, Order, PageRequest, QuoteFilter};
use dictum::engine::{
    AnalyzeRequest, DocumentSearch, Draft, Engine, EngineConfig, EngineError, Found, MessageSize, Need,
    Position, QuoteSearch, Readiness, Terms,
};
use dictum::ports::{Caller, Lane};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Longer than anything takes that is not stuck.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What tests do to the detector. A text with the word HOLD waits until the gate is open, one with SLOW takes its time, one with PANIC
/// panics.
#[derive(Default)]
pub struct Controls {
    pub analyses: AtomicUsize,
    gate_open: Mutex<bool>,
    gate: Condvar,
    waiting: AtomicUsize,
}

impl Controls {
    pub fn open_gate(&self) {
        *self.gate_open.lock().unwrap() = true;
        self.gate.notify_all();
    }

    /// Waits until `count` analyses stand before the gate.
    pub async fn held_up(&self, count: usize) {
        eventually(|| self.waiting.load(Ordering::SeqCst) >= count).await;
    }
}

struct Script(Arc<Controls>);

impl Detector for Script {
    fn detect(&self, layout: &Layout<'_>) -> Signals {
        let controls = &self.0;
        controls.analyses.fetch_add(1, Ordering::SeqCst);
        assert!(!layout.text.contains("PANIC"), "as the test asked");
        if layout.text.contains("HOLD") {
            controls.waiting.fetch_add(1, Ordering::SeqCst);
            let closed = controls.gate_open.lock().unwrap();
            drop(controls.gate.wait_timeout_while(closed, PATIENCE, |open| !*open).unwrap());
        }
        if layout.text.contains("SLOW") {
            std::thread::sleep(Duration::from_millis(10));
        }
        let mut signals = Signals::default();
        for region in &layout.quoted {
            attribute(layout, layout.words_of(region.span), &mut signals);
        }
        signals
    }
}

/// `"…" said First Last`: two words after `said` are a person.
fn attribute(layout: &Layout<'_>, content: Range<usize>, signals: &mut Signals) {
    let cue = content.end;
    if layout.word(cue) != "said" {
        return;
    }
    let source = cue + 1..cue + 3;
    let span = |role, words: Range<usize>| RoleSpan { role, words, confidence: 0.9 };
    let link = |role, from| Link { role, from, cue: Some(cue), score: 1.0 };
    signals.links.extend([link(Role::Content, content.start), link(Role::Source, source.start)]);
    signals.roles.push(span(Role::Content, content));
    signals.roles.push(span(Role::Cue, cue..cue + 1));
    signals.roles.push(span(Role::Source, source.clone()));
    signals.names.push(NameSpan { words: source, entity_type: EntityType::Person, confidence: 0.9 });
}

pub fn scripted(controls: &Arc<Controls>) -> Arc<Roster> {
    let stamp = AnalyzerStamp { name: "script".into(), version: "1.0.0".into(), hash: "0".into() };
    let analyzer = Analyzer::with_detector(Box::new(Script(Arc::clone(controls))), stamp);
    Arc::new(Roster::only(analyzer))
}

/// An engine over a directory of its own.
pub struct Stage {
    pub controls: Arc<Controls>,
    pub config: EngineConfig,
    pub engine: Engine,
    _dir: tempfile::TempDir,
}

impl Stage {
    pub async fn set() -> Self {
        Self::with(|_| ()).await
    }

    /// With other settings than two analysis threads and defaults.
    pub async fn with(settings: impl FnOnce(&mut EngineConfig)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = EngineConfig::new(dir.path());
        config.analysis_threads = 2;
        settings(&mut config);
        let controls = Arc::new(Controls::default());
        let engine = Engine::open(config.clone(), scripted(&controls)).await.unwrap();
        ready(&engine).await;
        Self { controls, config, engine, _dir: dir }
    }

    /// Stops the engine, does something to the directory, and starts it again.
    pub async fn restarted(self, between: impl FnOnce(&EngineConfig)) -> Self {
        let Self { controls, config, engine, _dir } = self;
        engine.stop().await;
        drop(engine);
        between(&config);
        let engine = Engine::open(config.clone(), scripted(&controls)).await.unwrap();
        ready(&engine).await;
        Self { controls, config, engine, _dir }
    }

    pub async fn put(&self, id: &str, text: &str) -> IngestReceipt {
        ingest(&self.engine, &bulk(), draft(id, text), AckLevel::Durable).await.unwrap()
    }

    /// The quotes of a speaker, as texts, oldest document first; sees at least the change `seq`.
    pub async fn said_by(&self, speaker: &str, seq: Seq) -> Vec<String> {
        let filter =
            QuoteFilter { speakers: vec![EntityRef::Name(speaker.into())], ..QuoteFilter::default() };
        let found = self.quotes(filter, Order::OldestFirst, page(100), Some(seq)).await.unwrap();
        let texts = found
            .page
            .hits
            .into_iter()
            .map(|(hit, _)| hit.quote.contents.iter().map(|span| hit.excerpts.slice(*span)).collect());
        texts.collect()
    }

    /// A page of quotes of the default collection that sees at least the change `seq`.
    pub async fn quotes(
        &self,
        filter: QuoteFilter,
        order: Order,
        page: PageRequest,
        seq: Option<Seq>,
    ) -> Result<Found<QuoteHit>, EngineError> {
        let at_least = seq.map(|seq| self.position(seq));
        let (collection, fold) = (default(), Fold::Nothing);
        let search = QuoteSearch { collection, filter, order, fold, explain: false, page, at_least };
        self.engine.search_quotes(&single(), search).await
    }

    /// A search for documents of the default collection that sees at least the change `seq`.
    pub fn texts(&self, filter: DocumentFilter, page: PageRequest, seq: Seq) -> DocumentSearch {
        let at_least = Some(self.position(seq));
        let (order, fold) = (Order::Relevance, Fold::Nothing);
        DocumentSearch { collection: default(), filter, order, fold, explain: false, page, at_least }
    }

    /// The place of a change of this opening of the store.
    pub fn position(&self, seq: Seq) -> Position {
        Position { epoch: self.engine.identity().epoch, seq }
    }

    pub async fn has(&self, id: &str) -> bool {
        match self.engine.get_document(&single(), &name(id), None, false).await {
            Ok(_) => true,
            Err(EngineError::NotFound(_)) => false,
            Err(error) => panic!("{error}"),
        }
    }
}

/// A caller who waits for one answer.
pub fn single() -> Caller {
    Caller::anonymous(Lane::Interactive, "test")
}

/// A caller with much to do.
pub fn bulk() -> Caller {
    Caller::anonymous(Lane::Bulk, "test")
}

pub async fn ready(engine: &Engine) {
    let mut readiness = engine.readiness();
    let ready = readiness.wait_for(Readiness::is_ready);
    tokio::time::timeout(PATIENCE, ready).await.expect("the index catches up").unwrap();
}

pub async fn eventually(mut condition: impl FnMut() -> bool) {
    let until = tokio::time::Instant::now() + PATIENCE;
    while !condition() {
        assert!(tokio::time::Instant::now() < until, "waited too long");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

pub fn default() -> CollectionId {
    CollectionId::default_collection()
}

pub fn name(id: &str) -> DocumentName {
    DocumentName { collection: default(), document: DocumentId::new(id).unwrap() }
}

pub fn draft(id: &str, text: &str) -> Draft {
    Draft { id: Some(DocumentId::new(id).unwrap()), ..nameless(text) }
}

pub fn nameless(text: &str) -> Draft {
    Draft {
        form: dictum::engine::Form::Plain,
        collection: default(),
        id: None,
        text: text.into(),
        title: None,
        published_at: None,
        source: None,
        url: None,
        language: Some("en".into()),
        labels: BTreeMap::new(),
        terms: Terms::default(),
    }
}

pub fn page(size: usize) -> PageRequest {
    PageRequest { size, bytes: 1 << 20, after: None }
}

/// Ingests a document as the transport does: room first.
pub async fn ingest(
    engine: &Engine,
    caller: &Caller,
    draft: Draft,
    level: AckLevel,
) -> Result<IngestReceipt, EngineError> {
    let permit = engine.admit(caller, Need::Text, MessageSize::of(draft.text.len())).await?;
    engine.ingest(caller, permit, draft, level).await
}

/// Analyses a text as the transport does: room first.
pub async fn analyze(
    engine: &Engine,
    caller: &Caller,
    request: AnalyzeRequest,
) -> Result<Analysis, EngineError> {
    let permit = engine.admit(caller, Need::Text, MessageSize::of(request.text.len())).await?;
    Ok(engine.analyze(caller, permit, request).await?.analysis)
}
