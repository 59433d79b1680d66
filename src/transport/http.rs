//! The port for those who watch, in plain HTTP: `/metrics`, and `/livez` and `/readyz` for probes that speak no gRPC. It answers from the
//! first moment, shows nothing of what is stored, and asks nobody who they are: keep it within the cluster.

use super::context::Context;
use super::gate::Gate;
use super::places::Places;
use crate::metrics::{CONTENT_TYPE, Sample};
use http::header;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use prost::bytes::Bytes;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// Connections that may be open at once: a few watchers, each with one or two, and whoever else is there.
const MOST: usize = 256;
/// How long a watcher may take with the head of a request, and keep a connection in all.
const HEAD_WITHIN: Duration = Duration::from_secs(3);
const CLOSE_AFTER: Duration = Duration::from_secs(60);
/// Rest after a connection could not be accepted.
const REST: Duration = Duration::from_millis(100);

/// Answers watchers until `closed` is cancelled.
pub async fn serve(listener: TcpListener, watched: Arc<Watched>, closed: CancellationToken) {
    let places = Places::new(MOST);
    loop {
        let stream = tokio::select! {
            () = closed.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = stream else {
            tokio::time::sleep(REST).await;
            continue;
        };
        // Beyond them a watcher finds its connection closed.
        let Some(slot) = places.take() else { continue };
        let (watched, closed) = (Arc::clone(&watched), closed.clone());
        tokio::spawn(async move {
            let _slot = slot;
            let answered = tokio::time::timeout(CLOSE_AFTER, connection(stream, watched));
            tokio::select! {
                () = closed.cancelled() => {}
                _ = answered => {}
            }
        });
    }
}

async fn connection(stream: TcpStream, watched: Arc<Watched>) -> Result<(), hyper::Error> {
    let answer = service_fn(move |request: Request<Incoming>| {
        let watched = Arc::clone(&watched);
        async move { Ok::<_, Infallible>(watched.answer(&request).await) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .serve_connection(TokioIo::new(stream), answer)
        .await
}

/// Listens at an address.
pub async fn listen(address: std::net::SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// What is shown.
pub struct Watched {
    /// What the services of the port share.
    pub context: Arc<Context>,
    /// What stands before them.
    pub gate: Arc<Gate>,
}

impl Watched {
    async fn answer(&self, request: &Request<Incoming>) -> Response<OneBody> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n".into());
        }
        match request.uri().path() {
            "/metrics" => self.metrics().await,
            "/livez" => text(StatusCode::OK, "ok\n".into()),
            "/readyz" => self.readyz(),
            _ => text(StatusCode::NOT_FOUND, "there are /metrics, /livez and /readyz\n".into()),
        }
    }

    async fn metrics(&self) -> Response<OneBody> {
        let sample = self.sample().await;
        match self.gate.metrics.text(&sample) {
            Ok(all) => {
                let mut answer = text(StatusCode::OK, all);
                answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
                answer
            }
            Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "metrics cannot be written\n".into()),
        }
    }

    /// Ready as `grpc.health.v1` says it of the whole.
    fn readyz(&self) -> Response<OneBody> {
        let opened = self.context.door.opened();
        let states = opened.map(|opened| opened.engine.readiness().borrow().clone());
        let states = states.map(|ready| {
            [
                ("writes", ready.takes_writes()),
                ("queries", ready.answers_queries()),
                ("all", ready.is_ready()),
            ]
        });
        let Some(states) = states.filter(|_| !self.context.shutdown.is_cancelled()) else {
            let why = if self.context.shutdown.is_cancelled() { "draining\n" } else { "starting\n" };
            return text(StatusCode::SERVICE_UNAVAILABLE, why.into());
        };
        let lines: String = states
            .iter()
            .map(|(what, well)| format!("{what}: {}\n", if *well { "ok" } else { "not ready" }))
            .collect();
        let all_well = states.iter().all(|(_, well)| *well);
        text(if all_well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, lines)
    }

    async fn sample(&self) -> Sample {
        let (gate, context) = (&self.gate, &self.context);
        let expiry = gate.certificates.as_ref().map(|all| all.expires().as_second() as f64);
        let mut sample = Sample {
            open_streams: context.streams.taken() as u64,
            open_connections: context.connections.taken() as u64,
            certificate_expiry: expiry,
            audit_lost: gate.audit.as_ref().map_or(0, |audit| audit.lost()),
            traces_dropped: gate.lost_spans.load(Ordering::Relaxed),
            ..Sample::default()
        };
        if let Some(opened) = context.door.opened() {
            let stats = opened.engine.stats().await;
            let ready = opened.engine.readiness().borrow().clone();
            sample.ready = ready.is_ready() && !context.shutdown.is_cancelled();
            sample.store_ready = ready.takes_writes();
            sample.index_ready = ready.answers_queries();
            sample.inflight_bytes = [stats.inflight_bytes, stats.most_inflight_bytes];
            sample.analysis_queue = stats.waiting_texts;
            sample.changes = [stats.last_stored, stats.last_applied];
            (sample.store_bytes, sample.index_bytes) = (stats.store_bytes, stats.index_bytes);
            sample.disk_bytes = stats.disk_bytes;
        }
        sample
    }
}

/// A body of one piece.
type OneBody = Full<Bytes>;

fn text(status: StatusCode, text: String) -> Response<OneBody> {
    let mut answer = Response::new(OneBody::from(text));
    *answer.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, plain);
    answer
}
