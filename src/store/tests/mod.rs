//! Tests of the whole store. The documents are invented: [`Sketch`] says which people, roles and quotes a document has, and makes
//! text and analysis agree.

mod backups;
mod damage;
mod disk;
mod erasure;
mod faults;
mod golden;
mod growth;
mod migration;
mod model;
mod outages;
mod power;
mod read_only;
mod restored;
mod tmpfs;
mod trace;

use super::adapter::Store;
use super::config::StoreConfig;
use super::core::{Core, FILE, Known, Opening};
use super::device::NamedFile;
use super::error::StoreError;
use crate::domain::annotation::{
    Analysis, AnalyzerStamp, Coverage, CoverageMethod, Entity, EntityType, Mention, MentionForm, Quote,
    QuoteKind, QuoteType, Speaker, SpeakerKind,
};
use crate::domain::document::{Document, DocumentInfo, Seq, StoredDocument};
use crate::domain::entity::CollectionEntity;
use crate::domain::ids::{CollectionId, DocumentId, DocumentName, EntityId, EntityName, QuoteId, QuoteName};
use crate::domain::query::EntityRef;
use crate::domain::span::ByteSpan;
use crate::domain::time::Timestamp;
use crate::ports::{Applied, Change, DocumentLog, Effect, EntityChange, PortError, Refusal, Write};
use std::path::Path;

/// An open store in a folder of its own.
struct Fixture {
    core: Core,
    dir: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self::at(tempfile::tempdir().unwrap())
    }

    fn at(dir: tempfile::TempDir) -> Self {
        let path = dir.path().join(FILE);
        let medium = Box::new(NamedFile::open(&path, true).unwrap());
        let core = Core::open(medium, &path, &StoreConfig::default(), Opening::New(at(0))).unwrap();
        Self { core, dir }
    }

    fn reopen(self) -> Self {
        drop(self.core);
        Self::at(self.dir)
    }
}

impl std::ops::Deref for Fixture {
    type Target = Core;

    fn deref(&self) -> &Core {
        &self.core
    }
}

/// Reading as the tests like it.
impl Core {
    fn document(&self, name: &DocumentName) -> Option<StoredDocument> {
        self.read(|snapshot| snapshot.document(name, None)).unwrap()
    }

    fn revision(&self, name: &DocumentName, revision: u32) -> Option<StoredDocument> {
        self.read(|snapshot| snapshot.document(name, Some(revision))).unwrap()
    }

    fn list(&self, collection: &CollectionId) -> Vec<DocumentInfo> {
        self.read(|snapshot| snapshot.list(collection, None, 1_000)).unwrap()
    }

    fn entity(&self, name: &EntityName) -> Option<CollectionEntity> {
        self.read(|snapshot| snapshot.entity(name)).unwrap()
    }

    fn called(&self, collection: &CollectionId, name: &str) -> Vec<EntityId> {
        let reference = EntityRef::Name(name.to_owned());
        self.read(|snapshot| snapshot.resolve(collection, &[reference])).unwrap().unwrap().remove(0)
    }

    fn last_seq(&self) -> Seq {
        self.read(|snapshot| Ok(snapshot.counters()?.seq)).unwrap()
    }

    fn floor(&self) -> Seq {
        self.read(|snapshot| Ok(snapshot.counters()?.floor)).unwrap()
    }

    fn follow(&self, after: Seq) -> Vec<Change> {
        self.read(|snapshot| snapshot.follow(after, 10_000, usize::MAX)).unwrap().changes
    }

    fn touched(&self, after: Seq) -> Vec<EntityChange> {
        self.read(|snapshot| snapshot.entities_touched(after, Seq::MAX - 1)).unwrap()
    }

    fn put(&self, write: Write, now: i64) -> Result<Applied, Refusal> {
        self.apply(&[write], at(now)).unwrap().remove(0)
    }
}

/// A group of documents of one kind in the default collection.
fn batch(ids: &[&str]) -> Vec<Write> {
    let sketch = Sketch::of(&[person("Ann Lee", &["mayor"], 1)]);
    ids.iter().map(|id| sketch.put(&document_name("default", id))).collect()
}

/// The documents of the default collection, which its counts must agree with.
fn documents_of(store: &Core) -> Vec<String> {
    let default = CollectionId::default_collection();
    let info = store.read(|snapshot| snapshot.collection(&default)).unwrap().unwrap();
    let infos = store.list(&default);
    assert_eq!(info.documents, infos.len() as u64);
    if !infos.is_empty() {
        assert_eq!(only_entity(store, "default", "Ann Lee").documents, info.documents);
    }
    infos.into_iter().map(|info| info.name.document.to_string()).collect()
}

/// The same through the port, each document read whole.
async fn answered(store: &Store) -> Result<Vec<String>, PortError> {
    let infos = store.list(&CollectionId::default_collection(), None, 1_000).await?;
    let names: Vec<_> = infos.iter().map(|info| (info.name.clone(), None)).collect();
    let documents = store.documents(&names).await?;
    assert!(documents.iter().all(Option::is_some));
    Ok(infos.into_iter().map(|info| info.name.document.to_string()).collect())
}

