//! TLS on the port: with and without certificates of clients, and files that change.

use crate::server::TestServer;
use dictum::tls::{Certificates, TlsSettings, TlsVersion};
use dictum::transport::{Gate, TransportConfig};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

/// Somebody who signs certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn root(&self) -> String {
        self.0.pem()
    }

    /// A certificate for localhost, and its key.
    fn sign(&self, until: i32) -> (String, String) {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }
}

/// Puts certificate, key and root into the folder.
fn write(dir: &Path, authority: &Authority, until: i32) -> TlsSettings {
    let (cert, key) = authority.sign(until);
    std::fs::write(dir.join("cert.pem"), cert).unwrap();
    std::fs::write(dir.join("key.pem"), key).unwrap();
    std::fs::write(dir.join("root.pem"), authority.root()).unwrap();
    TlsSettings {
        cert: dir.join("cert.pem"),
        key: dir.join("key.pem"),
        client_ca: None,
        min_version: TlsVersion::V1_2,
    }
}

async fn server(settings: TlsSettings) -> TestServer {
    let certificates = Some(Arc::new(Certificates::new(settings).unwrap()));
    let gate = Gate { certificates, ..Gate::default() };
    let dir = Arc::new(TempDir::new().unwrap());
    let server = TestServer::behind(gate, dir, TransportConfig::default(), |_| ()).await;
    server.ready().await;
    server
}

async fn connect(server: &TestServer, tls: Option<ClientTlsConfig>) -> Result<Channel, String> {
    let scheme = if tls.is_some() { "https" } else { "http" };
    let mut endpoint = Endpoint::from_shared(format!("{scheme}://localhost:{}", server.port)).unwrap();
    if let Some(tls) = tls {
        endpoint = endpoint.tls_config(tls).unwrap();
    }
    endpoint.connect().await.map_err(|error| format!("{error:?}"))
}

async fn is_well(server: &TestServer, tls: Option<ClientTlsConfig>) -> Result<(), String> {
    let channel = connect(server, tls).await?;
    ask(channel).await
}

async fn ask(channel: Channel) -> Result<(), String> {
    let answer = HealthClient::new(channel).check(HealthCheckRequest::default()).await;
    answer.map(drop).map_err(|status| format!("{status:?}"))
}

fn trusting(authority: &Authority) -> ClientTlsConfig {
    ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority.root()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_tls_gets_through_to_a_certificate_that_is_trusted() {
    let (files, authority) = (TempDir::new().unwrap(), Authority::new());
    let server = server(write(files.path(), &authority, 2040)).await;
    is_well(&server, Some(trusting(&authority))).await.unwrap();
    let stranger = Authority::new();
    assert!(is_well(&server, Some(trusting(&stranger))).await.is_err(), "signed by somebody else");
    assert!(is_well(&server, None).await.is_err(), "plain text");
    // Somebody who speaks no TLS at all is let go of, and keeps nobody waiting.
    let mut odd = tokio::net::TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    odd.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    is_well(&server, Some(trusting(&authority))).await.unwrap();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(crate::server::SOON, odd.read_to_end(&mut rest)).await;
    assert!(ended.is_ok());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_show_certificates_where_they_are_asked_to() {
    let (files, authority, clients) = (TempDir::new().unwrap(), Authority::new(), Authority::new());
    let mut settings = write(files.path(), &authority, 2040);
    std::fs::write(files.path().join("clients.pem"), clients.root()).unwrap();
    settings.client_ca = Some(files.path().join("clients.pem"));
    let server = server(settings).await;
    let with = |(cert, key): (String, String)| trusting(&authority).identity(Identity::from_pem(cert, key));
    is_well(&server, Some(with(clients.sign(2040)))).await.unwrap();
    assert!(is_well(&server, Some(trusting(&authority))).await.is_err(), "no certificate");
    assert!(is_well(&server, Some(with(clients.sign(2001)))).await.is_err(), "an expired one");
    assert!(is_well(&server, Some(with(Authority::new().sign(2040)))).await.is_err(), "a foreign one");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_shown_to_new_connections_and_old_ones_go_on() {
    let (files, old, new) = (TempDir::new().unwrap(), Authority::new(), Authority::new());
    let server = server(write(files.path(), &old, 2040)).await;
    let before = connect(&server, Some(trusting(&old))).await.unwrap();
    ask(before.clone()).await.unwrap();
    write(files.path(), &new, 2041);
    let certificates = server.gate.certificates.clone().unwrap();
    assert!(certificates.changed());
    certificates.reload().unwrap();
    is_well(&server, Some(trusting(&new))).await.unwrap();
    assert!(is_well(&server, Some(trusting(&old))).await.is_err());
    ask(before).await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_takes_his_time_with_a_handshake_is_let_go_of() {
    let (files, authority) = (TempDir::new().unwrap(), Authority::new());
    let server = server(write(files.path(), &authority, 2040)).await;
    let mut silent = tokio::net::TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    let mut slow = tokio::net::TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    // The beginning of a ClientHello.
    slow.write_all(&[22, 3, 1, 2, 0, 1, 0]).await.unwrap();
    for stream in [&mut silent, &mut slow] {
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(crate::server::SOON, stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "still open");
    }
    is_well(&server, Some(trusting(&authority))).await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_certificate_takes_no_valid_ones_place() {
    let (files, authority) = (TempDir::new().unwrap(), Authority::new());
    let server = server(write(files.path(), &authority, 2040)).await;
    write(files.path(), &authority, 2001);
    assert!(server.gate.certificates.as_ref().unwrap().reload().is_err());
    is_well(&server, Some(trusting(&authority))).await.unwrap();
    server.stop().await;
}
