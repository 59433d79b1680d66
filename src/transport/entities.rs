//! `EntityService`.

use super::context::Context;
use super::from_proto::entities::Asked;
use super::from_proto::{self, Violations};
use super::status::Failure;
use super::wire::entity_service_server::EntityService;
use super::{answer, caller, to_proto, wire};
use crate::domain::entity::{Alias, CollectionEntity};
use crate::engine::MentionResult;
use crate::ports::{Caller, Lane};
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
    ) -> Result<wire::GetEntityResponse, Failure> {
        let opened = self.0.opened()?;
        let at_least = opened.tokens.position(&request.consistency_token)?;
        let (entity, profile) = match from_proto::entities::get_request(&request, at_least)? {
            Asked::Basic(name) => (opened.engine.get_entity(caller, &name).await?, None),
            Asked::Profile(asked, rendering) => {
                let (entity, profile) = opened.engine.entity_profile(caller, asked).await?;
                (entity, Some((profile, rendering)))
            }
        };
        let freshness =
            profile.as_ref().map(|(profile, _)| to_proto::documents::freshness(profile.freshness));
        let profile = profile.map(|(profile, rendering)| {
            to_proto::profile::profile(&entity.name.collection, &profile, rendering)
        });
        let entity = Some(to_proto::entities::collection_entity(&entity));
        Ok(wire::GetEntityResponse { entity, profile, freshness })
    }

    async fn related(
        &self,
        caller: &Caller,
        request: wire::ListRelatedEntitiesRequest,
    ) -> Result<wire::ListRelatedEntitiesResponse, Failure> {
        let opened = self.0.opened()?;
        let limit = answer::limit(request.max_answer_bytes)?;
        let at_least = opened.tokens.position(&request.consistency_token)?;
        let (asked, rendering) = from_proto::entities::related_request(request, at_least)?;
        let found = opened.engine.related_entities(caller, asked).await?;
        let mut response = to_proto::related::response(&found, rendering);
        to_proto::related::fit(&mut response, limit);
        answer::within(response, limit)
    }

    async fn search(
        &self,
        caller: &Caller,
        request: wire::SearchEntitiesRequest,
    ) -> Result<wire::SearchEntitiesResponse, Failure> {
        let opened = self.0.opened()?;
        let pages = opened.pages(caller, &request)?;
        let at_least = opened.tokens.position(&request.consistency_token)?;
        let collection = from_proto::names::only_parent(&request.parent)?;
        let mut violations = Violations::default();
        let filter = from_proto::query::entity_filter(&mut violations, request.filter);
        let filter = violations.finish(Some(filter))?;
        let found = opened.engine.search_entities(caller, collection, filter, &pages.page, at_least).await?;
        let render =
            |hits: &[CollectionEntity]| hits.iter().map(to_proto::entities::collection_entity).collect();
        let filled = pages.filled(found.page, render, |_| ());
        Ok(wire::SearchEntitiesResponse {
            entities: filled.items,
            next_page_token: filled.next_page_token,
            total_size: filled.total,
            freshness: Some(to_proto::documents::freshness(found.freshness)),
        })
    }

    async fn suggest(
        &self,
        caller: &Caller,
        request: wire::SuggestEntitiesRequest,
    ) -> Result<wire::SuggestEntitiesResponse, Failure> {
        let opened = self.0.opened()?;
        let (collection, text, types, limit) = from_proto::query::suggest_request(&request)?;
        let found = opened.engine.suggest_entities(caller, collection, &text, &types, limit).await?;
        Ok(wire::SuggestEntitiesResponse {
            suggestions: found.0.iter().map(to_proto::entities::suggestion).collect(),
            freshness: Some(to_proto::documents::freshness(found.1)),
        })
    }

    async fn forms(
        &self,
        caller: &Caller,
        request: wire::ListEntityFormsRequest,
    ) -> Result<wire::ListEntityFormsResponse, Failure> {
        let opened = self.0.opened()?;
        let pages = opened.pages(caller, &request)?;
        let (name, kind) = from_proto::query::forms_request(&request)?;
        let found = opened.engine.list_forms(caller, &name, kind, &pages.page).await?;
        let render = |forms: &[Alias]| forms.iter().map(to_proto::entities::alias).collect();
        let filled = pages.filled(found, render, |_| ());
        Ok(wire::ListEntityFormsResponse {
            forms: filled.items,
            next_page_token: filled.next_page_token,
            total_size: filled.total,
        })
    }

    async fn mentions(
        &self,
        caller: &Caller,
        request: wire::ListMentionsRequest,
    ) -> Result<wire::ListMentionsResponse, Failure> {
        let opened = self.0.opened()?;
        let pages = opened.pages(caller, &request)?;
        let name = from_proto::names::entity("parent", &request.parent)?;
        let mut violations = Violations::default();
        let rendering = from_proto::analysis::rendering(&mut violations, &request.offset_encodings, false);
        let rendering = violations.finish(Some(rendering))?;
        let found = opened.engine.list_mentions(caller, &name, &pages.page).await?;
        let render = |hits: &[MentionResult]| to_proto::entities::mentions(hits, rendering);
        let filled = pages.filled(found, render, to_proto::entities::shorten_mention);
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
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.get(&caller, request.into_inner()).await?))
    }

    async fn search_entities(
        &self,
        request: Request<wire::SearchEntitiesRequest>,
    ) -> Result<Response<wire::SearchEntitiesResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.search(&caller, request.into_inner()).await?))
    }

    async fn suggest_entities(
        &self,
        request: Request<wire::SuggestEntitiesRequest>,
    ) -> Result<Response<wire::SuggestEntitiesResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.suggest(&caller, request.into_inner()).await?))
    }

    async fn list_entity_forms(
        &self,
        request: Request<wire::ListEntityFormsRequest>,
    ) -> Result<Response<wire::ListEntityFormsResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.forms(&caller, request.into_inner()).await?))
    }

    async fn list_mentions(
        &self,
        request: Request<wire::ListMentionsRequest>,
    ) -> Result<Response<wire::ListMentionsResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.mentions(&caller, request.into_inner()).await?))
    }

    async fn list_related_entities(
        &self,
        request: Request<wire::ListRelatedEntitiesRequest>,
    ) -> Result<Response<wire::ListRelatedEntitiesResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.related(&caller, request.into_inner()).await?))
    }
}
