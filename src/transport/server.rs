//! Puts services and layers together, listens, and stops in order: health says NOT_SERVING at once, no new
//! connection is taken, open streams say goodbye, running calls finish; what is left when the drain's time is over
//! is closed.

use super::admin::Admin;
use super::analysis::Analyses;
use super::collections::Collections;
use super::config::TransportConfig;
use super::connection;
use super::context::Context;
use super::documents::Documents;
use super::door::Door;
use super::entities::Entities;
use super::exports::Exports;
use super::gate::Gate;
use super::health::HealthService;
use super::http::{self, Watched};
use super::layers::access::AccessLayer;
use super::layers::admission::AdmissionLayer;
use super::layers::caller::CallerLayer;
use super::layers::deadline::DeadlineLayer;
use super::layers::metrics::MetricsLayer;
use super::layers::panic::PanicLayer;
use super::layers::request_id::RequestIdLayer;
use super::layers::trace::TraceLayer;
use super::operations::Operations;
use super::quotes::Quotes;
use super::verify::Verify;
use super::windows;
use super::wire::FILE_DESCRIPTOR_SET;
use super::wire::admin_service_server::AdminServiceServer;
use super::wire::analysis_service_server::AnalysisServiceServer;
use super::wire::collection_service_server::CollectionServiceServer;
use super::wire::document_service_server::DocumentServiceServer;
use super::wire::entity_service_server::EntityServiceServer;
use super::wire::export_service_server::ExportServiceServer;
use super::wire::operation_service_server::OperationServiceServer;
use super::wire::quote_service_server::QuoteServiceServer;
use super::wire::verify_service_server::VerifyServiceServer;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::codec::CompressionEncoding;
use tonic::service::{Routes, RoutesBuilder};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::pb::health_server::HealthServer;
use tonic_reflection::server::Builder as Reflection;

/// Longest message about health or reflection, in bytes: they hold a name.
const SMALL_MESSAGE: usize = 4 << 10;

/// Why the services stopped, or never started.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The compiled descriptors cannot be served.
    #[error("the compiled descriptors cannot be read")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The listener failed.
    #[error("the listener failed")]
    Transport(#[from] tonic::transport::Error),
}

/// Where the services are reached, and where they are watched.
pub struct Ports {
    /// The services. Should be made with nodelay; see [`listen`].
    pub grpc: TcpIncoming,
    /// Metrics and plain probes.
    pub http: Option<TcpListener>,
}

impl From<TcpIncoming> for Ports {
    fn from(grpc: TcpIncoming) -> Self {
        Self { grpc, http: None }
    }
}

/// Serves until `shutdown` is cancelled and every call has ended, but no longer than the drain's time after it. What
/// comes before the engine is let in by the `door` is told to come back.  The engine is left running: draining it is
/// the caller's next step.
pub async fn serve(
    ports: impl Into<Ports>,
    door: Door,
    gate: Arc<Gate>,
    config: TransportConfig,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    let Ports { grpc: incoming, http: watchers } = ports.into();
    let context = Arc::new(Context::new(door, Arc::clone(&gate), shutdown.clone(), &config));
    let watched = CancellationToken::new();
    // Watchers are answered to the end, whichever way it comes.
    let _watched = watched.clone().drop_guard();
    if let Some(listener) = watchers {
        let all = Watched { context: Arc::clone(&context), gate: Arc::clone(&gate) };
        tokio::spawn(http::serve(listener, Arc::new(all), watched));
    }
    let routes = routes(&context, &config)?;
    let closed = CancellationToken::new();
    let connections =
        connection::accept(incoming, gate.certificates.clone(), context.connections.clone(), closed.clone());
    let mut server = Server::builder();
    if let Some(age) = config.max_connection_age {
        server = server.max_connection_age(age);
    }
    let server = server
        .layer(RequestIdLayer::default())
        .layer(TraceLayer)
        .layer(MetricsLayer(Arc::clone(&gate.metrics)))
        .layer(PanicLayer)
        .layer(DeadlineLayer)
        .layer(AccessLayer(gate))
        .layer(CallerLayer)
        .layer(AdmissionLayer(Arc::clone(&context)))
        .max_concurrent_streams(config.max_concurrent_streams)
        .initial_stream_window_size(windows::stream(config.max_concurrent_streams))
        .initial_connection_window_size(windows::CONNECTION)
        .http2_keepalive_interval(Some(config.keepalive_interval))
        .http2_keepalive_timeout(Some(config.keepalive_timeout))
        .add_routes(routes)
        .serve_with_incoming_shutdown(connections, shutdown.clone().cancelled_owned());
    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => return Ok(ended?),
        () = async { shutdown.cancelled().await; tokio::time::sleep(config.drain_timeout).await } => {}
    }
    tracing::warn!("closing connections that are still open at the end of the drain");
    closed.cancel();
    Ok(server.await?)
}

/// Listens at an address, with Nagle's algorithm off: with it a small answer on a stream waits up to 40 ms.
pub fn listen(address: std::net::SocketAddr) -> std::io::Result<TcpIncoming> {
    Ok(TcpIncoming::bind(address)?.with_nodelay(Some(true)))
}

/// The services, without what stands before them.
pub fn routes(context: &Arc<Context>, config: &TransportConfig) -> Result<Routes, ServeError> {
    let mut routes = RoutesBuilder::default();
    // What comes in compressed has been unpacked by then, with room for it, which the library would not ask for.
    macro_rules! add {
        ($($server:ident($service:expr)),* $(,)?) => {$(
            routes.add_service(
                $server::new($service).max_decoding_message_size(config.max_request_bytes)
                    .max_encoding_message_size(super::answer::MOST)
                    .send_compressed(CompressionEncoding::Gzip).send_compressed(CompressionEncoding::Zstd),
            );
        )*};
    }
    add!(
        AnalysisServiceServer(Analyses(context.clone())),
        DocumentServiceServer(Documents(context.clone())),
        CollectionServiceServer(Collections(context.clone())),
        QuoteServiceServer(Quotes(context.clone())),
        EntityServiceServer(Entities(context.clone())),
        VerifyServiceServer(Verify(context.clone())),
        OperationServiceServer(Operations(context.clone())),
        ExportServiceServer(Exports(context.clone())),
        AdminServiceServer(Admin(context.clone())),
    );
    // These take no part in admission: they must work however busy the service is, and need next to nothing.
    let health = HealthServer::new(HealthService(context.clone()));
    routes.add_service(health.max_decoding_message_size(SMALL_MESSAGE));
    routes.add_service(reflection().build_v1()?.max_decoding_message_size(SMALL_MESSAGE));
    // Older clients, Python's among them, know v1alpha only.
    routes.add_service(reflection().build_v1alpha()?.max_decoding_message_size(SMALL_MESSAGE));
    Ok(routes.routes())
}

fn reflection() -> Reflection<'static> {
    Reflection::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}
