//! The services over an engine of their own, without a network between: bytes in, status and messages out. A few documents are stored;
//! after many writes everything is made anew, so that memory stays bounded however long it goes on.

use super::by_rules;
use dictum::analysis::roster::Roster;
use dictum::engine::{Engine, EngineConfig};
use dictum::transport::context::Context;
use dictum::transport::layers::admission::{AdmissionLayer, AdmissionService};
use dictum::transport::layers::caller::{CallerLayer, CallerService};
use dictum::transport::seal::Sealer;
use dictum::transport::wire::{
    AckLevel, CreateCollectionRequest, Document, FILE_DESCRIPTOR_SET, IngestDocumentRequest,
};
use dictum::transport::{Door, Gate, TransportConfig, routes};
use http_body_util::{BodyExt, Full};
use prost::Message;
use prost::bytes::{Buf, Bytes};
use prost_reflect::{DescriptorPool, DynamicMessage};
use prost_types::Timestamp;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::service::Routes;
use tonic::{Code, Status};
use tower::{Layer, Service as _, ServiceExt};

/// Writes after which everything is made anew.
const WRITES: usize = 2_000;
/// How long a call may take, by its own word and by the clock.
const TIMEOUT: (&str, Duration) = ("10S", Duration::from_secs(30));

/// See the module.
pub struct Service {
    runtime: Runtime,
    stage: Option<Stage>,
}

/// What is made anew.
struct Stage {
    services: CallerService<AdmissionService<Routes>>,
    engine: Engine,
    writes: usize,
    _folder: TempDir,
}

/// What became of a call.
pub struct Answer {
    /// OK, or why not.
    pub status: Status,
    /// What came before.
    pub messages: Vec<Bytes>,
}

impl Answer {
    /// Whether the service says that it is its own fault.
    pub fn is_fault(&self) -> bool {
        matches!(self.status.code(), Code::Internal | Code::Unknown | Code::DataLoss)
    }
}

impl Service {
    pub fn new() -> Self {
        Self { runtime: Builder::new_current_thread().enable_all().build().unwrap(), stage: None }
    }

    /// Calls a method with these bytes as the body of the request.
    pub fn call(&mut self, path: &str, body: Vec<u8>) -> Answer {
        let Self { runtime, stage } = self;
        if stage.as_ref().is_some_and(|stage| stage.writes > WRITES) {
            runtime.block_on(stage.take().unwrap().end());
        }
        let stage = stage.get_or_insert_with(|| runtime.block_on(Stage::begin()));
        stage.writes += usize::from(writes(path));
        let begin = Instant::now();
        let answer = runtime.block_on(stage.call(path, body));
        assert!(begin.elapsed() < TIMEOUT.1, "{path} has taken {:?}", begin.elapsed());
        answer
    }

    /// Calls a method with a message.
    pub fn ask(&mut self, path: &str, message: &impl Message) -> Answer {
        self.call(path, framed(&message.encode_to_vec()))
    }

    /// What seals the tokens of the service as it is now.
    pub fn sealer(&mut self) -> Sealer {
        let stage = self.stage.get_or_insert_with(|| self.runtime.block_on(Stage::begin()));
        Sealer::new(&stage.engine.identity().secret)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(stage) = self.stage.take() {
            self.runtime.block_on(stage.end());
        }
    }
}

