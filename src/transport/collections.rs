//! `CollectionService`.

use super::context::Context;
use super::status::Failure;
use super::wire::collection_service_server::CollectionService;
use super::{answer, from_proto, to_proto, wire};
use crate::domain::document::{AckLevel, CollectionInfo};
use crate::engine::EngineError;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// Manages collections.
#[derive(Clone)]
pub struct Collections(pub Arc<Context>);

impl Collections {
    async fn create(
        &self,
        request: wire::CreateCollectionRequest,
    ) -> Result<wire::CreateCollectionResponse, Failure> {
        let opened = self.0.opened()?;
        let id = from_proto::names::collection_id(&request.collection_id)?;
        let info = opened.engine.create_collection(&id).await?;
        Ok(wire::CreateCollectionResponse { collection: Some(to_proto::collections::collection(&info)) })
    }

    async fn get(&self, request: wire::GetCollectionRequest) -> Result<wire::GetCollectionResponse, Failure> {
        let opened = self.0.opened()?;
        let id = from_proto::names::collection(&request.name)?;
        let info = opened.engine.get_collection(&id).await?;
        Ok(wire::GetCollectionResponse { collection: Some(to_proto::collections::collection(&info)) })
    }

    async fn list(
        &self,
        request: wire::ListCollectionsRequest,
        limit: usize,
    ) -> Result<wire::ListCollectionsResponse, Failure> {
        let opened = self.0.opened()?;
        let (pages, page) = opened.pages(&request)?;
        let fetch = |page| opened.engine.list_collections(page);
        let render = |hits: &[CollectionInfo]| hits.iter().map(to_proto::collections::collection).collect();
        let filled = pages.fill(page, limit, fetch, render, |_| ()).await?;
        Ok(wire::ListCollectionsResponse {
            collections: filled.items,
            next_page_token: filled.next_page_token,
            total_size: filled.total,
        })
    }

    async fn delete(
        &self,
        request: wire::DeleteCollectionRequest,
    ) -> Result<wire::DeleteCollectionResponse, Failure> {
        let opened = self.0.opened()?;
        let id = from_proto::names::collection(&request.name)?;
        let consistency_token = match opened.engine.delete_collection(&id, AckLevel::Durable).await {
            Ok(seq) => opened.token(seq),
            Err(EngineError::NotFound(_)) if request.allow_missing => String::new(),
            Err(error) => return Err(error.into()),
        };
        Ok(wire::DeleteCollectionResponse { consistency_token })
    }
}

#[tonic::async_trait]
impl CollectionService for Collections {
    async fn create_collection(
        &self,
        request: Request<wire::CreateCollectionRequest>,
    ) -> Result<Response<wire::CreateCollectionResponse>, Status> {
        Ok(Response::new(self.create(request.into_inner()).await?))
    }

    async fn get_collection(
        &self,
        request: Request<wire::GetCollectionRequest>,
    ) -> Result<Response<wire::GetCollectionResponse>, Status> {
        Ok(Response::new(self.get(request.into_inner()).await?))
    }

    async fn list_collections(
        &self,
        request: Request<wire::ListCollectionsRequest>,
    ) -> Result<Response<wire::ListCollectionsResponse>, Status> {
        let limit = answer::limit(request.metadata());
        Ok(Response::new(self.list(request.into_inner(), limit).await?))
    }

    async fn delete_collection(
        &self,
        request: Request<wire::DeleteCollectionRequest>,
    ) -> Result<Response<wire::DeleteCollectionResponse>, Status> {
        Ok(Response::new(self.delete(request.into_inner()).await?))
    }
}
