//! Creates, revisions, deletions and collections that come and go, all at once, in a service that is killed again and again: after
//! each restart everything is as it was last acknowledged, or as the one write that was under way would have left it; nothing is
//! there twice, in the store or in the index, and nothing that was deleted comes back.

use crate::process::Process;
use dictum::transport::wire::collection_service_client::CollectionServiceClient;
use dictum::transport::wire::document_service_client::DocumentServiceClient;
use dictum::transport::wire::{
    AckLevel, CreateCollectionRequest, DeleteCollectionRequest, DeleteDocumentRequest, Document,
    DocumentFilter, DocumentView, GetDocumentRequest, IngestDocumentRequest, ListDocumentsRequest,
    SearchDocumentsRequest,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tonic::transport::Channel;
use tonic::{Code, Status};

/// Writers, each with a collection of its own to come and go, and documents of its own in the default one.
const WRITERS: u64 = 6;
/// Documents of a writer in each of the two.
const DOCUMENTS: u64 = 5;

/// How many kills; `DICTUM_CRASH_ROUNDS` asks for more.
fn rounds() -> u64 {
    std::env::var("DICTUM_CRASH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(12)
}

/// What may be under a name: the version of a document, or nothing.
type State = Option<u64>;

/// What a writer knows.
#[derive(Default)]
struct Model {
    /// By collection and document, what was last acknowledged.
    documents: BTreeMap<(String, u64), State>,
    /// Whether the writer's own collection is there.
    collection: bool,
    /// The write that was under way at the kill: what it leaves behind may be there or not.
    doubt: Option<Write>,
}

#[derive(Debug, Clone, PartialEq)]
enum Write {
    Put(String, u64, u64),
    Delete(String, u64),
    CreateCollection,
    DeleteCollection,
}

/// The generator of Park and Miller: enough to choose writes by, and the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0 * 48_271 % 0x7fff_ffff;
        self.0 % sides
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_acknowledged_is_so_after_every_kill() {
    let dir = tempfile::tempdir().unwrap();
    let mut models: Vec<Model> = (0..WRITERS).map(|_| Model::default()).collect();
    let writes = Arc::new(AtomicU64::new(0));
    for round in 0..rounds() {
        let server = Process::start(dir.path()).await;
        for (writer, model) in models.iter_mut().enumerate() {
            check(&server, writer as u64, model).await;
        }
        check_searches(&server, &models).await;
        let before = writes.load(Ordering::SeqCst);
        let mut tasks = Vec::new();
        for (writer, model) in models.into_iter().enumerate() {
            let (channel, writes) = (server.channel().await, Arc::clone(&writes));
            let dice = Dice(1 + round * WRITERS + writer as u64);
            tasks.push(tokio::spawn(write_until_killed(channel, writer as u64, model, dice, writes)));
        }
        // Between one write and two hundred: killed in every stage of group, commit, index step and merge.
        let kill_after = before + 1 + (round * 53) % 200;
        while writes.load(Ordering::SeqCst) < kill_after {
            tokio::time::sleep(std::time::Duration::from_micros(200)).await;
        }
        server.kill();
        models = Vec::new();
        for task in tasks {
            models.push(task.await.unwrap());
        }
    }
    let server = Process::start(dir.path()).await;
    for (writer, model) in models.iter_mut().enumerate() {
        check(&server, writer as u64, model).await;
    }
    check_searches(&server, &models).await;
    println!("{} writes over {} kills", writes.load(Ordering::SeqCst), rounds());
}

fn own(writer: u64) -> String {
    format!("own{writer}")
}

fn name(collection: &str, writer: u64, document: u64) -> String {
    format!("collections/{collection}/documents/w{writer}-{document}")
}

/// A text that a search finds by its writer's word; the language is nobody's, so that the analysis is quick.
fn text(writer: u64, version: u64) -> Document {
    let text = format!("writer{writer} wrote version {version}. “Nothing is lost,” said nobody.");
    Document { text, language: "zz".into(), ..Document::default() }
}

async fn write_until_killed(
    channel: Channel,
    writer: u64,
    mut model: Model,
    mut dice: Dice,
    writes: Arc<AtomicU64>,
) -> Model {
    loop {
        let write = choose(&model, writer, &mut dice);
        model.doubt = Some(write.clone());
        match perform(channel.clone(), writer, &write).await {
            Ok(()) => {
                model.doubt = None;
                model.acknowledge(&write, writer);
                writes.fetch_add(1, Ordering::SeqCst);
            }
            Err(status)
                if matches!(
                    status.code(),
                    Code::Unavailable | Code::Unknown | Code::Cancelled | Code::Internal
                ) =>
            {
                return model;
            }
            Err(status) => panic!("{write:?}: {status:?}"),
        }
    }
}

fn choose(model: &Model, writer: u64, dice: &mut Dice) -> Write {
    let collection = match model.collection && dice.roll(2) == 0 {
        true => own(writer),
        false => "default".to_owned(),
    };
    let document = dice.roll(DOCUMENTS);
    match dice.roll(20) {
        0..=11 => Write::Put(collection, document, dice.roll(1 << 30)),
        12..=17 => Write::Delete(collection, document),
        _ if model.collection => Write::DeleteCollection,
        _ => Write::CreateCollection,
    }
}

async fn perform(channel: Channel, writer: u64, write: &Write) -> Result<(), Status> {
    let mut documents = DocumentServiceClient::new(channel.clone());
    let mut collections = CollectionServiceClient::new(channel);
    match write {
        Write::Put(collection, document, version) => {
            let request = IngestDocumentRequest {
                parent: format!("collections/{collection}"),
                document_id: format!("w{writer}-{document}"),
                document: Some(text(writer, *version)),
                ..Default::default()
            };
            documents.ingest_document(request).await.map(drop)
        }
        Write::Delete(collection, document) => {
            let name = name(collection, writer, *document);
            let request = DeleteDocumentRequest { name, allow_missing: true, ..Default::default() };
            documents.delete_document(request).await.map(drop)
        }
        Write::CreateCollection => {
            let request = CreateCollectionRequest { collection_id: own(writer) };
            collections.create_collection(request).await.map(drop)
        }
        Write::DeleteCollection => {
            let name = format!("collections/{}", own(writer));
            collections
                .delete_collection(DeleteCollectionRequest { name, ..Default::default() })
                .await
                .map(drop)
        }
    }
}

impl Model {
    fn acknowledge(&mut self, write: &Write, writer: u64) {
        match write {
            Write::Put(collection, document, version) => {
                self.documents.insert((collection.clone(), *document), Some(*version));
            }
            Write::Delete(collection, document) => {
                self.documents.insert((collection.clone(), *document), None);
            }
            Write::CreateCollection => self.collection = true,
            Write::DeleteCollection => {
                self.collection = false;
                self.documents.retain(|(collection, _), _| *collection != own(writer));
            }
        }
    }

    /// Takes the write that was under way as done.
    fn believe(&mut self, writer: u64) {
        if let Some(write) = self.doubt.take() {
            self.acknowledge(&write, writer);
        }
    }
}

/// Everything of one writer is as it was acknowledged, or as the write under way left it; from here on it is known which.
async fn check(server: &Process, writer: u64, model: &mut Model) {
    if model.doubt.is_some() && !matches(server, writer, model).await {
        model.believe(writer);
    }
    model.doubt = None;
    assert!(matches(server, writer, model).await, "writer {writer}: {:?}", model.documents);
}

async fn matches(server: &Process, writer: u64, model: &Model) -> bool {
    let mut client = DocumentServiceClient::new(server.channel().await);
    let list = ListDocumentsRequest { parent: format!("collections/{}", own(writer)), ..Default::default() };
    let listed = client.list_documents(list).await;
    let exists = !matches!(&listed, Err(status) if status.code() == Code::NotFound);
    if exists != model.collection {
        return false;
    }
    for collection in ["default".to_owned(), own(writer)] {
        for document in 0..DOCUMENTS {
            let name = name(&collection, writer, document);
            let request = GetDocumentRequest { name, view: DocumentView::Text.into(), ..Default::default() };
            let found = match client.get_document(request).await {
                Ok(answer) => Some(answer.into_inner().document.unwrap().text),
                Err(status) if status.code() == Code::NotFound => None,
                Err(status) => panic!("{status:?}"),
            };
            let known = model.documents.get(&(collection.clone(), document)).copied().flatten();
            if found != known.map(|version| text(writer, version).text) {
                return false;
            }
        }
    }
    true
}

/// A search finds each document that is there once, and no other.
async fn check_searches(server: &Process, models: &[Model]) {
    let mut client = DocumentServiceClient::new(server.channel().await);
    // The barrier: whatever was stored before is visible after it.
    let barrier = IngestDocumentRequest {
        document_id: "barrier".into(),
        document: Some(Document { text: "A barrier.".into(), language: "zz".into(), ..Document::default() }),
        ack_level: AckLevel::Searchable.into(),
        ..Default::default()
    };
    client.ingest_document(barrier).await.unwrap();
    for (writer, model) in models.iter().enumerate() {
        let writer = writer as u64;
        for collection in ["default".to_owned(), own(writer)] {
            if collection != "default" && !model.collection {
                continue;
            }
            let filter = DocumentFilter { text: format!("writer{writer}"), ..Default::default() };
            let request = SearchDocumentsRequest {
                parent: format!("collections/{collection}"),
                filter: Some(filter),
                ..Default::default()
            };
            let found = client.search_documents(request).await.unwrap().into_inner();
            let mut found: Vec<_> = found.results.into_iter().map(|hit| hit.document.unwrap().name).collect();
            found.sort();
            let there =
                model.documents.iter().filter(|((of, _), state)| *of == collection && state.is_some());
            let expected: Vec<_> =
                there.map(|((_, document), _)| name(&collection, writer, *document)).collect();
            assert_eq!(found, expected, "writer {writer} in {collection}");
        }
    }
}