impl Stage {
    async fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = EngineConfig::new(folder.path());
        (config.analysis_threads, config.search_threads) = (1, 1);
        (config.index_interval, config.index_idle) = (Duration::from_millis(50), Duration::from_millis(2));
        config.index_heap_bytes = EngineConfig::LEAST_INDEX_HEAP_BYTES;
        config.consistency_wait = Duration::from_millis(20);
        config.store_free_bytes = Some(0);
        let engine = Engine::open(config, Arc::new(Roster::only(by_rules::analyzer()))).await.unwrap();
        let transport = TransportConfig::default();
        let door = Door::from(engine.clone());
        let context = Context::new(door, Arc::new(Gate::default()), CancellationToken::new(), &transport);
        let context = Arc::new(context);
        let services = AdmissionLayer(Arc::clone(&context)).layer(routes(&context, &transport).unwrap());
        let mut stage = Self { services: CallerLayer.layer(services), engine, writes: 0, _folder: folder };
        let create = CreateCollectionRequest { collection_id: "news".into() };
        stage.put("/dictum.v1.CollectionService/CreateCollection", &create).await;
        for request in documents() {
            stage.put("/dictum.v1.DocumentService/IngestDocument", &request).await;
        }
        stage
    }

    /// Writes are as short of patience as all calls here, so that those which wait in vain do so quickly.
    async fn put(&mut self, path: &str, message: &impl Message) {
        let mut answer = self.call(path, framed(&message.encode_to_vec())).await;
        while answer.status.code() == Code::DeadlineExceeded {
            answer = self.call(path, framed(&message.encode_to_vec())).await;
        }
        assert_eq!(answer.status.code(), Code::Ok, "{path}: {:?}", answer.status);
    }

    async fn call(&mut self, path: &str, body: Vec<u8>) -> Answer {
        let request = http::Request::post(format!("http://fuzz.example{path}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("grpc-timeout", TIMEOUT.0)
            .body(Body::new(Full::new(Bytes::from(body)).map_err(|never| match never {})));
        let answer = self.services.ready().await.unwrap().call(request.unwrap()).await.unwrap();
        let (head, body) = answer.into_parts();
        let mut answer = Answer { status: Status::ok(""), messages: Vec::new() };
        match body.collect().await {
            Err(status) => answer.status = status,
            Ok(collected) => {
                let trailers = collected.trailers().cloned().unwrap_or_default();
                let of = |headers| Status::from_header_map(headers);
                answer.status = of(&trailers).or(of(&head.headers)).expect("every answer has a status");
                answer.messages = unframed(collected.to_bytes());
            }
        }
        answer
    }

    async fn end(self) {
        let _ = self.engine.drain(Duration::from_secs(10)).await;
        self.engine.stop().await;
    }
}

/// Whether a method leaves something behind.
fn writes(path: &str) -> bool {
    let method = path.rsplit('/').next().unwrap_or_default();
    ["Ingest", "Update", "Create", "Reanalyze", "Purge"].iter().any(|verb| method.starts_with(verb))
}

/// Bytes as one message of gRPC.
pub fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap();
    [&[0], &length.to_be_bytes()[..], message].concat()
}

fn unframed(mut bytes: Bytes) -> Vec<Bytes> {
    let mut messages = Vec::new();
    while bytes.len() >= 5 {
        bytes.advance(1);
        let length = bytes.get_u32() as usize;
        messages.push(bytes.split_to(length.min(bytes.len())));
    }
    messages
}

static DESCRIPTORS: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap());

/// A field of what the method at `path` answers, as text.
pub fn field(path: &str, answer: &Bytes, field: &str) -> String {
    let (service, method) = path.trim_start_matches('/').split_once('/').unwrap();
    let service = DESCRIPTORS.get_service_by_name(service).unwrap();
    let output = service.methods().find(|known| known.name() == method).unwrap().output();
    let message = DynamicMessage::decode(output, answer.clone()).unwrap();
    message.get_field_by_name(field).unwrap().as_str().unwrap_or_default().to_owned()
}

/// The number of a field of a message, if it has that field.
pub fn number_of(message: &str, field: &str) -> Option<u32> {
    Some(DESCRIPTORS.get_message_by_name(message)?.get_field_by_name(field)?.number())
}

/// The paths of all methods of the service, and whether each takes a stream.
pub fn methods() -> Vec<(String, bool)> {
    let pool = &DESCRIPTORS;
    let services: Vec<_> = pool.services().filter(|service| service.package_name() == "dictum.v1").collect();
    let methods = services.iter().flat_map(|service| service.methods().collect::<Vec<_>>());
    let path = |service: &str, method: &str| format!("/{service}/{method}");
    methods
        .map(|method| {
            (path(method.parent_service().full_name(), method.name()), method.is_client_streaming())
        })
        .collect()
}

/// What is stored from the beginning.
fn documents() -> Vec<IngestDocumentRequest> {
    let document = |id: &str, source: &str, seconds: i64, text: &str| Document {
        text: text.into(),
        title: format!("About {id}"),
        source: source.into(),
        language: "en".into(),
        publish_time: (seconds > 0).then_some(Timestamp { seconds, nanos: 0 }),
        labels: [("desk".to_owned(), source.to_lowercase())].into(),
        ..Document::default()
    };
    let (harbour, ferry) = (
        "“The harbour of Eastmere will stay open all winter for everybody who needs it,” Mayor Ann Ames said on Monday.\n\nShe told \
         Bo Bell that the ferry would wait.",
        "Bo Bell said that the harbour of Eastmere would stay open all winter for everybody who needs it.\n\n“We will wait,” he added.",
    );
    [
        ("a", "Courier", 1_740_000_000, harbour),
        ("b", "Gazette", 1_741_000_000, ferry),
        ("c", "Courier", 0, harbour),
        ("d", "", 1_742_000_000, "Fog is expected over the whole coast until noon."),
    ]
    .map(|(id, source, seconds, text)| IngestDocumentRequest {
        document_id: id.into(),
        document: Some(document(id, source, seconds, text)),
        ack_level: AckLevel::Searchable.into(),
        ..IngestDocumentRequest::default()
    })
    .into()
}
