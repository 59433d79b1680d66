//! The port for those who watch: metrics, and probes in plain HTTP.

use crate::server::{SOON, TestServer, repository, statement};
use dictum::transport::wire::SearchQuotesRequest;
use dictum::transport::wire::quote_service_client::QuoteServiceClient;
use dictum::transport::{Door, Gate, Ports, TransportConfig, listen, listen_for_watchers, serve};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::Endpoint;

/// The status and the body that a path answers with.
pub async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: dictum\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(SOON, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

pub fn value(metrics: &str, name: &str) -> f64 {
    let line =
        metrics.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {metrics}"));
    last(line)
}

fn last(line: &str) -> f64 {
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_that_stay_silent_keep_nobody_from_watching() {
    let shutdown = CancellationToken::new();
    let local = "127.0.0.1:0".parse().unwrap();
    let (grpc, http) = (listen(local).unwrap(), listen_for_watchers(local).await.unwrap());
    let watched = http.local_addr().unwrap();
    let ports = Ports { grpc, http: Some(http) };
    let (door, gate, config) = (Door::default(), Arc::new(Gate::default()), TransportConfig::default());
    let serving = tokio::spawn(serve(ports, door, gate, config, shutdown.clone()));

    // More than have a place at once; half of them begin a request and say no more.
    let mut silent = Vec::new();
    for number in 0..300 {
        let mut stream = TcpStream::connect(watched).await.unwrap();
        if number % 2 == 0 {
            let _ = stream.write_all(b"GET /livez HTTP/1.1\r\nhost: ").await;
        }
        silent.push(stream);
    }
    for mut stream in silent {
        let ended = tokio::time::timeout(SOON, stream.read_to_end(&mut Vec::new())).await;
        assert!(ended.is_ok(), "a silent socket was kept");
    }
    assert_eq!(get(watched, "/livez").await.0, 200);

    shutdown.cancel();
    tokio::time::timeout(SOON, serving).await.unwrap().unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn probes_and_metrics_tell_what_the_service_does() {
    let dir = tempfile::tempdir().unwrap();
    let (door, gate, shutdown) = (Door::default(), Arc::new(Gate::default()), CancellationToken::new());
    let local = "127.0.0.1:0".parse().unwrap();
    let (grpc, http) = (listen(local).unwrap(), listen_for_watchers(local).await.unwrap());
    let (port, watched) = (grpc.local_addr().unwrap().port(), http.local_addr().unwrap());
    let ports = Ports { grpc, http: Some(http) };
    let config = TransportConfig::default();
    let serving = tokio::spawn(serve(ports, door.clone(), Arc::clone(&gate), config, shutdown.clone()));

    assert_eq!(get(watched, "/livez").await.0, 200, "alive before the store is open");
    assert_eq!(get(watched, "/readyz").await, (503, "starting\n".into()));
    assert_eq!(value(&get(watched, "/metrics").await.1, "dictum_ready"), 0.0);
    assert_eq!(get(watched, "/other").await.0, 404);

    let engine = TestServer::engine(dir.path(), |_| ()).await;
    engine.observe(gate.observer());
    door.open(engine.clone());
    let mut readiness = engine.readiness();
    tokio::time::timeout(SOON, readiness.wait_for(|state| state.is_ready())).await.unwrap().unwrap();
    assert_eq!(get(watched, "/readyz").await.0, 200);

    let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{port}")).unwrap();
    let channel = endpoint.connect().await.unwrap();
    let ingest = dictum::transport::wire::IngestDocumentRequest {
        document: Some(dictum::transport::wire::Document {
            text: statement("Jane Miller", "We will wait"),
            ..Default::default()
        }),
        ack_level: dictum::transport::wire::AckLevel::Searchable.into(),
        ..Default::default()
    };
    let mut documents =
        dictum::transport::wire::document_service_client::DocumentServiceClient::new(channel.clone());
    documents.ingest_document(ingest).await.unwrap();
    let mut quotes = QuoteServiceClient::new(channel);
    quotes.search_quotes(SearchQuotesRequest::default()).await.unwrap();
    quotes.search_quotes(SearchQuotesRequest { page_size: -1, ..Default::default() }).await.unwrap_err();

    let metrics = get(watched, "/metrics").await.1;
    let search = |code: &str| {
        format!("dictum_requests_total{{method=\"dictum.v1.QuoteService/SearchQuotes\",code=\"{code}\"}}")
    };
    assert_eq!(value(&metrics, &search("OK")), 1.0);
    assert_eq!(value(&metrics, &search("INVALID_ARGUMENT")), 1.0);
    assert_eq!(value(&metrics, "dictum_ready"), 1.0);
    assert_eq!(value(&metrics, "dictum_open_connections"), 1.0);
    assert!(value(&metrics, "dictum_analysis_seconds_count") >= 1.0);
    for stage in ["text", "language", "encoder", "quotes", "entities", "speakers", "finish"] {
        let count = format!("dictum_analysis_stage_seconds_count{{stage=\"{stage}\"}}");
        assert_eq!(value(&metrics, &count), 1.0, "{stage}");
    }
    let stages: f64 =
        metrics.lines().filter(|line| line.starts_with("dictum_analysis_stage_seconds_sum")).map(last).sum();
    let whole = value(&metrics, "dictum_analysis_seconds_sum");
    assert!(stages <= whole && stages > whole / 2.0, "{stages} of {whole} s");
    assert_eq!(value(&metrics, "dictum_analysis_wait_seconds_count"), 1.0);
    assert_eq!(value(&metrics, "dictum_commits_total{outcome=\"done\"}"), 1.0);
    assert_eq!(value(&metrics, "dictum_commit_seconds_count"), 1.0);
    assert_eq!(value(&metrics, "dictum_committed_writes_total"), 1.0);
    let (free, size) = (value(&metrics, "dictum_disk_free_bytes"), value(&metrics, "dictum_disk_size_bytes"));
    assert!(0.0 < free && free <= size, "{free} of {size}");
    assert_eq!(value(&metrics, "dictum_traces_dropped_total"), 0.0);
    assert!(value(&metrics, "dictum_store_bytes") > 0.0);
    assert!(value(&metrics, "dictum_store_last_change") >= 1.0);
    assert_eq!(value(&metrics, "dictum_index_lag_changes"), 0.0);

    shutdown.cancel();
    tokio::time::timeout(SOON, serving).await.unwrap().unwrap().unwrap();
    let refused = async { while TcpStream::connect(watched).await.is_ok() {} };
    tokio::time::timeout(SOON, refused).await.expect("closed with the rest");
    engine.drain(SOON).await.unwrap();
    engine.stop().await;
}

#[test]
fn what_is_exported_is_what_dashboards_and_alerts_know() {
    let all = dictum::metrics::Metrics::new("1.2.3");
    all.begun();
    all.ended("m", "OK", "", std::time::Duration::ZERO);
    for code in ["UNAVAILABLE", "UNAUTHENTICATED", "PERMISSION_DENIED"] {
        all.begun();
        all.ended("m", code, "REASON", std::time::Duration::ZERO);
    }
    all.over_quota("analyses");
    all.analysed("a", 1, std::time::Duration::ZERO);
    all.staged("encoder", std::time::Duration::ZERO);
    all.committed(1, std::time::Duration::ZERO, true);
    let sample = dictum::metrics::Sample { certificate_expiry: Some(1.0), ..Default::default() };
    let text = all.text(&sample).unwrap();
    let name = |line: &str| line.split(['{', ' ']).next().unwrap().to_owned();
    let of_histogram = |name: String| {
        ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end))
            .map_or(name.clone(), str::to_owned)
    };
    let exported: BTreeSet<String> =
        text.lines().filter(|line| !line.starts_with('#')).map(name).map(of_histogram).collect();
    let listed = std::fs::read_to_string(repository("deploy/metrics.txt")).unwrap();
    let names = listed.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let listed: BTreeSet<String> = names.map(name).collect();
    assert_eq!(exported, listed);
}
