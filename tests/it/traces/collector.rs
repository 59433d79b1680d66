//! A collector of traces, as others run them: it takes OTLP over gRPC and keeps what it is sent.

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// Spans are gathered for a moment before they are sent.
const ARRIVAL: Duration = Duration::from_secs(20);

#[derive(Clone, Default)]
pub struct Collector {
    requests: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    pub endpoint: String,
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.requests.lock().unwrap().push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    /// On a free port, for as long as the test's runtime lives.
    pub async fn start() -> Self {
        let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let endpoint = format!("http://{}", incoming.local_addr().unwrap());
        let collector = Self { endpoint, ..Self::default() };
        let server = Server::builder().add_service(TraceServiceServer::new(collector.clone()));
        tokio::spawn(server.serve_with_incoming(incoming));
        collector
    }

    /// All that has arrived.
    pub fn spans(&self) -> Vec<Span> {
        let requests = self.requests.lock().unwrap();
        let resources = requests.iter().flat_map(|request| &request.resource_spans);
        resources.flat_map(|resource| &resource.scope_spans).flat_map(|scope| scope.spans.clone()).collect()
    }

    /// An attribute of who sent them.
    pub fn resource(&self, key: &str) -> Option<String> {
        let requests = self.requests.lock().unwrap();
        let resource = requests.first()?.resource_spans.first()?.resource.clone()?;
        value(&resource.attributes, key)
    }

    /// Waits until what has arrived is as it should be.
    pub async fn until(&self, what: &str, mut is_there: impl FnMut(&[Span]) -> bool) -> Vec<Span> {
        let until = Instant::now() + ARRIVAL;
        loop {
            let spans = self.spans();
            if is_there(&spans) {
                return spans;
            }
            let shown = || spans.iter().map(|span| span.name.clone()).collect::<Vec<_>>();
            assert!(Instant::now() < until, "{what}: {:?}", shown());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn value(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.clone()?.value? {
        Value::StringValue(text) => Some(text),
        Value::IntValue(number) => Some(number.to_string()),
        other => Some(format!("{other:?}")),
    }
}

/// An attribute of a span, as text.
pub fn attribute(span: &Span, key: &str) -> Option<String> {
    value(&span.attributes, key)
}

/// The names of the spans below this one, each behind those it lies within.
pub fn below(span: &Span, spans: &[Span]) -> Vec<String> {
    let children = spans.iter().filter(|child| child.parent_span_id == span.span_id);
    let named = |child: &Span| {
        let inner = below(child, spans).into_iter().map(|name| format!("{}/{name}", child.name));
        std::iter::once(child.name.clone()).chain(inner).collect::<Vec<_>>()
    };
    let mut names: Vec<String> = children.flat_map(named).collect();
    names.sort();
    names
}
