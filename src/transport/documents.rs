//! `DocumentService`; its stream of documents is in [`super::ingest_stream`].

use super::answer::{self, item_len};
use super::consistency::Tokens;
use super::context::Context;
use super::from_proto::expression::Target;
use super::from_proto::{self, Violations};
use super::ingest_stream::Session;
use super::layers::admission;
use super::outbound::Answers;
use super::status::Failure;
use super::wire::document_service_server::DocumentService;
use super::{caller, operations, to_proto, wire};
use crate::domain::hit::DocumentHit;
use crate::domain::ids::DocumentName;
use crate::engine::{Counting, DocumentSearch, EngineError, Need, Permit, Shown};
use crate::ports::{Caller, Lane};
use std::sync::Arc;
use tonic::{Request, Response, Status, Streaming};

/// Documents of a batch that are fetched at once.
const BATCH_CHUNK: usize = 16;

/// Takes documents in and gives them back.
#[derive(Clone)]
pub struct Documents(pub Arc<Context>);

impl Documents {
    async fn ingest(
        &self,
        caller: &Caller,
        permit: Permit,
        mut request: wire::IngestDocumentRequest,
    ) -> Result<wire::IngestDocumentResponse, Failure> {
        let opened = self.0.opened()?;
        let analysis = request.analysis.take();
        let (draft, level) = from_proto::documents::ingest_request(request)?;
        let receipt = match from_proto::documents::analysis(&draft, analysis)? {
            None => opened.engine.ingest(caller, permit, draft, level).await,
            Some(analysis) => opened.engine.import(caller, permit, draft, *analysis, level).await,
        };
        let receipt = receipt.map_err(|error| ingest_failure(error, &opened.tokens))?;
        let receipt = Some(to_proto::documents::receipt(&opened.tokens, receipt));
        Ok(wire::IngestDocumentResponse { receipt })
    }

    async fn update(
        &self,
        caller: &Caller,
        permit: Permit,
        request: wire::UpdateDocumentRequest,
    ) -> Result<wire::UpdateDocumentResponse, Failure> {
        let opened = self.0.opened()?;
        let (amendment, level) = from_proto::documents::update_request(request)?;
        let receipt = opened.engine.update_document(caller, permit, amendment, level).await;
        let receipt = receipt.map_err(|error| ingest_failure(error, &opened.tokens))?;
        let receipt = Some(to_proto::documents::receipt(&opened.tokens, receipt));
        Ok(wire::UpdateDocumentResponse { receipt })
    }

    async fn get(
        &self,
        caller: &Caller,
        request: wire::GetDocumentRequest,
    ) -> Result<wire::GetDocumentResponse, Failure> {
        let opened = self.0.opened()?;
        let limit = answer::limit(request.max_answer_bytes)?;
        let (name, revision, view) = from_proto::documents::get_request(&request)?;
        let shown = opened.engine.get_document(caller, &name, revision, view.is_whole()).await?;
        let _rendering = tracing::trace_span!("render").entered();
        let document = Some(to_proto::documents::document(&shown, view));
        answer::within(wire::GetDocumentResponse { document }, limit)
    }

    async fn aggregate(
        &self,
        caller: &Caller,
        request: wire::AggregateDocumentsRequest,
    ) -> Result<wire::AggregateDocumentsResponse, Failure> {
        let opened = self.0.opened()?;
        let limit = answer::limit(request.max_answer_bytes)?;
        let at_least = opened.tokens.position(&request.consistency_token)?;
        let collection = from_proto::names::only_parent(&request.parent)?;
        let mut violations = Violations::default();
        let filter = from_proto::query::document_filter(&mut violations, &collection, request.filter);
        let facets = from_proto::facets::facets(&mut violations, Target::Documents, request.facets);
        let (filter, facets) = violations.finish(Some((filter, facets)))?;
        let counting = Counting { collection: collection.clone(), filter, facets: facets.clone(), at_least };
        let divided = opened.engine.count_documents(caller, counting).await?;
        let response = wire::AggregateDocumentsResponse {
            total_size: divided.counts.total,
            results: to_proto::facets::results(&collection, &facets, &divided),
            freshness: Some(to_proto::documents::freshness(divided.freshness)),
            unknown_names: divided.unknown.iter().map(to_proto::entities::unknown_name).collect(),
        };
        answer::within(response, limit)
    }

