//! Claims to verify.

use super::{Violations, analysis, names, query, time};
use crate::domain::ids::CollectionId;
use crate::domain::verdict::Claim;
use crate::engine::{Position, VerifyRequest};
use crate::transport::status::Failure;
use crate::transport::to_proto::analysis::Rendering;
use crate::transport::wire;

/// Most bytes of a claim's words: some minutes of speech.
const MAX_CLAIM_BYTES: usize = 8 << 10;

/// Matches in an answer where the request does not say, and at most.
const DEFAULT_MATCHES: usize = 10;
const MAX_MATCHES: usize = 100;

/// A claim, and how the answer is to be rendered.
pub fn request(
    request: wire::VerifyQuoteRequest,
    at_least: Option<Position>,
) -> Result<(VerifyRequest, Rendering), Failure> {
    let mut violations = Violations::default();
    let parent = violations.keep("parent", names::parent(&request.parent));
    // Where it is none, that is said already; the rest is checked against any.
    let collection = parent.unwrap_or_else(CollectionId::default_collection);
    violations.require(!request.text.trim().is_empty(), "text", "must not be empty");
    violations.require(
        request.text.len() <= MAX_CLAIM_BYTES,
        "text",
        format!("must have at most {MAX_CLAIM_BYTES} bytes"),
    );
    let speaker = query::optional(&mut violations, "speaker", request.speaker);
    let speaker = speaker.and_then(|name| query::entity_ref(&mut violations, &collection, "speaker", name));
    let published = time::range(&mut violations, "published", request.published);
    let kinds = query::enums(&mut violations, "kinds", &request.kinds, query::quote_kind);
    let most = match usize::try_from(request.match_limit) {
        Ok(0) => DEFAULT_MATCHES,
        Ok(most) => most.min(MAX_MATCHES),
        Err(_) => {
            violations.add("match_limit", "must not be negative");
            DEFAULT_MATCHES
        }
    };
    let rendering = analysis::rendering(&mut violations, &request.offset_encodings, request.include_evidence);
    let claim = Claim { text: request.text, speaker, published };
    violations.finish(Some((VerifyRequest { collection, claim, kinds, most, at_least }, rendering)))
}
