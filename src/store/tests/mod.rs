//! Tests of the whole store through its public calls. The documents are invented: [`Sketch`] says which people,
//! roles and quotes a document has, and makes text and analysis agree.

mod behaviour;
mod faults;
mod golden;
mod model;

use super::*;
use crate::domain::annotation::{
    Analysis, AnalyzerStamp, Coverage, CoverageMethod, Entity, EntityType, Mention, MentionForm, Quote,
    QuoteKind, QuoteType, Speaker, SpeakerKind,
};
use crate::domain::document::Document;
use crate::domain::ids::{DocumentId, DocumentName, EntityName};
use crate::domain::span::ByteSpan;

/// An open store in a folder of its own.
struct Fixture {
    store: Store,
    dir: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { store: Store::open(dir.path(), at(0)).unwrap(), dir }
    }

    fn reopen(self) -> Self {
        drop(self.store);
        Self { store: Store::open(self.dir.path(), at(0)).unwrap(), dir: self.dir }
    }
}

impl std::ops::Deref for Fixture {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
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
    quotes: usize,
}

fn person(name: &str, roles: &[&str], quotes: usize) -> Figure {
    let roles = roles.iter().map(|role| role.to_string()).collect();
    Figure { entity_type: EntityType::Person, name: name.to_owned(), roles, quotes }
}

/// What a document is about, in little.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sketch {
    figures: Vec<Figure>,
    published_at: Option<Timestamp>,
    title: Option<String>,
}

impl Sketch {
    fn of(figures: &[Figure]) -> Self {
        Self { figures: figures.to_vec(), published_at: None, title: None }
    }

    /// The text is the names, one a line, and one line for each quote.
    fn document(&self, name: &DocumentName) -> (Document, Analysis) {
        let mut text = String::from("News.\n");
        let (mut entities, mut quotes) = (Vec::new(), Vec::new());
        for (n, figure) in self.figures.iter().enumerate() {
            let id = format!("e{}", n + 1);
            let span = append(&mut text, &figure.name);
            for _ in 0..figure.quotes {
                let content = append(&mut text, "“So it is.”");
                quotes.push(quote(quotes.len() + 1, content, &id, figure));
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
        let whole = ByteSpan::at(0, text.len());
        let document = Document {
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
            analyzer: AnalyzerStamp { name: "sketch".into(), version: "1.0.0".into(), hash: "00".into() },
        };
        (document, analysis)
    }

    fn put(&self, name: &DocumentName) -> Write {
        let (document, analysis) = self.document(name);
        Write::PutDocument { document, analysis }
    }
}

fn append(text: &mut String, words: &str) -> ByteSpan {
    let begin = text.len();
    text.push_str(words);
    let span = ByteSpan::at(begin, text.len());
    text.push('\n');
    span
}

fn quote(n: usize, content: ByteSpan, entity: &str, figure: &Figure) -> Quote {
    Quote {
        id: format!("q{n}"),
        quote_type: QuoteType::Direct,
        kind: QuoteKind::Statement,
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
fn only_entity(store: &Store, collection_id: &str, name: &str) -> crate::domain::entity::CollectionEntity {
    let collection = collection(collection_id);
    let ids = store.entities_named(&collection, name).unwrap();
    let [id] = ids.as_slice() else { panic!("{name} means {ids:?}") };
    store.entity(&EntityName { collection, entity: id.clone() }).unwrap().unwrap()
}
