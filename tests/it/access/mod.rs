//! Who may do what, through the port: every method, as the descriptors have them, asked by callers who may not, or not there.

mod methods;
mod quotas;
mod tls;

use crate::server::TestServer;
use dictum::access::{
    AccessSettings, AuditLog, AuditTarget, Guard, KeyBook, Limits, NewKey, QuotaSettings, Reach, Scope,
    SystemClock,
};
use dictum::transport::wire::ingest_stream_request::Message;
use dictum::transport::wire::{
    AckLevel, AggregateQuotesRequest, CreateCollectionRequest, Document, GetDocumentRequest,
    IngestDocumentRequest, IngestStreamItem, IngestStreamOpen, IngestStreamRequest, ListCollectionsRequest,
    SearchQuotesRequest,
};
use dictum::transport::{Gate, TransportConfig};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::{Code, Request};

/// A server that asks who calls, with its file of keys.
pub struct Guarded {
    pub server: TestServer,
    files: TempDir,
}

impl Guarded {
    pub async fn start() -> Self {
        Self::over(Arc::new(TempDir::new().unwrap())).await
    }

    /// Over what another server has left.
    pub async fn over(dir: Arc<TempDir>) -> Self {
        let files = TempDir::new().unwrap();
        let book = KeyBook::new(files.path().join("keys.toml"));
        book.create(key("first", &[Scope::Admin], "*"), jiff::Timestamp::now()).unwrap();
        let gate = Gate {
            guard: Some(guard(files.path())),
            audit: Some(AuditLog::open(AuditTarget::File(files.path().join("audit.jsonl"))).unwrap()),
            ..Gate::default()
        };
        let server = TestServer::behind(gate, dir, TransportConfig::default(), |_| ()).await;
        server.ready().await;
        Self { server, files }
    }

    pub fn book(&self) -> KeyBook {
        KeyBook::new(self.files.path().join("keys.toml"))
    }

    /// A new key, known to the server.
    pub fn key(&self, wanted: NewKey) -> String {
        let (key, _) = self.book().create(wanted, jiff::Timestamp::now()).unwrap();
        self.reload();
        key.to_string()
    }

    pub fn reload(&self) {
        self.server.gate.guard.as_ref().unwrap().reload().unwrap();
    }

    fn audit(&self) -> PathBuf {
        self.files.path().join("audit.jsonl")
    }

    /// Puts a collection there, with a document.
    async fn fill(&self, collection: &str) {
        let all = self.key(key(collection, &[Scope::Read, Scope::Write, Scope::Admin], "*"));
        if collection != "default" {
            let create = CreateCollectionRequest { collection_id: collection.into() };
            self.server.collections().await.create_collection(shown(&all, create)).await.unwrap();
        }
        let request = shown(&all, ingest(collection, "a"));
        self.server.documents().await.ingest_document(request).await.unwrap();
    }
}

fn guard(files: &Path) -> Guard {
    let settings = AccessSettings { keys: Some(files.join("keys.toml")), tokens: None };
    Guard::new(settings, QuotaSettings::default(), Arc::new(SystemClock::default())).unwrap()
}

pub fn key(name: &str, scopes: &[Scope], collections: &str) -> NewKey {
    NewKey {
        id: None,
        name: name.into(),
        scopes: scopes.iter().copied().collect(),
        collections: Reach::parse(&collections.split(' ').collect::<Vec<_>>()).unwrap(),
        expires: None,
        quotas: Limits::default(),
    }
}

fn bearer(key: &str) -> MetadataValue<Ascii> {
    format!("Bearer {key}").parse().unwrap()
}

/// The request, shown with the key.
pub fn shown<T>(key: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", bearer(key));
    request
}

