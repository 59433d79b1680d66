//! `OperationService`, and the calls of `DocumentService` that start operations.

use super::context::Context;
use super::from_proto;
use super::status::Failure;
use super::wire::operation_service_server::OperationService;
use super::{caller, to_proto, wire};
use crate::domain::operation::Operation;
use crate::ports::{Caller, Lane};
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// Names of documents that a purge which only counts gives as a sample.
const SAMPLE: usize = 100;

/// Tells how operations are getting on.
#[derive(Clone)]
pub struct Operations(pub Arc<Context>);

/// Starts a purge, or counts what it would delete.
pub async fn purge(
    context: &Context,
    caller: &Caller,
    request: wire::PurgeDocumentsRequest,
) -> Result<wire::PurgeDocumentsResponse, Failure> {
    let engine = &context.opened()?.engine;
    let validate_only = request.validate_only;
    let purge = from_proto::operations::purge_request(request)?;
    if validate_only {
        let (document_count, sample) = engine.count_purge(caller, purge, SAMPLE).await?;
        let sample = sample.iter().map(ToString::to_string).collect();
        return Ok(wire::PurgeDocumentsResponse { operation: None, document_count, sample });
    }
    let operation = Some(shown(&engine.purge_documents(caller, purge).await?));
    Ok(wire::PurgeDocumentsResponse { operation, ..Default::default() })
}

/// Starts a renewal of analyses.
pub async fn reanalyze(
    context: &Context,
    caller: &Caller,
    request: wire::ReanalyzeDocumentsRequest,
) -> Result<wire::ReanalyzeDocumentsResponse, Failure> {
    let engine = &context.opened()?.engine;
    let (collection, filter, renewal) = from_proto::operations::reanalyze_request(request)?;
    let operation = engine.reanalyze_documents(caller, &collection, filter, renewal).await?;
    Ok(wire::ReanalyzeDocumentsResponse { operation: Some(shown(&operation)) })
}

fn shown(operation: &Operation) -> wire::Operation {
    to_proto::operations::operation(operation)
}

impl Operations {
    async fn list(
        &self,
        caller: &Caller,
        request: wire::ListOperationsRequest,
    ) -> Result<wire::ListOperationsResponse, Failure> {
        let opened = self.0.opened()?;
        let pages = opened.pages(caller, &request)?;
        let found = opened.engine.list_operations(caller, request.only_active, &pages.page).await?;
        let filled = pages.filled(found, |found: &[Operation]| found.iter().map(shown).collect(), |_| ());
        Ok(wire::ListOperationsResponse {
            operations: filled.items,
            next_page_token: filled.next_page_token,
            total_size: filled.total,
        })
    }

    async fn wait(
        &self,
        caller: &Caller,
        request: wire::WaitOperationRequest,
    ) -> Result<wire::WaitOperationResponse, Failure> {
        let engine = &self.0.opened()?.engine;
        let (id, most) = from_proto::operations::wait_request(&request)?;
        let operation = tokio::select! {
            waited = engine.wait_operation(caller, id, most) => waited?,
            // A stop does not wait for operations; they go on after the next start.
            () = self.0.shutdown.cancelled() => engine.get_operation(caller, id).await?,
        };
        Ok(wire::WaitOperationResponse { operation: Some(shown(&operation)) })
    }
}

#[tonic::async_trait]
impl OperationService for Operations {
    async fn get_operation(
        &self,
        request: Request<wire::GetOperationRequest>,
    ) -> Result<Response<wire::GetOperationResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        let engine = &self.0.opened()?.engine;
        let id = from_proto::operations::name(&request.get_ref().name)?;
        let operation = engine.get_operation(&caller, id).await.map_err(Failure::from)?;
        Ok(Response::new(wire::GetOperationResponse { operation: Some(shown(&operation)) }))
    }

    async fn list_operations(
        &self,
        request: Request<wire::ListOperationsRequest>,
    ) -> Result<Response<wire::ListOperationsResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.list(&caller, request.into_inner()).await?))
    }

    async fn wait_operation(
        &self,
        request: Request<wire::WaitOperationRequest>,
    ) -> Result<Response<wire::WaitOperationResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.wait(&caller, request.into_inner()).await?))
    }

    async fn cancel_operation(
        &self,
        request: Request<wire::CancelOperationRequest>,
    ) -> Result<Response<wire::CancelOperationResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        let engine = &self.0.opened()?.engine;
        let id = from_proto::operations::name(&request.get_ref().name)?;
        let operation = engine.cancel_operation(&caller, id).await.map_err(Failure::from)?;
        Ok(Response::new(wire::CancelOperationResponse { operation: Some(shown(&operation)) }))
    }

    async fn delete_operation(
        &self,
        request: Request<wire::DeleteOperationRequest>,
    ) -> Result<Response<wire::DeleteOperationResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        let engine = &self.0.opened()?.engine;
        let id = from_proto::operations::name(&request.get_ref().name)?;
        engine.delete_operation(&caller, id).await.map_err(Failure::from)?;
        Ok(Response::new(wire::DeleteOperationResponse {}))
    }
}
