//! An index that cannot be written: health says so, everything else goes on, and it mends without a restart.

use crate::server::{SOON, TestServer, statement};
use dictum::transport::wire::document_service_client::DocumentServiceClient;
use dictum::transport::wire::quote_service_client::QuoteServiceClient;
use dictum::transport::wire::{Document, IngestDocumentRequest, SearchQuotesRequest};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

const DOCUMENTS: &str = "dictum.v1.DocumentService";
const QUOTES: &str = "dictum.v1.QuoteService";

/// Files that a service may have open which is to run out of them.
const FILES: usize = 64;

/// A client of one service.
struct Client(Channel);

impl Client {
    async fn status(&self, service: &str) -> ServingStatus {
        let request = HealthCheckRequest { service: service.into() };
        HealthClient::new(self.0.clone()).check(request).await.unwrap().into_inner().status()
    }

    /// Waits until health says this of queries and of the whole.
    async fn see(&self, expected: ServingStatus) {
        let until = Instant::now() + SOON;
        while self.status(QUOTES).await != expected || self.status("").await != expected {
            assert!(Instant::now() < until, "queries never are {expected:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Stores the `n`th document, durably.
    async fn put(&self, n: u64) {
        let text = statement("Jane Miller", &format!("Plan {n} is good"));
        let document = Some(Document { text, ..Document::default() });
        let request = IngestDocumentRequest { document_id: format!("d{n}"), document, ..Default::default() };
        DocumentServiceClient::new(self.0.clone()).ingest_document(request).await.unwrap();
    }

    async fn found(&self) -> u64 {
        let everything = SearchQuotesRequest::default();
        let answer = QuoteServiceClient::new(self.0.clone()).search_quotes(everything).await;
        answer.unwrap().into_inner().total_size
    }

    /// Waits until queries find so many.
    async fn find(&self, expected: u64) {
        let until = Instant::now() + SOON;
        while self.found().await != expected {
            assert!(Instant::now() < until, "{} found, not {expected}", self.found().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_whose_directory_is_moved_away_and_back_mends_by_itself() {
    let server = TestServer::start().await;
    let client = Client(server.channel().await);
    let (index, away) = (server.path().join("index"), server.path().join("away"));
    let mut stored = 1;
    client.put(stored).await;
    client.find(stored).await;
    for _ in 0..3 {
        std::fs::rename(&index, &away).unwrap();
        client.put(stored + 1).await;
        client.see(ServingStatus::NotServing).await;
        assert_eq!(client.status(DOCUMENTS).await, ServingStatus::Serving);
        client.put(stored + 2).await;
        assert_eq!(client.found().await, stored, "what was there is found");
        assert!(!index.exists(), "no other index is made in its place");
        stored += 2;
        std::fs::rename(&away, &index).unwrap();
        client.see(ServingStatus::Serving).await;
        client.find(stored).await;
    }
    server.stop().await;
}

/// A service in a process of its own that may have few files open.
struct Poor(Child);

impl Poor {
    fn start(folder: &Path) -> Self {
        let command = format!("ulimit -n {FILES} && exec \"$0\" \"$@\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &command, env!("CARGO_BIN_EXE_dictum"), "serve", "--listen", "127.0.0.1:0"]);
        shell.args(["--log", "error", "--data-dir"]).arg(folder.join("data"));
        Self(shell.arg("--address-file").arg(folder.join("address")).spawn().unwrap())
    }
}

impl Drop for Poor {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn address(folder: &Path) -> String {
    let until = Instant::now() + SOON;
    loop {
        match std::fs::read_to_string(folder.join("address")) {
            Ok(address) if !address.trim().is_empty() => return address.trim().to_owned(),
            _ => assert!(Instant::now() < until, "the service did not open its port"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_idle_connections_take_the_files_from_mends_when_they_go() {
    let folder = tempfile::tempdir().unwrap();
    let _service = Poor::start(folder.path());
    let address = address(folder.path()).await;
    let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
    let client = Client(channel);
    client.see(ServingStatus::Serving).await;
    let mut stored = 0;
    for _ in 0..3 {
        let idle: Vec<TcpStream> = (0..FILES).map(|_| TcpStream::connect(&address).unwrap()).collect();
        let until = Instant::now() + SOON;
        while client.status(QUOTES).await == ServingStatus::Serving {
            assert!(Instant::now() < until, "there were files enough for {stored} documents");
            stored += 1;
            client.put(stored).await;
        }
        assert_eq!(client.status(DOCUMENTS).await, ServingStatus::Serving);
        stored += 1;
        client.put(stored).await;
        drop(idle);
        client.see(ServingStatus::Serving).await;
        client.find(stored).await;
    }
}
