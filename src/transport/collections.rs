//! `CollectionService`.

use super::context::Context;
use super::status::Failure;
use super::wire::collection_service_server::CollectionService;
use super::{caller, from_proto, to_proto, wire};
use crate::domain::document::{AckLevel, CollectionInfo};
use crate::engine::EngineError;
use crate::ports::{Caller, Lane};
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// Manages collections.
#[derive(Clone)]
pub struct Collections(pub Arc<Context>);

impl Collections {
    async fn create(
        &self,
        caller: &Caller,
        request: wire::CreateCollectionRequest,
    ) -> Result<wire::CreateCollectionResponse, Failure> {
        let opened = self.0.opened()?;
        let id = from_proto::names::collection_id(&request.collection_id)?;
        let info = opened.engine.create_collection(caller, &id).await?;
        Ok(wire::CreateCollectionResponse { collection: Some(to_proto::collections::collection(&info)) })
    }

    async fn get(
        &self,
        caller: &Caller,
        request: wire::GetCollectionRequest,
    ) -> Result<wire::GetCollectionResponse, Failure> {
        let opened = self.0.opened()?;
        let id = from_proto::names::collection(&request.name)?;
        let info = opened.engine.get_collection(caller, &id).await?;
        Ok(wire::GetCollectionResponse { collection: Some(to_proto::collections::collection(&info)) })
    }

    async fn list(
        &self,
        caller: &Caller,
        request: wire::ListCollectionsRequest,
    ) -> Result<wire::ListCollectionsResponse, Failure> {
        let opened = self.0.opened()?;
        let pages = opened.pages(caller, &request)?;
        let found = opened.engine.list_collections(caller, &pages.page).await?;
        let render = |hits: &[CollectionInfo]| hits.iter().map(to_proto::collections::collection).collect();
        let filled = pages.filled(found, render, |_| ());
        Ok(wire::ListCollectionsResponse {
            collections: filled.items,
            next_page_token: filled.next_page_token,
            total_size: filled.total,
        })
    }

    async fn delete(
        &self,
        caller: &Caller,
        request: wire::DeleteCollectionRequest,
    ) -> Result<wire::DeleteCollectionResponse, Failure> {
        let opened = self.0.opened()?;
        let id = from_proto::names::collection(&request.name)?;
        let consistency_token = match opened.engine.delete_collection(caller, &id, AckLevel::Durable).await {
            Ok(seq) => opened.tokens.of(seq),
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
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.create(&caller, request.into_inner()).await?))
    }

    async fn get_collection(
        &self,
        request: Request<wire::GetCollectionRequest>,
    ) -> Result<Response<wire::GetCollectionResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.get(&caller, request.into_inner()).await?))
    }

    async fn list_collections(
        &self,
        request: Request<wire::ListCollectionsRequest>,
    ) -> Result<Response<wire::ListCollectionsResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.list(&caller, request.into_inner()).await?))
    }

    async fn delete_collection(
        &self,
        request: Request<wire::DeleteCollectionRequest>,
    ) -> Result<Response<wire::DeleteCollectionResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.delete(&caller, request.into_inner()).await?))
    }
}
