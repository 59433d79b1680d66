//! `grpc.health.v1.Health`, tied to the engine: SERVING only while the engine is there and ready and no drain has
//! begun, under the name of every service and under "" for the whole. It answers from the first moment of the port. There is no second copy of the state that somebody
//! could forget to update. An engine that is merely busy stays SERVING.

use super::context::Context;
use super::wire;
use crate::engine::Readiness;
use futures_util::{Stream, StreamExt, stream};
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::watch;
use tonic::server::NamedService;
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::Health;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

/// The names that have a state of their own.
const SERVICES: [&str; 6] = [
    "",
    <wire::analysis_service_server::AnalysisServiceServer<super::analysis::Analyses> as NamedService>::NAME,
    <wire::document_service_server::DocumentServiceServer<super::documents::Documents> as NamedService>::NAME,
    <wire::collection_service_server::CollectionServiceServer<super::collections::Collections> as NamedService>::NAME,
    <wire::quote_service_server::QuoteServiceServer<super::quotes::Quotes> as NamedService>::NAME,
    <wire::entity_service_server::EntityServiceServer<super::entities::Entities> as NamedService>::NAME,
];

/// Tells the engine's state.
#[derive(Clone)]
pub struct HealthService(pub Arc<Context>);

impl HealthService {
    fn status(&self, service: &str) -> ServingStatus {
        match SERVICES.contains(&service) {
            true => self.0.serving(),
            false => ServingStatus::ServiceUnknown,
        }
    }
}

impl Context {
    fn serving(&self) -> ServingStatus {
        let ready = self.door.opened().is_some_and(|opened| opened.engine.readiness().borrow().is_ready());
        match ready && !self.shutdown.is_cancelled() {
            true => ServingStatus::Serving,
            false => ServingStatus::NotServing,
        }
    }
}

#[tonic::async_trait]
impl Health for HealthService {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        match self.status(&request.get_ref().service) {
            ServingStatus::ServiceUnknown => Err(Status::not_found("no such service")),
            status => Ok(Response::new(answer(status))),
        }
    }

    /// The state now and at each change. An unknown service is answered once and then never, as the protocol has
    /// it. A drain is the last change: NOT_SERVING, and the stream ends.
    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        if self.status(&request.get_ref().service) == ServingStatus::ServiceUnknown {
            let once = stream::iter([Ok(answer(ServingStatus::ServiceUnknown))]);
            let silence = stream::pending().take_until(self.0.shutdown.clone().cancelled_owned());
            return Ok(Response::new(Box::pin(once.chain(silence))));
        }
        let watching = Watching { context: Arc::clone(&self.0), readiness: None, last: None };
        Ok(Response::new(Box::pin(stream::unfold(watching, Watching::next))))
    }
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

struct Watching {
    context: Arc<Context>,
    /// The engine's state, once the engine is there.
    readiness: Option<watch::Receiver<Readiness>>,
    last: Option<ServingStatus>,
}

impl Watching {
    async fn next(mut self) -> Option<(Result<HealthCheckResponse, Status>, Self)> {
        loop {
            if let Some(readiness) = &mut self.readiness {
                readiness.mark_unchanged();
            }
            let draining = self.context.shutdown.is_cancelled();
            let status = self.context.serving();
            if self.last != Some(status) {
                self.last = Some(status);
                return Some((Ok(answer(status)), self));
            }
            if draining {
                return None;
            }
            self.change().await?;
        }
    }

    /// Waits until there may be something new to say; `None` once the engine is gone.
    async fn change(&mut self) -> Option<()> {
        let Self { context, readiness, .. } = self;
        let change = async {
            match readiness {
                Some(readiness) => readiness.changed().await.ok(),
                None => {
                    *readiness = Some(context.door.wait().await.engine.readiness());
                    Some(())
                }
            }
        };
        tokio::select! {
            () = context.shutdown.cancelled() => Some(()),
            changed = change => changed,
        }
    }
}
