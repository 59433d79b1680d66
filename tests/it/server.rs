//! A real server on a free port, with a data directory of its own, and clients for it.

use dictum::analysis::roster::Roster;
use dictum::domain::annotation::AnalyzerName;
use dictum::engine::{Engine, EngineConfig};
use dictum::transport::wire::admin_service_client::AdminServiceClient;
use dictum::transport::wire::analysis_service_client::AnalysisServiceClient;
use dictum::transport::wire::collection_service_client::CollectionServiceClient;
use dictum::transport::wire::document_service_client::DocumentServiceClient;
use dictum::transport::wire::entity_service_client::EntityServiceClient;
use dictum::transport::wire::operation_service_client::OperationServiceClient;
use dictum::transport::wire::quote_service_client::QuoteServiceClient;
use dictum::transport::wire::verify_service_client::VerifyServiceClient;
use dictum::transport::wire::{AckLevel, Document, IngestDocumentRequest, IngestReceipt};
use dictum::transport::{Door, Gate, ServeError, TransportConfig, listen, serve};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

static ANALYZERS: LazyLock<Arc<Roster>> =
    LazyLock::new(|| Arc::new(Roster::embedded(AnalyzerName::Accurate)));

/// How long anything that should happen soon may take on a loaded machine.
pub const SOON: Duration = Duration::from_secs(30);

/// A running server. Dropping it without [`TestServer::stop`] leaves its tasks to the test's runtime.
pub struct TestServer {
    pub engine: Engine,
    pub gate: Arc<Gate>,
    pub shutdown: CancellationToken,
    pub port: u16,
    serving: JoinHandle<Result<(), ServeError>>,
    dir: Arc<TempDir>,
}

impl TestServer {
    /// A server with an empty store, ready.
    pub async fn start() -> Self {
        Self::with(TransportConfig::default(), |_| ()).await
    }

    /// A server with an empty store and other settings.
    pub async fn with(transport: TransportConfig, change: impl FnOnce(&mut EngineConfig)) -> Self {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let server = Self::open(dir, transport, change).await;
        server.ready().await;
        server
    }

    /// A server over an existing directory, which may still be catching up.
    pub async fn open(
        dir: Arc<TempDir>,
        transport: TransportConfig,
        change: impl FnOnce(&mut EngineConfig),
    ) -> Self {
        Self::behind(Gate::default(), dir, transport, change).await
    }

    /// The same behind a gate.
    pub async fn behind(
        gate: Gate,
        dir: Arc<TempDir>,
        transport: TransportConfig,
        change: impl FnOnce(&mut EngineConfig),
    ) -> Self {
        Self::over(Self::engine(dir.path(), change).await, gate, dir, transport)
    }

    /// The same over an engine that is there already.
    pub fn over(engine: Engine, gate: Gate, dir: Arc<TempDir>, transport: TransportConfig) -> Self {
        let gate = Arc::new(gate);
        let incoming = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let port = incoming.local_addr().unwrap().port();
        let shutdown = CancellationToken::new();
        let door = Door::from(engine.clone());
        let serving = tokio::spawn(serve(incoming, door, Arc::clone(&gate), transport, shutdown.clone()));
        Self { engine, gate, shutdown, port, serving, dir }
    }

    /// An engine that the tests need not wait for long.
    pub async fn engine(dir: &Path, change: impl FnOnce(&mut EngineConfig)) -> Engine {
        Self::engine_of(dir, ANALYZERS.clone(), change).await
    }

    /// The same with other analyzers.
    pub async fn engine_of(
        dir: &Path,
        analyzers: Arc<Roster>,
        change: impl FnOnce(&mut EngineConfig),
    ) -> Engine {
        let mut config = EngineConfig::new(dir);
        config.analysis_threads = 2;
        config.index_interval = Duration::from_millis(20);
        config.index_idle = Duration::from_millis(5);
        config.index_heap_bytes = EngineConfig::LEAST_INDEX_HEAP_BYTES;
        change(&mut config);
        let until = Instant::now() + SOON;
        loop {
            // What a client has given up may hold the engine before this one for a moment longer.
            match Engine::open(config.clone(), Arc::clone(&analyzers)).await {
                Err(error) if format!("{error:?}").contains("InUse") && Instant::now() < until => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                opened => return opened.unwrap(),
            }
        }
    }

    /// Where the store and the index are.
    pub fn data_dir(&self) -> &Path {
        self.dir.path()
    }

    /// Waits until health would say SERVING.
    pub async fn ready(&self) {
        let mut readiness = self.engine.readiness();
        tokio::time::timeout(SOON, readiness.wait_for(|state| state.is_ready())).await.unwrap().unwrap();
    }