fn at(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanos: 0 }
}

fn collection(id: &str) -> CollectionId {
    CollectionId::new(id).unwrap()
}

fn document_name(collection_id: &str, document: &str) -> DocumentName {
    DocumentName { collection: collection(collection_id), document: DocumentId::new(document).unwrap() }
}

/// One entity of a sketched document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Figure {
    entity_type: EntityType,
    name: String,
    roles: Vec<String>,
    /// Every third quote is a thought.
    quotes: usize,
}

fn person(name: &str, roles: &[&str], quotes: usize) -> Figure {
    let roles = roles.iter().map(|role| role.to_string()).collect();
    Figure { entity_type: EntityType::Person, name: name.to_owned(), roles, quotes }
}

fn kind(n: usize) -> QuoteKind {
    if n % 3 == 2 { QuoteKind::Thought } else { QuoteKind::Statement }
}

/// What a document is about, in little, and how well the analyzer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sketch {
    figures: Vec<Figure>,
    published_at: Option<Timestamp>,
    title: Option<String>,
    /// Figures at the end that the analyzer overlooks; also its version.
    overlooked: usize,
}

impl Sketch {
    fn of(figures: &[Figure]) -> Self {
        Self { figures: figures.to_vec(), published_at: None, title: None, overlooked: 0 }
    }

    /// The figures that the analysis has.
    fn seen(&self) -> &[Figure] {
        &self.figures[..self.figures.len().saturating_sub(self.overlooked)]
    }

    /// The text is the names, one a line, and one line for each quote.
    fn document(&self, name: &DocumentName) -> (Document, Analysis) {
        let mut text = String::from("News.\n");
        let (mut entities, mut quotes) = (Vec::new(), Vec::new());
        for (n, figure) in self.figures.iter().enumerate() {
            let id = format!("e{}", n + 1);
            let span = append(&mut text, &figure.name);
            for k in 0..figure.quotes {
                let content = append(&mut text, "“So it is.”");
                quotes.push(quote(
                    format!("q{n}-{}-{k}", figure.name.len()),
                    (content, kind(k)),
                    &id,
                    figure,
                ));
            }
            entities.push(Entity {
                id,
                entity_type: figure.entity_type,
                name: figure.name.clone(),
                mentions: vec![Mention { span, form: MentionForm::Name, confidence: 1.0 }],
                normalized: None,
                roles: figure.roles.clone(),
            });
        }
        entities.truncate(self.seen().len());
        quotes
            .retain(|quote| entities.iter().any(|entity| quote.speaker.entity.as_ref() == Some(&entity.id)));
        let whole = ByteSpan::at(0, text.len());
        let document = Document {
            page: None,
            name: name.clone(),
            text,
            title: self.title.clone(),
            published_at: self.published_at,
            source: None,
            url: None,
            language: None,
            labels: Default::default(),
        };
        let analysis = Analysis {
            language: "en".into(),
            entities,
            quotes,
            coverage: Coverage { analyzed: vec![whole], method: CoverageMethod::Full },
            analyzer: stamp(self.overlooked),
        };
        (document, analysis)
    }

    fn put(&self, name: &DocumentName) -> Write {
        let (document, analysis) = self.document(name);
        Write::Put { document: Box::new(document), analysis: Some(Box::new(analysis)), expected: None }
    }

    /// The same without an analysis.
    fn put_meta(&self, name: &DocumentName) -> Write {
        Write::Put { document: Box::new(self.document(name).0), analysis: None, expected: None }
    }

    fn reanalyze(&self, name: &DocumentName, revision: u32) -> Write {
        let analysis = Box::new(self.document(name).1);
        Write::Reanalyze { name: name.clone(), revision, analysis }
    }
}

fn delete(name: &DocumentName) -> Write {
    Write::Delete { name: name.clone(), expected: None }
}

fn stamp(version: usize) -> AnalyzerStamp {
    AnalyzerStamp { name: "sketch".into(), version: version.to_string(), hash: "00".into() }
}

fn append(text: &mut String, words: &str) -> ByteSpan {
    let begin = text.len();
    text.push_str(words);
    let span = ByteSpan::at(begin, text.len());
    text.push('\n');
    span
}

fn quote(id: String, (content, kind): (ByteSpan, QuoteKind), entity: &str, figure: &Figure) -> Quote {
    Quote {
        id,
        quote_type: QuoteType::Direct,
        kind,
        contents: vec![content],
        cue: None,
        speaker: Speaker {
            mention: None,
            kind: SpeakerKind::Person,
            entity: Some(entity.to_owned()),
            name: Some(figure.name.clone()),
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

/// The entity that goes by `name` in the collection, which must be exactly one.
fn only_entity(store: &Core, collection_id: &str, name: &str) -> CollectionEntity {
    let collection = collection(collection_id);
    let ids = store.called(&collection, name);
    let [id] = ids.as_slice() else { panic!("{name} means {ids:?}") };
    store.entity(&EntityName { collection, entity: id.clone() }).unwrap()
}
