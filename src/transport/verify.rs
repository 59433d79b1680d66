//! `VerifyService`.

use super::answer::{self, item_len};
use super::context::Context;
use super::from_proto;
use super::status::Failure;
use super::wire::verify_service_server::VerifyService;
use super::{caller, to_proto, wire};
use crate::ports::{Caller, Lane};
use prost::Message;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// Verifies quotations.
#[derive(Clone)]
pub struct Verify(pub Arc<Context>);

impl Verify {
    async fn verify(
        &self,
        caller: &Caller,
        request: wire::VerifyQuoteRequest,
    ) -> Result<wire::VerifyQuoteResponse, Failure> {
        let opened = self.0.opened()?;
        let limit = answer::limit(request.max_answer_bytes)?;
        let at_least = opened.tokens.position(&request.consistency_token)?;
        let (asked, rendering) = from_proto::verify::request(request, at_least)?;
        let collection = asked.collection.clone();
        let verified = opened.engine.verify_quote(caller, asked).await?;
        let mut response = to_proto::verify::response(&collection, verified, rendering);
        fill(&mut response, limit);
        answer::within(response, limit)
    }
}

/// Leaves out what does not fit: of a quote that alone is too long all but where it stands, then the last matches.
fn fill(response: &mut wire::VerifyQuoteResponse, limit: usize) {
    let matches = std::mem::take(&mut response.matches);
    let mut room = limit.saturating_sub(response.encoded_len());
    let most = room;
    for mut shown in matches {
        if item_len(&shown) > most {
            to_proto::verify::shorten(&mut shown);
        }
        // Once one is left out, all after it are, so that those that are there are the first.
        match room.checked_sub(item_len(&shown)).filter(|_| response.omitted_matches == 0) {
            Some(left) => {
                room = left;
                response.matches.push(shown);
            }
            None => response.omitted_matches += 1,
        }
    }
}

#[tonic::async_trait]
impl VerifyService for Verify {
    async fn verify_quote(
        &self,
        request: Request<wire::VerifyQuoteRequest>,
    ) -> Result<Response<wire::VerifyQuoteResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.verify(&caller, request.into_inner()).await?))
    }
}
