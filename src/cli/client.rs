//! The command line's side of the wire: where the service is, one connection, and errors in words. Every command
//! that asks a service something goes through here.

use super::CliError;
use crate::transport::wire::{
    admin_service_client::AdminServiceClient, collection_service_client::CollectionServiceClient,
    document_service_client::DocumentServiceClient, entity_service_client::EntityServiceClient,
    export_service_client::ExportServiceClient, operation_service_client::OperationServiceClient,
    quote_service_client::QuoteServiceClient, verify_service_client::VerifyServiceClient,
};
use anyhow::anyhow;
use clap::Args;
use std::error::Error;
use std::future::Future;
use std::time::Duration;
use tonic::transport::{Channel, Endpoint};
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
}

impl ServerArgs {
    /// Connects.
    ///
    /// # Errors
    /// Where the address is none (usage), or nobody answers there.
    pub async fn connect(&self) -> Result<Connection, CliError> {
        let endpoint = endpoint(&self.server).map_err(CliError::usage)?;
        let channel = endpoint.connect().await.map_err(|error| {
            anyhow!(
                "cannot reach a service at {}: {}\nStart one with `dictum serve`, or name another with --server.",
                self.server,
                innermost(&error)
            )
        })?;
        Ok(Connection { channel, server: self.server.clone() })
    }
}

/// `host:port` or `http://host:port`.
fn endpoint(server: &str) -> anyhow::Result<Endpoint> {
    if server.starts_with("https://") {
        return Err(anyhow!("--server {server}: this client speaks no TLS; use http:// to where TLS ends"));
    }
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
    channel: Channel,
    server: String,
}

impl Connection {
    /// The connection itself, for clients that are not ours.
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// Documents.
    pub fn documents(&self) -> DocumentServiceClient<Channel> {
        DocumentServiceClient::new(self.channel())
    }

    /// Collections.
    pub fn collections(&self) -> CollectionServiceClient<Channel> {
        CollectionServiceClient::new(self.channel())
    }

    /// Quotes.
    pub fn quotes(&self) -> QuoteServiceClient<Channel> {
        QuoteServiceClient::new(self.channel())
    }

    /// Claims.
    pub fn verify(&self) -> VerifyServiceClient<Channel> {
        VerifyServiceClient::new(self.channel())
    }

    /// Entities.
    pub fn entities(&self) -> EntityServiceClient<Channel> {
        EntityServiceClient::new(self.channel())
    }

    /// Long-running operations.
    pub fn operations(&self) -> OperationServiceClient<Channel> {
        OperationServiceClient::new(self.channel())
    }

    /// Backups.
    pub fn admin(&self) -> AdminServiceClient<Channel> {
        AdminServiceClient::new(self.channel())
    }

    /// Exports, in messages as long as they may be.
    pub fn exports(&self) -> ExportServiceClient<Channel> {
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
        for right in ["localhost:1", "http://[::1]:50051", "10.0.0.1:50051"] {
            assert!(endpoint(right).is_ok(), "{right}");
        }
        for wrong in ["https://localhost:1", "a b", ""] {
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