    /// The data directory.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Stops as `dictum serve` does: drains the calls, then the engine.
    pub async fn stop(self) -> Arc<TempDir> {
        self.shutdown.cancel();
        tokio::time::timeout(SOON, self.serving).await.unwrap().unwrap().unwrap();
        self.engine.drain(SOON).await.unwrap();
        self.engine.stop().await;
        self.dir
    }

    /// Waits until the server has ended by itself after `shutdown`.
    pub async fn ended(self) -> Result<(), ServeError> {
        self.serving.await.unwrap()
    }

    /// Stops, lets `change` work on the data directory, and starts again.
    pub async fn restart(self, change: impl FnOnce(&Path)) -> Self {
        let dir = self.stop().await;
        change(dir.path());
        let server = Self::open(dir, TransportConfig::default(), |_| ()).await;
        server.ready().await;
        server
    }

    /// A new connection, with Nagle's algorithm off.
    pub async fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://127.0.0.1:{}", self.port))
            .unwrap()
            .tcp_nodelay(true)
            .connect()
            .await
            .unwrap()
    }

    pub async fn analysis(&self) -> AnalysisServiceClient<Channel> {
        AnalysisServiceClient::new(self.channel().await)
    }

    pub async fn documents(&self) -> DocumentServiceClient<Channel> {
        DocumentServiceClient::new(self.channel().await)
    }

    pub async fn collections(&self) -> CollectionServiceClient<Channel> {
        CollectionServiceClient::new(self.channel().await)
    }

    pub async fn quotes(&self) -> QuoteServiceClient<Channel> {
        QuoteServiceClient::new(self.channel().await)
    }

    pub async fn verify(&self) -> VerifyServiceClient<Channel> {
        VerifyServiceClient::new(self.channel().await)
    }

    pub async fn operations(&self) -> OperationServiceClient<Channel> {
        OperationServiceClient::new(self.channel().await)
    }

    pub async fn admin(&self) -> AdminServiceClient<Channel> {
        AdminServiceClient::new(self.channel().await)
    }

    pub async fn entities(&self) -> EntityServiceClient<Channel> {
        EntityServiceClient::new(self.channel().await)
    }

    /// Stores a document in the default collection and waits until queries see it.
    pub async fn ingest(&self, id: &str, text: &str) -> IngestReceipt {
        self.ingest_document(id, Document { text: text.into(), ..Document::default() }).await
    }

    /// Stores a document in the default collection and waits until queries see it.
    pub async fn ingest_document(&self, id: &str, document: Document) -> IngestReceipt {
        let request = IngestDocumentRequest {
            document_id: id.into(),
            document: Some(document),
            ack_level: AckLevel::Searchable.into(),
            ..Default::default()
        };
        let answer = self.documents().await.ingest_document(request).await.unwrap();
        answer.into_inner().receipt.unwrap()
    }
}

/// Deletes the index of a stopped server. Merges that were under way may still add files for a moment.
pub fn delete_index(data_dir: &Path) {
    let start = Instant::now();
    while let Err(error) = std::fs::remove_dir_all(data_dir.join("index")) {
        assert!(start.elapsed() < SOON, "{error}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The sample article.
pub fn sample() -> String {
    std::fs::read_to_string(repository("seeds/000_d53045ff0d7dd2d6.txt")).unwrap()
}

/// A short article with one statement by `name`.
pub fn statement(name: &str, what: &str) -> String {
    format!("“{what},” {name} said on Monday.\n\nThe council meets again next week.")
}

/// The parts of an error that programs read, with the checks that hold for every error.
pub fn error(status: &Status) -> (Code, String, ErrorDetails) {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("no ErrorInfo: {status:?}"));
    assert_eq!(info.domain, "dictum.v1", "{status:?}");
    assert!(details.request_info().is_some_and(|info| !info.request_id.is_empty()), "{status:?}");
    (status.code(), info.reason.clone(), details)
}

/// Asserts INVALID_ARGUMENT with violations of exactly these fields.
#[track_caller]
pub fn assert_violations(status: &Status, fields: &[&str]) {
    let (code, _, details) = error(status);
    let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    let named: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!((code, named.as_slice()), (Code::InvalidArgument, fields), "{status:?}");
    assert!(violations.iter().all(|violation| !violation.description.is_empty()), "{status:?}");
}

/// Asserts the code and the reason.
#[track_caller]
pub fn assert_error(status: &Status, code: Code, reason: &str) {
    let (got, info, _) = error(status);
    assert_eq!((got, info.as_str()), (code, reason), "{status:?}");
}
