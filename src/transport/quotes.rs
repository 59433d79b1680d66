//! `QuoteService`.

use super::context::Context;
use super::from_proto::expression::Target;
use super::from_proto::{self, Violations};
use super::status::Failure;
use super::wire::quote_service_server::QuoteService;
use super::{answer, caller, to_proto, wire};
use crate::domain::facet::FacetField;
use crate::domain::hit::QuoteHit;
use crate::engine::{Cluster, ClusterRequest, Counting, QuoteSearch, Timeline};
use crate::ports::{Caller, Lane};
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// Finds quotes.
#[derive(Clone)]
pub struct Quotes(pub Arc<Context>);

impl Quotes {
    async fn get(
        &self,
        caller: &Caller,
        request: wire::GetQuoteRequest,
    ) -> Result<wire::GetQuoteResponse, Failure> {
        let opened = self.0.opened()?;
        let limit = answer::limit(request.max_answer_bytes)?;
        let (name, revision, rendering) = from_proto::query::get_quote_request(&request)?;
        let hit = opened.engine.get_quote(caller, &name, revision).await?;
        let result = Some(to_proto::quotes::result(&hit, rendering));
        answer::within(wire::GetQuoteResponse { result }, limit)
    }

    async fn search(
        &self,
        caller: &Caller,
        request: wire::SearchQuotesRequest,
    ) -> Result<wire::SearchQuotesResponse, Failure> {
        let opened = self.0.opened()?;
        let pages = opened.pages(caller, &request)?;
        let at_least = opened.tokens.position(&request.consistency_token)?;
        let collection = from_proto::names::only_parent(&request.parent)?;
        let mut violations = Violations::default();
        let rendering = from_proto::analysis::rendering(
            &mut violations,
            &request.offset_encodings,
            request.include_evidence,
        );
        let order = from_proto::query::order(&mut violations, request.order, request.half_life);
        let fold = from_proto::query::fold(&mut violations, request.fold, Target::Quotes);
        let filter = from_proto::query::quote_filter(&mut violations, &collection, request.filter);
        let filter = violations.finish(Some(filter))?;
        let (page, explain) = (pages.page.clone(), request.explain);
        let search = QuoteSearch { collection, filter, order, fold, explain, page, at_least };
        let found = opened.engine.search_quotes(caller, search).await?;
        let render =
            |hits: &[QuoteHit]| hits.iter().map(|hit| to_proto::quotes::result(hit, rendering)).collect();
        let filled = pages.filled(found.page, render, to_proto::quotes::shorten);
        Ok(wire::SearchQuotesResponse {
            gone_count: found.gone.of(filled.items.len(), filled.next_page_token.is_empty()),
            results: filled.items,
            next_page_token: filled.next_page_token,
            total_size: filled.total,
            freshness: Some(to_proto::documents::freshness(found.freshness)),
            unknown_names: found.unknown.iter().map(to_proto::entities::unknown_name).collect(),
        })
    }

    async fn aggregate(
        &self,
        caller: &Caller,
        request: wire::AggregateQuotesRequest,
    ) -> Result<wire::AggregateQuotesResponse, Failure> {
        let opened = self.0.opened()?;
        let limit = answer::limit(request.max_answer_bytes)?;
        let at_least = opened.tokens.position(&request.consistency_token)?;
        let collection = from_proto::names::only_parent(&request.parent)?;
        let mut violations = Violations::default();
        let filter = from_proto::query::quote_filter(&mut violations, &collection, request.filter);
        let facets = from_proto::facets::facets(&mut violations, Target::Quotes, request.facets);
        let (filter, facets) = violations.finish(Some((filter, facets)))?;
        let counting = Counting { collection: collection.clone(), filter, facets: facets.clone(), at_least };
        let divided = opened.engine.count_quotes(caller, counting).await?;
        let response = wire::AggregateQuotesResponse {
            total_size: divided.counts.total,
            results: to_proto::facets::results(&collection, &facets, &divided),
            freshness: Some(to_proto::documents::freshness(divided.freshness)),
            unknown_names: divided.unknown.iter().map(to_proto::entities::unknown_name).collect(),
        };
        answer::within(response, limit)
    }

