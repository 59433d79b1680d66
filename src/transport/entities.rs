//! `EntityService`.

use super::context::Context;
use super::from_proto::{self, Violations};
use super::layers::caller;
use super::status::Failure;
use super::wire::entity_service_server::EntityService;
use super::{answer, to_proto, wire};
use crate::domain::entity::CollectionEntity;
use crate::engine::{Caller, MentionResult};
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// Finds entities.
#[derive(Clone)]
pub struct Entities(pub Arc<Context>);

impl Entities {
    async fn get(
        &self,
        caller: &Caller,
        request: wire::GetEntityRequest,
        limit: usize,
    ) -> Result<wire::GetEntityResponse, Failure> {
        let opened = self.0.opened()?;
        let name = from_proto::names::entity("name", &request.name)?;
        let entity = opened.engine.get_entity(caller, &name).await?;
        let entity = Some(to_proto::entities::collection_entity(&entity));
        answer::within(wire::GetEntityResponse { entity }, limit)
    }

    async fn search(
        &self,
        caller: &Caller,
        request: wire::SearchEntitiesRequest,
        limit: usize,
    ) -> Result<wire::SearchEntitiesResponse, Failure> {
        let opened = self.0.opened()?;
        let (pages, page) = opened.pages(&request)?;
        let at_least = opened.at_least(&request.consistency_token)?;
        let collection = from_proto::names::only_parent(&request.parent)?;
        let mut violations = Violations::default();
        let filter = from_proto::query::entity_filter(&mut violations, request.filter);
        let filter = violations.finish(Some(filter))?;
        let fetch = |page| opened.engine.search_entities(caller, &collection, filter.clone(), page, at_least);
        let render =
            |hits: &[CollectionEntity]| hits.iter().map(to_proto::entities::collection_entity).collect();
        let filled = pages.fill(page, limit, fetch, render, to_proto::entities::shorten_entity).await?;
        Ok(wire::SearchEntitiesResponse {
            entities: filled.items,
            next_page_token: filled.next_page_token,
            total_size: filled.total,
        })
    }

    async fn mentions(
        &self,
        caller: &Caller,
        request: wire::ListMentionsRequest,
        limit: usize,
    ) -> Result<wire::ListMentionsResponse, Failure> {
        let opened = self.0.opened()?;
        let (pages, page) = opened.pages(&request)?;
        let name = from_proto::names::entity("parent", &request.parent)?;
        let mut violations = Violations::default();
        let rendering = from_proto::analysis::rendering(&mut violations, &request.offset_encodings, false);
        let rendering = violations.finish(Some(rendering))?;
        let fetch = |page| opened.engine.list_mentions(caller, &name, page);
        let render = |hits: &[MentionResult]| to_proto::entities::mentions(hits, rendering);
        let filled = pages.fill(page, limit, fetch, render, to_proto::entities::shorten_mention).await?;
        Ok(wire::ListMentionsResponse {
            mentions: filled.items,
            next_page_token: filled.next_page_token,
            total_documents: filled.total,
        })
    }
}

#[tonic::async_trait]
impl EntityService for Entities {
    async fn get_entity(
        &self,
        request: Request<wire::GetEntityRequest>,
    ) -> Result<Response<wire::GetEntityResponse>, Status> {
        let caller = caller::of(request.extensions());
        let limit = answer::limit(request.metadata());
        Ok(Response::new(self.get(&caller, request.into_inner(), limit).await?))
    }

    async fn search_entities(
        &self,
        request: Request<wire::SearchEntitiesRequest>,
    ) -> Result<Response<wire::SearchEntitiesResponse>, Status> {
        let caller = caller::of(request.extensions());
        let limit = answer::limit(request.metadata());
        Ok(Response::new(self.search(&caller, request.into_inner(), limit).await?))
    }

    async fn list_mentions(
        &self,
        request: Request<wire::ListMentionsRequest>,
    ) -> Result<Response<wire::ListMentionsResponse>, Status> {
        let caller = caller::of(request.extensions());
        let limit = answer::limit(request.metadata());
        Ok(Response::new(self.mentions(&caller, request.into_inner(), limit).await?))
    }
}