    async fn batch_get(
        &self,
        caller: &Caller,
        request: wire::BatchGetDocumentsRequest,
    ) -> Result<wire::BatchGetDocumentsResponse, Failure> {
        let opened = self.0.opened()?;
        let limit = answer::limit(request.max_answer_bytes)?;
        let (names, view) = from_proto::documents::batch_get_request(&request)?;
        // Room for every name in `missing` or `remaining`, whatever becomes of its document.
        let mut room = names.iter().fold(limit, |room, name| room.saturating_sub(name.to_string().len() + 6));
        let most = room;
        let mut answer = wire::BatchGetDocumentsResponse::default();
        for chunk in names.chunks(BATCH_CHUNK) {
            if !answer.remaining.is_empty() {
                answer.remaining.extend(chunk.iter().map(DocumentName::to_string));
                continue;
            }
            let found = opened.engine.get_documents(caller, chunk, view.is_whole()).await?;
            for (name, found) in chunk.iter().zip(found) {
                let Some(shown) = found else {
                    answer.missing.push(name.to_string());
                    continue;
                };
                let mut document = to_proto::documents::document(&shown, view);
                if item_len(&document) > most {
                    to_proto::documents::shorten(&mut document);
                }
                if item_len(&document) <= room && answer.remaining.is_empty() {
                    room -= item_len(&document);
                    answer.documents.push(document);
                } else {
                    answer.remaining.push(name.to_string());
                }
            }
        }
        Ok(answer)
    }

    async fn list(
        &self,
        caller: &Caller,
        request: wire::ListDocumentsRequest,
    ) -> Result<wire::ListDocumentsResponse, Failure> {
        let opened = self.0.opened()?;
        let pages = opened.pages(caller, &request)?;
        let collection = from_proto::names::only_parent(&request.parent)?;
        let mut violations = Violations::default();
        let view = from_proto::documents::view(
            &mut violations,
            request.view,
            &request.offset_encodings,
            request.include_evidence,
        );
        let view = violations.finish(Some(view))?;
        let found = opened.engine.list_documents(caller, &collection, &pages.page, view.is_whole()).await?;
        let render =
            |hits: &[Shown]| hits.iter().map(|shown| to_proto::documents::document(shown, view)).collect();
        let filled = pages.filled(found, render, to_proto::documents::shorten);
        Ok(wire::ListDocumentsResponse {
            documents: filled.items,
            next_page_token: filled.next_page_token,
            total_size: filled.total,
        })
    }

    async fn delete(
        &self,
        caller: &Caller,
        request: wire::DeleteDocumentRequest,
    ) -> Result<wire::DeleteDocumentResponse, Failure> {
        let opened = self.0.opened()?;
        let (name, level) = from_proto::documents::delete_request(&request)?;
        let deleted = opened.engine.delete_document(caller, &name, request.expected_revision, level).await;
        let consistency_token = match deleted {
            Ok(seq) => opened.tokens.of(seq),
            Err(EngineError::NotFound(_)) if request.allow_missing => String::new(),
            Err(error) => return Err(Failure::of(error, &opened.tokens)),
        };
        Ok(wire::DeleteDocumentResponse { consistency_token })
    }

