//! `QuoteService`.

use super::context::Context;
use super::from_proto::{self, Violations};
use super::layers::caller;
use super::status::Failure;
use super::to_proto::analysis::Renderer;
use super::wire::quote_service_server::QuoteService;
use super::{answer, to_proto, wire};
use crate::engine::{Caller, QuoteResult};
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
        limit: usize,
    ) -> Result<wire::GetQuoteResponse, Failure> {
        let opened = self.0.opened()?;
        let (name, rendering) = from_proto::query::get_quote_request(&request)?;
        let result = opened.engine.get_quote(caller, &name).await?;
        let renderer = Renderer::new(&result.document.document.text, rendering);
        let result = Some(to_proto::quotes::result(&result, &renderer));
        answer::within(wire::GetQuoteResponse { result }, limit)
    }

    async fn search(
        &self,
        caller: &Caller,
        request: wire::SearchQuotesRequest,
        limit: usize,
    ) -> Result<wire::SearchQuotesResponse, Failure> {
        let opened = self.0.opened()?;
        let (pages, page) = opened.pages(&request)?;
        let at_least = opened.at_least(&request.consistency_token)?;
        let collection = from_proto::names::only_parent(&request.parent)?;
        let mut violations = Violations::default();
        let rendering = from_proto::analysis::rendering(
            &mut violations,
            &request.offset_encodings,
            request.include_evidence,
        );
        let order = from_proto::query::order(&mut violations, request.order);
        let filter = from_proto::query::quote_filter(&mut violations, &collection, request.filter);
        let filter = violations.finish(Some(filter))?;
        let fetch =
            |page| opened.engine.search_quotes(caller, &collection, filter.clone(), order, page, at_least);
        let render = |hits: &[QuoteResult]| to_proto::quotes::results(hits, rendering);
        let filled = pages.fill(page, limit, fetch, render, to_proto::quotes::shorten).await?;
        Ok(wire::SearchQuotesResponse {
            results: filled.items,
            next_page_token: filled.next_page_token,
            total_size: filled.total,
        })
    }
}

#[tonic::async_trait]
impl QuoteService for Quotes {
    async fn get_quote(
        &self,
        request: Request<wire::GetQuoteRequest>,
    ) -> Result<Response<wire::GetQuoteResponse>, Status> {
        let caller = caller::of(request.extensions());
        let limit = answer::limit(request.metadata());
        Ok(Response::new(self.get(&caller, request.into_inner(), limit).await?))
    }

    async fn search_quotes(
        &self,
        request: Request<wire::SearchQuotesRequest>,
    ) -> Result<Response<wire::SearchQuotesResponse>, Status> {
        let caller = caller::of(request.extensions());
        let limit = answer::limit(request.metadata());
        Ok(Response::new(self.search(&caller, request.into_inner(), limit).await?))
    }
}
