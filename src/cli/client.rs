//! The command line's side of the wire: where the service is, one connection, and errors in words. Every command
//! that asks a service something goes through here.

use super::CliError;
use crate::transport::wire::{
    admin_service_client::AdminServiceClient, collection_service_client::CollectionServiceClient,
    document_service_client::DocumentServiceClient, entity_service_client::EntityServiceClient,
    export_service_client::ExportServiceClient, operation_service_client::OperationServiceClient,
    quote_service_client::QuoteServiceClient, verify_service_client::VerifyServiceClient,
};
use anyhow::{Context, anyhow};
use clap::Args;
use std::error::Error;
use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// How long to wait for the other side to take a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest message that is received: the longest that a service sends.
pub const LONGEST_MESSAGE: usize = 64 << 20;

/// Which service to talk to.
#[derive(Debug, Clone, Args)]
pub struct ServerArgs {
    /// Where the service listens
    #[arg(long, value_name = "ADDRESS", env = "DICTUM_SERVER", default_value = "127.0.0.1:50051")]
    pub server: String,
    /// The key or token to show; better in the environment than on a command line that others can see
    #[arg(long, value_name = "KEY", env = "DICTUM_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// PEM file with the roots that the service's certificate must lead to; those of the system where absent
    #[arg(long, value_name = "FILE", env = "DICTUM_CA")]
    pub ca: Option<PathBuf>,
    /// PEM file with a certificate to show, and those that lead to its root
    #[arg(long, value_name = "FILE", env = "DICTUM_CLIENT_CERT", requires = "client_key")]
    pub client_cert: Option<PathBuf>,
    /// PEM file with its private key
    #[arg(long, value_name = "FILE", env = "DICTUM_CLIENT_KEY", requires = "client_cert")]
    pub client_key: Option<PathBuf>,
}

impl ServerArgs {
    /// A service of one's own, where nobody is asked who they are.
    pub fn at(server: String) -> Self {
        Self { server, token: None, ca: None, client_cert: None, client_key: None }
    }

    /// Connects.
    ///
    /// # Errors
    /// Where the address is none (usage), or nobody answers there.
    pub async fn connect(&self) -> Result<Connection, CliError> {
        let endpoint = endpoint(&self.server).and_then(|endpoint| self.secured(endpoint));
        let endpoint = endpoint.map_err(CliError::usage)?;
        let authority = self.authority()?;
        let channel = endpoint.connect().await.map_err(|error| {
            anyhow!(
                "cannot reach a service at {}: {}\nStart one with `dictum serve`, or name another with --server.",
                self.server,
                innermost(&error)
            )
        })?;
        let shown = Shown { authority, trace: Trace::of_the_environment() };
        let channel = InterceptedService::new(channel, shown);
        Ok(Connection { channel, server: self.server.clone() })
    }

    /// What is shown with each call.
    fn authority(&self) -> Result<Option<MetadataValue<Ascii>>, CliError> {
        let header = self.token.as_ref().map(|token| format!("Bearer {}", token.trim()).parse());
        header.transpose().map_err(|_| CliError::usage(anyhow!("the token is none: it holds odd characters")))
    }

    /// The endpoint with TLS, where the address asks for it.
    fn secured(&self, endpoint: Endpoint) -> anyhow::Result<Endpoint> {
        let named = self.ca.is_some() || self.client_cert.is_some();
        if endpoint.uri().scheme_str() != Some("https") {
            anyhow::ensure!(!named, "--ca and --client-cert are for https://; write --server https://…");
            return Ok(endpoint);
        }
        let read =
            |path: &PathBuf| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
        let mut tls = match &self.ca {
            Some(path) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(path)?)),
            None => ClientTlsConfig::new().with_native_roots(),
        };
        if let (Some(cert), Some(key)) = (&self.client_cert, &self.client_key) {
            tls = tls.identity(Identity::from_pem(read(cert)?, read(key)?));
        }
        endpoint.tls_config(tls).context("TLS cannot be spoken")
    }
}

/// Shows what a caller has with each call.
#[derive(Debug, Clone)]
pub struct Shown {
    authority: Option<MetadataValue<Ascii>>,
    trace: Trace,
}

/// The trace that whoever has started the command says it is part of. What is malformed is left to the service, which takes it for none.
#[derive(Debug, Clone)]
struct Trace {
    parent: Option<MetadataValue<Ascii>>,
    state: Option<MetadataValue<Ascii>>,
}

impl Trace {
    fn of_the_environment() -> Self {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty())?.parse().ok();
        Self { parent: variable("TRACEPARENT"), state: variable("TRACESTATE") }
    }
}

impl Interceptor for Shown {
    fn call(&mut self, mut request: tonic::Request<()>) -> Result<tonic::Request<()>, Status> {
        let Trace { parent, state } = &self.trace;
        let all = [("authorization", &self.authority), ("traceparent", parent), ("tracestate", state)];
        for (name, value) in all {
            if let Some(value) = value {
                request.metadata_mut().insert(name, value.clone());
            }
        }
        Ok(request)
    }
}

