//! Counts calls, by method and how they end. What is no method of the service is counted as one, whatever it is called.

use super::ended::{Ending, watched};
use super::{Answer, Request, Response};
use crate::metrics::Metrics;
use crate::transport::methods;
use crate::transport::status::code_name;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use tower::{Layer, Service};

/// See the module.
#[derive(Debug, Clone)]
pub struct MetricsLayer(pub Arc<Metrics>);

impl<S> Layer<S> for MetricsLayer {
    type Service = MetricsService<S>;

    fn layer(&self, inner: S) -> MetricsService<S> {
        MetricsService { inner, metrics: Arc::clone(&self.0) }
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct MetricsService<S> {
    inner: S,
    metrics: Arc<Metrics>,
}

impl<S> Service<Request> for MetricsService<S>
where
    S: Service<Request, Response = Response>,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Answer<S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        self.metrics.begun();
        let method = methods::label(request.uri().path());
        let call = Call { metrics: Arc::clone(&self.metrics), method, start: Instant::now() };
        Box::pin(watched(self.inner.call(request), call))
    }
}

/// A call that goes on.
struct Call {
    metrics: Arc<Metrics>,
    method: &'static str,
    start: Instant,
}

impl Ending for Call {
    fn ended(self, status: &Status) {
        let details = (status.code() != Code::Ok).then(|| status.get_error_details());
        let info = details.as_ref().and_then(|details| details.error_info());
        if let Some(quota) = info.and_then(|info| info.metadata.get("quota")) {
            self.metrics.over_quota(quota);
        }
        let reason = info.map_or("", |info| info.reason.as_str());
        self.metrics.ended(self.method, code_name(status.code()), reason, self.start.elapsed());
    }
}
