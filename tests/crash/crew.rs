//! Writers, each with documents and a collection of its own, who create, revise and delete until the service is gone, and know what
//! they were told: `truth.rs` compares that with what is there.

use crate::process::Process;
use crate::truth;
use dictum::transport::wire::collection_service_client::CollectionServiceClient;
use dictum::transport::wire::document_service_client::DocumentServiceClient;
use dictum::transport::wire::{
    CreateCollectionRequest, DeleteCollectionRequest, DeleteDocumentRequest, Document, IngestDocumentRequest,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Code, Status};

/// Writers, each with a collection of its own to come and go, and documents of its own in the default one.
const WRITERS: u64 = 6;
/// Documents of a writer in each of the two.
pub const DOCUMENTS: u64 = 5;

/// What may be under a name: the version of a document, or nothing.
pub type State = Option<u64>;

/// What a writer knows.
#[derive(Default)]
pub struct Model {
    /// By collection and document, what was last acknowledged.
    pub documents: BTreeMap<(String, u64), State>,
    /// Whether the writer's own collection is there.
    pub collection: bool,
    /// The write that was under way at the kill: what it leaves behind may be there or not.
    pub doubt: Option<Write>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Write {
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

/// All writers.
pub struct Crew {
    models: Vec<Model>,
    /// Writes that were acknowledged.
    writes: Arc<AtomicU64>,
    dice: u64,
}

/// Writers at work.
pub struct Shift(Vec<JoinHandle<Model>>);

impl Crew {
    pub fn new() -> Self {
        Self { models: (0..WRITERS).map(|_| Model::default()).collect(), writes: Arc::default(), dice: 0 }
    }

    /// Has all of them write until the service is gone.
    pub fn begin(&mut self, server: &Process) -> Shift {
        let mut tasks = Vec::new();
        for (writer, model) in std::mem::take(&mut self.models).into_iter().enumerate() {
            self.dice += 1;
            let (channel, writes) = (server.channel(), Arc::clone(&self.writes));
            tasks.push(tokio::spawn(write_until_killed(
                channel,
                writer as u64,
                model,
                Dice(self.dice),
                writes,
            )));
        }
        Shift(tasks)
    }

    pub async fn end(&mut self, Shift(tasks): Shift) {
        for task in tasks {
            self.models.push(task.await.unwrap());
        }
    }

    /// All is as they know it, in the store and in the index.
    pub async fn check(&mut self, server: &Process) {
        for (writer, model) in self.models.iter_mut().enumerate() {
            truth::check(server, writer as u64, model).await;
        }
        truth::check_searches(server, &self.models).await;
    }

    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }
}

pub fn own(writer: u64) -> String {
    format!("own{writer}")
}

pub fn name(collection: &str, writer: u64, document: u64) -> String {
    format!("collections/{collection}/documents/w{writer}-{document}")
}

/// A text that a search finds by its writer's word; the language is nobody's, so that the analysis is quick.
pub fn text(writer: u64, version: u64) -> Document {
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
    pub fn believe(&mut self, writer: u64) {
        if let Some(write) = self.doubt.take() {
            self.acknowledge(&write, writer);
        }
    }
}