/// The way to a service, with what is shown there.
pub type Line = InterceptedService<Channel, Shown>;

/// `host:port`, `http://host:port`, or `https://host:port`.
fn endpoint(server: &str) -> anyhow::Result<Endpoint> {
    let url = if server.contains("://") { server.to_owned() } else { format!("http://{server}") };
    let endpoint = Endpoint::from_shared(url)
        .map_err(|error| anyhow!("--server {server}: {error}; write host:port, such as 127.0.0.1:50051"))?;
    Ok(endpoint
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .user_agent(concat!("dictum-cli/", env!("CARGO_PKG_VERSION")))?)
}

/// What lies at the bottom of an error: "Connection refused" rather than "transport error".
fn innermost(mut error: &(dyn Error + 'static)) -> String {
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// A connection to a service. Cheap to clone; reconnects by itself when a call finds it broken.
#[derive(Debug, Clone)]
pub struct Connection {
    channel: Line,
    server: String,
}

impl Connection {
    /// The connection itself, for clients that are not ours.
    pub fn channel(&self) -> Line {
        self.channel.clone()
    }

    /// Documents.
    pub fn documents(&self) -> DocumentServiceClient<Line> {
        DocumentServiceClient::new(self.channel())
    }

    /// Collections.
    pub fn collections(&self) -> CollectionServiceClient<Line> {
        CollectionServiceClient::new(self.channel())
    }

    /// Quotes.
    pub fn quotes(&self) -> QuoteServiceClient<Line> {
        QuoteServiceClient::new(self.channel())
    }

    /// Claims.
    pub fn verify(&self) -> VerifyServiceClient<Line> {
        VerifyServiceClient::new(self.channel())
    }

    /// Entities.
    pub fn entities(&self) -> EntityServiceClient<Line> {
        EntityServiceClient::new(self.channel())
    }

    /// Long-running operations.
    pub fn operations(&self) -> OperationServiceClient<Line> {
        OperationServiceClient::new(self.channel())
    }

    /// Backups.
    pub fn admin(&self) -> AdminServiceClient<Line> {
        AdminServiceClient::new(self.channel())
    }

    /// Exports, in messages as long as they may be.
    pub fn exports(&self) -> ExportServiceClient<Line> {
        ExportServiceClient::new(self.channel()).max_decoding_message_size(LONGEST_MESSAGE)
    }

    /// A failed call in words.
    pub fn explain(&self, status: &Status) -> CliError {
        anyhow!("{}{}", explain(status), self.advice(status.code())).into()
    }

    fn advice(&self, code: Code) -> String {
        let server = &self.server;
        match code {
            Code::Unavailable => format!("\nAsk `dictum probe --server {server}` how the service is."),
            Code::Unimplemented => {
                format!("\nIs {server} a Dictum service of this version ({})?", env!("CARGO_PKG_VERSION"))
            }
            _ => String::new(),
        }
    }
}

/// A status in words: its message, the fields at fault, and what finds the call in the service's log.
pub fn explain(status: &Status) -> String {
    let details = status.get_error_details();
    let mut text = match status.message() {
        "" => status.code().description().to_owned(),
        message => message.to_owned(),
    };
    let violations = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
    for violation in violations {
        let line = format!("{}: {}", violation.field, violation.description);
        // The message has the first already.
        if !text.contains(&line) {
            text.push_str(&format!("\n  {line}"));
        }
    }
    if let Some(request) = details.request_info() {
        text.push_str(&format!("\n  request id {}, as in the service's log", request.request_id));
        if !request.serving_data.is_empty() {
            text.push_str(&format!("\n  trace id {}", request.serving_data));
        }
    }
    text
}

/// Whether the same stream may go well later. Transport errors reach a client under several codes.
pub fn is_transient(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable
            | Code::Cancelled
            | Code::Unknown
            | Code::Aborted
            | Code::Internal
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
    )
}

/// Runs a client command to its end, on this thread.
///
/// # Errors
/// Those of `command`, or of starting the runtime.
pub fn block_on<T>(command: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic_types::ErrorDetails;

    #[test]
    fn addresses_come_with_and_without_scheme() {
        for right in ["localhost:1", "http://[::1]:50051", "10.0.0.1:50051", "https://localhost:1"] {
            assert!(endpoint(right).is_ok(), "{right}");
        }
        for wrong in ["a b", ""] {
            let error = endpoint(wrong).unwrap_err().to_string();
            assert!(error.starts_with("--server"), "{error}");
        }
    }

    #[test]
    fn a_status_tells_the_fields_at_fault_and_the_request_id() {
        let mut details = ErrorDetails::with_bad_request_violation("filter.text", "must not be empty");
        details.set_request_info("r-1", "");
        let status = Status::with_error_details(Code::InvalidArgument, "invalid query", details);
        let text = explain(&status);
        assert!(text.contains("invalid query\n  filter.text: must not be empty\n  request id r-1"), "{text}");
    }
}
