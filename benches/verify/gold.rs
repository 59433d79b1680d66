//! Annotated articles as stored documents: their annotations stand in the place of an analysis.

use dictum::domain::annotation::{
    Analysis, AnalyzerStamp, Coverage, CoverageMethod, Entity, EntityType, Mention, MentionForm, Quote,
    QuoteKind, QuoteType, Speaker, SpeakerKind,
};
use dictum::domain::document::Document;
use dictum::domain::ids::{CollectionId, DocumentId, DocumentName};
use dictum::domain::span::{ByteSpan, OffsetMap};
use dictum::domain::time::Timestamp;
use dictum::folding::quote_id::quote_ids;
use dictum::ports::{DocumentLog, Write};
use dictum::store::{Store, StoreConfig};
use serde::Deserialize;
use std::path::Path;

/// Documents that are stored at once.
const GROUP: usize = 64;

#[derive(Deserialize)]
struct Article {
    id: String,
    text: String,
    attributions: Vec<Attribution>,
}

#[derive(Deserialize)]
struct Attribution {
    r#type: String,
    source: Vec<[u32; 2]>,
    content: Vec<[u32; 2]>,
    speaker: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    kind: String,
    name: Option<String>,
    description: Option<String>,
}

/// A quote that is stored.
pub struct Stored {
    /// Id of its document.
    pub document: String,
    /// Its content, pieces with a space between them.
    pub text: String,
}

/// Fills a new store with the articles, one published an hour, each id's first part the outlet; then closes it.
pub async fn store(dir: &Path, gold: &Path) -> Vec<Stored> {
    let now = Timestamp { seconds: 1_700_000_000, nanos: 0 };
    let store = Store::open(&dir.join("store"), &StoreConfig::default(), now).expect("an empty directory");
    let lines = std::fs::read_to_string(gold).expect("the gold articles");
    let (mut writes, mut quotes) = (Vec::new(), Vec::new());
    for (n, line) in lines.lines().enumerate() {
        let article: Article = serde_json::from_str(line).expect("an article on each line");
        let id = format!("d{n}");
        let (document, analysis) = document(article, n, &id);
        quotes.extend(analysis.quotes.iter().map(|quote| {
            let pieces: Vec<&str> = quote.contents.iter().map(|span| span.slice(&document.text)).collect();
            Stored { document: id.clone(), text: pieces.join(" ") }
        }));
        writes.push(Write::Put {
            document: Box::new(document),
            analysis: Some(Box::new(analysis)),
            expected: None,
        });
    }
    for group in writes.chunks(GROUP) {
        for applied in store.apply(group.into(), now).await.expect("a disk with space") {
            applied.expect("a collection that is there");
        }
    }
    quotes
}

fn document(article: Article, n: usize, id: &str) -> (Document, Analysis) {
    let Article { id: name, text, attributions } = article;
    let map = OffsetMap::new(&text);
    let spans = |pairs: &[[u32; 2]]| -> Vec<ByteSpan> {
        let byte = |at| map.byte_of_code_point(at).expect("offsets of the text");
        pairs.iter().map(|[begin, end]| ByteSpan { begin: byte(*begin), end: byte(*end) }).collect()
    };
    let (mut entities, mut quotes): (Vec<Entity>, Vec<Quote>) = (Vec::new(), Vec::new());
    for made in &attributions {
        let (contents, source) = (spans(&made.content), spans(&made.source));
        if contents.is_empty() || contents.iter().any(|span| span.is_empty()) {
            continue;
        }
        let mention = source.first().copied();
        let speaker = speaker(made.speaker.as_ref(), mention, &text, &mut entities);
        quotes.push(quote(&made.r#type, contents, speaker));
    }
    quotes.sort_by_key(|quote| quote.contents.first().copied());
    let ids = quote_ids(quotes.iter().map(|quote| quote.contents.iter().map(|span| span.slice(&text))));
    for (quote, id) in quotes.iter_mut().zip(ids) {
        quote.id = id.to_string();
    }
    let analysis = Analysis {
        language: "en".into(),
        entities,
        quotes,
        coverage: Coverage { analyzed: vec![ByteSpan::at(0, text.len())], method: CoverageMethod::Full },
        analyzer: AnalyzerStamp { name: "gold".into(), version: "1".into(), hash: "0".into() },
    };
    let document = Document {
        page: None,
        name: DocumentName {
            collection: CollectionId::default_collection(),
            document: DocumentId::new(id).expect("letters and digits"),
        },
        title: Some(name.clone()),
        published_at: Some(Timestamp { seconds: 1_600_000_000 + n as i64 * 3600, nanos: 0 }),
        source: name.split(['_', '-']).next().map(str::to_owned),
        url: None,
        language: Some("en".into()),
        labels: Default::default(),
        text,
    };
    (document, analysis)
}

/// The speaker; one with a name is an entity of the document, with the source's words as a mention or else where the name stands.
fn speaker(
    named: Option<&Named>,
    mention: Option<ByteSpan>,
    text: &str,
    entities: &mut Vec<Entity>,
) -> Speaker {
    let name = named.and_then(|named| named.name.clone());
    let (kind, entity_type) = match named.map(|named| named.kind.as_str()) {
        Some("person") => (SpeakerKind::Person, EntityType::Person),
        Some("organization") => (SpeakerKind::Organization, EntityType::Organization),
        Some("place") => (SpeakerKind::Place, EntityType::Gpe),
        Some("group") => (SpeakerKind::Group, EntityType::Organization),
        Some("document") => (SpeakerKind::Document, EntityType::Work),
        _ => (SpeakerKind::Unknown, EntityType::Organization),
    };
    let entity = name.as_ref().map(|name| match entities.iter().find(|known| known.name == *name) {
        Some(known) => known.id.clone(),
        None => {
            let id = format!("e{}", entities.len() + 1);
            let begin = text.find(name.as_str()).unwrap_or(0);
            let span = ByteSpan::new(text, begin, begin + name.len()).unwrap_or(ByteSpan::at(0, 0));
            entities.push(Entity {
                id: id.clone(),
                entity_type,
                name: name.clone(),
                mentions: vec![Mention { span, form: MentionForm::Name, confidence: 1.0 }],
                normalized: None,
                roles: vec![],
            });
            id
        }
    });
    Speaker {
        mention,
        kind,
        entity,
        description: named.and_then(|named| named.description.clone()).filter(|_| name.is_none()),
        name,
        evidence: vec![],
        alternatives: vec![],
        abstained: None,
        confidence: 1.0,
    }
}

fn quote(kind: &str, mut contents: Vec<ByteSpan>, speaker: Speaker) -> Quote {
    contents.sort_unstable();
    let quote_type = match kind {
        "direct" => QuoteType::Direct,
        "mixed" => QuoteType::Mixed,
        _ => QuoteType::Indirect,
    };
    Quote {
        id: String::new(),
        quote_type,
        kind: QuoteKind::Statement,
        contents,
        cue: None,
        speaker,
        confidence: 1.0,
        about: vec![],
    }
}
