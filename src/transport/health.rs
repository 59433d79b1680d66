//! `grpc.health.v1.Health`, tied to the engine: each service says whether it can do its work, "" whether all can. A store that
//! cannot be written takes documents and collections away and leaves queries; an index that cannot follow takes queries away and
//! leaves the rest; before the engine is there, and while it drains, nothing is served. It answers from the first moment of the
//! port. There is no second copy of the state that somebody could forget to update. An engine that is merely busy stays SERVING.

use super::admin::Admin;
use super::analysis::Analyses;
use super::collections::Collections;
use super::context::Context;
use super::documents::Documents;
use super::entities::Entities;
use super::exports::Exports;
use super::operations::Operations;
use super::quotes::Quotes;
use super::verify::Verify;
use super::wire::admin_service_server::AdminServiceServer;
use super::wire::analysis_service_server::AnalysisServiceServer;
use super::wire::collection_service_server::CollectionServiceServer;
use super::wire::document_service_server::DocumentServiceServer;
use super::wire::entity_service_server::EntityServiceServer;
use super::wire::export_service_server::ExportServiceServer;
use super::wire::operation_service_server::OperationServiceServer;
use super::wire::quote_service_server::QuoteServiceServer;
use super::wire::verify_service_server::VerifyServiceServer;
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

/// The names that have a state of their own, and which part of the engine's state it is.
const SERVICES: [(&str, Judge); 10] = [
    ("", Readiness::is_ready),
    (<AnalysisServiceServer<Analyses> as NamedService>::NAME, Readiness::analyzes),
    (<DocumentServiceServer<Documents> as NamedService>::NAME, Readiness::takes_writes),
    (<CollectionServiceServer<Collections> as NamedService>::NAME, Readiness::takes_writes),
    (<OperationServiceServer<Operations> as NamedService>::NAME, Readiness::takes_writes),
    (<QuoteServiceServer<Quotes> as NamedService>::NAME, Readiness::answers_queries),
    (<VerifyServiceServer<Verify> as NamedService>::NAME, Readiness::answers_queries),
    (<EntityServiceServer<Entities> as NamedService>::NAME, Readiness::answers_queries),
    (<ExportServiceServer<Exports> as NamedService>::NAME, Readiness::answers_queries),
    (<AdminServiceServer<Admin> as NamedService>::NAME, Readiness::makes_backups),
];

/// The name under which it is asked whether the process answers at all: SERVING from the first moment to the last.
const LIVENESS: &str = "liveness";

/// Tells the engine's state.
#[derive(Clone)]
pub struct HealthService(pub Arc<Context>);

/// Whether the state lets a service do its work.
type Judge = fn(&Readiness) -> bool;

/// What somebody asks.
#[derive(Clone, Copy)]
enum Asked {
    /// Whether the process answers.
    Alive,
    /// Whether a service can do its work.
    Well(Judge),
}

fn asked(service: &str) -> Option<Asked> {
    let of_service = || SERVICES.iter().find(|(name, _)| *name == service);
    match service {
        LIVENESS => Some(Asked::Alive),
        _ => of_service().map(|(_, judge)| Asked::Well(*judge)),
    }
}

impl Context {
    fn serving(&self, asked: Asked) -> ServingStatus {
        let Asked::Well(judge) = asked else { return ServingStatus::Serving };
        let ready = self.door.opened().is_some_and(|opened| judge(&opened.engine.readiness().borrow()));
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
        match asked(&request.get_ref().service) {
            None => Err(Status::not_found("no such service")),
            Some(asked) => Ok(Response::new(answer(self.0.serving(asked)))),
        }
    }

    /// The state now and at each change. An unknown service is answered once and then never, as the protocol has
    /// it. A drain is the last change: NOT_SERVING, and the stream ends.
    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let Some(asked) = asked(&request.get_ref().service) else {
            let once = stream::iter([Ok(answer(ServingStatus::ServiceUnknown))]);
            let silence = stream::pending().take_until(self.0.shutdown.clone().cancelled_owned());
            return Ok(Response::new(Box::pin(once.chain(silence))));
        };
        let watching = Watching { context: Arc::clone(&self.0), asked, readiness: None, last: None };
        Ok(Response::new(Box::pin(stream::unfold(watching, Watching::next))))
    }
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

struct Watching {
    context: Arc<Context>,
    asked: Asked,
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
            let status = self.context.serving(self.asked);
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