fn ingest(collection: &str, id: &str) -> IngestDocumentRequest {
    let text = crate::server::statement("Jane Miller", "We will wait for the ferry");
    IngestDocumentRequest {
        parent: format!("collections/{collection}"),
        document_id: id.into(),
        document: Some(Document { text, ..Document::default() }),
        ack_level: AckLevel::Searchable.into(),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_sees_what_it_reaches_and_nothing_of_the_rest() {
    let guarded = Guarded::start().await;
    for collection in ["default", "news-1", "news-2", "secret"] {
        guarded.fill(collection).await;
    }
    let news = guarded.key(key("news", &[Scope::Read], "news-*"));
    let server = &guarded.server;
    let all = shown(&news, ListCollectionsRequest::default());
    let list = server.collections().await.list_collections(all).await.unwrap().into_inner();
    let names: Vec<&str> = list.collections.iter().map(|one| one.name.as_str()).collect();
    assert_eq!((names, list.total_size), (vec!["collections/news-1", "collections/news-2"], 2));
    let one = ListCollectionsRequest { page_size: 1, ..Default::default() };
    let first = server.collections().await.list_collections(shown(&news, one.clone())).await.unwrap();
    let page_token = first.into_inner().next_page_token;
    let next = ListCollectionsRequest { page_token: page_token.clone(), ..one };
    let second = server.collections().await.list_collections(shown(&news, next.clone())).await.unwrap();
    assert_eq!(second.into_inner().collections[0].name, "collections/news-2");
    // A page belongs to whom it was made for.
    let other = guarded.key(key("other", &[Scope::Read], "*"));
    let status = server.collections().await.list_collections(shown(&other, next)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");

    let every = SearchQuotesRequest { parent: "collections/-".into(), ..Default::default() };
    let found = server.quotes().await.search_quotes(shown(&news, every.clone())).await.unwrap().into_inner();
    assert_eq!(found.total_size, 2, "those of news-1 and news-2");
    let count = AggregateQuotesRequest { parent: "collections/-".into(), ..Default::default() };
    let counted = server.quotes().await.aggregate_quotes(shown(&other, count)).await.unwrap().into_inner();
    assert_eq!(counted.total_size, 4);
    let nothing = guarded.key(key("nothing", &[Scope::Read], "none"));
    let found = server.quotes().await.search_quotes(shown(&nothing, every)).await.unwrap().into_inner();
    assert_eq!(found.total_size, 0);
    guarded.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_come_and_go_while_the_service_runs() {
    let guarded = Guarded::start().await;
    guarded.fill("default").await;
    let (key, record) =
        guarded.book().create(key("new", &[Scope::Read], "*"), jiff::Timestamp::now()).unwrap();
    let key = key.to_string();
    let get = GetDocumentRequest { name: "collections/default/documents/a".into(), ..Default::default() };
    let mut documents = guarded.server.documents().await;
    let status = documents.get_document(shown(&key, get.clone())).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated, "not known yet");
    assert!(guarded.server.gate.guard.as_ref().unwrap().changed());
    guarded.reload();
    documents.get_document(shown(&key, get.clone())).await.unwrap();
    guarded.book().revoke(&record.id, jiff::Timestamp::now()).unwrap();
    guarded.reload();
    let status = documents.get_document(shown(&key, get)).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    guarded.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_and_refusals_are_written_down_and_reads_are_not() {
    let guarded = Guarded::start().await;
    guarded.fill("default").await;
    guarded.fill("secret").await;
    let reader = guarded.key(key("reader", &[Scope::Read], "default"));
    let mut documents = guarded.server.documents().await;
    let get = |collection: &str| GetDocumentRequest {
        name: format!("collections/{collection}/documents/a"),
        ..Default::default()
    };
    documents.get_document(shown(&reader, get("default"))).await.unwrap();
    documents.get_document(shown(&reader, get("secret"))).await.unwrap_err();
    documents.ingest_document(shown(&reader, ingest("default", "b"))).await.unwrap_err();
    documents.get_document(get("default")).await.unwrap_err();
    let path = guarded.audit();
    guarded.server.stop().await;
    let lines = loop {
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        if lines.len() == 6 {
            break lines;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let told: Vec<String> = lines
        .iter()
        .map(|line| {
            let of = |field: &str| line[field].as_str().unwrap_or_default().to_owned();
            let who = line["principal"]["name"].as_str().unwrap_or("nobody");
            let method = of("rpc").rsplit('/').next().unwrap().to_owned();
            format!("{who} {method} {} {} {}", of("resource"), of("outcome"), of("code"))
        })
        .collect();
    assert_eq!(
        told,
        [
            "default IngestDocument collections/default ok OK",
            "secret CreateCollection collections/secret ok OK",
            "secret IngestDocument collections/secret ok OK",
            "reader GetDocument collections/secret hidden NOT_FOUND",
            "reader IngestDocument  denied PERMISSION_DENIED",
            "nobody GetDocument  unauthenticated UNAUTHENTICATED",
        ]
    );
    assert!(lines.iter().all(|line| !line["request"].as_str().unwrap().is_empty()));
    assert!(lines.iter().all(|line| line["peer"].as_str().unwrap().starts_with("127.0.0.1:")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_ends_with_the_key_that_it_was_opened_with() {
    let guarded = Guarded::start().await;
    let (key, record) =
        guarded.book().create(key("feed", &[Scope::Write], "*"), jiff::Timestamp::now()).unwrap();
    guarded.reload();
    let (send, receive) = tokio::sync::mpsc::channel(4);
    let open = Message::Open(IngestStreamOpen::default());
    send.send(IngestStreamRequest { message: Some(open) }).await.unwrap();
    let stream = tokio_stream::wrappers::ReceiverStream::new(receive);
    let mut documents = guarded.server.documents().await;
    let answers = documents.ingest_stream(shown(&key.to_string(), stream)).await.unwrap();
    let mut answers = answers.into_inner();
    assert!(answers.message().await.unwrap().is_some(), "opened");
    guarded.book().revoke(&record.id, jiff::Timestamp::now()).unwrap();
    guarded.reload();
    let document = ingest("default", "late").document;
    let item = IngestStreamItem { client_id: "1".into(), document, ..IngestStreamItem::default() };
    send.send(IngestStreamRequest { message: Some(Message::Item(item)) }).await.unwrap();
    let ended = loop {
        match answers.message().await {
            Ok(Some(_)) => {}
            ended => break ended,
        }
    };
    assert_eq!(ended.unwrap_err().code(), Code::Unauthenticated);
    guarded.server.stop().await;
}
