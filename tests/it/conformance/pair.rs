//! A pair over a folder of its own, and the documents that its promises are tried on.

use dictum::domain::annotation::{
    Analysis, AnalyzerStamp, Coverage, CoverageMethod, Entity, EntityType, Mention, MentionForm, Quote,
    QuoteKind, QuoteType, Speaker, SpeakerKind,
};
use dictum::domain::document::{Document, Seq};
use dictum::domain::ids::{CollectionId, DocumentId, DocumentName};
use dictum::domain::span::ByteSpan;
use dictum::domain::time::Timestamp;
use dictum::engine::Ports;
use dictum::ports::{Applied, Change, EntityChange, Entry, Followed, IndexOp, Refusal, SearchView, Write};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

type Opening = Pin<Box<dyn Future<Output = Ports> + Send>>;

/// See the module.
pub struct Pair {
    pub ports: Ports,
    open: fn(PathBuf) -> Opening,
    dir: tempfile::TempDir,
}

impl Pair {
    pub async fn new(open: fn(PathBuf) -> Opening) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ports = open(dir.path().to_owned()).await;
        Self { ports, open, dir }
    }

    /// Closes the pair and opens it again.
    pub async fn again(self) -> Self {
        let Self { ports, open, dir } = self;
        drop(ports);
        let ports = open(dir.path().to_owned()).await;
        Self { ports, open, dir }
    }

    pub async fn apply(&self, writes: Vec<Write>) -> Vec<Result<Applied, Refusal>> {
        self.ports.log.apply(writes.into(), at(100)).await.unwrap()
    }

    /// Applies one write that is not refused.
    pub async fn done(&self, write: Write) -> Applied {
        self.apply(vec![write]).await.pop().unwrap().unwrap()
    }

    pub async fn put(&self, sketch: &Sketch) -> Applied {
        self.done(sketch.put()).await
    }

    /// Opens the index and brings it up with the log; the view that shows it.
    pub async fn followed(&self) -> Arc<dyn SearchView> {
        let Ports { log, entities, index } = &self.ports;
        let followed = Followed {
            store: log.identity().store,
            last: log.last_seq().await.unwrap(),
            floor: log.floor().await.unwrap(),
            anew: false,
        };
        let mut applied = match index.applied() {
            0 => index.open(&followed).await.unwrap().applied,
            applied => applied,
        };
        while applied < followed.last {
            let stretch = log.follow(applied, 3, 1 << 20).await.unwrap();
            let touched = entities.touched(applied, stretch.up_to).await.unwrap();
            let changes = stretch.changes.into_iter().map(|change| match change {
                Change::Put(document) => {
                    let sentences =
                        document.analysis.quotes.iter().map(|quote| Some(quote.contents[0])).collect();
                    IndexOp::PutDocument(Box::new(Entry { document: *document, sentences }))
                }
                Change::Gone(name) => IndexOp::DeleteDocument(name),
                Change::CollectionGone(id) => IndexOp::DeleteCollection(id),
            });
            let touched = touched.into_iter().map(|change| match change {
                EntityChange::Put(entity) => IndexOp::PutEntity(entity),
                EntityChange::Gone(name) => IndexOp::DeleteEntity(name),
            });
            index.apply(changes.chain(touched).collect(), stretch.up_to).await.unwrap();
            assert!(stretch.up_to > applied, "a follower gets on");
            applied = stretch.up_to;
        }
        index.open_view().await.unwrap()
    }

    pub async fn last(&self) -> Seq {
        self.ports.log.last_seq().await.unwrap()
    }
}

/// A document in a few words: everybody who speaks, and what.
#[derive(Clone)]
pub struct Sketch {
    pub name: DocumentName,
    pub said: Vec<(&'static str, &'static str)>,
    pub title: Option<String>,
    pub published_at: Option<Timestamp>,
    pub labels: BTreeMap<String, String>,
    pub expected: Option<u32>,
    pub stamp: &'static str,
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanos: 0 }
}

pub fn news() -> CollectionId {
    CollectionId::default_collection()
}

pub fn name(id: &str) -> DocumentName {
    DocumentName { collection: news(), document: DocumentId::new(id).unwrap() }
}

pub fn sketch(id: &str, said: &[(&'static str, &'static str)]) -> Sketch {
    Sketch {
        name: name(id),
        said: said.to_vec(),
        title: None,
        published_at: None,
        labels: BTreeMap::new(),
        expected: None,
        stamp: "1.0.0",
    }
}

impl Sketch {
    /// `“What,” said Who.` for each, one a line.
    pub fn document(&self) -> Document {
        let lines: Vec<_> = self.said.iter().map(|(who, what)| format!("“{what},” said {who}.")).collect();
        Document {
            page: None,
            name: self.name.clone(),
            text: lines.join("\n"),
            title: self.title.clone(),
            published_at: self.published_at,
            source: Some("The Wire".into()),
            url: None,
            language: Some("en".into()),
            labels: self.labels.clone(),
        }
    }

    pub fn analysis(&self) -> Analysis {
        let document = self.document();
        let (mut entities, mut quotes) = (Vec::<Entity>::new(), Vec::new());
        let mut from = 0;
        for (n, (who, what)) in self.said.iter().enumerate() {
            let mut find = |part: &str| {
                let begin = from + document.text[from..].find(part).unwrap();
                from = begin + part.len();
                ByteSpan::at(begin, from)
            };
            let (content, cue, source) = (find(&format!("“{what},”")), find("said"), find(who));
            let mention = Mention { span: source, form: MentionForm::Name, confidence: 0.9 };
            let known = entities.iter().position(|entity| entity.name == *who);
            let known = known.unwrap_or_else(|| {
                let id = format!("e{}", entities.len() + 1);
                entities.push(entity(id, who));
                entities.len() - 1
            });
            entities[known].mentions.push(mention);
            quotes.push(quote(format!("q{n}"), &entities[known], (content, cue, source)));
        }
        let analyzed = vec![ByteSpan::at(0, document.text.len())];
        Analysis {
            language: "en".into(),
            entities,
            quotes,
            coverage: Coverage { analyzed, method: CoverageMethod::Full },
            analyzer: stamp(self.stamp),
        }
    }

    pub fn put(&self) -> Write {
        Write::Put {
            document: Box::new(self.document()),
            analysis: Some(Box::new(self.analysis())),
            expected: self.expected,
        }
    }
}

pub fn stamp(version: &str) -> AnalyzerStamp {
    AnalyzerStamp { name: "sketch".into(), version: version.into(), hash: "0".into() }
}

fn entity(id: String, name: &str) -> Entity {
    Entity {
        id,
        entity_type: EntityType::Person,
        name: name.into(),
        mentions: Vec::new(),
        normalized: None,
        roles: vec!["mayor".into()],
    }
}

fn quote(id: String, speaker: &Entity, (content, cue, source): (ByteSpan, ByteSpan, ByteSpan)) -> Quote {
    Quote {
        id,
        quote_type: QuoteType::Direct,
        kind: QuoteKind::Statement,
        contents: vec![content],
        cue: Some(cue),
        speaker: Speaker {
            mention: Some(source),
            kind: SpeakerKind::Person,
            entity: Some(speaker.id.clone()),
            name: Some(speaker.name.clone()),
            description: None,
            evidence: Vec::new(),
            alternatives: Vec::new(),
            abstained: None,
            confidence: 0.9,
        },
        confidence: 0.9,
        about: Vec::new(),
    }
}