    async fn search(
        &self,
        caller: &Caller,
        request: wire::SearchDocumentsRequest,
    ) -> Result<wire::SearchDocumentsResponse, Failure> {
        let opened = self.0.opened()?;
        let pages = opened.pages(caller, &request)?;
        let at_least = opened.tokens.position(&request.consistency_token)?;
        let collection = from_proto::names::only_parent(&request.parent)?;
        let mut violations = Violations::default();
        let rendering = from_proto::analysis::rendering(&mut violations, &request.offset_encodings, false);
        let order = from_proto::query::order(&mut violations, request.order, request.half_life);
        let fold = from_proto::query::fold(&mut violations, request.fold, Target::Documents);
        let filter = from_proto::query::document_filter(&mut violations, &collection, request.filter);
        let filter = violations.finish(Some(filter))?;
        let (page, explain) = (pages.page.clone(), request.explain);
        let search = DocumentSearch { collection, filter, order, fold, explain, page, at_least };
        let found = opened.engine.search_documents(caller, search).await?;
        let render = |hits: &[DocumentHit]| {
            hits.iter().map(|hit| to_proto::documents::result(hit, rendering)).collect()
        };
        let filled = pages.filled(found.page, render, to_proto::documents::shorten_result);
        Ok(wire::SearchDocumentsResponse {
            gone_count: found.gone.of(filled.items.len(), filled.next_page_token.is_empty()),
            results: filled.items,
            next_page_token: filled.next_page_token,
            total_size: filled.total,
            freshness: Some(to_proto::documents::freshness(found.freshness)),
            unknown_names: found.unknown.iter().map(to_proto::entities::unknown_name).collect(),
        })
    }
}

/// An engine's refusal of a document, with the fields named as requests name them.
pub fn ingest_failure(error: EngineError, tokens: &Tokens) -> Failure {
    let of_document = matches!(error, EngineError::TooLarge { .. } | EngineError::NoArticle(_))
        || matches!(error, EngineError::InvalidArgument { field: "text", .. });
    let failure = Failure::of(error, tokens);
    if of_document { failure.under("document") } else { failure }
}

#[tonic::async_trait]
impl DocumentService for Documents {
    type IngestStreamStream = Answers<wire::IngestStreamResponse>;

    async fn ingest_document(
        &self,
        request: Request<wire::IngestDocumentRequest>,
    ) -> Result<Response<wire::IngestDocumentResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        let permit = admission::take(request.extensions())?;
        Ok(Response::new(self.ingest(&caller, permit, request.into_inner()).await?))
    }

    async fn ingest_stream(
        &self,
        request: Request<Streaming<wire::IngestStreamRequest>>,
    ) -> Result<Response<Self::IngestStreamStream>, Status> {
        let stream = self.0.stream(request.extensions(), Need::Document)?;
        Ok(Response::new(Session::answers(self.0.opened()?, stream)))
    }

    async fn update_document(
        &self,
        request: Request<wire::UpdateDocumentRequest>,
    ) -> Result<Response<wire::UpdateDocumentResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        let permit = admission::take(request.extensions())?;
        Ok(Response::new(self.update(&caller, permit, request.into_inner()).await?))
    }

    async fn get_document(
        &self,
        request: Request<wire::GetDocumentRequest>,
    ) -> Result<Response<wire::GetDocumentResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.get(&caller, request.into_inner()).await?))
    }

    async fn batch_get_documents(
        &self,
        request: Request<wire::BatchGetDocumentsRequest>,
    ) -> Result<Response<wire::BatchGetDocumentsResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.batch_get(&caller, request.into_inner()).await?))
    }

    async fn list_documents(
        &self,
        request: Request<wire::ListDocumentsRequest>,
    ) -> Result<Response<wire::ListDocumentsResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.list(&caller, request.into_inner()).await?))
    }

    async fn delete_document(
        &self,
        request: Request<wire::DeleteDocumentRequest>,
    ) -> Result<Response<wire::DeleteDocumentResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.delete(&caller, request.into_inner()).await?))
    }

    async fn search_documents(
        &self,
        request: Request<wire::SearchDocumentsRequest>,
    ) -> Result<Response<wire::SearchDocumentsResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.search(&caller, request.into_inner()).await?))
    }

    async fn purge_documents(
        &self,
        request: Request<wire::PurgeDocumentsRequest>,
    ) -> Result<Response<wire::PurgeDocumentsResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(operations::purge(&self.0, &caller, request.into_inner()).await?))
    }

    async fn reanalyze_documents(
        &self,
        request: Request<wire::ReanalyzeDocumentsRequest>,
    ) -> Result<Response<wire::ReanalyzeDocumentsResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(operations::reanalyze(&self.0, &caller, request.into_inner()).await?))
    }

    async fn aggregate_documents(
        &self,
        request: Request<wire::AggregateDocumentsRequest>,
    ) -> Result<Response<wire::AggregateDocumentsResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.aggregate(&caller, request.into_inner()).await?))
    }
}