    async fn timeline(
        &self,
        caller: &Caller,
        request: wire::GetSpeakerTimelineRequest,
    ) -> Result<wire::GetSpeakerTimelineResponse, Failure> {
        let opened = self.0.opened()?;
        let limit = answer::limit(request.max_answer_bytes)?;
        let at_least = opened.tokens.position(&request.consistency_token)?;
        let mut violations = Violations::default();
        let rendering = from_proto::analysis::rendering(&mut violations, &request.offset_encodings, false);
        let rendering = violations.finish(Some(rendering))?;
        let asked = from_proto::facets::timeline_request(request, at_least)?;
        let by = FacetField::Published { interval: asked.interval, zone: asked.zone.clone() };
        let Timeline { divided, first, last } = opened.engine.timeline(caller, asked).await?;
        let counted = divided.counts.facets.first();
        let shown = |hit: Option<QuoteHit>| hit.map(|hit| to_proto::quotes::result(&hit, rendering));
        let response = wire::GetSpeakerTimelineResponse {
            total_size: divided.counts.total,
            undated_count: counted.map_or(0, |counted| counted.missing),
            periods: counted.map(|counted| to_proto::facets::periods(&by, counted)).unwrap_or_default(),
            first: shown(first),
            last: shown(last),
            unknown_names: divided.unknown.iter().map(to_proto::entities::unknown_name).collect(),
            freshness: Some(to_proto::documents::freshness(divided.freshness)),
        };
        answer::within(response, limit)
    }

    async fn compare(
        &self,
        caller: &Caller,
        request: wire::CompareOutletsRequest,
    ) -> Result<wire::CompareOutletsResponse, Failure> {
        let opened = self.0.opened()?;
        let limit = answer::limit(request.max_answer_bytes)?;
        let at_least = opened.tokens.position(&request.consistency_token)?;
        let asked = from_proto::facets::comparison_request(request, at_least)?;
        let collection = asked.collection.clone();
        let comparison = opened.engine.compare_outlets(caller, asked).await?;
        answer::within(to_proto::outlets::response(&collection, &comparison), limit)
    }
}

impl Quotes {
    async fn cluster(
        &self,
        caller: &Caller,
        request: wire::GetQuoteClusterRequest,
    ) -> Result<wire::GetQuoteClusterResponse, Failure> {
        let opened = self.0.opened()?;
        let pages = opened.pages(caller, &request)?;
        let at_least = opened.tokens.position(&request.consistency_token)?;
        let (name, buckets, rendering) = from_proto::query::cluster_request(&request)?;
        let collection = name.document.collection.clone();
        let asked = ClusterRequest { name, buckets, page: pages.page.clone(), at_least };
        let Cluster { found, first, last, divided } = opened.engine.quote_cluster(caller, asked).await?;
        let render =
            |hits: &[QuoteHit]| hits.iter().map(|hit| to_proto::quotes::result(hit, rendering)).collect();
        let time = |hit: &QuoteHit| hit.document.published_at.map(to_proto::time::timestamp);
        let filled = pages.filled(found.page, render, to_proto::quotes::shorten);
        let facets = Cluster::facets(buckets);
        let mut counted = to_proto::facets::results(&collection, &facets, &divided).into_iter();
        Ok(wire::GetQuoteClusterResponse {
            gone_count: found.gone.of(filled.items.len(), filled.next_page_token.is_empty()),
            results: filled.items,
            next_page_token: filled.next_page_token,
            total_size: filled.total,
            first_time: first.as_ref().and_then(time),
            last_time: last.as_ref().and_then(time),
            first: first.map(|hit| to_proto::quotes::result(&hit, rendering)),
            variants: counted.next(),
            outlets: counted.next(),
            freshness: Some(to_proto::documents::freshness(found.freshness)),
        })
    }
}

#[tonic::async_trait]
impl QuoteService for Quotes {
    async fn get_quote(
        &self,
        request: Request<wire::GetQuoteRequest>,
    ) -> Result<Response<wire::GetQuoteResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.get(&caller, request.into_inner()).await?))
    }

    async fn search_quotes(
        &self,
        request: Request<wire::SearchQuotesRequest>,
    ) -> Result<Response<wire::SearchQuotesResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.search(&caller, request.into_inner()).await?))
    }

    async fn aggregate_quotes(
        &self,
        request: Request<wire::AggregateQuotesRequest>,
    ) -> Result<Response<wire::AggregateQuotesResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.aggregate(&caller, request.into_inner()).await?))
    }

    async fn get_quote_cluster(
        &self,
        request: Request<wire::GetQuoteClusterRequest>,
    ) -> Result<Response<wire::GetQuoteClusterResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.cluster(&caller, request.into_inner()).await?))
    }

    async fn get_speaker_timeline(
        &self,
        request: Request<wire::GetSpeakerTimelineRequest>,
    ) -> Result<Response<wire::GetSpeakerTimelineResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.timeline(&caller, request.into_inner()).await?))
    }

    async fn compare_outlets(
        &self,
        request: Request<wire::CompareOutletsRequest>,
    ) -> Result<Response<wire::CompareOutletsResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.compare(&caller, request.into_inner()).await?))
    }
}
