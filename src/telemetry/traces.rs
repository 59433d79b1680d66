//! Spans on their way to a collector, as OTLP over gRPC. A call leaves its spans in a bounded queue and never waits: what finds the queue
//! full, and what the collector does not take, is counted and gone. One thread sends them, with a run time of its own, so that neither
//! encoding nor a collector that is out of reach holds up anything else. It knows spans and nothing of what they are about. Start at
//! [`start`].

use super::Listener;
use super::sampled::Sampled;
use crate::config::TraceSettings;
use opentelemetry::trace::{SpanBuilder, SpanKind, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    Sampler, SdkTracer, SdkTracerProvider, Span, SpanData, SpanExporter as _, SpanProcessor,
};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio_util::sync::CancellationToken;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

/// Spans that wait to be sent, at most: some 5 MB.
const QUEUE: usize = 8192;
/// Spans of one message.
const BATCH: usize = 512;
/// How long spans are gathered before they are sent. Meanwhile nobody is woken for one.
const GATHER: Duration = Duration::from_millis(500);
/// How long a collector may take for a message.
const SEND_WITHIN: Duration = Duration::from_secs(10);
/// Rest after a message that did not get through.
const REST: Duration = Duration::from_secs(5);
/// How long the end of the service waits for the last spans.
const STOP_WITHIN: Duration = Duration::from_secs(2);

/// Why no traces can be sent.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// The address is none, or the variables of OpenTelemetry hold what is none.
    #[error("traces cannot be sent there")]
    Exporter(#[from] ExporterBuildError),
    /// The thread that sends them cannot be started.
    #[error("the thread that sends traces cannot be started")]
    Thread(#[from] io::Error),
}

/// The thread that sends.
#[derive(Debug)]
pub(super) struct Exporter {
    lost: Arc<AtomicU64>,
    stop: CancellationToken,
    /// Ends when the thread has.
    ended: mpsc::Receiver<()>,
}

/// Starts sending spans where there is somewhere to send them.
pub(super) fn start<S>(settings: &TraceSettings) -> Result<Option<(Exporter, Listener<S>)>, TracesError>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    let Some(endpoint) = settings.endpoint() else { return Ok(None) };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let resource = Resource::builder()
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_service_name(settings.service_name().to_owned())
        .build();
    let mut exporter = {
        // The connection, which is made when it is needed, lives on it.
        let _within = runtime.enter();
        let builder = SpanExporter::builder().with_tonic().with_endpoint(endpoint);
        builder.with_timeout(SEND_WITHIN).build()?
    };
    exporter.set_resource(&resource);
    let (sender, spans) = channel(QUEUE);
    let (lost, stop) = (Arc::<AtomicU64>::default(), CancellationToken::new());
    let (alive, ended) = mpsc::channel();
    let sending = Sending { exporter, lost: Arc::clone(&lost), stop: stop.clone(), works: true };
    let work = move || {
        let _alive = alive;
        run(&runtime, sending, spans);
    };
    std::thread::Builder::new().name("traces".into()).spawn(work)?;
    let provider = SdkTracerProvider::builder()
        .with_span_processor(Queue { sender, lost: Arc::clone(&lost) })
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.sample))))
        .with_resource(resource)
        .build();
    Ok(Some((Exporter { lost, stop, ended }, listener(&provider))))
}

/// Makes spans, and knows what `tracing` has no word for: that calls are served.
struct Served(SdkTracer);

impl Tracer for Served {
    type Span = Span;

    fn build_with_context(&self, builder: SpanBuilder, parent: &Context) -> Span {
        let is_call = builder.name == "call";
        let builder = if is_call { builder.with_kind(SpanKind::Server) } else { builder };
        self.0.build_with_context(builder, parent)
    }
}

/// Takes the spans that are to be sent.
fn listener<S>(provider: &SdkTracerProvider) -> Listener<S>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    tracing_opentelemetry::layer()
        .with_tracer(Served(provider.tracer("dictum")))
        .with_context_activation(false)
        .with_tracked_inactivity(false)
        .with_location(false)
        .with_threads(false)
        .with_level(false)
        .with_target(false)
        .with_filter(Sampled)
        .boxed()
}

impl Exporter {
    /// How many spans have been lost, as it grows.
    pub(super) fn lost(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.lost)
    }

    /// Sends what is left, if the collector takes it in time.
    pub(super) fn stop(self) {
        self.stop.cancel();
        // It is never sent anything: what is waited for is the end of the thread.
        let _ = self.ended.recv_timeout(STOP_WITHIN);
    }
}

/// Where calls leave their spans.
#[derive(Debug)]
struct Queue {
    sender: Sender<SpanData>,
    lost: Arc<AtomicU64>,
}

impl SpanProcessor for Queue {
    fn on_start(&self, _span: &mut Span, _context: &Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() && self.sender.try_send(span).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// What the thread works with.
struct Sending {
    exporter: SpanExporter,
    lost: Arc<AtomicU64>,
    stop: CancellationToken,
    /// Whether the last message got through: what goes wrong is told once, not each time.
    works: bool,
}

fn run(runtime: &Runtime, mut sending: Sending, mut spans: Receiver<SpanData>) {
    runtime.block_on(async {
        let stop = sending.stop.clone();
        // To the end, or until the last span that waits then is sent.
        while let Some(Some(first)) = stop.run_until_cancelled(spans.recv()).await {
            stop.run_until_cancelled(tokio::time::sleep(GATHER)).await;
            sending.all(Some(first), &mut spans).await;
        }
        sending.all(None, &mut spans).await;
    });
}

impl Sending {
    /// Sends all that wait.
    async fn all(&mut self, first: Option<SpanData>, spans: &mut Receiver<SpanData>) {
        let mut batch: Vec<SpanData> = first.into_iter().collect();
        loop {
            while batch.len() < BATCH {
                let Ok(span) = spans.try_recv() else { break };
                batch.push(span);
            }
            if batch.is_empty() {
                return;
            }
            self.send(std::mem::take(&mut batch)).await;
        }
    }

    async fn send(&mut self, batch: Vec<SpanData>) {
        let count = batch.len() as u64;
        let sent = tokio::time::timeout(SEND_WITHIN, self.exporter.export(batch)).await;
        let error = match sent {
            Ok(Ok(())) => {
                if !std::mem::replace(&mut self.works, true) {
                    tracing::info!("traces are sent again");
                }
                return;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the collector does not answer".to_owned(),
        };
        self.lost.fetch_add(count, Ordering::Relaxed);
        if std::mem::replace(&mut self.works, false) {
            tracing::warn!(error, "traces cannot be sent; their spans are lost and counted until they can");
        }
        // Calls go on filling the queue, and no message is made in vain.
        self.stop.run_until_cancelled(tokio::time::sleep(REST)).await;
    }
}
